//! `tribunal import`: scores that others gave become the run of a judge, so that they stand beside all others.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::run::RunArguments;
use super::{Exit, Trouble, note, values};
use crate::bench::Task;
use crate::import::Scores;
use crate::mistake::of_system;
use crate::report::{RunFolder, counted};

/// The folder within the run's that holds what it was made from.
const FOLDER: &str = "import";

/// How a score is read: the whole reply is the number.
const STRATEGY: &str = "# Scores that were imported: nothing is asked.\nname = \"scores\"\nform = \"pointwise\"\n\n[ask]\nuser = \"{{ query }} {{ candidates[0].text }}\"\n\n[verdict]\nkind = \"score\"\n";

/// What `tribunal import` is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tribunal import ArmoRM-Llama3-8B-v0.1_result.json --out runs/armorm\n  \
    tribunal import scores.csv --bench rmb=RMB_dataset --name my-reward-model --out runs/mine\n\n\
    FILE is a result file of RMB's authors (a JSON array of pair_uid, category_path, chosen_reward, reject_reward), or CSV or JSON lines of\n\
    item, candidate, score: the item's id, the candidate's place in it from 0, and its score, higher is better. An answer is right where its score is\n\
    strictly the highest.")]
pub(super) struct ImportArguments {
    /// The file of scores
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The benchmark that was scored; a result file of RMB's authors can do without
    #[arg(long, value_name = "NAME=PATH", value_parser = values::bench)]
    bench: Option<(String, PathBuf)>,
    /// The tasks that were scored: pairwise, bon, or both
    #[arg(long, value_delimiter = ',', value_name = "TASK,...")]
    task: Vec<Task>,
    /// What reports call the judge; the file's name if it is not given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The run's folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn import(arguments: ImportArguments) -> Result<Exit, Trouble> {
    let ImportArguments { file, bench, task, name, out } = arguments;
    let shown = file.display();
    let text =
        std::fs::read_to_string(&file).map_err(|error| Trouble::usage(format!("{shown}: {}", of_system(&error))))?;
    let scores = Scores::parse(&text).map_err(|error| Trouble::usage(format!("{shown}, {error}")))?;
    if bench.is_none() && scores.pairs.is_empty() {
        let problem = "it does not tell which answer is the best: name the benchmark with --bench NAME=PATH";
        return Err(Trouble::usage(format!("{shown}: {problem}")));
    }
    note(&format!("{shown}: {} of {}", counted(scores.scores.len(), "score"), counted(distinct(&scores), "item")));
    if scores.contradicted > 0 {
        note(&format!("{}: is_correct says otherwise than the two scores", counted(scores.contradicted, "pair")));
    }
    let judge = name.unwrap_or_else(|| judge_name(&file));
    let folder = write(&out, &judge, bench.as_ref(), &scores)?;
    super::run::run(RunArguments::of_file(folder.file("config.toml"), task, out))
}

fn distinct(scores: &Scores) -> usize {
    let items: std::collections::HashSet<&str> = scores.scores.iter().map(|score| score.item.as_str()).collect();
    items.len()
}

/// The file's name, less what such files end with.
fn judge_name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.trim_end_matches("_result").to_owned()
}

/// Writes what a run needs: recorded replies, how they are read, and where no benchmark is named the items, as far as they are known.
fn write(out: &Path, judge: &str, bench: Option<&(String, PathBuf)>, scores: &Scores) -> Result<RunFolder, Trouble> {
    let run = RunFolder::create(out)?;
    let mut replies = String::new();
    for score in &scores.scores {
        let line =
            json!({"item": score.item, "order": [score.candidate], "sample": 0, "reply": score.score.to_string()});
        let _ = writeln!(replies, "{line}");
    }
    // What is there already must have been made from the same.
    let is_other = run.read(&format!("{FOLDER}/replies.jsonl"))?.is_some_and(|there| there != replies);
    let is_foreign = run.file("run.toml").exists() && !run.file(FOLDER).exists();
    if is_other || is_foreign {
        return Err(Trouble::usage(format!("{} holds another run: name another folder with --out", out.display())));
    }
    let folder = run.within(FOLDER)?;
    folder.write_text("replies.jsonl", &replies)?;
    folder.write_text("strategy.toml", STRATEGY)?;
    let (name, path) = if let Some((name, path)) = bench {
        (name.clone(), std::path::absolute(path)?)
    } else {
        note(
            "the conversations are not known: each pair counts as one of its own, so the interval is narrower than it should be",
        );
        folder.write_text("items.jsonl", &known_items(scores))?;
        ("imported".to_owned(), "items.jsonl".into())
    };
    let text = |text: &str| toml::Value::from(text).to_string();
    let config = format!(
        "[[bench]]\nname = {}\npath = {}\n\n[[judge]]\nname = {}\nspec = \"replay:replies.jsonl\"\n\n[[strategy]]\nfile = \"strategy.toml\"\n",
        text(&name),
        text(&path.display().to_string()),
        text(judge)
    );
    folder.write_text("config.toml", &config)?;
    Ok(folder)
}

/// The items of a file that tells which answer is the best, as far as it tells of them: without their texts.
fn known_items(scores: &Scores) -> String {
    let line = |(id, group): &(String, String)| {
        let texts = [json!({"text": "chosen"}), json!({"text": "rejected"})];
        let conversation = [json!({"role": "user", "content": id})];
        json!({"id": id, "group": group, "conversation": conversation, "candidates": texts, "best": 0}).to_string()
            + "\n"
    };
    scores.pairs.iter().map(line).collect()
}
