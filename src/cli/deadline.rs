//! When a run is to end: after so long, or at a time of day.

use std::time::Duration;

use tokio::sync::watch;

use super::note;
use crate::clock::{self, Moment};

/// Turns `stop` true when the time has come, and then waits for ever.
pub(super) async fn pass(deadline: Option<Moment>, stop: &watch::Sender<bool>) {
    if let Some(moment) = deadline {
        tokio::time::sleep_until(moment).await;
        note("the time is over: nothing more is sent, what is in flight is waited for");
        stop.send_replace(true);
    }
    std::future::pending::<()>().await;
}

/// Whether the time has come.
pub(super) fn has_passed(deadline: Option<Moment>) -> bool {
    deadline.is_some_and(|moment| moment <= clock::now())
}

/// A length of time: `90s`, `45m`, `2h`, `1h30m`.
pub(super) fn max_time(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a length of time such as 90s, 45m, 2h or 1h30m".to_owned();
    let (mut seconds, mut digits) = (0_u64, String::new());
    for character in text.trim().chars() {
        let unit = match character {
            '0'..='9' => {
                digits.push(character);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = std::mem::take(&mut digits).parse().map_err(|_| wrong())?;
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
    }
    if seconds == 0 || !digits.is_empty() || seconds > 366 * 86_400 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(seconds))
}

/// How long until a time of day on this machine's clock: `18:00` is today's or, if that is past, tomorrow's.
pub(super) fn until(text: &str) -> Result<Duration, String> {
    let time = jiff::civil::Time::strptime("%H:%M", text.trim())
        .map_err(|_| "expected a time of day such as 18:00".to_owned())?;
    let now = jiff::Zoned::now();
    let unheard = |error: jiff::Error| format!("this clock has no such time: {error}");
    let mut then = now.date().to_datetime(time).to_zoned(now.time_zone().clone()).map_err(unheard)?;
    if then <= now {
        let tomorrow = now.date().tomorrow().map_err(unheard)?;
        then = tomorrow.to_datetime(time).to_zoned(now.time_zone().clone()).map_err(unheard)?;
    }
    Duration::try_from(then.duration_since(&now)).map_err(unheard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [("90s", 90), ("45m", 2700), ("2h", 7200), ("1h30m", 5400), ("2d", 172_800)] {
            assert_eq!(max_time(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "5", "h", "-1h", "1.5h", "0s", "9999999d", "1h30"] {
            assert!(max_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_within_a_day() {
        let left = until("18:00").unwrap();
        assert!(left <= Duration::from_hours(26) && !left.is_zero());
        for text in ["25:00", "6pm", "18", ""] {
            assert!(until(text).is_err(), "{text}");
        }
    }
}
