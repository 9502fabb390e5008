//! Juries: several cells vote on what they were all asked about.

use std::sync::Arc;

use serde::Serialize;

use super::ballots::Ballots;
use super::cells::CellName;
use super::docket::{Docket, Gain, PanelScore};
use crate::score::{Outcome, Policy};
use crate::stats::{effective_number, error_correlation};

/// Up to so many members, panels of every size are looked at.
const MOST_MEMBERS: usize = 12;
/// The largest panel among more.
const LARGEST: usize = 5;
/// No size is looked at that has more panels than this.
const MOST_PANELS: usize = 10_000;

/// What the jury of some cells comes to, on the items that all of them were asked about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JuryReport {
    /// The benchmark's name.
    pub bench: Arc<str>,
    /// What draws the halves.
    pub seed: u64,
    /// What ties and unparsed votes are worth.
    pub policy: Policy,
    /// Whether the members score each answer alone; their mean scores are compared then, and nobody votes.
    pub scores: bool,
    /// How many items there are.
    pub items: Left,
    /// The cells.
    pub members: Vec<Member>,
    /// The member that is best on all items; null where no score can be had.
    pub best: Option<usize>,
    /// Every member has one vote.
    pub plurality: Option<Jury>,
    /// Every member's vote has the weight of its log-odds of being right, found on the other half of the conversations.
    pub weighted: Option<Jury>,
    /// The mean over pairs of members of the correlation of their errors over items; null where none vary.
    pub error_correlation: Option<f64>,
    /// So many members with independent errors know as much.
    pub effective_number: Option<f64>,
    /// For each size, the best panel.
    pub panels: Vec<Panel>,
    /// The size up to which panels were looked at, where that is not all.
    pub largest_panel: Option<usize>,
}

/// How many items the report is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Those that count.
    pub shared: usize,
    /// Left out, for not all cells were asked about all of it in the same way.
    pub missing: usize,
    /// Left out, for a reply is missing.
    pub failed: usize,
}

/// A member of the jury.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Which cell it is.
    pub cell: CellName,
    /// What it comes to alone.
    pub score: Option<PanelScore>,
    /// The share of its votes that are right on either half, a tie counted as one half; what is unparsed is no vote.
    pub right: [Option<f64>; 2],
}

/// What a jury comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Jury {
    /// Its score.
    pub score: PanelScore,
    /// Against the best member.
    pub gain: Option<Gain>,
}

/// The best panel of a size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// Members in it.
    pub size: usize,
    /// Its score, each half of the conversations by the panel that is best on the other half; null where a half is empty.
    pub score: Option<PanelScore>,
    /// The panel that is best on either half.
    pub chosen: [Vec<usize>; 2],
    /// The panel that is best on all items.
    pub best: Vec<usize>,
    /// Its score there, which is too good: it was chosen for it.
    pub best_score: Option<PanelScore>,
}

/// What the jury of these cells comes to. `seed` draws the halves of the conversations.
#[must_use]
pub fn jury(ballots: &Ballots, policy: Policy, seed: u64) -> JuryReport {
    let docket = Docket::new(ballots, policy, seed);
    let alone: Vec<Vec<Option<f64>>> =
        (0..docket.cells).map(|member| docket.scores(&|cell, _| f64::from(u8::from(cell == member)))).collect();
    let members: Vec<Member> = (ballots.cells.iter().zip(&alone).enumerate())
        .map(|(at, (cell, scores))| Member {
            cell: cell.clone(),
            score: docket.panel_score(scores),
            right: [0, 1].map(|half| right(&docket, at, half).map(|(share, _)| share)),
        })
        .collect();
    let score_of = |member: &Member| member.score.as_ref().map_or(f64::NEG_INFINITY, |score| score.score);
    let best = (0..members.len())
        .filter(|at| members[*at].score.is_some())
        .reduce(|best, at| if score_of(&members[at]) > score_of(&members[best]) { at } else { best });
    let judged = |scores: &[Option<f64>]| {
        let gain = best.and_then(|best| docket.gain(scores, best, &alone[best]));
        docket.panel_score(scores).map(|score| Jury { score, gain })
    };
    let whole: Vec<usize> =
        (0..docket.items.len()).filter(|item| alone.iter().all(|scores| scores[*item].is_some())).collect();
    let errors: Vec<Vec<f64>> = alone
        .iter()
        .map(|scores| whole.iter().filter_map(|item| scores[*item].map(|score| 1.0 - score)).collect())
        .collect();
    let correlation = error_correlation(&errors);
    let panels = panels(&docket);
    JuryReport {
        bench: ballots.cells.first().map_or_else(|| "".into(), |cell| Arc::clone(&cell.bench)),
        seed,
        policy,
        scores: ballots.are_scores(),
        items: Left { shared: docket.items.len(), missing: docket.missing, failed: docket.failed },
        best,
        plurality: judged(&docket.scores(&|_, _| 1.0)),
        weighted: judged(&weighted(&docket)),
        error_correlation: correlation,
        effective_number: correlation.map(|rho| effective_number(docket.cells, rho)),
        largest_panel: Some(panels.len()).filter(|largest| (1..docket.cells).contains(largest)),
        panels,
        members,
    }
}

