//! Reads the verdict of a reply.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::Regex;

use super::normalise::normalise;
use super::reading::{Reading, Reason, Verdict};
use super::rule::{CutOff, Kind, Meaning, Rule, Take};
use super::strip::strip;
use crate::ask::Reply;

impl Rule {
    /// What a reply says of so many slots: 1 where an answer is shown alone, 2 in a pair, all candidates in a list.
    #[must_use]
    pub fn read(&self, reply: &Reply, _slots: usize) -> Reading {
        match self.readable(reply) {
            Err(reason) => reason.into(),
            Ok(text) => self.kind.read(&text, self.normalise).into(),
        }
    }

    /// The part of a reply in which a verdict is looked for.
    fn readable<'a>(&self, reply: &'a Reply) -> Result<Cow<'a, str>, Reason> {
        let cut_off = reply.finish_reason.as_deref().and_then(cut_off);
        if let Some(reason) = cut_off.filter(|_| self.cut_off == CutOff::Unparsed) {
            return Err(reason);
        }
        let (text, closed) = strip(&reply.text, &self.strip);
        let text = if self.normalise { Cow::Owned(normalise(&text)) } else { text };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        if text.is_empty() {
            return Err(match (cut_off, &reply.refusal, closed) {
                (Some(reason), _, _) => reason,
                (None, Some(_), _) => Reason::Refused,
                (None, None, false) => Reason::Truncated,
                (None, None, true) => Reason::Empty,
            });
        }
        Ok(text)
    }
}

/// Why a reply ended before its end, by its finish reason: OpenAI's words, and those that other providers let through their
/// OpenAI-compatible endpoints, in any case.
fn cut_off(finish_reason: &str) -> Option<Reason> {
    match finish_reason.to_ascii_lowercase().as_str() {
        "length"
        | "max_tokens"
        | "model_length"
        | "model_context_window_exceeded"
        | "insufficient_system_resource"
        | "error" => Some(Reason::Truncated),
        "content_filter" | "safety" | "recitation" | "refusal" | "blocklist" | "prohibited_content" | "spii" => {
            Some(Reason::Filtered)
        }
        _ => None,
    }
}

impl Kind {
    fn read(&self, text: &str, normalised: bool) -> Verdict {
        match self {
            Self::Rules(rules) => rules
                .iter()
                .find(|(pattern, _)| pattern.is_match(text))
                .map_or(Verdict::Unparsed(Reason::NoLabel), |(_, meaning)| (*meaning).into()),
            Self::Label { pattern, take, labels } => label(text, pattern, *take, labels, normalised),
        }
    }
}

fn label(text: &str, pattern: &Regex, take: Take, labels: &BTreeMap<String, Meaning>, normalised: bool) -> Verdict {
    let mut captures = pattern.captures_iter(text).filter_map(|found| found.get(1));
    let taken = match take {
        Take::First => captures.next(),
        Take::Last | Take::Only | Take::LastLine => captures.last(),
    };
    let Some(taken) = taken else { return Verdict::Unparsed(Reason::NoLabel) };
    let case = |label: &str| if normalised { label.to_uppercase() } else { label.to_owned() };
    let rivals = match take {
        Take::First | Take::Last => "",
        Take::Only => text,
        Take::LastLine => &text[text[..taken.start()].rfind('\n').unwrap_or_default()..],
    };
    let label = case(taken.as_str());
    if pattern.captures_iter(rivals).filter_map(|found| found.get(1)).any(|rival| case(rival.as_str()) != label) {
        return Verdict::Unparsed(Reason::ConflictingLabels);
    }
    labels.get(&label).map_or(Verdict::Unparsed(Reason::OutOfRange), |meaning| (*meaning).into())
}
