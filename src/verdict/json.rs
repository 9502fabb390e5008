//! Verdicts in a JSON object: what stands at a path of the last one.

use std::borrow::Cow;

use serde_json::Value;

use super::label::Labels;
use super::normalise::normalise;
use super::number::Numbers;
use super::object::{last_object, parse};
use super::ranking;
use super::reading::{Reading, Reason};
use super::rule::RuleError;
use super::score::preferred;
use super::slot::slot_label;

/// A value of the last object.
#[derive(Clone, Debug)]
pub(super) struct JsonRule {
    /// A JSON pointer (RFC 6901).
    pub(super) path: String,
    pub(super) meaning: JsonMeaning,
}

/// What the value is.
#[derive(Clone, Debug)]
pub(super) enum JsonMeaning {
    /// A label: text, a number, `true` or `false`.
    Label(Labels),
    /// A number of the one answer that is shown; of several answers a list, or an object by the slots' letters.
    Score(Numbers),
    /// All slots' letters in order of preference.
    Ranking(Labels),
}

impl JsonRule {
    pub(super) fn read(&self, text: &str, slots: usize) -> Reading {
        let found = last_object(text).and_then(|span| Some((parse(&text[span.clone()])?, span)));
        let Some(((object, repairs), span)) = found else { return Reason::BadJson.into() };
        let reading = match object.pointer(&self.path) {
            None | Some(Value::Null) => Reason::NoLabel.into(),
            Some(value) => self.meaning.read(value, slots),
        };
        Reading { repairs, span: Some(span), ..reading }
    }

    /// Whether a text names what the path leads to.
    pub(super) fn is_named_in(&self, text: &str) -> bool {
        self.path.rsplit('/').next().is_none_or(|key| text.contains(&key.replace("~1", "/").replace("~0", "~")))
    }
}

impl JsonMeaning {
    pub(super) fn suits(&self, slots: usize) -> Result<(), RuleError> {
        match (self, slots) {
            (Self::Label(labels), 2) if labels.listed.is_empty() => {
                Err(RuleError::missing("labels", r#"{ A = "first", B = "second" }"#))
            }
            (Self::Label(_) | Self::Ranking(_), 1) => Err(RuleError::missing("range", "[1, 10]")),
            _ => Ok(()),
        }
    }

    /// What is looked for, for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Label(labels) => labels.words(),
            Self::Score(numbers) => numbers.words(),
            Self::Ranking(_) => "each answer once, the best first".to_owned(),
        }
    }

    fn read(&self, value: &Value, slots: usize) -> Reading {
        match self {
            Self::Label(labels) => match label(value, labels.fold) {
                None => Reason::OutOfRange.into(),
                Some(label) => labels.verdict(label.trim(), slots).into(),
            },
            Self::Score(numbers) if slots == 1 => preferred(&[number(value, numbers)], slots),
            Self::Score(numbers) => preferred(&scores(value, numbers, slots), slots),
            Self::Ranking(labels) => ranking::of_value(value, slots, labels),
        }
    }
}

fn label(value: &Value, fold: bool) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if fold => Some(normalise(text).text.into()),
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(word) => Some(word.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value, numbers: &Numbers) -> Option<f64> {
    match value {
        Value::String(text) => numbers.read(text).ok(),
        value => value.as_f64().and_then(|number| numbers.check(number)),
    }
}

fn scores(value: &Value, numbers: &Numbers, slots: usize) -> Vec<Option<f64>> {
    match value {
        Value::Array(values) => values.iter().map(|value| number(value, numbers)).collect(),
        Value::Object(values) if values.len() == slots => {
            (0..slots).map(|slot| number(values.get(&slot_label(slot))?, numbers)).collect()
        }
        _ => Vec::new(),
    }
}
