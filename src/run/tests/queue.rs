//! Tests of what follows from each failure.

use std::time::Duration;

use crate::ask::{Failure, FailureKind, Told, Usage};
use crate::clock::{self, Moment};
use crate::digest::Fields;
use crate::pace::Backoff;
use crate::run::account::{Account, FIRST_ATTEMPTS, FIRST_LOSSES, KNOWN_ATTEMPTS, LOSSES, PATIENCE, Standing, Stopped};
use crate::run::queue::{Next, Pending, Queue};

/// A queue of asks for so many accounts.
fn queue_of(accounts: usize) -> Queue {
    let mut queue = Queue::default();
    queue.accounts.extend((0..accounts).map(|_| Account::default()));
    queue
}

fn pending(number: u64, failed: u32) -> Pending {
    let key = Fields::new("queue").number(number).finish();
    Pending { key, attempts: failed + 1, failed, ..Pending::default() }
}

fn failure(kind: FailureKind) -> Failure {
    Failure {
        kind,
        status: None,
        message: String::new(),
        retry_after: None,
        told: Told::default(),
        may_be_billed: false,
    }
}

fn asking_to_wait(kind: FailureKind, seconds: f64) -> Failure {
    Failure { retry_after: Some(Duration::from_secs_f64(seconds)), ..failure(kind) }
}

/// One attempt that fails, after others that did; answers whether the ask is given up.
fn fail(queue: &mut Queue, number: u64, failed: u32, failure: &Failure) -> bool {
    fail_at(queue, pending(number, failed), failure, clock::now())
}

fn fail_at(queue: &mut Queue, pending: Pending, failure: &Failure, now: Moment) -> bool {
    queue.accounts[0].sent();
    queue.failed(0, pending, failure, Backoff::default(), now)
}

fn answer(queue: &mut Queue) {
    queue.accounts[0].sent();
    answered(queue);
}

fn answered(queue: &mut Queue) {
    queue.accounts[0].answered(pending(0, 0).key, Usage::default(), &Told::default(), clock::now());
}

/// A queue with an answer, and with asks to send.
fn after_an_answer() -> Queue {
    let mut queue = queue_of(1);
    answer(&mut queue);
    (1000..1100).for_each(|number| queue.claimed(pending(number, 0), None));
    queue
}

#[test]
fn a_new_endpoint_is_asked_one_thing_at_a_time() {
    let (mut queue, now) = (queue_of(1), clock::now());
    (0..2).for_each(|number| queue.claimed(pending(number, 0), None));
    assert!(queue.next(now).is_some());
    queue.accounts[0].sent();
    assert_eq!(queue.next(now).map(drop), None);
    answered(&mut queue);
    assert!(queue.next(now).is_some());
}

#[test]
fn a_wrong_key_an_unknown_model_or_a_spent_quota_stops_at_once() {
    for kind in [FailureKind::Endpoint, FailureKind::Denied, FailureKind::Quota] {
        let mut queue = queue_of(1);
        assert!(fail(&mut queue, 1, 0, &failure(kind)));
        assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Refused(_))));
    }
}

#[test]
fn an_ask_that_is_denied_later_is_given_up_alone() {
    let mut queue = after_an_answer();
    for ask in 0..LOSSES - 1 {
        assert!(fail(&mut queue, ask.into(), 0, &failure(FailureKind::Denied)));
        assert_eq!(queue.accounts[0].stopped, None);
    }
    fail(&mut queue, 99, 0, &failure(FailureKind::Denied));
    assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Refused(_))));
}

#[test]
fn texts_that_are_too_long_say_nothing_of_a_known_endpoint() {
    let mut queue = queue_of(1);
    queue.accounts[0].standing = Standing::Known;
    assert!((0..100).all(|ask| fail(&mut queue, ask, 0, &failure(FailureKind::TooLong))));
    assert_eq!(queue.accounts[0].stopped, None);
    let mut new = queue_of(1);
    assert!((0..FIRST_LOSSES).all(|ask| fail(&mut new, ask.into(), 0, &failure(FailureKind::Ask))));
    assert!(matches!(new.accounts[0].stopped, Some(Stopped::Refused(_))));
}

#[test]
fn an_ask_has_eight_attempts_and_fewer_before_the_first_answer() {
    let mut known = queue_of(1);
    known.accounts[0].standing = Standing::Known;
    for (mut queue, attempts) in [(queue_of(1), FIRST_ATTEMPTS), (known, KNOWN_ATTEMPTS), (after_an_answer(), 8)] {
        for failed in 0..attempts - 1 {
            assert!(!fail(&mut queue, 1, failed, &failure(FailureKind::Transient)));
        }
        assert!(fail(&mut queue, 1, attempts - 1, &failure(FailureKind::Transient)));
        assert_eq!(queue.accounts[0].stopped, None, "one ask that always fails is not the end of an endpoint");
    }
}

