//! Status 429 in the forms that providers give it. They differ in how they say when to come back.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use axum::http::StatusCode;
use serde_json::json;

use super::super::outcome::Outcome;
use super::names::Fault;

/// The throttle, if the fault is one. `now` and what it announces are in milliseconds since 1970-01-01 UTC.
pub(super) fn throttle(fault: Fault, now: u64, wait_ms: u64) -> Option<Outcome> {
    let seconds = wait_ms.div_ceil(1000);
    let moment = (now + wait_ms).div_ceil(1000);
    let used_up = |name| minute_spent().header(name, "0");
    let (outcome, alone_until) = match fault {
        Fault::RetryAfter => (minute_spent().header("retry-after", seconds.to_string()), now + seconds * 1000),
        Fault::RetryAfterMs => (minute_spent().header("retry-after-ms", wait_ms.to_string()), now + wait_ms),
        Fault::RetryAfterDate => (minute_spent().header("retry-after", date(moment)), moment * 1000),
        Fault::ResetSpelled => {
            let spelled = spelled_out(wait_ms);
            let of_requests = used_up("x-ratelimit-remaining-requests").header("x-ratelimit-reset-requests", spelled);
            (of_requests, now + wait_ms)
        }
        Fault::ResetSeconds => {
            (used_up("ratelimit-remaining").header("ratelimit-reset", seconds.to_string()), now + seconds * 1000)
        }
        Fault::ResetEpoch => {
            (used_up("x-ratelimit-remaining").header("x-ratelimit-reset", moment.to_string()), moment * 1000)
        }
        Fault::ResetEpochMs => {
            let moment = now + wait_ms;
            let of_tokens = used_up("x-ratelimit-remaining-tokens");
            (of_tokens.header("x-ratelimit-reset-tokens", moment.to_string()), moment)
        }
        Fault::ResetOpenRouter => (as_openrouter(now + wait_ms), now + wait_ms),
        _ => return unannounced(fault),
    };
    Some(Outcome { alone_until: Some(alone_until), ..outcome })
}

fn unannounced(fault: Fault) -> Option<Outcome> {
    Some(match fault {
        Fault::Bare429 => minute_spent(),
        Fault::NegativeWait => minute_spent().header("retry-after", "-5"),
        Fault::SenselessWait => minute_spent().header("retry-after", "soon"),
        Fault::Concurrency => too_many_at_once(),
        _ => return None,
    })
}

fn too_many(body: String) -> Outcome {
    Outcome::json(StatusCode::TOO_MANY_REQUESTS, body)
}

fn minute_spent() -> Outcome {
    throttled("Rate limit reached for requests per minute: limit 60, used 60, requested 1.", "requests")
}

/// More requests at once than are allowed; how many that is remains hidden.
pub(in super::super) fn too_many_at_once() -> Outcome {
    let message = "Too many concurrent requests: wait for those under way before you send more.";
    let error = json!({"message": message, "type": "rate_limit_error", "param": null, "code": "concurrency"});
    too_many(json!({ "error": error }).to_string())
}

/// As OpenAI words it; the kind is what is limited.
pub(in super::super) fn throttled(message: &str, kind: &str) -> Outcome {
    let error = json!({"message": message, "type": kind, "param": null, "code": "rate_limit_exceeded"});
    too_many(json!({ "error": error }).to_string())
}

/// The headers stand in the body too.
fn as_openrouter(moment: u64) -> Outcome {
    let message = "Rate limit exceeded: free-models-per-min.";
    let moment = moment.to_string();
    let headers = json!({"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": moment});
    let metadata = json!({"headers": headers, "provider_name": null});
    let body = json!({"error": {"message": message, "code": 429, "metadata": metadata}, "user_id": "user_mock"});
    let outcome = too_many(body.to_string()).header("x-ratelimit-limit", "20");
    outcome.header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", moment)
}

