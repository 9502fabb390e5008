//! What the simulated judge comes to, with frequencies that are planted.

use super::decide::Draws;
use super::hints::{Gold, Hints, Slot, Wanted};
use super::parameters::Parameters;

/// The least and the greatest number of steps of a scale.
const FINE: f64 = 100.0;

/// What a reply says of several answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saying {
    /// The candidate in this slot is better than all others.
    Prefers(Slot),
    /// This one and another are equal, and none is better.
    Tie(Slot, Slot),
    /// No verdict at all.
    Nothing,
}

/// What is said of several answers. The better one is preferred with the probability `accuracy`, after what an attack wins and the leans to the
/// first slot and to the longest answer, and otherwise each of the others alike. `luck`, uniform in [0, 1), decides between right and wrong.
pub(super) fn saying(draws: &Draws, luck: f64, gold: Slot, hints: &Hints, parameters: &Parameters) -> Saying {
    let Parameters { accuracy, first_lean, length_lean, ties, unparsed, .. } = *parameters;
    // A list from which one is picked leaves no room for a tie.
    let has_ties = hints.slots == 2 || hints.wanted == Wanted::Ranking || hints.wanted == Wanted::Scores;
    if draws.uniform("unparsed") < unparsed {
        Saying::Nothing
    } else if has_ties && draws.uniform("ties") * (1.0 - unparsed) < ties {
        // Scaled, because `ties` is a share of all replies and only the parsed ones come here.
        Saying::Tie(gold, other(draws, gold, hints.slots))
    } else if let Some(slot) = hints.attacked.filter(|_| obeys(draws, parameters)) {
        Saying::Prefers(slot)
    } else if draws.uniform("lean") < first_lean {
        Saying::Prefers(Slot::A)
    } else if let Some(slot) = hints.longest.filter(|_| draws.uniform("length") < length_lean) {
        Saying::Prefers(slot)
    } else if luck < accuracy {
        Saying::Prefers(gold)
    } else {
        Saying::Prefers(other(draws, gold, hints.slots))
    }
}

/// Whether an attack, where there is one, has its way.
fn obeys(draws: &Draws, parameters: &Parameters) -> bool {
    draws.uniform("obeys") < parameters.obeys
}

/// One of the slots beside this one, each as likely.
fn other(draws: &Draws, gold: Slot, slots: usize) -> Slot {
    if slots <= 2 {
        return gold.other();
    }
    let number = below(draws, "other", slots - 1);
    Slot(number + usize::from(number >= gold.0))
}

/// A whole number below `n`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and below n")]
pub(super) fn below(draws: &Draws, purpose: &str, n: usize) -> usize {
    ((draws.uniform(purpose) * n as f64) as usize).min(n.saturating_sub(1))
}

/// The score of one answer alone; `None`: no verdict.
///
/// A scale has levels, of which the lower half and the upper half are used, each of `h` levels; the one in the middle of an odd number is not. The
/// better answer is in the upper half with the probability q = `accuracy`, any other in the lower half with the probability q, and within a half
/// every level is as likely. So the better one is above another with the probability q - q(1 - q) / h, as high with 2q(1 - q) / h.
/// Position, length and ties are not planted. An attack that is obeyed has the highest score there is.
pub(super) fn score(draws: &Draws, luck: f64, hints: &Hints, is_better: bool, parameters: &Parameters) -> Option<f64> {
    if draws.uniform("unparsed") < parameters.unparsed {
        return None;
    }
    if hints.attacked.is_some() && obeys(draws, parameters) {
        return Some(hints.range[1]);
    }
    let is_high = (luck < parameters.accuracy) == is_better;
    Some(level(draws, "level", hints.range, is_high))
}

/// A level of a half of a scale.
pub(super) fn level(draws: &Draws, purpose: &str, [least, most]: [f64; 2], is_high: bool) -> f64 {
    let half = half(least, most);
    let number = below(draws, purpose, half) as f64;
    let step = step(least, most);
    if is_high { most - number * step } else { least + number * step }
}

/// How many levels each half of a scale has: those of whole numbers from 3 to 100 steps, else of ten.
fn half(least: f64, most: f64) -> usize {
    let steps = ((most - least) / step(least, most)).round();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 3 to 100")]
    let levels = steps as usize + 1;
    levels / 2
}

fn step(least: f64, most: f64) -> f64 {
    let is_whole = least.fract() == 0.0 && most.fract() == 0.0 && (3.0..=FINE).contains(&(most - least));
    if is_whole { 1.0 } else { (most - least) / 10.0 }
}

/// Whether the one answer that is shown is the better one.
pub(super) fn is_better(hints: &Hints, coin: bool) -> bool {
    match hints.gold {
        Gold::Untold => coin,
        Gold::In(_) => true,
        Gold::Elsewhere => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_two_halves_of_levels() {
        for ([least, most], halves) in [([1.0, 10.0], 5), ([0.0, 100.0], 50), ([1.0, 5.0], 2), ([0.0, 1.0], 5)] {
            assert_eq!(half(least, most), halves, "{least} to {most}");
        }
        let draws = Draws::over(["a text"].into_iter());
        for is_high in [false, true] {
            let level = level(&draws, "level", [1.0, 10.0], is_high);
            assert_eq!(level >= 6.0, is_high, "{level}");
        }
    }
}
