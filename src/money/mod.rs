//! What asking costs: dollars, the prices of a judge, and LiteLLM's file of prices.

mod decimal;
mod entry;
mod error;
mod litellm;
mod prices;
mod providers;
mod usd;

pub use error::PriceError;
pub use litellm::{Listed, PriceFile};
pub use prices::{Prices, Rates, Spent, Tier};
pub use usd::{ParseUsdError, Usd};
