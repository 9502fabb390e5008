//! What the simulated judge is asked: the body of a chat completion, read leniently, and the hints that come as headers.

use std::borrow::Cow;
use std::fmt;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use thiserror::Error;

/// The header that names the slot of the better candidate: `A` or `B`.
pub const GOLD_HEADER: &str = "x-tribunal-gold";
/// The header that gives the sample number, counted from 0.
pub const SAMPLE_HEADER: &str = "x-tribunal-sample";

/// The fields of a chat completion's body that the simulated judge reads; it ignores all others.
#[derive(Debug, Deserialize)]
pub struct ChatRequest<'a> {
    /// The model that is asked.
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    /// The prompt.
    #[serde(borrow)]
    pub messages: Vec<Message<'a>>,
    /// The most tokens that the reply may have, under its older name.
    #[serde(default)]
    pub max_tokens: Option<usize>,
    /// The same under its newer name, which goes before.
    #[serde(default)]
    pub max_completion_tokens: Option<usize>,
}

impl ChatRequest<'_> {
    /// The most tokens that the reply may have.
    #[must_use]
    pub fn token_limit(&self) -> Option<usize> {
        self.max_completion_tokens.or(self.max_tokens)
    }
}

/// One message of the prompt.
#[derive(Debug, Deserialize)]
pub struct Message<'a> {
    /// Who speaks.
    #[serde(borrow)]
    pub role: Cow<'a, str>,
    /// What is said: a string, or the texts of a list of parts run together. Null and parts of other kinds are empty.
    #[serde(borrow, default, deserialize_with = "content")]
    pub content: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

fn content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    deserializer.deserialize_any(Content)
}

/// Written out, because a derived untagged enum would copy every prompt.
struct Content;

impl<'de> Visitor<'de> for Content {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of content parts")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<Self::Value, S::Error> {
        let mut texts = Cow::Borrowed("");
        while let Some(Part { text }) = parts.next_element()? {
            texts += text;
        }
        Ok(texts)
    }
}

/// Where a candidate stands in a pairwise ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The first slot.
    A,
    /// The second slot.
    B,
}

impl Slot {
    /// The slot that this one is compared with.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What a simulated judge is told beside the prompt, and a real one never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The slot of the better candidate, where the asker says so.
    pub gold: Option<Slot>,
    /// Which of several samples of the same request this is, counted from 0.
    pub sample: u32,
}

/// A hint that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("header {header}: expected {expected}")]
pub struct HintError {
    /// The header's name.
    pub header: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

impl Hints {
    /// The hints among a request's headers; what is missing keeps its default.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, HintError> {
        let gold = match headers.get(GOLD_HEADER).map(|value| value.as_bytes().trim_ascii()) {
            None => None,
            Some(b"A") => Some(Slot::A),
            Some(b"B") => Some(Slot::B),
            Some(_) => return Err(HintError { header: GOLD_HEADER, expected: "A or B" }),
        };
        let sample = match headers.get(SAMPLE_HEADER) {
            None => Some(0),
            Some(value) => value.to_str().ok().and_then(|value| value.trim().parse().ok()),
        };
        let sample = sample.ok_or(HintError { header: SAMPLE_HEADER, expected: "a whole number" })?;
        Ok(Self { gold, sample })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use axum::http::HeaderValue;

    use super::*;

    fn contents(content: &str) -> String {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{content}}}],"n":1,"stop":null}}"#);
        let request: ChatRequest<'_> = serde_json::from_str(&body).unwrap();
        request.messages[0].content.clone().into_owned()
    }

    #[test]
    fn content_is_a_string_or_a_list_of_parts() {
        assert_eq!(contents(r#""one\ntwo""#), "one\ntwo");
        assert_eq!(contents(r#"[{"type":"text","text":"one"},{"type":"text","text":" two"}]"#), "one two");
        assert_eq!(contents(r#"[{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"one"}]"#), "one");
        assert_eq!(contents("null"), "");
    }

    #[test]
    fn text_without_escapes_is_not_copied() {
        let body = r#"{"model":"m","messages":[{"role":"user","content":"one"}]}"#;
        let request: ChatRequest<'_> = serde_json::from_str(body).unwrap();
        assert!(matches!(request.model, Cow::Borrowed(_)));
        assert!(matches!(request.messages[0].content, Cow::Borrowed(_)));
    }

    #[test]
    fn the_newer_name_of_the_token_limit_goes_before() {
        let body = r#"{"model":"m","messages":[],"max_tokens":1,"max_completion_tokens":2}"#;
        assert_eq!(serde_json::from_str::<ChatRequest<'_>>(body).unwrap().token_limit(), Some(2));
    }

    #[test]
    fn a_hint_that_cannot_be_read_is_refused() {
        let hints = |name: &'static str, value: &'static str| {
            Hints::from_headers(&HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))]))
        };
        assert_eq!(hints(GOLD_HEADER, "B"), Ok(Hints { gold: Some(Slot::B), sample: 0 }));
        assert_eq!(hints(SAMPLE_HEADER, "3"), Ok(Hints { gold: None, sample: 3 }));
        assert_eq!(hints(GOLD_HEADER, "C").unwrap_err().to_string(), "header x-tribunal-gold: expected A or B");
        assert_eq!(
            hints(SAMPLE_HEADER, "x").unwrap_err().to_string(),
            "header x-tribunal-sample: expected a whole number"
        );
    }
}
