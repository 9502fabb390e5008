//! A text that is looked for, in any case: in plain text, and in text as JSON writes it.

use regex::bytes::{Regex, RegexBuilder};

/// A text that is looked for.
#[derive(Debug)]
pub(super) struct Needle {
    plain: Regex,
    written: Regex,
}

/// How far before a place an escape may begin that the place is a part of: `\u001b` has six characters.
const LONGEST_ESCAPE: usize = 6;

impl Needle {
    /// A needle for a text; `None` of one too long to look for, and of an empty one.
    pub(super) fn new(text: &str) -> Option<Self> {
        let pattern = |text: &str| {
            let mut builder = RegexBuilder::new(&regex::escape(text));
            builder.case_insensitive(true).build().ok()
        };
        let written = serde_json::to_string(text).ok()?;
        let written = written.strip_prefix('"')?.strip_suffix('"').filter(|inner| !inner.is_empty())?;
        Some(Self { plain: pattern(text)?, written: pattern(written)? })
    }

    /// Whether it stands in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.plain.is_match(text.as_bytes())
    }

    /// Whether it stands in a text that is written as a JSON string, without the quotes around it.
    pub(super) fn is_in_written(&self, written: &[u8]) -> bool {
        let Some(found) = self.written.find(written) else { return false };
        let before = &written[found.start().saturating_sub(LONGEST_ESCAPE)..found.start()];
        // What follows a backslash may be half of an escape: `\nice` holds no `nice`.
        !before.contains(&b'\\') || self.is_in_read(written)
    }

    fn is_in_read(&self, written: &[u8]) -> bool {
        let quoted = [b"\"", written, b"\""].concat();
        serde_json::from_slice::<String>(&quoted).is_ok_and(|text| self.is_in(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(needle: &str, text: &str) -> bool {
        let needle = Needle::new(needle).unwrap();
        let written = serde_json::to_string(text).unwrap();
        let written = &written.as_bytes()[1..written.len() - 1];
        assert_eq!(needle.is_in(text), needle.is_in_written(written), "{text}");
        needle.is_in(text)
    }

    #[test]
    fn a_text_is_found_as_json_writes_it_and_nothing_else() {
        assert!(is_found("Nice", "it is\nnice"));
        assert!(!is_found("nnice", "it is\nnice"));
        assert!(!is_found("001b", "\u{1b}[31m"));
        assert!(is_found("say \"a\\b\"", "they SAY \"A\\B\" here"));
        assert!(is_found("ÜBER", "über"));
        assert!(is_found("a.c*", "A.C*") && !is_found("a.c*", "abcc"));
        assert!(is_found("\n\nb", "a\n\nb"));
        assert!(Needle::new("").is_none());
    }
}
