//! What is told of the limits: the 429 of a request that met one, and the headers in the styles of providers.

use std::time::{Duration, UNIX_EPOCH};

use super::super::faults::{spelled_out, throttled, too_many_at_once};
use super::super::outcome::Outcome;
use super::spec::{HeaderStyle, Limit};

/// How a window stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: Limit,
    pub(super) number: u64,
    pub(super) used: u64,
    /// When nothing of it is used any more, in milliseconds since 1970, as all moments.
    pub(super) whole_at: u64,
}

impl Standing {
    fn remaining(self) -> u64 {
        self.number.saturating_sub(self.used)
    }
}

/// What the limits say to one request, and how they stand after it.
#[derive(Debug)]
pub(in super::super) struct Verdict {
    /// The limit that it met.
    pub(in super::super) met: Option<Limit>,
    pub(super) requested: u64,
    pub(super) standings: Vec<Standing>,
    /// When there is room for it, where that can be told.
    pub(super) room_at: Option<u64>,
    pub(super) now: u64,
}

type Headers = Vec<(&'static str, String)>;

impl Verdict {
    /// The answer to a request that met a limit; the headers come with [`Self::tell`].
    pub(in super::super) fn refusal(&self, style: HeaderStyle) -> Option<Outcome> {
        let met = self.met?;
        let Some(Standing { number, used, .. }) = self.of(met) else {
            return Some(Outcome { limit: Some(met), ..too_many_at_once() });
        };
        let (words, requested) = (met.words(), self.requested);
        let message = if self.room_at.is_none() {
            format!("Request too large for {words}: limit {number}, requested {requested}. It can never be answered.")
        } else {
            format!("Rate limit reached for {words}: limit {number}, used {used}, requested {requested}.")
        };
        let kind = if matches!(met, Limit::Requests | Limit::RequestsPerDay) { "requests" } else { "tokens" };
        Some(Outcome { limit: Some(met), alone_until: self.alone_until(style), ..throttled(&message, kind) })
    }

    /// The headers of one style. Where `is_unsure`, Azure does not say what remains.
    pub(in super::super) fn headers(&self, style: HeaderStyle, is_unsure: bool) -> Headers {
        match style {
            HeaderStyle::None => Vec::new(),
            HeaderStyle::RetryAfter => self.retry_after().into_iter().collect(),
            HeaderStyle::OpenAi => self.openai(),
            HeaderStyle::Anthropic => self.anthropic(),
            HeaderStyle::OpenRouter => self.openrouter(),
            HeaderStyle::Azure => self.azure(is_unsure),
        }
    }

    fn of(&self, limit: Limit) -> Option<Standing> {
        self.standings.iter().copied().find(|standing| standing.limit == limit)
    }

    /// The requests of a day are told where those of a minute are not limited.
    fn of_requests(&self) -> Option<Standing> {
        self.of(Limit::Requests).or_else(|| self.of(Limit::RequestsPerDay))
    }

    fn seconds(&self) -> Option<u64> {
        self.room_at.map(|room_at| (room_at - self.now).div_ceil(1000).max(1))
    }

    fn retry_after(&self) -> Option<(&'static str, String)> {
        self.seconds().map(|seconds| ("retry-after", seconds.to_string()))
    }

    /// Until when nothing can be answered, where the headers tell that there is nothing left or how long to wait.
    fn alone_until(&self, style: HeaderStyle) -> Option<u64> {
        let is_spent = self.met.and_then(|met| self.of(met)).is_some_and(|standing| standing.remaining() == 0);
        match style {
            HeaderStyle::RetryAfter | HeaderStyle::Anthropic => self.seconds().map(|seconds| self.now + seconds * 1000),
            HeaderStyle::OpenAi | HeaderStyle::OpenRouter if is_spent => self.room_at,
            _ => None,
        }
    }

    fn openai(&self) -> Headers {
        let of = |standing: Standing, [limit, remaining, reset]: [&'static str; 3]| {
            let wait = spelled_out(standing.whole_at - self.now);
            [(limit, standing.number.to_string()), (remaining, standing.remaining().to_string()), (reset, wait)]
        };
        let requests = ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
        let tokens = ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];
        let told = [(self.of_requests(), requests), (self.of(Limit::Tokens), tokens)];
        told.into_iter().filter_map(|(standing, names)| Some(of(standing?, names))).flatten().collect()
    }

    fn anthropic(&self) -> Headers {
        let of = |standing: Standing, [limit, remaining, reset]: [&'static str; 3]| {
            let moment = rfc_3339(standing.whole_at.div_ceil(1000));
            [(limit, standing.number.to_string()), (remaining, standing.remaining().to_string()), (reset, moment)]
        };
        let told = [
            (
                self.of_requests(),
                [
                    "anthropic-ratelimit-requests-limit",
                    "anthropic-ratelimit-requests-remaining",
                    "anthropic-ratelimit-requests-reset",
                ],
            ),
            (
                self.of(Limit::Tokens),
                [
                    "anthropic-ratelimit-tokens-limit",
                    "anthropic-ratelimit-tokens-remaining",
                    "anthropic-ratelimit-tokens-reset",
                ],
            ),
            (
                self.of(Limit::InputTokens),
                [
                    "anthropic-ratelimit-input-tokens-limit",
                    "anthropic-ratelimit-input-tokens-remaining",
                    "anthropic-ratelimit-input-tokens-reset",
                ],
            ),
            (
                self.of(Limit::OutputTokens),
                [
                    "anthropic-ratelimit-output-tokens-limit",
                    "anthropic-ratelimit-output-tokens-remaining",
                    "anthropic-ratelimit-output-tokens-reset",
                ],
            ),
        ];
        let headers = told.into_iter().filter_map(|(standing, names)| Some(of(standing?, names))).flatten();
        headers.chain(self.retry_after()).collect()
    }

    /// One window: the one that was met, or that of requests.
    fn openrouter(&self) -> Headers {
        let met = self.met.and_then(|met| self.of(met));
        let Some(standing) = met.or_else(|| self.of_requests()) else { return Vec::new() };
        vec![
            ("x-ratelimit-limit", standing.number.to_string()),
            ("x-ratelimit-remaining", standing.remaining().to_string()),
            ("x-ratelimit-reset", standing.whole_at.to_string()),
        ]
    }

    fn azure(&self, is_unsure: bool) -> Headers {
        let of = |standing: Option<Standing>, name: &'static str| {
            let remaining = standing?.remaining();
            Some((name, if is_unsure { "-1".to_owned() } else { remaining.to_string() }))
        };
        let requests = of(self.of_requests(), "x-ratelimit-remaining-requests");
        requests.into_iter().chain(of(self.of(Limit::Tokens), "x-ratelimit-remaining-tokens")).collect()
    }
}

/// Of seconds since 1970: `2026-11-23T00:00:30Z`, the parts taken from the date that HTTP writes.
fn rfc_3339(seconds: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    let parts: Vec<&str> = date.split(' ').collect();
    let [_, day, month, year, time, _] = *parts else { return date };
    let month = MONTHS.iter().position(|name| *name == month).unwrap_or_default() + 1;
    format!("{year}-{month:02}-{day}T{time}Z")
}
