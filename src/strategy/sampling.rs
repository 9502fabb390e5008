//! Sampling parameters as a strategy file writes them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::ask::Sampling;

/// Sampling parameters, sent with the request. Left out, a parameter is not sent; of a step, that of `[sampling]` is.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SamplingFile {
    /// 0 to 2; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 0, "maximum" = 2))]
    temperature: Option<Number<f64>>,
    /// 0 to 1; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    top_p: Option<Number<f64>>,
    /// The most tokens of a reply, 1 or more; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 1))]
    max_tokens: Option<Number<u32>>,
    /// The most tokens of a reply and the reasoning before it, 1 or more, as reasoning models want it; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 1))]
    max_completion_tokens: Option<Number<u32>>,
    /// How much a reasoning model thinks, such as `"low"`; `"omit"`, or leaving it out, sends none.
    reasoning_effort: Option<String>,
    /// The endpoint's seed of the first sample; each further sample has the next number. `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 0))]
    seed: Option<Number<u32>>,
    /// Texts that end the reply; none of them is part of it.
    stop: Option<Vec<String>>,
}

impl SamplingFile {
    /// These parameters, and below them those of another table.
    pub(super) fn over(&self, below: &Sampling) -> Sampling {
        let effort = match self.reasoning_effort.as_deref() {
            None => below.reasoning_effort.clone(),
            Some("omit") => None,
            Some(effort) => Some(effort.to_owned()),
        };
        Sampling {
            temperature: over(self.temperature, below.temperature),
            top_p: over(self.top_p, below.top_p),
            max_tokens: over(self.max_tokens, below.max_tokens),
            max_completion_tokens: over(self.max_completion_tokens, below.max_completion_tokens),
            reasoning_effort: effort,
            seed: over(self.seed, below.seed),
            stop: self.stop.clone().unwrap_or_else(|| below.stop.clone()),
        }
    }
}

/// What is wrong with parameters, and under which key.
pub(super) fn check(sampling: &Sampling) -> Result<(), (&'static str, String)> {
    let outside = |key, range: &str, value: f64| Err((key, format!("[sampling] {key} = {value}: expected {range}")));
    match *sampling {
        Sampling { temperature: Some(t), .. } if !(0.0..=2.0).contains(&t) => outside("temperature", "0 to 2", t),
        Sampling { top_p: Some(p), .. } if !(0.0..=1.0).contains(&p) => outside("top_p", "0 to 1", p),
        Sampling { max_tokens: Some(0), .. } => outside("max_tokens", "1 or more", 0.0),
        Sampling { max_completion_tokens: Some(0), .. } => outside("max_completion_tokens", "1 or more", 0.0),
        Sampling { .. } => Ok(()),
    }
}

/// A number, or `"omit"`: send none.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number or \"omit\"")]
#[schemars(inline)]
enum Number<T> {
    /// The number that is sent.
    Value(T),
    /// Send none.
    Omit(Omit),
}

/// Send none.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Omit {
    /// Send none.
    Omit,
}

fn over<T>(number: Option<Number<T>>, below: Option<T>) -> Option<T> {
    match number {
        None => below,
        Some(Number::Value(value)) => Some(value),
        Some(Number::Omit(Omit::Omit)) => None,
    }
}
