//! Attacks on judges: a worse answer that speaks to its judge. Each pair is asked about as it was and under attack, in one order.

mod set;
mod twins;

pub use set::{Attack, AttackError, AttackSet, Place};
pub use twins::{EachPair, Twins};
