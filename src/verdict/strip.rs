//! Removes reasoning blocks, whose drafts of a verdict are not the verdict.

use std::borrow::Cow;

/// The text without `<name>...</name>` blocks, and whether all of them were closed. An unclosed block reaches to the end. A
/// closing tag without an opening one ends a block that began with the text: some servers keep the opening tag to themselves.
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
    let mut rest = match (text.find(open), text.find(close)) {
        (opened, Some(closed)) if opened.is_none_or(|opened| closed < opened) => &text[closed + close.len()..],
        _ => text,
    };
    let mut kept = String::new();
    while let Some(start) = rest.find(open) {
        kept.push_str(&rest[..start]);
        let inside = &rest[start + open.len()..];
        let Some(end) = inside.find(close) else { return (kept, false) };
        rest = &inside[end + close.len()..];
    }
    kept.push_str(rest);
    (kept, true)
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
}
