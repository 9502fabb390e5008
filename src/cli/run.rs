//! `tribunal run`: its arguments, put over the configuration file.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use secrecy::SecretString;

use super::attack::Attacks;
use super::job::{How, Job};
use super::progress::LogFormat;
use super::{Exit, Trouble, deadline, runtime, setup, values};
use crate::bench::Task;
use crate::clock;
use crate::config::{ANY_KEY, AttackTable, BenchTable, ConfigError, ConfigFile, Hashes, Resolved};
use crate::money::Usd;
use crate::plan::Orders;
use crate::score::{Ties, UnparsedPolicy};

/// What `tribunal run` is told.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:\n  \
    tribunal run                                     the embedded sample, a simulated judge: no key, no network\n  \
    tribunal run --bench rmb=RMB_dataset --judge longest\n  \
    tribunal run --bench rmb=RMB_dataset --judge gpt-4o@https://api.openai.com/v1 --orders both\n  \
    tribunal run --judge mock:accuracy=.8,first_lean=.1 --strategy pairwise-direct\n\n\
    The key of MODEL@BASE_URL is read from $TRIBUNAL_API_KEY. Running the same command again asks only what is missing.")]
#[allow(clippy::doc_markdown, reason = "these lines are the help text, shown as they stand")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct RunArguments {
    /// A configuration file; flags go over it
    config: Option<PathBuf>,
    /// A benchmark and what reports call it; the embedded sample if none is named
    #[arg(long, value_name = "NAME=PATH", value_parser = values::bench)]
    bench: Vec<(String, PathBuf)>,
    /// The format of --bench, if it should not be found from the files
    #[arg(long, value_name = "FORMAT", value_parser = crate::bench::Format::NAMES, requires = "bench")]
    format: Option<String>,
    /// longest, shortest, first, random, mock[:KEY=VALUE,...], replay:FILE, MODEL@BASE_URL, or one of the configuration
    #[arg(long, value_name = "SPEC")]
    judge: Vec<String>,
    /// A shipped strategy, or a file ending in .toml
    #[arg(long, value_name = "NAME|FILE")]
    strategy: Vec<String>,
    /// pairwise, bon, or both
    #[arg(long, value_delimiter = ',', value_name = "TASK,...")]
    task: Vec<Task>,
    /// seeded: each comparison in one order, drawn from its texts; both: in the other as well
    #[arg(long, value_name = "seeded|both")]
    orders: Option<Orders>,
    /// Samples of each comparison and order
    #[arg(long, value_name = "K", value_parser = values::samples)]
    samples: Option<u32>,
    /// Ask about part of the benchmark: whole conversations, drawn by the seed, until there are N items
    #[arg(long, value_name = "N", value_parser = values::at_least_one)]
    limit: Option<usize>,
    /// Seed of every random draw
    #[arg(long, value_name = "N", value_parser = values::seed)]
    seed: Option<u64>,
    /// What a tie is worth: wrong (RMB's rule) or half
    #[arg(long, value_name = "wrong|half")]
    ties: Option<Ties>,
    /// What a reply without a verdict is worth: wrong, half, or drop the item
    #[arg(long, value_name = "wrong|half|drop")]
    unparsed: Option<UnparsedPolicy>,
    /// The run's folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The store of replies
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The most requests in flight
    #[arg(long, value_name = "N", value_parser = values::at_least_one)]
    concurrency: Option<usize>,
    /// Send nothing: score what the store holds
    #[arg(long)]
    offline: bool,
    /// Show the plan and three prompts of each strategy, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// The most that the run's folder may ever cost; what is in flight counts at its worst
    #[arg(long, value_name = "USD")]
    budget: Option<Usd>,
    /// Prices, in the format of LiteLLM's model_prices_and_context_window.json
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Stop asking a cell once half the width of its interval is at most this, such as 0.01
    #[arg(long, value_name = "WIDTH")]
    precision: Option<f64>,
    /// Stop after so long: 90s, 45m, 2h
    #[arg(long, value_name = "TIME", value_parser = deadline::max_time)]
    max_time: Option<Duration>,
    /// Stop at a time of day: 18:00
    #[arg(long, value_name = "HH:MM", value_parser = deadline::until)]
    until: Option<Duration>,
    /// Go on where most of the first replies of a cell hold no verdict
    #[arg(long)]
    no_canary: bool,
    /// Ask again what an endpoint refused for good in an earlier run: prompts that were too long, bad requests
    #[arg(long)]
    retry_failed: bool,
    /// How progress is written to standard error: text, or json, an object a line every ten seconds and one at the end
    #[arg(
        long,
        value_name = "text|json",
        value_enum,
        default_value = "text",
        hide_default_value = true,
        hide_possible_values = true
    )]
    log_format: LogFormat,
    /// Go on without being asked, though it costs money
    #[arg(long)]
    yes: bool,
    /// The attacks, where `tribunal attack` makes some
    #[arg(skip)]
    pub(super) attack: Option<AttackTable>,
}

