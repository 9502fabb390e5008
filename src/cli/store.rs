//! `tribunal store`: whether a store is sound, and what can be saved of one that is not.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Exit, Trouble, note, say};
use crate::judge::read_reply;
use crate::report::{Width, count, listing, plain, wrapped};
use crate::store::{self, Examined, Holdings};

/// What `tribunal store` is told.
#[derive(Debug, Args)]
pub(super) struct StoreArguments {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Look at every page and every reply of a store, and tell what it holds
    #[command(after_help = "Example:\n  tribunal store check tribunal.db\n\n\
        Nothing is changed. The exit code is 0 if the store is sound, and 2 if it is damaged.")]
    Check(CheckArguments),
    /// Save what can be read of a damaged store into a new one
    #[command(after_help = "Example:\n  tribunal store repair tribunal.db --out tribunal-repaired.db\n  \
        tribunal run --store tribunal-repaired.db\n\n\
        The damaged file is only read. End what uses it first. A run on the new store asks again only for what was lost.")]
    Repair(RepairArguments),
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// The store
    file: PathBuf,
}

#[derive(Debug, Args)]
struct RepairArguments {
    /// The damaged store
    file: PathBuf,
    /// The new store; there must be no such file
    #[arg(long, value_name = "NEW")]
    out: PathBuf,
}

pub(super) fn store(arguments: &StoreArguments) -> Result<Exit, Trouble> {
    match &arguments.command {
        StoreCommand::Check(arguments) => check(arguments),
        StoreCommand::Repair(arguments) => repair(arguments),
    }
}

fn is_reply(body: &str) -> bool {
    read_reply(body).is_ok()
}

fn check(arguments: &CheckArguments) -> Result<Exit, Trouble> {
    let examined = store::examine(&arguments.file, is_reply)?;
    say(&told(&arguments.file, &examined, Width::of_terminal()))?;
    examined.trouble(&arguments.file).map_or(Ok(Exit::Complete), |trouble| Err(trouble.into()))
}

/// The conclusion, the file, what is wrong with it, and what it holds of each judge.
fn told(file: &Path, examined: &Examined, width: Width) -> String {
    let sum = |part: fn(&Holdings) -> u64| examined.judges.values().map(part).sum();
    let held = holdings(sum(|held| held.replies), sum(|held| held.attempts));
    let is_sound = examined.findings.is_empty();
    let conclusion = if is_sound {
        format!("sound: {held}")
    } else {
        format!("damaged: {held} can still be reached; a repair may find more")
    };
    let mut text = wrapped(&conclusion, 2, width);
    let line = format!(
        "{}: {} bytes, format {}, journal {}",
        file.display(),
        count(examined.bytes),
        examined.format,
        examined.journal
    );
    text.push_str(&wrapped(&plain(&line), 2, width));
    for found in &examined.findings {
        text.push_str(&wrapped(&plain(&format!("damage: {found}")), 8, width));
    }
    let row = |(judge, held): (&String, &Holdings)| [judge.clone(), count(held.replies), count(held.attempts)];
    let rows: Vec<[String; 3]> = examined.judges.iter().map(row).collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&listing(["judge", "replies", "failed attempts"], &rows, width));
    }
    text
}

fn repair(arguments: &RepairArguments) -> Result<Exit, Trouble> {
    let repaired = store::repair(&arguments.file, &arguments.out, is_reply)?;
    let (replies, attempts) = (repaired.replies, repaired.attempts);
    let new = arguments.out.display();
    let saved = format!("saved: {} in {new}", holdings(replies.saved, attempts.saved));
    let lost = match (replies.lost + attempts.lost, replies.is_all && attempts.is_all) {
        (0, true) => "lost: nothing".to_owned(),
        (0, false) => "lost: nothing that is known of, though not all of the file could be read".to_owned(),
        (_, true) => format!("lost: {}", holdings(replies.lost, attempts.lost)),
        (_, false) => format!("lost: {}, and maybe more", holdings(replies.lost, attempts.lost)),
    };
    let width = Width::of_terminal();
    let lines = [saved, lost, format!("{} is as it was", arguments.file.display())];
    say(&lines.iter().map(|line| wrapped(&plain(line), 2, width)).collect::<String>())?;
    note(&format!("a run with --store {new} asks again only for what was lost"));
    Ok(Exit::Complete)
}

fn holdings(replies: u64, attempts: u64) -> String {
    let noun = |number, one, many| if number == 1 { one } else { many };
    format!(
        "{} {} and {} {}",
        count(replies),
        noun(replies, "reply", "replies"),
        count(attempts),
        noun(attempts, "failed attempt", "failed attempts")
    )
}
