//! Any headers that ask for a wait are read without a panic, and what is read is never below zero or beyond what a clock can add.

#![no_main]

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use tribunal::judge::asked_wait;

/// 2026-11-23 00:00:00 UTC, in milliseconds.
const NOW: i64 = 1_795_392_000_000;

fuzz_target!(|lines: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').take(20) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    for is_throttled in [false, true] {
        if let Some(wait) = asked_wait(&headers, NOW, is_throttled) {
            assert!(wait > Duration::ZERO);
        }
    }
});