pub(super) fn run(arguments: RunArguments) -> Result<Exit, Trouble> {
    let dry = arguments.dry_run;
    let job = arguments.job()?;
    if dry { job.show() } else { runtime()?.block_on(job.run()) }
}

impl RunArguments {
    /// A run of a configuration file, and nothing more.
    pub(super) fn of_file(config: PathBuf, task: Vec<Task>, out: PathBuf) -> Self {
        Self { config: Some(config), task, out: Some(out), ..Self::default() }
    }

    /// The same, for what sends nothing and so needs none of the keys that are named.
    pub(super) fn without_keys(self) -> Self {
        Self { dry_run: true, ..self }
    }

    /// Everything that is read before the first request.
    pub(super) fn job(self) -> Result<Job, Trouble> {
        let time = self.max_time.into_iter().chain(self.until).min();
        let how = How {
            offline: self.offline,
            canary: !self.no_canary,
            retry_failed: self.retry_failed,
            log_format: self.log_format,
            yes: self.yes,
            deadline: time.map(|time| clock::now() + time),
        };
        let resolved = resolve(self)?;
        let strategies = setup::strategies(&resolved)?;
        let mut benches = setup::benches(&resolved)?;
        let mut hashes = Hashes { benches: benches.iter().map(|bench| bench.hash).collect(), attacks: None };
        let attacks = Attacks::prepare(&resolved, &mut benches, &strategies)?;
        hashes.attacks = attacks.as_ref().map(Attacks::hash);
        Ok(Job { resolved, benches, strategies, attacks, hashes, how })
    }
}

