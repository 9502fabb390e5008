//! The driver: one task that owns the queue, the retries that are due and the flights. A flight is one attempt; the driver
//! alone decides what comes next. Nothing is made for an ask before its turn.

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
use super::progress::Counters;
use super::queue::{Pending, Queue, Stopped};
use crate::ask::{Failure, Key, Request};
use crate::clock::{self, Moment};
use crate::judge::{Answered, read_reply};
use crate::pace::Backoff;
use crate::store::{Attempt, Entry, Had, Store, Writer};

/// Asks found in the store after which other tasks get a turn.
const BREATH: usize = 256;

/// How a run asks.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The most requests in flight.
    pub concurrency: usize,
    /// Waits between the attempts of an ask.
    pub backoff: Backoff,
    /// Whether nothing is sent at all.
    pub offline: bool,
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
    /// The last attempt that failed.
    pub last_failure: Option<Failure>,
    /// Cells that were stopped by their canary.
    pub alarms: Vec<Alarm>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

/// Asks all cells for what the store does not hold.
pub struct Driver<'a> {
    cells: &'a [Cell<'a>],
    settings: Settings,
    /// Keys that need no request: stored, on their way, or given up.
    taken: HashSet<Key>,
    /// What is left to ask, by endpoint: cells of one identity share it.
    queues: Vec<Queue>,
    /// For each cell the number of its queue.
    queue_of: Vec<usize>,
    identities: Vec<Arc<str>>,
    /// For each cell its canary.
    canaries: Vec<Canary>,
    /// The queue that is looked at next: endpoints take turns.
    next: usize,
    flights: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send + 'a>>>,
    progress: watch::Sender<Counters>,
    asked: Asked,
}

struct Landed {
    pending: Pending,
    sent_at: i64,
    result: Result<Answered, Failure>,
}

