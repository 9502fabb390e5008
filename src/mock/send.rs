//! Carries an outcome out over HTTP.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::stream::{self, Stream};

use super::adversary::Flight;
use super::outcome::{Outcome, Transport};

/// In how many pieces a dripping body comes.
const DRIPS: u32 = 10;
/// What a body is padded with.
const FILLER: &[u8] = &[b'x'; 1 << 16];

/// The response. The flight lands with the last byte of the body.
pub(super) fn send(outcome: Outcome, flight: Flight) -> Response {
    let length = outcome.body.len();
    let (body, announced) = match outcome.transport {
        Transport::Whole => {
            flight.land(&outcome);
            (Body::from(outcome.body), None)
        }
        Transport::Drip(span) => (Body::from_stream(drip(outcome.clone(), flight, span)), Some(length)),
        Transport::CutAfter(kept) => {
            let kept = Bytes::copy_from_slice(&outcome.body.as_bytes()[..kept]);
            (Body::from_stream(cut(kept, flight)), Some(length))
        }
        // An error before the first byte of the body ends the connection before the head is sent.
        Transport::Closed => (Body::from_stream(stream::iter([Err::<Bytes, _>(ended())])), None),
        Transport::Padded(to) => (Body::from_stream(padded(outcome.body.into(), to, flight)), None),
    };
    let mut response = Response::new(body);
    *response.status_mut() = outcome.status;
    let headers = response.headers_mut();
    for (name, value) in outcome.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    if let Some(length) = announced {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    response
}

fn ended() -> io::Error {
    io::Error::other("the connection is to end here")
}

fn drip(outcome: Outcome, flight: Flight, span: Duration) -> impl Stream<Item = io::Result<Bytes>> {
    let body = Bytes::copy_from_slice(outcome.body.as_bytes());
    let piece = body.len().div_ceil(DRIPS as usize).max(1);
    stream::unfold((body, Some(flight), outcome), move |(mut body, mut flight, outcome)| async move {
        if body.is_empty() {
            return None;
        }
        tokio::time::sleep(span / DRIPS).await;
        let next = body.split_to(piece.min(body.len()));
        // Before the last byte goes out: whoever has it may ask for the numbers.
        if body.is_empty()
            && let Some(flight) = flight.take()
        {
            flight.land(&outcome);
        }
        Some((Ok(next), (body, flight, outcome)))
    })
}

/// A part of the body, and then nothing but the end of the connection.
fn cut(kept: Bytes, flight: Flight) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold((Some(kept), flight), |(kept, flight)| async move {
        if let Some(kept) = kept {
            return Some((Ok(kept), (None, flight)));
        }
        // What stands before an error is sent only when there is a pause between them.
        tokio::task::yield_now().await;
        Some((Err(ended()), (None, flight)))
    })
}

fn padded(body: Bytes, to: u64, flight: Flight) -> impl Stream<Item = io::Result<Bytes>> {
    let left = to.saturating_sub(body.len() as u64);
    stream::unfold((Some(body), left, flight), |(body, left, flight)| async move {
        if let Some(body) = body {
            return Some((Ok(body), (None, left, flight)));
        }
        let next = usize::try_from(left).unwrap_or(usize::MAX).min(FILLER.len());
        (next > 0).then(|| (Ok(Bytes::from_static(&FILLER[..next])), (None, left - next as u64, flight)))
    })
}
