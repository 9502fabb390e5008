//! The canary of a cell: its first replies are read as they come, and where most of them hold no verdict, the rest is not asked for.

use crate::ask::Reply;
use crate::verdict::{Reason, Verdict};

/// How many replies of a cell are looked at.
const LOOKED_AT: usize = 20;
/// How many of those without a verdict are shown.
const SHOWN: usize = 3;

/// What became of the first replies of a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Canary {
    /// Asks that have been sent and not given up.
    asked: usize,
    heard: usize,
    unparsed: usize,
    withheld: usize,
    examples: Vec<(Reason, String)>,
}

/// A cell that was stopped, for too many of its first replies hold no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The number of the cell.
    pub cell: usize,
    /// Replies that were looked at.
    pub heard: usize,
    /// Those without a verdict.
    pub unparsed: usize,
    /// Some of them, each with the reason.
    pub examples: Vec<(Reason, String)>,
}

impl Canary {
    /// Whether another ask may be sent: before enough replies were heard no more than are looked at.
    pub(super) fn may_ask(&self) -> bool {
        self.heard >= LOOKED_AT || self.asked < LOOKED_AT
    }

    /// Whether replies are still looked at.
    pub(super) fn is_listening(&self) -> bool {
        self.heard < LOOKED_AT
    }

    /// Whether half or more of the replies hold no verdict.
    pub(super) fn is_alarmed(&self) -> bool {
        self.heard >= LOOKED_AT && 2 * self.unparsed >= LOOKED_AT
    }

    pub(super) fn asked(&mut self) {
        self.asked += 1;
    }

    pub(super) fn given_up(&mut self) {
        self.asked = self.asked.saturating_sub(1);
    }

    /// Looks at a reply, and at what was read of it. A reply that was in the store already counts like one that was asked for.
    pub(super) fn hear(&mut self, verdict: &Verdict, reply: &Reply, stored: bool) {
        if !self.is_listening() {
            return;
        }
        self.heard += 1;
        self.asked += usize::from(stored);
        if let Verdict::Unparsed(reason) = *verdict {
            self.unparsed += 1;
            if self.examples.len() < SHOWN {
                self.examples.push((reason, reply.text.clone()));
            }
        }
    }

    /// An ask was not sent, for the alarm.
    pub(super) fn withhold(&mut self) {
        self.withheld += 1;
    }

    /// The alarm of a cell, if there is one and it kept anything from being asked.
    pub(super) fn alarm(&self, cell: usize) -> Option<Alarm> {
        let Self { heard, unparsed, ref examples, .. } = *self;
        (self.is_alarmed() && self.withheld > 0).then(|| Alarm { cell, heard, unparsed, examples: examples.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(unparsed: usize) -> Canary {
        let mut canary = Canary::default();
        let reply = Reply { text: "Well...".to_owned(), ..Reply::default() };
        for at in 0..LOOKED_AT {
            assert!(canary.may_ask() && !canary.is_alarmed());
            canary.asked();
            let verdict = if at < unparsed { Verdict::Unparsed(Reason::NoLabel) } else { Verdict::Tie };
            canary.hear(&verdict, &reply, false);
        }
        canary
    }

    #[test]
    fn half_without_a_verdict_is_an_alarm_and_less_is_none() {
        assert_eq!(after(9).alarm(0), None);
        let mut alarmed = after(10);
        assert_eq!(alarmed.alarm(4), None, "nothing was left to ask");
        alarmed.withhold();
        let alarm = alarmed.alarm(4).unwrap();
        assert_eq!((alarm.cell, alarm.heard, alarm.unparsed, alarm.examples.len()), (4, 20, 10, 3));
    }

    #[test]
    fn no_more_is_asked_than_is_looked_at_until_it_was_heard() {
        let mut canary = Canary::default();
        (0..LOOKED_AT).for_each(|_| canary.asked());
        assert!(!canary.may_ask());
        canary.given_up();
        assert!(canary.may_ask());
        assert!(after(0).may_ask());
    }

    #[test]
    fn stored_replies_are_looked_at_too() {
        let mut canary = Canary::default();
        for _ in 0..LOOKED_AT {
            canary.hear(&Verdict::Unparsed(Reason::Empty), &Reply::default(), true);
        }
        assert!(canary.is_alarmed());
    }
}
