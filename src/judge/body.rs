//! Reads raw bodies of chat completions, leniently: what was paid for is kept, and providers differ in all that is optional.

use std::borrow::Cow;

use serde_json::Value;

use super::api_error::ApiError;
use super::logprobs::read_logprobs;
use crate::ask::{Reply, Usage};

/// What there is to say of a body that holds nothing else.
const NO_CHOICES: &str = "a chat completion without choices";

/// The reply in a raw body. An error with a content filter's code is a reply too: the judge's answer is that it gives none.
/// `Err` says in a line why the body holds no reply.
pub fn read_reply(raw: &str) -> Result<Reply, String> {
    let body = parse(raw).map_err(|error| format!("not a chat completion: {error}"))?;
    let usage = usage(&body["usage"]);
    let owned = |value: &Value| value.as_str().map(str::to_owned);
    let (model, fingerprint) = (owned(&body["model"]), owned(&body["system_fingerprint"]));
    let is_error = body.get("error").is_some_and(|error| !error.is_null());
    if is_error || body.get("choices").is_none() {
        let error = ApiError::of_body(&body);
        if !error.is_filter() {
            return Err(if error.message.is_empty() { NO_CHOICES.to_owned() } else { error.message });
        }
        let finish_reason = Some("content_filter".to_owned());
        return Ok(Reply { finish_reason, usage, model, fingerprint, ..Reply::default() });
    }
    let Some(choice) = body["choices"].get(0) else {
        return Err(NO_CHOICES.to_owned());
    };
    // A provider behind the provider failed half-way.
    if let Some(error) = choice.get("error").filter(|error| !error.is_null()) {
        return Err(ApiError::of(error).message);
    }
    let message = &choice["message"];
    let (text, refusal) = (content(&message["content"]), owned(&message["refusal"]));
    let reasoning = owned(&message["reasoning_content"]).or_else(|| owned(&message["reasoning"]));
    let finish_reason = owned(&choice["finish_reason"]);
    let logprobs = read_logprobs(&choice["logprobs"]);
    Ok(Reply { text, finish_reason, refusal, reasoning, logprobs, usage, model, fingerprint })
}

/// More tokens than this no answer has: what an endpoint says beyond is not told, lest any sum of it runs over.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// The tokens of an answer. Some count what was thought beside what was said, which only the total shows.
fn usage(usage: &Value) -> Usage {
    let [prompt_tokens, said, total] =
        ["prompt_tokens", "completion_tokens", "total_tokens"].map(|name| tokens(&usage[name]));
    let reasoning_tokens = tokens(&usage["completion_tokens_details"]["reasoning_tokens"]).filter(|count| *count > 0);
    let cached = [&usage["prompt_tokens_details"]["cached_tokens"], &usage["prompt_cache_hit_tokens"]];
    let cached_tokens = cached.into_iter().find_map(tokens).filter(|count| *count > 0);
    let is_beside = match (prompt_tokens, said, reasoning_tokens, total) {
        (Some(prompt), Some(said), Some(thought), Some(total)) => total == prompt + said + thought,
        _ => false,
    };
    let completion_tokens = said.map(|said| said + reasoning_tokens.filter(|_| is_beside).unwrap_or_default());
    Usage { prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens }
}

/// The JSON of a body. Half of a surrogate pair, which JSON allows and text does not, becomes U+FFFD.
pub(super) fn parse(raw: &str) -> serde_json::Result<Value> {
    serde_json::from_str(raw).or_else(|error| match mend_surrogates(raw) {
        Cow::Owned(mended) => serde_json::from_str(&mended),
        Cow::Borrowed(_) => Err(error),
    })
}

