//! Recorded replies as a judge: JSON lines of
//! `{"item","step":null|"name","order":[candidate indexes as shown]|null,"sample":0,"reply","finish_reason"?,"logprobs"?,"usage"?}`,
//! compressed or not.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::logprobs::read_logprobs;
use crate::ask::{Reply, Usage};
use crate::digest::{Digest, Fields};
use crate::file;

#[derive(Deserialize)]
struct Record {
    item: String,
    #[serde(default)]
    step: Option<String>,
    #[serde(default)]
    order: Option<Vec<usize>>,
    #[serde(default)]
    sample: u32,
    reply: String,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    logprobs: Value,
    #[serde(default)]
    usage: Option<Usage>,
}

/// Replies that were recorded, by item, step, order and sample.
#[derive(Debug)]
pub struct Replay {
    /// A hash of the file.
    pub hash: Digest,
    replies: HashMap<String, Vec<Recorded>>,
}

#[derive(Debug)]
struct Recorded {
    step: Option<String>,
    /// `None` of a step that was asked about the conversation.
    order: Option<Vec<usize>>,
    sample: u32,
    reply: Reply,
}

const EXAMPLE: &str = r#"{"item":"1","order":[0,1],"sample":0,"reply":"[[A]]"}"#;

/// A file of recorded replies that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {problem}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct ReplayError {
    path: PathBuf,
    line: Option<usize>,
    problem: String,
}

impl Replay {
    /// Reads a file of recorded replies.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let wrong = |line, problem: String| ReplayError { path: path.to_path_buf(), line, problem };
        let text = file::read_text(path).map_err(|error| wrong(None, error.to_string()))?;
        let mut replies: HashMap<String, Vec<Recorded>> = HashMap::new();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            let record: Record = serde_json::from_str(text).map_err(|error| {
                let told = error.to_string();
                let found = if text.trim_start().starts_with('{') {
                    told.split(" at line").next().unwrap_or_default()
                } else {
                    "no JSON object"
                };
                wrong(Some(line), format!("expected a recorded reply such as {EXAMPLE}, found: {found}"))
            })?;
            if record.step.is_none() && record.order.is_none() {
                return Err(wrong(Some(line), "expected an `order`: the candidates' indexes as shown".to_owned()));
            }
            let Record { item, step, order, sample, reply, finish_reason, logprobs, usage } = record;
            let recorded = replies.entry(item).or_default();
            if recorded.iter().any(|known| known.is_of(step.as_deref(), order.as_deref(), sample)) {
                let of = step.as_ref().map_or_else(String::new, |step| format!("step {step:?}, "));
                let order = order.map_or_else(|| "no order".to_owned(), |order| format!("order {order:?}"));
                let problem =
                    format!("a second reply for the same item, {of}{order} and sample {sample}: keep one of the two");
                return Err(wrong(Some(line), problem));
            }
            let (logprobs, usage) = (read_logprobs(&logprobs), usage.unwrap_or_default());
            let reply = Reply { text: reply, finish_reason, logprobs, usage, ..Reply::default() };
            recorded.push(Recorded { step, order, sample, reply });
        }
        let hash = Fields::new("tribunal replay v1").text(&text).finish();
        Ok(Self { hash, replies })
    }

    /// How many replies there are, and how many of them are of an item or order that `knows` does not know.
    pub fn count(&self, knows: impl Fn(&str, Option<&[usize]>) -> bool) -> (usize, usize) {
        let of_items = |(item, recorded): (&'_ String, &'_ Vec<Recorded>)| {
            let unknown = recorded.iter().filter(|one| !knows(item, one.order.as_deref())).count();
            (recorded.len(), unknown)
        };
        self.replies.iter().map(of_items).fold((0, 0), |sum, of_item| (sum.0 + of_item.0, sum.1 + of_item.1))
    }

    /// The reply recorded for an item with its candidates shown in that order, to the ask that decides or to an earlier step. `None` as order
    /// is that of a step about the conversation.
    #[must_use]
    pub fn reply(&self, item: &str, step: Option<&str>, shown: Option<&[usize]>, sample: u32) -> Option<&Reply> {
        let mut recorded = self.replies.get(item)?.iter();
        recorded.find(|recorded| recorded.is_of(step, shown, sample)).map(|recorded| &recorded.reply)
    }
}

impl Recorded {
    fn is_of(&self, step: Option<&str>, shown: Option<&[usize]>, sample: u32) -> bool {
        self.step.as_deref() == step && self.order.as_deref() == shown && self.sample == sample
    }
}
