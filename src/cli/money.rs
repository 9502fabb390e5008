//! What a run will cost: the estimate, the question before money is spent, and the purse that it is paid out of.

use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _, Write as _};

use super::{Exit, Trouble, aside, note};
use crate::config::Resolved;
use crate::judge::{EndpointJudge, Judge, JudgeKind};
use crate::money::Usd;
use crate::report::{RunFolder, Width, count, estimate_table, estimated_cost, together};
use crate::run::{Cell, CellEstimate, estimate};
use crate::store::{Purse, RunId, Store};
use crate::strategy::Strategy;

/// The file of a run's folder that holds its name in the ledger.
const RUN_ID: &str = "run.id";

/// A budget needs to know what the most is that an ask may cost.
pub(super) fn check(resolved: &Resolved, judges: &[Judge], strategies: &[Strategy]) -> Result<(), Trouble> {
    if resolved.budget.is_none() {
        return Ok(());
    }
    for judge in judges {
        if let JudgeKind::Endpoint(endpoint) = &judge.kind
            && endpoint.prices.is_none()
            && !endpoint.simulated
        {
            return Err(Trouble::usage(format!(
                "--budget: nobody knows what judge `{}` costs: give its [[judge]] a price = {{ input = ..., output = ... }} in US dollars a \
                 million tokens, or name a file of prices with --prices",
                judge.name
            )));
        }
    }
    let is_endless = |strategy: &&Strategy| {
        let mut steps = strategy.steps.iter().map(|step| &step.sampling);
        strategy.sampling.limit().is_none() || steps.any(|sampling| sampling.limit().is_none())
    };
    match strategies.iter().find(is_endless) {
        Some(strategy) => Err(Trouble::usage(format!(
            "--budget: strategy `{}` does not limit its replies, and so one of them may cost anything: set max_tokens in its [sampling]",
            strategy.name
        ))),
        None => Ok(()),
    }
}

/// Shows what the run will take and asks whether to go on, where it costs money and anything new is asked.
pub(super) fn confirm(
    resolved: &Resolved,
    cells: &[Cell<'_>],
    judges: &[Judge],
    store: &Store,
    yes: bool,
) -> Result<(), Trouble> {
    if yes || !judges.iter().filter_map(endpoint).any(costs_money) {
        return Ok(());
    }
    let estimates = estimate(cells, resolved.concurrency, Some(store))?;
    let new: usize = estimates.iter().filter(|one| one_costs(&cells[one.cell])).map(|one| one.new).sum();
    if new == 0 {
        return Ok(());
    }
    let cost = match estimated_cost(&estimates) {
        Some(cost) => format!("about {cost}"),
        None => "money, and nobody knows how much, for a price is missing".to_owned(),
    };
    let cap = resolved.budget.map_or_else(String::new, |cap| format!("; it stops before {cap}"));
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Trouble::usage(format!(
            "this run asks {} things that cost {cost}{cap}, and there is no terminal to ask you on: say --yes to go on; `tribunal estimate` \
             with the same arguments shows more",
            count(new)
        )));
    }
    aside(&estimate_table(&estimates, cells, Width::of_terminal()));
    aside(&format!("This costs {cost}{cap}. Go on? [y/N] "));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" if read.is_ok() => Ok(()),
        _ => Err(Trouble::new(Exit::Usage, "nothing was sent: the answer was not y")),
    }
}

/// Writes the estimate.
pub(super) fn tell(estimates: &[CellEstimate], cells: &[Cell<'_>], budget: Option<Usd>) -> String {
    let mut text = estimate_table(estimates, cells, Width::of_terminal());
    if let (Some(cap), Some(usd)) = (budget, together(estimates).usd)
        && usd.high * 1e9 > cap.nanos() as f64
    {
        let _ = writeln!(text, "a budget of {cap} may end it early");
    }
    text
}

/// What was spent, now and ever.
pub(super) fn spent(store: &Store, purse: Purse, now: Usd) -> Result<String, Trouble> {
    let ledger = store.ledger(purse.run)?.unwrap_or_default();
    let lost = match ledger.written_off {
        Usd::ZERO => String::new(),
        lost => format!(", {lost} of it for what was on its way when a run was killed"),
    };
    let cap = purse.cap.map_or_else(String::new, |cap| format!(" of {cap}"));
    Ok(format!("spent: {now} now, {}{cap} in this folder ever{lost}", ledger.at_worst()))
}

/// The purse of a run's folder, where anything in it has a price. A folder whose spending another store has booked is refused under a budget.
pub(super) fn purse(
    resolved: &Resolved,
    judges: &[Judge],
    folder: &RunFolder,
    store: &Store,
) -> Result<Option<Purse>, Trouble> {
    if !judges.iter().filter_map(endpoint).any(|judge| judge.prices.is_some()) {
        return Ok(None);
    }
    let there = folder.read(RUN_ID)?;
    let is_known = there.is_some();
    let text = match there {
        Some(text) => text,
        None => folder.write_once(RUN_ID, &format!("{}\n", folder.new_id()))?,
    };
    let run = run_id(&text).ok_or_else(|| {
        let path = folder.file(RUN_ID);
        Trouble::usage(format!(
            "{}: expected 32 hexadecimal digits: this names the run in the store's ledger; take another folder with --out",
            path.display()
        ))
    })?;
    match store.ledger(run)? {
        Some(ledger) if ledger.booked > Usd::ZERO => note(&format!("spent so far in this folder: {}", ledger.booked)),
        Some(_) => {}
        None if is_known && resolved.budget.is_some() => {
            return Err(Trouble::usage(format!(
                "{} was paid for out of another store than {}, which knows nothing of what was spent: name that one with --store, or another \
                 folder with --out",
                folder.path().display(),
                store.path().display()
            )));
        }
        None => store.open_ledger(run)?,
    }
    Ok(Some(Purse { run, cap: resolved.budget }))
}

fn run_id(text: &str) -> Option<RunId> {
    let digits = text.trim();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    let mut id = [0; 16];
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(id)
}

fn endpoint(judge: &Judge) -> Option<&EndpointJudge> {
    match &judge.kind {
        JudgeKind::Endpoint(endpoint) if !endpoint.simulated => Some(endpoint),
        _ => None,
    }
}

fn one_costs(cell: &Cell<'_>) -> bool {
    endpoint(cell.judge).is_some_and(costs_money)
}

/// Whether asking it costs money, as far as anybody can tell: it has a price, or it is somebody else's and none is known.
fn costs_money(judge: &EndpointJudge) -> bool {
    match &judge.prices {
        Some(prices) => !prices.are_free(),
        None => judge.replicas.iter().any(|replica| !replica.endpoint.is_near()),
    }
}
