//! What the simulated judge is asked: the body of a chat completion, read leniently.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

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
    /// Whether the probabilities of the reply's tokens are asked for.
    #[serde(default)]
    pub logprobs: Option<bool>,
    /// What form the reply is to have.
    #[serde(default)]
    pub response_format: Value,
}

impl ChatRequest<'_> {
    /// The most tokens that the reply may have.
    #[must_use]
    pub fn token_limit(&self) -> Option<usize> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// The properties of the JSON object that the reply is to be, by the schema that is asked for.
    pub(super) fn properties(&self) -> Option<&serde_json::Map<String, Value>> {
        self.response_format.pointer("/json_schema/schema/properties")?.as_object()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

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
}
