//! Every command of the README works, and shows what the README says it shows.

use std::path::Path;
use std::process::Command;

use crate::support::{Folder, MockProcess, run, sample};
use crate::view::View;

pub(crate) fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The fenced blocks of one language.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<String> {
    let parts = text.split("```").skip(1).step_by(2);
    parts.filter_map(|block| block.strip_prefix(&format!("{language}\n"))).map(str::to_owned).collect()
}

fn commands(text: &str) -> Vec<String> {
    blocks(text, "sh").iter().flat_map(|block| block.lines()).map(str::to_owned).collect()
}

/// A folder with everything that the README's commands name.
fn prepared(text: &str) -> Folder {
    let folder = Folder::new();
    std::os::unix::fs::symlink(sample(), folder.path("RMB_dataset")).unwrap();
    folder.write("judges.toml", &blocks(text, "toml")[0]);
    folder.write("items.jsonl", &blocks(text, "json")[0]);
    folder.write("preferences.jsonl", &blocks(text, "json")[1]);
    folder.write(
        "model_prices.json",
        r#"{"gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "mode": "chat", "litellm_provider": "openai"}}"#,
    );
    folder.succeed("run --out runs/NAME");
    folder.succeed("run --strategy pairwise-direct --out runs/OTHER");
    let items = folder.lines("runs/NAME/items.jsonl");
    let pairs = items.iter().filter(|item| item["task"] == "pairwise").map(|item| item["id"].as_str().unwrap());
    let scores: String = pairs.flat_map(|id| [format!("{id},0,1\n"), format!("{id},1,0\n")]).collect();
    folder.write("scores.csv", &format!("item,candidate,score\n{scores}"));
    folder
}

#[test]
fn every_command_works() {
    let text = readme();
    let folder = prepared(&text);
    let mock = MockProcess::start(&folder, &[]);
    let toml = folder.read("judges.toml").replace("https://api.openai.com/v1", &mock.base_url);
    folder.write("judges.toml", &toml);
    let bin = Path::new(env!("CARGO_BIN_EXE_tribunal")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut worked = 0;
    for line in commands(&text).iter().filter(|line| !line.starts_with("cargo test") && !line.starts_with("export ")) {
        if let Some(options) = line.strip_prefix("tribunal mock --port 8801 ") {
            let server = MockProcess::start(&folder, &options.split(' ').collect::<Vec<_>>());
            assert_eq!(server.requests(), 0);
            continue;
        }
        if let Some(runs) = line.strip_prefix("tribunal view ") {
            assert!(View::start(&folder, runs).count("") > 111, "{line}");
            continue;
        }
        let ours =
            line.replace("cargo run --release --", "tribunal").replace("https://api.openai.com/v1", &mock.base_url);
        assert!(ours.starts_with("tribunal "), "{line}: what command is this?");
        let mut shell = Command::new("sh");
        shell.args(["-c", &ours]).current_dir(folder.path("")).env("PATH", &path);
        shell.env("TRIBUNAL_API_KEY", "k").env("OPENAI_API_KEY", "k");
        let done = run(shell);
        assert_eq!(done.code, Some(0), "{line}: {done:?}");
        worked += 1;
    }
    assert!(worked >= 10, "{worked} commands were found");
}

#[test]
fn the_first_command_shows_what_the_readme_shows() {
    let text = readme();
    let folder = Folder::new();
    let shown = folder.succeed("run").stdout;
    let lines = |text: &str| text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(&shown), lines(&blocks(&text, "text")[0]));
}

#[test]
fn a_mistake_is_shown_as_the_readme_shows_it() {
    let text = readme();
    let folder = Folder::new();
    folder.write("judges.toml", &blocks(&text, "toml")[0].replace("orders =", "ordres ="));
    let (command, shown) =
        blocks(&text, "console")[0].split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(folder.tribunal(command.strip_prefix("$ tribunal ").unwrap()).stderr, shown);
}

#[test]
fn its_two_commands_come_first() {
    let commands = commands(&readme());
    assert_eq!(commands[..2], ["cargo run --release -- run", "cargo test"]);
}
