//! Tells failed attempts apart, and says what happened without saying a key.

use std::error::Error;
use std::time::Duration;

use async_openai::error::OpenAIError;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::access::Access;
use super::api_error::ApiError;
use super::limits::told;
use super::transport::{HttpError, TooLong};
use super::wait::asked_wait;
use crate::ask::{Failure, FailureKind, Told};
use crate::clock;

const EXCERPT: usize = 200;

/// What an attempt brought in place of a completion.
#[allow(clippy::large_enum_variant, reason = "it is taken apart at once")]
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
        told: Told::default(),
        may_be_billed: true,
    };
    Unanswered::Failed(match error {
        OpenAIError::Boxed(error) => match error.downcast::<HttpError>() {
            Ok(answer) => return sort_answer(&answer, access),
            Err(other) if other.is::<TooLong>() => {
                Failure { kind: FailureKind::Ask, ..transient(format!("{}: {other}", access.shown())) }
            }
            Err(other) => transient(chain(other.as_ref())),
        },
        OpenAIError::Reqwest(error) => {
            // Who was not there has read nothing.
            let may_be_billed = !error.is_connect();
            Failure { may_be_billed, ..transient(connection(error, access)) }
        }
        OpenAIError::JSONDeserialize(_, body) => not_json(200, &body, access),
        other => transient(other.to_string()),
    })
}

/// A body that is no JSON: one that was cut off, or another program answers at this address, or a proxy speaks for the endpoint.
pub(super) fn not_json(status: u16, body: &str, access: &Access) -> Failure {
    let shown = access.shown();
    let failure = |kind, message| Failure {
        kind,
        status: Some(status),
        message,
        retry_after: None,
        told: Told::default(),
        may_be_billed: kind == FailureKind::Transient,
    };
    if body.trim().is_empty() {
        return failure(FailureKind::Transient, format!("{shown} answered nothing with status {status}"));
    }
    let begins = clean(&access.redact(body));
    if body.trim_start().starts_with('{') {
        let message = format!("{shown} answered JSON that breaks off, with status {status}. It begins: {begins}");
        return failure(FailureKind::Transient, message);
    }
    let what = if looks_like_html(body) { "HTML" } else { "something that is not JSON" };
    let message = format!(
        "{shown} answered {what} with status {status}: is the base URL right (it often ends in /v1)? It begins: {begins}"
    );
    failure(FailureKind::Garbled, message)
}

fn looks_like_html(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(15).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// A body with status 200 that is no completion, though it is JSON; `problem` says why. Some put the status of an error into the body.
pub(super) fn in_place_of_a_completion(body: &str, headers: HeaderMap, problem: &str, access: &Access) -> Failure {
    let status = error_object(body).and_then(|error| error.status);
    if let Some(status @ 400..=599) = status
        && let Unanswered::Failed(failure) = sort_answer(&HttpError { status, headers, body: body.to_owned() }, access)
    {
        return failure;
    }
    let message = format!("{} answered with status 200, but: {}", access.shown(), clean(&access.redact(problem)));
    Failure {
        kind: FailureKind::Transient,
        status: Some(200),
        message,
        retry_after: None,
        told: Told::default(),
        may_be_billed: true,
    }
}

fn sort_answer(answer: &HttpError, access: &Access) -> Unanswered {
    let HttpError { status, headers, body } = answer;
    let error = error_object(body).unwrap_or_default();
    if matches!(status, 400 | 403) && error.is_filter() {
        return Unanswered::Filtered(body.clone());
    }
    // The windows of a limit say something only where the limit was the trouble.
    let now = clock::unix_millis();
    let said = asked_wait(headers, now, matches!(status, 429 | 503));
    let retry_after = said.or(error.retry_delay);
    let kind = kind(*status, &error, retry_after);
    let excerpt = match error.message.as_str() {
        "" if body.trim().is_empty() => "(an empty answer)".to_owned(),
        "" if looks_like_html(body) => {
            format!("HTML, not JSON: is the base URL right? It begins: {}", clean(&access.redact(body)))
        }
        "" => clean(&access.redact(body)),
        message => clean(&access.redact(message)),
    };
    let long = retry_after.filter(|wait| *wait >= Duration::from_mins(10));
    let wait = long
        .map_or_else(String::new, |wait| format!(" (it asks to be left alone for {} minutes)", wait.as_secs() / 60));
    let advice = error.parameter_advice().filter(|_| matches!(status, 400 | 422)).map_or_else(String::new, |advice| {
        format!(" (the model does not take this: in [sampling] of the strategy, {advice})")
    });
    let message = format!("{} answered {status}{}: {excerpt}{wait}{advice}", access.shown(), meaning(*status, kind));
    let told = Told { met_tokens: kind == FailureKind::Throttled && error.is_of_tokens(), ..told(headers, now) };
    // Errors are not billed, unless somebody between gave up while the model went on.
    let may_be_billed = matches!(status, 408 | 499 | 504 | 524);
    Unanswered::Failed(Failure { kind, status: Some(*status), message, retry_after, told, may_be_billed })
}

fn error_object(body: &str) -> Option<ApiError> {
    serde_json::from_str::<Value>(body).ok().map(|body| ApiError::of_body(&body))
}

fn kind(status: u16, error: &ApiError, retry_after: Option<Duration>) -> FailureKind {
    match status {
        402 => FailureKind::Quota,
        400 | 403 | 429 if error.is_quota() => FailureKind::Quota,
        400 if error.is_key() => FailureKind::Endpoint,
        413 => FailureKind::TooLong,
        400 | 422 | 429 if error.is_too_long() => FailureKind::TooLong,
        429 if error.is_crowd() => FailureKind::Crowded,
        429 => FailureKind::Throttled,
        503 if retry_after.is_some() => FailureKind::Throttled,
        408 | 409 | 424 | 425 | 498 | 500.. => FailureKind::Transient,
        400 | 422 => FailureKind::Ask,
        300..=399 | 401 => FailureKind::Endpoint,
        _ => FailureKind::Denied,
    }
}

fn meaning(status: u16, kind: FailureKind) -> &'static str {
    match status {
        _ if kind == FailureKind::Quota => {
            " (the quota is spent, or the account is out of money: add to it, then run again)"
        }
        _ if kind == FailureKind::Crowded => " (too many requests at once)",
        300..=399 => " (it has moved: use the new address as base URL)",
        401 | 400 if kind == FailureKind::Endpoint => {
            " (the key is missing or wrong: put it into $TRIBUNAL_API_KEY, or into the variable that api_key_env names)"
        }
        403 => " (this key may not use it)",
        404 => " (no such model or path: check the model's name and the base URL, which often ends in /v1)",
        _ if kind == FailureKind::TooLong => " (the prompt is too long for this model or account)",
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
