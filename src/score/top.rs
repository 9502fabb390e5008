//! Those of a comparison's texts that share the first place.

use crate::plan::Entrant;

const WORD: usize = u64::BITS as usize;

/// A set of the texts of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Top([u64; 4]);

impl Top {
    /// This one alone.
    pub(super) const fn one(entrant: Entrant) -> Self {
        let mut words = [0; 4];
        words[entrant.0 as usize / WORD] = 1 << (entrant.0 as usize % WORD);
        Self(words)
    }

    /// The first `n`, which are all of a comparison of `n` texts.
    pub(super) fn all(n: usize) -> Self {
        (0..=u8::MAX).take(n).map(Entrant).collect()
    }

    /// The only one in it.
    pub(super) fn alone(&self) -> Option<Entrant> {
        let mut all = self.iter();
        all.next().filter(|_| all.next().is_none())
    }

    /// All of them, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Entrant> + use<> {
        let words = self.0;
        (0..=u8::MAX)
            .filter(move |at| words[usize::from(*at) / WORD] >> (usize::from(*at) % WORD) & 1 == 1)
            .map(Entrant)
    }
}

impl FromIterator<Entrant> for Top {
    fn from_iter<T: IntoIterator<Item = Entrant>>(entrants: T) -> Self {
        let mut words = [0; 4];
        for entrant in entrants {
            words[entrant.index() / WORD] |= 1 << (entrant.index() % WORD);
        }
        Self(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        for n in [0, 1, 2, 63, 64, 65, 200, 256] {
            assert_eq!(Top::all(n).iter().count(), n);
        }
        let ends = [Entrant(0), Entrant(255)];
        assert_eq!(ends.into_iter().collect::<Top>().iter().collect::<Vec<_>>(), ends);
        assert_eq!((Top::one(Entrant(70)).alone(), Top::all(2).alone()), (Some(Entrant(70)), None));
    }
}
