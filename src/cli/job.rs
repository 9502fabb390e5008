//! A run from its configuration to its report: plans, asks, scores, writes.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use tokio::sync::watch;

use super::attack::Attacks;
use super::conclude::{End, conclude, invocation};
use super::enough::{KnownWell, known};
use super::shape::Shape;
use super::stop::Wish;
use super::{Exit, Trouble, deadline, money, note, progress, prompt, say, setup};
use crate::ask::{Form, estimated_tokens};
use crate::bench::Bench;
use crate::clock::{self, Moment};
use crate::config::{self, ConfigFile, Hashes, Resolved};
use crate::digest::Fields;
use crate::judge::{Judge, JudgeKind};
use crate::pace::Backoff;
use crate::plan::{Ask, Plan};
use crate::report::{
    self, CONFIG, ITEMS, JUDGMENTS, JudgmentWriter, REPORT, Report, RunFolder, Width, count, counted, write_items,
};
use crate::run::{Asked, Cell, Collected, Driver, Progress, Settings, collect, estimate, messages, step_messages};
use crate::score::{Heard, Policy, judge_family, score_cell};
use crate::store::{Purse, Store};
use crate::strategy::Strategy;

/// The longest name of a folder that is made up for a run, in bytes, without the hash at its end.
const LONGEST_NAME: usize = 120;

/// Prompts of each strategy that a dry run shows.
const DRY_PROMPTS: usize = 3;

/// The most candidates that are shown in one ask.
const LONGEST_LIST: usize = 256;

/// Everything that is read before the first request.
pub(super) struct Job {
    pub(super) resolved: Resolved,
    pub(super) benches: Vec<Bench>,
    pub(super) strategies: Vec<Strategy>,
    /// Where there are attacks, each benchmark is followed by the same under attack.
    pub(super) attacks: Option<Attacks>,
    /// The hashes of what was read.
    pub(super) hashes: Hashes,
    pub(super) how: How,
}

/// How this invocation goes about it, whatever the configuration.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct How {
    /// Whether nothing is sent.
    pub(super) offline: bool,
    /// Whether cells whose first replies hold no verdict are stopped.
    pub(super) canary: bool,
    /// Whether asks that were refused for good are asked again.
    pub(super) retry_failed: bool,
    /// How progress is written.
    pub(super) log_format: progress::LogFormat,
    /// Whether the person wants no question.
    pub(super) yes: bool,
    /// When it is to end.
    pub(super) deadline: Option<Moment>,
}

/// One benchmark under one strategy's way of telling comparisons apart.
pub(super) struct Planned<'a> {
    bench: &'a Bench,
    strategy: Option<&'a Strategy>,
    plan: Plan,
}

impl Planned<'_> {
    /// How many prompts there are, those of steps too, and about how many tokens they are.
    fn size(&self, strategy: &Strategy) -> Result<(usize, usize), Trouble> {
        let Self { bench, plan, .. } = self;
        let replies = prompt::unknown_replies(strategy);
        let (mut units, mut prompts, mut tokens) = (HashSet::new(), 0, 0);
        for ask in plan.judgments().filter(|ask| !plan.comparison(ask.comparison).is_equal()) {
            for (at, step) in strategy.steps.iter().enumerate() {
                if units.insert((at, plan.unit(ask, step.is_by_comparison(), step.uses_group()), ask.sample)) {
                    prompts += 1;
                    tokens += estimated_tokens(&step_messages(bench, plan, strategy, ask, &replies[..at])?);
                }
            }
            prompts += 1;
            tokens += estimated_tokens(&messages(bench, plan, strategy, ask, &replies)?);
        }
        Ok((prompts, tokens))
    }

    /// Says how often each earlier step is asked.
    fn note_steps(&self) {
        let Some(strategy) = self.strategy else { return };
        for step in &strategy.steps {
            let asks = self.plan.step_count(step.is_by_comparison(), step.uses_group());
            let unit = if step.is_by_comparison() { "comparison" } else { "conversation" };
            note(&format!(
                "{}: {}: step {} is {} more a judge, per {unit}",
                self.bench.name,
                strategy.name,
                step.name,
                counted(asks, "distinct ask")
            ));
        }
    }
}

