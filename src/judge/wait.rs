//! How long an endpoint asks to be left alone, by the headers of its answer. Providers write it in many ways.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::HeaderMap;

/// A number from here on is no count of seconds but a moment, in seconds since 1970.
const EPOCH: f64 = 1e9;
/// A number from here on is a moment in milliseconds.
const EPOCH_MILLIS: f64 = 1e12;

/// The windows of limits that providers tell of, each as (what is left, when it is whole again).
const WINDOWS: [(&str, &str); 7] = [
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining-input-tokens", "x-ratelimit-reset-input-tokens"),
    ("x-ratelimit-remaining-output-tokens", "x-ratelimit-reset-output-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
];

/// The wait that an answer asks for: `retry-after-ms`, else `retry-after` (seconds or an HTTP date), else, of a window that is used up,
/// its reset (`12ms`, `6m0s`, seconds or a moment), if the answer `is_throttled`. What makes no sense, or lies in the past, is passed over.
/// `now` is in milliseconds since 1970-01-01 UTC.
#[must_use]
pub fn asked_wait(headers: &HeaderMap, now: i64, is_throttled: bool) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let number = |name: &str| text(name)?.parse::<f64>().ok();
    if let Some(wait) = number("retry-after-ms").and_then(|millis| positive(millis / 1e3)) {
        return Some(wait);
    }
    if let Some(wait) = text("retry-after").and_then(|value| span(value, now).or_else(|| until_date(value, now))) {
        return Some(wait);
    }
    if !is_throttled {
        return None;
    }
    let used_up = WINDOWS.iter().filter(|(left, _)| number(left).is_none_or(|left| left <= 0.0));
    used_up.filter_map(|(_, reset)| span(text(reset)?, now)).max()
}

/// A span of time: `12ms`, `6m0s`, `1h2m3.5s`, seconds, or a moment as seconds or milliseconds since 1970.
pub(super) fn span(text: &str, now: i64) -> Option<Duration> {
    let Ok(number) = text.parse::<f64>() else { return spelled_out(text) };
    let now = now as f64 / 1e3;
    match number {
        moment if moment >= EPOCH_MILLIS => positive(moment / 1e3 - now),
        moment if moment >= EPOCH => positive(moment - now),
        seconds => positive(seconds),
    }
}

/// A span of numbers with units.
pub(super) fn spelled_out(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        seconds += number
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3_600.0,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    positive(seconds)
}

fn until_date(text: &str, now: i64) -> Option<Duration> {
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    positive(moment.as_secs_f64() - now as f64 / 1e3)
}

fn positive(seconds: f64) -> Option<Duration> {
    // Less than a nanosecond is nothing.
    Duration::try_from_secs_f64(seconds).ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// 2026-11-23 00:00:00 UTC.
    const NOW: i64 = 1_795_392_000_000;

    fn asked(headers: &[(&str, &str)]) -> Option<Duration> {
        let pairs = headers.iter().map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        asked_wait(&pairs.collect(), NOW, true)
    }

    #[test]
    fn every_form_of_half_a_minute_is_half_a_minute() {
        for headers in [
            &[("retry-after", "30")][..],
            &[("retry-after", "30.0")],
            &[("retry-after", "30s")],
            &[("retry-after-ms", "30000")],
            &[("retry-after-ms", "30000"), ("retry-after", "31")],
            &[("retry-after", "Mon, 23 Nov 2026 00:00:30 GMT")],
            &[("x-ratelimit-reset-requests", "30s")],
            &[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "0m30s")],
            &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "30000ms")],
            &[("x-ratelimit-reset", "1795392030")],
            &[("x-ratelimit-reset", "1795392030000")],
            &[("ratelimit-reset", "30")],
            // What is not used up is not waited for.
            &[
                ("x-ratelimit-reset-tokens", "30s"),
                ("x-ratelimit-remaining-requests", "9"),
                ("x-ratelimit-reset-requests", "1h"),
            ],
            &[("x-ratelimit-reset-tokens", "30s"), ("x-ratelimit-reset-requests", "12ms")],
        ] {
            assert_eq!(asked(headers), Some(Duration::from_secs(30)), "{headers:?}");
        }
        assert_eq!(asked(&[("retry-after", "1h2m3.5s")]), Some(Duration::from_millis(3_723_500)));
        assert_eq!(asked(&[("x-ratelimit-reset-requests", "6m0s")]), Some(Duration::from_mins(6)));
    }

    #[test]
    fn nonsense_and_what_is_over_are_passed_over() {
        for value in [
            "",
            "-1",
            "0",
            "1e-12",
            "soon",
            "NaN",
            "inf",
            "-inf",
            "1e400",
            "6m0x",
            "m6",
            "12",
            "Mon, 23 Nov 2025 00:00:30 GMT",
        ] {
            let found = asked(&[("retry-after", value)]);
            assert_eq!(found, (value == "12").then(|| Duration::from_secs(12)), "{value}");
        }
        assert_eq!(asked(&[("retry-after", "-1"), ("retry-after-ms", "x")]), None);
        assert_eq!(asked(&[("x-ratelimit-reset", "1795391999")]), None);
        assert_eq!(asked(&[]), None);
        let reset = [(HeaderName::from_static("x-ratelimit-reset-tokens"), HeaderValue::from_static("2h"))];
        assert_eq!(asked_wait(&reset.into_iter().collect(), NOW, false), None, "a server error is no throttle");
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(value in ".{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..20), now in any::<i64>()) {
            for value in [value.as_bytes(), &bytes] {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    for name in ["retry-after", "retry-after-ms", "x-ratelimit-reset"] {
                        let headers = [(HeaderName::from_static(name), value.clone())].into_iter().collect();
                        let _ = asked_wait(&headers, now, true);
                    }
                }
            }
        }
    }
}
