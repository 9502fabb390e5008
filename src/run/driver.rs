//! The driver: one task that owns the queues, the retries that are due and the flights. A flight is one attempt; the driver
//! alone decides what comes next. What has its turn is claimed in groups (`turns`), so that no other process asks it too.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::canary::{Alarm, Canary};
use super::cell::Cell;
use super::error::RunError;
use super::progress::{Counters, Progress};
use super::queue::{Pending, Queue, Standing, Stopped};
use super::turns::Claiming;
use crate::ask::{Failure, FailureKind, Key, Request};
use crate::clock::{self, Moment};
use crate::judge::Answered;
use crate::pace::{Backoff, Budget};
use crate::store::{Attempt, Entry, Had, Order, Store, Writer};

/// How a run asks.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The most requests in flight.
    pub concurrency: usize,
    /// Waits between the attempts of an ask.
    pub backoff: Backoff,
    /// Whether nothing is sent at all.
    pub offline: bool,
    /// Whether asks that an endpoint refused for good in an earlier run are asked again.
    pub retry_failed: bool,
    /// Whether a cell whose first replies mostly hold no verdict is stopped.
    pub canary: bool,
}

/// What an asking phase did.
#[derive(Debug)]
pub struct Asked {
    /// The key of each judgment, by cell and place in its plan; `None` for equal texts and judges without an endpoint.
    pub keys: Vec<Vec<Option<Key>>>,
    /// Counts.
    pub counters: Counters,
    /// From sending to the last byte, of each reply that came.
    pub latencies: Vec<Duration>,
    /// Endpoints that were asked no more, with the name of the judge.
    pub stopped: Vec<(String, Stopped)>,
    /// Why the last ask that was given up was.
    pub last_failure: Option<Failure>,
    /// Cells that were stopped by their canary.
    pub alarms: Vec<Alarm>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

/// Asks all cells for what the store does not hold.
pub struct Driver<'a> {
    pub(super) cells: &'a [Cell<'a>],
    pub(super) settings: Settings,
    /// Keys that need no request: stored, on their way, or given up.
    pub(super) taken: HashSet<Key>,
    /// Keys of asks that were refused for good in earlier runs.
    pub(super) refused: HashSet<Key>,
    /// What is left to ask, by endpoint: cells of one identity share it.
    pub(super) queues: Vec<Queue>,
    /// For each cell the number of its queue.
    pub(super) queue_of: Vec<usize>,
    identities: Vec<Arc<str>>,
    /// For each cell its canary.
    pub(super) canaries: Vec<Canary>,
    /// What is to be claimed, and what is being claimed.
    pub(super) claiming: Claiming,
    /// The queue that is looked at next: endpoints take turns.
    next: usize,
    flights: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send + 'a>>>,
    pub(super) progress: Progress,
    pub(super) asked: Asked,
}

struct Landed {
    pending: Pending,
    sent_at: i64,
    result: Result<Answered, Failure>,
}

