//! The driver: one task that owns the queues, the retries that are due and the flights. A flight is one attempt; the driver
//! alone decides what comes next. What has its turn is claimed in groups (`turns`), so that no other process asks it too.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};

use super::account::{Account, Standing};
use super::asked::{Asked, cost_of};
use super::canary::Canary;
use super::cell::Cell;
use super::error::RunError;
use super::progress::{Counters, Progress, SoFar};
use super::queue::{Next, Pending, Queue};
use super::settings::{Enough, LAST_REPLIES, Settings};
use super::steps::{Stage, stage, stored};
use super::turns::Claiming;
use super::waiting::Waiting;
use super::walk::Walk;
use crate::ask::{Failure, FailureKind, Key, Reply, Request, Usage};
use crate::clock::{self, Moment};
use crate::judge::{Answered, Replica};
use crate::money::Usd;
use crate::stats::Running;
use crate::store::{Attempt, Entry, Had, Order, Store, Writer};
use crate::strategy::Strategy;
use crate::verdict::Verdict;

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
    /// The endpoints behind the accounts of each queue.
    replicas: Vec<Vec<&'a Replica>>,
    identities: Vec<Arc<str>>,
    /// For each cell how far it has come.
    pub(super) walks: Vec<Walk>,
    /// For each cell whether it has all that is needed.
    pub(super) enough: Vec<bool>,
    /// For each cell its canary.
    pub(super) canaries: Vec<Canary>,
    /// For each cell its score so far.
    scores: Vec<Running>,
    /// What is to be claimed, and what is being claimed.
    pub(super) claiming: Claiming,
    /// What waits for earlier steps.
    pub(super) waiting: Waiting,
    /// The queue that is looked at next: endpoints take turns.
    next: usize,
    flights: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + Send + 'a>>>,
    pub(super) progress: Progress,
    pub(super) asked: Asked,
    /// When a cell needs no more; never, where nothing says.
    judge_of_enough: Option<Box<dyn Enough + 'a>>,
    /// Whether nothing more is sent.
    is_stopping: bool,
    /// Until when what is in flight is waited for, once the person wants to leave.
    patience: Option<Moment>,
}

struct Landed {
    pending: Pending,
    account: usize,
    sent_at: i64,
    result: Result<Answered, Failure>,
}