/// Of seconds since 1970, as RFC 9110 writes dates.
fn date(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// As Go writes a span of time, and OpenAI with it: `12ms`, `1.5s`, `6m0s`, `1h0m0s`.
pub(in super::super) fn spelled_out(ms: u64) -> String {
    if ms < 1000 {
        return format!("{ms}ms");
    }
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, (ms % 60_000) as f64 / 1e3);
    let mut text = String::new();
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    text + &format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::names::Group;
    use super::*;

    /// 2026-11-23 00:00:00.250 UTC.
    const NOW: u64 = 1_795_392_000_250;

    /// The headers of a throttle beside its kind of content, in one line, and the wait that it counts.
    fn announced(fault: Fault, wait_ms: u64) -> (String, Option<u64>) {
        let outcome = throttle(fault, NOW, wait_ms).unwrap();
        assert_eq!(outcome.status, 429);
        assert_eq!(outcome.headers[0], ("content-type", "application/json".to_owned()));
        let lines: Vec<String> = outcome.headers[1..].iter().map(|(name, value)| format!("{name}: {value}")).collect();
        (lines.join(", "), outcome.alone_until.map(|until| until - NOW))
    }

    #[test]
    fn every_form_announces_the_wait_in_its_own_words() {
        let requests = "x-ratelimit-remaining-requests: 0, x-ratelimit-reset-requests: ";
        let tokens = "x-ratelimit-remaining-tokens: 0, x-ratelimit-reset-tokens: ";
        let plain = "x-ratelimit-remaining: 0, x-ratelimit-reset: ";
        let openrouter = format!("x-ratelimit-limit: 20, {plain}");
        let dates = ["Mon, 23 Nov 2026 00:00:01 GMT", "Mon, 23 Nov 2026 00:00:31 GMT"];
        for (fault, headers, values, waits) in [
            (Fault::RetryAfter, "retry-after: ", ["1", "30"], [1000, 30_000]),
            (Fault::RetryAfterMs, "retry-after-ms: ", ["20", "30000"], [20, 30_000]),
            (Fault::RetryAfterDate, "retry-after: ", dates, [750, 30_750]),
            (Fault::ResetSpelled, requests, ["20ms", "30s"], [20, 30_000]),
            (Fault::ResetSeconds, "ratelimit-remaining: 0, ratelimit-reset: ", ["1", "30"], [1000, 30_000]),
            (Fault::ResetEpoch, plain, ["1795392001", "1795392031"], [750, 30_750]),
            (Fault::ResetEpochMs, tokens, ["1795392000270", "1795392030250"], [20, 30_000]),
            (Fault::ResetOpenRouter, &openrouter, ["1795392000270", "1795392030250"], [20, 30_000]),
        ] {
            for (wait_ms, (value, wait)) in [20, 30_000].into_iter().zip(values.into_iter().zip(waits)) {
                assert_eq!(announced(fault, wait_ms), (format!("{headers}{value}"), Some(wait)), "{fault:?}");
            }
        }
    }

    #[test]
    fn what_announces_nothing_asks_for_no_wait() {
        assert_eq!(announced(Fault::Bare429, 20), (String::new(), None));
        assert_eq!(announced(Fault::Concurrency, 20), (String::new(), None));
        assert_eq!(announced(Fault::NegativeWait, 20), ("retry-after: -5".to_owned(), None));
        assert_eq!(announced(Fault::SenselessWait, 20), ("retry-after: soon".to_owned(), None));
        assert!(throttle(Fault::Concurrency, 0, 0).unwrap().body.contains("Too many concurrent requests"));
    }

    #[test]
    fn the_throttles_are_the_faults_of_their_group() {
        assert!(Fault::all().all(|fault| throttle(fault, 0, 1).is_some() == (fault.group() == Group::Throttles)));
    }

    #[test]
    fn spans_are_spelled_as_go_does() {
        for (ms, text) in [
            (0, "0ms"),
            (12, "12ms"),
            (1500, "1.5s"),
            (360_000, "6m0s"),
            (3_600_000, "1h0m0s"),
            (3_723_500, "1h2m3.5s"),
        ] {
            assert_eq!(spelled_out(ms), text);
        }
    }
}
