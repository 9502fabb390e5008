//! `tribunal run`: reads, plans, asks, scores, reports.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;
use serde::Serialize;
use tokio::sync::watch;

use super::stop::Wish;
use super::{Exit, Trouble, note, progress, runtime, say, setup, values};
use crate::bench::{Bench, Task};
use crate::clock;
use crate::config::{self, BenchTable, ConfigError, ConfigFile, Resolved};
use crate::digest::Fields;
use crate::judge::{Judge, JudgeKind};
use crate::pace::Backoff;
use crate::plan::{Orders, Plan};
use crate::report::{self, JudgmentWriter, Report, RunFolder, Width, count, counted};
use crate::run::{Asked, Cell, Driver, Settings, Stopped, collect};
use crate::score::{Policy, Ties, UnparsedPolicy, score_cell};
use crate::store::Store;
use crate::strategy::Strategy;

/// What `tribunal run` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal run                                     the embedded sample, a simulated judge: no key, no network\n  \
    tribunal run --bench rmb=RMB_dataset --judge longest\n  \
    tribunal run --bench rmb=RMB_dataset --judge gpt-4o@https://api.openai.com/v1 --orders both\n  \
    tribunal run --judge mock:accuracy=.8,first_lean=.1 --strategy pairwise-direct\n\n\
    The key of MODEL@BASE_URL is read from $TRIBUNAL_API_KEY. Running the same command again asks only what is missing.")]
#[allow(clippy::doc_markdown, reason = "these lines are the help text, shown as they stand")]
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
    /// Ask about part of the benchmark only
    #[arg(long, value_name = "N")]
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
    /// The most to spend
    #[arg(long, value_name = "USD")]
    budget: Option<f64>,
    /// Ask nothing back
    #[arg(long)]
    yes: bool,
}

/// The longest name of a folder that is made up for a run, in bytes, without the hash at its end.
const LONGEST_NAME: usize = 120;

/// Everything that is read before the first request.
struct Ready {
    resolved: Resolved,
    benches: Vec<Bench>,
    strategies: Vec<Strategy>,
    offline: bool,
}

pub(super) fn run(arguments: RunArguments) -> Result<Exit, Trouble> {
    let _ = arguments.yes;
    refuse_what_is_to_come(&arguments)?;
    let offline = arguments.offline;
    let resolved = resolve(arguments)?;
    let strategies = setup::strategies(&resolved)?;
    let benches = setup::benches(&resolved)?;
    let ready = Ready { resolved, benches, strategies, offline };
    runtime()?.block_on(ready.run())
}

fn refuse_what_is_to_come(arguments: &RunArguments) -> Result<(), Trouble> {
    let to_come = |flag: &str| Err(Trouble::usage(format!("{flag}: this version does not have it yet; leave it out")));
    match arguments {
        RunArguments { limit: Some(_), .. } => to_come("--limit"),
        RunArguments { budget: Some(_), .. } => to_come("--budget"),
        _ => Ok(()),
    }
}

/// Puts the flags over the file and resolves both.
fn resolve(arguments: RunArguments) -> Result<Resolved, Trouble> {
    let flagged = !arguments.bench.is_empty();
    let (mut config, source) = match &arguments.config {
        Some(path) => ConfigFile::read(path).map(|(config, source)| (config, Some(source)))?,
        None => (ConfigFile::default(), None),
    };
    // What a flag says stands nowhere in the file.
    let by_flag = |error: &ConfigError| error.table() == Some("bench") && flagged;
    let run = &mut config.run;
    run.seed = arguments.seed.or(run.seed);
    run.orders = arguments.orders.or(run.orders);
    run.samples = arguments.samples.or(run.samples);
    run.ties = arguments.ties.or(run.ties);
    run.unparsed = arguments.unparsed.or(run.unparsed);
    run.concurrency = arguments.concurrency.or(run.concurrency);
    run.out = arguments.out.or(run.out.take());
    run.store = arguments.store.or(run.store.take());
    if !arguments.task.is_empty() {
        run.task = Some(arguments.task);
    }
    if !arguments.bench.is_empty() {
        let table = |(name, path)| BenchTable { name, path: Some(path), format: arguments.format.clone(), hash: None };
        config.bench = arguments.bench.into_iter().map(table).collect();
    }
    let secret = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty()).map(SecretString::from);
    let resolved = Resolved::new(config, &arguments.judge, &arguments.strategy, &secret);
    resolved.map_err(|error| match source {
        Some(source) if !by_flag(&error) => source.locate(error).into(),
        _ => error.into(),
    })
}

