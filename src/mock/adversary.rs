//! The simulated judge as one who asks meets it: it answers, unless something goes wrong. No HTTP, no clock: what happens depends
//! on the requests and their order.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use blake3::Hash;

use super::decide::{Draws, decide};
use super::faults::{Ask, Draw, Fault, Faults, Scene, instead, mangle, quota_spent, said, unauthorized};
use super::hints::{Hints, SAMPLE_HEADER};
use super::limits::{Cost, Gate, Limits};
use super::outcome::{Outcome, Transport};
use super::parameters::Parameters;
use super::reply::Usage;
use super::request::ChatRequest;
use super::stats::{Early, Stats, Waits};
use super::wire::{Completion, Refusal};

/// So many faults come in a row on one ask; then it is answered.
const IN_A_ROW: u8 = 3;
/// Every draw of the limits hangs on it: a change of the draws is a change of the version.
const LIMITS_VERSION: &str = "tribunal mock limits v1";
/// How often Azure does not say what remains.
const UNSURE: f64 = 0.125;

/// What is served, and to whom. No `Debug`: it holds a key.
#[derive(Clone, Default)]
pub struct ServerOptions {
    /// The planted truth.
    pub parameters: Parameters,
    /// What goes wrong.
    pub faults: Faults,
    /// What is limited, and how long replies take.
    pub limits: Limits,
    /// The key that is asked for; with none, everyone is answered.
    pub api_key: Option<String>,
    /// The models that exist; with none, every name is answered.
    pub models: Vec<String>,
}

/// A server's behaviour, and what it remembers. Without HTTP, a transport of a test does for each request what the server does:
/// [`Self::enter`], [`Self::respond`], a wait of [`Outcome::delay`], the response or what becomes of it, [`Flight::land`].
pub struct Adversary {
    options: ServerOptions,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    asks: HashMap<Ask, History>,
    bodies: HashSet<Hash>,
    waits: Waits,
    gate: Gate,
    in_flight: u64,
    /// Those of them that nothing was decided on: they take no room yet.
    undecided: u64,
    /// The answers that were decided on, sent or not.
    granted: u64,
    stats: Stats,
}

/// What there has been of one ask.
#[derive(Clone, Copy, Default)]
struct History {
    attempts: u64,
    /// Faults since the last answer.
    in_a_row: u8,
    is_answered: bool,
}

/// A request under way; it ends when this is dropped.
pub struct Flight(Arc<Adversary>);

impl Flight {
    /// The response has been sent, to its last byte.
    pub fn land(self, outcome: &Outcome) {
        let Some(ask) = outcome.answers else { return };
        let mut memory = self.0.memory();
        memory.stats.answered += 1;
        memory.asks.entry(ask).or_default().is_answered = true;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut memory = self.0.memory();
        memory.in_flight -= 1;
        memory.undecided = memory.undecided.min(memory.in_flight);
    }
}

impl Adversary {
    /// One that has seen nothing yet; the seconds of its limits count from the first request.
    #[must_use]
    pub fn new(options: ServerOptions) -> Self {
        Self { options, memory: Mutex::default() }
    }

