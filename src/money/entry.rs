//! One model's entry in LiteLLM's file, read to prices.
//!
//! Prices for batches, other service classes (`..._priority`, `..._flex`), hours of the day, regions, audio, images and writing to a cache are not
//! read: a judge is asked in text, one request at a time.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::decimal::in_units;
use super::prices::{Prices, Rates, Tier};
use super::usd::Usd;

/// Modes of a model that answers in text and is paid by the token.
const MODES: [&str; 3] = ["chat", "completion", "responses"];
const INPUT: &str = "input_cost_per_token";
const CACHED_INPUT: &str = "cache_read_input_token_cost";
const OUTPUT: &str = "output_cost_per_token";
const REASONING: &str = "output_cost_per_reasoning_token";
const PER_REQUEST: &str = "input_cost_per_request";
const TIERS: &str = "tiered_pricing";
/// Dollars a token to nano-dollars a million tokens.
const TOKEN_PLACES: i32 = 15;
/// Dollars to nano-dollars.
const DOLLAR_PLACES: i32 = 9;
/// A dollar a token: what is dearer is a price per thousand or million tokens in the wrong place.
const DEAREST: Usd = Usd::from_nanos(1_000_000_000_000_000);
/// What is longer is not quoted.
const QUOTED: usize = 40;

/// What is wrong with an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It has no prices for a judge.
    Refused(String),
    /// A field of it cannot be read.
    Field {
        /// The field.
        field: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
}

/// The fields of an entry, each as written.
pub(super) struct Entry<'a> {
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Entry<'a> {
    /// Reads an entry, which must be an object.
    pub(super) fn read(raw: &'a RawValue) -> Result<Self, Trouble> {
        let fields = serde_json::from_str(raw.get());
        Ok(Self { fields: fields.map_err(|_| Trouble::Refused("it is no object of fields".to_owned()))? })
    }

    /// The text of a field; `None` where it is missing, null, or no text.
    fn text(&self, field: &str) -> Option<String> {
        serde_json::from_str(self.fields.get(field)?.get()).ok()
    }

    /// The provider that the entry is about.
    pub(super) fn provider(&self) -> Option<String> {
        self.text("litellm_provider")
    }

    /// The prices of the model as a judge.
    pub(super) fn prices(&self) -> Result<Prices, Trouble> {
        if let Some(mode) = self.text("mode").filter(|mode| !MODES.contains(&mode.as_str())) {
            return Err(Trouble::Refused(format!("its mode is `{mode}`, and a judge answers in text")));
        }
        let per_request = self.dollars(PER_REQUEST, DOLLAR_PLACES)?.unwrap_or_default();
        let ranges = self.ranges()?;
        let base = self.quoted("")?;
        let (base, tiers) = match ranges.first_key_value() {
            None => {
                let base = base.complete()?;
                (base, self.thresholds(base)?)
            }
            Some((_, lowest)) => {
                let base = lowest.or(base).complete()?;
                (base, ascending(base, ranges.into_iter().filter(|(above, _)| *above > 0)))
            }
        };
        Ok(Prices::new(base, tiers, per_request))
    }

    /// The rates under these names, each followed by the suffix.
    fn quoted(&self, suffix: &str) -> Result<Quoted, Trouble> {
        let rate = |name: &str| {
            let field = format!("{name}{suffix}");
            let rate = self.dollars(&field, TOKEN_PLACES)?;
            let too_dear =
                || format!("more than a dollar for a token; expected US dollars a token, such as {}", 2.5e-6);
            match rate.filter(|rate| *rate > DEAREST) {
                Some(_) => Err(Trouble::Field { field, problem: too_dear() }),
                None => Ok(rate),
            }
        };
        Ok(Quoted {
            input: rate(INPUT)?,
            cached_input: rate(CACHED_INPUT)?,
            output: rate(OUTPUT)?,
            reasoning: rate(REASONING)?,
        })
    }

    /// Dollars under a name, as a number or as a text that is one.
    fn dollars(&self, field: &str, places: i32) -> Result<Option<Usd>, Trouble> {
        let Some(raw) = self.fields.get(field).map(|raw| raw.get()).filter(|raw| *raw != "null") else {
            return Ok(None);
        };
        let text = self.text(field);
        let written = text.as_deref().map_or(raw, str::trim);
        let wrong = || {
            let found = if raw.len() <= QUOTED { raw } else { "something else" };
            let problem = format!("expected an amount of US dollars, 0 or more, such as 2.5e-06, found {found}");
            Trouble::Field { field: field.to_owned(), problem }
        };
        in_units(written, places).map(Usd::from_nanos).map(Some).ok_or_else(wrong)
    }

    /// The tiers that stand in names: `input_cost_per_token_above_200k_tokens` and the like.
    fn thresholds(&self, base: Rates) -> Result<Vec<Tier>, Trouble> {
        let mut quoted = BTreeMap::new();
        for name in self.fields.keys() {
            let suffix = [INPUT, CACHED_INPUT, OUTPUT, REASONING].iter().find_map(|rate| name.strip_prefix(rate));
            if let Some((suffix, above)) = suffix.and_then(|suffix| Some((suffix, threshold(suffix)?))) {
                quoted.insert(above, self.quoted(suffix)?);
            }
        }
        Ok(ascending(base, quoted.into_iter().filter(|(_, quoted)| *quoted != Quoted::default())))
    }

    /// The tiers of `tiered_pricing`, by the number of input tokens above which each begins.
    fn ranges(&self) -> Result<BTreeMap<u64, Quoted>, Trouble> {
        let Some(raw) = self.fields.get(TIERS).filter(|raw| raw.get() != "null") else {
            return Ok(BTreeMap::new());
        };
        let wrong = |problem: &str| Trouble::Field { field: TIERS.to_owned(), problem: problem.to_owned() };
        let tiers: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| wrong("expected a list of tiers"))?;
        let range_of = |tier: &Entry<'_>| {
            let range: Vec<&RawValue> = serde_json::from_str(tier.fields.get("range")?.get()).ok()?;
            in_units(range.first()?.get(), 0)
        };
        let mut ranges = BTreeMap::new();
        for raw in tiers {
            let tier = Entry::read(raw)?;
            let above = range_of(&tier)
                .ok_or_else(|| wrong("expected each tier to have a `range` of tokens, such as [0, 32000]"))?;
            ranges.insert(above, tier.quoted("")?);
        }
        Ok(ranges)
    }
}

