//! `tribunal data`: benchmarks that are known, those at hand, and what is odd in one.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use super::{Exit, Trouble, say};
use crate::bench::{self, Bench, Coverage, Format, Odd, Oddity, RMB, Scenario, Task};
use crate::report::{Width, count, counted, coverage_line, listing, plain, wrapped};

/// What `tribunal data` is told.
#[derive(Debug, Args)]
pub(super) struct DataArguments {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// List the benchmarks that are known, and those in the current folder
    List,
    /// Read a benchmark and tell everything odd in it
    #[command(after_help = "Examples:\n  tribunal data check RMB_dataset\n  tribunal data check items.jsonl --all\n  \
        tribunal data check preferences.jsonl.gz --json\n\n\
        What is odd is told, not left out: reports show the score without the items that nobody can decide beside the headline.")]
    Check(CheckArguments),
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// RMB's folder, or a file of items or preferences
    path: PathBuf,
    /// Its format, if it should not be found from the files
    #[arg(long, value_name = "FORMAT", value_parser = Format::NAMES)]
    format: Option<String>,
    /// Name every item, not only the first 20 of each kind
    #[arg(long)]
    all: bool,
    /// Print JSON, with every item
    #[arg(long)]
    json: bool,
}

pub(super) fn data(arguments: &DataArguments) -> Result<Exit, Trouble> {
    match &arguments.command {
        DataCommand::List => list(),
        DataCommand::Check(arguments) => check(arguments),
    }
}

/// How many items of a kind are named.
const NAMED: usize = 20;

fn check(arguments: &CheckArguments) -> Result<Exit, Trouble> {
    let format = arguments.format.as_deref().map(str::parse).transpose().map_err(Trouble::usage)?;
    let name = arguments.path.file_name().unwrap_or(arguments.path.as_os_str()).to_string_lossy();
    let bench = bench::open(&arguments.path, &name, format)?;
    let odd = bench::oddities(&bench);
    if arguments.json {
        say(&json(&bench, &odd)?)?;
    } else {
        let most = if arguments.all { usize::MAX } else { NAMED };
        say(&told(&bench, &odd, most, Width::of_terminal()))?;
    }
    Ok(Exit::Complete)
}

type Found = BTreeMap<Oddity, Vec<Odd>>;

fn odd_items(odd: &Found) -> usize {
    odd.values().flatten().map(|odd| odd.id.as_str()).collect::<HashSet<_>>().len()
}

/// The conclusion, what was read, and a list for each kind with at most so many items named.
fn told(bench: &Bench, odd: &Found, most: usize, width: Width) -> String {
    let items = counted(bench.items.len(), "item");
    let conclusion = match odd_items(odd) {
        0 => format!("nothing odd in {items}"),
        some => format!("odd: {} of {items}, in {}", count(some), counted(odd.len(), "way")),
    };
    let mut text = wrapped(&conclusion, 2, width);
    text.push_str(&wrapped(&plain(&coverage_line(bench)), 2, width));
    for (oddity, items) in odd {
        let head = format!("{}: {}", title(*oddity), count(items.len()));
        let mut names: Vec<String> = items.iter().take(most).map(shown).collect();
        if let Some(more @ 1..) = items.len().checked_sub(most) {
            names.push(format!("and {} more", count(more)));
        }
        text.push('\n');
        text.push_str(&wrapped(&head, INDENT, width));
        text.push_str(&in_lines(&names, width));
    }
    text
}

/// Where the items of a kind, and the notes on a benchmark, begin.
const INDENT: usize = 8;

fn shown(odd: &Odd) -> String {
    let id = plain(&odd.id);
    odd.note.as_ref().map_or_else(|| id.clone(), |note| format!("{id} ({})", plain(note)))
}

/// The names in lines that fit, none of them broken: they are there to be searched for.
fn in_lines(names: &[String], width: Width) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let name = if at + 1 < names.len() { format!("{name},") } else { name.clone() };
        match lines.last_mut() {
            Some(line) if INDENT + line.width() + 1 + name.width() <= usize::from(width.0) => {
                line.push(' ');
                line.push_str(&name);
            }
            _ => lines.push(name),
        }
    }
    let margin = " ".repeat(INDENT);
    lines.iter().flat_map(|line| [margin.as_str(), line, "\n"]).collect()
}

