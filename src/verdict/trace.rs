//! Text that was changed before it was searched, and where in the reply each part of it stands.

use std::borrow::Cow;
use std::ops::Range;

/// A text put together from pieces of another one.
#[derive(Debug, Default)]
pub(super) struct Traced {
    pub(super) text: String,
    /// Where a piece begins here, and where in the text it was taken from; up to the next one all bytes follow each other in both.
    pieces: Vec<(usize, usize)>,
    next: usize,
}

impl Traced {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..Self::default() }
    }

    /// Adds a piece that stands, or has its origin, at this byte of the other text.
    pub(super) fn push(&mut self, piece: &str, from: usize) {
        if from != self.next || self.pieces.is_empty() {
            self.pieces.push((self.text.len(), from));
        }
        self.text.push_str(piece);
        self.next = from + piece.len();
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
    }
}

/// What of a reply is searched.
#[derive(Debug)]
pub(super) struct Readable<'a> {
    reply: &'a str,
    text: Cow<'a, str>,
    /// One for each time that the text was changed.
    pieces: Vec<Vec<(usize, usize)>>,
}

impl<'a> Readable<'a> {
    pub(super) fn new(reply: &'a str) -> Self {
        Self { reply, text: Cow::Borrowed(reply), pieces: Vec::new() }
    }

    pub(super) fn whole(&self) -> &str {
        &self.text
    }

    /// The text without white space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Puts a changed text in the place of the one before.
    pub(super) fn change(&mut self, traced: Traced) {
        self.text = Cow::Owned(traced.text);
        self.pieces.push(traced.pieces);
    }

    /// Where the trimmed text begins in the reply.
    pub(super) fn start(&self) -> usize {
        self.source(self.indent())
    }

    /// Where a part of the trimmed text stands in the reply.
    pub(super) fn span(&self, part: Range<usize>) -> Range<usize> {
        let (start, end) = (part.start + self.indent(), part.end + self.indent());
        let last = self.text.floor_char_boundary(end.saturating_sub(1)).max(start);
        let last = self.reply.floor_char_boundary(self.source(last));
        let width = self.reply[last..].chars().next().map_or(0, char::len_utf8);
        let start = self.reply.floor_char_boundary(self.source(start));
        start..if part.is_empty() { start } else { last + width }
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    fn source(&self, at: usize) -> usize {
        self.pieces.iter().rev().fold(at, |at, pieces| {
            let after = pieces.partition_point(|(here, _)| *here <= at);
            after.checked_sub(1).map_or(at, |piece| pieces[piece].1 + at - pieces[piece].0)
        })
    }
}
