//! Spreads what a limit allows over its span, so that a minute's worth does not go in its first second.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::{self, Moment};

/// The part of a span whose worth may go at once.
const BURST: u64 = 60;

/// The one clock of the program, as the rate limiter reads it.
#[derive(Clone, Debug)]
struct Ticks(Moment);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(clock::now() - self.0)
    }
}

/// Lets through so much a span, evenly.
#[derive(Debug)]
pub(super) struct Smoother {
    limiter: RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>,
    ticks: Ticks,
    burst: NonZeroU32,
}

impl Smoother {
    /// So much a span. At once goes a sixtieth of it, and at least `whole`, which is the most that one ask takes.
    pub(super) fn new(most: u64, span: Duration, whole: u64) -> Self {
        let ticks = Ticks(clock::now());
        let count = u32::try_from((most / BURST).max(whole)).unwrap_or(u32::MAX);
        let burst = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let period = span.div_f64(most.max(1) as f64).max(Duration::from_nanos(1));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
        Self { limiter: RateLimiter::direct_with_clock(quota, ticks.clone()), ticks, burst }
    }

    /// Takes so much if it may go now; else says when. What is more than may go at once counts as that much.
    pub(super) fn take(&self, amount: u64) -> Result<(), Moment> {
        let amount = u32::try_from(amount).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN).min(self.burst);
        match self.limiter.check_n(amount) {
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.ticks.now());
                // The rate limiter counts nanoseconds, timers milliseconds.
                Err(clock::now() + wait.max(Duration::from_micros(100)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_minutes_worth_takes_a_minute() {
        let (smoother, begun) = (Smoother::new(600, Duration::from_mins(1), 1), clock::now());
        for _ in 0..600 {
            while let Err(until) = smoother.take(1) {
                tokio::time::sleep_until(until).await;
            }
        }
        let took = (clock::now() - begun).as_secs_f64();
        assert!((58.9..59.1).contains(&took), "ten went at once, the others one each tenth of a second: {took}");
    }
}
