//! Removes reasoning blocks, whose drafts of a verdict are not the verdict.

use std::borrow::Cow;

/// The text without `<name>...</name>` blocks, and whether all of them were closed. An unclosed block reaches to the end. A
/// closing tag without an opening one ends a block that began with the text: some servers keep the opening tag to themselves, and a
/// block within a block leaves one over.
pub(super) fn strip<'a>(text: &'a str, names: &[String]) -> (Cow<'a, str>, bool) {
    let mut rest = Cow::Borrowed(text);
    let mut closed = true;
    for name in names {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if rest.contains(&open) || rest.contains(&close) {
            let (without, all_closed) = without(&rest, &open, &close);
            closed &= all_closed;
            rest = Cow::Owned(without);
        }
    }
    (rest, closed)
}

fn without(text: &str, open: &str, close: &str) -> (String, bool) {
    let (mut rest, mut kept) = (text, String::new());
    loop {
        let (opened, closed) = (rest.find(open), rest.find(close));
        match (opened, closed) {
            (_, Some(closed)) if opened.is_none_or(|opened| closed < opened) => {
                kept.clear();
                rest = &rest[closed + close.len()..];
            }
            (Some(opened), Some(closed)) => {
                kept.push_str(&rest[..opened]);
                rest = &rest[closed + close.len()..];
            }
            (Some(opened), None) => {
                kept.push_str(&rest[..opened]);
                return (kept, false);
            }
            (None, _) => {
                kept.push_str(rest);
                return (kept, true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> (String, bool) {
        let (text, closed) = strip(text, &["think".to_owned()]);
        (text.into_owned(), closed)
    }

    #[test]
    fn blocks_are_removed_wherever_they_stand() {
        assert_eq!(stripped("a<think>x</think>b<think>y</think>c"), ("abc".to_owned(), true));
    }

    #[test]
    fn an_unclosed_block_reaches_to_the_end() {
        assert_eq!(stripped("a<think>[[A]]"), ("a".to_owned(), false));
    }

    #[test]
    fn a_closing_tag_alone_ends_a_block_that_began_with_the_text() {
        assert_eq!(stripped("maybe [[A]]</think>[[B]]"), ("[[B]]".to_owned(), true));
    }

    #[test]
    fn a_block_within_a_block_ends_with_the_outer_one() {
        assert_eq!(stripped("a<think>b<think>c</think>d</think>e"), ("e".to_owned(), true));
    }
}
