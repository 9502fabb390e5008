//! What an account may spend: every limit that was configured, that the endpoint tells of, or that was found by running into it.
//! Each has an exact log over its window as the hard guard, and is spread evenly within it.

use std::time::Duration;

use super::meter::{LimitUse, Measure, Meter, Source};
use super::tally::Tally;
use super::tokens::{Estimate, TokenEstimator};
use crate::ask::{Limits, Request, TokenCharge, Told, Usage};
use crate::clock::{self, Moment};
use crate::money::{Prices, Usd};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// The most by which a request may reach the endpoint later than it was sent: it leaves the window of the endpoint that much later.
const LATEST: Duration = Duration::from_millis(500);
/// Throttles without an answer between them that say that waiting a little does not help.
const PERSISTENT: u32 = 3;
/// One request in so many that is turned away is too many.
const MANY: u64 = 30;
/// Bytes that stand for what is put around a message.
const MESSAGE: usize = 16;
/// Tokens that no reply passes.
const LONGEST_REPLY: u64 = 1 << 20;
/// The ticket of what others spend of the same limit.
const OTHERS: u64 = u64::MAX;

/// How large an ask is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the prompt, with some for each message.
    pub bytes: usize,
    /// The most tokens of the reply.
    pub limit: Option<u32>,
}

impl Size {
    /// The size of a request.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let bytes = request.messages.iter().map(|message| message.content.len() + MESSAGE).sum();
        Self { bytes, limit: request.sampling.limit() }
    }

    /// The most that one attempt costs: no tokenizer in use makes more tokens than there are bytes. Without a limit on the reply, all that any
    /// model can say.
    #[must_use]
    pub fn worst(self, prices: &Prices) -> Usd {
        prices.worst(self.bytes as u64, self.limit.map_or(LONGEST_REPLY, u64::from))
    }
}

/// A request that was let through.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    number: u64,
    size: Size,
    sent: Moment,
    /// Tokens that were counted for it.
    tokens: u64,
}

impl Ticket {
    /// When it was sent.
    #[must_use]
    pub fn sent(&self) -> Moment {
        self.sent
    }
}

/// What an account may spend, and has spent.
#[derive(Debug, Default)]
pub struct Budget {
    meters: Vec<Meter>,
    estimator: TokenEstimator,
    /// What limits on tokens are charged, where it is known.
    charge: Option<TokenCharge>,
    tickets: u64,
    /// Requests that were not turned away, and their tokens.
    accepted: Tally,
    tokens: Tally,
    first: Option<Moment>,
    /// Requests that were turned away.
    turned_away: Tally,
}

