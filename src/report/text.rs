//! Small texts for people: counts, shares, and foreign text made harmless for a terminal.

use serde::Serialize;

/// A count with its thousands set apart: `15,718`.
#[must_use]
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and its noun, in the plural unless it is one.
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// A share to four places without the leading zero, from 1 on to three: `.6483`, `1.000`, `-.0700`.
pub(super) fn share(value: f64) -> String {
    let text = format!("{value:.4}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
    match digits.strip_prefix('0') {
        // What is rounded to nothing has no sign.
        Some(".0000") => ".0000".to_owned(),
        Some(rest) => format!("{sign}{rest}"),
        None => format!("{value:.3}"),
    }
}

/// An interval behind its estimate, ` (low to high)`; nothing where there is none.
pub(super) fn in_brackets(ends: Option<[f64; 2]>, show: fn(f64) -> String) -> String {
    ends.map_or_else(String::new, |[low, high]| format!(" ({} to {})", show(low), show(high)))
}

/// An interval in a column of its own: `.6000 to .7000`; a dash where there is none.
pub(super) fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(dash, |[low, high]| format!("{} to {}", share(low), share(high)))
}

/// A judge and its strategy, where it has one: `judge / strategy`.
#[must_use]
pub fn judge_and_strategy(judge: &str, strategy: Option<&str>) -> String {
    strategy.map_or_else(|| plain(judge), |strategy| format!("{} / {}", plain(judge), plain(strategy)))
}

/// What stands where there is no value.
pub(super) fn dash() -> String {
    "-".to_owned()
}

/// A difference with its sign: `+.0312`, `-.0040`.
pub(super) fn signed(value: f64) -> String {
    let sign = if value < 0.0 { '-' } else { '+' };
    format!("{sign}{}", share(value.abs()))
}

/// A share as a percentage: `55.0%`.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1}%", 100.0 * part as f64 / whole as f64) }
}

/// Foreign text as one line that cannot steer a terminal: control, invisible and directional characters are shown as code points.
#[must_use]
pub fn plain(text: &str) -> String {
    shown(text, |_| false)
}

/// The same of a text that keeps its lines and tabs, for pages.
#[must_use]
pub fn visible(text: &str) -> String {
    shown(text, |character| matches!(character, '\n' | '\t'))
}

fn shown(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let steers = matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        );
        if (steers || character.is_control()) && !is_kept(character) {
            shown.push_str(&character.escape_unicode().to_string());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The same for a text of several lines, such as an excerpt of a file: further lines are indented, so that none of them can pass for a
/// message of its own.
#[must_use]
pub fn plain_block(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n  ")
}

/// The word by which one of several stands in JSON; `None` of what stands as something else.
#[must_use]
pub fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_set_apart() {
        assert_eq!([0_u64, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn shares_keep_four_figures() {
        assert_eq!(
            [0.0, 0.64827, 1.0, -0.07, -1.0, -0.00001].map(share),
            [".0000", ".6483", "1.000", "-.0700", "-1.000", ".0000"]
        );
    }

    #[test]
    fn foreign_text_cannot_steer_a_terminal() {
        assert_eq!(plain("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\u{a}");
        assert_eq!(plain_block("a\nerror: b"), "a\n  error: b");
    }
}
