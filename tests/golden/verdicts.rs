//! Replies and the verdicts that the rules of `verdicts/*.toml` must read in them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tribunal::ask::Reply;
use tribunal::strategy::Strategy;
use tribunal::verdict::{Reason, Verdict};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    verdict: toml::Table,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    reply: String,
    finish_reason: Option<String>,
    refusal: Option<String>,
    expect: String,
}

impl Case {
    fn reply(&self) -> Reply {
        Reply {
            text: self.reply.clone(),
            finish_reason: self.finish_reason.clone(),
            refusal: self.refusal.clone(),
            ..Reply::default()
        }
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/verdicts");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn golden(file: &Path) -> Golden {
    let text = std::fs::read_to_string(file).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn strategy(verdict: &toml::Table, origin: &str) -> Strategy {
    let table: toml::Table = [("verdict".to_owned(), verdict.clone().into())].into_iter().collect();
    let head = "name = \"golden\"\nform = \"pairwise\"\n[ask]\nuser = \"{{ a }} {{ b }}\"\n";
    Strategy::load(&format!("{head}{table}"), origin).unwrap_or_else(|error| panic!("{error}"))
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Slot { strength: Some(strength), .. } => format!("{verdict}, strength {strength}"),
        _ => verdict.to_string(),
    }
}

#[test]
fn every_reply_is_read_as_its_case_says() {
    let mut wrong = Vec::new();
    for file in files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Golden { verdict, cases } = golden(&file);
        let rule = strategy(&verdict, &name).rule;
        for case in cases {
            let read = words(&rule.read(&case.reply(), 2).verdict);
            if read != case.expect {
                wrong.push(format!("{name}: {}: expected {}, read {read}: {:?}", case.why, case.expect, case.reply));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_way_to_expect_is_spelled_as_the_verdicts_are() {
    for file in files() {
        for Case { expect, why, .. } in golden(&file).cases {
            let known = ["A", "B", "tie"].contains(&expect.split(", strength ").next().unwrap());
            assert!(
                known || Reason::ALL.iter().any(|reason| reason.as_str() == expect),
                "{}: {why}: {expect}",
                file.display()
            );
        }
    }
}