#[test]
fn a_throttle_holds_the_whole_endpoint_as_long_as_it_says_and_costs_no_attempt() {
    let (mut queue, now) = (after_an_answer(), clock::now());
    assert!(!fail_at(&mut queue, pending(1, 7), &asking_to_wait(FailureKind::Throttled, 30.0), now));
    assert_eq!(queue.next(now + Duration::from_secs(29)).map(drop), None);
    let then = queue.wake(now).unwrap();
    assert!(then >= now + Duration::from_secs(30));
    let later = then + Duration::from_secs(1);
    let mut sent = std::iter::from_fn(|| {
        let Next { pending, .. } = queue.next(later)?;
        queue.accounts[0].sent();
        queue.accounts[0].answered(pending.key, Usage::default(), &Told::default(), later);
        Some((pending.key, pending.failed))
    });
    assert!(sent.any(|sent| sent == (pending(1, 7).key, 7)));
}

#[test]
fn nobody_waits_for_a_day() {
    for seconds in [86_400.0, 1e19] {
        let mut queue = after_an_answer();
        assert!(fail(&mut queue, 1, 0, &asking_to_wait(FailureKind::Throttled, seconds)));
        assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Down(_))));
        assert_eq!(queue.wake(clock::now()), None);
    }
}

#[test]
fn who_only_throttles_is_left_after_an_hour() {
    let (mut queue, begun) = (after_an_answer(), clock::now());
    let mut now = begun;
    while !fail_at(&mut queue, pending(1, 0), &failure(FailureKind::Throttled), now) {
        now = queue.accounts[0].held(now).unwrap();
    }
    assert!(now - begun > PATIENCE && now - begun < PATIENCE + Duration::from_mins(2), "{:?}", now - begun);
    assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Down(_))));
}

#[test]
fn retries_and_new_asks_take_turns() {
    let (mut queue, now) = (after_an_answer(), clock::now());
    for ask in 0..5 {
        fail_at(&mut queue, pending(ask, 0), &failure(FailureKind::Transient), now);
        answer(&mut queue);
    }
    let later = now + Duration::from_mins(2);
    let retries: Vec<bool> = (0..12).map(|_| queue.next(later).is_some_and(|next| next.pending.failed > 0)).collect();
    assert_eq!(retries, [true, false, true, false, true, false, true, false, true, false, false, false]);
}

#[test]
fn an_endpoint_that_is_out_of_order_is_probed_and_no_ask_loses_attempts_by_it() {
    let (mut queue, begun) = (after_an_answer(), clock::now());
    let mut given_up = (0..50).map(|ask| fail_at(&mut queue, pending(ask, 6), &failure(FailureKind::Transient), begun));
    assert!(!given_up.any(|given_up| given_up), "what was in flight fails with it");
    let mut now = begun;
    for _ in 0..10 {
        now = queue.wake(now).unwrap();
        let Next { pending: probe, .. } = queue.next(now).unwrap();
        queue.accounts[0].sent();
        assert_eq!(queue.next(now).map(drop), None, "one at a time");
        assert!(!queue.failed(0, probe, &failure(FailureKind::Transient), Backoff::default(), now));
    }
    now = queue.wake(now).unwrap();
    queue.next(now).unwrap();
    answer(&mut queue);
    assert!((0..20).all(|_| queue.next(now + Duration::from_mins(1)).is_some()));
}

#[test]
fn an_outage_of_more_than_an_hour_is_the_end() {
    let (mut queue, begun) = (after_an_answer(), clock::now());
    assert!(!(0..10).any(|ask| fail_at(&mut queue, pending(ask, 0), &failure(FailureKind::Transient), begun)));
    let mut now = begun;
    loop {
        now = queue.wake(now).unwrap();
        let Next { pending: probe, .. } = queue.next(now).unwrap();
        if fail_at(&mut queue, probe, &failure(FailureKind::Transient), now) {
            break;
        }
    }
    assert!(now - begun > PATIENCE, "{:?}", now - begun);
    assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Down(_))));
}

#[test]
fn where_too_much_was_in_flight_there_is_less() {
    let (mut queue, now) = (after_an_answer(), clock::now());
    (0..16).for_each(|_| queue.accounts[0].sent());
    for ask in 0..12 {
        assert!(!queue.failed(0, pending(ask, 0), &failure(FailureKind::Crowded), Backoff::default(), now));
    }
    let later = now + Duration::from_secs(1);
    assert_eq!(queue.next(later).map(drop), None, "four are in flight, and more are not borne");
    answered(&mut queue);
    assert!(queue.next(later).is_some());
}

