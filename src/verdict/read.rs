//! Reads the verdict of a reply.

use super::label::first_that_matches;
use super::normalise::normalise;
use super::reading::{Reading, Reason};
use super::rule::{CutOff, Kind, Rule};
use super::strip::strip;
use super::trace::Readable;
use crate::ask::Reply;

impl Rule {
    /// What a reply says of so many slots: 1 where an answer is shown alone, 2 in a pair, all candidates in a list. The time it takes
    /// is in proportion to the reply.
    #[must_use]
    pub fn read(&self, reply: &Reply, slots: usize) -> Reading {
        let text = match self.readable(reply) {
            Err(reason) => return reason.into(),
            Ok(text) => text,
        };
        let reading = match &self.kind {
            Kind::Logprobs(rule) => return rule.read(reply, &text),
            Kind::Label(rule) => rule.read(text.text(), slots),
            Kind::Rules(rules) => first_that_matches(rules, text.text()),
            Kind::Score(rule) => rule.read(text.text()),
            Kind::Scores(rule) => rule.read(text.text(), slots),
            Kind::Ranking(rule) => rule.read(text.text(), slots),
            Kind::Json(rule) => rule.read(text.text(), slots),
        };
        Reading { span: reading.span.map(|span| text.span(span)), ..reading }
    }

    /// The text of an earlier step's reply without reasoning blocks, and whether it is whole: neither empty nor cut off.
    #[must_use]
    pub fn material(&self, reply: &Reply) -> (String, bool) {
        let mut text = Readable::new(&reply.text);
        let closed = strip(&mut text, &self.strip);
        let is_cut_off = reply.finish_reason.as_deref().and_then(cut_off).is_some();
        let is_whole = closed && !is_cut_off && !text.text().is_empty();
        (text.text().to_owned(), is_whole)
    }

    /// The part of a reply in which a verdict is looked for.
    fn readable<'a>(&self, reply: &'a Reply) -> Result<Readable<'a>, Reason> {
        let cut_off = reply.finish_reason.as_deref().and_then(cut_off);
        if let Some(reason) = cut_off.filter(|_| self.cut_off == CutOff::Unparsed) {
            return Err(reason);
        }
        let mut text = Readable::new(&reply.text);
        let closed = strip(&mut text, &self.strip);
        // JSON has its own use of underscores and backslashes: only what is found in it is ironed out.
        if self.normalise && !matches!(self.kind, Kind::Json(_) | Kind::Logprobs(_)) {
            text.change(normalise(text.whole()));
        }
        if text.text().is_empty() {
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
