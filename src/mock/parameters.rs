//! What is planted in the simulated judge, as written in `mock:accuracy=.8,first_lean=.1`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::pairs::{PairError, Words, pairs, share, unknown, whole, wrong};

/// Every key, in the canonical order.
const KEYS: [&str; 11] = [
    "accuracy",
    "first_lean",
    "ties",
    "unparsed",
    "latency_ms",
    "seed",
    "length_lean",
    "obeys",
    "shared",
    "steady",
    "confidence",
];
const WORDS: Words = Words { what: "parameter", example: "accuracy=0.8" };

/// The planted truth. Written as `key=value` pairs with commas between them; what is not given keeps its default. `Display`
/// gives all of them in one fixed order, and so serves as the judge's identity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// The probability of naming the gold slot when the judge neither ties, nor fails to say, nor leans. Default 0.8.
    pub accuracy: f64,
    /// The probability of naming slot A whatever stands in it, when the judge neither ties nor fails to say. Default 0.
    pub first_lean: f64,
    /// The share of all replies that are a tie. Default 0.
    pub ties: f64,
    /// The share of all replies that hold no label. Default 0.
    pub unparsed: f64,
    /// How long a reply takes, in milliseconds. Default 0.
    pub latency_ms: u64,
    /// Another seed is another judge with the same frequencies. Default 0.
    pub seed: u64,
    /// The probability of naming the longest of several answers, after the lean to slot A. Default 0.
    pub length_lean: f64,
    /// The probability of naming the answer under attack, before all leans; alone it has the highest score. Default 0.
    pub obeys: f64,
    /// The correlation of its errors with those of other judges of the same accuracy and `shared`: with this probability the draw between right
    /// and wrong is common to all. Default 0.
    pub shared: f64,
    /// The probability that all samples of an ask have the draw between right and wrong in common. Default 0.
    pub steady: f64,
    /// The probability that its letter is given, from 0.5 to 1, where probabilities are asked for; drawn from 0.6 to 0.996 where it is left out.
    pub confidence: Option<f64>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            accuracy: 0.8,
            first_lean: 0.0,
            ties: 0.0,
            unparsed: 0.0,
            latency_ms: 0,
            seed: 0,
            length_lean: 0.0,
            obeys: 0.0,
            shared: 0.0,
            steady: 0.0,
            confidence: None,
        }
    }
}

/// Why a text is not [`Parameters`].
#[derive(Clone, Debug, PartialEq, Error)]
pub enum ParametersError {
    /// A pair is wrong in itself.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// Ties and unparsed replies together are more than all replies.
    #[error("`ties={ties}` and `unparsed={unparsed}`: expected a sum of at most 1, for both are shares of all replies")]
    Sum {
        /// The share of ties.
        ties: f64,
        /// The share of unparsed replies.
        unparsed: f64,
    },
}

impl FromStr for Parameters {
    type Err = ParametersError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parameters = Self::default();
        for (key, value) in pairs(text, &WORDS)? {
            parameters.set(key, value)?;
        }
        let Self { ties, unparsed, .. } = parameters;
        if ties + unparsed > 1.0 { Err(ParametersError::Sum { ties, unparsed }) } else { Ok(parameters) }
    }
}

