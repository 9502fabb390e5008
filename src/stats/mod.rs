//! Statistics of judges, as pure functions of numbers.

mod clustered;
mod interval;

pub use clustered::{Mean, clustered, mean_of_subsets};
pub use interval::{Interval, Method, clopper_pearson, interval, subsets_interval, t_quantile, wilson};
