//! Intervals around means and shares, at 95 %.

use statrs::distribution::{Beta, ContinuousCDF, Normal, StudentsT};

use super::clustered::Mean;

/// Probability left out on each side.
const TAIL: f64 = 0.025;
/// The standard normal quantile of 1 - `TAIL`.
const Z: f64 = 1.959_963_984_540_054;
/// Fewer clusters than this are too few for the t interval.
const FEW: usize = 30;

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Clustered standard error and Student's t.
    ClusteredT,
    /// Clopper and Pearson's exact interval, on the effective number of items.
    ClopperPearson,
}

impl Method {
    /// The word of the formats.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClusteredT => "clustered-t",
            Self::ClopperPearson => "clopper-pearson",
        }
    }
}

/// An interval within [0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How it was made.
    pub method: Method,
}

/// The interval of a clustered mean: by t with C - 1 degrees of freedom; where there are fewer than 30 clusters or the scores do not
/// vary (as where the mean is 0 or 1), Clopper-Pearson on n / max(1, deff) items, with the mean cluster size for a design effect
/// that cannot be estimated. `None` with a single cluster.
#[must_use]
pub fn interval(mean: &Mean) -> Option<Interval> {
    let se = mean.se?;
    if mean.clusters >= FEW && se > 0.0 {
        return Some(clustered_t(mean.mean, se, mean.clusters));
    }
    let deff = mean.deff.unwrap_or(mean.n as f64 / mean.clusters as f64).max(1.0);
    Some(exact(mean.mean, mean.n as f64 / deff))
}

/// The interval of a mean of subsets, each of them also given alone: by t with C - 1 degrees of freedom; where there are fewer than 30
/// clusters, Clopper-Pearson on p (1 - p) / SE^2 items, the number of independent ones with the same standard error (Korn and Graubard,
/// 1998). A subset whose scores do not vary adds nothing to the SE and yet is not exactly known: half the width of its own interval, over
/// K t, stands in for its share. `None` where the SE is not known.
#[must_use]
pub fn subsets_interval(mean: &Mean, subsets: &[Mean]) -> Option<Interval> {
    let t = t_quantile(1.0 - TAIL, mean.clusters.max(2) as f64 - 1.0);
    let constant = subsets.iter().filter(|subset| subset.se == Some(0.0)).filter_map(interval);
    let hidden: f64 = constant.map(|own| ((own.high - own.low) / 2.0 / t / subsets.len() as f64).powi(2)).sum();
    let se = (mean.se?.powi(2) + hidden).sqrt();
    if mean.clusters >= FEW {
        return Some(clustered_t(mean.mean, se, mean.clusters));
    }
    let effective = mean.mean * (1.0 - mean.mean) / (se * se);
    let items = if effective.is_finite() && effective > 0.0 { effective } else { mean.clusters as f64 };
    Some(exact(mean.mean, items))
}

fn clustered_t(mean: f64, se: f64, clusters: usize) -> Interval {
    let half = t_quantile(1.0 - TAIL, (clusters - 1) as f64) * se;
    Interval { low: (mean - half).max(0.0), high: (mean + half).min(1.0), method: Method::ClusteredT }
}

fn exact(mean: f64, items: f64) -> Interval {
    let [low, high] = clopper_pearson(mean * items, items);
    Interval { low, high, method: Method::ClopperPearson }
}

/// Clopper and Pearson's interval of a share: beta quantiles, which take real numbers of successes out of n too.
#[must_use]
pub fn clopper_pearson(successes: f64, n: f64) -> [f64; 2] {
    let failures = (n - successes).max(0.0);
    let quantile = |p: f64, a: f64, b: f64| match Beta::new(a, b) {
        Ok(beta) => invert(p, 0.0, 1.0, |x| beta.cdf(x)),
        Err(_) => f64::NAN,
    };
    let low = if successes > 0.0 { quantile(TAIL, successes, failures + 1.0) } else { 0.0 };
    let high = if failures > 0.0 { quantile(1.0 - TAIL, successes + 1.0, failures) } else { 1.0 };
    [low, high]
}

/// Wilson's score interval of a share of n independent items.
#[must_use]
pub fn wilson(successes: f64, n: f64) -> [f64; 2] {
    let share = successes / n;
    let scale = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

/// The quantile of Student's t with so many degrees of freedom, for p above one half.
#[must_use]
pub fn t_quantile(p: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(t) => {
            let mut high = 2.0;
            while t.cdf(high) < p && high < 1e12 {
                high *= 2.0;
            }
            invert(p, 0.0, high, |x| t.cdf(x))
        }
        Err(_) => f64::NAN,
    }
}

/// The two-sided p of a statistic under Student's t with so many degrees of freedom.
#[must_use]
pub fn t_test(statistic: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| 2.0 * t.cdf(-statistic.abs()))
}

/// The quantile of the standard normal distribution, for p above one half.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    Normal::new(0.0, 1.0).map_or(f64::NAN, |normal| invert(p, 0.0, 40.0, |x| normal.cdf(x)))
}