#[test]
fn an_endpoint_that_fails_more_than_two_times_of_three_is_not_tried_for_ever() {
    let mut queue = after_an_answer();
    let given_up = (0..1000).filter(|ask| {
        answer(&mut queue);
        (0..3).any(|failed| fail(&mut queue, *ask, failed, &failure(FailureKind::Transient)))
    });
    assert!(given_up.count() > 800);
}

#[test]
fn a_known_endpoint_that_refuses_everything_is_left() {
    let mut queue = queue_of(1);
    queue.accounts[0].standing = Standing::Known;
    assert!((0..LOSSES).all(|ask| fail(&mut queue, ask.into(), 0, &failure(FailureKind::Ask))));
    assert!(matches!(queue.accounts[0].stopped, Some(Stopped::Refused(_))));
}

#[test]
fn an_endpoint_that_refuses_an_ask_is_back_in_order() {
    let (mut queue, now) = (after_an_answer(), clock::now());
    assert!(!(0..10).any(|ask| fail_at(&mut queue, pending(ask, 0), &failure(FailureKind::Transient), now)));
    let then = queue.wake(now).unwrap();
    let Next { pending: probe, .. } = queue.next(then).unwrap();
    assert!(fail_at(&mut queue, probe, &failure(FailureKind::TooLong), then), "the ask is given up");
    assert_eq!(queue.accounts[0].stopped, None);
    assert!(queue.next(then + Duration::from_secs(1)).is_some());
}

#[test]
fn an_ask_that_is_throttled_while_others_are_answered_is_given_up_alone() {
    let (mut queue, mut now, mut ask) = (after_an_answer(), clock::now(), pending(1, 0));
    loop {
        now += Duration::from_mins(2);
        ask.attempts += 1;
        if fail_at(&mut queue, ask, &failure(FailureKind::Throttled), now) {
            break;
        }
        ask.throttled += 1;
        answer(&mut queue);
        assert!(ask.attempts < 20);
    }
    assert_eq!((ask.attempts, &queue.accounts[0].stopped), (12, &None));
}

#[test]
fn what_hangs_does_not_keep_the_probe_from_being_sent() {
    let (mut queue, now) = (after_an_answer(), clock::now());
    // Four hang, sent before it went wrong.
    (0..4).for_each(|_| {
        queue.next(now).unwrap();
        queue.accounts[0].sent();
    });
    let later = now + Duration::from_secs(1);
    (0..10).for_each(|ask| assert!(!fail_at(&mut queue, pending(ask, 0), &failure(FailureKind::Transient), later)));
    let then = queue.wake(later).unwrap();
    assert!(queue.next(then).is_some());
    queue.accounts[0].sent();
    assert_eq!(queue.next(then).map(drop), None, "and one is enough");
}

#[test]
fn where_one_account_is_left_alone_another_goes_on() {
    let (mut queue, now) = (queue_of(2), clock::now());
    queue.accounts.iter_mut().for_each(|account| {
        account.sent();
        account.answered(pending(0, 0).key, Usage::default(), &Told::default(), now);
    });
    (0..4).for_each(|number| queue.claimed(pending(number, 0), None));
    let sent = |queue: &mut Queue, now| queue.next(now).map(|next| (next.account, next.pending)).unwrap();
    let (one, first) = sent(&mut queue, now);
    queue.accounts[one].sent();
    assert!(!queue.failed(one, first, &asking_to_wait(FailureKind::Throttled, 60.0), Backoff::default(), now));
    let later = now + Duration::from_secs(2);
    let asked: Vec<_> = (0..4).map(|_| sent(&mut queue, later)).collect();
    assert!(asked.iter().all(|(account, _)| *account != one), "{asked:?}");
    assert!(asked.iter().any(|(_, pending)| pending.key == first.key), "what was throttled there is asked here");
}

#[test]
fn an_account_that_refuses_is_left_out_and_its_asks_go_to_the_others() {
    for kind in [FailureKind::Endpoint, FailureKind::Quota, FailureKind::Denied] {
        let (mut queue, now) = (queue_of(2), clock::now());
        queue.claimed(pending(1, 0), None);
        let Next { pending, account, .. } = queue.next(now).unwrap();
        queue.accounts[account].sent();
        assert!(!queue.failed(account, pending, &failure(kind), Backoff::default(), now));
        assert!(queue.accounts[account].stopped.is_some() && queue.is_asked());
        let Next { pending, account: other, .. } = queue.next(now + Duration::from_secs(1)).unwrap();
        assert_ne!(other, account);
        queue.accounts[other].sent();
        assert!(queue.failed(other, pending, &failure(kind), Backoff::default(), now), "no one is left");
        assert!(!queue.is_asked());
    }
}
