//! Verdicts in their words, as `judgments.jsonl` tells them: what is preferred.

use crate::verdict::slot_of;

/// What a word says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// These slots share the first place, in order; one alone is preferred.
    First(Vec<u8>),
    /// The score of the one answer that is shown.
    Score(f64),
}

/// What the word of a verdict on so many slots says; `None` of what is no such word.
#[must_use]
pub fn said(word: &str, slots: usize) -> Option<Said> {
    if word == "tie" {
        return Some(Said::First((0..=u8::MAX).take(slots).collect()));
    }
    if let Ok(score) = word.parse() {
        return Some(Said::Score(score));
    }
    let first = word.split(" > ").next()?.split(" = ");
    let slot =
        |label| slot_of(label).and_then(|slot| u8::try_from(slot).ok()).filter(|slot| usize::from(*slot) < slots);
    let mut first: Vec<u8> = first.map(slot).collect::<Option<_>>()?;
    first.sort_unstable();
    Some(Said::First(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn words_say_what_their_verdicts_prefer() {
        let first = |slots: &[u8]| Some(Said::First(slots.to_vec()));
        for (verdict, slots, expected) in [
            (Verdict::slot(1), 2, first(&[1])),
            (Verdict::slot(27), 30, first(&[27])),
            (Verdict::Tie, 3, first(&[0, 1, 2])),
            (Verdict::Ranking([1, 0, 2, 0].into()), 4, first(&[1, 3])),
            (Verdict::Score(-7.5), 1, Some(Said::Score(-7.5))),
            (Verdict::slot(2), 2, None),
        ] {
            assert_eq!(said(&verdict.to_string(), slots), expected, "{verdict}");
        }
        assert_eq!(said("", 2), None);
        assert_eq!(said("a", 2), None);
    }
}
