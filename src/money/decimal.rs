//! Decimal numbers as written, to whole numbers of a small unit: prices do not go through floating point.

/// What a decimal number such as `2.50` or `1.5e-07` is in units of 10^-`places`, rounded up; at most `u64::MAX`. `None` where the text is
/// no such number, or a negative one.
pub(super) fn in_units(text: &str, places: i32) -> Option<u64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // How many digits, counted from the first, stand before the point once the unit is taken.
    let before = i64::try_from(whole.len()).ok()? + i64::from(exponent) + i64::from(places);
    let mut units = 0_u64;
    let mut is_cut = false;
    for (at, digit) in (0_i64..).zip(digits()) {
        if at < before {
            units = units.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        } else {
            is_cut |= digit != b'0';
        }
    }
    let written = i64::try_from(whole.len() + fraction.len()).ok()?;
    if units > 0 {
        // Twenty more digits are beyond what is held.
        for _ in 0..(before - written).clamp(0, 20) {
            units = units.saturating_mul(10);
        }
    }
    Some(units.saturating_add(u64::from(is_cut)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, places, units) in [
            ("2.50", 9, 2_500_000_000),
            ("0", 9, 0),
            ("0.0", 15, 0),
            (".5", 2, 50),
            ("5.", 2, 500),
            ("1.5e-07", 15, 150_000_000),
            ("5.46875e-07", 15, 546_875_000),
            ("2E-6", 15, 2_000_000_000),
            ("15e+1", 1, 1_500),
            ("0.000000000000000000", 15, 0),
            ("9007199254740993", 0, 9_007_199_254_740_993),
        ] {
            assert_eq!(in_units(text, places), Some(units), "{text}");
        }
    }

    #[test]
    fn what_is_below_the_unit_is_rounded_up() {
        assert_eq!(in_units("0.0000000001", 9), Some(1));
        assert_eq!(in_units("1e-300", 9), Some(1));
        assert_eq!(in_units("1.0000000000", 9), Some(1_000_000_000));
    }

    #[test]
    fn what_is_too_large_stops_at_the_most() {
        assert_eq!(in_units("1e300", 9), Some(u64::MAX));
        assert_eq!(in_units("99999999999999999999999", 0), Some(u64::MAX));
        assert_eq!(in_units("0e999999999", 9), Some(0));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in
            ["", ".", "-1", "+1", "1,5", "1.2.3", "e5", "1e", "1e1.5", "0x10", "NaN", "free", " 1", "1e99999999999"]
        {
            assert_eq!(in_units(text, 9), None, "{text:?}");
        }
    }
}
