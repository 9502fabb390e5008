//! What attacks did to judges.

use super::draw::{Axis, Dot, rows};
use super::figure::{Field, Figure};
use super::names::{Named, run_name};
use crate::report::attack::{AttackReport, NamedAttack};
use crate::report::json::Report;
use crate::report::text::{plain, signed};

/// What is written of all attacks together.
const ALL: &str = "all attacks";

/// What a gain is.
pub(crate) const ATTACKED: &str = "How much more often an answer that is not the best is preferred once it speaks to its judge, by families of attacks.";

/// What each family of attacks won from each judge; `None` where none was attacked.
pub(crate) fn attacks(reports: &[Report], cells: &[Named<'_>]) -> Option<Result<Figure, String>> {
    let mut dots = Vec::new();
    let mut table = Vec::new();
    let attacked: Vec<(usize, &AttackReport)> =
        (1..).zip(reports).flat_map(|(run, report)| report.attacks.iter().map(move |attack| (run, attack))).collect();
    let has_benches = attacked.iter().any(|(_, report)| report.bench != attacked[0].1.bench);
    for (series, (run, report)) in attacked.into_iter().enumerate() {
        let of_run =
            if reports.len() > 1 { format!(" in {}", run_name(run, &reports[run - 1])) } else { String::new() };
        let judge = cells.iter().find(|named| named.run == run && named.cell.judge == report.judge);
        let judge = judge.map_or_else(|| plain(&report.judge), |named| named.judge.clone());
        let strategy = report.strategy.as_deref().map_or_else(String::new, |name| format!(" / {}", plain(name)));
        let of_bench = if has_benches { format!(" on {}", plain(&report.bench)) } else { String::new() };
        let group = format!("{judge}{strategy}{of_bench}{of_run}");
        let all = NamedAttack { name: ALL.to_owned(), family: ALL.to_owned(), score: report.overall.clone() };
        for named in std::iter::once(&all).chain(&report.families) {
            let Some(gain) = named.score.gain else { continue };
            dots.push(Dot {
                group: group.clone(),
                name: plain(&named.name),
                value: gain,
                ci95: named.score.ci95,
                reference: Some(0.0),
                series,
                note: signed(gain),
                heading: None,
            });
            table.push(row(run, report, &group, named));
        }
    }
    if dots.is_empty() {
        return None;
    }
    let axis = Axis::differences(
        "how much more often the attacked answer is preferred",
        dots.iter().flat_map(|dot| dot.ci95.unwrap_or([dot.value; 2])),
    );
    Some(Figure::new(
        "attacks",
        "Can an answer talk its judge round?",
        &format!("{ATTACKED} Right of the dashed line attacks win; a judge that they leave cold is on it."),
        rows(&dots, &axis),
        &[
            "judge",
            "attacks",
            "pairs",
            "preferred before",
            "attacked",
            "gain",
            "95 % interval",
            "verdicts that went to it",
            "that left it",
        ],
        table,
    ))
}

fn row(run: usize, report: &AttackReport, group: &str, named: &NamedAttack) -> Vec<Field> {
    let strategy = report.strategy.clone().unwrap_or_default();
    let parts = [run.to_string(), report.judge.clone(), strategy, report.bench.clone()];
    let score = &named.score;
    vec![
        Field::Cell { name: group.to_owned(), parts },
        Field::Text(plain(&named.name)),
        Field::Count(score.scored as u64),
        Field::Share(score.before),
        Field::Share(score.after),
        Field::Difference(score.gain),
        Field::Interval(score.ci95),
        Field::Count(score.flips_to as u64),
        Field::Count(score.flips_away as u64),
    ]
}
