//! Irons out how a verdict is dressed: width, invisible characters, emphasis, escapes. Case is left to the pattern, which
//! ignores it where a rule normalises.

use super::trace::Traced;

/// The text with full-width forms and lenticular or white brackets as plain ASCII, and without zero-width and directional
/// characters, asterisks, underscores that are not within a word, and backslashes before brackets.
pub(super) fn normalise(text: &str) -> Traced {
    let mut plain = Traced::with_capacity(text.len());
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}'
            | '*' => {}
            '_' => {
                let mut end = at + 1;
                while characters.next_if(|(_, next)| *next == '_').is_some() {
                    end += 1;
                }
                let after = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                if after && plain.text.ends_with(char::is_alphanumeric) {
                    plain.push(&text[at..end], at);
                }
            }
            '\\' if matches!(characters.peek(), Some((_, '[' | ']'))) => {}
            '\u{3010}' | '\u{3014}' => plain.push("[", at),
            '\u{3011}' | '\u{3015}' => plain.push("]", at),
            '\u{301a}' | '\u{27e6}' => plain.push("[[", at),
            '\u{301b}' | '\u{27e7}' => plain.push("]]", at),
            '\u{a0}' | '\u{3000}' => plain.push(" ", at),
            '\u{ff01}'..='\u{ff5e}' => {
                let narrow = char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character);
                plain.push(narrow.encode_utf8(&mut [0; 4]), at);
            }
            _ => plain.push(&text[at..at + character.len_utf8()], at),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dressed_verdicts_come_out_plain() {
        for dressed in [
            "**[[A]]**",
            "[[**A**]]",
            "__[[A]]__",
            "[[_A_]]",
            "［［Ａ］］",
            "【【A】】",
            "⟦A⟧",
            r"\[\[A\]\]",
            "[\u{200b}[A]\u{202e}]",
        ] {
            assert_eq!(normalise(dressed).text, "[[A]]", "{dressed}");
        }
    }

    #[test]
    fn underscores_within_a_word_stay() {
        assert_eq!(normalise("_model_a_ __x__y__").text, "model_a x__y");
    }
}