/// Rates as quoted: any may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Quoted {
    input: Option<Usd>,
    cached_input: Option<Usd>,
    output: Option<Usd>,
    reasoning: Option<Usd>,
}

impl Quoted {
    /// These rates, and the other's input and output where they are missing.
    fn or(self, other: Self) -> Self {
        Self { input: self.input.or(other.input), output: self.output.or(other.output), ..self }
    }

    /// The rates, of which those of input and output must be there.
    fn complete(self) -> Result<Rates, Trouble> {
        let missing = |name| Trouble::Refused(format!("it has no `{name}`"));
        Ok(Rates {
            input: self.input.ok_or_else(|| missing(INPUT))?,
            cached_input: self.cached_input,
            output: self.output.ok_or_else(|| missing(OUTPUT))?,
            reasoning: self.reasoning,
        })
    }

    /// The rates of a tier above others. What it leaves out is never cheaper than it may be: cached input without a rate costs as input, and
    /// reasoning as output, but no less than below.
    fn above(self, below: Rates) -> Rates {
        let output = self.output.unwrap_or(below.output);
        Rates {
            input: self.input.unwrap_or(below.input),
            cached_input: self.cached_input.or(below.cached_input.filter(|_| self.input.is_none())),
            output,
            reasoning: self.reasoning.or(below.reasoning.map(|rate| rate.max(output))),
        }
    }
}

/// Tiers one above the other: what one leaves out, it has from the one below.
fn ascending(mut below: Rates, quoted: impl Iterator<Item = (u64, Quoted)>) -> Vec<Tier> {
    let tier = |(above, quoted): (u64, Quoted)| {
        below = quoted.above(below);
        Tier { above, rates: below }
    };
    quoted.map(tier).collect()
}

