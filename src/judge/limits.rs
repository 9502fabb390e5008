//! What an endpoint tells of its limits in the headers of its answers. Providers write it in many ways.

use reqwest::header::HeaderMap;

use super::wait::span;
use crate::ask::{Limit, Told};

/// The beginnings and endings of the names of headers, around what is limited.
const STYLES: [[&str; 3]; 2] = [
    ["x-ratelimit-limit-{}", "x-ratelimit-remaining-{}", "x-ratelimit-reset-{}"],
    ["anthropic-ratelimit-{}-limit", "anthropic-ratelimit-{}-remaining", "anthropic-ratelimit-{}-reset"],
];

/// What the headers tell; `now` is in milliseconds since 1970-01-01 UTC.
pub(super) fn told(headers: &HeaderMap, now: i64) -> Told {
    let limit = |what: &str| {
        STYLES.iter().find_map(|style| {
            let names = style.map(|name| name.replace("{}", what));
            limit(headers, [&names[0], &names[1], &names[2]], now)
        })
    };
    let plain = || self::limit(headers, ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"], now);
    Told {
        requests: limit("requests").or_else(plain),
        tokens: limit("tokens"),
        input_tokens: limit("input-tokens"),
        output_tokens: limit("output-tokens"),
        met_tokens: false,
    }
}

/// A limit by the names of its headers. What is zero or below is no limit: some send it where they have none.
fn limit(headers: &HeaderMap, [most, left, reset]: [&str; 3], now: i64) -> Option<Limit> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let number = |name: &str| text(name)?.parse::<u64>().ok();
    let most = number(most).filter(|most| *most > 0)?;
    Some(Limit { most: Some(most), left: number(left), reset: text(reset).and_then(|value| span(value, now)) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Told {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        told(&pairs.collect(), 1_795_392_000_000)
    }

    #[test]
    fn limits_are_read_in_every_style() {
        let openai = of(&[
            ("x-ratelimit-limit-requests", "600"),
            ("x-ratelimit-remaining-requests", "599"),
            ("x-ratelimit-reset-requests", "100ms"),
            ("x-ratelimit-limit-tokens", "100000"),
        ]);
        let reset = Some(Duration::from_millis(100));
        assert_eq!(openai.requests, Some(Limit { most: Some(600), left: Some(599), reset }));
        assert_eq!(openai.tokens, Some(Limit { most: Some(100_000), left: None, reset: None }));
        let anthropic = of(&[
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-11-23T00:00:30Z"),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
        ]);
        assert_eq!(anthropic.requests, Some(Limit { most: Some(50), left: Some(49), reset: None }));
        assert_eq!(anthropic.output_tokens.and_then(|limit| limit.most), Some(8000));
        let plain = of(&[("x-ratelimit-limit", "20"), ("x-ratelimit-remaining", "3")]);
        assert_eq!(plain.requests, Some(Limit { most: Some(20), left: Some(3), reset: None }));
    }

    #[test]
    fn what_is_no_limit_is_none() {
        for (name, value) in [
            ("x-ratelimit-limit-requests", "0"),
            ("x-ratelimit-limit-requests", "-1"),
            ("x-ratelimit-limit-requests", "many"),
            ("x-ratelimit-remaining-requests", "-1"),
        ] {
            assert_eq!(of(&[(name, value)]), Told::default(), "{name}: {value}");
        }
    }
}
