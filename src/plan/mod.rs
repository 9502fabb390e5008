//! The plan: items become comparisons, and comparisons asks, all of them before the first request.

mod comparison;
mod orders;
#[cfg(test)]
mod tests;

pub use comparison::{Ask, Comparison, ComparisonId, Leg, Plan, Side};
pub use orders::Orders;