fn mend_surrogates(raw: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut kept = 0;
    let mut rest = 0;
    while let Some(at) = raw[rest..].find('\\').map(|at| rest + at) {
        let unit = |at: usize| u16::from_str_radix(raw.get(at..)?.strip_prefix("\\u")?.get(..4)?, 16).ok();
        rest = match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at + 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(&raw[kept..at]);
                mended.push_str("\\ufffd");
                kept = at + 6;
                kept
            }
            // The escape and what it escapes, which may be a backslash itself.
            _ => at + 1 + raw[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if kept == 0 {
        return Cow::Borrowed(raw);
    }
    mended.push_str(&raw[kept..]);
    Cow::Owned(mended)
}

/// A text, or the texts of a list of parts.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(content).collect(),
        Value::Object(part) => part.get("text").map(content).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A count, which some write as 10.0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn tokens(value: &Value) -> Option<u64> {
    let count = value.as_u64().or_else(|| value.as_f64().filter(|count| *count >= 0.0).map(|count| count as u64));
    count.filter(|count| *count <= MOST_TOKENS)
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
    fn reasoning_is_kept_apart_under_either_name() {
        for name in ["reasoning_content", "reasoning"] {
            let body = format!(r#"{{"choices":[{{"message":{{"content":"[[A]]","{name}":"B?"}},"logprobs":null}}]}}"#);
            let reply = read_reply(&body).unwrap();
            assert_eq!((reply.text.as_str(), reply.reasoning.as_deref(), reply.logprobs), ("[[A]]", Some("B?"), None));
        }
    }

    #[test]
    fn log_probabilities_come_with_the_reply() {
        let body = r#"{"choices":[{"message":{"content":"A"},"logprobs":{"content":[{"token":"A","logprob":-0.1,
            "top_logprobs":[{"token":"A","logprob":-0.1},{"token":"B","logprob":-2.5}]}]}}]}"#;
        let tokens = read_reply(body).unwrap().logprobs.unwrap();
        assert_eq!((tokens.len(), tokens[0].top.len()), (1, 2));
    }

    #[test]
    fn a_paid_answer_with_odd_fields_is_an_answer() {
        let odd = r#"{"choices":[{"message":{"content":["[[A", "]]"]},"finish_reason":7}],"model":4,
            "usage":{"prompt_tokens":10.0,"completion_tokens":-1}}"#;
        let reply = read_reply(odd).unwrap();
        assert_eq!((reply.text.as_str(), reply.finish_reason, reply.model), ("[[A]]", None, None));
        assert_eq!(reply.usage, Usage { prompt_tokens: Some(10), ..Usage::default() });
        let halves = r#"{"choices":[{"message":{"content":"\ud83d \ud83d\ude00 \\ud83d \udc00[[B]]"}}]}"#;
        assert_eq!(read_reply(halves).unwrap().text, "\u{fffd} \u{1f600} \\ud83d \u{fffd}[[B]]");
    }

    #[test]
    fn what_was_cached_and_thought_is_told_apart() {
        let usage = |text: &str| usage(&serde_json::from_str(text).unwrap());
        let within = usage(
            r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":40}}"#,
        );
        assert_eq!((within.completion_tokens, within.cached_tokens), (Some(50), Some(64)));
        let beside = usage(
            r#"{"prompt_tokens":100,"completion_tokens":10,"total_tokens":150,"prompt_cache_hit_tokens":64,
            "completion_tokens_details":{"reasoning_tokens":40}}"#,
        );
        assert_eq!((beside.completion_tokens, beside.reasoning_tokens), (Some(50), Some(40)));
        assert_eq!(beside.cached_tokens, Some(64));
    }

    #[test]
    fn an_error_in_place_of_a_completion_is_no_reply() {
        assert_eq!(read_reply(r#"{"error":{"message":"overloaded","code":502}}"#), Err("overloaded".to_owned()));
        assert!(read_reply(r#"{"choices":[]}"#).is_err());
        assert!(read_reply("<html>").is_err());
        assert!(read_reply("[1]").is_err());
    }

    #[test]
    fn a_content_filter_is_an_answer() {
        for error in [
            r#"{"error":{"message":"blocked","code":"content_filter"}}"#,
            r#"{"error":{"code":403,"message":"flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}}"#,
        ] {
            let reply = read_reply(error).unwrap();
            assert_eq!((reply.text.as_str(), reply.finish_reason.as_deref()), ("", Some("content_filter")));
        }
    }
}
