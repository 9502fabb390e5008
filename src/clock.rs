//! The one source of time. Waits go through tokio, so that tests can pause and turn it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment on the clock that only moves forward.
pub type Moment = tokio::time::Instant;

/// Now, on the clock that only moves forward (tokio's, which tests can pause).
#[must_use]
pub fn now() -> Moment {
    Moment::now()
}

/// Milliseconds since 1970-01-01 UTC, for records that people read later. A clock set before 1970 counts as 0.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
pub fn unix_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.map_or(0, |time| time.as_millis())).unwrap_or(i64::MAX)
}

/// Waits for a duration of tokio's time.
pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}
