//! One limit: what it counts, how it is known, and what was spent of it.

use std::time::Duration;

use super::smooth::Smoother;
use super::tokens::Estimate;
use super::window::Window;
use crate::clock::Moment;

/// How long after a throttle more is tried than was found; doubles each time that more was too much.
const COOLDOWN: Duration = Duration::from_secs(15);
/// The longest such wait.
const LONGEST_COOLDOWN: Duration = Duration::from_mins(10);
/// How often more is tried, once what was found comes from a whole minute.
const MINUTE: Duration = Duration::from_mins(1);

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Requests.
    Requests,
    /// Tokens of requests and replies.
    Tokens,
    /// Tokens of requests.
    Input,
    /// Tokens of replies.
    Output,
}

impl Measure {
    /// The word of records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Input => "input_tokens",
            Self::Output => "output_tokens",
        }
    }
}

/// How a limit is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The configuration says it.
    Configured,
    /// The endpoint's headers tell it.
    Told,
    /// It was found by running into it.
    Found,
}

impl Source {
    /// The word of records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Told => "told",
            Self::Found => "found",
        }
    }
}

/// How a limit was used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitUse {
    /// What it counts.
    pub measure: Measure,
    /// Within how long.
    pub span: Duration,
    /// How it is known.
    pub source: Source,
    /// The most within its span.
    pub most: u64,
    /// The most that was spent within any span.
    pub peak: u64,
    /// What was spent of it, as a share of what the time since the first request allowed.
    pub share: f64,
}

/// What was found by running into it.
#[derive(Debug)]
struct Search {
    /// When more is tried again.
    grow_at: Moment,
    cooldown: Duration,
    /// Whether the estimate comes from less than a whole minute.
    is_young: bool,
}

/// One limit, and what was spent of it.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) measure: Measure,
    pub(super) source: Source,
    pub(super) window: Window,
    /// What would be spent if the most that replies may have were charged, while it is not known whether it is.
    reserved: Option<Window>,
    smoother: Smoother,
    /// Whether the next request has passed the smoother already, and waits for another meter.
    is_past: bool,
    peak: u64,
    since: Moment,
    search: Option<Search>,
}

impl Meter {
    /// A limit of which nothing was spent.
    pub(super) fn new(measure: Measure, source: Source, span: Duration, most: u64, now: Moment) -> Self {
        let window = Window::new(span, most);
        let reserved = (measure != Measure::Requests).then(|| Window::new(span, most));
        let smoother = smoother(measure, &window);
        Self { measure, source, smoother, window, reserved, is_past: false, peak: 0, since: now, search: None }
    }

    /// What an ask takes of it.
    pub(super) fn amount(&self, estimate: Estimate) -> u64 {
        match self.measure {
            Measure::Requests => 1,
            Measure::Tokens => estimate.all(),
            Measure::Input => estimate.input,
            Measure::Output => estimate.output,
        }
    }

    /// Sets another limit; what was spent counts on.
    pub(super) fn limit(&mut self, most: u64) {
        if self.window.most() != most.max(1) {
            self.window.limit(most);
            self.smoother = smoother(self.measure, &self.window);
        }
    }

    /// Whether the next request may go as far as its even spread is concerned; else when.
    pub(super) fn pass(&mut self, estimate: Estimate) -> Result<(), Moment> {
        if !self.is_past {
            self.smoother.take(self.amount(estimate))?;
            self.is_past = true;
        }
        Ok(())
    }

    /// A request goes: what it takes, and what it would take if the most were charged.
    pub(super) fn spend(&mut self, ticket: u64, estimate: Estimate, most: Estimate, now: Moment) {
        self.is_past = false;
        let (amount, reserve) = (self.amount(estimate), self.amount(most));
        self.window.spend(ticket, amount, now);
        if let Some(reserved) = &mut self.reserved {
            reserved.spend(ticket, reserve, now);
        }
        self.peak = self.peak.max(self.window.spent(now));
    }

    /// What a request took in truth, and when it was counted.
    pub(super) fn correct(&mut self, ticket: u64, used: Estimate, most: Estimate, late: Duration) {
        let (amount, reserve) = (self.amount(used), self.amount(most));
        self.window.correct(ticket, amount, late);
        if let Some(reserved) = &mut self.reserved {
            reserved.correct(ticket, reserve, late);
        }
    }

    /// A request took nothing.
    pub(super) fn refund(&mut self, ticket: u64) {
        self.window.correct(ticket, 0, Duration::ZERO);
        if let Some(reserved) = &mut self.reserved {
            reserved.correct(ticket, 0, Duration::ZERO);
        }
    }

    /// Whether there is no room for a request of so much at the most, if the most that replies may have is charged.
    pub(super) fn is_reserved(&mut self, most: Estimate, now: Moment) -> bool {
        let (amount, limit) = (self.amount(most), self.window.most());
        self.reserved.as_mut().is_some_and(|reserved| reserved.spent(now) + amount > limit)
    }

    /// From now on the most that replies may have is charged, and was so far.
    pub(super) fn charge_reserved(&mut self) {
        if let Some(mut reserved) = self.reserved.take() {
            reserved.limit(self.window.most());
            self.window = reserved;
        }
    }

    /// What was accepted within the last minute is the estimate of what is accepted in any.
    pub(super) fn found(&mut self, most: u64, is_young: bool, now: Moment) {
        let cooldown = match &self.search {
            Some(search) => (search.cooldown * 2).min(LONGEST_COOLDOWN),
            None => COOLDOWN,
        };
        self.search = Some(Search { grow_at: now + cooldown, cooldown, is_young });
        self.limit(most);
    }

    /// Whether it is but a first guess.
    pub(super) fn is_guess(&self) -> bool {
        self.search.as_ref().is_some_and(|search| search.is_young)
    }

    /// Tries more than was found, if that is in use and was borne for a while.
    pub(super) fn grow(&mut self, now: Moment) {
        let Some(search) = self.search.as_mut().filter(|search| search.grow_at <= now) else { return };
        let most = self.window.most();
        if 5 * self.window.spent(now) < 4 * most {
            return;
        }
        let more = if search.is_young { most / 2 } else { most / 20 };
        search.grow_at = now + if search.is_young { COOLDOWN } else { MINUTE };
        // Borne for as long as it was waited for: the limit has moved, and more may be found soon.
        search.cooldown = (search.cooldown / 2).max(COOLDOWN);
        self.limit(most + more.max(1));
    }

    /// How it was used until now.
    pub(super) fn use_of(&self, now: Moment) -> LimitUse {
        let (span, most) = (self.window.span(), self.window.most());
        let spans = (now - self.since).max(span).div_duration_f64(span);
        let share = self.window.ever() as f64 / (most as f64 * spans);
        LimitUse { measure: self.measure, span, source: self.source, most, peak: self.peak, share }
    }
}

fn smoother(measure: Measure, window: &Window) -> Smoother {
    let whole = if measure == Measure::Requests { 1 } else { window.most() / 10 };
    Smoother::new(window.most(), window.span(), whole)
}
