//! What the simulated judge is told beside the prompt, in headers: a real one never is.

use std::fmt;

use axum::http::HeaderMap;
use thiserror::Error;

/// The header that names the slot of the better candidate: `A`, `B`, ...; `-` where it is not shown.
pub const GOLD_HEADER: &str = "x-tribunal-gold";
/// The header that gives the sample number, counted from 0.
pub const SAMPLE_HEADER: &str = "x-tribunal-sample";
/// The header that names what is wanted; a label where it is missing.
pub const KIND_HEADER: &str = "x-tribunal-kind";
/// The header that gives the number of slots; two where it is missing.
pub const SLOTS_HEADER: &str = "x-tribunal-slots";
/// The header that gives the least and the greatest score, with a comma between them; 1 to 10 where it is missing.
pub const RANGE_HEADER: &str = "x-tribunal-range";

/// The header that names the slot of the longest candidate; `-` or nothing where none is longer than all others.
pub const LONGEST_HEADER: &str = "x-tribunal-longest";
/// The header that names the slot of a candidate under attack; nothing where there is none.
pub const ATTACKED_HEADER: &str = "x-tribunal-attacked";

/// The most slots.
const MOST_SLOTS: usize = 1000;

/// Where a candidate stands, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(pub usize);

impl Slot {
    /// The first slot.
    pub const A: Self = Self(0);
    /// The second slot.
    pub const B: Self = Self(1);

    /// The slot of a pair that this one is compared with.
    #[must_use]
    pub fn other(self) -> Self {
        Self(1 - self.0.min(1))
    }

    fn of_letters(letters: &str) -> Option<Self> {
        let short = (1..=3).contains(&letters.len());
        let digits = letters.bytes().map(|letter| letter.is_ascii_uppercase().then(|| usize::from(letter - b'A')));
        let number =
            digits.map(|digit| digit.map(|digit| digit + 1)).try_fold(0, |number, digit| Some(number * 26 + digit?))?;
        short.then(|| Self(number - 1))
    }
}

impl fmt::Display for Slot {
    /// Its letter: after Z come AA, AB and so on, as spreadsheets name their columns.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 26 {
            write!(f, "{}", Self(self.0 / 26 - 1))?;
        }
        write!(f, "{}", char::from(b'A' + u8::try_from(self.0 % 26).unwrap_or_default()))
    }
}

/// Where the better candidate stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gold {
    /// The asker does not say: a coin decides.
    #[default]
    Untold,
    /// In this slot.
    In(Slot),
    /// It is not shown.
    Elsewhere,
}

/// What is wanted of the judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// `[[A]]`, and so on.
    #[default]
    Label,
    /// `[[A>>B]]`, and so on.
    FiveLevel,
    /// A score for each answer.
    Scores,
    /// A score for the one answer.
    Score,
    /// All answers in order.
    Ranking,
    /// A JSON object.
    Json,
    /// A letter alone, with the probabilities of its token.
    Logprobs,
    /// A text for a later step.
    Step,
}

/// What a simulated judge is told beside the prompt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hints {
    /// Where the better candidate stands.
    pub gold: Gold,
    /// Which of several samples of the same request this is, counted from 0.
    pub sample: u32,
    /// What is wanted.
    pub wanted: Wanted,
    /// How many slots are shown.
    pub slots: usize,
    /// The least and the greatest score.
    pub range: [f64; 2],
    /// Where the longest candidate stands, where one is longer than all others.
    pub longest: Option<Slot>,
    /// Where the candidate under attack stands, where there is one.
    pub attacked: Option<Slot>,
}

impl Default for Hints {
    fn default() -> Self {
        let (gold, wanted, range) = (Gold::Untold, Wanted::Label, [1.0, 10.0]);
        Self { gold, sample: 0, wanted, slots: 2, range, longest: None, attacked: None }
    }
}

