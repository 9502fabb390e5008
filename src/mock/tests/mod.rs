//! The adversary as a value, and as raw clients meet it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod behaviour;
mod limits;
mod shapes;

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::{Adversary, Outcome, SAMPLE_HEADER, ServerOptions};

/// 2026-11-23 00:00:00 UTC.
const NOW: u64 = 1_795_392_000_000;

fn options(faults: &str) -> ServerOptions {
    ServerOptions { faults: faults.parse().unwrap(), ..ServerOptions::default() }
}

fn adversary(faults: &str) -> Arc<Adversary> {
    Arc::new(Adversary::new(options(faults)))
}

fn body(question: &str) -> String {
    format!(r#"{{"model":"m","messages":[{{"role":"user","content":"{question}"}}],"max_tokens":16}}"#)
}

fn headers(sample: u32) -> HeaderMap {
    HeaderMap::from_iter([
        (SAMPLE_HEADER.parse().unwrap(), sample.into()),
        (AUTHORIZATION, HeaderValue::from_static("Bearer sk-a-secret")),
    ])
}

/// Asks a question for the first sample, and lets the response land.
fn ask(adversary: &Arc<Adversary>, question: &str, now: u64) -> Outcome {
    let flight = adversary.enter();
    let outcome = adversary.respond(body(question).as_bytes(), &headers(0), now);
    flight.land(&outcome);
    outcome
}

fn message(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["choices"][0]["message"].take()
}

fn content(outcome: &Outcome) -> String {
    message(&outcome.body)["content"].as_str().unwrap().to_owned()
}
