//! `tribunal prompts`: the ways of asking.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::values::bench;
use super::{Exit, Trouble, note, prompt, say, setup};
use crate::ask::Role;
use crate::bench::{self, Bench};
use crate::config::strategy_named;
use crate::mistake::{did_you_mean, of_system};
use crate::plan::{Orders, Plan};
use crate::report::{Width, counted, plain, wrapped};
use crate::strategy::{self, Strategy};

/// What `tribunal prompts` is told.
#[derive(Debug, Args)]
pub(super) struct PromptsArguments {
    #[command(subcommand)]
    command: PromptsCommand,
}

#[derive(Debug, Subcommand)]
enum PromptsCommand {
    /// List the shipped strategies
    List,
    /// Print the file of a shipped strategy: a start for one of your own
    #[command(
        after_help = "Example:\n  tribunal prompts show pairwise-explain > mine.toml\n  tribunal run --strategy mine.toml"
    )]
    Show {
        /// Its name
        name: String,
    },
    /// Print the prompts of an item exactly as they are sent, with the tokens they are likely to be
    #[command(after_help = "Example:\n  tribunal prompts render mine.toml --bench rmb=RMB_dataset --item bon/17")]
    Render {
        /// A shipped strategy, or a file ending in .toml
        strategy: String,
        /// A benchmark; the embedded sample if none is named
        #[arg(long, value_name = "NAME=PATH", value_parser = bench)]
        bench: Option<(String, PathBuf)>,
        /// The item's id, such as pairwise/12; the first item if none is named
        #[arg(long, value_name = "ID")]
        item: Option<String>,
        /// Seed of the order of the candidates
        #[arg(long, value_name = "N", default_value_t = 0)]
        seed: u64,
        /// seeded: in the order that the seed draws; both: in the other as well
        #[arg(long, value_name = "seeded|both", default_value = "seeded")]
        orders: Orders,
    },
    /// Make strategy files of FastChat's judge prompts (`judge_prompts.jsonl`), which send the same messages
    #[command(after_help = "Example:\n  tribunal prompts import judge_prompts.jsonl --out prompts")]
    Import {
        /// The file of judge prompts
        file: PathBuf,
        /// The folder for the strategy files
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
    /// Check a strategy, and warn of what is allowed and seldom meant
    #[command(after_help = "Example:\n  tribunal prompts check mine.toml --bench rmb=RMB_dataset")]
    Check {
        /// A shipped strategy, or a file ending in .toml
        strategy: String,
        /// A benchmark that it is for
        #[arg(long, value_name = "NAME=PATH", value_parser = bench)]
        bench: Option<(String, PathBuf)>,
    },
}

pub(super) fn prompts(arguments: &PromptsArguments) -> Result<Exit, Trouble> {
    let names = strategy::shipped_names();
    match &arguments.command {
        PromptsCommand::List => {
            let widest = names.iter().map(|name| name.len()).max().unwrap_or_default();
            let mut text = String::new();
            for name in names {
                if let Some(strategy) = strategy::shipped(name) {
                    let _ = writeln!(text, "{name:widest$}  {}", strategy?.description);
                }
            }
            say(&text)?;
        }
        PromptsCommand::Import { file, out } => import(file, out)?,
        PromptsCommand::Show { name } => {
            let Some(source) = strategy::shipped_source(name) else {
                let hint = did_you_mean(name, names.iter().copied());
                return Err(Trouble::usage(format!(
                    "no shipped strategy is called `{name}`{hint} (there are {})",
                    names.join(", ")
                )));
            };
            say(source)?;
        }
        PromptsCommand::Render { strategy, bench, item, seed, orders } => {
            let strategy = setup::strategy_at(&strategy_named(strategy)?.place)?;
            let bench = open(bench.as_ref())?;
            say(&rendered(&strategy, &bench, item.as_deref(), *seed, *orders)?)?;
        }
        PromptsCommand::Check { strategy, bench } => {
            let strategy = setup::strategy_at(&strategy_named(strategy)?.place)?;
            say(&checked(&strategy, bench.as_ref())?)?;
        }
    }
    Ok(Exit::Complete)
}

/// Writes a strategy file for each prompt; none that is there is written over.
fn import(file: &Path, out: &Path) -> Result<(), Trouble> {
    let wrong =
        |path: &Path, error: &std::io::Error| Trouble::usage(format!("{}: {}", path.display(), of_system(error)));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(file, &error))?;
    let strategies =
        strategy::from_fastchat(&text).map_err(|problem| Trouble::usage(format!("{}, {problem}", file.display())))?;
    std::fs::create_dir_all(out).map_err(|error| wrong(out, &error))?;
    for strategy in &strategies {
        let path = out.join(format!("{}.toml", strategy.name));
        let mut created = std::fs::File::create_new(&path).map_err(|error| wrong(&path, &error))?;
        created.write_all(strategy.text.as_bytes()).map_err(|error| wrong(&path, &error))?;
        note(&format!("written: {}", path.display()));
    }
    Ok(())
}

fn open(bench: Option<&(String, PathBuf)>) -> Result<Bench, Trouble> {
    Ok(match bench {
        Some((name, path)) => bench::open(path, name, None)?,
        None => bench::sample()?,
    })
}

/// Every comparison of an item, in every order.
fn rendered(
    strategy: &Strategy,
    bench: &Bench,
    id: Option<&str>,
    seed: u64,
    orders: Orders,
) -> Result<String, Trouble> {
    let at = match id {
        None => 0,
        Some(id) => bench.items.iter().position(|item| item.id == id).ok_or_else(|| unknown_item(bench, id))?,
    };
    let plan = Plan::of_form(bench, strategy.form, seed, orders, 1, strategy.uses_group());
    let mut text = String::new();
    for leg in plan.legs_of_item(at) {
        if plan.comparison(leg.comparison).is_equal() {
            text += "=== candidates whose texts are equal: a tie by definition, never asked about\n\n";
            continue;
        }
        for order in 0..plan.orders_of(leg.comparison) {
            let ask = plan.judgment(plan.places(leg.comparison, order).start);
            text += &prompt::shown(bench, &plan, strategy, ask)?;
        }
    }
    Ok(text)
}

fn unknown_item(bench: &Bench, id: &str) -> Trouble {
    let hint = did_you_mean(id, bench.items.iter().map(|item| item.id.as_str()));
    let first = bench.items.first().map_or("", |item| item.id.as_str());
    Trouble::usage(format!("--item: {} has no item `{id}`{hint} (its first is `{first}`)", bench.name))
}

fn checked(strategy: &Strategy, bench: Option<&(String, PathBuf)>) -> Result<String, Trouble> {
    let has_several_turns = match bench {
        Some(named) => open(Some(named))?
            .conversations
            .iter()
            .any(|turns| turns.iter().filter(|turn| turn.role != Role::System).count() > 1),
        None => true,
    };
    let warnings = strategy.warnings(has_several_turns)?;
    let mut text = match warnings.len() {
        0 => format!("{}: nothing to warn of\n", plain(&strategy.name)),
        n => format!("{}: {}\n", plain(&strategy.name), counted(n, "warning")),
    };
    for warning in warnings {
        text += &wrapped(&format!("- {warning}"), 2, Width::of_terminal());
    }
    text += &wrapped(&format!("It reads {}", strategy.rule), 2, Width::of_terminal());
    Ok(text)
}
