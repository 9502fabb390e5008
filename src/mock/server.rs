//! The simulated judge over HTTP, as OpenAI's chat completions.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::adversary::{Adversary, ServerOptions};
use super::send::send;
use super::stats::Stats;
use super::wire::{ModelList, Refusal};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 32 << 20;

/// A running server. When dropped it takes no more connections, closes those at rest, and finishes the answers under way.
pub struct Server {
    addr: SocketAddr,
    adversary: Arc<Adversary>,
    /// Its end is the signal to stop.
    _running: oneshot::Sender<()>,
}

impl Server {
    /// Listens (port 0: any free port) and serves on the current tokio runtime.
    pub async fn start(listen: SocketAddr, options: ServerOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let addr = listener.local_addr()?;
        let adversary = Arc::new(Adversary::started_at(options, epoch_millis()));
        let (running, stopped) = oneshot::channel();
        serve(listener, router(Arc::clone(&adversary)), stopped);
        Ok(Self { addr, adversary, _running: running })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What a client on this machine is given as base URL, such as `http://127.0.0.1:8080/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        let mut addr = self.addr;
        match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{addr}/v1")
    }

    /// What it has seen and done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.adversary.stats()
    }

    /// Serves until the future ends, then stops.
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
    }
}

#[allow(clippy::disallowed_methods, reason = "the server outlives the call that starts it, and ends with its `Server`")]
fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    // With Nagle's algorithm a small response can wait 40 ms. A socket that refuses is slower, not wrong.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let stop = async { drop(stopped.await) };
    tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stop).into_future());
}

fn router(adversary: Arc<Adversary>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/stats", get(stats))
        .fallback(|method: Method, path: Uri| async move { Refusal::unknown_path(&method, &path) })
        .method_not_allowed_fallback(|method: Method, path: Uri| async move { Refusal::wrong_method(&method, &path) })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(adversary)
}

async fn chat(
    State(adversary): State<Arc<Adversary>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let flight = adversary.enter();
    let outcome = match body {
        Ok(body) => adversary.respond(&body, &headers, epoch_millis()),
        Err(rejection) => adversary.turn_away(&rejection.into()),
    };
    if !outcome.delay.is_zero() {
        tokio::time::sleep(outcome.delay).await;
    }
    send(outcome, flight)
}

async fn models(State(adversary): State<Arc<Adversary>>, headers: HeaderMap) -> Result<Response, Refusal> {
    adversary.check_key(&headers)?;
    // Any name will do, and a client that picks from the list needs one.
    let models = &adversary.options().models;
    let any = models.is_empty().then_some("mock");
    let ids = models.iter().map(String::as_str).chain(any);
    Ok(Json(ModelList::new(ids, epoch_millis() / 1000)).into_response())
}

async fn stats(State(adversary): State<Arc<Adversary>>) -> Json<Stats> {
    Json(adversary.stats())
}

#[allow(clippy::disallowed_methods, reason = "responses say when they were made, throttles until when they hold")]
fn epoch_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use reqwest::header::CONTENT_TYPE;
    use reqwest::{Client, RequestBuilder, StatusCode};
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::super::hints::{GOLD_HEADER, SAMPLE_HEADER};
    use super::*;

    const GOOD: &str = r#"{"model":"m","messages":[{"role":"user","content":"Which is better?"}],"max_tokens":16}"#;

    async fn start(options: ServerOptions) -> (Server, Client) {
        rustls::crypto::ring::default_provider().install_default().ok();
        let server = Server::start((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
        (server, Client::builder().no_proxy().build().unwrap())
    }

    fn with(parameters: &str) -> ServerOptions {
        ServerOptions { parameters: parameters.parse().unwrap(), ..ServerOptions::default() }
    }

    fn post(client: &Client, server: &Server, body: impl Into<reqwest::Body>) -> RequestBuilder {
        client
            .post(format!("{}/chat/completions", server.base_url()))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
    }

    async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn refused(request: RequestBuilder, status: u16, code: Value) -> String {
        let (got, body) = answer(request).await;
        assert_eq!(got, status, "{body}");
        let error = body["error"].as_object().unwrap();
        assert_eq!(error.keys().collect::<Vec<_>>(), ["message", "type", "param", "code"]);
        assert_eq!((&error["type"], &error["code"]), (&json!("invalid_request_error"), &code));
        error["message"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_good_request_is_answered_in_the_shape_of_openai() {
        let (server, client) = start(with("accuracy=1")).await;
        let request = post(&client, &server, GOOD).header(GOLD_HEADER, "B").header(SAMPLE_HEADER, "2");
        let (status, mut body) = answer(request).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body["created"].take().as_u64().unwrap() > 1_600_000_000);
        let id = body["id"].take().as_str().unwrap().strip_prefix("chatcmpl-mock-").unwrap().to_owned();
        assert!(id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit()), "{id}");
        let expected = json!({
            "id": null, "object": "chat.completion", "created": null, "model": "m",
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": "[[B]]", "refusal": null},
                "logprobs": null,
                "finish_reason": "stop",
            }],
            "usage": {"prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13},
            "system_fingerprint": "mock-v1",
        });
        assert_eq!(body, expected);
        assert_eq!((server.stats().received, server.stats().answered), (1, 1));
    }

    #[tokio::test]
    async fn a_wrong_or_missing_key_is_refused_and_not_repeated() {
        let options = ServerOptions { api_key: Some("right-key".to_owned()), ..ServerOptions::default() };
        let (server, client) = start(options).await;
        refused(post(&client, &server, GOOD), 401, json!("invalid_api_key")).await;
        let message = refused(post(&client, &server, GOOD).bearer_auth("mine"), 401, json!("invalid_api_key")).await;
        assert!(!message.contains("right-key") && !message.contains("mine"), "{message}");
        assert_eq!((server.stats().received, server.stats().answered), (2, 0));
        assert_eq!(answer(post(&client, &server, GOOD).bearer_auth("right-key")).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn only_the_listed_models_exist() {
        let models = vec!["one".to_owned(), "two".to_owned()];
        let (server, client) = start(ServerOptions { models, ..ServerOptions::default() }).await;
        let message = refused(post(&client, &server, GOOD), 404, json!("model_not_found")).await;
        assert!(message.contains("`m`"), "{message}");
        let (_, list) = answer(client.get(format!("{}/models", server.base_url()))).await;
        assert_eq!((&list["object"], &list["data"][0]["object"]), (&json!("list"), &json!("model")));
        assert_eq!((&list["data"][0]["id"], &list["data"][1]["id"]), (&json!("one"), &json!("two")));
    }

    #[tokio::test]
    async fn what_is_no_chat_request_is_refused_with_the_reason() {
        let (server, client) = start(ServerOptions::default()).await;
        let message = refused(post(&client, &server, r#"{"model":"#), 400, Value::Null).await;
        assert!(message.contains("EOF"), "{message}");
        refused(post(&client, &server, r#"{"model":"m","messages":[]}"#), 400, json!("empty_array")).await;
        refused(post(&client, &server, r#"{"messages":[]}"#), 400, Value::Null).await;
        refused(post(&client, &server, GOOD).header(GOLD_HEADER, "Z"), 400, Value::Null).await;
        refused(client.get(format!("{}/chat/completions", server.base_url())), 405, json!("method_not_supported"))
            .await;
        refused(client.post(format!("{}/embeddings", server.base_url())), 404, Value::Null).await;
    }

    #[tokio::test]
    async fn a_long_prompt_is_no_obstacle() {
        let (server, client) = start(ServerOptions::default()).await;
        let body = GOOD.replace("Which", &"x".repeat(4 << 20));
        assert_eq!(answer(post(&client, &server, body)).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_dropped_server_closes_connections_at_rest() {
        let server = start(ServerOptions::default()).await.0;
        let mut connection = TcpStream::connect(server.addr()).await.unwrap();
        connection.write_all(b"GET /v1/models HTTP/1.1\r\nhost: mock\r\n\r\n").await.unwrap();
        assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
        server.serve_until(async {}).await;
        connection.read_to_end(&mut Vec::new()).await.unwrap();
    }
}
