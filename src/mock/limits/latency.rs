//! How long replies take: a distribution, and a pure draw from it.

use std::fmt;
use std::time::Duration;

use statrs::distribution::{ContinuousCDF, LogNormal};

/// The longest median, an hour, in milliseconds.
const HOUR_MS: f64 = 3_600_000.0;
/// The widest spread. From about 10 on half of all draws meet the cap.
pub(super) const WIDEST: f64 = 10.0;
/// No draw is longer than so many medians.
const CAP: f64 = 100.0;

/// How long a reply takes, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// Always as long.
    Fixed(f64),
    /// Evenly between two numbers.
    Uniform(f64, f64),
    /// Its logarithm is normal: the median, and the deviation of the logarithm. At most 100 medians.
    Lognormal(f64, f64),
}

impl Latency {
    pub(super) const EXPECTED: &'static str = "fixed:MS, uniform:LOW:HIGH or lognormal:MEDIAN_MS:SIGMA, \
        milliseconds up to an hour and a sigma up to 10";

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(str::trim);
        let name = parts.next()?;
        let numbers = parts.map(|part| part.parse().ok()).collect::<Option<Vec<f64>>>()?;
        let span = 0.0..=HOUR_MS;
        match (name, &*numbers) {
            ("fixed", &[ms]) if span.contains(&ms) => Some(Self::Fixed(ms + 0.0)),
            ("uniform", &[low, high]) if span.contains(&low) && span.contains(&high) && low <= high => {
                Some(Self::Uniform(low + 0.0, high + 0.0))
            }
            ("lognormal", &[median, sigma])
                if span.contains(&median) && median > 0.0 && sigma > 0.0 && sigma <= WIDEST =>
            {
                Some(Self::Lognormal(median, sigma))
            }
            _ => None,
        }
    }

    /// The latency at a quantile from 0 to 1, in whole milliseconds: the server's clock knows no smaller ones.
    pub(in super::super) fn at(self, quantile: f64) -> Duration {
        let ms = match self {
            Self::Fixed(ms) => ms,
            Self::Uniform(low, high) => low + quantile * (high - low),
            Self::Lognormal(median, sigma) => lognormal(median, sigma, quantile),
        };
        Duration::try_from_secs_f64(ms.round() / 1e3).unwrap_or_default()
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(ms) => write!(f, "fixed:{ms}"),
            Self::Uniform(low, high) => write!(f, "uniform:{low}:{high}"),
            Self::Lognormal(median, sigma) => write!(f, "lognormal:{median}:{sigma}"),
        }
    }
}

/// At most 100 medians.
pub(super) fn lognormal(median: f64, sigma: f64, quantile: f64) -> f64 {
    let drawn = LogNormal::new(median.ln(), sigma).map_or(median, |normal| normal.inverse_cdf(quantile));
    drawn.min(CAP * median)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_distribution() {
        let at = |text: &str, quantile| Latency::parse(text).unwrap().at(quantile).as_millis();
        assert_eq!([at("fixed:250", 0.0), at("fixed:250", 0.9)], [250, 250]);
        assert_eq!([at("uniform:100:300", 0.0), at("uniform:100:300", 0.25)], [100, 150]);
        assert_eq!(at("lognormal:800:0.5", 0.5), 800);
        assert_eq!(at("lognormal:800:0.5", 0.841_344_746), 1319, "one deviation above: 800 exp 0.5");
        assert_eq!(at("lognormal:800:10", 0.999), 80_000, "100 medians at most");
        assert_eq!(at("lognormal:800:0.5", 0.0), 0);
    }
}
