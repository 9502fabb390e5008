//! The driver: one task that owns the queue, the retries that are due and the flights. A flight is one attempt; the driver
//! alone decides what comes next. Nothing is made for an ask before its turn.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::cell::Cell;
use super::error::RunError;
use super::progress::Counters;
use crate::ask::{Failure, FailureKind, Key};
use crate::clock::{self, Moment};
use crate::judge::Answered;
use crate::pace::Backoff;
use crate::store::{Attempt, Entry, Had, Store, Writer};

/// Attempts of one ask at an endpoint that has never answered: enough for a hiccup, few enough not to keep a person waiting.
const FIRST_ATTEMPTS: u32 = 4;
/// Asks in a row that an endpoint which never answered may refuse one by one.
const FIRST_LOSSES: u32 = 3;
/// Asks in a row that may be given up before an endpoint counts as down.
const LOSSES: u32 = 20;
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
}

/// Why an endpoint was asked no more.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// It refused: a wrong key, an unknown model, a spent quota, a wrong address.
    Refused(Failure),
    /// Nothing could be had from it any more.
    Down(Failure),
}

impl Stopped {
    /// The failure that ended it.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Refused(failure) | Self::Down(failure) => failure,
        }
    }
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
    /// A failure for each ask that was given up, the last one first, at most a handful.
    pub given_up: Option<Failure>,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

/// Asks all cells for what the store does not hold.
pub struct Driver<'a> {
    cells: &'a [Cell<'a>],
    settings: Settings,
    /// Keys that need no request: stored, on their way, or given up.
    taken: HashSet<Key>,
    endpoints: Vec<EndpointState>,
    /// For each cell its endpoint: cells of one identity share it.
    endpoint_of: Vec<usize>,
    identities: Vec<Arc<str>>,
    turn: (usize, usize),
    due: BTreeMap<(Moment, Key), Pending>,
    flights: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send + 'a>>>,
    progress: watch::Sender<Counters>,
    asked: Asked,
}

#[derive(Default)]
struct EndpointState {
    answered: bool,
    in_flight: usize,
    losses: u32,
    stopped: Option<Stopped>,
}