/// Where an increasing function reaches p, by halving to the last bit: the inverses of `statrs` stop earlier.
fn invert(p: f64, mut low: f64, mut high: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tests::close;
    use crate::stats::{clustered, mean_of_subsets};

    #[test]
    fn quantiles_of_t_agree_with_scipy() {
        let cases = [
            (1.0, 12.706_204_736_174_7),
            (4.0, 2.776_445_105_197_793_4),
            (29.0, 2.045_229_642_132_703),
            (1_805.0, 1.961_279_128_986_697_5),
        ];
        for (freedom, expected) in cases {
            close(t_quantile(0.975, freedom), expected);
        }
    }

    #[test]
    fn normal_quantiles_agree_with_scipy() {
        for (p, expected) in [(0.8, 0.841_621_233_572_914_3), (0.975, 1.959_963_984_540_054)] {
            close(normal_quantile(p), expected);
        }
    }

    #[test]
    fn tails_of_t_agree_with_scipy() {
        // 2 * scipy.stats.t.sf(x, df)
        for (statistic, freedom, expected) in
            [(2.5, 10.0, 0.031_446_844_236_608_82), (-6.0, 400.0, 4.422_400_681_811_47e-9)]
        {
            close(t_test(statistic, freedom) / expected, 1.0);
        }
    }

    /// Successes, n, Clopper-Pearson, Wilson: made by `tests/reference/stats.py`.
    const SHARES: [(f64, f64, [f64; 2], [f64; 2]); 5] = [
        (0.0, 10.0, [0.0, 0.308_497_107_818_760_8], [0.0, 0.277_532_799_862_889_26]),
        (10.0, 10.0, [0.691_502_892_181_239_2, 1.0], [0.722_467_200_137_110_6, 1.0]),
        (
            3.0,
            17.0,
            [0.037_985_068_070_626, 0.434_317_872_844_283_9],
            [0.061_911_266_376_209_945, 0.410_294_585_688_341_3],
        ),
        (
            611.0,
            1_677.0,
            [0.341_264_425_625_730_56, 0.387_893_585_428_298_16],
            [0.341_642_520_107_24, 0.387_659_730_493_339_85],
        ),
        (1.0, 1.0, [0.025, 1.0], [0.206_549_314_377_237_4, 1.0]),
    ];

    #[test]
    fn shares_agree_with_statsmodels() {
        for (successes, n, exact, score) in SHARES {
            for (found, expected) in clopper_pearson(successes, n).into_iter().zip(exact) {
                close(found, expected);
            }
            for (found, expected) in wilson(successes, n).into_iter().zip(score) {
                close(found, expected);
            }
        }
    }

    #[test]
    fn clopper_pearson_takes_an_effective_number_of_items() {
        let [low, high] = clopper_pearson(2.75, 9.5);
        close(low, 0.058_077_685_157_269_694);
        close(high, 0.652_437_758_148_619_4);
    }

    #[test]
    fn few_clusters_and_perfect_scores_get_the_exact_interval() {
        let few: Vec<u32> = (0..29).collect();
        let scores: Vec<f64> = few.iter().map(|at| f64::from(at % 2)).collect();
        assert_eq!(interval(&clustered(&scores, &few).unwrap()).unwrap().method, Method::ClopperPearson);
        let many: Vec<u32> = (0..30).collect();
        let mixed: Vec<f64> = many.iter().map(|at| f64::from(at % 2)).collect();
        assert_eq!(interval(&clustered(&mixed, &many).unwrap()).unwrap().method, Method::ClusteredT);
        // 60 right items of 30 conversations count as 30: the mean cluster size stands in for a design effect of 0 / 0.
        let doubled: Vec<u32> = many.iter().flat_map(|at| [*at, *at]).collect();
        let perfect = interval(&clustered(&[1.0; 60], &doubled).unwrap()).unwrap();
        assert_eq!((perfect.method, perfect.high), (Method::ClopperPearson, 1.0));
        close(perfect.low, clopper_pearson(30.0, 30.0)[0]);
    }

    #[test]
    fn scores_that_do_not_vary_are_not_exactly_known() {
        let many: Vec<u32> = (0..300).collect();
        let halves = clustered(&[0.5; 300], &many).unwrap();
        let alone = interval(&halves).unwrap();
        assert_eq!(alone.method, Method::ClopperPearson);
        assert!((0.05..0.07).contains(&(0.5 - alone.low)), "{alone:?}");
        let overall = subsets_interval(&halves, &[halves]).unwrap();
        close(overall.high - overall.low, alone.high - alone.low);
    }

    #[test]
    fn a_perfect_subset_of_four_items_widens_the_overall_interval() {
        let mixed: Vec<f64> = (0..400).map(|at| f64::from(at % 2)).collect();
        let subsets = [(mixed, (0..400).collect()), (vec![1.0; 4], (400..404).collect::<Vec<u32>>())];
        let parts: Vec<Mean> = subsets.iter().map(|(scores, clusters)| clustered(scores, clusters).unwrap()).collect();
        let overall = subsets_interval(&mean_of_subsets(&subsets).unwrap(), &parts).unwrap();
        // Half of the width of Clopper-Pearson's [.398, 1] for four of four.
        assert!(overall.high - overall.low > 0.3, "{overall:?}");
        let single = [subsets[0].clone(), (vec![1.0], vec![500])];
        assert_eq!(mean_of_subsets(&single).unwrap().se, None);
    }

    #[test]
    fn one_conversation_has_no_interval() {
        assert_eq!(interval(&clustered(&[1.0, 0.0], &[0, 0]).unwrap()), None);
    }
}
