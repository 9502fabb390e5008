//! The limits that are wanted, as written in `requests=600,concurrency=16@0+6@120,headers=openai`.

use std::fmt;
use std::str::FromStr;

use super::super::pairs::{PairError, Words, pairs, unknown, whole, wrong};
use super::latency::Latency;
use super::output::Output;
use super::schedule::{Outages, Schedule};

const WORDS: Words = Words { what: "limit", example: "requests=600" };
const SETTINGS: [&str; 8] = ["charge", "charge_rejected", "window_ms", "headers", "latency", "output", "down", "seed"];
const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

/// Something that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Requests within a window.
    Requests,
    /// Requests within a day.
    RequestsPerDay,
    /// Tokens of prompt and reply within a window.
    Tokens,
    /// Tokens of the prompt within a window.
    InputTokens,
    /// Tokens of the reply within a window.
    OutputTokens,
    /// Requests at once. No header tells of it.
    Concurrency,
}

impl Limit {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// Every limit, in the order in which they are enforced.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Requests, Self::RequestsPerDay, Self::Tokens, Self::InputTokens, Self::OutputTokens, Self::Concurrency];

    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::RequestsPerDay => "requests_per_day",
            Self::Tokens => "tokens",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::Concurrency => "concurrency",
        }
    }

    /// What it counts, in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Requests => "requests per minute",
            Self::RequestsPerDay => "requests per day",
            Self::Tokens => "tokens per minute",
            Self::InputTokens => "input tokens per minute",
            Self::OutputTokens => "output tokens per minute",
            Self::Concurrency => "requests at once",
        }
    }

    /// Those that count within a span of time.
    pub(super) fn windows() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|limit| *limit != Self::Concurrency)
    }
}

/// What a request is charged, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charge {
    /// Prompt and `max_tokens`, at arrival.
    #[default]
    Reserved,
    /// The prompt at arrival, the reply's own tokens when it is sent.
    Used,
}

impl Charge {
    const ALL: [(&'static str, Self); 2] = [("reserved", Self::Reserved), ("used", Self::Used)];
}

/// Whose headers tell of the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderStyle {
    /// None tell.
    #[default]
    None,
    /// Retry-After on a 429, and nothing else.
    RetryAfter,
    /// As `OpenAI` writes them.
    OpenAi,
    /// As Anthropic writes them.
    Anthropic,
    /// As `OpenRouter` writes them.
    OpenRouter,
    /// As Azure writes them.
    Azure,
}

impl HeaderStyle {
    const ALL: [(&'static str, Self); 6] = [
        ("none", Self::None),
        ("retry_after", Self::RetryAfter),
        ("openai", Self::OpenAi),
        ("anthropic", Self::Anthropic),
        ("openrouter", Self::OpenRouter),
        ("azure", Self::Azure),
    ];
}

/// Which limits, and how they are told. `Display` names what is limited and every setting that differs, in one fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    schedules: [Option<Schedule>; Limit::COUNT],
    /// What a request is charged.
    pub charge: Charge,
    /// Whether rejected requests are charged too.
    pub charge_rejected: bool,
    /// How long a minute is, in milliseconds.
    pub window_ms: u64,
    /// How the limits are told.
    pub headers: HeaderStyle,
    /// How long replies take; with none, as long as the judge's `latency_ms`.
    pub latency: Option<Latency>,
    /// How long replies are; words without a label stand before the judge's own. This changes what the judge says.
    pub output: Option<Output>,
    /// When there is no service.
    pub down: Outages,
    /// Another seed is other latencies and lengths of the same distributions; with none, the judge's own.
    pub seed: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            schedules: [const { None }; Limit::COUNT],
            charge: Charge::default(),
            charge_rejected: false,
            window_ms: MINUTE_MS,
            headers: HeaderStyle::default(),
            latency: None,
            output: None,
            down: Outages::default(),
            seed: None,
        }
    }
}

