//! `tribunal attack`: how often worse answers that speak to their judge win by it.

use std::path::PathBuf;

use clap::Args;

use super::run::RunArguments;
use super::{Exit, Trouble, note};
use crate::ask::Form;
use crate::attack::{Attack, AttackSet, EachPair, Twins};
use crate::bench::Bench;
use crate::config::{AttackTable, Resolved};
use crate::digest::Digest;
use crate::mistake::of_system;
use crate::plan::Plan;
use crate::report::{AttackReport, attack_report, counted};
use crate::run::Cell;
use crate::score::{Attacked, ItemScore};
use crate::strategy::Strategy;

/// The top of the range where no strategy has one.
const TOP: f64 = 10.0;

/// What `tribunal attack` is told: the same as `tribunal run`, and with what to attack.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal attack                                  the embedded sample, a simulated judge: no key, no network\n  \
    tribunal attack --bench rmb=RMB_dataset --judge gpt-4o@https://api.openai.com/v1 --limit 300\n  \
    tribunal attack --judge mock:accuracy=.8,obeys=.3 --each all\n\n\
    Each item is asked about twice, as it was and with an attack on an answer that is not the best, in the same order.")]
pub(super) struct AttackArguments {
    #[command(flatten)]
    run: RunArguments,
    /// A file of attacks of your own; the shipped set if none is named
    #[arg(long, value_name = "FILE")]
    attacks: Option<PathBuf>,
    /// one: each pair meets one attack, drawn by the seed; all: every attack of the set
    #[arg(long, value_name = "one|all")]
    each: Option<EachPair>,
}

pub(super) fn attack(arguments: AttackArguments) -> Result<Exit, Trouble> {
    let AttackArguments { mut run, attacks, each } = arguments;
    run.attack = Some(AttackTable { file: attacks, each, hash: None });
    super::run::run(run)
}

/// The attacks of a run, and which pair of each benchmark meets which.
pub(super) struct Attacks {
    set: AttackSet,
    each: EachPair,
    /// Of each benchmark, in the order of the configuration: the twins of its pairs under attack.
    of: Vec<Vec<(usize, usize)>>,
}

impl Attacks {
    /// Puts each benchmark and the same under attack in place of it, where attacks are wanted.
    pub(super) fn prepare(
        resolved: &Resolved,
        benches: &mut Vec<Bench>,
        strategies: &[Strategy],
    ) -> Result<Option<Self>, Trouble> {
        let Some(source) = &resolved.attack else { return Ok(None) };
        let set = match &source.file {
            None => AttackSet::shipped(),
            Some(path) => {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Trouble::usage(format!("attacks: {shown}: {}", of_system(&error))))?;
                AttackSet::parse(&text, &shown)
            }
        };
        let set = set.map_err(|error| Trouble::usage(format!("attacks: {error}")))?;
        if let Some(hash) = source.hash.as_ref().filter(|hash| **hash != set.hash.to_string()) {
            return Err(Trouble::usage(format!(
                "attacks: the set has the hash {}, and the configuration wants {hash}: it has changed; leave `hash` out if that is meant",
                set.hash
            )));
        }
        let alone = strategies.iter().filter(|strategy| strategy.form == Form::Pointwise).count();
        if alone > 0 && alone < strategies.len() {
            let problem = "strategies that show answers alone are attacked in a run of their own: some attacks speak of the other answer";
            return Err(Trouble::usage(format!("attacks: {problem}")));
        }
        let mut tops: Vec<f64> = strategies.iter().filter_map(|strategy| Some(strategy.rule.range()?[1])).collect();
        tops.dedup();
        if tops.len() > 1 {
            let problem = "the strategies' scores end at different numbers, and an attack claims the highest: ask each in a run of its own";
            return Err(Trouble::usage(format!("attacks: {problem}")));
        }
        let top = tops.first().copied().unwrap_or(TOP);
        if alone > 0 && set.attacks.iter().all(Attack::names_other) {
            return Err(Trouble::usage(
                "attacks: all of them speak of the other answer, and here answers are shown alone",
            ));
        }
        let mut of = Vec::new();
        for bench in std::mem::take(benches) {
            let twins = Twins::new(&bench, &set, source.each, resolved.seed, top, alone > 0);
            let without = bench.items.len() - twins.clean.items.len();
            if without > 0 {
                let items = counted(without, "item");
                note(&format!("{}: {items} left out: every other answer is the text of the best one", bench.name));
            }
            benches.extend([twins.clean, twins.attacked]);
            of.push(twins.of);
        }
        Ok(Some(Self { set, each: source.each, of }))
    }

    /// The hash of the set.
    pub(super) fn hash(&self) -> Digest {
        self.set.hash
    }

    /// A plan of one of the benchmarks, by its place: every second is under attack.
    pub(super) fn plan(plan: Plan, bench: usize) -> Plan {
        let listed = plan.as_listed();
        if bench % 2 == 1 { listed.under_attack() } else { listed }
    }

    /// What the attacks did, for each judge and strategy. `scores` are those of the items of each cell.
    pub(super) fn reports(
        &self,
        benches: &[Bench],
        cells: &[Cell<'_>],
        scores: &[Vec<ItemScore>],
    ) -> Vec<AttackReport> {
        let strategy = |cell: &Cell<'_>| cell.strategy.map(|strategy| strategy.name.clone());
        let place =
            |cell: &Cell<'_>| benches.iter().position(|bench| std::ptr::eq(bench, cell.bench)).unwrap_or_default();
        let pairs =
            cells.iter().enumerate().filter(|(_, cell)| cell.plan.is_under_attack()).filter_map(|(after, cell)| {
                let bench = place(cell);
                let before = cells.iter().position(|other| {
                    other.judge.name == cell.judge.name
                        && strategy(other) == strategy(cell)
                        && place(other) + 1 == bench
                })?;
                let outcome = |cell: usize, item: usize| scores[cell][item].outcomes[0];
                let pairs = self.of[bench / 2].iter().enumerate().map(|(item, (clean, attack))| {
                    let conversation = cell.bench.items[item].conversation.0;
                    (*attack, Attacked { before: outcome(before, *clean), after: outcome(after, item), conversation })
                });
                Some(attack_report(&cells[before], &self.set, self.each, &pairs.collect::<Vec<_>>()))
            });
        pairs.collect()
    }
}
