//! `tribunal init`: writes a configuration file to start from, out of flags or of the answers to a few questions.

use std::fs::OpenOptions;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::SecretString;

use super::{Exit, Trouble, aside, complain, note, setup, values};
use crate::config::{ANY_KEY, ConfigFile, Resolved, Starter};
use crate::judge::{hide_credentials, looks_like_a_key};
use crate::mistake::of_system;
use crate::plan::Orders;

const KEY_VARIABLE: &str = "TRIBUNAL_API_KEY";

/// What `tribunal init` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal init                                    asks at most four questions\n  \
    tribunal init rmb.toml --bench rmb=RMB_dataset --judge gpt-4o@https://api.openai.com/v1 --orders both\n  \
    tribunal init < /dev/null                        the embedded sample, a simulated judge\n\n\
    Without flags, the answers are read from the terminal, or line by line from what is piped in; an empty line takes the default. \
    Keys stay in environment variables: the file names the variable.")]
#[allow(clippy::doc_markdown, reason = "these lines are the help text, shown as they stand")]
pub(super) struct InitArguments {
    /// The file to write
    #[arg(default_value = "tribunal.toml")]
    file: PathBuf,
    /// A benchmark and what reports call it; the embedded sample if none is named
    #[arg(long, value_name = "NAME=PATH", value_parser = values::bench)]
    bench: Vec<(String, PathBuf)>,
    /// longest, shortest, first, random, mock[:KEY=VALUE,...], replay:FILE, or MODEL@BASE_URL
    #[arg(long, value_name = "SPEC")]
    judge: Vec<String>,
    /// A shipped strategy, or a file ending in .toml
    #[arg(long, value_name = "NAME|FILE")]
    strategy: Vec<String>,
    /// seeded: each comparison in one order, drawn from its texts; both: in the other as well
    #[arg(long, value_name = "seeded|both")]
    orders: Option<Orders>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) fn init(arguments: &InitArguments) -> Result<Exit, Trouble> {
    let file = &arguments.file;
    if file.exists() && !arguments.force {
        return Err(Trouble::usage(format!(
            "{}: this file is there already: name another, or write over it with --force",
            file.display()
        )));
    }
    let InitArguments { bench, judge, strategy, orders, .. } = arguments;
    let starter = if bench.is_empty() && judge.is_empty() && strategy.is_empty() && orders.is_none() {
        ask()?
    } else {
        Starter {
            benches: bench.clone(),
            judges: judge.clone(),
            key_variable: None,
            strategies: strategy.clone(),
            orders: orders.unwrap_or_default(),
        }
    };
    let starter = seen_from(starter, file)?;
    check(&starter, file)?;
    write(file, &starter.text(file), arguments.force)?;
    note(&format!("written: {}; next: tribunal run {}", file.display(), file.display()));
    if let Some(variable) = starter.key_variable.filter(|name| std::env::var_os(name).is_none()) {
        note(&format!("the environment variable {variable} is not set yet: set it before the run"));
    }
    Ok(Exit::Complete)
}

/// Paths were given from where the person stands; in the file they are relative to its folder.
fn seen_from(mut starter: Starter, file: &Path) -> Result<Starter, Trouble> {
    if file.parent().is_none_or(|folder| folder == Path::new("") || folder == Path::new(".")) {
        return Ok(starter);
    }
    let absolute =
        |path: &Path| std::path::absolute(path).map_err(|error| Trouble::usage(format!("{}: {error}", path.display())));
    for (_, path) in &mut starter.benches {
        *path = absolute(path)?;
    }
    for judge in &mut starter.judges {
        if let Some(replies) = judge.strip_prefix("replay:").filter(|replies| !replies.is_empty()) {
            *judge = format!("replay:{}", absolute(Path::new(replies))?.display());
        }
    }
    for strategy in &mut starter.strategies {
        if crate::config::is_strategy_file(strategy) {
            *strategy = absolute(Path::new(strategy))?.display().to_string();
        }
    }
    Ok(starter)
}

/// What is written must run: what is named is there, and what is chosen goes together.
fn check(starter: &Starter, file: &Path) -> Result<(), Trouble> {
    for spec in &starter.judges {
        no_credentials(spec).map_err(Trouble::usage)?;
    }
    // Whether a key is set is a matter of the run.
    let set = |name: &str| (name != ANY_KEY).then(|| SecretString::from("set"));
    Resolved::new(ConfigFile::default(), &starter.judges, &starter.strategies, &set)?;
    let mut config = ConfigFile::parse(&starter.text(file), file)?;
    config.rebase(file.parent().unwrap_or(Path::new("")));
    let resolved = Resolved::new(config, &[], &[], &set)?;
    for bench in &resolved.benches {
        if let Some(path) = bench.path.as_ref().filter(|path| !path.exists()) {
            return Err(Trouble::usage(format!(
                "bench `{}`: {}: no such file or folder: check the path",
                bench.name,
                path.display()
            )));
        }
    }
    setup::strategies(&resolved)?;
    Ok(())
}

