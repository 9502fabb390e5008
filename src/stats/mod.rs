//! Statistics of judges, as pure functions of numbers.

mod agreement;
mod bootstrap;
mod calibration;
mod chi_square;
mod clustered;
mod front;
mod interval;
mod jury;
mod logistic;
mod paired;
mod power;
mod rank;
mod running;
mod sequence;
mod sign_flip;
mod simulate;
mod spread;
mod stream;
mod variance;

pub use agreement::{
    cohen_kappa, fleiss_kappa, krippendorff_alpha, weighted_cohen_kappa, weighted_fleiss_kappa,
    weighted_krippendorff_alpha,
};
pub use bootstrap::{cluster_bootstrap, percentile};
pub use calibration::{
    CALIBRATION_BINS, ReliabilityBin, accuracy_coverage, accuracy_coverage_area, brier, expected_calibration_error,
    reliability,
};
pub use chi_square::{ChiSquare, chi_square_expected, chi_square_uniform};
pub use clustered::{Mean, clustered, mean_of_subsets};
pub use front::front;
pub use interval::{
    Interval, Method, clopper_pearson, interval, normal_quantile, subsets_interval, t_quantile, t_test, wilson,
};
pub use jury::{effective_number, error_correlation};
pub use logistic::{Logistic, logistic};
pub use paired::{McNemar, difference, difference_interval, holm, mcnemar, t_interval};
pub use power::minimum_detectable_difference;
pub use rank::{kendall_tau_b, mid_ranks, pearson, spearman};
pub use running::Running;
pub use sequence::{Population, Sequence, subset_weights};
pub use sign_flip::{cluster_sums, none_as_extreme, sign_flip};
pub use simulate::{PairedCells, clustered_outcomes, paired_outcomes};
pub use spread::{Spread, spread};
pub use stream::Stream;
pub use variance::{Components, between_and_within};

#[cfg(test)]
mod tests {
    use crate::digest::Fields;

    /// Equal to 1e-9, relative to numbers above 1.
    #[track_caller]
    pub(super) fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "found {found}, expected {expected}");
    }

    /// A named stream of uniform numbers in [0, 1).
    pub(super) struct Uniform {
        name: &'static str,
        drawn: u64,
    }

    impl Uniform {
        pub(super) fn new(name: &'static str) -> Self {
            Self { name, drawn: 0 }
        }

        pub(super) fn next(&mut self) -> f64 {
            self.drawn += 1;
            Fields::new(self.name).number(self.drawn).finish().unit()
        }
    }
}