impl<'a> Driver<'a> {
    /// A driver over these cells, told of its progress through a channel.
    #[must_use]
    pub fn new(cells: &'a [Cell<'a>], settings: Settings, progress: watch::Sender<Counters>) -> Self {
        let (mut identities, mut queues): (Vec<Arc<str>>, Vec<Queue>) = (Vec::new(), Vec::new());
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut queue_of = Vec::with_capacity(cells.len());
        for (number, cell) in cells.iter().enumerate() {
            let identity = cell.endpoint().map_or("", |(judge, _)| &judge.identity);
            let queue = *known.entry(identity).or_insert_with(|| {
                identities.push(Arc::from(identity));
                queues.push(Queue::default());
                queues.len() - 1
            });
            queues[queue].cells.push(number);
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
            queues,
            queue_of,
            identities,
            canaries: vec![Canary::default(); cells.len()],
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
        for (queue, identity) in self.queues.iter_mut().zip(&self.identities) {
            queue.is_known = store.has_reply_of(identity)?;
        }
        let (writer, entries) = Writer::new(store.clone());
        let (written, driven) = tokio::join!(writer.run(), self.drive(store, entries, stop));
        written?;
        driven?;
        self.key_the_rest()?;
        if self.settings.canary {
            self.asked.alarms =
                self.canaries.iter().enumerate().filter_map(|(cell, canary)| canary.alarm(cell)).collect();
        }
        for queue in &mut self.queues {
            if let Some(stopped) = queue.stopped.take() {
                let name = queue.cells.first().map_or_else(String::new, |cell| self.cells[*cell].judge.name.clone());
                self.asked.stopped.push((name, stopped));
            }
        }
        Ok(self.asked)
    }

    /// Sends, waits, hands over; a writer that has ended closes the channel, and that ends the run.
    async fn drive(
        &mut self,
        store: &Store,
        entries: mpsc::Sender<Entry>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), RunError> {
        loop {
            self.launch(store).await?;
            let now = clock::now();
            let wake = self.queues.iter().filter_map(|queue| queue.wake(now)).min();
            // While there is no room nothing can be sent, whatever is due.
            let wake = wake.filter(|_| !self.is_closed() && self.flights.len() < self.settings.concurrency);
            self.asked.counters.waiting_until = wake.filter(|_| self.flights.is_empty());
            self.progress.send_replace(self.asked.counters);
            if self.flights.is_empty() && wake.is_none() {
                return Ok(());
            }
            tokio::select! {
                Some(landed) = self.flights.next() => {
                    let entry = self.land(landed);
                    if entries.send(entry).await.is_err() {
                        return Ok(());
                    }
                }
                () = until(wake), if wake.is_some() => {}
                changed = stop.changed(), if !self.asked.interrupted => {
                    self.asked.interrupted = changed.is_ok() && *stop.borrow();
                }
            }
        }
    }

    /// Whether nothing more may be sent at all.
    fn is_closed(&self) -> bool {
        self.asked.interrupted || self.settings.offline
    }

    /// Sends retries that are due, then new asks, as long as there is room.
    async fn launch(&mut self, store: &Store) -> Result<(), RunError> {
        let mut found = 0;
        while self.flights.len() < self.settings.concurrency && !self.is_closed() {
            match self.next_ask(store)? {
                Turn::Send(pending, request) => self.send(pending, request),
                Turn::Found => {
                    found += 1;
                    if found % BREATH == 0 {
                        self.progress.send_replace(self.asked.counters);
                        tokio::task::yield_now().await;
                    }
                }
                Turn::Wait => return Ok(()),
            }
        }
        Ok(())
    }

    /// What is to be done next, at whichever endpoint has something; endpoints take turns.
    fn next_ask(&mut self, store: &Store) -> Result<Turn, RunError> {
        let now = clock::now();
        for _ in 0..self.queues.len() {
            let queue = self.next;
            self.next = (self.next + 1) % self.queues.len();
            if let Some(pending) = self.queues[queue].next_due(now) {
                return Ok(match self.request(pending)? {
                    Some(request) => Turn::Send(pending, request),
                    None => Turn::Found,
                });
            }
            if self.queues[queue].is_open(now)
                && let Some(turn) = self.next_new(queue, store)?
            {
                return Ok(turn);
            }
        }
        Ok(Turn::Wait)
    }

    /// What is to be done with the next ask of a queue that had no turn; `None` where all had theirs, or the next one must wait.
    fn next_new(&mut self, queue: usize, store: &Store) -> Result<Option<Turn>, RunError> {
        let queue = &mut self.queues[queue];
        let (at, place) = queue.turn;
        let Some(number) = queue.cells.get(at).copied() else {
            queue.is_through = true;
            return Ok(None);
        };
        let cell = &self.cells[number];
        let has_place = place < cell.plan.judgment_count();
        let Some((judge, strategy)) = cell.endpoint().filter(|_| has_place) else {
            queue.turn = (at + 1, 0);
            return Ok(Some(Turn::Found));
        };
        if self.settings.canary && !self.canaries[number].may_ask() {
            return Ok(None);
        }
        queue.turn = (at, place + 1);
        let ask = cell.plan.judgment(place);
        if cell.plan.comparison(ask.comparison).is_equal() {
            return Ok(Some(Turn::Found));
        }
        let request = cell.request(judge, strategy, ask)?;
        let key = request.key(&judge.identity, ask.sample);
        self.asked.keys[number][place] = Some(key);
        if !self.taken.insert(key) {
            self.asked.counters.found += 1;
            if self.canaries[number].is_listening()
                && let Some(reply) = store.body(&key)?.and_then(|body| read_reply(&body).ok())
            {
                self.canaries[number].hear(strategy.rule.read(&reply), &reply, true);
            }
            return Ok(Some(Turn::Found));
        }
        if self.settings.canary && self.canaries[number].is_alarmed() {
            self.taken.remove(&key);
            self.canaries[number].withhold();
            return Ok(Some(Turn::Found));
        }
        self.canaries[number].asked();
        Ok(Some(Turn::Send(Pending { cell: number, place, key, failed: 0 }, request)))
    }

    fn request(&self, pending: Pending) -> Result<Option<Request>, RunError> {
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
        counters.retries += usize::from(pending.failed > 0);
        counters.in_flight += 1;
        self.queues[self.queue_of[pending.cell]].sent();
        self.flights.push(Box::pin(async move {
            let sent_at = clock::unix_millis();
            let result = judge.endpoint.send(&request, hints).await;
            Landed { pending, sent_at, result }
        }));
    }

    /// Takes what a flight brought: what to store of it, and what follows.
    fn land(&mut self, Landed { pending, sent_at, result }: Landed) -> Entry {
        let counters = &mut self.asked.counters;
        counters.in_flight -= 1;
        let queue = self.queue_of[pending.cell];
        let (key, judge, queue) = (pending.key, Arc::clone(&self.identities[queue]), &mut self.queues[queue]);
        let attempts = pending.failed + 1;
        match result {
            Ok(Answered { body, reply, request_id, latency }) => {
                queue.answered();
                if let Some(strategy) =
                    self.cells[pending.cell].strategy.filter(|_| self.canaries[pending.cell].is_listening())
                {
                    self.canaries[pending.cell].hear(strategy.rule.read(&reply), &reply, false);
                }
                counters.answered += 1;
                self.asked.latencies.push(latency);
                Entry::Reply(Had { key, judge, body, reply, request_id, sent_at, latency, attempts })
            }
            Err(failure) => {
                let pending = Pending { failed: attempts, ..pending };
                let given_up = queue.failed(pending, &failure, self.settings.backoff, clock::now());
                counters.given_up += given_up;
                if given_up > 0 {
                    self.canaries[pending.cell].given_up();
                }
                self.asked.last_failure = Some(failure.clone());
                Entry::Failed(Attempt { key, judge, sent_at, failure })
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

enum Turn {
    /// This ask is next.
    Send(Pending, Request),
    /// Nothing to send at this place: go on to the next.
    Found,
    /// Nothing may be sent before something lands or its time comes.
    Wait,
}

async fn until(moment: Option<Moment>) {
    if let Some(moment) = moment {
        tokio::time::sleep_until(moment).await;
    }
}
