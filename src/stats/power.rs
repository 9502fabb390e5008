//! What a comparison could have shown.

/// Standard normal quantiles of .975 and .8.
const ALPHA: f64 = 1.959_963_984_540_054;
const POWER: f64 = 0.841_621_233_572_914_3;

/// The smallest difference that is found in 80 % of studies at alpha = .05, two-sided: `(z_.975 + z_.8) SE` of the difference.
#[must_use]
pub fn minimum_detectable_difference(se: f64) -> f64 {
    (ALPHA + POWER) * se
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;

    #[test]
    fn the_smallest_difference_is_2_8_standard_errors() {
        // scipy 1.17.1: stats.norm.ppf(.975) + stats.norm.ppf(.8)
        close(minimum_detectable_difference(1.0), 2.801_585_218_112_968_3);
    }
}