impl FromStr for Limits {
    type Err = PairError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut limits = Self::default();
        for (key, value) in pairs(text, &WORDS)? {
            if let Some(limit) = Limit::ALL.into_iter().find(|limit| limit.name() == key) {
                limits.schedules[limit as usize] = Some(read(key, value, Schedule::parse, Schedule::EXPECTED)?);
            } else {
                limits.set(key, value)?;
            }
        }
        Ok(limits)
    }
}

impl Limits {
    /// Every key: limits and settings.
    #[must_use]
    pub fn keys() -> Vec<&'static str> {
        Limit::ALL.into_iter().map(Limit::name).chain(SETTINGS).collect()
    }

    pub(super) fn schedule(&self, limit: Limit) -> Option<&Schedule> {
        self.schedules[limit as usize].as_ref()
    }

    /// How long the window of a limit is, in milliseconds.
    pub(super) fn span(&self, limit: Limit) -> u64 {
        if limit == Limit::RequestsPerDay { DAY_MS } else { self.window_ms }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), PairError> {
        match key {
            "charge" => {
                let expected = "reserved or used";
                self.charge = read(key, value, |value| named(&Charge::ALL, value), expected)?;
            }
            "charge_rejected" => self.charge_rejected = whole(key, value, 1, "0 or 1")? == 1,
            "window_ms" => {
                let expected = "a whole number of milliseconds, from 1 to a day";
                let span = |value: &str| value.parse().ok().filter(|span| (1..=DAY_MS).contains(span));
                self.window_ms = read(key, value, span, expected)?;
            }
            "headers" => {
                let expected = "none, retry_after, openai, anthropic, openrouter or azure";
                self.headers = read(key, value, |value| named(&HeaderStyle::ALL, value), expected)?;
            }
            "latency" => self.latency = Some(read(key, value, Latency::parse, Latency::EXPECTED)?),
            "output" => self.output = Some(read(key, value, Output::parse, Output::EXPECTED)?),
            "down" => self.down = read(key, value, Outages::parse, Outages::EXPECTED)?,
            "seed" => self.seed = Some(whole(key, value, u64::MAX, "a whole number from 0 to 2^64 - 1")?),
            _ => return Err(unknown(&WORDS, key, &Self::keys(), "`tribunal mock --help` lists them".to_owned())),
        }
        Ok(())
    }
}

fn read<T>(key: &str, value: &str, parse: impl Fn(&str) -> Option<T>, expected: &'static str) -> Result<T, PairError> {
    parse(value).ok_or_else(|| wrong(key, value, expected))
}

fn named<T: Copy>(all: &[(&str, T)], value: &str) -> Option<T> {
    all.iter().find(|(name, _)| *name == value).map(|(_, one)| *one)
}

