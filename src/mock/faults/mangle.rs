//! Breaks, slows or bends the judge's reply.

use std::borrow::Cow;
use std::iter;
use std::time::Duration;

use super::super::decide::Decision;
use super::super::outcome::{Outcome, Transport};
use super::super::wire::Said;
use super::names::Fault;
use super::spec::Faults;

/// How many header lines are too many.
const LINES: usize = 1000;

/// What becomes of a response under a fault that needs it.
pub(in super::super) fn mangle(fault: Fault, outcome: Outcome, faults: &Faults) -> Outcome {
    let half = outcome.body.floor_char_boundary(outcome.body.len() / 2);
    let broken = Outcome { answers: None, ..outcome };
    match fault {
        Fault::Closed => Outcome { transport: Transport::Closed, ..broken },
        Fault::Cut => Outcome { transport: Transport::CutAfter(half), ..broken },
        Fault::Truncated => Outcome { body: broken.body[..half].to_owned(), ..broken },
        Fault::Headers => {
            let lines = iter::repeat_n(("x-filler", "mock".to_owned()), LINES);
            Outcome { headers: broken.headers.into_iter().chain(lines).collect(), ..broken }
        }
        Fault::Drip => Outcome {
            transport: Transport::Drip(Duration::from_millis(faults.drip_ms)),
            answers: outcome.answers,
            ..broken
        },
        _ => broken,
    }
}

/// What the reply says, odd where the fault makes it so.
pub(in super::super) fn said<'a>(fault: Option<Fault>, decision: &'a Decision, authorization: &str) -> Said<'a> {
    let plain = Said {
        content: Some(Cow::Borrowed(&*decision.content)),
        refusal: None,
        finish_reason: decision.finish_reason.name(),
    };
    match fault {
        Some(Fault::UnknownFinish) => Said { finish_reason: "eos_token", ..plain },
        Some(Fault::NullContent) => Said { content: None, ..plain },
        Some(Fault::Refusal) => Said { content: None, refusal: Some("I cannot help with that."), ..plain },
        Some(Fault::Filtered) => Said { content: None, finish_reason: "content_filter", ..plain },
        Some(Fault::RepeatsKey) => {
            Said { content: Some(Cow::Owned(format!("{authorization}\n{}", decision.content))), ..plain }
        }
        _ => plain,
    }
}
