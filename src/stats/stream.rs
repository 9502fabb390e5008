//! Streams of random numbers that everybody can draw again.

use std::fmt;

use crate::digest::Fields;

/// Bytes that are taken from the hash at a time: 16 of its blocks, which it makes several at once.
const BUFFER: usize = 1_024;

/// A stream of random numbers with a name and a seed: the extendable output of BLAKE3 over both, in words of 64 bits.
///
/// The same name and seed give the same numbers on every machine; another name gives numbers that have nothing to do with them.
#[derive(Clone)]
pub struct Stream {
    output: blake3::OutputReader,
    buffer: [u8; BUFFER],
    /// The first byte of the buffer that is not used yet.
    at: usize,
}

impl Stream {
    /// The stream of this name, such as `tribunal sign flips v1`, and seed.
    #[must_use]
    pub fn new(name: &str, seed: u64) -> Self {
        let key = Fields::new("tribunal stream v1").text(name).number(seed).finish();
        let output = blake3::Hasher::new_keyed(&key.0).finalize_xof();
        Self { output, buffer: [0; BUFFER], at: BUFFER }
    }

    /// 64 fair coins.
    pub fn bits(&mut self) -> u64 {
        if self.at == BUFFER {
            self.output.fill(&mut self.buffer);
            self.at = 0;
        }
        let mut word = [0; 8];
        word.copy_from_slice(&self.buffer[self.at..self.at + 8]);
        self.at += 8;
        u64::from_le_bytes(word)
    }

    /// A uniform number in [0, 1), one of 2^53.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A fair coin.
    pub fn coin(&mut self) -> bool {
        self.bits() & 1 == 1
    }

    /// A uniform whole number below n: the upper half of a word times n. Words whose lower half falls among those that would make some
    /// numbers likelier than others are drawn again (Lemire, "Fast random integer generation in an interval", 2019).
    ///
    /// # Panics
    /// If n is 0.
    #[allow(clippy::cast_possible_truncation, reason = "the lower half of a product, and a number below n")]
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "no whole number is below 0");
        let n = n as u64;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            let lower = product as u64;
            // The first condition implies the second, and spares a division.
            if lower >= n || lower >= n.wrapping_neg() % n {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts a list into a random order, each as likely as the others (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::chi_square_uniform;

    #[test]
    fn a_stream_is_told_by_its_name_and_seed() {
        let first = |name: &str, seed: u64| {
            let mut stream = Stream::new(name, seed);
            (0..300).map(|_| stream.bits()).collect::<Vec<u64>>()
        };
        assert_eq!(first("a", 1), first("a", 1));
        assert_ne!(first("a", 1), first("a", 2));
        assert_ne!(first("a", 1), first("b", 1));
    }

    #[test]
    fn no_words_are_lost_or_repeated_where_the_buffer_ends() {
        let key = Fields::new("tribunal stream v1").text("words").number(7).finish();
        let mut whole = vec![0; 4 * BUFFER];
        blake3::Hasher::new_keyed(&key.0).finalize_xof().fill(&mut whole);
        let mut stream = Stream::new("words", 7);
        for word in whole.chunks_exact(8) {
            assert_eq!(stream.bits().to_le_bytes(), word);
        }
    }

    #[test]
    fn whole_numbers_coins_and_units_are_uniform_enough() {
        let mut stream = Stream::new("uniform", 0);
        let (mut numbers, mut coins, mut units) = ([0; 7], [0; 2], [0; 10]);
        for _ in 0..20_000 {
            numbers[stream.below(7)] += 1;
            coins[usize::from(stream.coin())] += 1;
            let unit = stream.unit();
            let tenth = (1..10).filter(|tenth| unit >= f64::from(*tenth) / 10.0).count();
            units[tenth] += 1;
        }
        for counts in [&numbers[..], &coins, &units] {
            assert!(chi_square_uniform(counts).unwrap().p > 1e-4, "{counts:?}");
        }
        assert_eq!(stream.below(1), 0);
    }

    #[test]
    fn every_order_is_as_likely_as_the_others() {
        let mut stream = Stream::new("orders", 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..12_000 {
            let mut list = [0, 1, 2, 3];
            stream.shuffle(&mut list);
            *counts.entry(list).or_insert(0_u64) += 1;
        }
        let counts: Vec<u64> = counts.into_values().collect();
        assert_eq!(counts.len(), 24);
        assert!(chi_square_uniform(&counts).unwrap().p > 1e-4, "{counts:?}");
    }
}
