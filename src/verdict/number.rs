//! Numbers as judges write them.

use std::ops::Range;

use super::reading::Reason;

/// No number of a judge's is longer; what is longer is not searched for its end.
const LONGEST: usize = 32;

/// Which numbers are scores.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Numbers {
    /// The least and the greatest.
    pub(super) range: Option<[f64; 2]>,
    /// Whether only integers are, and must be written as such.
    pub(super) integer: bool,
}

impl Numbers {
    /// The score that a text is: `7`, `8.5`, `8,5`, `**7**`, and `7/10` where the range ends at 10. Of integers only a sign and digits.
    /// A text that is no number has no label; a number on another scale is another number, and out of range.
    pub(super) fn read(&self, text: &str) -> Result<f64, Reason> {
        let (number, of) = if self.integer { integer(text).map(|number| (number, None)) } else { fraction(text) }
            .ok_or(Reason::NoLabel)?;
        let is_on_scale = of.is_none_or(|of| self.range.is_some_and(|[_, most]| most.total_cmp(&of).is_eq()));
        self.check(number).filter(|_| is_on_scale).ok_or(Reason::OutOfRange)
    }

    /// The number, if it is a score.
    pub(super) fn check(&self, number: f64) -> Option<f64> {
        let fits = self.range.is_none_or(|[least, most]| (least..=most).contains(&number));
        let is_whole = !self.integer || number.fract() == 0.0;
        // Minus zero is zero.
        (number.is_finite() && fits && is_whole).then_some(number + 0.0)
    }

    /// The range, for people.
    pub(super) fn words(&self) -> String {
        let kind = if self.integer { "an integer" } else { "a number" };
        self.range.map_or_else(|| kind.to_owned(), |[least, most]| format!("{kind} from {least} to {most}"))
    }
}

fn integer(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_integer)
}

/// A number, and what it is out of, where that is said.
fn fraction(text: &str) -> Option<(f64, Option<f64>)> {
    let text = text.trim_matches(|character: char| matches!(character, '*' | '_') || character.is_whitespace());
    match text.split_once('/') {
        None => Some((decimal(text)?, None)),
        Some((number, of)) => Some((decimal(number)?, Some(decimal(of)?))),
    }
}

/// A number with a point, or a comma before one or two digits.
fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-', '\u{2212}']).unwrap_or(text);
    let (whole, part) = match unsigned.split_once(['.', ',']) {
        Some((_, part)) if unsigned.contains(',') && !(1..=2).contains(&part.len()) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number: f64 = format!("{whole}.{part}").parse().ok().filter(|_| digits(whole) && digits(part))?;
    Some(if unsigned.len() == text.len() || text.starts_with('+') { number } else { -number })
}

/// The whole number of which a capture is a part: 8.5 of 8, 10 of 0, -3 of 3; and 7/10 of either 7 or 10, but where the match goes on
/// beyond the capture, for then the pattern has said what the slash is.
pub(super) fn whole_number(text: &str, captured: Range<usize>, matched: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let Range { mut start, mut end } = captured;
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let joins = |at: usize, is_edge: bool| match bytes.get(at) {
        Some(b'.') => true,
        Some(b'/') => is_edge,
        _ => false,
    };
    let (first, last) = (start.saturating_sub(LONGEST), end + LONGEST);
    if is_digit(start) {
        let is_edge = start == matched.start;
        while start > first && (is_digit(start - 1) || start > 1 && joins(start - 1, is_edge) && is_digit(start - 2)) {
            start -= 1;
        }
        let sign = start.checked_sub(1).filter(|at| bytes[*at] == b'-');
        // A hyphen within a word or a range is no sign.
        let is_sign = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'-';
        start = sign.filter(|at| is_sign(*at)).unwrap_or(start);
    }
    if end > 0 && is_digit(end - 1) {
        let is_edge = end == matched.end;
        while end < last && (is_digit(end) || joins(end, is_edge) && is_digit(end + 1)) {
            end += 1;
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_judges_write_them() {
        let scores = Numbers { range: Some([1.0, 10.0]), integer: false };
        for (text, number) in [
            ("7", 7.0),
            (" 8.5 ", 8.5),
            ("8,5", 8.5),
            ("**7**", 7.0),
            ("7/10", 7.0),
            ("7 / 10", 7.0),
            ("7.", 7.0),
            ("+7", 7.0),
            ("10.0", 10.0),
        ] {
            assert_eq!(scores.read(text), Ok(number), "{text}");
        }
        for text in ["11", "0", "-7", "7/100", "35/50", "10.01"] {
            assert_eq!(scores.read(text), Err(Reason::OutOfRange), "{text}");
        }
        for text in ["", "seven", "1,000", "7.5.1", "1e1", "inf", "NaN", "7-8", ".", "/10", "7/ten", "--7"] {
            assert_eq!(scores.read(text), Err(Reason::NoLabel), "{text}");
        }
    }

    #[test]
    fn an_integer_is_digits_and_nothing_else() {
        let integers = Numbers { range: None, integer: true };
        for (text, number) in [(" 7\n", 7.0), ("-3", -3.0), ("+0", 0.0)] {
            assert_eq!(integers.read(text), Ok(number));
        }
        for text in ["", "-", "7.0", "7/10", "**7**", "7.", "seven", "1 2"] {
            assert_eq!(integers.read(text), Err(Reason::NoLabel), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_whole() {
        for (text, part, whole) in [
            ("8.5", "8", "8.5"),
            ("8.5", "5", "8.5"),
            ("10", "0", "10"),
            ("is 7/10.", "7", "7/10"),
            ("is 7/10.", "10", "7/10"),
            ("is -3", "3", "-3"),
            ("7-8", "8", "8"),
            ("7.", "7", "7"),
            ("v1.2.3", "2", "1.2.3"),
            ("and/or 7", "7", "7"),
            ("\u{fc}7\u{fc}", "7", "7"),
        ] {
            let start = text.find(part).unwrap();
            let at = start..start + part.len();
            assert_eq!(&text[whole_number(text, at.clone(), &at)], whole, "{part} in {text}");
        }
        assert_eq!(whole_number("[7]/10", 1..2, &(0..3)), 1..2);
        assert_eq!(whole_number("7/8", 0..1, &(0..3)), 0..1, "the pattern has a slash of its own");
        assert_eq!(whole_number("is -10.5!", 5..6, &(0..9)), 3..8, "the pattern has swallowed what stands around");
    }
}