/// One benchmark under one strategy's way of telling comparisons apart.
struct Planned<'a> {
    bench: &'a Bench,
    strategy: Option<&'a Strategy>,
    plan: Plan,
}

impl Ready {
    async fn run(self) -> Result<Exit, Trouble> {
        let mut wish = Wish::listen()?;
        let (judges, servers) = setup::judges(&self.resolved).await?;
        self.remark(&judges);
        let plans = self.plans();
        let cells = self.cells(&judges, &plans);
        let folder = self.folder(&judges)?;
        let store = if judges.iter().any(|judge| matches!(judge.kind, JudgeKind::Endpoint(_))) {
            Some(Store::open(&self.resolved.store)?)
        } else {
            None
        };
        let started = (clock::unix_millis(), clock::now());
        let asked = match &store {
            Some(store) => Some(self.ask(&cells, store, &mut wish).await?),
            None => None,
        };
        drop(servers);
        let leaving = wish.leave_when_it_comes();
        let report = self.write(&cells, asked.as_ref(), store.as_ref(), &folder)?;
        if let Some(asked) = &asked {
            let seconds = (clock::now() - started.1).as_secs_f64();
            folder.append_line("invocations.jsonl", &invocation(asked, started.0, seconds)?)?;
        }
        say(&report::table(&report, Width::of_terminal()))?;
        leaving.abort();
        note(&format!("written: {}", folder.path().display()));
        Ok(conclude(&report, asked.as_ref(), self.offline))
    }

    /// Says what is allowed and yet seldom meant.
    fn remark(&self, judges: &[Judge]) {
        if self.resolved.samples > 1 {
            for strategy in self.strategies.iter().filter(|strategy| strategy.sampling.temperature == Some(0.0)) {
                note(&format!(
                    "strategy {}: {} samples at temperature 0 are much the same reply again and again, each at its price",
                    strategy.name, self.resolved.samples
                ));
            }
        }
        let items = self.benches.iter().flat_map(|bench| &bench.items);
        let items: HashMap<&str, usize> = items.map(|item| (item.id.as_str(), item.candidates.len())).collect();
        let knows = |item: &str, order: &[usize]| {
            let candidates = items.get(item).copied().unwrap_or_default();
            matches!(order, [a, b] if a != b && a.max(b) < &candidates)
        };
        for judge in judges {
            let JudgeKind::Replay(replay) = &judge.kind else { continue };
            let (all, unknown) = replay.count(knows);
            if unknown > 0 {
                note(&format!(
                    "judge {}: {} of {} recorded replies are of no item here, or of an order that is none of two of its candidates",
                    judge.name,
                    count(unknown),
                    count(all)
                ));
            }
        }
    }

