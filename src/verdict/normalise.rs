//! Irons out how a verdict is dressed: width, invisible characters, emphasis, escapes. Case is left to the pattern, which
//! ignores it where a rule normalises.

/// The text with full-width forms and lenticular or white brackets as plain ASCII, and without zero-width and directional
/// characters, asterisks, underscores that are not within a word, and backslashes before brackets.
pub(super) fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}'
            | '*' => {}
            '_' => {
                let mut run = String::from('_');
                while let Some(more) = characters.next_if_eq(&'_') {
                    run.push(more);
                }
                let after = characters.peek().copied().is_some_and(char::is_alphanumeric);
                if after && plain.ends_with(char::is_alphanumeric) {
                    plain.push_str(&run);
                }
            }
            '\\' if matches!(characters.peek(), Some('[' | ']')) => {}
            '\u{ff01}'..='\u{ff5e}' => plain.extend(char::from_u32(u32::from(character) - 0xfee0)),
            '\u{3010}' | '\u{3014}' => plain.push('['),
            '\u{3011}' | '\u{3015}' => plain.push(']'),
            '\u{301a}' | '\u{27e6}' => plain.push_str("[["),
            '\u{301b}' | '\u{27e7}' => plain.push_str("]]"),
            '\u{a0}' | '\u{3000}' => plain.push(' '),
            _ => plain.push(character),
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
            assert_eq!(normalise(dressed), "[[A]]", "{dressed}");
        }
    }

    #[test]
    fn underscores_within_a_word_stay() {
        assert_eq!(normalise("_model_a_ __x__y__"), "model_a x__y");
    }
}
