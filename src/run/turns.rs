//! The turns of asks that were not sent yet: walked through in plan order, rendered, passed over where a reply is stored, and claimed in
//! groups, a little ahead of being sent.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::driver::Driver;
use super::error::RunError;
use super::queue::{Pending, Queue};
use super::waiting::Waiter;
use crate::ask::{Key, Request};
use crate::clock::{self, Moment};
use crate::judge::read_reply;
use crate::money::Usd;
use crate::pace::Size;
use crate::store::{Claim, GROUP, Order, Store, Wish};

/// Asks of an endpoint that are claimed and wait to be sent; at least as many as may be in flight.
const AHEAD: usize = 2 * GROUP;
/// Turns after which other tasks get theirs.
const BREATH: usize = 256;
/// How soon it is looked again at what another process has claimed.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What is to be claimed, and what is being claimed.
#[derive(Debug, Default)]
pub(super) struct Claiming {
    wanted: Vec<Wanted>,
    asked_for: Option<(Vec<Wanted>, oneshot::Receiver<Vec<Claim>>)>,
    released: Vec<Key>,
    /// What the run's cap does not allow, with what is on its way.
    unaffordable: Vec<Wanted>,
    /// Whether something has ended since, so that there may be room for it.
    has_room: bool,
    /// When it was last heard what another process has claimed.
    heard: Option<Moment>,
}

/// An ask that is to be claimed. What another process had claimed has no request: it is rendered again if it is granted.
#[derive(Debug)]
pub(super) struct Wanted {
    queue: usize,
    pending: Pending,
    request: Option<Request>,
}

impl Claiming {
    /// Gives up claims with the next group.
    pub(super) fn release(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.released.extend(keys);
    }

    /// Something has ended: what it may have cost is known.
    pub(super) fn make_room(&mut self) {
        self.has_room = true;
    }

    /// Whether the run's cap stands in the way.
    pub(super) fn is_short(&self) -> bool {
        !self.unaffordable.is_empty()
    }

    /// Forgets what could not be paid.
    pub(super) fn close(&mut self) {
        self.unaffordable.clear();
    }

    /// What became of the claims; `None` where the writer has ended.
    pub(super) async fn decided(&mut self) -> Option<Vec<(Wanted, Claim)>> {
        let (_, answer) = self.asked_for.as_mut()?;
        let claims = answer.await.ok()?;
        let (wanted, _) = self.asked_for.take()?;
        Some(wanted.into_iter().zip(claims).collect())
    }

    /// When to look again at what another process has claimed.
    pub(super) fn look_again(&self, queues: &[Queue]) -> Option<Moment> {
        let waits = queues.iter().any(|queue| queue.is_through && queue.is_asked() && !queue.elsewhere.is_empty());
        self.heard.map(|heard| heard + LOOK_AGAIN).filter(|_| waits && self.asked_for.is_none())
    }
}

/// What is to be done with an ask whose turn it is.
enum Turn {
    /// Nothing: go on to the next.
    Passed,
    /// It is to be claimed.
    Wanted(Pending, Box<Request>),
    /// Its turn has not come yet.
    Wait,
}

