//! US dollars, as a whole number of nano-dollars.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal::in_units;

const NANOS_PER_DOLLAR: u64 = 1_000_000_000;
/// Decimal places of a nano-dollar.
const PLACES: i32 = 9;
/// Digits that are shown of an amount below a dollar.
const SHOWN_DIGITS: i32 = 3;

/// An amount of US dollars, 0 or more, in whole nano-dollars; at most some 18 thousand million dollars, where sums stop.
///
/// Written as a JSON number of dollars, in full; shown with three digits below a dollar and with cents above:
///
/// ```
/// use tribunal::money::Usd;
/// assert_eq!("$12.3".parse::<Usd>()?.to_string(), "$12.30");
/// assert_eq!(Usd::from_nanos(12_345_678).to_string(), "$0.0123");
/// # Ok::<(), tribunal::money::ParseUsdError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd {
    nanos: u64,
}

/// A text that is no amount of dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount of US dollars, 0 or more, such as 2.50")]
pub struct ParseUsdError;

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0 };

    /// So many thousand-millionths of a dollar.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self { nanos }
    }

    /// The amount in thousand-millionths of a dollar.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.nanos
    }

    /// What is left of it once the other is taken away; nothing where the other is greater.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self::from_nanos(self.nanos.saturating_sub(other.nanos))
    }

    /// So many times the amount.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self::from_nanos(self.nanos.saturating_mul(count))
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::from_nanos(self.nanos.saturating_add(other.nanos))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl FromStr for Usd {
    type Err = ParseUsdError;

    /// Reads `2.50` or `$2.5`; what is below a nano-dollar is rounded up.
    fn from_str(text: &str) -> Result<Self, ParseUsdError> {
        let number = text.trim();
        in_units(number.strip_prefix('$').unwrap_or(number), PLACES).map(Self::from_nanos).ok_or(ParseUsdError)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leading_zeros = PLACES - self.nanos.checked_ilog10().map_or(PLACES, |log| log.cast_signed() + 1);
        let places = if self.nanos >= NANOS_PER_DOLLAR { 2 } else { (leading_zeros + SHOWN_DIGITS).min(PLACES) };
        let step = 10_u64.pow((PLACES - places).unsigned_abs());
        let rounded = self.nanos.saturating_add(step / 2) / step * step;
        let fraction = format!("{:09}", rounded % NANOS_PER_DOLLAR);
        // Zeros at the end say nothing, but cents are always there.
        let (cents, finer) = fraction.split_at(2);
        write!(f, "${}.{cents}{}", rounded / NANOS_PER_DOLLAR, finer.trim_end_matches('0'))
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The nearest double to the decimal: its shortest form is the decimal itself, up to millions of dollars.
        serializer.serialize_f64(self.nanos as f64 / NANOS_PER_DOLLAR as f64)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dollars = f64::deserialize(deserializer)?;
        // The shortest form of the double is what was written.
        dollars.to_string().parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_shown_with_digits_that_can_be_read() {
        for (nanos, shown) in [
            (0, "$0.00"),
            (1, "$0.000000001"),
            (1_234, "$0.00000123"),
            (12_345_678, "$0.0123"),
            (12_000_000, "$0.012"),
            (250_000_000, "$0.25"),
            (123_456_789, "$0.123"),
            (500_000_000, "$0.50"),
            (999_600_000, "$1.00"),
            (9_996_000, "$0.01"),
            (12_300_000_000, "$12.30"),
            (1_234_567_891_234, "$1234.57"),
            (1_999_999_999, "$2.00"),
            (u64::MAX, "$18446744073.70"),
        ] {
            assert_eq!(Usd::from_nanos(nanos).to_string(), shown, "{nanos}");
        }
    }

    #[test]
    fn amounts_are_read_with_and_without_a_dollar_sign() {
        for text in ["2.50", "$2.5", " $2.500 ", "25e-1"] {
            assert_eq!(text.parse(), Ok(Usd::from_nanos(2_500_000_000)), "{text:?}");
        }
        for text in ["", "$", "-1", "2,50", "two", "$ 2", "1 USD"] {
            assert_eq!(text.parse::<Usd>(), Err(ParseUsdError), "{text:?}");
        }
    }

    #[test]
    fn amounts_are_json_numbers_of_dollars() {
        for (nanos, json) in [
            (0, "0.0"),
            (12_300_000_000, "12.3"),
            (1, "1e-9"),
            (123_456_789, "0.123456789"),
            (2_500_000_001, "2.500000001"),
        ] {
            assert_eq!(serde_json::to_string(&Usd::from_nanos(nanos)).unwrap(), json);
        }
        assert_eq!(serde_json::from_str::<Usd>("10").unwrap(), Usd::from_nanos(10_000_000_000));
        let said = serde_json::from_str::<Usd>("-1").unwrap_err().to_string();
        assert!(said.starts_with("expected an amount of US dollars"), "{said}");
    }

    #[test]
    fn sums_stop_at_the_most_and_differences_at_nothing() {
        let most = Usd::from_nanos(u64::MAX);
        assert_eq!([most, most].into_iter().sum::<Usd>(), most);
        assert_eq!(most.times(2), most);
        assert_eq!(Usd::ZERO.less(most), Usd::ZERO);
    }

    proptest! {
        #[test]
        fn an_amount_survives_json_and_toml(nanos in 0_u64..1_000_000_000_000_000) {
            let amount = Usd::from_nanos(nanos);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
            let toml = toml::to_string(&[("budget", amount)].into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
            prop_assert_eq!(toml::from_str::<std::collections::BTreeMap<String, Usd>>(&toml).unwrap()["budget"], amount);
        }
    }
}
