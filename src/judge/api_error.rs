//! What an endpoint's error object says: nested in `error` (as OpenAI has it), flat (vLLM), in a list (Google), with codes that are texts
//! or numbers.

use std::time::Duration;

use serde_json::Value;

use super::wait::spelled_out;

/// An error object, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct ApiError {
    /// What it says to people.
    pub(super) message: String,
    /// The first code that is a number.
    pub(super) status: Option<u16>,
    /// How long it asks to be left alone.
    pub(super) retry_delay: Option<Duration>,
    /// Every code and type in it, and what else it says, in lower case.
    codes: String,
}

/// Words in codes, of a filter that refused the content.
const FILTER: [&str; 6] = [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "moderation",
    "data_inspection_failed",
    "content_blocked",
];
/// Words in messages, of a filter.
const FILTER_SAID: [&str; 5] = [
    "content exists risk",
    "flagged as potentially violating",
    "blocked by content filtering",
    "content management policy",
    "inappropriate content",
];
/// Words in codes, of a spent quota.
const QUOTA: [&str; 5] =
    ["insufficient_quota", "exceeded_current_quota", "billing", "insufficient_balance", "arrearage"];
/// Words in messages, of a spent quota.
const QUOTA_SAID: [&str; 4] =
    ["credit balance is too low", "insufficient balance", "key limit exceeded", "out of credits"];
/// Words in codes or messages, of too much in flight.
const CROWD: [&str; 4] = ["concurren", "simultaneous", "requests at once", "requests in flight"];
/// Words in codes or messages, of a prompt that is too long, or larger than a limit ever lets through.
const TOO_LONG: [&str; 7] = [
    "context_length_exceeded",
    "maximum context length",
    "prompt is too long",
    "context window",
    "request too large",
    "must be reduced",
    "reduce your message size",
];
/// Words in codes or messages, of a key that is no good.
const KEY: [&str; 4] = ["api_key_invalid", "invalid_api_key", "api key not valid", "api key expired"];

/// Words in codes or messages, of a parameter that the model does not take.
const PARAMETER: [&str; 5] =
    ["unsupported_parameter", "unsupported_value", "unsupported parameter", "unsupported value", "does not support"];
/// Parameters, and what to write in a strategy in place of them.
const ADVICE: [(&str, &str); 7] = [
    ("max_tokens", "write max_completion_tokens in place of max_tokens"),
    ("temperature", "write temperature = \"omit\""),
    ("top_p", "write top_p = \"omit\""),
    ("reasoning_effort", "leave reasoning_effort out"),
    ("seed", "leave seed out"),
    ("logprob", "take a strategy whose [verdict] is of another kind than logprobs"),
    ("response_format", "leave the schema out of [verdict]"),
];

/// Words in codes or messages, of a limit on tokens: "tokens per min (TPM)", a type of `tokens`.
const TOKENS: [&str; 2] = ["tokens", "tpm"];

impl ApiError {
    /// Of a whole body.
    pub(super) fn of_body(body: &Value) -> Self {
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        Self::of(body.get("error").unwrap_or(body))
    }

    /// Of an error object, or of a text in its place.
    pub(super) fn of(error: &Value) -> Self {
        let text = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let message = match error {
            Value::String(message) => message.clone(),
            _ => [error.get("message"), error.get("detail")]
                .map(text)
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_default(),
        };
        // One provider tells of its moderation by the reasons alone.
        let flagged =
            error.pointer("/metadata/reasons").filter(|reasons| reasons.is_array()).map(|_| "moderation".to_owned());
        let reason = error.pointer("/details/0/reason");
        let codes = [error.get("code"), error.get("type"), error.pointer("/innererror/code"), reason].map(text);
        let codes = codes.into_iter().chain(flagged).collect::<Vec<_>>().join(" ").to_lowercase();
        let status = error.get("code").and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
        let status = status.and_then(|status| u16::try_from(status).ok());
        let details = error.get("details").and_then(Value::as_array);
        let delay = |detail: &Value| detail.get("retryDelay").and_then(Value::as_str).and_then(spelled_out);
        let retry_delay = details.and_then(|details| details.iter().find_map(delay));
        Self { message, status, retry_delay, codes }
    }

    /// Whether a filter refused the content.
    pub(super) fn is_filter(&self) -> bool {
        FILTER.iter().any(|word| self.codes.contains(word)) || self.says(&FILTER_SAID)
    }

    /// Whether the quota is spent.
    pub(super) fn is_quota(&self) -> bool {
        QUOTA.iter().any(|word| self.codes.contains(word)) || self.says(&QUOTA_SAID)
    }

    /// Whether too much was in flight.
    pub(super) fn is_crowd(&self) -> bool {
        CROWD.iter().any(|word| self.codes.contains(word)) || self.says(&CROWD)
    }

    /// Whether the prompt was too long.
    pub(super) fn is_too_long(&self) -> bool {
        TOO_LONG.iter().any(|word| self.codes.contains(word)) || self.says(&TOO_LONG)
    }

    /// What to write in the strategy, where a parameter is not taken.
    pub(super) fn parameter_advice(&self) -> Option<&'static str> {
        let is_refused = PARAMETER.iter().any(|word| self.codes.contains(word)) || self.says(&PARAMETER);
        let named = |(name, _): &&(&str, &str)| self.says(&[name]);
        ADVICE.iter().filter(|_| is_refused).find(named).map(|(_, advice)| *advice)
    }

    /// Whether a limit on tokens was met.
    pub(super) fn is_of_tokens(&self) -> bool {
        TOKENS.iter().any(|word| self.codes.contains(word)) || self.says(&TOKENS)
    }

    /// Whether the key is no good.
    pub(super) fn is_key(&self) -> bool {
        KEY.iter().any(|word| self.codes.contains(word)) || self.says(&KEY)
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| message.contains(word))
    }
}