/// The number in `_above_200k_tokens`; `None` of anything else, such as `_above_200k_tokens_priority`.
fn threshold(suffix: &str) -> Option<u64> {
    let number = suffix.strip_prefix("_above_")?.strip_suffix("_tokens")?;
    match number.strip_suffix('k') {
        Some(thousands) => thousands.parse::<u64>().ok()?.checked_mul(1_000),
        None => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Prices, Trouble> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        Entry::read(raw)?.prices()
    }

    fn rates(input: &str, cached: Option<&str>, output: &str, reasoning: Option<&str>) -> Rates {
        let usd = |text: &str| text.parse().unwrap();
        Rates { input: usd(input), cached_input: cached.map(usd), output: usd(output), reasoning: reasoning.map(usd) }
    }

    #[test]
    fn prices_are_read_as_they_are_written() {
        let text = r#"{"mode": "chat", "input_cost_per_token": 1.5e-07, "cache_read_input_token_cost": "7.5e-8",
            "output_cost_per_token": "0.0000006", "output_cost_per_reasoning_token": null, "max_tokens": "many",
            "input_cost_per_token_priority": 1, "input_cost_per_token_batches": 7.5e-08, "input_cost_per_audio_token": "?",
            "deprecation_date": "2001-01-01", "supports_vision": true, "input_cost_per_request": 0.005}"#;
        let expected = Prices::new(rates("0.15", Some("0.075"), "0.6", None), Vec::new(), "0.005".parse().unwrap());
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn tiers_are_read_from_names_with_any_number() {
        let text = r#"{"input_cost_per_token": 1e-6, "cache_read_input_token_cost": 1e-7, "output_cost_per_token": 2e-6,
            "output_cost_per_reasoning_token": 3e-6,
            "input_cost_per_token_above_200k_tokens": 2e-6, "output_cost_per_token_above_200k_tokens": 4e-6,
            "input_cost_per_token_above_1024k_tokens": 5e-6, "cache_read_input_token_cost_above_1024k_tokens": 4e-6,
            "output_cost_per_token_above_500_tokens": 2.5e-6, "output_cost_per_token_above_128k_tokens": null,
            "input_cost_per_token_above_300k_tokens_priority": 9e-6, "input_cost_per_character_above_128k_tokens": 9e-6,
            "cache_creation_input_token_cost_above_1hr": 9e-6}"#;
        let tier = |above, rates| Tier { above, rates };
        let tiers = vec![
            tier(500, rates("1", Some("0.1"), "2.5", Some("3"))),
            tier(200_000, rates("2", None, "4", Some("4"))),
            tier(1_024_000, rates("5", Some("4"), "4", Some("4"))),
        ];
        let expected = Prices::new(rates("1", Some("0.1"), "2", Some("3")), tiers, Usd::ZERO);
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn tiers_are_read_from_a_list_of_ranges() {
        let text = r#"{"mode": "chat", "output_cost_per_token": 7e-6, "tiered_pricing": [
            {"range": [32000, 1.28e5], "input_cost_per_token": 2e-6, "output_cost_per_token": 5e-6},
            {"range": [0, 32000.0], "input_cost_per_token": 1e-6, "cache_read_input_token_cost": 2e-7}]}"#;
        let tiers = vec![Tier { above: 32_000, rates: rates("2", None, "5", None) }];
        assert_eq!(read(text), Ok(Prices::new(rates("1", Some("0.2"), "7", None), tiers, Usd::ZERO)));
    }

    #[test]
    fn what_is_no_judge_is_refused() {
        for (text, said) in [
            (
                r#"{"mode": "embedding", "input_cost_per_token": 1e-8}"#,
                "its mode is `embedding`, and a judge answers in text",
            ),
            (r#"{"mode": "image_generation"}"#, "its mode is `image_generation`, and a judge answers in text"),
            (r#"{"mode": "chat", "output_cost_per_token": 1e-6}"#, "it has no `input_cost_per_token`"),
            (r#"{"input_cost_per_token": 1e-6, "output_cost_per_token": null}"#, "it has no `output_cost_per_token`"),
            ("[1]", "it is no object of fields"),
        ] {
            assert_eq!(read(text), Err(Trouble::Refused(said.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_price_that_is_none_is_told_with_its_field() {
        for (value, said) in [
            ("\"one of many\"", "found \"one of many\""),
            ("-1e-6", "found -1e-6"),
            ("true", "found true"),
            ("{\"low\": 1, \"medium\": 2, \"high\": 3, \"highest\": 4}", "found something else"),
            ("2.5", "more than a dollar for a token; expected US dollars a token, such as 0.0000025"),
        ] {
            let text = format!(r#"{{"input_cost_per_token": {value}, "output_cost_per_token": 1e-6}}"#);
            let Err(Trouble::Field { field, problem }) = read(&text) else { panic!("{text}") };
            assert_eq!(field, "input_cost_per_token");
            assert!(problem.ends_with(said), "{problem}");
        }
        let Err(Trouble::Field { field, .. }) = read(r#"{"tiered_pricing": [{"range": []}]}"#) else { panic!() };
        assert_eq!(field, "tiered_pricing");
    }
}
