//! The HTTP transport under the API client: one attempt, nothing retried, and an answer that is no success kept whole.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use tower::Service;

/// An answer that is no success.
#[derive(Debug, thiserror::Error)]
#[error("HTTP status {status}")]
pub(super) struct HttpError {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// The longest body that is taken, in bytes, decompressed: far above every judge's reply, far below what would hurt.
const LONGEST: usize = 16 << 20;

/// A body that is longer than that.
#[derive(Debug, thiserror::Error)]
#[error("the answer is longer than {} MB", LONGEST >> 20)]
pub(super) struct TooLong;

/// How a request gets to its endpoint, and what comes back: over HTTP, or in tests without it.
pub(super) type Exchange =
    Arc<dyn Fn(reqwest::Request) -> BoxFuture<'static, Result<reqwest::Response, OpenAIError>> + Send + Sync>;

/// The exchange over HTTP.
pub(super) fn over_http(client: reqwest::Client) -> Exchange {
    Arc::new(move |request| {
        let client = client.clone();
        Box::pin(async move { Ok(client.execute(request).await?) })
    })
}

/// Sends each request once. Every call of the client has a clone with a slot of its own, in which the headers of a
/// successful answer are left: the client itself drops them.
#[derive(Clone)]
pub(super) struct Transport {
    exchange: Exchange,
    headers: Arc<Mutex<HeaderMap>>,
}

impl Transport {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self { exchange, headers: Arc::default() }
    }

    /// The headers of the successful answer, once there is one.
    pub(super) fn headers(&self) -> HeaderMap {
        std::mem::take(&mut self.headers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service<HttpRequestFactory> for Transport {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<reqwest::Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let Self { exchange, headers } = self.clone();
        Box::pin(async move {
            let mut response = exchange(factory.build().await?).await?;
            let kept = std::mem::take(response.headers_mut());
            let status = response.status();
            let body = whole(&mut response).await;
            if status.is_success() {
                *headers.lock().unwrap_or_else(PoisonError::into_inner) = kept;
                return Ok(http::Response::new(body?).into());
            }
            // Of an answer that is an error the status says enough.
            let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
            Err(OpenAIError::Boxed(Box::new(HttpError { status: status.as_u16(), headers: kept, body })))
        })
    }
}

async fn whole(response: &mut reqwest::Response) -> Result<Vec<u8>, OpenAIError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(OpenAIError::Boxed(Box::new(TooLong)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
