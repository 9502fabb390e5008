//! Prompts as they are sent, for people to look at.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::Arc;

use super::Trouble;
use crate::ask::{Message, estimated_tokens};
use crate::bench::Bench;
use crate::plan::{Ask, Plan};
use crate::report::{count, plain};
use crate::run::{messages, step_messages};
use crate::strategy::Strategy;
use crate::verdict::slot_label;

/// What stands in the place of the replies to a strategy's steps, which nobody knows yet.
pub(super) fn unknown_replies(strategy: &Strategy) -> Vec<Arc<str>> {
    strategy.steps.iter().map(|step| Arc::from(format!("[here stands the reply to step {}]", step.name))).collect()
}

/// One ask and the steps before it: where it stands, what it costs, and every message. On a terminal what could steer it is shown as code
/// points; elsewhere the texts are exactly what is sent.
pub(super) fn shown(bench: &Bench, plan: &Plan, strategy: &Strategy, ask: Ask) -> Result<String, Trouble> {
    let comparison = plan.comparison(ask.comparison);
    let mut legs = plan.legs_of(ask.comparison);
    let leg = legs.next();
    let id = leg.map_or_else(String::new, |leg| plain(&bench.items[leg.item].id));
    let candidates = leg.map_or_else(String::new, |leg| slots(&leg.shown(comparison, ask.order)));
    let more = match legs.count() {
        0 => String::new(),
        more => format!(" (and {} more)", count(more)),
    };
    let name = plain(&strategy.name);
    let replies = unknown_replies(strategy);
    let mut text = String::new();
    for (at, step) in strategy.steps.iter().enumerate() {
        let of = if step.is_by_comparison() { candidates.as_str() } else { ", the conversation alone" };
        let place = format!("{id}{of}{more}; strategy {name}, step {}", step.name);
        text += &prompt(&place, step_messages(bench, plan, strategy, ask, &replies[..at])?);
    }
    let place = format!("{id}{candidates}{more}; strategy {name}");
    Ok(text + &prompt(&place, messages(bench, plan, strategy, ask, &replies)?))
}

/// Which candidates stand in which slots.
fn slots(shown: &[usize]) -> String {
    match shown {
        [alone] => format!(", candidate {alone}"),
        [a, b] => format!(", candidate {a} as A and {b} as B"),
        many => {
            let places =
                many.iter().enumerate().map(|(slot, candidate)| format!("{candidate} as {}", slot_label(slot)));
            format!(", candidates {}", places.collect::<Vec<_>>().join(", "))
        }
    }
}

fn prompt(place: &str, messages: Vec<Message>) -> String {
    let tokens = count(estimated_tokens(&messages));
    let mut text = format!("=== {place}; about {tokens} tokens\n");
    let is_terminal = std::io::stdout().is_terminal();
    for message in messages {
        let content = if is_terminal { lines(&message.content) } else { message.content };
        let _ = writeln!(text, "--- {}\n{content}", message.role.as_str());
    }
    text.push('\n');
    text
}

fn lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}
