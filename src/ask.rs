//! The words that rooms share: what is sent to a judge, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Fields};

/// Who speaks in a message or a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions that stand above the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The role as the wire and the files spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// What is shown in one ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Two answers.
    #[default]
    Pairwise,
    /// All answers of a list.
    Listwise,
    /// One answer alone.
    Pointwise,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pairwise, Self::Listwise, Self::Pointwise];

    /// The word of strategy files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Listwise => "listwise",
            Self::Pointwise => "pointwise",
        }
    }
}

/// One message of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// How a reply is drawn; `None` sends nothing and leaves the choice to the endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sampling {
    /// Softmax temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus probability mass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens a reply may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// The same under the name that reasoning models want: reasoning counts too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
    /// How much a reasoning model thinks, in the endpoint's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<String>,
    /// The endpoint's own seed; of a strategy that of the first sample, and each further one has the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// Texts that end the reply.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
}

impl Sampling {
    /// The most tokens a reply may have, under either name.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        self.max_completion_tokens.or(self.max_tokens)
    }
}

/// A rendered ask: the exact messages and parameters. The model belongs to the judge's identity.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// The sampling parameters.
    pub sampling: Sampling,
    /// The JSON schema that the answer is to keep to.
    pub schema: Option<Arc<serde_json::Value>>,
    /// How many of the likeliest tokens are asked for at each place of the answer.
    pub top_logprobs: Option<u8>,
    /// Further fields of the body, from the judge's `extra_body`.
    pub extra: Arc<serde_json::Map<String, serde_json::Value>>,
}

/// What a reply is stored under: a hash of the judge's identity, every field of the request, and the sample number.
pub type Key = Digest;

impl Request {
    /// The key of this request, asked of the judge of that identity for the sample of that number.
    ///
    /// Destructured without `..`, so that a new field does not compile until it is in the key. Parameters that came later (from
    /// `max_completion_tokens` on) are in it only where they are sent, each with its name before it: a key without them ends where it always
    /// ended, and every field has its length before it, so none runs into another.
    #[must_use]
    pub fn key(&self, identity: &str, sample: u32) -> Key {
        let Self { messages, sampling, schema, top_logprobs, extra } = self;
        let Sampling { temperature, top_p, max_tokens, max_completion_tokens, reasoning_effort, seed, stop } = sampling;
        let bits = |number: Option<f64>| number.map(|number| number.to_bits().to_le_bytes());
        let mut fields =
            Fields::new("tribunal key v1").text(identity).number(u64::from(sample)).number(messages.len() as u64);
        for Message { role, content } in messages {
            fields = fields.text(role.as_str()).text(content);
        }
        fields = fields
            .optional(bits(*temperature).as_ref().map(<[u8; 8]>::as_slice))
            .optional(bits(*top_p).as_ref().map(<[u8; 8]>::as_slice))
            .optional(max_tokens.map(u32::to_le_bytes).as_ref().map(<[u8; 4]>::as_slice))
            .object(extra);
        if let Some(limit) = max_completion_tokens {
            fields = fields.text("max_completion_tokens").number(u64::from(*limit));
        }
        if let Some(effort) = reasoning_effort {
            fields = fields.text("reasoning_effort").text(effort);
        }
        if let Some(seed) = seed {
            fields = fields.text("seed").number(u64::from(*seed));
        }
        if !stop.is_empty() {
            let list = fields.text("stop").number(stop.len() as u64);
            fields = stop.iter().fold(list, |list, text| list.text(text));
        }
        if let Some(schema) = schema {
            fields = fields.text("response_format").json(schema);
        }
        if let Some(most) = top_logprobs {
            fields = fields.text("top_logprobs").number(u64::from(*most));
        }
        fields.finish()
    }
}

/// About how many tokens messages are: four bytes each, and four tokens around each message. English is near to it; other scripts
/// and code take more tokens than that.
#[must_use]
pub fn estimated_tokens(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.content.len().div_ceil(4) + 4).sum()
}

/// Tokens that one reply used, as its endpoint counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    /// Tokens of the reply, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// Tokens of the request that the endpoint had read before, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Tokens of the reply that were thought and not said, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
}

/// What came back, read from the raw body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The text of the answer.
    pub text: String,
    /// Why the reply ended, in the endpoint's own word: `stop`, `length`, `content_filter`, ...
    pub finish_reason: Option<String>,
    /// What the endpoint said in place of an answer that it refused to give.
    pub refusal: Option<String>,
    /// The reasoning that the endpoint hands over apart from the answer: kept, and never read for a verdict.
    pub reasoning: Option<String>,
    /// The log-probabilities of the answer's tokens, where they were asked for.
    pub logprobs: Option<Vec<TokenLogprob>>,
    /// Tokens used.
    pub usage: Usage,
    /// The model that the endpoint says answered.
    pub model: Option<String>,
    /// The configuration of the endpoint's that answered, in its own word (`system_fingerprint`).
    pub fingerprint: Option<String>,
}

/// What a limit on tokens is charged for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenCharge {
    /// The tokens of the prompt, and those that the reply has.
    Used,
    /// The tokens of the prompt, and the most that the reply may have.
    Reserved,
}

