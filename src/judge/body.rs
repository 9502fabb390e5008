//! Reads raw bodies of chat completions, leniently: providers differ in all that is optional.

use serde::Deserialize;
use serde_json::Value;

use crate::ask::{Reply, Usage};

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Default, Deserialize)]
struct Counts {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

/// The reply in a raw body. An error with a content filter's code is a reply too: the judge's answer is that it gives none.
/// `Err` says in a line why the body holds no reply.
pub fn read_reply(raw: &str) -> Result<Reply, String> {
    let body: Body = serde_json::from_str(raw).map_err(|error| format!("not a chat completion: {error}"))?;
    let usage = body.usage.unwrap_or_default();
    let usage = Usage { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens };
    if let Some(error) = body.error.filter(|error| !error.is_null()) {
        let error = ApiError::of(&error);
        if !error.is_filter() {
            return Err(error.message);
        }
        let finish_reason = Some("content_filter".to_owned());
        return Ok(Reply { finish_reason, usage, model: body.model, ..Reply::default() });
    }
    let Some(choice) = body.choices.and_then(|choices| choices.into_iter().next()) else {
        return Err("a chat completion without choices".to_owned());
    };
    let message = choice.message.unwrap_or_default();
    let text = match message.content {
        None => String::new(),
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => parts.into_iter().filter_map(|part| part.text).collect(),
    };
    Ok(Reply { text, finish_reason: choice.finish_reason, refusal: message.refusal, usage, model: body.model })
}

/// What an error object says: OpenAI nests it in `error`, others write it flat, with codes that are texts or numbers.
pub(super) struct ApiError {
    pub(super) message: String,
    pub(super) code: String,
}

impl ApiError {
    pub(super) fn of(error: &Value) -> Self {
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let message = match error {
            Value::String(message) => message.clone(),
            _ => text(error.get("message")),
        };
        let codes = [error.get("code"), error.get("type")].map(text);
        Self { message, code: codes.join(" ") }
    }

    pub(super) fn is_filter(&self) -> bool {
        ["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"]
            .iter()
            .any(|code| self.code.contains(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_providers_leave_out_or_add_is_survived() {
        let lean = read_reply(r#"{"choices":[{"message":{"content":"[[A]]"}}]}"#).unwrap();
        assert_eq!((lean.text.as_str(), lean.finish_reason, lean.usage), ("[[A]]", None, Usage::default()));
        let parts = r#"{"choices":[{"message":{"content":[{"type":"text","text":"[["},{"text":"B]]"}]},"finish_reason":"eos"}],
            "usage":null,"service_tier":"on_demand","model":"m"}"#;
        let parts = read_reply(parts).unwrap();
        assert_eq!((parts.text.as_str(), parts.finish_reason.as_deref()), ("[[B]]", Some("eos")));
        let null =
            read_reply(r#"{"choices":[{"message":{"content":null,"refusal":"No."},"finish_reason":"stop"}]}"#).unwrap();
        assert_eq!((null.text.as_str(), null.refusal.as_deref()), ("", Some("No.")));
    }

    #[test]
    fn an_error_in_place_of_a_completion_is_no_reply() {
        assert_eq!(read_reply(r#"{"error":{"message":"overloaded","code":502}}"#), Err("overloaded".to_owned()));
        assert!(read_reply(r#"{"choices":[]}"#).is_err());
        assert!(read_reply("<html>").is_err());
    }

    #[test]
    fn a_content_filter_is_an_answer() {
        let reply = read_reply(r#"{"error":{"message":"blocked","code":"content_filter"}}"#).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish_reason.as_deref()), ("", Some("content_filter")));
    }
}
