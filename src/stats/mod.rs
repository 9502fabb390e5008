//! Statistics of judges, as pure functions of numbers.

mod clustered;
mod interval;
mod power;
mod running;
mod sequence;

pub use clustered::{Mean, clustered, mean_of_subsets};
pub use interval::{Interval, Method, clopper_pearson, interval, subsets_interval, t_quantile, wilson};
pub use power::minimum_detectable_difference;
pub use running::Running;
pub use sequence::{Population, Sequence, subset_weights};

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
