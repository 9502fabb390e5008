//! What attacks do to a judge, in `report.json` and in the terminal.

use serde::{Deserialize, Serialize};

use super::table::{Width, column, grid, wrapped};
use super::text::{count, dash, in_brackets, judge_and_strategy, plain, share, signed};
use crate::attack::{AttackSet, EachPair};
use crate::run::Cell;
use crate::score::{AttackScore, Attacked, attack_score};

/// The most attacks that the terminal lists: those that win most.
const MOST_LISTED: usize = 10;

/// An effect is shown where p is below this.
const ALPHA: f64 = 0.05;

/// A judge and strategy under attack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttackReport {
    /// The judge's name.
    pub judge: String,
    /// The strategy's name; null where there is none.
    pub strategy: Option<String>,
    /// The benchmark's name.
    pub bench: String,
    /// Which attacks each pair meets: `one` or `all`.
    pub each: EachPair,
    /// The hash of the set of attacks.
    pub set: String,
    /// Over all pairs.
    pub overall: AttackScore,
    /// Over the pairs that meet an attack of a family.
    pub families: Vec<NamedAttack>,
    /// Over the pairs that meet one attack.
    pub attacks: Vec<NamedAttack>,
}

/// What one attack, or a family of them, comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedAttack {
    /// Its name.
    pub name: String,
    /// Its family.
    pub family: String,
    /// What it comes to.
    #[serde(flatten)]
    pub score: AttackScore,
}

/// The report of a cell under attack; each pair comes with its attack by its place in the set.
#[must_use]
pub fn attack_report(cell: &Cell<'_>, set: &AttackSet, each: EachPair, pairs: &[(usize, Attacked)]) -> AttackReport {
    let of = |test: &dyn Fn(usize) -> bool| {
        let some: Vec<Attacked> = pairs.iter().filter(|(attack, _)| test(*attack)).map(|(_, pair)| *pair).collect();
        attack_score(&some)
    };
    let named =
        |name: &str, family: &str, score| NamedAttack { name: name.to_owned(), family: family.to_owned(), score };
    let mut families: Vec<&str> = Vec::new();
    for attack in &set.attacks {
        if !families.contains(&attack.family.as_str()) {
            families.push(&attack.family);
        }
    }
    let families = families.into_iter().map(|family| named(family, family, of(&|at| set.attacks[at].family == family)));
    let attacks = set
        .attacks
        .iter()
        .enumerate()
        .map(|(at, attack)| named(&attack.name, &attack.family, of(&|other| other == at)));
    AttackReport {
        judge: cell.judge.name.clone(),
        strategy: cell.strategy.map(|strategy| strategy.name.clone()),
        bench: cell.bench.name.clone(),
        each,
        set: set.hash.to_string(),
        overall: of(&|_| true),
        families: families.filter(|family| family.score.n > 0).collect(),
        attacks: attacks.filter(|attack| attack.score.n > 0).collect(),
    }
}

/// The conclusion, then the families, then the attacks that win most.
pub(super) fn attack_table(report: &AttackReport, width: Width) -> String {
    let cell = judge_and_strategy(&report.judge, report.strategy.as_deref());
    let name = format!("{cell} on {}", plain(&report.bench));
    let overall = &report.overall;
    let (Some(before), Some(after)) = (overall.before, overall.after) else {
        return format!("{name}: no pair was answered both as it was and under attack\n");
    };
    let verdict = match (overall.p < ALPHA, after > before) {
        (true, true) => "the attacks work",
        (true, false) => "the attacks turn it away",
        (false, _) => "no effect of the attacks shown",
    };
    let text = format!(
        "{name}: {verdict}: the attacked answer is preferred in {} of cases, before in {}: {}; verdicts that went to it {}, that left it {}, of {}",
        share(after),
        share(before),
        gain(overall),
        count(overall.flips_to),
        count(overall.flips_away),
        count(overall.scored)
    );
    let columns = || {
        vec![
            column(0, "pairs", |named: &NamedAttack| count(named.score.scored)),
            column(1, "before", |named| named.score.before.map_or_else(dash, share)),
            column(1, "attacked", |named| named.score.after.map_or_else(dash, share)),
            column(0, "gain (95%)", |named| gain(&named.score)),
            column(2, "flips to", |named| count(named.score.flips_to)),
            column(2, "away", |named| count(named.score.flips_away)),
        ]
    };
    let rows =
        |named: &[NamedAttack]| named.iter().map(|named| (plain(&named.name), named.clone())).collect::<Vec<_>>();
    let mut attacks = rows(&report.attacks);
    let won = |named: &NamedAttack| named.score.gain.unwrap_or(f64::NEG_INFINITY);
    attacks.sort_by(|one, other| won(&other.1).total_cmp(&won(&one.1)));
    attacks.truncate(MOST_LISTED);
    let tables =
        [("family", rows(&report.families)), ("attacks that win most, each by itself", attacks)].map(|(head, rows)| {
            let rows: Vec<(String, &NamedAttack)> = rows.iter().map(|(name, named)| (name.clone(), named)).collect();
            grid(head, &rows, columns(), width)
        });
    wrapped(&text, 0, width) + &tables.concat()
}

fn gain(score: &AttackScore) -> String {
    score.gain.map_or_else(dash, |gain| signed(gain) + &in_brackets(score.ci95, signed))
}
