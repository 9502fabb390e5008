//! The JSON object in a reply: found among prose, read strictly, and mended where only that helps.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use super::reading::Repair;

/// No key is longer; what is longer is not searched for its end.
const LONGEST_KEY: usize = 64;

/// The last object that is closed, in one pass over the text. `None` where there is none, or where one is begun and not ended: what
/// would follow might have changed everything.
pub(super) fn last_object(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut start, mut last, mut before) = (0, 0_usize, 0, None, b' ');
    while let Some(byte) = bytes.get(at) {
        let here = at;
        at += 1;
        match byte {
            b'{' if depth > 0 => depth += 1,
            b'{' if begins_object(&text[at..]) => (start, depth) = (here, 1),
            b'}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    last = Some(start..at);
                }
            }
            b'"' if depth > 0 => at = after_quote(bytes, here),
            b'\'' if depth > 0 && may_begin_value(before) => at = after_quote(bytes, here),
            b'/' if depth > 0 => {
                if let Some(after) = after_comment(text, here) {
                    at = after;
                    continue;
                }
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
    }
    last.filter(|_| depth == 0)
}

/// Whether what follows a brace makes it an object's: a key, or a comment. In prose and formulas braces hold other things, and an
/// empty object holds no verdict.
fn begins_object(rest: &str) -> bool {
    let rest = rest.trim_start();
    match rest.as_bytes() {
        [b'"' | b'\'', ..] | [b'/', b'/' | b'*', ..] => true,
        _ => word_at(rest).is_some_and(|word| rest[word.len()..].trim_start().starts_with(':')),
    }
}

/// The word with which a text begins, if it is not longer than any key.
fn word_at(text: &str) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let length = text.bytes().take(LONGEST_KEY + 1).take_while(is_part).count();
    (1..=LONGEST_KEY)
        .contains(&length)
        .then(|| &text[..length])
        .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a value or key may follow this byte: an apostrophe elsewhere is none of JSON's.
fn may_begin_value(before: u8) -> bool {
    matches!(before, b'{' | b'[' | b',' | b':')
}

/// The byte after the quote that closes the one at `at`, or the end.
fn after_quote(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        end += if *byte == b'\\' { 2 } else { 1 };
        if *byte == bytes[at] {
            break;
        }
    }
    end.min(bytes.len())
}

/// The byte after the comment at `at`, if one begins there.
fn after_comment(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let length = match rest.as_bytes() {
        [b'/', b'/', ..] => rest.find('\n'),
        [b'/', b'*', ..] => rest[2..].find("*/").map(|end| end + 4),
        _ => return None,
    };
    Some(at + length.unwrap_or(rest.len()))
}

/// Reads an object: as it stands if it is JSON, else with these repairs and no others, each of which leaves only one meaning:
///
/// - a comma before a closing bracket is left out;
/// - keys and texts in single quotes are put into double ones;
/// - a key without quotes is given some;
/// - `True`, `False` and `None` become `true`, `false` and `null`;
/// - comments, `// ...` and `/* ... */`, are left out;
/// - line breaks and tabs within quotes become escapes;
/// - a backslash before an apostrophe is left out.
///
/// Nothing is closed, added or guessed: quotes that are not escaped, values without quotes, missing commas and missing ends are no JSON.
/// Of a key that stands twice the last counts.
pub(super) fn parse(object: &str) -> Option<(Value, Vec<Repair>)> {
    if let Ok(value) = serde_json::from_str(object) {
        return Some((value, Vec::new()));
    }
    let mut mender = Mender {
        text: object,
        at: 0,
        out: String::with_capacity(object.len() + 16),
        comma: None,
        before: b' ',
        repairs: BTreeSet::new(),
    };
    mender.mend();
    let value = serde_json::from_str(&mender.out).ok()?;
    Some((value, mender.repairs.into_iter().collect()))
}

struct Mender<'a> {
    text: &'a str,
    at: usize,
    out: String,
    /// Where the last comma stands in what is written, while only white space follows it.
    comma: Option<usize>,
    /// The last byte that is no white space.
    before: u8,
    repairs: BTreeSet<Repair>,
}

impl Mender<'_> {
    fn mend(&mut self) {
        while let Some(byte) = self.text.as_bytes().get(self.at).copied() {
            match byte {
                b'"' => self.quoted(byte),
                b'\'' if may_begin_value(self.before) => self.quoted(byte),
                b'/' if after_comment(self.text, self.at).is_some() => {
                    self.at = after_comment(self.text, self.at).unwrap_or(self.text.len());
                    self.repairs.insert(Repair::Comment);
                    continue;
                }
                b'}' | b']' => self.closing(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word(),
                _ => self.copy(),
            }
            if !byte.is_ascii_whitespace() {
                self.comma = (byte == b',').then(|| self.out.len() - 1);
                self.before = byte;
            }
        }
    }

    fn copy(&mut self) {
        let Some(character) = self.text[self.at..].chars().next() else { return };
        self.out.push(character);
        self.at += character.len_utf8();
    }

    fn closing(&mut self) {
        if let Some(comma) = self.comma {
            self.out.remove(comma);
            self.repairs.insert(Repair::TrailingComma);
        }
        self.copy();
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let Some(word) = word_at(rest) else { return self.copy() };
        let is_key = matches!(self.before, b'{' | b',') && rest[word.len()..].trim_start().starts_with(':');
        let json = match word {
            "True" => "true",
            "False" => "false",
            "None" => "null",
            word => word,
        };
        if is_key {
            self.out.extend(["\"", word, "\""]);
            self.repairs.insert(Repair::UnquotedKey);
        } else {
            self.out.push_str(json);
            if json != word {
                self.repairs.insert(Repair::PythonWord);
            }
        }
        self.at += word.len();
    }

    fn quoted(&mut self, quote: u8) {
        let end = after_quote(self.text.as_bytes(), self.at);
        let mut characters = self.text[self.at + 1..end].chars().peekable();
        self.out.push('"');
        while let Some(character) = characters.next() {
            match character {
                '\\' if characters.peek() == Some(&'\'') && quote == b'\'' => {}
                '\\' if characters.peek() == Some(&'\'') => drop(self.repairs.insert(Repair::EscapedApostrophe)),
                '\\' => self.out.extend(['\\'].into_iter().chain(characters.next())),
                '"' if quote == b'\'' => self.out.push_str("\\\""),
                '\'' if quote == b'\'' && characters.peek().is_none() => self.out.push('"'),
                '\n' | '\r' | '\t' => {
                    self.out.push_str(match character {
                        '\n' => "\\n",
                        '\r' => "\\r",
                        _ => "\\t",
                    });
                    self.repairs.insert(Repair::RawLineBreak);
                }
                _ => self.out.push(character),
            }
        }
        if quote == b'\'' {
            self.repairs.insert(Repair::SingleQuotes);
        }
        self.at = end;
    }
}
