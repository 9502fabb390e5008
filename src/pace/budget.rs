//! What an account may spend: every limit that was configured, that the endpoint tells of, or that was found by running into it.
//! Each has an exact log over its window as the hard guard, and is spread evenly within it.

use std::time::Duration;

use super::smooth::Smoother;
use super::tally::Tally;
use super::tokens::{Estimate, TokenEstimator};
use super::window::Window;
use crate::ask::{Limits, Told, Usage};
use crate::clock::Moment;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// The most by which a request may reach the endpoint later than it was sent: it leaves the window of the endpoint that much later.
const LATEST: Duration = Duration::from_millis(500);
/// How long after a throttle more is tried than was found; doubles each time that more was too much.
const COOLDOWN: Duration = Duration::from_secs(15);
/// The longest such wait.
const LONGEST_COOLDOWN: Duration = Duration::from_mins(10);
/// Throttles without an answer between them that say that waiting a little does not help.
const PERSISTENT: u32 = 3;
/// One request in so many that is turned away is too many.
const MANY: u64 = 30;
/// The ticket of what others spend of the same limit.
const OTHERS: u64 = u64::MAX;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Requests,
    Tokens,
    Input,
    Output,
}

/// How a limit is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Configured,
    Told,
    Found,
}

/// How large an ask is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the prompt.
    pub bytes: usize,
    /// The most tokens of the reply.
    pub limit: Option<u32>,
}

/// A request that was let through.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    number: u64,
    size: Size,
    sent: Moment,
}

impl Ticket {
    /// When it was sent.
    #[must_use]
    pub fn sent(&self) -> Moment {
        self.sent
    }
}

#[derive(Debug)]
struct Meter {
    measure: Measure,
    source: Source,
    window: Window,
    smoother: Smoother,
    /// Whether the next request has passed the smoother already, and waits for another meter.
    is_past: bool,
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

/// What an account may spend, and has spent.
#[derive(Debug, Default)]
pub struct Budget {
    meters: Vec<Meter>,
    tokens: TokenEstimator,
    tickets: u64,
    /// Requests that were not turned away.
    accepted: Tally,
    first: Option<Moment>,
    /// Requests that were turned away.
    turned_away: Tally,
    search: Option<Search>,
}

impl Meter {
    fn new(measure: Measure, source: Source, span: Duration, most: u64) -> Self {
        let window = Window::new(span, most);
        Self { measure, source, smoother: smoother(measure, &window), window, is_past: false }
    }

    fn amount(&self, estimate: Estimate) -> u64 {
        match self.measure {
            Measure::Requests => 1,
            Measure::Tokens => estimate.all(),
            Measure::Input => estimate.input,
            Measure::Output => estimate.output,
        }
    }