impl Driver<'_> {
    /// Walks on until enough is claimed ahead.
    pub(super) async fn take_turns(&mut self, store: &Store) -> Result<(), RunError> {
        let mut turns = 0;
        let now = clock::now();
        self.want_again();
        for number in 0..self.queues.len() {
            while let Some(pending) = self.queues[number].lapsed(now) {
                self.want(number, pending, None);
            }
            self.look_again(number);
            if self.claiming.is_short() {
                continue;
            }
            let ahead = self.ahead(number);
            while !self.is_closed() && self.queues[number].ahead() < ahead && self.claiming.wanted.len() < GROUP {
                match self.take_turn(number, store)? {
                    Turn::Passed => {}
                    Turn::Wanted(pending, request) => self.want(number, pending, Some(*request)),
                    Turn::Wait => break,
                }
                turns += 1;
                if turns % BREATH == 0 {
                    self.progress.counters.send_replace(self.asked.counters);
                    tokio::task::yield_now().await;
                }
            }
        }
        Ok(())
    }

    /// How many asks of a queue are claimed ahead of being sent. Where they cost money no more than may go at once: a claim counts as spent
    /// at its worst, and that of a process that dies for good.
    fn ahead(&self, number: usize) -> usize {
        match self.queues[number].prices {
            Some(_) => self.settings.concurrency.saturating_sub(self.in_flight()).max(1),
            None => AHEAD.max(self.settings.concurrency),
        }
    }

    /// Wants once more what could not be paid, now that something has ended.
    fn want_again(&mut self) {
        if !std::mem::take(&mut self.claiming.has_room) {
            return;
        }
        for wanted in std::mem::take(&mut self.claiming.unaffordable) {
            if self.queues[wanted.queue].is_asked() {
                self.queues[wanted.queue].claiming += 1;
                self.claiming.wanted.push(wanted);
            }
        }
    }

    /// Once every ask had its turn: wants what another process has claimed, in case that one failed or has gone.
    fn look_again(&mut self, number: usize) {
        let is_time = self.claiming.look_again(&self.queues).is_some_and(|moment| moment <= clock::now());
        let is_closed = self.is_closed();
        let queue = &mut self.queues[number];
        if !is_time || !queue.is_through || !queue.is_asked() || is_closed {
            return;
        }
        let some = queue.elsewhere.len().min(GROUP);
        for pending in queue.elsewhere.drain(..some).collect::<Vec<_>>() {
            self.want(number, pending, None);
        }
    }

    fn want(&mut self, queue: usize, pending: Pending, request: Option<Request>) {
        self.queues[queue].claiming += 1;
        self.claiming.wanted.push(Wanted { queue, pending, request });
    }

    /// What is to be done with the next ask of a queue that had no turn.
    fn take_turn(&mut self, queue: usize, store: &Store) -> Result<Turn, RunError> {
        let Some(waiter) = self.next_turn(queue) else { return Ok(Turn::Wait) };
        let Waiter { cell: number, place, is_counted } = waiter;
        let cell = &self.cells[number];
        if cell.endpoint().is_none() {
            return Ok(Turn::Passed);
        }
        let ask = cell.plan.judgment(place);
        if cell.plan.comparison(ask.comparison).is_equal() {
            return Ok(Turn::Passed);
        }
        let Some((step, request, key)) = self.need(waiter, store)? else { return Ok(Turn::Passed) };
        let size = Size::of(&request);
        let worst = self.queues[queue].prices.as_ref().map_or(Usd::ZERO, |prices| size.worst(prices));
        let pending = Pending { cell: number, place, step, key, size, worst, ..Pending::default() };
        if step.is_some() {
            return Ok(Turn::Wanted(pending, Box::new(request)));
        }
        self.asked.keys[number][place] = Some(key);
        if is_counted {
            // It is counted anew, by what becomes of it.
            self.canaries[number].given_up();
        }
        if self.settings.canary && self.canaries[number].is_alarmed() && !self.taken.contains(&key) {
            self.canaries[number].withhold();
        } else if self.refused.contains(&key) {
            self.asked.counters.refused += 1;
        } else if !self.taken.insert(key) {
            self.found(pending, store)?;
        } else {
            self.waiting.expect(key);
            self.canaries[number].asked();
            return Ok(Turn::Wanted(pending, Box::new(request)));
        }
        Ok(Turn::Passed)
    }

    /// The next judgment of a queue: one whose step has been answered, else the next in the plan. Cells take turns, a conversation each, so that what is had of them at any
    /// time is comparable, and asks that share a beginning are near each other.
    fn next_turn(&mut self, queue: usize) -> Option<Waiter> {
        let (number, queue_of) = (queue, &self.queue_of);
        let queue = &mut self.queues[queue];
        if !queue.is_asked() {
            queue.is_through = true;
            return None;
        }
        if let Some(waiter) = self.waiting.resume(|cell| queue_of[cell] == number) {
            return Some(waiter);
        }
        let count = queue.cells.len();
        let mut is_through = true;
        for step in 0..count {
            let at = (queue.turn + step) % count;
            let number = queue.cells[at];
            let walk = &mut self.walks[number];
            let Some(place) = walk.next().filter(|_| !self.enough[number]) else { continue };
            is_through = false;
            if self.settings.canary && !self.canaries[number].may_ask() {
                continue;
            }
            queue.turn = if walk.advance() { at } else { (at + 1) % count };
            return Some(Waiter { cell: number, place, is_counted: false });
        }
        queue.is_through = is_through;
        None
    }

    /// An ask needs no request.
    fn found(&mut self, pending: Pending, store: &Store) -> Result<(), RunError> {
        self.asked.counters.found += 1;
        if pending.step.is_some() {
            return Ok(());
        }
        let (slots, hears_all) = (self.slots(pending), self.hears_all());
        let canary = &mut self.canaries[pending.cell];
        if let Some(strategy) = self.cells[pending.cell].strategy.filter(|_| canary.is_listening() || hears_all)
            && let Some(reply) = store.body(&pending.key)?.and_then(|body| read_reply(&body).ok())
        {
            let verdict = strategy.rule.read(&reply, slots).verdict;
            canary.hear(&verdict, &reply, true);
            self.is_enough(pending.cell, pending.place, &verdict);
        }
        Ok(())
    }

    /// Sends the claims to the writer, one group at a time. Answers whether some are being decided on; `None` where the writer has ended.
    pub(super) async fn claim(&mut self, orders: &mpsc::Sender<Order>) -> Option<bool> {
        if !self.claiming.released.is_empty() {
            let released = std::mem::take(&mut self.claiming.released);
            orders.send(Order::Release(released)).await.ok()?;
        }
        if self.claiming.asked_for.is_none() && !self.claiming.wanted.is_empty() {
            let wanted = std::mem::take(&mut self.claiming.wanted);
            let (answer, answered) = oneshot::channel();
            let wish = |wanted: &Wanted| Wish { key: wanted.pending.key, worst: wanted.pending.worst };
            orders.send(Order::Claim(wanted.iter().map(wish).collect(), answer)).await.ok()?;
            self.claiming.asked_for = Some((wanted, answered));
        }
        Some(self.claiming.asked_for.is_some())
    }

    /// Takes what became of claims.
    pub(super) fn claimed(&mut self, claims: Vec<(Wanted, Claim)>, store: &Store) -> Result<(), RunError> {
        for (Wanted { queue: number, pending, request }, claim) in claims {
            self.queues[number].claiming -= 1;
            let is_new = request.is_some();
            let is_settled = !matches!(claim, Claim::Granted | Claim::Unaffordable);
            if is_settled && is_new && pending.step.is_none() {
                self.canaries[pending.cell].given_up();
            }
            match claim {
                Claim::Granted if !self.queues[number].is_asked() => self.claiming.release([pending.key]),
                Claim::Granted => {
                    let request = request.map_or_else(|| self.request(pending, store), |request| Ok(Some(request)))?;
                    let queue = &mut self.queues[number];
                    queue.claimed(pending, request);
                }
                Claim::Unaffordable => self.claiming.unaffordable.push(Wanted { queue: number, pending, request }),
                Claim::Stored => {
                    self.waiting.stored(pending.key);
                    self.found(pending, store)?;
                }
                Claim::Elsewhere => {
                    self.left_to_others(pending.key);
                    self.claiming.heard = Some(clock::now());
                    self.queues[number].elsewhere.push(pending);
                }
            }
        }
        let is_idle = self.in_flight() == 0 && self.queues.iter().all(Queue::is_empty);
        if is_idle && self.claiming.is_short() && !self.claiming.has_room {
            // Nothing is on its way whose end could make room.
            self.asked.at_the_cap = true;
            self.interrupt();
        }
        Ok(())
    }
}
