//! How much accuracy differs from scenario to scenario, beyond what few items would make it differ by chance.

/// The spread of scores over scenarios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Scenarios.
    pub n: usize,
    /// The standard deviation of the scores, with n - 1.
    pub observed_sd: f64,
    /// That of the true scores: with the mean squared standard error taken from the variance; 0 where nothing is left.
    pub sd: f64,
}

/// The spread of the scores of scenarios, each with its standard error: `sd^2 = observed variance - mean SE^2`, cut at 0, the method of
/// moments with equal weights. `None` with fewer than two scenarios.
///
/// # Panics
/// If the slices differ in length.
#[must_use]
pub fn spread(scores: &[f64], ses: &[f64]) -> Option<Spread> {
    assert_eq!(scores.len(), ses.len(), "a standard error for each score");
    if scores.len() < 2 {
        return None;
    }
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let observed = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let noise = ses.iter().map(|se| se * se).sum::<f64>() / n;
    Some(Spread { n: scores.len(), observed_sd: observed.sqrt(), sd: (observed - noise).max(0.0).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use crate::stats::tests::close;

    /// The numbers are made by `tests/reference/stats.py`.
    #[test]
    fn the_spread_agrees_with_numpy() {
        let found = spread(&[0.61, 0.75, 0.8, 0.52, 0.91], &[0.05, 0.03, 0.06, 0.04, 0.02]).unwrap();
        assert_eq!(found.n, 5);
        close(found.observed_sd, 0.154_499_190_936_392_94);
        close(found.sd, 0.148_559_752_288_431_07);
    }

    #[test]
    fn noise_alone_is_no_spread() {
        let found = spread(&[0.6, 0.62], &[0.05, 0.05]).unwrap();
        close(found.sd, 0.0);
        assert!(found.observed_sd > 0.0);
        assert_eq!(spread(&[0.6], &[0.1]), None);
        assert_eq!(spread(&[], &[]), None);
    }

    #[test]
    fn a_planted_spread_is_found_under_the_noise() {
        // Half of 2,000 scenarios have an accuracy of .6, half of .8, which is a standard deviation of .1; 50 items each add noise.
        let mut stream = Stream::new("planted spread", 0);
        let (mut scores, mut ses) = (Vec::new(), Vec::new());
        for scenario in 0..2_000 {
            let accuracy = if scenario % 2 == 0 { 0.6 } else { 0.8 };
            let right = (0..50).filter(|_| stream.unit() < accuracy).count() as f64;
            scores.push(right / 50.0);
            ses.push((right / 50.0 * (1.0 - right / 50.0) / 49.0).sqrt());
        }
        let found = spread(&scores, &ses).unwrap();
        assert!((found.sd - 0.1).abs() < 0.004, "{found:?}");
        assert!(found.observed_sd > 0.115, "{found:?}");
    }
}