    fn limit(&mut self, most: u64) {
        if self.window.most() != most.max(1) {
            self.window.limit(most);
            self.smoother = smoother(self.measure, &self.window);
        }
    }
}

fn smoother(measure: Measure, window: &Window) -> Smoother {
    let whole = if measure == Measure::Requests { 1 } else { window.most() / 10 };
    Smoother::new(window.most(), window.span(), whole)
}

impl Budget {
    /// A budget with these limits, of which nothing was spent.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let Limits {
            requests_per_minute,
            requests_per_day,
            tokens_per_minute,
            input_tokens_per_minute,
            output_tokens_per_minute,
        } = limits;
        let meters = [
            (Measure::Requests, MINUTE, requests_per_minute),
            (Measure::Requests, DAY, requests_per_day),
            (Measure::Tokens, MINUTE, tokens_per_minute),
            (Measure::Input, MINUTE, input_tokens_per_minute),
            (Measure::Output, MINUTE, output_tokens_per_minute),
        ];
        let meter = |(measure, span, most): (Measure, Duration, Option<u64>)| {
            most.map(|most| Meter::new(measure, Source::Configured, span, most))
        };
        Self { meters: meters.into_iter().filter_map(meter).collect(), ..Self::default() }
    }

    /// Lets a request through and reserves what it will take; `Err`: not before that moment.
    pub fn admit(&mut self, size: Size, now: Moment) -> Result<Ticket, Moment> {
        self.grow(now);
        let estimate = self.estimate(size);
        let fits = self.meters.iter_mut().map(|meter| meter.window.fits(meter.amount(estimate), now)).max();
        if let Some(until) = fits.filter(|until| *until > now) {
            return Err(until);
        }
        for meter in self.meters.iter_mut().filter(|meter| !meter.is_past) {
            meter.smoother.take(meter.amount(estimate))?;
            meter.is_past = true;
        }
        self.tickets += 1;
        for meter in &mut self.meters {
            meter.is_past = false;
            let amount = meter.amount(estimate);
            meter.window.spend(self.tickets, amount, now);
        }
        self.first.get_or_insert(now);
        self.accepted.add(now);
        Ok(Ticket { number: self.tickets, size, sent: now })
    }

    /// A request was answered: what it took in truth.
    pub fn answered(&mut self, ticket: Ticket, usage: Usage, now: Moment) {
        self.tokens.learn(ticket.size.bytes, usage.prompt_tokens, usage.completion_tokens);
        let late = (now - ticket.sent).min(LATEST);
        let estimate = self.estimate(ticket.size);
        let used = Estimate {
            input: usage.prompt_tokens.unwrap_or(estimate.input),
            output: usage.completion_tokens.unwrap_or(estimate.output),
        };
        for meter in &mut self.meters {
            let amount = meter.amount(used);
            meter.window.correct(ticket.number, amount, late);
        }
    }

    /// Nothing came of a request, which may have been counted all the same.
    pub fn lost(&mut self, ticket: Ticket, now: Moment) {
        let late = (now - ticket.sent).min(LATEST);
        let estimate = self.estimate(Size { limit: Some(0), ..ticket.size });
        for meter in &mut self.meters {
            let amount = meter.amount(estimate);
            meter.window.correct(ticket.number, amount, late);
        }
    }

    /// A request was turned away: it took nothing.
    pub fn turned_away(&mut self, ticket: Ticket, now: Moment) {
        self.turned_away.add(now);
        self.unspent(ticket);
    }

    /// A request took nothing.
    pub fn unspent(&mut self, ticket: Ticket) {
        self.meters.iter_mut().for_each(|meter| meter.window.correct(ticket.number, 0, Duration::ZERO));
        self.accepted.take_back(ticket.sent);
    }

    /// The endpoint throttles, for the `holds`th time without an answer between: what it accepted within the last minute is the estimate of
    /// what it accepts in any. A throttle now and then may mean anything; it is the rate that is too high where waiting does not help, or
    /// where many are turned away.
    pub fn throttled(&mut self, holds: u32, now: Moment) {
        let (accepted, turned_away) = (self.accepted.count(now), self.turned_away.count(now));
        let elapsed = self.first.map_or(MINUTE, |first| now - first).clamp(Duration::from_secs(1), MINUTE);
        let is_too_fast = holds >= PERSISTENT || MANY * turned_away > accepted.max(10 * MANY);
        if self.search.is_none() && !is_too_fast {
            return;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of requests")]
        let found = (accepted as f64 * MINUTE.div_duration_f64(elapsed)).max(1.0) as u64;
        let is_young = elapsed < MINUTE;
        let cooldown = match &self.search {
            Some(search) => (search.cooldown * 2).min(LONGEST_COOLDOWN),
            None => COOLDOWN,
        };
        self.search = Some(Search { grow_at: now + cooldown, cooldown, is_young });
        if let Some(meter) = self.meters.iter_mut().find(|meter| meter.source == Source::Found) {
            meter.limit(found);
            return;
        }
        let mut meter = Meter::new(Measure::Requests, Source::Found, MINUTE, found);
        self.accepted.grains().for_each(|(sent, count)| meter.window.spend(OTHERS, count, sent));
        self.meters.push(meter);
    }

    /// Takes what an answer tells of limits: one that was not known counts from now on, one that is lower goes before, and what others
    /// have spent of it is spent.
    pub fn told(&mut self, told: &Told, now: Moment) {
        for (measure, told) in [
            (Measure::Requests, told.requests),
            (Measure::Tokens, told.tokens),
            (Measure::Input, told.input_tokens),
            (Measure::Output, told.output_tokens),
        ] {
            let Some((told, most)) = told.and_then(|told| Some((told, told.most?))) else { continue };
            let span = told.span();
            let is_daily = |span: Duration| span > MINUTE;
            let of_same = |meter: &&mut Meter| {
                meter.measure == measure
                    && meter.source != Source::Found
                    && is_daily(meter.window.span()) == is_daily(span)
            };
            let Some(meter) = self.meters.iter_mut().find(of_same) else {
                self.meters.push(Meter::new(measure, Source::Told, span, most));
                continue;
            };
            if meter.source == Source::Configured {
                let lower = most.min(meter.window.most());
                meter.limit(lower);
            } else {
                meter.limit(most);
            }
            let spent = meter.window.spent(now);
            if let Some(others) = told.left.and_then(|left| most.checked_sub(left + spent)).filter(|others| *others > 0)
            {
                meter.window.spend(OTHERS, others, now);
            }
        }
    }

    /// The limit on requests that counts, per minute: the lowest known. A first guess at one is not known.
    #[must_use]
    pub fn requests_per_minute(&self) -> Option<u64> {
        let is_guess = self.search.as_ref().is_some_and(|search| search.is_young);
        let of_minute = |meter: &&Meter| {
            let is_known = meter.source != Source::Found || !is_guess;
            meter.measure == Measure::Requests && meter.window.span() == MINUTE && is_known
        };
        self.meters.iter().filter(of_minute).map(|meter| meter.window.most()).min()
    }

    /// Requests within the last minute that were not turned away.
    #[must_use]
    pub fn rate(&mut self, now: Moment) -> u64 {
        self.accepted.count(now)
    }

    /// What an ask will take; nothing, where nothing is counted.
    fn estimate(&self, size: Size) -> Estimate {
        if self.meters.is_empty() {
            return Estimate { input: 0, output: 0 };
        }
        self.tokens.estimate(size.bytes, size.limit)
    }

    /// Tries more than was found, if that is in use and was borne for a while.
    fn grow(&mut self, now: Moment) {
        let Some(search) = self.search.as_mut().filter(|search| search.grow_at <= now) else { return };
        let Some(meter) = self.meters.iter_mut().find(|meter| meter.source == Source::Found) else { return };
        let most = meter.window.most();
        if 5 * meter.window.spent(now) < 4 * most {
            return;
        }
        let more = if search.is_young { most / 2 } else { most / 20 };
        meter.limit(most + more.max(1));
        search.grow_at = now + if search.is_young { COOLDOWN } else { MINUTE };
        // Borne for as long as it was waited for: the limit has moved, and more may be found soon.
        search.cooldown = (search.cooldown / 2).max(COOLDOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Limit;
    use crate::clock;

    fn told(most: u64, left: u64, reset: Duration) -> Told {
        Told { requests: Some(Limit { most: Some(most), left: Some(left), reset: Some(reset) }), ..Told::default() }
    }

    /// How many requests go within a minute, where nothing else stands in the way.
    fn in_a_minute(budget: &mut Budget) -> usize {
        let (begun, mut now) = (clock::now(), clock::now());
        let mut count = 0;
        loop {
            now = match budget.meters.iter_mut().map(|meter| meter.window.fits(1, now)).max() {
                Some(until) if until > now => until,
                _ => now,
            };
            if now - begun >= MINUTE || count > 10_000 {
                return count;
            }
            budget.tickets += 1;
            let ticket = budget.tickets;
            budget.meters.iter_mut().for_each(|meter| meter.window.spend(ticket, 1, now));
            count += 1;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_told_counts_and_the_lower_of_two_goes_before() {
        let mut budget = Budget::new(Limits::default());
        assert_eq!(budget.requests_per_minute(), None);
        budget.told(&told(500, 499, Duration::from_secs(1)), clock::now());
        assert_eq!((budget.requests_per_minute(), in_a_minute(&mut budget)), (Some(500), 500));
        let mut configured = Budget::new(Limits { requests_per_minute: Some(100), ..Limits::default() });
        configured.told(&told(500, 499, Duration::from_secs(1)), clock::now());
        assert_eq!(configured.requests_per_minute(), Some(100));
        configured.told(&told(60, 59, Duration::from_secs(1)), clock::now());
        assert_eq!(configured.requests_per_minute(), Some(60));
    }

    #[tokio::test(start_paused = true)]
    async fn what_others_spend_of_the_same_limit_is_spent() {
        let mut budget = Budget::new(Limits { requests_per_minute: Some(100), ..Limits::default() });
        budget.told(&told(100, 30, Duration::from_secs(40)), clock::now());
        assert_eq!(in_a_minute(&mut budget), 30);
    }

    #[test]
    fn minutes_of_reset_do_not_make_a_limit_one_of_a_day() {
        let mut budget = Budget::new(Limits::default());
        budget.told(&told(500, 499, Duration::from_mins(6)), clock::now());
        assert_eq!(budget.requests_per_minute(), Some(500));
        budget.told(&told(10_000, 9_000, Duration::from_hours(20)), clock::now());
        assert_eq!(budget.meters.len(), 2, "that one is another limit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_now_and_then_is_no_limit_and_many_are() {
        let (mut budget, size) = (Budget::new(Limits::default()), Size::default());
        let begun = clock::now();
        for request in 0..1000_u32 {
            let now = begun + Duration::from_millis(60) * request;
            let ticket = budget.admit(size, now).unwrap();
            if request % 100 == 99 {
                budget.turned_away(ticket, now);
                budget.throttled(1, now);
            }
        }
        assert_eq!(budget.requests_per_minute(), None);
        let now = begun + MINUTE;
        for _ in 0..40 {
            let ticket = budget.admit(size, now).unwrap();
            budget.turned_away(ticket, now);
        }
        budget.throttled(1, now);
        assert_eq!(
            budget.requests_per_minute(),
            Some(988),
            "what was accepted, less the tenth of a second that just left the minute"
        );
    }
}
