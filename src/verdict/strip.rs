//! Removes reasoning blocks, whose drafts of a verdict are not the verdict.

use super::trace::{Readable, Traced};

/// Removes `<name>...</name>` blocks, and says whether all of them were closed. Case does not matter.
///
/// A tag that is merely mentioned is no block: an opening tag without a closing one counts where it begins a line, and then reaches to
/// the end; a closing tag without an opening one counts where it ends a line, and then ends a block that began with the text (some
/// servers keep the opening tag to themselves). A closing tag that is left over after a block ends the block around it.
pub(super) fn strip(text: &mut Readable<'_>, names: &[String]) -> bool {
    let mut closed = true;
    for name in names {
        let (open, close) = (format!("<{name}>").to_ascii_lowercase(), format!("</{name}>").to_ascii_lowercase());
        // The same offsets as in the text: only ASCII letters change.
        let lower = text.whole().to_ascii_lowercase();
        if lower.contains(&open) || lower.contains(&close) {
            let (without, all_closed) = without(text.whole(), &lower, &open, &close);
            closed &= all_closed;
            text.change(without);
        }
    }
    closed
}

fn without(text: &str, lower: &str, open: &str, close: &str) -> (Traced, bool) {
    let (mut from, mut kept, mut any) = (0, Traced::default(), false);
    // Each is searched once over the whole text, however many tags of the other kind there are.
    let mut opening = lower.match_indices(open).map(|(at, _)| at).peekable();
    let mut closing = lower.match_indices(close).map(|(at, _)| at).peekable();
    // Up to where tags have been looked at: those that are merely mentioned stay in the text.
    let mut seen = 0;
    loop {
        while opening.next_if(|at| *at < seen).is_some() {}
        while closing.next_if(|at| *at < seen).is_some() {}
        match (opening.peek().copied(), closing.peek().copied()) {
            (opened, Some(closed)) if opened.is_none_or(|opened| closed < opened) => {
                let end = closed + close.len();
                if any || ends_line(lower, end) {
                    kept.clear();
                    (from, any) = (end, true);
                }
                seen = end;
            }
            (Some(opened), Some(closed)) => {
                kept.push(&text[from..opened], from);
                (from, any) = (closed + close.len(), true);
                seen = from;
            }
            (Some(opened), None) if begins_line(lower, opened) => {
                kept.push(&text[from..opened], from);
                return (kept, false);
            }
            (Some(opened), None) => seen = opened + open.len(),
            (None, _) => {
                kept.push(&text[from..], from);
                return (kept, true);
            }
        }
    }
}

fn begins_line(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(|character: char| character != '\n' && character.is_whitespace());
    before.is_empty() || before.ends_with('\n')
}

fn ends_line(text: &str, at: usize) -> bool {
    let after = text[at..].trim_start_matches(|character: char| character != '\n' && character.is_whitespace());
    after.is_empty() || after.starts_with('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> (String, bool) {
        let mut text = Readable::new(text);
        let closed = strip(&mut text, &["think".to_owned(), "thinking".to_owned()]);
        (text.whole().to_owned(), closed)
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
