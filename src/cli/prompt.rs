//! Prompts as they are sent, for people to look at.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use super::Trouble;
use crate::ask::estimated_tokens;
use crate::bench::Bench;
use crate::plan::{Ask, Plan};
use crate::report::{count, plain};
use crate::run::messages;
use crate::strategy::Strategy;

/// One ask: where it stands, what it costs, and every message. On a terminal what could steer it is shown as code points; elsewhere the
/// texts are exactly what is sent.
pub(super) fn shown(bench: &Bench, plan: &Plan, strategy: &Strategy, ask: Ask) -> Result<String, Trouble> {
    let comparison = plan.comparison(ask.comparison);
    let messages = messages(bench, plan, strategy, ask)?;
    let mut legs = plan.legs_of(ask.comparison);
    let place = legs.next().map_or_else(String::new, |leg| {
        let [a, b] = leg.shown(comparison, ask.order);
        format!("{}, candidate {a} as A and {b} as B", plain(&bench.items[leg.item].id))
    });
    let more = match legs.count() {
        0 => String::new(),
        more => format!(" (and {} more)", count(more)),
    };
    let tokens = count(estimated_tokens(&messages));
    let mut text = format!("=== {place}{more}; strategy {}; about {tokens} tokens\n", plain(&strategy.name));
    let is_terminal = std::io::stdout().is_terminal();
    for message in messages {
        let content = if is_terminal { lines(&message.content) } else { message.content };
        let _ = writeln!(text, "--- {}\n{content}", message.role.as_str());
    }
    text.push('\n');
    Ok(text)
}

fn lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}