    /// The same, its seconds counted from a moment in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn started_at(options: ServerOptions, now: u64) -> Self {
        let memory = Memory { gate: Gate::started_at(now), ..Memory::default() };
        Self { options, memory: Mutex::new(memory) }
    }

    /// Counts a request as under way.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> Flight {
        let mut memory = self.memory();
        memory.in_flight += 1;
        memory.undecided += 1;
        memory.stats.most_in_flight = memory.stats.most_in_flight.max(memory.in_flight);
        drop(memory);
        Flight(Arc::clone(self))
    }

    /// What a chat request meets. `now` is in milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn respond(&self, body: &[u8], headers: &HeaderMap, now: u64) -> Outcome {
        let digest = blake3::hash(body);
        let ask = Ask::of(digest, headers.get(SAMPLE_HEADER).map_or(b"0", |value| value.as_bytes().trim_ascii()));
        let mut memory = self.memory();
        memory.undecided = memory.undecided.saturating_sub(1);
        let history = memory.arrival(ask, digest, now);
        let is_down = memory.gate.advance(&self.options.limits, now);
        if is_down {
            let outcome =
                Outcome { transport: Transport::Closed, ..Outcome::json(StatusCode::SERVICE_UNAVAILABLE, "") };
            memory.stats.down += 1;
            memory.count(&outcome, now);
            return outcome;
        }
        let outcome = self.outcome(&mut memory, history, Asked { ask, body, headers, now });
        let sent = now.saturating_add(u64::try_from(outcome.delay.as_millis()).unwrap_or(u64::MAX));
        memory.gate.owe(&self.options.limits, outcome.reply_tokens, sent);
        memory.departure(ask, &outcome, now);
        outcome
    }

    /// What a request meets whose body could not be read.
    pub(super) fn turn_away(&self, refusal: &Refusal) -> Outcome {
        let outcome = refusal.outcome();
        let mut memory = self.memory();
        memory.undecided = memory.undecided.saturating_sub(1);
        memory.stats.received += 1;
        *memory.stats.statuses.entry(outcome.kind()).or_default() += 1;
        outcome
    }

    /// The numbers so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let memory = self.memory();
        Stats {
            limits: memory.gate.usage(&self.options.limits),
            accepted_per_minute: memory.gate.per_minute().to_vec(),
            ..memory.stats.clone()
        }
    }

    pub(super) fn options(&self) -> &ServerOptions {
        &self.options
    }

    pub(super) fn check_key(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(key) = &self.options.api_key else { return Ok(()) };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        if given == Some(key.as_bytes()) { Ok(()) } else { Err(Refusal::key()) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcome(&self, memory: &mut Memory, history: History, asked: Asked<'_>) -> Outcome {
        if let Err(refusal) = self.check_key(asked.headers) {
            return refusal.outcome();
        }
        let Faults { quota_after, unauthorized_after, .. } = self.options.faults;
        let is_over = |after: Option<u64>| after.is_some_and(|after| memory.granted >= after);
        if is_over(unauthorized_after) {
            return unauthorized();
        }
        if is_over(quota_after) {
            return quota_spent();
        }
        self.attempt(memory, history, asked).unwrap_or_else(|refusal| refusal.outcome())
    }

    fn attempt(&self, memory: &mut Memory, history: History, asked: Asked<'_>) -> Result<Outcome, Refusal> {
        let request: ChatRequest<'_> = serde_json::from_slice(asked.body)?;
        self.check_request(&request)?;
        let hints = Hints::from_headers(asked.headers)?;
        let cost = Cost::new(Usage::of(&request, "").prompt_tokens, request.token_limit());
        let working = memory.in_flight.saturating_sub(memory.undecided);
        let limits = &self.options.limits;
        let verdict = memory.gate.judge(limits, cost, working);
        let mut outcome = match verdict.refusal(limits.headers) {
            Some(refusal) => refusal,
            None => self.passed(memory, history, asked, &request, hints)?,
        };
        // What comes instead of a reply has headers of its own, or none.
        if outcome.fault.is_none() || outcome.answers.is_some() {
            let is_unsure = self.limit_draws(asked.ask, &history.attempts.to_string()).uniform("remaining") < UNSURE;
            outcome.headers.extend(verdict.headers(limits.headers, is_unsure));
        }
        Ok(outcome)
    }

    fn limit_draws(&self, ask: Ask, of: &str) -> Draws {
        let ServerOptions { parameters, limits, .. } = &self.options;
        ask.draws(LIMITS_VERSION, limits.seed.unwrap_or(parameters.seed), of)
    }

    /// What a request meets that no limit turns away.
    fn passed(
        &self,
        memory: &mut Memory,
        history: History,
        asked: Asked<'_>,
        request: &ChatRequest<'_>,
        hints: Hints,
    ) -> Result<Outcome, Refusal> {
        let Asked { ask, headers, now, .. } = asked;
        let ServerOptions { parameters, faults, limits, .. } = &self.options;
        let draw = Draw { faults, seed: faults.seed.unwrap_or(parameters.seed) };
        let authorization = headers.get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let authorization = &*authorization.unwrap_or_default();
        let scene = Scene { now, authorization, coin: draw.coin(ask, history.attempts), faults };
        let passing = draw.of_attempt(ask, history.attempts).filter(|_| history.in_a_row < IN_A_ROW);
        if let Some(outcome) = passing.and_then(|fault| instead(fault, &scene)) {
            return Ok(Outcome { fault: passing, ..outcome });
        }
        let mut whole = self.undisturbed(request, hints, ask, draw.of_ask(ask), &scene)?;
        if let Some(latency) = limits.latency.filter(|_| whole.status == StatusCode::OK) {
            whole.delay = latency.at(self.limit_draws(ask, &history.attempts.to_string()).uniform("latency"));
        }
        let outcome = match passing {
            Some(fault) => Outcome { fault: passing, ..mangle(fault, whole, faults) },
            None => whole,
        };
        memory.granted += u64::from(outcome.answers.is_some());
        Ok(outcome)
    }

    /// What an ask meets where nothing passing comes between: the reply, odd or not, or a refusal that stays.
    fn undisturbed(
        &self,
        request: &ChatRequest<'_>,
        hints: Hints,
        ask: Ask,
        of_ask: Option<Fault>,
        scene: &Scene<'_>,
    ) -> Result<Outcome, Refusal> {
        if let Some(outcome) = of_ask.and_then(|fault| instead(fault, scene)) {
            let answers = (of_ask == Some(Fault::Filter400)).then_some(ask);
            return Ok(Outcome { answers, fault: of_ask, ..outcome });
        }
        let mut decision = decide(request, hints, &self.options.parameters);
        if let Some(output) = self.options.limits.output {
            decision.lengthen(request, output.at(self.limit_draws(ask, "ask").uniform("output")));
        }
        let said = said(of_ask, &decision, scene.authorization);
        let body = serde_json::to_string(&Completion::new(&request.model, &decision, said, scene.now / 1000))?;
        let outcome = Outcome::json(StatusCode::OK, body);
        let reply_tokens = decision.usage.completion_tokens as u64;
        Ok(Outcome { delay: decision.delay, reply_tokens, answers: Some(ask), fault: of_ask, ..outcome })
    }

    fn check_request(&self, request: &ChatRequest<'_>) -> Result<(), Refusal> {
        let models = &self.options.models;
        if !models.is_empty() && !models.iter().any(|model| *model == request.model) {
            return Err(Refusal::unknown_model(&request.model));
        }
        if request.messages.is_empty() { Err(Refusal::no_messages()) } else { Ok(()) }
    }
}

/// One request.
#[derive(Clone, Copy)]
struct Asked<'a> {
    ask: Ask,
    body: &'a [u8],
    headers: &'a HeaderMap,
    now: u64,
}

