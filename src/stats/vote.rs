//! What the majority of fewer votes would have said.

/// The votes for which exact numbers of subsets fit into the range of `f64`.
const MOST: u32 = 1_000;

/// How likely the outcomes of a vote are for one candidate, over all subsets of k of the votes; it loses with the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoteOdds {
    /// It has more votes than every other.
    pub right: f64,
    /// It shares the most votes with others.
    pub tie: f64,
    /// Everybody abstains.
    pub none: f64,
}

/// The voting curve of one comparison: for k = 1 to K, the odds of the plurality of k of its K votes, each subset as likely as the others.
/// `votes` is the number of votes of each candidate, `target` the place of the one that is asked for in them (beyond them is one without
/// votes), and `abstentions` the number of votes for nobody, which make up K with the others.
///
/// It is exact for any number of candidates. Subsets in which the target has x votes are counted by generating functions: where
/// it wins, every other candidate gives a factor `sum over y < x of C(votes, y) z^y`, and the abstentions one without a bound; the
/// coefficient of `z^(k - x)` of the product, times `C(votes of target, x)`, is the number of those subsets of k.
///
/// # Panics
/// With more than 1,000 votes, the numbers of whose subsets are too large.
#[must_use]
pub fn voting_curve(votes: &[u32], target: usize, abstentions: u32) -> Vec<VoteOdds> {
    let own = votes.get(target).copied().unwrap_or(0);
    let others: Vec<u32> = votes.iter().enumerate().filter(|(at, _)| *at != target).map(|(_, count)| *count).collect();
    let all = own + others.iter().sum::<u32>() + abstentions;
    assert!(all <= MOST, "{all} votes are too many");
    let abstaining = choices(abstentions, abstentions);
    let subsets = choices(all, all);
    let mut counts = vec![VoteOdds { right: 0.0, tie: 0.0, none: 0.0 }; subsets.len()];
    counts.iter_mut().zip(&abstaining).for_each(|(count, subsets)| count.none = *subsets);
    for (x, ways) in (0..).zip(choices(own, own)).skip(1) {
        let with_at_most = |most: u32| {
            let factors = others.iter().map(|votes| choices(*votes, most));
            factors.fold(abstaining.clone(), |product, factor| multiply(&product, &factor))
        };
        let (ahead, not_behind) = (with_at_most(x - 1), with_at_most(x));
        for (rest, not_behind) in not_behind.into_iter().enumerate() {
            let ahead = ahead.get(rest).copied().unwrap_or(0.0);
            let count = &mut counts[x as usize + rest];
            count.right += ways * ahead;
            count.tie += ways * (not_behind - ahead);
        }
    }
    let odds = |(count, subsets): (VoteOdds, f64)| VoteOdds {
        right: count.right / subsets,
        tie: count.tie / subsets,
        none: count.none / subsets,
    };
    counts.into_iter().zip(subsets).skip(1).map(odds).collect()
}

/// `C(n, y)` for y = 0 to n, but no further than `most`.
fn choices(n: u32, most: u32) -> Vec<f64> {
    let mut row = vec![1.0];
    for y in 1..=n.min(most) {
        row.push(row[y as usize - 1] * f64::from(n - y + 1) / f64::from(y));
    }
    row
}

