//! What a part of a benchmark can show, before anything is asked.

use crate::stats::minimum_detectable_difference;

/// How often two judges are taken to differ on an item.
const DISAGREEMENT: f64 = 0.25;

/// The difference in score at which two judges asked about the same items are told apart in 80 % of cases, if one is right where the
/// other is wrong on a quarter of them. Each conversation counts as one item: as if its items always went together, which is on the safe
/// side. `None` without conversations.
#[must_use]
pub fn smallest_difference(conversations: usize) -> Option<f64> {
    let se = (DISAGREEMENT / conversations as f64).sqrt();
    (conversations > 0).then(|| minimum_detectable_difference(se).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_times_the_conversations_show_half_the_difference() {
        let [one, four] = [100, 400].map(|conversations| smallest_difference(conversations).unwrap());
        assert!((one - 0.140).abs() < 0.001 && (one / four - 2.0).abs() < 1e-12, "{one} {four}");
        assert_eq!(smallest_difference(0), None);
    }
}