/// A base URL may carry a key, which does not belong into a file.
fn no_credentials(spec: &str) -> Result<(), String> {
    if spec.contains("@http") && hide_credentials(spec) != *spec {
        return Err("the judge's base URL holds a user, a password or a query, which may be a key: leave it out, and name environment \
                    variables in the file, by api_key_env or header_envs"
            .to_owned());
    }
    Ok(())
}

fn write(file: &Path, text: &str, force: bool) -> Result<(), Trouble> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(file).and_then(|mut opened| opened.write_all(text.as_bytes()));
    written.map_err(|error| {
        Trouble::usage(format!("{}: it cannot be written: {}; is its folder there?", file.display(), of_system(&error)))
    })
}

/// The answers to at most four questions. Where nobody answers, each gets its default.
fn ask() -> Result<Starter, Trouble> {
    let mut starter = Starter::default();
    if let Some(bench) =
        question("Benchmark: a folder in RMB's layout, or a file of items", "the embedded sample", bench)?
    {
        starter.benches.push(bench);
    }
    let judge = "Judge: MODEL@BASE_URL such as gpt-4o@https://api.openai.com/v1, or longest, random, mock";
    if let Some(judge) = question(judge, "mock, a simulated judge", judge_spec)? {
        starter.judges.push(judge);
    }
    if starter.judges.iter().any(|judge| judge.contains("@http")) {
        starter.key_variable = question("Name of the environment variable that holds its key", KEY_VARIABLE, variable)?;
    }
    let orders = "Ask each comparison in both orders? It shows how the judge leans, at twice the asks; yes or no";
    starter.orders = question(orders, "no", both_orders)?.unwrap_or_default();
    Ok(starter)
}

/// Asks until the answer will do, as long as a person can be asked; `None` is the default.
fn question<T>(text: &str, default: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Trouble> {
    loop {
        aside(&format!("{text} [{default}]: "));
        let mut line = String::new();
        let length = std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| Trouble::usage(format!("the answers cannot be read: {error}")))?;
        let person = std::io::stdin().is_terminal();
        if !person {
            aside("\n");
        }
        let answer = line.trim();
        if length == 0 || answer.is_empty() {
            return Ok(None);
        }
        match read(answer) {
            Ok(answer) => return Ok(Some(answer)),
            Err(problem) if person => complain(&problem),
            Err(problem) => return Err(Trouble::usage(problem)),
        }
    }
}

fn bench(answer: &str) -> Result<(String, PathBuf), String> {
    let path = PathBuf::from(answer);
    if !path.exists() {
        return Err(format!("{answer}: no such file or folder: expected the path of a benchmark"));
    }
    let name = path.file_stem().map_or_else(|| "bench".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Ok((name, path))
}

fn judge_spec(answer: &str) -> Result<String, String> {
    no_credentials(answer)?;
    let spec = answer.to_owned();
    let set = |name: &str| (name != ANY_KEY).then(|| SecretString::from("set"));
    Resolved::new(ConfigFile::default(), std::slice::from_ref(&spec), &[], &set).map_err(|error| error.to_string())?;
    Ok(spec)
}

/// The name of a variable; a key that is typed in its place is refused, and not shown again.
fn variable(answer: &str) -> Result<String, String> {
    if looks_like_a_key(answer) {
        return Err("this looks like a key, and keys do not stand in the file: put the key into an environment variable, and give \
                    the variable's name, such as OPENAI_API_KEY"
            .to_owned());
    }
    let mut letters = answer.chars();
    let begins = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !begins || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return Err("this is no name of an environment variable: expected letters, digits and underscores, such as OPENAI_API_KEY".to_owned());
    }
    Ok(answer.to_owned())
}

fn both_orders(answer: &str) -> Result<Orders, String> {
    match answer.to_ascii_lowercase().as_str() {
        "y" | "yes" | "both" => Ok(Orders::Both),
        "n" | "no" | "seeded" => Ok(Orders::Seeded),
        _ => Err(format!("{answer:?}: expected yes or no")),
    }
}
