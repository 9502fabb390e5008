//! What a request meets, as a value: HTTP, or a test's transport under virtual time, carries it out.

use std::time::Duration;

use axum::http::StatusCode;

use super::faults::{Ask, Fault};
use super::limits::Limit;

/// The whole of a response, and how the connection behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: StatusCode,
    /// The headers but for those of the framing, names in lower case; a name may come more than once.
    pub headers: Vec<(&'static str, String)>,
    /// The body, whole.
    pub body: String,
    /// What becomes of the response on its way.
    pub transport: Transport,
    /// How long to wait before it is sent.
    pub delay: Duration,
    /// Until when it asks to be left alone, in milliseconds since 1970-01-01 UTC.
    pub alone_until: Option<u64>,
    /// What goes wrong with the attempt.
    pub fault: Option<Fault>,
    /// The limit that the attempt met.
    pub limit: Option<Limit>,
    /// The tokens of the reply that it was made from, whatever has become of it.
    pub reply_tokens: u64,
    /// The ask that it answers, if it does.
    pub answers: Option<Ask>,
}

/// What becomes of a response on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// It arrives.
    Whole,
    /// It arrives in small pieces, over so long.
    Drip(Duration),
    /// The connection ends after so many bytes of the body; the headers announce all of it.
    CutAfter(usize),
    /// The connection ends without a response.
    Closed,
    /// The body is followed by filler up to so many bytes.
    Padded(u64),
}

impl Outcome {
    pub(super) fn new(status: StatusCode, content_type: &'static str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            transport: Transport::Whole,
            delay: Duration::ZERO,
            alone_until: None,
            fault: None,
            limit: None,
            reply_tokens: 0,
            answers: None,
        }
    }

    pub(super) fn json(status: StatusCode, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// How it is counted: by its status, or by what happens to the connection.
    pub(super) fn kind(&self) -> String {
        match self.transport {
            Transport::Closed => "closed".to_owned(),
            Transport::CutAfter(_) => "cut".to_owned(),
            _ => self.status.as_str().to_owned(),
        }
    }
}
