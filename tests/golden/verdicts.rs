//! Replies and what the rules of `verdicts/*.toml` must read in them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tribunal::ask::{Reply, TokenLogprob};
use tribunal::verdict::{Reading, Reason, Rule, RuleFile, Verdict};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    verdict: RuleFile,
    /// How many answers are shown.
    #[serde(default = "two")]
    slots: usize,
    cases: Vec<Case>,
}

fn two() -> usize {
    2
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    reply: String,
    finish_reason: Option<String>,
    refusal: Option<String>,
    reasoning: Option<String>,
    /// A table for each token: those that might have stood there with their probabilities, the one that does first. A table of one token
    /// says that no others were told.
    tokens: Option<Vec<toml::Table>>,
    expect: String,
    /// What must have been mended.
    #[serde(default)]
    repairs: Vec<String>,
    /// The text in which the verdict must stand.
    found: Option<String>,
    preference: Option<f64>,
    outside: Option<f64>,
}

impl Case {
    fn reply(&self) -> Reply {
        Reply {
            text: self.reply.clone(),
            finish_reason: self.finish_reason.clone(),
            refusal: self.refusal.clone(),
            reasoning: self.reasoning.clone(),
            logprobs: self.tokens.as_ref().map(|tokens| tokens.iter().map(token).collect()),
            ..Reply::default()
        }
    }

    /// What is wrong with a reading, if anything is.
    fn against(&self, rule: &Rule, reading: &Reading) -> Option<String> {
        let read = words(&reading.verdict);
        if read != self.expect {
            return Some(format!("expected {}, read {read}", self.expect));
        }
        let repairs: Vec<&str> = reading.repairs.iter().map(|repair| repair.as_str()).collect();
        if repairs != self.repairs {
            return Some(format!("mended {repairs:?}"));
        }
        let is_read = !matches!(reading.verdict, Verdict::Unparsed(_));
        let found = reading.span.clone().map(|span| &self.reply[span]);
        if is_read && found.is_none() && !rule.needs_logprobs() {
            return Some("it is not said where".to_owned());
        }
        if self.found.is_some() && found != self.found.as_deref() {
            return Some(format!("found in {found:?}"));
        }
        let is_near = |told: Option<f64>, read: Option<f64>| {
            told.is_none_or(|told| read.is_some_and(|read| (read - told).abs() < 1e-9))
        };
        if is_near(self.preference, reading.preference) && is_near(self.outside, reading.outside) {
            return None;
        }
        Some(format!("preference {:?}, outside {:?}", reading.preference, reading.outside))
    }
}

fn token(probabilities: &toml::Table) -> TokenLogprob {
    let top: Vec<(String, f64)> = probabilities
        .iter()
        .map(|(token, probability)| (token.clone(), probability.as_float().unwrap().ln()))
        .collect();
    let (token, logprob) = top[0].clone();
    TokenLogprob { token, logprob, top: if top.len() > 1 { top } else { Vec::new() } }
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
        let Golden { verdict, slots, cases } = golden(&file);
        let rule = verdict.resolve().unwrap_or_else(|error| panic!("{name}: {error}"));
        rule.suits(slots).unwrap_or_else(|error| panic!("{name}: {error}"));
        for case in cases {
            if let Some(problem) = case.against(&rule, &rule.read(&case.reply(), slots)) {
                wrong.push(format!("{name}: {}: {problem}: {:?}", case.why, case.reply));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Of logprobs too: no kind reads white space around a reply.
#[test]
fn no_verdict_moves_for_white_space_around_the_reply_or_windows_line_ends() {
    for file in files() {
        let Golden { verdict, slots, cases } = golden(&file);
        let rule = verdict.resolve().unwrap();
        for case in cases.iter().filter(|case| case.tokens.is_none()) {
            let reply = case.reply();
            let read = rule.read(&reply, slots).verdict;
            let padded = Reply { text: format!(" \n\t{}\r\n\n ", reply.text), ..reply.clone() };
            let windows = Reply { text: reply.text.replace("\r\n", "\n").replace('\n', "\r\n"), ..reply };
            for changed in [padded, windows] {
                assert_eq!(
                    rule.read(&changed, slots).verdict,
                    read,
                    "{}: {}: {:?}",
                    file.display(),
                    case.why,
                    changed.text
                );
            }
        }
    }
}

#[test]
fn every_way_to_expect_is_spelled_as_the_verdicts_are() {
    for file in files() {
        let Golden { slots, cases, .. } = golden(&file);
        for Case { expect, why, .. } in cases {
            let plain = expect.split(", strength ").next().unwrap();
            let known = match slots {
                1 => plain.parse::<f64>().is_ok(),
                2 => ["A", "B", "tie"].contains(&plain),
                _ => plain == "tie" || plain.split([' ', '>', '=']).all(|label| label.len() <= 2),
            };
            let reason = Reason::ALL.iter().any(|reason| reason.as_str() == expect);
            assert!(known || reason, "{}: {why}: {expect}", file.display());
        }
    }
}