/// The product of two polynomials, each given by its coefficients.
fn multiply(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; one.len() + other.len() - 1];
    for (i, a) in one.iter().enumerate() {
        for (j, b) in other.iter().enumerate() {
            product[i + j] += a * b;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;
    use crate::stats::tests::close;

    /// The same odds by looking at every subset of the votes.
    fn by_all_subsets(votes: &[u32], target: usize, abstentions: u32) -> Vec<VoteOdds> {
        let candidates = votes.iter().enumerate().flat_map(|(at, count)| vec![Some(at); *count as usize]);
        let ballots: Vec<Option<usize>> = candidates.chain(vec![None; abstentions as usize]).collect();
        let mut counts = vec![([0.0; 3], 0.0); ballots.len() + 1];
        for subset in 1_u32..1 << ballots.len() {
            let mut tally = vec![0; votes.len().max(target + 1)];
            let taken = (0..ballots.len()).filter(|ballot| subset >> ballot & 1 == 1);
            taken.filter_map(|ballot| ballots[ballot]).for_each(|candidate| tally[candidate] += 1);
            let most = tally.iter().copied().max().unwrap_or(0);
            let at_top = tally.iter().filter(|count| **count == most).count();
            let (outcomes, subsets) = &mut counts[subset.count_ones() as usize];
            *subsets += 1.0;
            if most == 0 {
                outcomes[2] += 1.0;
            } else if tally[target] == most {
                outcomes[usize::from(at_top > 1)] += 1.0;
            }
        }
        let odds = |([right, tie, none], subsets): ([f64; 3], f64)| VoteOdds {
            right: right / subsets,
            tie: tie / subsets,
            none: none / subsets,
        };
        counts.into_iter().skip(1).map(odds).collect()
    }

    #[track_caller]
    fn same(found: &[VoteOdds], expected: &[VoteOdds]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            close(found.right, expected.right);
            close(found.tie, expected.tie);
            close(found.none, expected.none);
        }
    }

    #[test]
    fn the_curve_is_that_of_all_subsets() {
        let cases: [(&[u32], u32); 9] = [
            (&[3, 2], 0),
            (&[5, 4], 1),
            (&[0, 4], 3),
            (&[2, 2, 2], 0),
            (&[4, 3, 1], 2),
            (&[1, 1, 1, 1, 1, 1], 1),
            (&[3, 0, 2, 1, 3], 2),
            (&[4], 0),
            (&[0], 3),
        ];
        for (votes, abstentions) in cases {
            for target in 0..=votes.len() {
                let found = voting_curve(votes, target, abstentions);
                same(&found, &by_all_subsets(votes, target, abstentions));
            }
        }
    }

    #[test]
    fn three_votes_of_five_win_as_often_as_the_hypergeometric_says() {
        let curve = voting_curve(&[3, 2], 0, 0);
        let right: Vec<f64> = curve.iter().map(|odds| odds.right).collect();
        for (found, expected) in right.into_iter().zip([0.6, 0.3, 0.7, 0.4, 1.0]) {
            close(found, expected);
        }
        close(curve[1].tie, 0.6);
        close(curve[3].tie, 0.6);
    }

    #[test]
    fn sixty_four_votes_of_two_candidates_agree_with_scipy() {
        // scipy: stats.hypergeom(64, 35, k), see `tests/reference/stats.py`.
        let curve = voting_curve(&[35, 29], 0, 0);
        for (k, right, tie) in [
            (1, 0.546_875, 0.0),
            (2, 0.295_138_888_888_888_9, 0.503_472_222_222_222_3),
            (7, 0.606_745_601_376_726_5, 0.0),
            (32, 0.692_035_078_272_571_3, 0.150_343_252_068_657_76),
            (63, 1.0, 0.0),
        ] {
            close(curve[k - 1].right, right);
            close(curve[k - 1].tie, tie);
        }
    }

    #[test]
    fn many_candidates_agree_with_drawn_subsets() {
        let votes = [12, 10, 9, 8, 7, 6, 5, 4];
        let odds = voting_curve(&votes, 0, 3)[20];
        let mut ballots: Vec<usize> = (0..8).flat_map(|at| vec![at; votes[at] as usize]).chain([8; 3]).collect();
        let mut stream = Stream::new("drawn subsets", 0);
        let (mut right, mut tie) = (0, 0);
        for _ in 0..4_000 {
            stream.shuffle(&mut ballots);
            let mut tally = [0; 9];
            ballots[..21].iter().for_each(|candidate| tally[*candidate] += 1);
            let rivals = tally[1..8].iter().max().unwrap();
            right += u32::from(tally[0] > *rivals);
            tie += u32::from(tally[0] == *rivals);
        }
        for (found, count) in [(odds.right, right), (odds.tie, tie)] {
            let se = (found * (1.0 - found) / 4_000.0).sqrt();
            assert!((found - f64::from(count) / 4_000.0).abs() < 4.0 * se, "{found} {count}");
        }
    }

    #[test]
    fn odds_stay_within_one_with_many_votes() {
        assert!(voting_curve(&[], 0, 0).is_empty());
        for odds in voting_curve(&[350, 300, 200, 100], 1, 50) {
            let sum = odds.right + odds.tie + odds.none;
            assert!(odds.right >= 0.0 && odds.tie >= 0.0 && sum <= 1.0 + 1e-12, "{odds:?}");
        }
    }
}