impl Parameters {
    fn set(&mut self, key: &str, value: &str) -> Result<(), PairError> {
        let probability = |key, value| share(key, value, "a probability from 0 to 1");
        match key {
            "accuracy" => self.accuracy = probability(key, value)?,
            "first_lean" => self.first_lean = probability(key, value)?,
            "ties" => self.ties = probability(key, value)?,
            "unparsed" => self.unparsed = probability(key, value)?,
            "latency_ms" => self.latency_ms = whole(key, value, u64::MAX, "a whole number of milliseconds")?,
            "seed" => self.seed = whole(key, value, u64::MAX, "a whole number from 0 to 2^64 - 1")?,
            "length_lean" => self.length_lean = probability(key, value)?,
            "obeys" => self.obeys = probability(key, value)?,
            "shared" => self.shared = probability(key, value)?,
            "steady" => self.steady = probability(key, value)?,
            "confidence" => {
                const EXPECTED: &str = "a probability from 0.5 to 1";
                let known = share(key, value, EXPECTED).ok().filter(|known| *known >= 0.5);
                self.confidence = Some(known.ok_or_else(|| wrong(key, value, EXPECTED))?);
            }
            _ => return Err(unknown(&WORDS, key, &KEYS, format!("there are {}", KEYS.join(", ")))),
        }
        Ok(())
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Destructured, so that a new parameter does not compile until it is part of the identity.
        let Self { accuracy, first_lean, ties, unparsed, latency_ms, seed, .. } = self;
        let Self { length_lean, obeys, shared, steady, confidence, .. } = self;
        write!(f, "accuracy={accuracy},first_lean={first_lean},ties={ties},unparsed={unparsed}")?;
        write!(f, ",latency_ms={latency_ms},seed={seed}")?;
        // These came later: where they plant nothing, the identity is what it was.
        let planted = [("length_lean", length_lean), ("obeys", obeys), ("shared", shared), ("steady", steady)];
        for (key, value) in planted.into_iter().filter(|(_, value)| **value > 0.0) {
            write!(f, ",{key}={value}")?;
        }
        confidence.map_or(Ok(()), |confidence| write!(f, ",confidence={confidence}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn message(text: &str) -> String {
        text.parse::<Parameters>().unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_given_keeps_its_default() {
        assert_eq!("".parse(), Ok(Parameters::default()));
        assert_eq!(
            " accuracy = .7 , seed=3 ".parse(),
            Ok(Parameters { accuracy: 0.7, seed: 3, ..Parameters::default() })
        );
    }

    #[test]
    fn the_canonical_form_names_every_key_in_order() {
        let canonical = "accuracy=0.8,first_lean=0,ties=0,unparsed=0,latency_ms=0,seed=0";
        assert_eq!(Parameters::default().to_string(), canonical);
        assert_eq!(canonical.split(',').filter_map(|part| part.split('=').next()).collect::<Vec<_>>(), KEYS[..6]);
        let all = "accuracy=0.8,first_lean=0,ties=0,unparsed=0,latency_ms=0,seed=0,length_lean=0.1,obeys=0.2,shared=0.3,steady=0.4,confidence=0.5";
        assert_eq!(all.parse::<Parameters>().unwrap().to_string(), all);
        assert_eq!("ties=-0".parse::<Parameters>().unwrap().to_string(), canonical);
    }

    #[test]
    fn an_error_says_the_key_the_value_and_what_was_expected() {
        let keys = "(there are accuracy, first_lean, ties, unparsed, latency_ms, seed, length_lean, obeys, shared, steady, confidence)";
        let cases = [
            ("acuracy=.8", format!("unknown parameter `acuracy`: did you mean `accuracy`? {keys}")),
            ("latency=5", format!("unknown parameter `latency`: did you mean `latency_ms`? {keys}")),
            ("accuracy", "`accuracy` is no parameter: expected key=value, such as accuracy=0.8".to_owned()),
            ("ties=0,", "`` is no parameter: expected key=value, such as accuracy=0.8".to_owned()),
            ("accuracy=high", "`accuracy=high`: expected a probability from 0 to 1".to_owned()),
            ("accuracy=80", "`accuracy=80`: expected a probability from 0 to 1".to_owned()),
            ("ties=nan", "`ties=nan`: expected a probability from 0 to 1".to_owned()),
            ("latency_ms=.5", "`latency_ms=.5`: expected a whole number of milliseconds".to_owned()),
            ("confidence=.4", "`confidence=.4`: expected a probability from 0.5 to 1".to_owned()),
            ("seed=-1", "`seed=-1`: expected a whole number from 0 to 2^64 - 1".to_owned()),
            ("seed=1,seed=2", "`seed=2`: `seed` is given twice, expected once".to_owned()),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text), expected);
        }
        assert!(message("ties=.6,unparsed=.5").contains("expected a sum of at most 1"));
    }

    proptest! {
        #[test]
        fn the_canonical_form_parses_back(
            (accuracy, first_lean, ties) in (0.0..=1.0, 0.0..=1.0, 0.0..=0.5),
            (unparsed, latency_ms, seed) in (0.0..=0.5, any::<u64>(), any::<u64>()),
        ) {
            let parameters = Parameters { accuracy, first_lean, ties, unparsed, latency_ms, seed, obeys: ties, ..Parameters::default() };
            prop_assert_eq!(parameters.to_string().parse(), Ok(parameters));
        }
    }
}