    /// Plans every benchmark for every strategy, and says what comes of it.
    fn plans(&self) -> Vec<Planned<'_>> {
        let Resolved { seed, orders, samples, judges, .. } = &self.resolved;
        let mut plans = Vec::new();
        for bench in &self.benches {
            note(&report::coverage_line(bench));
            let first = plans.len();
            if judges.iter().any(|judge| !judge.kind.needs_strategy()) {
                let plan = Plan::new(bench, *seed, *orders, *samples, false);
                plans.push(Planned { bench, strategy: None, plan });
            }
            for strategy in &self.strategies {
                let plan = Plan::new(bench, *seed, *orders, *samples, strategy.uses_group());
                plans.push(Planned { bench, strategy: Some(strategy), plan });
            }
            if let Some(planned) = plans.get(first) {
                for line in report::plan_lines(bench, &planned.plan) {
                    note(&format!("{}: {line}", bench.name));
                }
            }
        }
        plans
    }

    fn cells<'a>(&self, judges: &'a [Judge], plans: &'a [Planned<'a>]) -> Vec<Cell<'a>> {
        let fits = |judge: &Judge, planned: &Planned<'_>| {
            matches!(judge.kind, JudgeKind::Baseline(_)) == planned.strategy.is_none()
        };
        let cell = |judge: &'a Judge, planned: &'a Planned<'a>| Cell {
            judge,
            strategy: planned.strategy,
            bench: planned.bench,
            plan: &planned.plan,
            seed: self.resolved.seed,
        };
        judges
            .iter()
            .flat_map(|judge| {
                plans.iter().filter(move |planned| fits(judge, planned)).map(move |planned| cell(judge, planned))
            })
            .collect()
    }

    /// The run's folder, with the record of its configuration; one that holds another configuration is refused.
    fn folder(&self, judges: &[Judge]) -> Result<RunFolder, Trouble> {
        let record = config::record(&self.resolved, &self.benches, judges, &self.strategies);
        let text =
            toml::to_string(&record).map_err(|error| Trouble::new(Exit::Unexpected, format!("run.toml: {error}")))?;
        let path = match &self.resolved.out {
            Some(path) => path.clone(),
            None => Path::new("runs").join(self.name(judges, &record)),
        };
        let folder = RunFolder::create(&path)?;
        let Some(there) = folder.read("run.toml")? else {
            folder.write_text("run.toml", &text)?;
            return Ok(folder);
        };
        let there = ConfigFile::parse(&there, &folder.file("run.toml"))?;
        let differences = config::differences(&there, &record);
        if differences.is_empty() {
            return Ok(folder);
        }
        Err(Trouble::usage(format!(
            "{} holds another run: {}. Name another folder with --out",
            path.display(),
            differences.join("; ")
        )))
    }

    /// A name for the folder of a run: what it is of, and a hash that tells it from others.
    fn name(&self, judges: &[Judge], record: &ConfigFile) -> String {
        let one = |names: Vec<&str>, what: &str| match names.as_slice() {
            [name] => (*name).to_owned(),
            names => format!("{}-{what}", names.len()),
        };
        let mut parts = vec![
            one(self.benches.iter().map(|bench| bench.name.as_str()).collect(), "benches"),
            one(judges.iter().map(|judge| judge.name.as_str()).collect(), "judges"),
        ];
        if !self.strategies.is_empty() {
            parts.push(one(self.strategies.iter().map(|strategy| strategy.name.as_str()).collect(), "strategies"));
        }
        let safe = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
        let mut name: String = parts.join("-").chars().map(safe).collect();
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
        let fields = config::differences(&ConfigFile::default(), record);
        let hash = fields.iter().fold(Fields::new("tribunal run name v1"), |hash, field| hash.text(field)).finish();
        format!("{name}-{}", hash.short(6))
    }

    async fn ask(&self, cells: &[Cell<'_>], store: &Store, wish: &mut Wish) -> Result<Asked, Trouble> {
        let settings =
            Settings { concurrency: self.resolved.concurrency, backoff: Backoff::default(), offline: self.offline };
        let (progress, counters) = watch::channel(crate::run::Counters::default());
        let (stop_sender, stop) = watch::channel(false);
        let driver = Driver::new(cells, settings, progress);
        tokio::select! {
            asked = driver.run(store, stop) => Ok(asked?),
            () = wish.came_twice(&stop_sender) => Err(Trouble::new(Exit::Interrupted, "left at once; what was stored is kept")),
            () = progress::show(counters) => Err(Trouble::new(Exit::Unexpected, "the progress line ended")),
        }
    }

    /// Reads all verdicts, scores them, and writes `judgments.jsonl` and `report.json`.
    fn write(
        &self,
        cells: &[Cell<'_>],
        asked: Option<&Asked>,
        store: Option<&Store>,
        folder: &RunFolder,
    ) -> Result<Report, Trouble> {
        let policy: Policy = self.resolved.policy;
        let mut reports = Vec::new();
        folder.write::<Trouble>("judgments.jsonl", |out| {
            let mut lines = JudgmentWriter::new(out);
            for (at, cell) in cells.iter().enumerate() {
                let keys = asked.map_or(&[][..], |asked| &asked.keys[at]);
                let collected = collect(cell, keys, store, |judgment| lines.write(cell, judgment))?;
                let scored = score_cell(cell.bench, cell.plan, &collected.verdicts, policy);
                reports.push(report::cell_report(cell, policy, &collected, scored));
            }
            Ok(())
        })?;
        let report = Report::new(self.resolved.seed, reports);
        folder.write_text("report.json", &report.to_json().map_err(std::io::Error::from)?)?;
        Ok(report)
    }
}

#[derive(Serialize)]
struct Invocation<'a> {
    tribunal: &'a str,
    started_at: i64,
    seconds: f64,
    planned: usize,
    found: usize,
    answered: usize,
    given_up: usize,
    attempts: usize,
    retries: usize,
    latency_ms: Latency,
    interrupted: bool,
    stopped: Vec<String>,
}