/// The share of a member's votes in a half that are right, and their number; `None` without votes.
fn right(docket: &Docket, member: usize, half: usize) -> Option<(f64, f64)> {
    let (mut sum, mut n) = (0.0, 0.0);
    let alone = |cell: usize, _: usize| f64::from(u8::from(cell == member));
    let outcomes: Vec<Outcome> = docket.patterns.iter().map(|pattern| pattern.outcome(&alone)).collect();
    for pattern in docket.items.iter().filter(|item| item.half == half).flat_map(|item| item.legs.iter().flatten()) {
        let worth = match outcomes[*pattern] {
            Outcome::Right => 1.0,
            Outcome::Tie => 0.5,
            Outcome::Wrong => 0.0,
            Outcome::Unparsed | Outcome::Failed => continue,
        };
        sum += worth;
        n += 1.0;
    }
    (n > 0.0).then(|| (sum / n, n))
}

/// The weight of a member that is right with this probability where so many answers are to choose from: the log-odds, against those of
/// chance. Whoever is no better than chance has none (of n votes, a share of 0 or 1 is taken for half a vote).
fn log_odds(share: f64, n: f64, answers: usize) -> f64 {
    let least = 0.5 / n;
    let share = share.clamp(least, (1.0 - least).max(least));
    let wrong = answers.saturating_sub(1).max(1) as f64;
    (wrong * share / (1.0 - share)).ln().max(0.0)
}

/// The scores of the weighted jury, each half by the weights of the other. Where nobody has a weight, all have the same.
fn weighted(docket: &Docket) -> Vec<Option<f64>> {
    let by_half = [0, 1].map(|half| {
        let known: Vec<Option<(f64, f64)>> = (0..docket.cells).map(|member| right(docket, member, half)).collect();
        let own = |cell: usize, answers: usize| known[cell].map_or(0.0, |(share, n)| log_odds(share, n, answers));
        docket.scores(&|cell, answers| {
            if (0..docket.cells).all(|cell| own(cell, answers) <= 0.0) { 1.0 } else { own(cell, answers) }
        })
    });
    crossed(docket, &by_half)
}

/// The scores of each half by what was found on the other one.
fn crossed(docket: &Docket, found_on: &[Vec<Option<f64>>; 2]) -> Vec<Option<f64>> {
    docket.items.iter().enumerate().map(|(at, item)| found_on[1 - item.half][at]).collect()
}

/// The best panel of each size.
fn panels(docket: &Docket) -> Vec<Panel> {
    let largest = if docket.cells <= MOST_MEMBERS { docket.cells } else { LARGEST };
    let sizes = (1..=largest).take_while(|size| ways(docket.cells, *size) <= MOST_PANELS as f64);
    sizes.filter_map(|size| best_panel(docket, size)).collect()
}

fn best_panel(docket: &Docket, size: usize) -> Option<Panel> {
    let mut best: [Option<(f64, Vec<usize>)>; 3] = [None, None, None];
    let mut members: Vec<usize> = (0..size).collect();
    loop {
        let means = docket.by_half(&|cell, _| f64::from(u8::from(members.contains(&cell))));
        for (best, mean) in best.iter_mut().zip(means) {
            if let Some(mean) = mean
                && best.as_ref().is_none_or(|(known, _)| mean > *known)
            {
                *best = Some((mean, members.clone()));
            }
        }
        if !next_panel(&mut members, docket.cells) {
            break;
        }
    }
    let [first, second, all] = best.map(|best| best.map(|(_, members)| members));
    let scores = |panel: &[usize]| docket.scores(&|cell, _| f64::from(u8::from(panel.contains(&cell))));
    let best = all?;
    let best_score = docket.panel_score(&scores(&best));
    let score = match (&first, &second) {
        (Some(first), Some(second)) => docket.panel_score(&crossed(docket, &[scores(first), scores(second)])),
        _ => None,
    };
    Some(Panel { size, score, chosen: [first, second].map(Option::unwrap_or_default), best, best_score })
}

/// The next panel of the same size in the order of a dictionary; false after the last.
fn next_panel(members: &mut [usize], of: usize) -> bool {
    let size = members.len();
    let Some(at) = (0..size).rev().find(|at| members[*at] < of - size + at) else { return false };
    members[at] += 1;
    for later in at + 1..size {
        members[later] = members[later - 1] + 1;
    }
    true
}

/// The number of panels of a size.
fn ways(of: usize, size: usize) -> f64 {
    (0..size).fold(1.0, |ways, at| ways * (of - at) as f64 / (at + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_log_odds_against_chance() {
        assert!((log_odds(0.8, 100.0, 2) - 4.0_f64.ln()).abs() < 1e-12);
        assert!((log_odds(1.0, 10.0, 2) - 19.0_f64.ln()).abs() < 1e-12);
        assert!((log_odds(0.4, 100.0, 5) - (8.0_f64 / 3.0).ln()).abs() < 1e-12);
        assert!(
            [log_odds(0.5, 100.0, 2), log_odds(0.2, 100.0, 2), log_odds(0.0, 1.0, 2)]
                .iter()
                .all(|weight| *weight <= 0.0)
        );
    }

    #[test]
    fn all_panels_of_a_size_come_once() {
        let mut panel = vec![0, 1, 2];
        let mut all = vec![panel.clone()];
        while next_panel(&mut panel, 6) {
            all.push(panel.clone());
        }
        assert!((all.len() as f64 - ways(6, 3)).abs() < 1e-9);
        assert!(all.is_sorted() && all.iter().all(|panel| panel.is_sorted_by(|a, b| a < b)));
    }
}
