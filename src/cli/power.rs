//! `tribunal power`: how many conversations it takes to see a difference. Asks nothing.

use std::path::PathBuf;

use clap::Args;

use super::shape::{Shape, json};
use super::{Exit, Trouble, cells, note, say, values};
use crate::across::{Judges, pilot, power};
use crate::bench::{self, Bench, Task};
use crate::report::{Width, power_table};

/// How often two judges agree where nothing tells.
const AGREEMENT: f64 = 0.8;
/// How alike the items of a conversation are where nothing tells.
const ICC: f64 = 0.1;
/// How often a judge is right where nothing tells.
const ACCURACY: f64 = 0.75;

/// What `tribunal power` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal power --bench rmb=RMB_dataset --accuracy .75 --agreement .8 --icc .1 --difference 0.02\n  \
    tribunal power --bench rmb=RMB_dataset --pilot runs/pilot --difference 0.02\n\n\
    A pilot of two cells tells all three: how often they are right, how often they agree, how alike the items of a conversation are.")]
pub(super) struct PowerArguments {
    /// The benchmark, and what it is called; the embedded sample if none is named
    #[arg(long, value_name = "NAME=PATH", value_parser = values::bench)]
    bench: Option<(String, PathBuf)>,
    /// pairwise, bon, or both
    #[arg(long, value_delimiter = ',', value_name = "TASK,...")]
    task: Vec<Task>,
    /// The difference in accuracy that is to be seen
    #[arg(long, value_name = "DIFFERENCE", value_parser = difference)]
    difference: f64,
    /// A run, or cells of it, to learn the rest from
    #[arg(long, value_name = "RUN[#JUDGE[/STRATEGY]]")]
    pilot: Vec<String>,
    /// How often the worse judge is right
    #[arg(long, value_name = "SHARE", value_parser = share)]
    accuracy: Option<f64>,
    /// How often both are right or both wrong
    #[arg(long, value_name = "SHARE", value_parser = share)]
    agreement: Option<f64>,
    /// How alike the items of a conversation are, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share)]
    icc: Option<f64>,
    /// Seed of the simulations
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Shape::Table)]
    format: Shape,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

fn difference(text: &str) -> Result<f64, String> {
    let difference = text.parse().ok().filter(|difference| *difference > 0.0 && *difference < 1.0);
    difference.ok_or_else(|| "expected a difference above 0 and below 1, such as 0.02".to_owned())
}

pub(super) fn run(arguments: &PowerArguments) -> Result<Exit, Trouble> {
    let mut bench = match &arguments.bench {
        Some((name, path)) => {
            bench::open(path, name, None).map_err(|error| Trouble::usage(format!("bench `{name}`: {error}")))?
        }
        None => bench::sample()?,
    };
    if !arguments.task.is_empty() {
        bench.keep_tasks(&arguments.task);
    }
    let learnt = if arguments.pilot.is_empty() {
        None
    } else {
        let mut cells = cells::chosen(&arguments.pilot, None)?;
        let first = cells[0].name.bench.clone();
        cells.retain(|cell| cell.name.bench == first);
        pilot(&cells).map_err(|error| Trouble::usage(error.to_string()))?
    };
    let mut assumed = Vec::new();
    let mut take = |name: &str, given: Option<f64>, learnt: Option<f64>, otherwise: f64| {
        given.or(learnt).unwrap_or_else(|| {
            assumed.push(format!("{name} {otherwise}"));
            otherwise
        })
    };
    let mut judges = Judges {
        accuracy: take("accuracy", arguments.accuracy, learnt.map(|pilot| pilot.accuracy), ACCURACY),
        difference: arguments.difference,
        agreement: take("agreement", arguments.agreement, learnt.and_then(|pilot| pilot.agreement), AGREEMENT),
        icc: take("icc", arguments.icc, learnt.map(|pilot| pilot.icc), ICC),
    };
    if !assumed.is_empty() {
        note(&format!("taken for granted: {}; a pilot (--pilot RUN) of two judges tells them", assumed.join(", ")));
    }
    if judges.accuracy + judges.difference > 1.0 {
        let (accuracy, sum) = (judges.accuracy, judges.accuracy + judges.difference);
        return Err(Trouble::usage(format!(
            "an accuracy of {accuracy} and {} more are {sum:.3}: nobody is right more often than always",
            judges.difference
        )));
    }
    let [least, most] = judges.agreements();
    if arguments.agreement.is_none() && least <= most && !(least..=most).contains(&judges.agreement) {
        let possible = judges.agreement.clamp(least, most);
        note(&format!(
            "an agreement of {:.3} is not possible here: {possible:.3} is taken, the nearest that judges with these accuracies can have",
            judges.agreement
        ));
        judges.agreement = possible;
    }
    let found =
        power(&conversations(&bench), judges, arguments.seed).map_err(|error| Trouble::usage(error.to_string()))?;
    match arguments.format {
        Shape::Table => say(&power_table(&bench.name, &found, Width::of_terminal()))?,
        Shape::Json => say(&json(&found)?)?,
    }
    Ok(Exit::Complete)
}

/// The subsets of the items of each conversation that has any: a task and the first element of the group path, by a number.
fn conversations(bench: &Bench) -> Vec<Vec<u8>> {
    let mut subsets: Vec<(Task, &str)> = Vec::new();
    let mut conversations = vec![Vec::new(); bench.conversations.len()];
    for item in &bench.items {
        let key = (item.task, bench.group(item.group).split('/').next().unwrap_or_default());
        let place = subsets.iter().position(|known| *known == key).unwrap_or_else(|| {
            subsets.push(key);
            subsets.len() - 1
        });
        conversations[item.conversation.0 as usize].push(u8::try_from(place).unwrap_or(u8::MAX));
    }
    conversations.retain(|items: &Vec<u8>| !items.is_empty());
    conversations
}