/// Quantiles in milliseconds; `None` where nothing was answered.
#[derive(Serialize)]
struct Latency {
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
}

/// What this invocation did, as a line of `invocations.jsonl`.
fn invocation(asked: &Asked, started_at: i64, seconds: f64) -> Result<String, Trouble> {
    let mut latencies: Vec<f64> = asked.latencies.iter().map(|latency| latency.as_secs_f64() * 1000.0).collect();
    latencies.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = latencies.len().checked_sub(1)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
        latencies.get((share * last as f64).round() as usize).copied()
    };
    let counters = asked.counters;
    let line = Invocation {
        tribunal: env!("CARGO_PKG_VERSION"),
        started_at,
        seconds,
        planned: counters.planned,
        found: counters.found,
        answered: counters.answered,
        given_up: counters.given_up,
        attempts: counters.attempts,
        retries: counters.retries,
        latency_ms: Latency { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: quantile(1.0) },
        interrupted: asked.interrupted,
        stopped: asked
            .stopped
            .iter()
            .map(|(judge, stopped)| format!("{judge}: {}", stopped.failure().message))
            .collect(),
    };
    serde_json::to_string(&line).map_err(|error| Trouble::new(Exit::Unexpected, format!("invocations.jsonl: {error}")))
}

/// Says what is missing and why, and how the program ends.
fn conclude(report: &Report, asked: Option<&Asked>, offline: bool) -> Exit {
    let (asks, answered) = report
        .cells
        .iter()
        .fold((0, 0), |(asks, answered), cell| (asks + cell.usage.asks, answered + cell.usage.answered));
    let mut exit = if report.complete { Exit::Complete } else { Exit::Incomplete };
    if let Some(asked) = asked {
        for (judge, stopped) in &asked.stopped {
            super::complain(&format!("judge `{judge}`: {}", stopped.failure().message));
            if matches!(stopped, Stopped::Refused(_)) {
                exit = Exit::Refused;
            }
        }
        let given_up = asked.counters.given_up;
        if let (true, Some(failure)) = (asked.stopped.is_empty() && given_up > 0, &asked.last_failure) {
            super::complain(&format!("given up: {}; the last failure: {}", counted(given_up, "ask"), failure.message));
        }
        if asked.interrupted {
            exit = Exit::Interrupted;
        }
    }
    if !report.complete {
        let why = if offline { "; nothing was sent, for --offline says so" } else { "" };
        note(&format!(
            "incomplete: {} of {} asks have no reply{why}. What was had is kept; the same command asks only for the rest",
            count(asks - answered),
            count(asks)
        ));
    }
    exit
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

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