#[derive(Clone, Copy)]
struct Pending {
    cell: usize,
    place: usize,
    key: Key,
    failed: u32,
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
        let mut identities: Vec<Arc<str>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let endpoint_of = cells
            .iter()
            .map(|cell| {
                let identity = cell.endpoint().map_or("", |(judge, _)| &judge.identity);
                *known.entry(identity).or_insert_with(|| {
                    identities.push(Arc::from(identity));
                    identities.len() - 1
                })
            })
            .collect();
        let keys = cells.iter().map(|cell| vec![None; cell.plan.judgment_count()]).collect();
        let planned = cells.iter().filter(|cell| cell.endpoint().is_some()).map(|cell| cell.plan.ask_count()).sum();
        let counters = Counters { planned, ..Counters::default() };
        let asked =
            Asked { keys, counters, latencies: Vec::new(), stopped: Vec::new(), given_up: None, interrupted: false };
        Self {
            cells,
            settings,
            taken: HashSet::new(),
            endpoints: identities.iter().map(|_| EndpointState::default()).collect(),
            endpoint_of,
            identities,
            turn: (0, 0),
            due: BTreeMap::new(),
            flights: FuturesUnordered::new(),
            progress,
            asked,
        }
    }

    /// Asks until everything is answered or given up, every endpoint has stopped, or `stop` turns true: then what is in
    /// flight is waited for. Every reply that came is durable when this returns.
    pub async fn run(mut self, store: &Store, stop: watch::Receiver<bool>) -> Result<Asked, RunError> {
        self.taken = store.keys()?;
        let (writer, entries) = Writer::new(store.clone());
        let (written, driven) = tokio::join!(writer.run(), self.drive(entries, stop));
        written?;
        driven?;
        self.key_the_rest()?;
        let endpoints = self.endpoints.into_iter().zip(&self.identities);
        for (state, identity) in endpoints {
            if let Some(stopped) = state.stopped {
                let of = |cell: &&Cell<'_>| cell.endpoint().is_some_and(|(judge, _)| *judge.identity == **identity);
                let name = self.cells.iter().find(of).map_or_else(String::new, |cell| cell.judge.name.clone());
                self.asked.stopped.push((name, stopped));
            }
        }
        Ok(self.asked)
    }

    /// Sends, waits, hands over; a writer that has ended closes the channel, and that ends the run.
    async fn drive(&mut self, entries: mpsc::Sender<Entry>, mut stop: watch::Receiver<bool>) -> Result<(), RunError> {
        loop {
            self.launch().await?;
            self.progress.send_replace(self.asked.counters);
            let next = self.due.keys().next().map(|(moment, _)| *moment);
            if self.flights.is_empty() && next.is_none() {
                return Ok(());
            }
            tokio::select! {
                Some(landed) = self.flights.next() => {
                    let entry = self.land(landed);
                    if entries.send(entry).await.is_err() {
                        return Ok(());
                    }
                }
                () = until(next), if next.is_some() => {}
                changed = stop.changed(), if !self.asked.interrupted => {
                    self.asked.interrupted = changed.is_ok() && *stop.borrow();
                    if self.asked.interrupted {
                        self.due.clear();
                    }
                }
            }
        }
    }

    /// Sends retries that are due, then new asks, as long as there is room.
    async fn launch(&mut self) -> Result<(), RunError> {
        if self.asked.interrupted || self.settings.offline {
            return Ok(());
        }
        let mut found = 0;
        while self.flights.len() < self.settings.concurrency {
            if let Some(pending) = self.next_due() {
                self.fly(pending)?;
                continue;
            }
            match self.next_new()? {
                Turn::Send(pending, request) => self.send(pending, request),
                Turn::Found => {
                    found += 1;
                    if found % BREATH == 0 {
                        self.progress.send_replace(self.asked.counters);
                        tokio::task::yield_now().await;
                    }
                }
                Turn::Wait | Turn::Done => return Ok(()),
            }
        }
        Ok(())
    }

    fn next_due(&mut self) -> Option<Pending> {
        loop {
            let first = self.due.first_entry()?;
            if first.key().0 > clock::now() {
                return None;
            }
            let pending = first.remove();
            if self.endpoint(pending.cell).stopped.is_none() {
                return Some(pending);
            }
        }
    }

    fn next_new(&mut self) -> Result<Turn, RunError> {
        let (number, place) = self.turn;
        let Some(cell) = self.cells.get(number) else { return Ok(Turn::Done) };
        let state = &self.endpoints[self.endpoint_of[number]];
        let Some((judge, strategy)) = cell.endpoint().filter(|_| state.stopped.is_none()) else {
            self.turn = (number + 1, 0);
            return Ok(Turn::Found);
        };
        if place == cell.plan.judgment_count() {
            self.turn = (number + 1, 0);
            return Ok(Turn::Found);
        }
        // An endpoint that has never answered is asked one thing at a time: a wrong key fails once, not in a burst.
        if !state.answered && (state.in_flight > 0 || self.is_retrying(number)) {
            return Ok(Turn::Wait);
        }
        self.turn = (number, place + 1);
        let ask = cell.plan.judgment(place);
        if cell.plan.comparison(ask.comparison).is_equal() {
            return Ok(Turn::Found);
        }
        let request = cell.request(judge, strategy, ask)?;
        let key = request.key(&judge.identity, ask.sample);
        self.asked.keys[number][place] = Some(key);
        if !self.taken.insert(key) {
            self.asked.counters.found += 1;
            return Ok(Turn::Found);
        }
        Ok(Turn::Send(Pending { cell: number, place, key, failed: 0 }, request))
    }

    fn is_retrying(&self, cell: usize) -> bool {
        let endpoint = self.endpoint_of[cell];
        self.due.values().any(|pending| self.endpoint_of[pending.cell] == endpoint)
    }

    fn fly(&mut self, pending: Pending) -> Result<(), RunError> {
        let cell = &self.cells[pending.cell];
        if let Some((judge, strategy)) = cell.endpoint() {
            let request = cell.request(judge, strategy, cell.plan.judgment(pending.place))?;
            self.send(pending, request);
        }
        Ok(())
    }

    fn send(&mut self, pending: Pending, request: crate::ask::Request) {
        let cell = &self.cells[pending.cell];
        let Some((judge, _)) = cell.endpoint() else { return };
        let hints = cell.hints(judge, cell.plan.judgment(pending.place));
        let counters = &mut self.asked.counters;
        counters.attempts += 1;
        counters.retries += usize::from(pending.failed > 0);
        counters.in_flight += 1;
        self.endpoint(pending.cell).in_flight += 1;
        self.flights.push(Box::pin(async move {
            let sent_at = clock::unix_millis();
            let result = judge.endpoint.send(&request, hints).await;
            Landed { pending, sent_at, result }
        }));
    }

    /// Takes what a flight brought: what to store of it, and what follows.
    fn land(&mut self, Landed { pending, sent_at, result }: Landed) -> Entry {
        self.asked.counters.in_flight -= 1;
        self.endpoint(pending.cell).in_flight -= 1;
        let (key, judge) = (pending.key, Arc::clone(&self.identities[self.endpoint_of[pending.cell]]));
        match result {
            Ok(Answered { body, reply, request_id, latency }) => {
                let state = self.endpoint(pending.cell);
                (state.answered, state.losses) = (true, 0);
                self.asked.counters.answered += 1;
                self.asked.latencies.push(latency);
                Entry::Reply(Had {
                    key,
                    judge,
                    body,
                    reply,
                    request_id,
                    sent_at,
                    latency,
                    attempts: pending.failed + 1,
                })
            }
            Err(failure) => {
                self.fail(Pending { failed: pending.failed + 1, ..pending }, failure.clone());
                Entry::Failed(Attempt { key, judge, sent_at, failure })
            }
        }
    }

    fn fail(&mut self, pending: Pending, failure: Failure) {
        let interrupted = self.asked.interrupted;
        let mut backoff = self.settings.backoff;
        let state = self.endpoint(pending.cell);
        let first = !state.answered;
        if first {
            backoff.attempts = backoff.attempts.min(FIRST_ATTEMPTS);
        }
        let wait = match failure.kind {
            FailureKind::Transient => backoff.wait(pending.key, pending.failed, failure.retry_after),
            FailureKind::Garbled if !first => backoff.wait(pending.key, pending.failed, failure.retry_after),
            FailureKind::Garbled | FailureKind::Ask | FailureKind::Endpoint => None,
        };
        if let Some(wait) = wait {
            if !interrupted {
                self.due.insert((clock::now() + wait, pending.key), pending);
            }
            return;
        }
        state.losses += 1;
        let stopped = match failure.kind {
            FailureKind::Endpoint => Some(Stopped::Refused(failure.clone())),
            FailureKind::Garbled if first => Some(Stopped::Refused(failure.clone())),
            FailureKind::Ask if first && state.losses >= FIRST_LOSSES => Some(Stopped::Refused(failure.clone())),
            FailureKind::Transient if first => Some(Stopped::Down(failure.clone())),
            _ if state.losses >= LOSSES => Some(Stopped::Down(failure.clone())),
            _ => None,
        };
        // The first reason is the one to tell: what was in flight then fails in its wake.
        state.stopped = state.stopped.take().or(stopped);
        self.asked.counters.given_up += 1;
        self.asked.given_up = Some(failure);
    }

    fn endpoint(&mut self, cell: usize) -> &mut EndpointState {
        &mut self.endpoints[self.endpoint_of[cell]]
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
    Send(Pending, crate::ask::Request),
    /// Nothing to send at this place: go on to the next.
    Found,
    /// Nothing may be sent before something lands.
    Wait,
    /// No ask is left.
    Done,
}

async fn until(moment: Option<Moment>) {
    if let Some(moment) = moment {
        tokio::time::sleep_until(moment).await;
    }
}
