//! Any body of an answer is read without a panic, and so is any verdict in it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tribunal::judge::read_reply;
use tribunal::strategy::{Strategy, shipped, shipped_names};

static STRATEGIES: LazyLock<Vec<Strategy>> =
    LazyLock::new(|| shipped_names().into_iter().filter_map(|name| shipped(name).and_then(Result::ok)).collect());

fuzz_target!(|body: &[u8]| {
    let body = String::from_utf8_lossy(body);
    if let Ok(reply) = read_reply(&body) {
        for strategy in STRATEGIES.iter() {
            strategy.rule.read(&reply, 2);
        }
    }
});
