//! `tribunal prompts`: the ways of asking.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::{Exit, Trouble, say};
use crate::mistake::did_you_mean;
use crate::strategy;

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
    }
    Ok(Exit::Complete)
}