impl Job {
    /// Asks, scores, reports.
    pub(super) async fn run(self) -> Result<Exit, Trouble> {
        let (judges, servers) = setup::judges(&self.resolved).await?;
        self.remark(&judges);
        money::check(&self.resolved, &judges, &self.strategies)?;
        let plans = self.plans()?;
        let cells = self.cells(&judges, &plans);
        let store = if judges.iter().any(|judge| matches!(judge.kind, JudgeKind::Endpoint(_))) {
            Some(self.store()?)
        } else {
            None
        };
        if let Some(store) = store.as_ref().filter(|_| !self.how.offline) {
            money::confirm(&self.resolved, &cells, &judges, store, self.how.yes)?;
        }
        let mut wish = Wish::listen()?;
        let folder = self.folder(&judges)?;
        let purse = match store.as_ref().filter(|_| !self.how.offline) {
            Some(store) => money::purse(&self.resolved, &judges, &folder, store)?,
            None => None,
        };
        let started = (clock::unix_millis(), clock::now());
        let asked = match &store {
            Some(store) => Some(self.ask(&cells, store, purse, &mut wish).await?),
            None => None,
        };
        let asking = (clock::now() - started.1).as_secs_f64();
        drop(servers);
        let leaving = wish.leave_when_it_comes();
        let report = self.write(&cells, asked.as_ref(), store.as_ref(), &folder)?;
        if let Some(asked) = &asked {
            let seconds = (clock::now() - started.1).as_secs_f64();
            folder.append_line("invocations.jsonl", &invocation(asked, started.0, (asking, seconds))?)?;
        }
        say(&report::table(std::slice::from_ref(&report), Width::of_terminal()))?;
        leaving.abort();
        if let Some(asked) = &asked {
            let counters = asked.counters;
            if self.how.log_format == progress::LogFormat::Json {
                progress::log(counters);
            }
            let (found, came) = (count(counters.found), count(counters.answered));
            note(&format!(
                "replies: {found} had already, {came} came now, in {}",
                counted(counters.attempts, "request")
            ));
            if let (Some(store), Some(purse)) = (&store, purse) {
                note(&money::spent(store, purse, counters.spent)?);
            }
            for (at, cell) in report.cells.iter().enumerate().filter(|(at, _)| asked.enough[*at]) {
                note(&report::precision_line(cell, cells[at].plan.ask_count()));
            }
        }
        note(&format!("written: {}", folder.path().display()));
        let end = End { offline: self.how.offline, in_time: !deadline::has_passed(self.how.deadline) };
        Ok(conclude(&report, asked.as_ref(), &cells, end))
    }

    fn store(&self) -> Result<Store, Trouble> {
        let path = &self.resolved.store;
        let store = if self.how.offline { Store::open_offline(path) } else { Store::open(path) }?;
        if let Some(remark) = store.remark() {
            note(remark);
        }
        Ok(store)
    }

    /// Shows what a run would take, and sends nothing.
    pub(super) async fn estimate(self, shape: Shape) -> Result<Exit, Trouble> {
        let (judges, _servers) = setup::judges(&self.resolved).await?;
        let plans = self.plans()?;
        let cells = self.cells(&judges, &plans);
        let store = self.resolved.store.exists().then(|| Store::open_offline(&self.resolved.store)).transpose()?;
        let estimates = estimate(&cells, self.resolved.concurrency, store.as_ref())?;
        if shape == Shape::Json {
            say(&report::estimate_json(&estimates, &cells).map_err(std::io::Error::from)?)?;
        } else if estimates.is_empty() {
            note("baselines and recorded replies cost nothing");
        } else {
            say(&money::tell(&estimates, &cells, self.resolved.budget))?;
        }
        if self.strategies.iter().any(|strategy| strategy.rule.reask > 0) {
            note(
                "of asks that are asked again for want of a verdict, the first try alone is foretold; the most counts all tries",
            );
        }
        note("nothing was sent");
        Ok(Exit::Complete)
    }

