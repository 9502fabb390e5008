//! Tells failed attempts apart, and says what happened without saying a key.

use std::error::Error;
use std::time::Duration;

use async_openai::error::OpenAIError;
use serde_json::Value;

use super::access::Access;
use super::body::ApiError;
use super::transport::{HttpError, TooLong};
use super::wait::wait;
use crate::ask::{Failure, FailureKind};
use crate::clock;

const EXCERPT: usize = 200;

/// What an attempt brought in place of a completion.
pub(super) enum Unanswered {
    /// A content filter's error, which is an answer: its raw body.
    Filtered(String),
    /// A failure.
    Failed(Failure),
}

/// Sorts an error of the client.
pub(super) fn sort(error: OpenAIError, access: &Access) -> Unanswered {
    let transient = |message: String| Failure {
        kind: FailureKind::Transient,
        status: None,
        message: clean(&access.redact(&message)),
        retry_after: None,
    };
    Unanswered::Failed(match error {
        OpenAIError::Boxed(error) => match error.downcast::<HttpError>() {
            Ok(answer) => return sort_answer(&answer, access),
            Err(other) if other.is::<TooLong>() => Failure { kind: FailureKind::Ask, ..transient(other.to_string()) },
            Err(other) => transient(chain(other.as_ref())),
        },
        OpenAIError::Reqwest(error) => transient(connection(error, access)),
        OpenAIError::JSONDeserialize(_, body) => not_json(200, &body, access),
        other => transient(other.to_string()),
    })
}

/// A body that is no JSON: another program answers at this address, or a proxy speaks for the endpoint.
pub(super) fn not_json(status: u16, body: &str, access: &Access) -> Failure {
    let what = if looks_like_html(body) { "HTML" } else { "something that is not JSON" };
    let begins = clean(&access.redact(body));
    let message = format!(
        "{} answered {what} with status {status}: is the base URL right (it often ends in /v1)? It begins: {begins}",
        access.shown()
    );
    Failure { kind: FailureKind::Garbled, status: Some(status), message, retry_after: None }
}

fn looks_like_html(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn sort_answer(answer: &HttpError, access: &Access) -> Unanswered {
    let HttpError { status, headers, body } = answer;
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let error = parsed.as_ref().map(|value| ApiError::of(value.get("error").unwrap_or(value)));
    let code = error.as_ref().map_or("", |error| error.code.as_str());
    if matches!(status, 400 | 403) && error.as_ref().is_some_and(ApiError::is_filter) {
        return Unanswered::Filtered(body.clone());
    }
    let kind = match status {
        429 if code.contains("insufficient_quota") => FailureKind::Endpoint,
        408 | 409 | 425 | 429 | 500.. => FailureKind::Transient,
        400 | 413 | 422 => FailureKind::Ask,
        300..=399 | 401 => FailureKind::Endpoint,
        _ => FailureKind::Denied,
    };
    let said = match &error {
        Some(error) if !error.message.is_empty() => clean(&access.redact(&error.message)),
        _ if body.trim().is_empty() => "(an empty answer)".to_owned(),
        _ if looks_like_html(body) => {
            format!("HTML, not JSON: is the base URL right? It begins: {}", clean(&access.redact(body)))
        }
        _ => clean(&access.redact(body)),
    };
    // The windows of a limit say something only where the limit was the trouble.
    let retry_after = wait(headers, clock::unix_millis(), matches!(status, 429 | 503));
    let long = retry_after.filter(|wait| *wait >= Duration::from_mins(10));
    let wait =
        long.map_or_else(String::new, |wait| format!("; it asks to be left alone for {} minutes", wait.as_secs() / 60));
    let message = format!("{} answered {status}{}: {said}{wait}", access.shown(), meaning(*status, code));
    Unanswered::Failed(Failure { kind, status: Some(*status), message, retry_after })
}

fn meaning(status: u16, code: &str) -> &'static str {
    match status {
        300..=399 => " (it has moved: use the new address as base URL)",
        401 => {
            " (the key is missing or wrong: put it into $TRIBUNAL_API_KEY, or into the variable that api_key_env names)"
        }
        403 => " (this key may not use it)",
        404 => " (no such model or path: check the model's name and the base URL, which often ends in /v1)",
        429 if code.contains("insufficient_quota") => " (the quota is spent)",
        429 => " (too many requests)",
        _ => "",
    }
}

fn connection(error: reqwest::Error, access: &Access) -> String {
    let what = if error.is_connect() {
        "nobody answers (is it running, and is the address right?) at"
    } else if error.is_timeout() {
        "no answer in time from"
    } else {
        "the connection broke to"
    };
    format!("{what} {}: {}", access.shown(), deepest(&error.without_url()))
}

fn deepest(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// A line for people: no control characters, runs of white space as one, not longer than an excerpt.
fn clean(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}
