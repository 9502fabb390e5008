//! How the time to read a verdict grows with the reply, for every shipped strategy: `cargo bench --bench reading`.
//!
//! Replies are what is worst to read: openings that never close, labels without end, digits without end. Reading is linear if a reply
//! that is sixteen times as long takes no more than about sixteen times as long.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use std::hint::black_box;
use std::time::Instant;

use tribunal::ask::{Form, Reply, TokenLogprob};
use tribunal::strategy::{shipped, shipped_names};

const SMALL: usize = 64 << 10;
const LARGE: usize = 16 * SMALL;
const WORST: [&str; 8] = ["[", "[[A", "[[A]] ", "<think>", "{\"a\":", "{\"winner\": \"A\"} ", "9", "Scores: [[9]] [["];

fn main() {
    println!("{:<26}{:>22}{:>12}{:>9}", "strategy", "worst opening", "MB/s", "growth");
    for name in shipped_names() {
        let strategy = shipped(name).unwrap().unwrap();
        let slots = if strategy.form == Form::Pointwise { 1 } else { 2 };
        let (mut worst, mut growth, mut speed) = ("", 0.0, 0.0);
        for opening in WORST {
            let seconds = |length: usize| {
                let text = opening.repeat(length / opening.len());
                let logprobs = strategy.rule.needs_logprobs().then(|| {
                    let token = || TokenLogprob { token: opening.to_owned(), logprob: -1.0, top: Vec::new() };
                    (0..length / opening.len()).map(|_| token()).collect()
                });
                let reply = Reply { text, logprobs, ..Reply::default() };
                (0..5)
                    .map(|_| {
                        let started = Instant::now();
                        black_box(strategy.rule.read(black_box(&reply), slots));
                        started.elapsed().as_secs_f64()
                    })
                    .fold(f64::INFINITY, f64::min)
            };
            let (small, large) = (seconds(SMALL), seconds(LARGE));
            if large / small > growth {
                (worst, growth, speed) = (opening, large / small, LARGE as f64 / large / 1e6);
            }
        }
        println!("{name:<26}{worst:>22}{speed:>12.0}{growth:>9.1}");
    }
}