impl<'a> Driver<'a> {
    /// A driver over these cells, told of its progress through a channel.
    #[must_use]
    pub fn new(cells: &'a [Cell<'a>], settings: Settings, progress: Progress) -> Self {
        let (mut identities, mut queues): (Vec<Arc<str>>, Vec<Queue>) = (Vec::new(), Vec::new());
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut queue_of = Vec::with_capacity(cells.len());
        for (number, cell) in cells.iter().enumerate() {
            let identity = cell.endpoint().map_or("", |(judge, _)| &judge.identity);
            let queue = *known.entry(identity).or_insert_with(|| {
                identities.push(Arc::from(identity));
                queues.push(Queue::default());
                if let (Some(queue), Some((judge, _))) = (queues.last_mut(), cell.endpoint()) {
                    queue.budget = Budget::new(judge.limits);
                }
                queues.len() - 1
            });
            queues[queue].cells.push((number, 0));
            queue_of.push(queue);
        }
        let keys = cells.iter().map(|cell| vec![None; cell.plan.judgment_count()]).collect();
        let planned = cells.iter().filter(|cell| cell.endpoint().is_some()).map(|cell| cell.plan.ask_count()).sum();
        let asked = Asked {
            keys,
            counters: Counters { planned, ..Counters::default() },
            latencies: Vec::new(),
            stopped: Vec::new(),
            last_failure: None,
            alarms: Vec::new(),
            interrupted: false,
        };
        Self {
            cells,
            settings,
            taken: HashSet::new(),
            refused: HashSet::new(),
            queues,
            queue_of,
            identities,
            canaries: vec![Canary::default(); cells.len()],
            claiming: Claiming::default(),
            next: 0,
            flights: FuturesUnordered::new(),
            progress,
            asked,
        }
    }

    /// Asks until everything is answered or given up, every endpoint has stopped, or `stop` turns true: then what is in
    /// flight is waited for. Every reply that came is durable when this returns.
    pub async fn run(mut self, store: &Store, stop: watch::Receiver<bool>) -> Result<Asked, RunError> {
        self.taken = store.keys()?;
        if !self.settings.retry_failed {
            self.refused = store.refused()?;
        }
        for (queue, identity) in self.queues.iter_mut().zip(&self.identities) {
            queue.standing = if store.has_reply_of(identity)? { Standing::Known } else { Standing::New };
        }
        if !self.settings.offline {
            let (writer, orders) = Writer::new(store.clone(), self.progress.trouble.clone())?;
            let (written, driven) = tokio::join!(writer.run(), self.drive(store, orders, stop));
            written?;
            driven?;
        }
        self.key_the_rest()?;
        if self.settings.canary {
            self.asked.alarms =
                self.canaries.iter().enumerate().filter_map(|(cell, canary)| canary.alarm(cell)).collect();
        }
        for queue in &mut self.queues {
            if let Some(stopped) = queue.stopped.take() {
                let name =
                    queue.cells.first().map_or_else(String::new, |(cell, _)| self.cells[*cell].judge.name.clone());
                self.asked.stopped.push((name, stopped));
            }
        }
        Ok(self.asked)
    }

    /// Claims, sends, waits, hands over; a writer that has ended closes the channel, and that ends the run.
    async fn drive(
        &mut self,
        store: &Store,
        orders: mpsc::Sender<Order>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), RunError> {
        let mut trouble = self.progress.trouble.subscribe();
        let mut is_listening = true;
        loop {
            self.take_turns(store).await?;
            let Some(claims) = self.claim(&orders).await else { return Ok(()) };
            // One moment for all: what is due between two would be neither sent nor waited for.
            let now = clock::now();
            let is_stuck = trouble.borrow_and_update().is_some();
            if !is_stuck {
                self.launch(now)?;
            }
            let wake = self.wake(now).filter(|_| !is_stuck);
            self.tell(wake, now);
            if self.flights.is_empty() && wake.is_none() && !claims && !is_stuck {
                return Ok(());
            }
            tokio::select! {
                biased;
                changed = stop.changed(), if is_listening => {
                    is_listening = changed.is_ok() && !*stop.borrow();
                    if *stop.borrow() {
                        self.interrupt();
                    }
                }
                () = orders.closed() => return Ok(()),
                Ok(()) = trouble.changed() => {}
                Some(landed) = self.flights.next() => {
                    let entry = self.land(landed);
                    if orders.send(Order::Keep(entry)).await.is_err() {
                        return Ok(());
                    }
                }
                claims = self.claiming.decided(), if claims => {
                    let Some(claims) = claims else { return Ok(()) };
                    self.claimed(claims, store)?;
                }
                () = until(wake), if wake.is_some() => {}
            }
        }
    }

    /// Whether nothing more may be sent at all.
    pub(super) fn is_closed(&self) -> bool {
        self.asked.interrupted || self.settings.offline
    }

    /// Sends nothing more, and leaves what is claimed and was not sent to others.
    fn interrupt(&mut self) {
        self.asked.interrupted = true;
        for queue in &mut self.queues {
            self.claiming.release(queue.close());
        }
    }

    /// When time alone allows something that cannot be done now.
    fn wake(&self, now: Moment) -> Option<Moment> {
        if self.is_closed() {
            return None;
        }
        let send = self.queues.iter().filter_map(|queue| queue.wake(now)).min();
        // While there is no room nothing can be sent, whatever is due.
        let send = send.filter(|_| self.flights.len() < self.settings.concurrency);
        let look = self.claiming.look_again(&self.queues);
        send.into_iter().chain(look).min()
    }

    fn tell(&mut self, wake: Option<Moment>, now: Moment) {
        let is_idle = self.flights.is_empty() && wake.is_some();
        let pauses = self.queues.iter().filter_map(|queue| queue.pause(now));
        self.asked.counters.pause = pauses.min_by_key(|(_, until)| *until).filter(|_| is_idle);
        self.asked.counters.rate = self.queues.iter_mut().map(|queue| queue.budget.rate(now)).sum();
        self.asked.counters.limit = self.queues.iter().map(|queue| queue.budget.requests_per_minute()).sum();
        self.asked.counters.elsewhere = self.queues.iter().map(|queue| queue.elsewhere.len()).sum();
        self.progress.counters.send_replace(self.asked.counters);
    }

    /// Sends retries that are due and asks that are claimed, as long as there is room; endpoints take turns.
    fn launch(&mut self, now: Moment) -> Result<(), RunError> {
        let mut idle = 0;
        while self.flights.len() < self.settings.concurrency && idle < self.queues.len() && !self.is_closed() {
            let queue = self.next;
            self.next = (self.next + 1) % self.queues.len();
            let Some((pending, request)) = self.queues[queue].next(now) else {
                idle += 1;
                continue;
            };
            idle = 0;
            if pending.attempts == 0 && self.settings.canary && self.canaries[pending.cell].is_alarmed() {
                self.withhold(pending);
                continue;
            }
            let request = request.map_or_else(|| self.request(pending), |request| Ok(Some(request)))?;
            if let Some(request) = request {
                self.send(pending, request);
            }
        }
        Ok(())
    }

    /// Does not ask, for the canary of its cell raised the alarm.
    fn withhold(&mut self, pending: Pending) {
        self.taken.remove(&pending.key);
        self.queues[self.queue_of[pending.cell]].unsent(pending.key);
        self.canaries[pending.cell].withhold();
        self.claiming.release([pending.key]);
    }

    /// The request of an ask; `None` of a judge without an endpoint.
    pub(super) fn request(&self, pending: Pending) -> Result<Option<Request>, RunError> {
        let cell = &self.cells[pending.cell];
        let Some((judge, strategy)) = cell.endpoint() else { return Ok(None) };
        cell.request(judge, strategy, cell.plan.judgment(pending.place)).map(Some)
    }

    fn send(&mut self, pending: Pending, request: Request) {
        let cell = &self.cells[pending.cell];
        let Some((judge, _)) = cell.endpoint() else { return };
        let hints = cell.hints(judge, cell.plan.judgment(pending.place));
        let counters = &mut self.asked.counters;
        counters.attempts += 1;
        counters.retries += usize::from(pending.attempts > 0);
        counters.in_flight += 1;
        self.queues[self.queue_of[pending.cell]].sent();
        self.flights.push(Box::pin(async move {
            let sent_at = clock::unix_millis();
            let result = judge.endpoint.send(&request, hints).await;
            Landed { pending, sent_at, result }
        }));
    }

    /// Takes what a flight brought: what to store of it, and what follows.
    fn land(&mut self, Landed { mut pending, sent_at, result }: Landed) -> Entry {
        self.asked.counters.in_flight -= 1;
        pending.attempts += 1;
        let queue = self.queue_of[pending.cell];
        let (key, judge, queue) = (pending.key, Arc::clone(&self.identities[queue]), &mut self.queues[queue]);
        match result {
            Ok(Answered { body, reply, request_id, latency, told }) => {
                queue.answered(key, reply.usage, &told, clock::now());
                let canary = &mut self.canaries[pending.cell];
                if let Some(strategy) = self.cells[pending.cell].strategy.filter(|_| canary.is_listening()) {
                    canary.hear(&strategy.rule.read(&reply, 2).verdict, &reply, false);
                }
                self.asked.counters.answered += 1;
                self.asked.latencies.push(latency);
                Entry::Reply(Had { key, judge, body, reply, request_id, sent_at, latency, attempts: pending.attempts })
            }
            Err(mut failure) => {
                let is_throttle = matches!(failure.kind, FailureKind::Throttled | FailureKind::Crowded);
                self.asked.counters.throttled += usize::from(is_throttle);
                let (is_known, has_answered) = (queue.is_known(), queue.has_answered());
                let is_last = queue.failed(pending, &failure, self.settings.backoff, clock::now());
                if is_last {
                    self.asked.counters.given_up += 1;
                    self.canaries[pending.cell].given_up();
                }
                if !queue.is_asked() {
                    self.asked.counters.given_up += queue.retrying();
                    self.claiming.release(queue.close());
                }
                // An endpoint that refuses everything says nothing of the asks: these are not remembered as refused.
                let says_nothing = match failure.kind {
                    FailureKind::Ask => !has_answered,
                    FailureKind::TooLong => !is_known,
                    _ => false,
                };
                if says_nothing {
                    failure.kind = FailureKind::Denied;
                }
                if is_last {
                    self.asked.last_failure = Some(failure.clone());
                }
                Entry::Failed(Attempt { key, judge, sent_at, failure, is_last })
            }
        }
    }

    /// The keys of asks whose turn never came: their replies may be stored all the same.
    fn key_the_rest(&mut self) -> Result<(), RunError> {
        for (cell, keys) in self.cells.iter().zip(&mut self.asked.keys) {
            let Some((judge, strategy)) = cell.endpoint() else { continue };
            for (place, key) in keys.iter_mut().enumerate().filter(|(_, key)| key.is_none()) {
                let ask = cell.plan.judgment(place);
                if !cell.plan.comparison(ask.comparison).is_equal() {
                    *key = Some(cell.request(judge, strategy, ask)?.key(&judge.identity, ask.sample));
                }
            }
        }
        Ok(())
    }
}

async fn until(moment: Option<Moment>) {
    if let Some(moment) = moment {
        tokio::time::sleep_until(moment).await;
    }
}