    /// Shows what would be asked, and sends nothing.
    pub(super) fn show(&self) -> Result<Exit, Trouble> {
        let mut text = String::new();
        for planned in self.plans()? {
            let Some(strategy) = planned.strategy else { continue };
            let (prompts, tokens) = planned.size(strategy)?;
            note(&format!(
                "{}: {} of about {} tokens in all, for each judge",
                strategy.name,
                counted(prompts, "prompt"),
                count(tokens)
            ));
            for ask in spread(&planned.plan, DRY_PROMPTS) {
                text += &prompt::shown(planned.bench, &planned.plan, strategy, ask)?;
            }
        }
        if self.strategies.is_empty() {
            note("baselines are shown no prompt");
        }
        say(&text)?;
        note("nothing was sent");
        Ok(Exit::Complete)
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
        let knows = |item: &str, order: Option<&[usize]>| {
            let candidates = items.get(item).copied();
            let (mut shown, mut is_of_item) = (HashSet::new(), candidates.is_some());
            for candidate in order.unwrap_or_default() {
                is_of_item &= shown.insert(*candidate) && candidates.is_some_and(|candidates| *candidate < candidates);
            }
            is_of_item && order.is_none_or(|order| !order.is_empty())
        };
        for judge in judges {
            let JudgeKind::Replay(replay) = &judge.kind else { continue };
            let (all, unknown) = replay.count(knows);
            if unknown > 0 {
                note(&format!(
                    "judge {}: {} of {} recorded replies are of no item here, or of an order that is none of its candidates",
                    judge.name,
                    count(unknown),
                    count(all)
                ));
            }
        }
    }

