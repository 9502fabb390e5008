//! How many tokens replies have.

use std::fmt;

use super::latency::{WIDEST, lognormal};

/// The largest median, in tokens.
const MOST: f64 = 10_000.0;

/// A lognormal number of tokens, at most 100 medians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output {
    median: f64,
    sigma: f64,
}

impl Output {
    pub(super) const EXPECTED: &'static str =
        "lognormal:MEDIAN:SIGMA, a median up to 10000 tokens and a sigma up to 10";

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (median, sigma) = text.strip_prefix("lognormal:")?.split_once(':')?;
        let (median, sigma): (f64, f64) = (median.trim().parse().ok()?, sigma.trim().parse().ok()?);
        let is_sound = median > 0.0 && median <= MOST && sigma > 0.0 && sigma <= WIDEST;
        is_sound.then_some(Self { median, sigma })
    }

    /// The tokens at a quantile from 0 to 1.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 100 times the largest median"
    )]
    pub(in super::super) fn at(self, quantile: f64) -> usize {
        lognormal(self.median, self.sigma, quantile).round() as usize
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lognormal:{}:{}", self.median, self.sigma)
    }
}