impl<'a> Driver<'a> {
    /// A driver over these cells, told of its progress through a channel.
    #[must_use]
    pub fn new(cells: &'a [Cell<'a>], settings: Settings, progress: Progress) -> Self {
        let (mut identities, mut queues): (Vec<Arc<str>>, Vec<Queue>) = (Vec::new(), Vec::new());
        let mut replicas: Vec<Vec<&'a Replica>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut queue_of = Vec::with_capacity(cells.len());
        for (number, cell) in cells.iter().enumerate() {
            let judge = cell.endpoint().map(|(judge, _)| judge);
            let identity = judge.map_or("", |judge| &judge.identity);
            let queue = *known.entry(identity).or_insert_with(|| {
                identities.push(Arc::from(identity));
                queues.push(Queue::new(judge.and_then(|judge| judge.prices.clone())));
                replicas.push(Vec::new());
                queues.len() - 1
            });
            // Judges of one identity are one judge: each may be asked in the place of the other.
            for replica in judge.iter().flat_map(|judge| &judge.replicas) {
                if !replicas[queue].iter().any(|other| std::ptr::eq(*other, replica)) {
                    replicas[queue].push(replica);
                    queues[queue].accounts.push(Account::new(replica.limits));
                }
            }
            queues[queue].cells.push(number);
            queue_of.push(queue);
        }
        let keys = cells.iter().map(|cell| vec![None; cell.plan.judgment_count()]).collect();
        let planned = cells.iter().filter(|cell| cell.endpoint().is_some()).map(Cell::ask_count).sum();
        let in_turn = |cell: &Cell<'_>| cell.strategy.is_some_and(Strategy::asks_in_turn);
        let waiting = Waiting::new(cells.iter().any(in_turn));
        let asked = Asked {
            keys,
            counters: Counters { planned, ..Counters::default() },
            latencies: Vec::new(),
            accounts: Vec::new(),
            stopped: Vec::new(),
            last_failure: None,
            alarms: Vec::new(),
            interrupted: false,
            at_the_cap: false,
            enough: Vec::new(),
        };
        Self {
            cells,
            settings,
            taken: HashSet::new(),
            refused: HashSet::new(),
            queues,
            queue_of,
            replicas,
            identities,
            walks: cells.iter().map(|cell| Walk::new(cell.bench, cell.plan, cell.seed)).collect(),
            enough: vec![false; cells.len()],
            canaries: vec![Canary::default(); cells.len()],
            scores: vec![Running::default(); cells.len()],
            claiming: Claiming::default(),
            waiting,
            next: 0,
            flights: FuturesUnordered::new(),
            progress,
            asked,
            judge_of_enough: None,
            is_stopping: false,
            patience: None,
        }
    }

    /// The same, but for cells that need no more.
    #[must_use]
    pub fn until(self, enough: Box<dyn Enough + 'a>) -> Self {
        Self { judge_of_enough: Some(enough), ..self }
    }

    /// Asks until everything is answered or given up, every endpoint has stopped, or `stop` turns true: then what is in
    /// flight is waited for. Every reply that came is durable when this returns.
    pub async fn run(mut self, store: &Store, stop: watch::Receiver<bool>) -> Result<Asked, RunError> {
        self.taken = store.keys()?;
        if !self.settings.retry_failed {
            self.refused = store.refused()?;
        }
        for (queue, identity) in self.queues.iter_mut().zip(&self.identities) {
            let standing = if store.has_reply_of(identity)? { Standing::Known } else { Standing::New };
            queue.accounts.iter_mut().for_each(|account| account.standing = standing);
        }
        if !self.settings.offline {
            let (writer, orders) = Writer::new(store.clone(), self.settings.purse, self.progress.trouble.clone())?;
            let (written, driven) = tokio::join!(writer.run(), self.drive(store, orders, stop));
            written?;
            driven?;
        }
        self.key_the_rest(store)?;
        self.asked.enough.clone_from(&self.enough);
        if self.settings.canary {
            self.asked.alarms =
                self.canaries.iter().enumerate().filter_map(|(cell, canary)| canary.alarm(cell)).collect();
        }
        for number in 0..self.queues.len() {
            for at in 0..self.queues[number].accounts.len() {
                let name = self.account_name(number, at);
                self.asked.accounts.push(self.queues[number].accounts[at].use_of(name, clock::now()));
                if let Some(stopped) = self.queues[number].accounts[at].stopped.take() {
                    self.asked.stopped.push((self.account_name(number, at), stopped));
                }
            }
        }
        Ok(self.asked)
    }

    /// The name of an account: that of its judge, and which of several it is.
    fn account_name(&self, queue: usize, account: usize) -> String {
        let first = self.queues[queue].cells.first();
        let judge = first.map_or("", |cell| &self.cells[*cell].judge.name);
        match self.replicas[queue].as_slice() {
            [_] => judge.to_owned(),
            several => format!("{judge} ({})", several[account].name),
        }
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
                self.launch(now, store)?;
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
                        self.asked.interrupted = true;
                        self.interrupt();
                        self.patience = Some(now + LAST_REPLIES);
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
                // What hangs is not waited for when the person wants to leave; what it costs counts as spent.
                () = until(self.patience), if self.patience.is_some() => return Ok(()),
            }
        }
    }

    /// Whether nothing more may be sent at all.
    pub(super) fn is_closed(&self) -> bool {
        self.is_stopping || self.settings.offline
    }

    /// Requests on their way.
    pub(super) fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// Sends nothing more, and leaves what is claimed and was not sent to others.
    pub(super) fn interrupt(&mut self) {
        self.is_stopping = true;
        self.claiming.close();
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
        let accounts = || self.queues.iter().flat_map(|queue| &queue.accounts).filter(|account| account.is_asked());
        self.asked.counters.limit = accounts().map(|account| account.budget.requests_per_minute()).sum();
        let accounts = self.queues.iter_mut().flat_map(|queue| &mut queue.accounts);
        self.asked.counters.rate = accounts.map(|account| account.budget.rate(now)).sum();
        self.asked.counters.longest_wait = self.queues.iter().map(Queue::longest_wait).max().unwrap_or_default();
        self.asked.counters.elsewhere = self.queues.iter().map(|queue| queue.elsewhere.len()).sum();
        self.progress.counters.send_replace(self.asked.counters);
    }

    /// Sends retries that are due and asks that are claimed, as long as there is room; endpoints take turns.
    fn launch(&mut self, now: Moment, store: &Store) -> Result<(), RunError> {
        let mut idle = 0;
        while self.flights.len() < self.settings.concurrency && idle < self.queues.len() && !self.is_closed() {
            let queue = self.next;
            self.next = (self.next + 1) % self.queues.len();
            let Some(Next { pending, request, account }) = self.queues[queue].next(now) else {
                idle += 1;
                continue;
            };
            idle = 0;
            if pending.attempts == 0 && self.settings.canary && self.canaries[pending.cell].is_alarmed() {
                self.withhold(pending, account);
                continue;
            }
            let request = request.map_or_else(|| self.request(pending, store), |request| Ok(Some(request)))?;
            if let Some(request) = request {
                self.send(pending, request, account);
            }
        }
        Ok(())
    }

    /// Does not ask, for the canary of its cell raised the alarm.
    fn withhold(&mut self, pending: Pending, account: usize) {
        self.taken.remove(&pending.key);
        self.queues[self.queue_of[pending.cell]].accounts[account].unsent(pending.key);
        if pending.step.is_none() {
            self.canaries[pending.cell].withhold();
        }
        self.withhold_waiters(pending);
        self.claiming.release([pending.key]);
    }

    /// How many slots an ask shows.
    pub(super) fn slots(&self, pending: Pending) -> usize {
        let plan = self.cells[pending.cell].plan;
        plan.comparison(plan.judgment(pending.place).comparison).slot_count()
    }

    fn send(&mut self, pending: Pending, request: Request, account: usize) {
        let cell = &self.cells[pending.cell];
        let Some((judge, _)) = cell.endpoint() else { return };
        let hints = cell.hints(judge, cell.plan.judgment(pending.place), pending.step);
        let counters = &mut self.asked.counters;
        counters.attempts += 1;
        counters.retries += usize::from(pending.attempts > 0);
        counters.in_flight += 1;
        let queue = self.queue_of[pending.cell];
        self.queues[queue].accounts[account].sent();
        let replica = self.replicas[queue][account];
        self.flights.push(Box::pin(async move {
            let sent_at = clock::unix_millis();
            let result = replica.endpoint.send(&request, hints).await;
            Landed { pending, account, sent_at, result }
        }));
    }

    /// Takes what a flight brought: what to store of it, and what follows.
    fn land(&mut self, Landed { mut pending, account, sent_at, result }: Landed) -> Entry {
        self.asked.counters.in_flight -= 1;
        self.claiming.make_room();
        pending.attempts += 1;
        let queue = self.queue_of[pending.cell];
        let (key, judge, queue) = (pending.key, Arc::clone(&self.identities[queue]), &mut self.queues[queue]);
        match result {
            Ok(Answered { body, reply, request_id, latency, told }) => {
                queue.accounts[account].answered(key, reply.usage, &told, clock::now());
                let cost = queue.prices.as_ref().map_or(Usd::ZERO, |prices| {
                    // Of a reply that does not tell its tokens, the most that it may have cost.
                    cost_of(prices, reply.usage).unwrap_or(pending.worst)
                });
                self.asked.counters.spent += cost;
                self.waiting.answered(key, &reply, pending.step.is_some());
                self.hear(pending, &reply);
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
                    attempts: pending.attempts,
                    cost,
                })
            }
            Err(mut failure) => {
                let is_throttle = matches!(failure.kind, FailureKind::Throttled | FailureKind::Crowded);
                self.asked.counters.throttled += usize::from(is_throttle);
                let cost = if failure.may_be_billed { pending.worst } else { Usd::ZERO };
                self.asked.counters.spent += cost;
                pending.is_lapsed = cost > Usd::ZERO;
                let asked = &queue.accounts[account];
                let (is_known, has_answered) = (asked.is_known(), asked.has_answered());
                let is_last = queue.failed(account, pending, &failure, self.settings.backoff, clock::now());
                if is_last {
                    // A try has its judgment among those that wait for it.
                    let is_try = pending.step.is_some_and(|step| self.is_try(pending.cell, step));
                    self.asked.counters.given_up += usize::from(!is_try);
                    if pending.step.is_none() {
                        self.canaries[pending.cell].given_up();
                    }
                    let waiters = self.waiting.gone(key);
                    self.lose(&waiters);
                }
                let queue = &mut self.queues[self.queue_of[pending.cell]];
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
                Entry::Failed(Attempt { key, judge, sent_at, failure, is_last, cost })
            }
        }
    }

    /// Counts the tokens of a reply that came, and reads its verdict; not that of a step.
    fn hear(&mut self, pending: Pending, reply: &Reply) {
        let counters = &mut self.asked.counters;
        let Usage { prompt_tokens, completion_tokens, .. } = reply.usage;
        let tokens = prompt_tokens.unwrap_or_default().saturating_add(completion_tokens.unwrap_or_default());
        counters.tokens = counters.tokens.saturating_add(tokens);
        let slots = self.slots(pending);
        let cell = &self.cells[pending.cell];
        let Some(strategy) = cell.strategy.filter(|_| pending.step.is_none()) else { return };
        let verdict = strategy.rule.read(reply, slots).verdict;
        self.judged(pending.cell, pending.place, &verdict, reply);
    }

    /// Takes a verdict that came into the canary of its cell and its score so far.
    pub(super) fn judged(&mut self, number: usize, place: usize, verdict: &Verdict, reply: &Reply) {
        let counters = &mut self.asked.counters;
        counters.unparsed += usize::from(matches!(verdict, Verdict::Unparsed(_)));
        let (cluster, gold) = self.cells[number].cluster_and_gold(place);
        let score = &mut self.scores[number];
        // What an answer alone is worth says nothing of right and wrong.
        if !matches!(verdict, Verdict::Score(_)) {
            score.add(cluster, f64::from(verdict.prefers(gold)));
        }
        if let (Some(so_far), Some(right)) = (counters.so_far.get_mut(number), score.mean()) {
            *so_far = Some(SoFar { n: score.n(), right, se: score.se() });
        }
        self.canaries[number].hear(verdict, reply, false);
        self.is_enough(number, place, verdict);
    }

    /// Asks a cell no more, if what it has said is enough.
    pub(super) fn is_enough(&mut self, cell: usize, place: usize, verdict: &Verdict) {
        if let Some(enough) = &mut self.judge_of_enough {
            self.enough[cell] |= enough.hear(cell, place, verdict);
        }
    }

    /// Whether every verdict must be read, stored ones too.
    pub(super) fn hears_all(&self) -> bool {
        self.judge_of_enough.is_some()
    }

    /// The keys of asks whose turn never came: their replies may be stored all the same.
    fn key_the_rest(&mut self, store: &Store) -> Result<(), RunError> {
        for (cell, keys) in self.cells.iter().zip(&mut self.asked.keys) {
            let Some((judge, strategy)) = cell.endpoint() else { continue };
            for (place, key) in keys.iter_mut().enumerate().filter(|(_, key)| key.is_none()) {
                let ask = cell.plan.judgment(place);
                if cell.plan.comparison(ask.comparison).is_equal() {
                    continue;
                }
                let stage = stage(cell, judge, strategy, ask, |_, _, key| Ok(stored(store, key)?.map(Arc::new)))?;
                if let Stage::Ask(_, decided) | Stage::Had(_, decided) = stage {
                    *key = Some(decided);
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
