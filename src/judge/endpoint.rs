//! A model behind an OpenAI-compatible endpoint: one attempt at a time, the raw body kept.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use async_openai::Client;
use async_openai::traits::RequestOptionsBuilder as _;
use serde_json::value::RawValue;

use super::access::Access;
use super::body::read_reply;
use super::failure::{Unanswered, in_place_of_a_completion, not_json, sort};
use super::hints::Hints;
use super::limits::told;
use super::sent::Sent;
use super::transport::{Exchange, Transport, over_http};
use crate::ask::{Failure, Reply, Request, Told};
use crate::clock;

/// How long an endpoint may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To accept a connection.
    pub connect: Duration,
    /// To send anything more.
    pub read: Duration,
    /// For the whole answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), read: Duration::from_mins(5), total: Duration::from_mins(10) }
    }
}

/// A reply as it came.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The raw body.
    pub body: String,
    /// What it says.
    pub reply: Reply,
    /// The endpoint's own name for the exchange, to quote to its support.
    pub request_id: Option<String>,
    /// From sending to the last byte.
    pub latency: Duration,
    /// What the endpoint tells of its limits.
    pub told: Told,
}

/// A model behind an endpoint.
pub struct Endpoint {
    client: Client<Access>,
    exchange: Exchange,
    access: Access,
    model: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("access", &self.access).field("model", &self.model).finish_non_exhaustive()
    }
}

/// What a simulated endpoint answers.
#[cfg(test)]
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Endpoint {
    /// An endpoint and one of its models. `Err` says why no HTTP client can be had.
    pub fn new(access: Access, model: &str, timeouts: Timeouts) -> Result<Self, String> {
        // Installed already by an earlier endpoint: that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder();
        // A proxy of the environment is for what is far away.
        let builder = if access.is_loopback() { builder.no_proxy() } else { builder };
        let http = builder
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.read)
            .timeout(timeouts.total)
            .tcp_nodelay(true)
            // A redirect would carry the key to another host.
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(usize::MAX)
            .user_agent(concat!("tribunal/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        let client = Client::build(http.clone(), access.clone());
        Ok(Self { client, exchange: over_http(http), access, model: model.to_owned() })
    }

    /// An endpoint that is not there: `exchange` answers in its place, with status, headers and body, or with what broke.
    #[cfg(test)]
    pub(crate) fn simulated<F>(
        access: Access,
        model: &str,
        exchange: impl Fn(String) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Got, String>> + Send + 'static,
    {
        let exchange: Exchange = std::sync::Arc::new(move |request| {
            let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
            let got = exchange(String::from_utf8(body).unwrap());
            Box::pin(async move {
                let Got { status, headers, body } = got.await.map_err(|broken| {
                    async_openai::error::OpenAIError::Boxed(Box::new(std::io::Error::other(broken)))
                })?;
                let mut response = http::Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(body).unwrap().into())
            })
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::build(reqwest::Client::builder().no_proxy().build().unwrap(), access.clone());
        Self { client, exchange, access, model: model.to_owned() }
    }

    /// The base URL for people, without credentials.
    #[must_use]
    pub fn shown(&self) -> String {
        self.access.shown()
    }

    /// Whether it is on this machine or in a network of one's own, as far as its address tells.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.access.is_near()
    }

    /// The model that is asked.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Sends a request once.
    pub async fn send(&self, request: &Request, hints: Option<Hints>) -> Result<Answered, Failure> {
        let transport = Transport::new(self.exchange.clone());
        let client = self.client.clone().with_http_service(transport.clone());
        let body = Sent::new(&self.model, request);
        let started = clock::now();
        let chat = client.chat().headers(hints.map(Hints::headers).unwrap_or_default());
        let raw: Result<Box<RawValue>, _> = chat.create_byot(body).await;
        let latency = clock::now() - started;
        let body = match raw {
            Ok(raw) => self.redacted(String::from(Box::<str>::from(raw))),
            Err(error) => match sort(error, &self.access) {
                Unanswered::Filtered(body) => self.redacted(body),
                Unanswered::Failed(failure) => return Err(failure),
            },
        };
        let kept = transport.headers();
        let told = told(&kept, clock::unix_millis());
        let reply = match read_reply(&body) {
            Ok(reply) => reply,
            Err(_) if !body.trim_start().starts_with('{') => return Err(not_json(200, &body, &self.access)),
            Err(problem) => return Err(in_place_of_a_completion(&body, kept, &problem, &self.access)),
        };
        let request_id = kept.get("x-request-id").and_then(|id| id.to_str().ok());
        let request_id = request_id.map(|id| self.access.redact(id).into_owned());
        Ok(Answered { body, reply, request_id, latency, told })
    }

    /// The body as it may be kept.
    fn redacted(&self, body: String) -> String {
        match self.access.redact(&body) {
            Cow::Borrowed(_) => body,
            Cow::Owned(redacted) => redacted,
        }
    }
}
