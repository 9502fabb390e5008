//! How many tokens an ask will take, learnt from what asks took.

/// Tokens a byte before anything is known. English has about .25, code and other scripts more.
const FIRST_RATIO: f64 = 0.30;
/// Replies whose tokens are remembered.
const REMEMBERED: usize = 256;
/// Replies before the quantile is trusted.
const ENOUGH: usize = 20;
/// Replies after which the quantile is worked out anew.
const EVERY: usize = 4;
/// The share of replies that are no longer than what is reserved.
const QUANTILE: f64 = 0.98;

/// What is reserved for an ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Estimate {
    /// Tokens of the request.
    pub(super) input: u64,
    /// Tokens of the reply.
    pub(super) output: u64,
}

impl Estimate {
    /// Both.
    #[must_use]
    pub(super) fn all(self) -> u64 {
        self.input + self.output
    }
}

/// The last numbers, in a ring, and a high quantile of them.
#[derive(Clone, Debug, Default)]
struct Recent {
    numbers: Vec<f64>,
    next: usize,
    /// Worked out anew after every few of them.
    quantile: Option<f64>,
}

impl Recent {
    fn add(&mut self, number: f64) {
        if self.numbers.len() < REMEMBERED {
            self.numbers.push(number);
        } else {
            self.numbers[self.next] = number;
        }
        self.next = (self.next + 1) % REMEMBERED;
        if self.numbers.len() >= ENOUGH && self.next.is_multiple_of(EVERY) {
            let mut sorted = self.numbers.clone();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
            let at = ((sorted.len() - 1) as f64 * QUANTILE).round() as usize;
            self.quantile = Some(*sorted.select_nth_unstable_by(at, f64::total_cmp).1);
        }
    }
}

/// What is known of a model's tokens. Prompts differ in tokens a byte by script and length, so that a high quantile is reserved.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenEstimator {
    /// Tokens a byte.
    ratios: Recent,
    outputs: Recent,
}

impl TokenEstimator {
    /// The estimate for a prompt of so many bytes and a reply of at most `limit` tokens.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "prompts are far below 2^52 bytes")]
    pub(super) fn estimate(&self, bytes: usize, limit: Option<u32>) -> Estimate {
        let ratio = self.ratios.quantile.unwrap_or(FIRST_RATIO);
        let input = (bytes as f64 * ratio).ceil() as u64;
        let limit = limit.map(u64::from);
        let output = match self.outputs.quantile.map(|quantile| quantile as u64) {
            Some(quantile) => limit.map_or(quantile, |limit| limit.min(quantile)),
            None => limit.unwrap_or(input.max(1)),
        };
        Estimate { input, output }
    }

    /// The same, if the reply has all the tokens that it may have.
    #[must_use]
    pub(super) fn most(&self, bytes: usize, limit: Option<u32>) -> Estimate {
        let estimate = self.estimate(bytes, limit);
        Estimate { output: limit.map_or(estimate.output, u64::from), ..estimate }
    }

    /// Learns from a reply.
    pub(super) fn learn(&mut self, bytes: usize, input: Option<u64>, output: Option<u64>) {
        if let Some(input) = input.filter(|_| bytes > 0) {
            self.ratios.add(input as f64 / bytes as f64);
        }
        if let Some(output) = output {
            self.outputs.add(output as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_and_the_outputs_are_learnt() {
        let mut tokens = TokenEstimator::default();
        assert_eq!(tokens.estimate(1000, Some(512)), Estimate { input: 300, output: 512 });
        for reply in 0..100 {
            tokens.learn(1000, Some(250), Some(reply % 50));
        }
        let Estimate { input, output } = tokens.estimate(2000, Some(512));
        assert!((498..=502).contains(&input) && (47..=49).contains(&output), "{input} {output}");
        assert_eq!(tokens.estimate(2000, Some(10)).output, 10, "no more than may come");
    }

    #[test]
    fn what_endpoints_do_not_count_is_not_learnt() {
        let mut tokens = TokenEstimator::default();
        tokens.learn(1000, None, None);
        assert_eq!(tokens.estimate(1000, None), Estimate { input: 300, output: 300 });
    }
}
