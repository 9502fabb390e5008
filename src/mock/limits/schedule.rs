//! What moves with time: numbers that hold from a second on, and spans without service. Seconds count from the server's start.

use std::fmt;

/// The largest number of a limit: sums stay far from overflow.
const MOST: u64 = 1_000_000_000_000;
/// The last second, some thirty years on: as milliseconds it stays far from overflow.
const LAST_SECOND: u64 = 1_000_000_000;

/// A number that may move, written `16` or `16@0+6@120`: from these seconds on. Before the first there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<(u64, u64)>);

impl Schedule {
    pub(super) const EXPECTED: &'static str =
        "a whole number from 1 to 10^12, or such numbers with the seconds that they hold from, ascending: 16@0+6@120";

    pub(super) fn parse(text: &str) -> Option<Self> {
        let step = |part: &str| {
            let (number, second) = part.split_once('@').unwrap_or((part, "0"));
            let (number, second) = (number.trim().parse().ok()?, second.trim().parse().ok()?);
            ((1..=MOST).contains(&number) && second <= LAST_SECOND).then_some((second, number))
        };
        let steps = text.split('+').map(step).collect::<Option<Vec<_>>>()?;
        steps.is_sorted_by(|one, next| one.0 < next.0).then_some(Self(steps))
    }

    /// The number that holds so many milliseconds after the start.
    pub(super) fn at(&self, elapsed: u64) -> Option<u64> {
        self.0.iter().rev().find(|(second, _)| second * 1000 <= elapsed).map(|(_, number)| *number)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(0, number)] = *self.0 {
            return write!(f, "{number}");
        }
        let steps: Vec<String> = self.0.iter().map(|(second, number)| format!("{number}@{second}")).collect();
        f.write_str(&steps.join("+"))
    }
}

/// Spans without service, written `600..1800+3600..3700`; the end is no part of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outages(Vec<(u64, u64)>);

impl Outages {
    pub(super) const EXPECTED: &'static str = "spans of seconds, such as 600..1800 or 600..1800+3600..3700";

    pub(super) fn parse(text: &str) -> Option<Self> {
        let span = |part: &str| {
            let (from, to) = part.split_once("..")?;
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            (from < to && to <= LAST_SECOND).then_some((from, to))
        };
        text.split('+').map(span).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is no service so many milliseconds after the start.
    pub(super) fn hold(&self, elapsed: u64) -> bool {
        self.0.iter().any(|(from, to)| (from * 1000..to * 1000).contains(&elapsed))
    }
}

impl fmt::Display for Outages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spans: Vec<String> = self.0.iter().map(|(from, to)| format!("{from}..{to}")).collect();
        f.write_str(&spans.join("+"))
    }
}
