//! The body of a request as it is sent.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::ask::{Message, Request, Sampling};

/// The body of a chat completion's request.
#[derive(Serialize)]
pub(super) struct Sent<'a> {
    model: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// Parameters that few requests have.
    #[serde(flatten)]
    seldom: Map<String, Value>,
    #[serde(flatten)]
    extra: &'a Map<String, Value>,
}

impl<'a> Sent<'a> {
    /// The body for a model. What a judge's own configuration gives goes over the strategy's.
    pub(super) fn new(model: &'a str, request: &'a Request) -> Self {
        let Request { messages, sampling, schema, top_logprobs, extra } = request;
        let Sampling { temperature, top_p, max_tokens, max_completion_tokens, reasoning_effort, seed, stop } = sampling;
        let mut seldom = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value.filter(|_| !extra.contains_key(name)) {
                seldom.insert(name.to_owned(), value);
            }
        };
        set("max_completion_tokens", max_completion_tokens.map(Value::from));
        set("reasoning_effort", reasoning_effort.clone().map(Value::from));
        set("seed", seed.map(Value::from));
        set("stop", (!stop.is_empty()).then(|| json!(stop)));
        let format = |schema| json!({"type": "json_schema", "json_schema": {"name": "verdict", "strict": true, "schema": schema}});
        set("response_format", schema.as_deref().map(format));
        set("logprobs", top_logprobs.map(|_| true.into()));
        set("top_logprobs", top_logprobs.map(Value::from));
        let (temperature, top_p, max_tokens) = (*temperature, *top_p, *max_tokens);
        Self { model, messages, temperature, top_p, max_tokens, seldom, extra }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn sent(request: &Request) -> Value {
        serde_json::to_value(Sent::new("m", request)).unwrap()
    }

    #[test]
    fn what_is_not_asked_for_is_not_sent() {
        assert_eq!(sent(&Request::default()), json!({"model": "m", "messages": []}));
    }

    #[test]
    fn every_parameter_is_sent_as_openai_names_it() {
        let sampling = Sampling {
            max_completion_tokens: Some(4096),
            reasoning_effort: Some("low".to_owned()),
            seed: Some(7),
            stop: vec!["END".to_owned()],
            ..Sampling::default()
        };
        let schema = Some(Arc::new(json!({"type": "object"})));
        let request = Request { sampling, schema, top_logprobs: Some(20), ..Request::default() };
        let format = json!({"name": "verdict", "strict": true, "schema": {"type": "object"}});
        let expected = json!({
            "model": "m", "messages": [], "max_completion_tokens": 4096, "reasoning_effort": "low", "seed": 7, "stop": ["END"],
            "response_format": {"type": "json_schema", "json_schema": format}, "logprobs": true, "top_logprobs": 20,
        });
        assert_eq!(sent(&request), expected);
        let extra = Arc::new([("seed".to_owned(), json!(1))].into_iter().collect());
        assert_eq!(sent(&Request { extra, ..request })["seed"], 1, "the judge's own goes over it");
    }
}