fn name_of<T: PartialEq>(all: &[(&'static str, T)], one: &T) -> &'static str {
    all.iter().find(|(_, other)| other == one).map_or("", |(name, _)| name)
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schedules, charge, charge_rejected, window_ms, headers, latency, output, down, seed } = self;
        for limit in Limit::ALL {
            if let Some(schedule) = &schedules[limit as usize] {
                write!(f, "{}={schedule},", limit.name())?;
            }
        }
        write!(f, "charge={},charge_rejected={}", name_of(&Charge::ALL, charge), u8::from(*charge_rejected))?;
        write!(f, ",window_ms={window_ms},headers={}", name_of(&HeaderStyle::ALL, headers))?;
        if let Some(latency) = latency {
            write!(f, ",latency={latency}")?;
        }
        if let Some(output) = output {
            write!(f, ",output={output}")?;
        }
        if !down.is_empty() {
            write!(f, ",down={down}")?;
        }
        seed.map_or(Ok(()), |seed| write!(f, ",seed={seed}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn limits(text: &str) -> Limits {
        text.parse().unwrap()
    }

    fn at(text: &str, limit: Limit, second: u64) -> Option<u64> {
        limits(text).schedule(limit).unwrap().at(second * 1000)
    }

    #[test]
    fn nothing_is_limited_unless_asked_for() {
        assert_eq!(limits(" "), Limits::default());
        assert!(Limit::ALL.iter().all(|limit| Limits::default().schedule(*limit).is_none()));
        assert_eq!(Limits::default().to_string(), "charge=reserved,charge_rejected=0,window_ms=60000,headers=none");
    }

    #[test]
    fn a_limit_moves_at_its_seconds() {
        let text = "concurrency=16@0+6@120+24@240,requests= 5 @ 10 ";
        for (second, number) in [(0, 16), (119, 16), (120, 6), (239, 6), (240, 24), (9999, 24)] {
            assert_eq!(at(text, Limit::Concurrency, second), Some(number));
        }
        assert_eq!([9, 10].map(|second| at(text, Limit::Requests, second)), [None, Some(5)]);
        assert_eq!(
            [4999, 5000, 7000, 9000].map(|ms| limits("down=5..7+9..10").down.hold(ms)),
            [false, true, false, true]
        );
    }

    #[test]
    fn an_error_says_the_key_the_value_and_what_was_expected() {
        for (text, expected) in [
            ("request=5", "unknown limit `request`: did you mean `requests`? (`tribunal mock --help` lists them)"),
            ("requests", "`requests` is no limit: expected key=value, such as requests=600"),
            ("requests=0", "`requests=0`: expected a whole number from 1 to 10^12, or such numbers with the seconds"),
            ("concurrency=5@9+6@9", "`concurrency=5@9+6@9`: expected a whole number from 1 to 10^12"),
            ("tokens=1,tokens=2", "`tokens=2`: `tokens` is given twice, expected once"),
            ("charge=all", "`charge=all`: expected reserved or used"),
            ("charge_rejected=2", "`charge_rejected=2`: expected 0 or 1"),
            ("window_ms=0", "`window_ms=0`: expected a whole number of milliseconds, from 1 to a day"),
            ("headers=x", "`headers=x`: expected none, retry_after, openai, anthropic, openrouter or azure"),
            ("latency=uniform:5:1", "`latency=uniform:5:1`: expected fixed:MS, uniform:LOW:HIGH or lognormal:"),
            ("latency=lognormal:nan:1", "`latency=lognormal:nan:1`: expected fixed:MS"),
            ("output=fixed:5", "`output=fixed:5`: expected lognormal:MEDIAN:SIGMA, a median up to 10000 tokens"),
            ("down=7..7", "`down=7..7`: expected spans of seconds, such as 600..1800 or 600..1800+3600..3700"),
        ] {
            let message = text.parse::<Limits>().unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_parses_back(
            numbers in prop::array::uniform6(prop::option::of((1..=1_000_000_u64, 0..100_u64, 1..1000_u64))),
            (charge, rejected, window_ms, style) in (0..2_usize, any::<bool>(), 1..=DAY_MS, 0..6_usize),
            (latency, down, seed) in (0..4_usize, prop::option::of((0..100_u64, 1..100_u64)), any::<Option<u64>>()),
            (low, high) in (0.001..1.0, 1.0..10.0),
        ) {
            let schedule = |(number, from, then): (u64, u64, u64)| {
                Schedule::parse(&format!("{number}@{from}+7@{}", from + then)).unwrap()
            };
            let limits = Limits {
                schedules: numbers.map(|numbers| numbers.map(schedule)),
                charge: Charge::ALL[charge].1,
                charge_rejected: rejected,
                window_ms,
                headers: HeaderStyle::ALL[style].1,
                latency: [None, Some(Latency::Fixed(low)), Some(Latency::Uniform(low, high)),
                    Some(Latency::Lognormal(high, low))][latency],
                output: seed.and_then(|_| Output::parse(&format!("lognormal:{high}:{low}"))),
                down: down.and_then(|(from, long)| Outages::parse(&format!("{from}..{}", from + long))).unwrap_or_default(),
                seed,
            };
            prop_assert_eq!(limits.to_string().parse(), Ok(limits));
        }
    }
}
