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

/// Sends each request once. Every call of the client has a clone with a slot of its own, in which the headers of a
/// successful answer are left: the client itself drops them.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    headers: Arc<Mutex<HeaderMap>>,
}

impl Transport {
    pub(super) fn new(http: reqwest::Client) -> Self {
        Self { http, headers: Arc::default() }
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
        let Self { http, headers } = self.clone();
        Box::pin(async move {
            let mut response = http.execute(factory.build().await?).await?;
            let kept = std::mem::take(response.headers_mut());
            if response.status().is_success() {
                *headers.lock().unwrap_or_else(PoisonError::into_inner) = kept;
                return Ok(response);
            }
            let status = response.status().as_u16();
            let body = response.text().await.unwrap_or_default();
            Err(OpenAIError::Boxed(Box::new(HttpError { status, headers: kept, body })))
        })
    }
}
