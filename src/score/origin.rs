//! Whose answers a judge prefers: accuracy by the models that wrote the candidates, and whether it prefers its own family's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::estimate::{Difference, Share};
use super::family::family;
use super::heard::Pick;
use crate::bench::{Bench, RMB};
use crate::plan::Leg;

/// How many models are listed.
const MOST_LISTED: usize = 12;

/// Accuracy by who wrote the candidates, over the verdicts of a judge of pairs in all orders and samples that prefer one of two texts, both with
/// their models named. The lists are empty, and absent, where there is no such verdict, as of judges of lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// By the model that wrote the gold: the twelve with the most verdicts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub golds: Vec<WriterScore>,
    /// By the model that wrote the other: likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<WriterScore>,
    /// The family that wrote more than nine tenths of the golds, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golds_by: Option<String>,
    /// The family whose model chose the golds of the benchmark, where it is the judge's own: `gpt` of GPT judges on RMB, whose golds were made
    /// with GPT-4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golds_chosen_by: Option<String>,
    /// Whether the judge prefers its own family's worse answers; absent where its family is not known or wrote none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

/// The verdicts on what one model wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriterScore {
    /// Its name, as the benchmark has it.
    pub model: String,
    /// Verdicts.
    pub n: usize,
    /// The share of them that are right.
    pub accuracy: f64,
    /// Standard error, clustered by conversation; null with a single one.
    pub se: Option<f64>,
}

/// How often a judge prefers what is not the gold where its own family wrote it, against where another did; in both the gold is of another
/// family.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Own {
    /// The family.
    pub family: String,
    /// Verdicts where the other text is of the family.
    pub n_own: usize,
    /// The share of them for it.
    pub own_preferred: f64,
    /// Verdicts where neither text is.
    pub n_others: usize,
    /// The share of them for the text that is not the gold.
    pub others_preferred: f64,
    /// The first share minus the second: above 0 it prefers its own. Models differ in how well they write, so a difference may come from
    /// that too.
    pub difference: f64,
    /// Standard error, clustered by conversation; null where a share has a single one.
    pub se: Option<f64>,
    /// 95 % interval by t.
    pub ci95: Option<[f64; 2]>,
}

/// A verdict and who wrote what.
struct Written<'a> {
    gold: &'a str,
    other: &'a str,
    is_right: bool,
    cluster: u32,
}

/// Whose answers the judge, of this family, prefers; `None` where nothing of it can be told.
pub(super) fn origin(bench: &Bench, picks: &[Pick<'_>], judge: Option<&'static str>) -> Option<Origin> {
    let written: Vec<Written<'_>> = picks.iter().filter_map(|pick| written(bench, pick)).collect();
    let is_rmb = bench.catalog == Some(&RMB);
    let golds_chosen_by = judge.filter(|family| is_rmb && *family == "gpt").map(str::to_owned);
    if written.is_empty() && golds_chosen_by.is_none() {
        return None;
    }
    Some(Origin {
        golds: by_model(&written, |written| written.gold),
        others: by_model(&written, |written| written.other),
        golds_by: main_family(&written),
        golds_chosen_by,
        own: judge.and_then(|family| own(family, &written)),
    })
}

fn written<'a>(bench: &'a Bench, pick: &Pick<'_>) -> Option<Written<'a>> {
    let leg: &Leg = pick.leg;
    let candidates = &bench.items[leg.item].candidates;
    let of = |is_best: bool| {
        let standing = leg.standings.iter().find(|standing| standing.is_best == is_best)?;
        candidates[standing.candidate as usize].model.as_deref()
    };
    Some(Written { gold: of(true)?, other: of(false)?, is_right: pick.is_right(), cluster: pick.cluster })
}

fn by_model<'a>(written: &[Written<'a>], model: fn(&Written<'a>) -> &'a str) -> Vec<WriterScore> {
    let mut models: BTreeMap<&str, (Vec<f64>, Vec<u32>)> = BTreeMap::new();
    for one in written {
        let (right, clusters) = models.entry(model(one)).or_default();
        right.push(f64::from(u8::from(one.is_right)));
        clusters.push(one.cluster);
    }
    let score = |(model, (right, clusters)): (&str, (Vec<f64>, Vec<u32>))| {
        let share = Share::of(&right, &clusters)?;
        Some(WriterScore { model: model.to_owned(), n: right.len(), accuracy: share.share, se: share.se })
    };
    let mut scores: Vec<WriterScore> = models.into_iter().filter_map(score).collect();
    // Stable: of as many verdicts each by name.
    scores.sort_by_key(|score| std::cmp::Reverse(score.n));
    scores.truncate(MOST_LISTED);
    scores
}

fn main_family(written: &[Written<'_>]) -> Option<String> {
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for family in written.iter().filter_map(|written| family(written.gold)) {
        *families.entry(family).or_default() += 1;
    }
    let main = families.into_iter().find(|(_, n)| n * 10 > written.len() * 9)?;
    Some(main.0.to_owned())
}

fn own(own: &'static str, written: &[Written<'_>]) -> Option<Own> {
    let is_own = |model: &str| family(model) == Some(own);
    let preferred = |of_own: bool| -> (Vec<f64>, Vec<u32>) {
        let here = written.iter().filter(|written| !is_own(written.gold) && is_own(written.other) == of_own);
        here.map(|written| (f64::from(u8::from(!written.is_right)), written.cluster)).unzip()
    };
    let (by_own, by_others) = (preferred(true), preferred(false));
    let share = |(numbers, _): &(Vec<f64>, Vec<u32>)| numbers.iter().sum::<f64>() / numbers.len() as f64;
    let (n_own, own_preferred) = (by_own.0.len(), share(&by_own));
    let (n_others, others_preferred) = (by_others.0.len(), share(&by_others));
    let Difference { difference, se, ci95 } = Difference::between(by_own, by_others)?;
    let family = own.to_owned();
    Some(Own { family, n_own, own_preferred, n_others, others_preferred, difference, se, ci95 })
}
