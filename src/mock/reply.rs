//! The words of a reply, and its size in tokens.

use serde::Serialize;

use super::request::{ChatRequest, Message};

/// Below this limit a reply is its label alone.
const ROOM_FOR_REASONS: usize = 64;

/// Reasons that hold for any two answers. None holds a capital letter standing alone, which a rule might read as a label; four
/// of them and a label fit in `ROOM_FOR_REASONS` tokens, so that a limit never takes a label that the judge meant to give.
const REASONS: [&str; 11] = [
    "Both answers address what was asked.",
    "The two differ most in how they treat details.",
    "One of them is more careful with its facts.",
    "Tone and structure are sound in each.",
    "Length alone does not settle the matter.",
    "What counts here is whether the user is helped.",
    "Neither leaves the question untouched.",
    "One explains its steps more plainly.",
    "Some claims would need a source.",
    "The examples given are of unequal value.",
    "On balance the difference is small but real.",
];

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// It was complete.
    Stop,
    /// The token limit cut it.
    Length,
}

impl FinishReason {
    /// How it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

/// Tokens of prompt and reply, estimated as a quarter of their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Of the messages, with 4 more for each and 3 for the whole.
    pub prompt_tokens: usize,
    /// Of the reply, after any cut.
    pub completion_tokens: usize,
    /// Both.
    pub total_tokens: usize,
}

impl Usage {
    pub(super) fn of(request: &ChatRequest<'_>, reply: &str) -> Self {
        let of_message = |message: &Message<'_>| tokens(&message.content) + 4;
        let prompt_tokens = request.messages.iter().map(of_message).sum::<usize>() + 3;
        let completion_tokens = tokens(reply);
        Self { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
    }
}

/// The reply within the limit. With room for it, one to four reasons stand before the verdict; `draw` chooses them.
pub(super) fn reply(verdict: &str, limit: Option<usize>, draw: u64) -> (String, FinishReason) {
    let mut text = String::new();
    if limit.is_none_or(|limit| limit >= ROOM_FOR_REASONS) {
        text = reasons(draw);
        text.push('\n');
    }
    within(text + verdict, limit)
}

/// A text cut off at the limit.
pub(super) fn within(mut text: String, limit: Option<usize>) -> (String, FinishReason) {
    match limit {
        Some(limit) if tokens(&text) > limit => {
            text.truncate(text.floor_char_boundary(limit * 4));
            (text, FinishReason::Length)
        }
        _ => (text, FinishReason::Stop),
    }
}

/// The reply under so many reasons that it has about `size` tokens, and no more.
pub(super) fn lengthened(reply: &str, size: usize) -> String {
    let mut text = String::new();
    // Whole sentences: a part of one might be a letter standing alone.
    for reason in REASONS.iter().cycle() {
        if tokens(&text) + tokens(reason) + tokens(reply) + 1 > size {
            break;
        }
        text.push_str(reason);
        text.push('\n');
    }
    text + reply
}

/// One to four reasons.
pub(super) fn reasons(draw: u64) -> String {
    let count = 1 + (draw % 4) as usize;
    let first = (draw / 4 % REASONS.len() as u64) as usize;
    let chosen: Vec<&str> = REASONS.iter().copied().cycle().skip(first).take(count).collect();
    chosen.join(" ")
}

pub(super) fn tokens(text: &str) -> usize {
    text.len().div_ceil(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_limit_leaves_the_label_alone() {
        assert_eq!(reply("[[B]]", Some(63), 7), ("[[B]]".to_owned(), FinishReason::Stop));
        assert_eq!(reply("Neither.", Some(63), 7), ("Neither.".to_owned(), FinishReason::Stop));
    }

    #[test]
    fn a_reply_beyond_the_limit_is_cut() {
        assert_eq!(reply("[[C]]", Some(1), 7), ("[[C]".to_owned(), FinishReason::Length));
        assert_eq!(reply("[[C]]", Some(0), 7), (String::new(), FinishReason::Length));
    }

    #[test]
    fn the_label_stands_last_and_is_never_cut_where_there_is_room_for_reasons() {
        for draw in 0..44 {
            let (text, finish_reason) = reply("[[C]]", Some(ROOM_FOR_REASONS), draw);
            assert_eq!(finish_reason, FinishReason::Stop);
            assert_eq!(text.lines().last(), Some("[[C]]"));
            assert_eq!(text.matches("[[").count(), 1);
            assert!((1..=4).contains(&text.matches('.').count()));
        }
    }
}