impl Memory {
    /// Counts a request that comes; answers with what there has been of its ask.
    fn arrival(&mut self, ask: Ask, body: Hash, now: u64) -> History {
        let early = self.waits.arrival(now);
        let history = *self.asks.entry(ask).or_default();
        self.bodies.insert(body);
        let stats = &mut self.stats;
        stats.received += 1;
        (stats.asks, stats.bodies) = (self.asks.len() as u64, self.bodies.len() as u64);
        stats.repeats += u64::from(history.is_answered);
        stats.early += u64::from(early.is_some());
        stats.early_within_50_ms += u64::from(early == Some(Early::PerhapsUnderWay));
        history
    }

    /// Counts what it meets, and remembers it for the ask's next attempt.
    fn departure(&mut self, ask: Ask, outcome: &Outcome, now: u64) {
        self.count(outcome, now);
        // Limits depend on time. An ask meets the same faults however often they turn it away.
        if outcome.limit.is_some() {
            return;
        }
        let history = self.asks.entry(ask).or_default();
        history.attempts += 1;
        let is_broken = outcome.fault.is_some_and(|fault| fault != Fault::Drip && !fault.group().is_of_ask());
        history.in_a_row = if is_broken { history.in_a_row + 1 } else { 0 };
    }

    fn count(&mut self, outcome: &Outcome, now: u64) {
        if let Some(until) = outcome.alone_until {
            self.waits.announce(now, until);
        }
        *self.stats.statuses.entry(outcome.kind()).or_default() += 1;
        if let Some(fault) = outcome.fault {
            *self.stats.faults.entry(fault.name()).or_default() += 1;
        }
    }
}
