//! Removes reasoning blocks, whose drafts of a verdict are not the verdict.

use std::borrow::Cow;

/// The text without `<name>...</name>` blocks, and whether all of them were closed. Case does not matter.
///
/// A tag that is merely mentioned is no block: an opening tag without a closing one counts where it begins a line, and then reaches to
/// the end; a closing tag without an opening one counts where it ends a line, and then ends a block that began with the text (some
/// servers keep the opening tag to themselves). A closing tag that is left over after a block ends the block around it.
pub(super) fn strip<'a>(text: &'a str, names: &[String]) -> (Cow<'a, str>, bool) {
    let mut rest = Cow::Borrowed(text);
    let mut closed = true;
    for name in names {
        let (open, close) = (format!("<{name}>").to_ascii_lowercase(), format!("</{name}>").to_ascii_lowercase());
        // The same offsets as in the text: only ASCII letters change.
        let lower = rest.to_ascii_lowercase();
        if lower.contains(&open) || lower.contains(&close) {
            let (without, all_closed) = without(&rest, &lower, &open, &close);
            closed &= all_closed;
            rest = Cow::Owned(without);
        }
    }
    (rest, closed)
}

fn without(text: &str, lower: &str, open: &str, close: &str) -> (String, bool) {
    let (mut from, mut kept, mut any) = (0, String::new(), false);
    // Up to where tags have been looked at: those that are merely mentioned stay in the text.
    let mut seen = 0;
    loop {
        let next = |tag: &str| lower[seen..].find(tag).map(|at| seen + at);
        match (next(open), next(close)) {
            (opened, Some(closed)) if opened.is_none_or(|opened| closed < opened) => {
                let end = closed + close.len();
                if any || ends_line(lower, end) {
                    kept.clear();
                    (from, any) = (end, true);
                }
                seen = end;
            }
            (Some(opened), Some(closed)) => {
                kept.push_str(&text[from..opened]);
                (from, any) = (closed + close.len(), true);
                seen = from;
            }
            (Some(opened), None) if begins_line(lower, opened) => {
                kept.push_str(&text[from..opened]);
                return (kept, false);
            }
            (Some(opened), None) => seen = opened + open.len(),
            (None, _) => {
                kept.push_str(&text[from..]);
                return (kept, true);
            }
        }
    }
}

fn begins_line(text: &str, at: usize) -> bool {
    text[..at].rsplit('\n').next().is_none_or(|line| line.trim().is_empty())
}

fn ends_line(text: &str, at: usize) -> bool {
    text[at..].split('\n').next().is_none_or(|line| line.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> (String, bool) {
        let (text, closed) = strip(text, &["think".to_owned(), "thinking".to_owned()]);
        (text.into_owned(), closed)
    }

    #[test]
    fn blocks_are_removed_wherever_they_stand() {
        assert_eq!(stripped("a<think>x</think>b<think>y</think>c"), ("abc".to_owned(), true));
        assert_eq!(stripped("<THINK>[[A]]</Think>[[B]]"), ("[[B]]".to_owned(), true));
        assert_eq!(stripped("<thinking>[[A]]</thinking>[[B]]"), ("[[B]]".to_owned(), true));
        assert_eq!(stripped("<think>İ [[A]]</think>İ [[B]]"), ("İ [[B]]".to_owned(), true));
    }

    #[test]
    fn an_unclosed_block_reaches_to_the_end() {
        assert_eq!(stripped("a\n <think>[[A]]"), ("a\n ".to_owned(), false));
    }

    #[test]
    fn a_closing_tag_alone_ends_a_block_that_began_with_the_text() {
        assert_eq!(stripped("maybe [[A]]</think>\n[[B]]"), ("\n[[B]]".to_owned(), true));
    }

    #[test]
    fn a_tag_that_is_mentioned_is_no_block() {
        for text in ["Answer A leaks its <think> tag. [[B]]", "[[A]] The </think> in B is odd."] {
            assert_eq!(stripped(text), (text.to_owned(), true));
        }
    }

    #[test]
    fn a_block_within_a_block_ends_with_the_outer_one() {
        assert_eq!(stripped("a<think>b<think>c</think>d</think>e"), ("e".to_owned(), true));
    }
}