/// A hint that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("header {header}: expected {expected}")]
pub struct HintError {
    /// The header's name.
    pub header: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

impl Hints {
    /// The hints among a request's headers; what is missing keeps its default.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, HintError> {
        let plain = Self::default();
        let slots = read(headers, SLOTS_HEADER, "a number of slots", plain.slots, |slots| {
            slots.parse().ok().filter(|slots| (1..=MOST_SLOTS).contains(slots))
        })?;
        let expected = if slots == 2 { "A or B" } else { "the letter of a slot, or -" };
        let gold = read(headers, GOLD_HEADER, expected, plain.gold, |letters| match Slot::of_letters(letters) {
            Some(slot) => (slot.0 < slots).then_some(Gold::In(slot)),
            None => (letters == "-").then_some(Gold::Elsewhere),
        })?;
        let sample = read(headers, SAMPLE_HEADER, "a whole number", plain.sample, |sample| sample.parse().ok())?;
        let wanted = read(headers, KIND_HEADER, "a kind of verdict, such as label", plain.wanted, kind)?;
        let range = read(headers, RANGE_HEADER, "two numbers, such as 1,10", plain.range, |range| {
            let (least, most) = range.split_once(',')?;
            let [least, most]: [f64; 2] = [least.parse().ok()?, most.parse().ok()?];
            (least < most && least.is_finite() && most.is_finite()).then_some([least, most])
        })?;
        let slot = |header| {
            read(headers, header, expected, None, |letters| match Slot::of_letters(letters) {
                Some(slot) => (slot.0 < slots).then_some(Some(slot)),
                None => (letters == "-").then_some(None),
            })
        };
        let (longest, attacked) = (slot(LONGEST_HEADER)?, slot(ATTACKED_HEADER)?);
        Ok(Self { gold, sample, wanted, slots, range, longest, attacked })
    }
}

fn read<T>(
    headers: &HeaderMap,
    header: &'static str,
    expected: &'static str,
    missing: T,
    of: impl FnOnce(&str) -> Option<T>,
) -> Result<T, HintError> {
    let Some(value) = headers.get(header) else { return Ok(missing) };
    value.to_str().ok().and_then(|value| of(value.trim())).ok_or(HintError { header, expected })
}

fn kind(name: &str) -> Option<Wanted> {
    Some(match name {
        "label" => Wanted::Label,
        "five-level" => Wanted::FiveLevel,
        "scores" => Wanted::Scores,
        "score" => Wanted::Score,
        "ranking" => Wanted::Ranking,
        "json" => Wanted::Json,
        "logprobs" => Wanted::Logprobs,
        "step" => Wanted::Step,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use axum::http::HeaderValue;

    use super::*;

    fn hints(headers: &[(&'static str, &'static str)]) -> Result<Hints, HintError> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        Hints::from_headers(&headers.collect())
    }

    #[test]
    fn every_hint_is_read() {
        assert_eq!(hints(&[]), Ok(Hints::default()));
        assert_eq!(hints(&[(GOLD_HEADER, "B")]), Ok(Hints { gold: Gold::In(Slot::B), ..Hints::default() }));
        assert_eq!(hints(&[(SAMPLE_HEADER, "3")]), Ok(Hints { sample: 3, ..Hints::default() }));
        let headers = [(GOLD_HEADER, "AB"), (SLOTS_HEADER, "30"), (KIND_HEADER, "ranking"), (RANGE_HEADER, "0,100")];
        let expected = Hints {
            gold: Gold::In(Slot(27)),
            wanted: Wanted::Ranking,
            slots: 30,
            range: [0.0, 100.0],
            ..Hints::default()
        };
        assert_eq!(hints(&headers), Ok(expected));
        let slots = hints(&[(LONGEST_HEADER, "B"), (ATTACKED_HEADER, "A")]).unwrap();
        assert_eq!((slots.longest, slots.attacked), (Some(Slot::B), Some(Slot::A)));
        assert_eq!(hints(&[(LONGEST_HEADER, "-")]), Ok(Hints::default()));
        let score = hints(&[(GOLD_HEADER, "-"), (SLOTS_HEADER, "1"), (KIND_HEADER, "score")]).unwrap();
        assert_eq!((score.gold, score.wanted), (Gold::Elsewhere, Wanted::Score));
    }

    #[test]
    fn a_hint_that_cannot_be_read_is_refused() {
        for (header, value, told) in [
            (GOLD_HEADER, "C", "header x-tribunal-gold: expected A or B"),
            (GOLD_HEADER, "a", "header x-tribunal-gold: expected A or B"),
            (LONGEST_HEADER, "C", "header x-tribunal-longest: expected A or B"),
            (ATTACKED_HEADER, "", "header x-tribunal-attacked: expected A or B"),
            (SAMPLE_HEADER, "x", "header x-tribunal-sample: expected a whole number"),
            (SLOTS_HEADER, "0", "header x-tribunal-slots: expected a number of slots"),
            (KIND_HEADER, "essay", "header x-tribunal-kind: expected a kind of verdict, such as label"),
            (RANGE_HEADER, "10,1", "header x-tribunal-range: expected two numbers, such as 1,10"),
        ] {
            assert_eq!(hints(&[(header, value)]).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn letters_name_slots_and_go_on_after_z() {
        for slot in (0..MOST_SLOTS).map(Slot) {
            assert_eq!(Slot::of_letters(&slot.to_string()), Some(slot));
        }
        assert_eq!((Slot(25).to_string(), Slot(26).to_string()), ("Z".to_owned(), "AA".to_owned()));
    }
}