/// Puts the flags over the file and resolves both.
pub(super) fn resolve(arguments: RunArguments) -> Result<Resolved, Trouble> {
    let flagged = !arguments.bench.is_empty();
    let (mut config, source) = match &arguments.config {
        Some(path) => ConfigFile::read(path).map(|(config, source)| (config, Some(source)))?,
        None => (ConfigFile::default(), None),
    };
    if let Some(flags) = arguments.attack {
        let table = config.attack.get_or_insert_default();
        table.hash = table.hash.take().filter(|_| flags.file.is_none());
        table.file = flags.file.or(table.file.take());
        table.each = flags.each.or(table.each);
    }
    // What a flag says stands nowhere in the file.
    let by_flag = |error: &ConfigError| error.table() == Some("bench") && flagged;
    let run = &mut config.run;
    run.seed = arguments.seed.or(run.seed);
    run.orders = arguments.orders.or(run.orders);
    run.samples = arguments.samples.or(run.samples);
    run.limit = arguments.limit.or(run.limit);
    run.ties = arguments.ties.or(run.ties);
    run.unparsed = arguments.unparsed.or(run.unparsed);
    run.concurrency = arguments.concurrency.or(run.concurrency);
    run.out = arguments.out.or(run.out.take());
    run.store = arguments.store.or(run.store.take());
    run.prices = arguments.prices.or(run.prices.take());
    run.budget = arguments.budget.or(run.budget);
    run.precision = arguments.precision.or(run.precision);
    if !arguments.task.is_empty() {
        run.task = Some(arguments.task);
    }
    if !arguments.bench.is_empty() {
        let table = |(name, path)| BenchTable { name, path: Some(path), format: arguments.format.clone(), hash: None };
        config.bench = arguments.bench.into_iter().map(table).collect();
    }
    // A dry run sends nothing, and so needs none of the keys that are named.
    let made_up = |name: &str| (arguments.dry_run && name != ANY_KEY).then(|| SecretString::from("none"));
    let secret = |name: &str| {
        std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from).or_else(|| made_up(name))
    };
    let resolved = Resolved::new(config, &arguments.judge, &arguments.strategy, &secret);
    resolved.map_err(|error| match source {
        Some(source) if !by_flag(&error) => source.locate(error).into(),
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::score::Policy;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        run: RunArguments,
    }

    const FILE: &str = "[run]\nseed = 1\norders = \"both\"\nsamples = 2\ntask = [\"bon\"]\nties = \"half\"\nunparsed = \"drop\"\n\
        concurrency = 3\nout = \"here\"\nstore = \"here.db\"\n[[bench]]\nname = \"mine\"\npath = \"data\"\n\
        [[judge]]\nname = \"house\"\nspec = \"first\"\n";

    fn resolved(flags: &str) -> Resolved {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.toml");
        std::fs::write(&file, FILE).unwrap();
        let words = ["run", file.to_str().unwrap()].into_iter().chain(flags.split_whitespace());
        resolve(Command::parse_from(words).run).unwrap()
    }

    #[test]
    fn the_file_stands_where_no_flag_is_given() {
        let run = resolved("");
        assert_eq!((run.seed, run.orders, run.samples, run.concurrency), (1, Orders::Both, 2, 3));
        assert_eq!(run.tasks, [Task::Bon]);
        assert_eq!(run.policy, Policy { ties: Ties::Half, unparsed: UnparsedPolicy::Drop });
        assert_eq!((run.benches[0].name.as_str(), run.judges[0].name.as_str()), ("mine", "house"));
        assert!(run.out.is_some_and(|out| out.ends_with("here")) && run.store.ends_with("here.db"));
    }

    #[test]
    fn every_flag_goes_over_the_file() {
        let run = resolved(
            "--seed 9 --orders seeded --samples 5 --task pairwise,bon --ties wrong --unparsed half --concurrency 7 --out there \
             --store there.db --bench rmb=RMB --bench own=x.jsonl --format items --judge longest --judge house",
        );
        assert_eq!((run.seed, run.orders, run.samples, run.concurrency), (9, Orders::Seeded, 5, 7));
        assert_eq!(run.tasks, [Task::Pairwise, Task::Bon]);
        assert_eq!(run.policy, Policy { ties: Ties::Wrong, unparsed: UnparsedPolicy::Half });
        assert_eq!((run.out, run.store), (Some("there".into()), "there.db".into()));
        let benches: Vec<&str> = run.benches.iter().map(|bench| bench.name.as_str()).collect();
        assert_eq!(benches, ["rmb", "own"]);
        assert!(run.benches.iter().all(|bench| bench.format == Some(crate::bench::Format::Items)));
        let judges: Vec<&str> = run.judges.iter().map(|judge| judge.name.as_str()).collect();
        assert_eq!(judges, ["longest", "house"]);
    }

    #[test]
    fn one_flag_leaves_the_rest_of_the_file_alone() {
        let run = resolved("--seed 0");
        assert_eq!((run.seed, run.orders, run.samples), (0, Orders::Both, 2));
        assert_eq!(run.benches[0].name, "mine");
    }
}
