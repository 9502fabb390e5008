//! Settings as written on a command line: `key=value` pairs with commas between them.

use thiserror::Error;

/// Why a text is no list of settings.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PairError {
    /// A part has no `=`.
    #[error("`{part}` is no {what}: expected key=value, such as {example}")]
    NotAPair {
        /// The text between two commas.
        part: String,
        /// What such a pair is called.
        what: &'static str,
        /// One that would be right.
        example: &'static str,
    },
    /// A key that does not exist.
    #[error("unknown {what} `{key}`: did you mean `{nearest}`? ({known})")]
    UnknownKey {
        /// What such a pair is called.
        what: &'static str,
        /// The key as written.
        key: String,
        /// The known key most like it.
        nearest: &'static str,
        /// Which there are, or where that can be read.
        known: String,
    },
    /// A key that is given twice.
    #[error("`{key}={value}`: `{key}` is given twice, expected once")]
    Duplicate {
        /// The key.
        key: String,
        /// Its second value.
        value: String,
    },
    /// A value that the key cannot have.
    #[error("`{key}={value}`: expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// The value as written.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
}

/// What the pairs are called, and one that would be right.
pub(super) struct Words {
    pub(super) what: &'static str,
    pub(super) example: &'static str,
}

/// The pairs of a text, in its order, each key once.
pub(super) fn pairs<'a>(text: &'a str, words: &Words) -> Result<Vec<(&'a str, &'a str)>, PairError> {
    let Words { what, example } = *words;
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let parts = if text.trim().is_empty() { None } else { Some(text.split(',')) };
    for part in parts.into_iter().flatten() {
        let Some((key, value)) = part.split_once('=') else {
            return Err(PairError::NotAPair { part: part.trim().to_owned(), what, example });
        };
        let (key, value) = (key.trim(), value.trim());
        if pairs.iter().any(|(seen, _)| *seen == key) {
            return Err(PairError::Duplicate { key: key.to_owned(), value: value.to_owned() });
        }
        pairs.push((key, value));
    }
    Ok(pairs)
}

/// A number from 0 to 1. Adding zero turns -0 into 0: one value, one identity.
pub(super) fn share(key: &str, value: &str, expected: &'static str) -> Result<f64, PairError> {
    let number = value.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.map(|number| number + 0.0).ok_or_else(|| wrong(key, value, expected))
}

/// A whole number up to a most.
pub(super) fn whole(key: &str, value: &str, most: u64, expected: &'static str) -> Result<u64, PairError> {
    value.parse().ok().filter(|number| *number <= most).ok_or_else(|| wrong(key, value, expected))
}

pub(super) fn wrong(key: &str, value: &str, expected: &'static str) -> PairError {
    PairError::Value { key: key.to_owned(), value: value.to_owned(), expected }
}

pub(super) fn unknown(words: &Words, key: &str, keys: &[&'static str], known: String) -> PairError {
    let likeness = |one: &&str| strsim::jaro_winkler(key, one);
    let nearest = keys.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    PairError::UnknownKey { what: words.what, key: key.to_owned(), nearest: nearest.unwrap_or_default(), known }
}