fn title(oddity: Oddity) -> &'static str {
    match oddity {
        Oddity::EqualTexts => "pairs of equal texts",
        Oddity::EqualTrimmed => "items with a best text equal to another after trimming",
        Oddity::WinnerAmongLosers => "lists with the winner's text among the losers",
        Oddity::EqualLosers => "lists with equal losers",
        Oddity::Duplicate => "items that repeat an earlier one: the same conversation, texts and gold",
        Oddity::ContraryGold => "items with two texts of which another item says the contrary",
        Oddity::EmptyLastTurn => "items whose last user turn is empty",
        Oddity::EmptyOtherTurn => "items with another turn that is empty",
        Oddity::BlankAnswer => "items with a blank answer",
        Oddity::ControlCharacter => "items with control characters other than tab and line ends",
        Oddity::Replacement => "items with three or more U+FFFD in a row, where characters were lost",
        Oddity::VerdictOrTemplate => "items whose texts hold a verdict such as [[A]], or {{",
        Oddity::UserNotFirst => "items whose conversation does not begin with the user",
        Oddity::UserNotLast => "items whose conversation does not end with the user",
    }
}

#[derive(Serialize)]
struct Checked<'a> {
    schema: u32,
    bench: &'a str,
    items: usize,
    items_of: usize,
    files: usize,
    files_of: usize,
    odd_items: usize,
    odd: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Way<'a> {
    kind: Oddity,
    meaning: &'static str,
    count: usize,
    items: &'a [Odd],
}

fn json(bench: &Bench, odd: &Found) -> Result<String, Trouble> {
    let Coverage { files, files_of, items_of } = bench.coverage;
    let odd_kinds =
        odd.iter().map(|(kind, items)| Way { kind: *kind, meaning: title(*kind), count: items.len(), items }).collect();
    let checked = Checked {
        schema: 1,
        bench: &bench.name,
        items: bench.items.len(),
        items_of,
        files,
        files_of,
        odd_items: odd_items(odd),
        odd: odd_kinds,
    };
    let text = serde_json::to_string_pretty(&checked)
        .map_err(|error| Trouble::new(Exit::Unexpected, format!("the findings: {error}")))?;
    Ok(text + "\n")
}

/// Where RMB is to be had. It stands on a line of its own: a broken address cannot be followed.
const RMB_PLACE: &str = "https://github.com/Zhou-Zoey/RMB-Reward-Model-Benchmark";

fn list() -> Result<Exit, Trouble> {
    let width = Width::of_terminal();
    let here = at_hand(Path::new("."))?;
    let mut text = listing(["known", "pairs", "lists", "scenarios", "licence"], &[rmb(), sample()?], width);
    text.push_str(&wrapped(
        "RMB     no licence is stated: use it, do not redistribute it. Its folder RMB_dataset is at",
        INDENT,
        width,
    ));
    text.push_str(&in_lines(&[RMB_PLACE.to_owned()], width));
    text.push_str("sample  is in this program: what a run without --bench takes\n\n");
    if here.is_empty() {
        let none = "at hand in this folder: none; RMB's folder and .json or .jsonl files of items or preferences would be listed";
        text.push_str(&wrapped(none, 2, width));
    } else {
        text.push_str(&listing(["at hand", "format", "files"], &here, width));
    }
    say(&text)?;
    Ok(Exit::Complete)
}

fn rmb() -> [String; 5] {
    let sum = |part: fn(&Scenario) -> usize| count(RMB.scenarios.iter().map(part).sum::<usize>());
    let (pairs, lists) = (sum(|scenario| scenario.pairs), sum(|scenario| scenario.lists));
    ["RMB".to_owned(), pairs, lists, count(RMB.scenarios.len()), "none stated".to_owned()]
}

fn sample() -> Result<[String; 5], Trouble> {
    let sample = bench::sample()?;
    let of = |task: Task| count(sample.items.iter().filter(|item| item.task == task).count());
    let (pairs, lists) = (of(Task::Pairwise), of(Task::Bon));
    Ok(["sample".to_owned(), pairs, lists, count(sample.groups.len()), "CC0 1.0".to_owned()])
}

/// The benchmarks in a folder and its folders, by name; what is hidden is passed over.
fn at_hand(folder: &Path) -> Result<Vec<[String; 3]>, Trouble> {
    let unreadable = |error: std::io::Error| Trouble::usage(format!("this folder cannot be read: {error}"));
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let recognised = if name.starts_with('.') { None } else { bench::recognise(&entry.path()) };
        if let Some(found) = recognised {
            let files = match found.format {
                Format::Rmb => format!("{} of {}", found.files, RMB.files()),
                Format::Items | Format::Preferences => count(found.files),
            };
            rows.push([name, found.format.as_str().to_owned(), files]);
        }
    }
    rows.sort();
    Ok(rows)
}