/// A token of an answer, and what might have stood in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenLogprob {
    /// The token, as the endpoint spells it.
    pub token: String,
    /// The logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens in its place, each with the logarithm of its probability.
    pub top: Vec<(String, f64)>,
}

/// The limits of an account, as configured; what is not given is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests in flight.
    pub in_flight: Option<u64>,
    /// What limits on tokens are charged.
    pub tokens_charged: Option<TokenCharge>,
    /// Requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Requests in any 24 hours.
    pub requests_per_day: Option<u64>,
    /// Tokens of requests and replies in any minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens of requests in any minute.
    pub input_tokens_per_minute: Option<u64>,
    /// Tokens of replies in any minute.
    pub output_tokens_per_minute: Option<u64>,
}

/// What an endpoint tells of one of its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limit {
    /// The most within its window.
    pub most: Option<u64>,
    /// What is left of it.
    pub left: Option<u64>,
    /// How long until it is whole again.
    pub reset: Option<Duration>,
}

impl Limit {
    /// The window that it is about: a day where it takes more than an hour to be whole again, else a minute. What is told does not tell
    /// shorter windows apart, for what was used may come back evenly or at once; and some tell minutes of a limit that is one of a minute.
    #[must_use]
    pub fn span(&self) -> Duration {
        let is_daily = self.reset.is_some_and(|reset| reset > Duration::from_hours(1));
        if is_daily { Duration::from_hours(24) } else { Duration::from_mins(1) }
    }
}

/// What an endpoint tells of its limits in the headers of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
    /// Of requests.
    pub requests: Option<Limit>,
    /// Of all tokens.
    pub tokens: Option<Limit>,
    /// Of tokens of requests.
    pub input_tokens: Option<Limit>,
    /// Of tokens of replies.
    pub output_tokens: Option<Limit>,
    /// Whether it says that a limit on tokens was met.
    pub met_tokens: bool,
}

/// An attempt that brought no reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What follows from it.
    pub kind: FailureKind,
    /// The HTTP status, where an answer came at all.
    pub status: Option<u16>,
    /// What happened, in a line for people, without keys.
    pub message: String,
    /// How long the endpoint asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What it tells of its limits.
    pub told: Told,
    /// Whether it may have reached a model all the same, and be billed.
    pub may_be_billed: bool,
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Too many requests in too short a time.
    Throttled,
    /// Too many requests at once.
    Crowded,
    /// The quota is spent, or the account has no money left.
    Quota,
    /// It may go better later: a server error, a timeout, a lost connection.
    Transient,
    /// This request will never be answered; others may be.
    Ask,
    /// The same, for its prompt is too long.
    TooLong,
    /// An answer came, but no chat completion: a hiccup if this endpoint has answered before, else the wrong address.
    Garbled,
    /// Not allowed or not found: of a new endpoint a wrong model or path, of one that has answered this ask's own trouble.
    Denied,
    /// This endpoint will answer nothing: a wrong key, a redirect.
    Endpoint,
}

impl FailureKind {
    /// The word that the store keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Crowded => "crowded",
            Self::Quota => "quota",
            Self::Transient => "transient",
            Self::Ask => "ask",
            Self::TooLong => "too_long",
            Self::Garbled => "garbled",
            Self::Denied => "denied",
            Self::Endpoint => "endpoint",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            messages: vec![Message { role: Role::User, content: "Which?".to_owned() }],
            sampling: Sampling { temperature: Some(0.0), max_tokens: Some(16), ..Sampling::default() },
            ..Request::default()
        }
    }

    #[test]
    fn a_key_without_later_parameters_is_what_it_always_was() {
        // Computed with another implementation of BLAKE3.
        let known = "681ad3cfd0e959d501058ebf71610dbb7cdf19ebf9c62b3a5fa2ef6b7067fc36";
        assert_eq!(request().key("host/v1 model", 0).to_string(), known);
    }

    #[test]
    fn every_field_of_a_request_is_in_its_key() {
        let key = request().key("host/v1 model", 0);
        let mut changed = Vec::new();
        changed.push(request().key("host/v1 other", 0));
        changed.push(request().key("host/v1 model", 1));
        let mut with = |change: fn(&mut Request)| {
            let mut request = request();
            change(&mut request);
            changed.push(request.key("host/v1 model", 0));
        };
        with(|request| request.messages[0].content.push('?'));
        with(|request| request.messages[0].role = Role::System);
        with(|request| request.sampling.temperature = None);
        with(|request| request.sampling.temperature = Some(0.5));
        with(|request| request.sampling.top_p = Some(0.0));
        with(|request| request.sampling.max_tokens = Some(17));
        with(|request| request.sampling.max_completion_tokens = Some(16));
        with(|request| request.sampling.reasoning_effort = Some("low".to_owned()));
        with(|request| request.sampling.seed = Some(0));
        with(|request| request.sampling.stop = vec![String::new()]);
        with(|request| request.sampling.stop = vec![String::new(), String::new()]);
        with(|request| request.schema = Some(Arc::default()));
        with(|request| request.top_logprobs = Some(20));
        with(|request| request.extra = Arc::new([("seed".to_owned(), 1.into())].into_iter().collect()));
        for (place, other) in changed.iter().enumerate() {
            assert_ne!(*other, key, "change {place}");
            assert!(!changed[..place].contains(other), "change {place}");
        }
    }
}