    /// Plans every benchmark for every strategy, and says what comes of it.
    fn plans(&self) -> Result<Vec<Planned<'_>>, Trouble> {
        let plans = self.planned()?;
        for bench in &self.benches {
            if self.resolved.limit.is_some() {
                note(&format!("{}: {}", bench.name, report::limit_line(bench)));
            }
            let mut told = HashSet::new();
            for planned in plans.iter().filter(|planned| std::ptr::eq(planned.bench, bench)) {
                // Once for each form: strategies of one form come to the same, but for groups.
                if told.insert(planned.plan.form) {
                    for line in report::plan_lines(bench, &planned.plan) {
                        note(&format!("{}: {line}", bench.name));
                    }
                }
                planned.note_steps();
            }
        }
        Ok(plans)
    }

    /// Plans every benchmark for every strategy.
    pub(super) fn planned(&self) -> Result<Vec<Planned<'_>>, Trouble> {
        let Resolved { seed, orders, samples, judges, .. } = &self.resolved;
        let mut plans = Vec::new();
        for (place, bench) in self.benches.iter().enumerate() {
            let slots = |plan| if self.attacks.is_some() { Attacks::plan(plan, place) } else { plan };
            if judges.iter().any(|judge| !judge.kind.needs_strategy()) {
                let plan = slots(Plan::new(bench, *seed, *orders, *samples, false));
                plans.push(Planned { bench, strategy: None, plan });
            }
            for strategy in &self.strategies {
                refuse_long_lists(strategy, bench)?;
                let plan = Plan::of_form(bench, strategy.form, *seed, *orders, *samples, strategy.uses_group());
                plans.push(Planned { bench, strategy: Some(strategy), plan: slots(plan) });
            }
        }
        Ok(plans)
    }

    /// The product of judges and plans.
    pub(super) fn cells<'a>(&self, judges: &'a [Judge], plans: &'a [Planned<'a>]) -> Vec<Cell<'a>> {
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
        let record = config::record(&self.resolved, &self.hashes, judges, &self.strategies);
        let text =
            toml::to_string(&record).map_err(|error| Trouble::new(Exit::Unexpected, format!("run.toml: {error}")))?;
        let path = match &self.resolved.out {
            Some(path) => path.clone(),
            None => Path::new("runs").join(self.name(judges, &record)),
        };
        let folder = RunFolder::create(&path)?;
        let Some(there) = folder.read(CONFIG)? else {
            folder.write_text(CONFIG, &text)?;
            return Ok(folder);
        };
        let there = ConfigFile::parse(&there, &folder.file(CONFIG))?;
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
            one(self.resolved.benches.iter().map(|bench| bench.name.as_str()).collect(), "benches"),
            one(judges.iter().map(|judge| judge.name.as_str()).collect(), "judges"),
        ];
        if !self.strategies.is_empty() {
            parts.push(one(self.strategies.iter().map(|strategy| strategy.name.as_str()).collect(), "strategies"));
        }
        parts.extend(self.attacks.as_ref().map(|_| "attack".to_owned()));
        let safe = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
        let mut name: String = parts.join("-").chars().map(safe).collect();
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
        let fields = config::differences(&ConfigFile::default(), record);
        let hash = fields.iter().fold(Fields::new("tribunal run name v1"), |hash, field| hash.text(field)).finish();
        format!("{name}-{}", hash.short(6))
    }

    async fn ask(
        &self,
        cells: &[Cell<'_>],
        store: &Store,
        purse: Option<Purse>,
        wish: &mut Wish,
    ) -> Result<Asked, Trouble> {
        let How { offline, canary, retry_failed, .. } = self.how;
        let concurrency = self.resolved.concurrency;
        let settings = Settings { concurrency, backoff: Backoff::default(), offline, canary, retry_failed, purse };
        let (counters, counted) = watch::channel(crate::run::Counters::default());
        let (trouble, troubles) = watch::channel(None);
        let (stop_sender, stop) = watch::channel(false);
        let mut driver = Driver::new(cells, settings, Progress { counters, trouble });
        if let Some(aim) = self.resolved.precision {
            driver = driver.until(Box::new(KnownWell::new(cells, self.resolved.policy, aim)));
        }
        tokio::select! {
            asked = driver.run(store, stop) => Ok(asked?),
            () = wish.came_twice(&stop_sender) => Err(Trouble::new(Exit::Interrupted, "left at once; what was stored is kept")),
            () = deadline::pass(self.how.deadline, &stop_sender) => Err(Trouble::new(Exit::Unexpected, "the time never ends")),
            () = progress::tell(troubles) => Err(Trouble::new(Exit::Unexpected, "the troubles ended")),
            () = progress::show(counted, self.how.log_format) => Err(Trouble::new(Exit::Unexpected, "the progress line ended")),
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
        let (mut reports, mut items) = (Vec::new(), Vec::new());
        folder.write::<Trouble>(JUDGMENTS, |out| {
            let mut lines = JudgmentWriter::new(out);
            for (at, cell) in cells.iter().enumerate() {
                let keys = asked.map_or(&[][..], |asked| &asked.keys[at]);
                let collected = collect(cell, keys, store, |judgment| lines.write(cell, judgment))?;
                let mut scored = score_cell(cell.bench, cell.plan, heard(cell, &collected), policy);
                items.push(std::mem::take(&mut scored.items));
                let precision = self.resolved.precision.and_then(|aim| known(cell, policy, aim, &collected.verdicts));
                reports.push(report::cell_report(cell, policy, &collected, scored, precision));
            }
            Ok(())
        })?;
        folder.write::<Trouble>(ITEMS, |out| {
            cells.iter().zip(&items).try_for_each(|(cell, items)| Ok(write_items(out, cell, items)?))
        })?;
        let mut report = Report::new(self.resolved.seed, reports);
        if let Some(attacks) = &self.attacks {
            report.attacks = attacks.reports(&self.benches, cells, &items);
        }
        folder.write_text(REPORT, &report.to_json().map_err(std::io::Error::from)?)?;
        Ok(report)
    }
}

/// What is scored of what was collected.
fn heard<'a>(cell: &Cell<'_>, collected: &'a Collected) -> Heard<'a> {
    let family = judge_family(collected.models.keys().map(String::as_str), &cell.judge.name);
    Heard { verdicts: &collected.verdicts, preferences: &collected.preferences, family }
}

/// A list is shown whole, and slots have numbers up to 255.
fn refuse_long_lists(strategy: &Strategy, bench: &Bench) -> Result<(), Trouble> {
    let long = bench.items.iter().find(|item| strategy.form == Form::Listwise && item.candidates.len() > LONGEST_LIST);
    let Some(item) = long else { return Ok(()) };
    let n = item.candidates.len();
    let (name, id) = (&strategy.name, &item.id);
    Err(Trouble::usage(format!(
        "{}: item {id} has {n} candidates, and strategy {name} shows a list whole: at most {LONGEST_LIST}",
        bench.name
    )))
}

/// Some of a plan's asks, from its beginning to its end.
fn spread(plan: &Plan, most: usize) -> Vec<Ask> {
    let asks: Vec<Ask> = plan.judgments().filter(|ask| !plan.comparison(ask.comparison).is_equal()).collect();
    let n = most.min(asks.len());
    (0..n).map(|at| asks[at * (asks.len() - 1) / (n - 1).max(1)]).collect()
}