impl Budget {
    /// A budget with these limits, of which nothing was spent.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let Limits {
            in_flight: _,
            tokens_charged,
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
            most.map(|most| Meter::new(measure, Source::Configured, span, most, clock::now()))
        };
        Self { meters: meters.into_iter().filter_map(meter).collect(), charge: tokens_charged, ..Self::default() }
    }

    /// Lets a request through and reserves what it will take; `Err`: not before that moment.
    pub fn admit(&mut self, size: Size, now: Moment) -> Result<Ticket, Moment> {
        self.meters.iter_mut().for_each(|meter| meter.grow(now));
        let (estimate, most) = (self.estimate(size), self.estimator.most(size.bytes, size.limit));
        let fits = self.meters.iter_mut().map(|meter| meter.window.fits(meter.amount(estimate), now)).max();
        if let Some(until) = fits.filter(|until| *until > now) {
            return Err(until);
        }
        self.meters.iter_mut().try_for_each(|meter| meter.pass(estimate))?;
        self.tickets += 1;
        self.meters.iter_mut().for_each(|meter| meter.spend(self.tickets, estimate, most, now));
        self.first.get_or_insert(now);
        self.accepted.add(1, now);
        self.tokens.add(estimate.all(), now);
        Ok(Ticket { number: self.tickets, size, sent: now, tokens: estimate.all() })
    }

    /// A request was answered: what it took in truth.
    pub fn answered(&mut self, ticket: Ticket, usage: Usage, now: Moment) {
        self.estimator.learn(ticket.size.bytes, usage.prompt_tokens, usage.completion_tokens);
        let estimate = self.estimate(ticket.size);
        let used = Estimate {
            input: usage.prompt_tokens.unwrap_or(estimate.input),
            output: usage.completion_tokens.unwrap_or(estimate.output),
        };
        let most = Estimate { output: self.estimator.most(0, ticket.size.limit).output, ..used };
        self.settle(ticket, used, most, now);
    }

    /// Nothing came of a request, which may have been counted all the same.
    pub fn lost(&mut self, ticket: Ticket, now: Moment) {
        let estimate = self.estimate(ticket.size);
        let most = self.estimator.most(ticket.size.bytes, ticket.size.limit);
        self.settle(ticket, Estimate { output: 0, ..estimate }, most, now);
    }

    /// Sets right what was reserved for a request: what was used, or the most that it might have been.
    fn settle(&mut self, ticket: Ticket, used: Estimate, most: Estimate, now: Moment) {
        let late = (now - ticket.sent).min(LATEST);
        let counted = if self.charge == Some(TokenCharge::Reserved) { most } else { used };
        self.meters.iter_mut().for_each(|meter| meter.correct(ticket.number, counted, most, late));
        self.tokens.take_back(ticket.tokens, ticket.sent);
        self.tokens.add_at(counted.all(), ticket.sent);
    }

    /// A request was turned away: it took nothing.
    pub fn turned_away(&mut self, ticket: Ticket, now: Moment) {
        self.turned_away.add(1, now);
        self.unspent(ticket);
    }

    /// A request took nothing.
    pub fn unspent(&mut self, ticket: Ticket) {
        self.meters.iter_mut().for_each(|meter| meter.refund(ticket.number));
        self.accepted.take_back(1, ticket.sent);
        self.tokens.take_back(ticket.tokens, ticket.sent);
    }

    /// The endpoint throttles, for the `holds`th time without an answer between, a request of this size: what it accepted within the last
    /// minute is the estimate of what it accepts in any. A throttle now and then may mean anything; it is the rate that is too high where
    /// waiting does not help, or where many are turned away. Where it says that it was tokens, and there was room for them unless the most
    /// that replies may have is charged, that is what is charged from now on.
    pub fn throttled(&mut self, size: Size, of_tokens: bool, holds: u32, now: Moment) {
        if of_tokens && self.charge.is_none() {
            let most = self.estimator.most(size.bytes, size.limit);
            let mut known = self.meters.iter_mut().filter(|meter| meter.source != Source::Found);
            if known.any(|meter| meter.is_reserved(most, now)) {
                self.charge = Some(TokenCharge::Reserved);
                self.meters.iter_mut().for_each(Meter::charge_reserved);
                return;
            }
        }
        let (accepted, turned_away) = (self.accepted.count(now), self.turned_away.count(now));
        let elapsed = self.first.map_or(MINUTE, |first| now - first).clamp(Duration::from_secs(1), MINUTE);
        let measure = if of_tokens { Measure::Tokens } else { Measure::Requests };
        let is_too_fast = holds >= PERSISTENT || MANY * turned_away > accepted.max(10 * MANY);
        let meter = self.meters.iter().position(|meter| meter.source == Source::Found && meter.measure == measure);
        if meter.is_none() && !is_too_fast {
            return;
        }
        let tally = if of_tokens { &mut self.tokens } else { &mut self.accepted };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of requests or tokens")]
        let found = (tally.count(now) as f64 * MINUTE.div_duration_f64(elapsed)).max(1.0) as u64;
        let meter = meter.unwrap_or_else(|| {
            let mut meter = Meter::new(measure, Source::Found, MINUTE, found, now);
            tally.grains().for_each(|(sent, count)| meter.window.spend(OTHERS, count, sent));
            self.meters.push(meter);
            self.meters.len() - 1
        });
        self.meters[meter].found(found, elapsed < MINUTE, now);
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
                self.meters.push(Meter::new(measure, Source::Told, span, most, now));
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
        let of_minute =
            |meter: &&Meter| meter.measure == Measure::Requests && meter.window.span() == MINUTE && !meter.is_guess();
        self.meters.iter().filter(of_minute).map(|meter| meter.window.most()).min()
    }

    /// Requests within the last minute that were not turned away.
    #[must_use]
    pub fn rate(&mut self, now: Moment) -> u64 {
        self.accepted.count(now)
    }

    /// How each limit was used until now.
    #[must_use]
    pub fn uses(&self, now: Moment) -> Vec<LimitUse> {
        self.meters.iter().map(|meter| meter.use_of(now)).collect()
    }

    /// What an ask will take of limits on tokens.
    fn estimate(&self, size: Size) -> Estimate {
        match self.charge {
            Some(TokenCharge::Reserved) => self.estimator.most(size.bytes, size.limit),
            _ => self.estimator.estimate(size.bytes, size.limit),
        }
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
                budget.throttled(size, false, 1, now);
            }
        }
        assert_eq!(budget.requests_per_minute(), None);
        let now = begun + MINUTE;
        for _ in 0..40 {
            let ticket = budget.admit(size, now).unwrap();
            budget.turned_away(ticket, now);
        }
        budget.throttled(size, false, 1, now);
        assert_eq!(
            budget.requests_per_minute(),
            Some(988),
            "what was accepted, less the tenth of a second that just left the minute"
        );
    }
}
