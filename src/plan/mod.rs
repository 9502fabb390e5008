//! The plan: items become comparisons, and comparisons asks, all of them before the first request.

mod comparison;
mod draft;
mod judgments;
mod orders;
#[cfg(test)]
mod tests;

pub use comparison::{Ask, Comparison, ComparisonId, Entrant, Leg, Standing};
pub use judgments::{Plan, Unit};
pub use orders::Orders;
