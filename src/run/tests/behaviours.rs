//! What follows from each way in which an endpoint may misbehave: worked out by running the driver against it, and held against the
//! table in `docs/faults.md`. `TRIBUNAL_WRITE_DOCS=1 cargo test` writes the table anew.

use std::path::Path;

use super::*;
use crate::verdict::Reason;

/// How long the answer to a request takes.
fn latency(attempt: usize) -> Duration {
    Duration::from_millis(100 + 7 * (attempt as u64 % 9))
}

/// The number of the request at which a known endpoint begins to misbehave.
const FIRST: usize = 40;
const BEGIN: &str = "<!-- begin: worked out by a test -->\n";
const END: &str = "<!-- end -->\n";

type Row = (&'static str, u16, &'static [(&'static str, &'static str)], &'static str);

const QUOTA: &str = r#"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#;
const RATE: &str = r#"{"error":{"message":"Rate limit reached.","type":"requests","code":"rate_limit_exceeded"}}"#;
const HTML: &str = "<html><head><title>502 Bad Gateway</title></head></html>";

const ROWS: &[Row] = &[
    ("429, `Retry-After: 30`", 429, &[("retry-after", "30")], RATE),
    ("429, `retry-after-ms: 1500`", 429, &[("retry-after-ms", "1500")], RATE),
    (
        "429, `x-ratelimit-reset-requests: 12ms`",
        429,
        &[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "12ms")],
        RATE,
    ),
    (
        "429, `x-ratelimit-reset-tokens: 6m0s`",
        429,
        &[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s")],
        RATE,
    ),
    ("429, no word of a wait", 429, &[], RATE),
    ("429, `Retry-After: -5`", 429, &[("retry-after", "-5")], "slow down"),
    ("429, `Retry-After: 86400`", 429, &[("retry-after", "86400")], RATE),
    (
        "429, `retryDelay` in a list of errors",
        429,
        &[],
        r#"[{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"7s"}]}}]"#,
    ),
    (
        "429, too many at once",
        429,
        &[],
        r#"{"error":{"message":"Too many concurrent requests.","type":"rate_limit_error"}}"#,
    ),
    ("429, quota spent", 429, &[], QUOTA),
    ("402, no money left", 402, &[], r#"{"error":{"message":"Insufficient Balance","code":"invalid_request_error"}}"#),
    ("400, no credit left", 400, &[], r#"{"error":{"message":"Your credit balance is too low to access the API."}}"#),
    ("500, HTML", 500, &[], "<html>Internal Server Error</html>"),
    ("502, HTML of a gateway", 502, &[], HTML),
    ("502, a code that is a number", 502, &[], r#"{"error":{"code":502,"message":"Provider returned error"}}"#),
    ("503, `Retry-After: 5`", 503, &[("retry-after", "5")], "busy"),
    ("503, plain text", 503, &[], "upstream connect error"),
    ("504, empty", 504, &[], ""),
    ("529, overloaded", 529, &[], r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#),
    ("408", 408, &[], ""),
    ("409", 409, &[], r#"{"error":{"message":"Conflict"}}"#),
    ("425", 425, &[], ""),
    ("200, JSON that breaks off", 200, &[], r#"{"id":"1","choices":[{"message":{"role":"assist"#),
    ("200, empty", 200, &[], ""),
    ("200, HTML", 200, &[], "<!DOCTYPE html><html><body>Sign in</body></html>"),
    ("200, an error with code 502", 200, &[], r#"{"error":{"code":502,"message":"Provider returned error"}}"#),
    ("200, an error with code 429", 200, &[("retry-after", "3")], r#"{"error":{"code":429,"message":"Rate limited"}}"#),
    (
        "200, an error in the choice",
        200,
        &[],
        r#"{"choices":[{"error":{"code":502,"message":"Stream ended"},"finish_reason":"error","message":{"content":"[["}}]}"#,
    ),
    ("200, no choices", 200, &[], r#"{"id":"1","choices":[]}"#),
    (
        "400, flat, a wrong parameter",
        400,
        &[],
        r#"{"object":"error","message":"temperature must be non-negative","type":"BadRequestError","param":null,"code":400}"#,
    ),
    (
        "400, the prompt is too long",
        400,
        &[],
        r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
    ),
    ("413", 413, &[], "Payload Too Large"),
    (
        "429, the request is too large",
        429,
        &[],
        r#"{"error":{"message":"Request too large for m: Limit 30000, Requested 30601.","type":"tokens","code":"rate_limit_exceeded"}}"#,
    ),
    (
        "400, the key is wrong",
        400,
        &[],
        r#"[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#,
    ),
    ("400, a risk", 400, &[], r#"{"error":{"message":"Content Exists Risk","type":"invalid_request_error"}}"#),
    ("422", 422, &[], r#"{"detail":"Unprocessable"}"#),
    ("401", 401, &[], r#"{"error":{"message":"Incorrect API key provided.","code":"invalid_api_key"}}"#),
    ("403", 403, &[], r#"{"error":{"message":"Your region is not supported."}}"#),
    ("404", 404, &[], r#"{"error":{"message":"The model `m` does not exist.","code":"model_not_found"}}"#),
    ("307, to another host", 307, &[("location", "http://192.0.2.1/v1/chat/completions")], ""),
    (
        "400, a content filter",
        400,
        &[],
        r#"{"error":{"message":"The prompt was filtered.","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
    ),
    (
        "403, a moderation",
        403,
        &[],
        r#"{"error":{"code":403,"message":"Flagged.","metadata":{"reasons":["violence"],"flagged_input":"x"}}}"#,
    ),
    (
        "200, finish reason `content_filter`",
        200,
        &[],
        r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
    ),
    (
        "200, a refusal",
        200,
        &[],
        r#"{"choices":[{"message":{"content":null,"refusal":"I can't help with that."},"finish_reason":"stop"}]}"#,
    ),
    ("200, content null", 200, &[], r#"{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}"#),
    (
        "200, an unknown finish reason",
        200,
        &[],
        r#"{"choices":[{"message":{"content":"[[A]]"},"finish_reason":"eos_token"}]}"#,
    ),
];

/// What a run came to.
struct Ran {
    asked: Asked,
    remembered: bool,
    verdicts: Vec<Option<Verdict>>,
    /// From the end of the first misbehaviour to the next attempt of that ask.
    again: Option<Duration>,
    /// From there to the next thing that was sent at all.
    quiet: Option<Duration>,
    /// Requests from the first misbehaviour on, and how long they took.
    requests: usize,
    took: Duration,
}

/// Runs the sample against an endpoint that misbehaves at these requests, two in flight.
async fn misbehaving(row: Row, at: impl Fn(usize) -> bool + Copy + Send + Sync + 'static) -> Ran {
    let (_, status, headers, body) = row;
    let (judge, log) = judge("m", move |attempt, sent| async move {
        clock::sleep(latency(attempt)).await;
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Ok(if at(attempt) { Got { status, headers, body: body.to_owned() } } else { verdict_for(&sent) })
    });
    let store = store();
    let without_canary = Settings { canary: false, ..settings(2) };
    let (asked, mut verdicts) = run_with(&store, &[&judge], without_canary).await;
    let log = log.lock().unwrap();
    let first = (0..log.len()).find(|attempt| at(*attempt)).unwrap();
    let landed = log[first].0 + latency(first);
    let again = log.iter().skip(first + 1).find(|(_, body)| *body == log[first].1);
    Ran {
        again: again.map(|(sent, _)| *sent - landed),
        quiet: log.iter().find(|(sent, _)| *sent > landed).map(|(sent, _)| *sent - landed),
        requests: log.len() - first,
        took: log.last().unwrap().0 + latency(log.len() - 1) - log[first].0,
        verdicts: verdicts.remove(0),
        remembered: !store.refused().unwrap().is_empty(),
        asked,
    }
}

impl Ran {
    fn unparsed(&self) -> Option<Reason> {
        self.verdicts.iter().flatten().find_map(|verdict| match verdict {
            Verdict::Unparsed(reason) => Some(*reason),
            _ => None,
        })
    }

    /// What follows where it happens once.
    fn once(&self) -> String {
        if let Some((_, stopped)) = self.asked.stopped.first() {
            return format!("stops, {}", exit(Some(stopped)));
        }
        if let Some(reason) = self.unparsed() {
            return format!("kept: unparsed, {}", reason.as_str());
        }
        match (self.again, self.quiet) {
            _ if self.remembered => "given up, and remembered".to_owned(),
            _ if self.asked.counters.given_up > 0 => "given up".to_owned(),
            (Some(again), Some(quiet)) if quiet > 2 * latency(0) => {
                format!("all held {}, again after {}", span(quiet), span(again))
            }
            (Some(again), _) => format!("again after {}", span(again)),
            (None, _) => "kept, and read".to_owned(),
        }
    }

    /// What follows where it goes on.
    fn on_and_on(&self) -> String {
        if self.asked.stopped.is_empty() && self.asked.counters.given_up == 0 {
            return "each alike, exit 0".to_owned();
        }
        let ending = match self.asked.stopped.first() {
            None => format!("each alike, {}", exit(None)),
            Some((_, stopped)) => format!("stops, {}", exit(Some(stopped))),
        };
        let requests = if self.requests == 1 { "1 request".to_owned() } else { format!("{} requests", self.requests) };
        format!("{ending}: {requests}, {}", span(self.took))
    }
}

fn exit(stopped: Option<&Stopped>) -> &'static str {
    match stopped {
        Some(Stopped::Refused(_)) => "exit 5",
        Some(Stopped::Down(_)) | None => "exit 3",
    }
}

fn span(span: Duration) -> String {
    match span.as_secs_f64() {
        seconds if seconds < 100.0 => format!("{seconds:.1} s"),
        seconds if seconds < 3600.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.0} h {:.0} min", (seconds / 3600.0).floor(), seconds % 3600.0 / 60.0),
    }
}

async fn line(row: Row) -> String {
    let once = misbehaving(row, |attempt| attempt == FIRST).await;
    let later = misbehaving(row, |attempt| attempt >= FIRST).await;
    let always = misbehaving(row, |_| true).await;
    let stopped = always.asked.stopped.first().map(|(_, stopped)| stopped.failure());
    let told = stopped.map_or_else(String::new, |failure| {
        failure.message.replace("http://127.0.0.1:9/v1 answered ", "").replace('|', "\\|")
    });
    format!("| {} | {} | {} | {} | {told} |\n", row.0, once.once(), later.on_and_on(), always.on_and_on())
}

#[tokio::test(start_paused = true)]
async fn every_misbehaviour_has_the_consequences_that_the_table_says() {
    let mut table = "| it answers | once, in the middle | from the middle on | from the beginning | and says |\n\
        |---|---|---|---|---|\n"
        .to_owned();
    for row in ROWS {
        table += &line(*row).await;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("TRIBUNAL_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    for (written, found) in written.lines().zip(table.lines()) {
        assert_eq!(written, found);
    }
    assert_eq!(written.lines().count(), table.lines().count());
}
