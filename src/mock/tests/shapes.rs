//! Each fault, byte by byte, as a raw client sees it.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::{Fault, Group, Server, Stats};
use super::*;

/// A response as it came: the connection had ended when it was read.
struct Raw {
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(header, _)| *header == name).map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    fn is_whole(&self) -> bool {
        self.header("content-length") == Some(&*self.body.len().to_string())
    }
}

async fn start(faults: &str) -> Server {
    Server::start((Ipv4Addr::LOCALHOST, 0).into(), options(faults)).await.unwrap()
}

async fn connect(server: &Server, question: &str, more: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server.addr()).await.unwrap();
    let body = body(question);
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\nauthorization: Bearer sk-a-secret\r\n";
    let request = format!("{head}{more}content-length: {}\r\n\r\n{body}", body.len());
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// Asks, and reads until the server ends the connection.
async fn exchange(server: &Server, question: &str, more: &str) -> Raw {
    let mut bytes = Vec::new();
    connect(server, question, more).await.read_to_end(&mut bytes).await.unwrap();
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        assert_eq!(bytes, b"", "a part of a head");
        return Raw { head: String::new(), body: bytes };
    };
    Raw { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes[end + 4..].to_vec() }
}

async fn of(fault: &str) -> Raw {
    exchange(&start(&format!("{fault}=1")).await, "q", "connection: close\r\n").await
}

async fn stats(server: &Server) -> Value {
    let mut connection = TcpStream::connect(server.addr()).await.unwrap();
    connection.write_all(b"GET /stats HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    connection.read_to_string(&mut text).await.unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn every_error_has_its_status_and_its_words() {
    let cases = [
        ("status_408", "408", "application/json", "timed out"),
        ("status_409", "409", "application/json", "locked"),
        ("status_425", "425", "application/json", "Too early"),
        ("html_500", "500", "text/html", "<h1>500 Internal Server Error</h1>"),
        ("html_502", "502", "text/html", "<center>nginx</center>"),
        ("retry_503", "503", "application/json", "overloaded"),
        ("text_503", "503", "text/plain", "upstream connect error"),
        ("status_504", "504", "application/json", "upstream"),
        ("overloaded_529", "529", "application/json", r#"{"type":"error","error":{"type":"overloaded_error""#),
        ("error_in_200", "200", "application/json", r#"{"error":{"message":"Provider returned error","code":502,"#),
        ("integer_502", "502", "application/json", r#""code":502,"#),
        ("flat_500", "500", "application/json", r#"{"object":"error","message":"EngineCore"#),
        ("empty", "200", "application/json", ""),
        ("html_200", "200", "text/html", "<title>Welcome</title>"),
        ("bad_request", "400", "application/json", r#""param":null,"code":400}"#),
        ("too_long", "400", "application/json", r#""code":"context_length_exceeded""#),
        ("too_large", "413", "application/json", "too large"),
        ("unprocessable", "422", "application/json", "could not be processed"),
        ("filter_400", "400", "application/json", r#""code":"ResponsibleAIPolicyViolation""#),
        ("concurrency", "429", "application/json", "Too many concurrent requests"),
        ("reset_openrouter", "429", "application/json", r#""X-RateLimit-Remaining":"0""#),
    ];
    for (fault, status, content_type, part) in cases {
        let raw = of(fault).await;
        assert_eq!((raw.status(), raw.header("content-type")), (status, Some(content_type)), "{fault}");
        assert!(raw.text().contains(part) && raw.is_whole(), "{fault}: {}", raw.text());
    }
    assert_eq!(of("retry_503").await.header("retry-after"), Some("1"));
    assert_eq!(of("empty").await.body, b"");
}

#[tokio::test]
async fn every_throttle_says_when_in_a_header_that_arrives() {
    for fault in Fault::all().filter(|fault| fault.group() == Group::Throttles) {
        let spec = format!("{}=1,wait_ms=30000", fault.name());
        let raw = exchange(&start(&spec).await, "q", "connection: close\r\n").await;
        let outcome = ask(&adversary(&spec), "q", NOW);
        assert_eq!(raw.status(), "429", "{fault:?}");
        for (name, value) in outcome.headers {
            let came = raw.header(name).unwrap_or_else(|| panic!("{fault:?}: no {name}"));
            // Moments differ by the clock.
            assert!(came == value || came.len() == value.len(), "{fault:?}: {name}: {came}");
        }
    }
}

#[tokio::test]
async fn a_closed_connection_brings_not_one_byte() {
    let server = start("closed=1").await;
    assert_eq!(exchange(&server, "q", "").await.head, "");
    assert_eq!(server.stats().statuses.get("closed"), Some(&1));
}

#[tokio::test]
async fn a_cut_response_announces_the_whole_and_brings_a_part() {
    let server = start("cut=1").await;
    let raw = exchange(&server, "q", "").await;
    let announced: usize = raw.header("content-length").unwrap().parse().unwrap();
    assert_eq!((raw.status(), raw.body.len()), ("200", announced / 2));
    assert!(raw.text().starts_with(r#"{"id":"chatcmpl-mock-"#), "{}", raw.text());
}

#[tokio::test]
async fn a_client_of_http_sees_broken_connections_as_errors() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for fault in ["closed", "cut", "headers"] {
        let server = start(&format!("{fault}=1")).await;
        let url = format!("{}/chat/completions", server.base_url());
        let came = match client.post(url).body(body("q")).send().await {
            Ok(response) => response.text().await,
            Err(error) => Err(error),
        };
        assert!(came.is_err(), "{fault}: {came:?}");
    }
}

#[tokio::test]
async fn truncated_json_is_well_framed() {
    let raw = of("truncated").await;
    assert!(raw.is_whole() && raw.text().starts_with(r#"{"id":"chatcmpl-mock-"#), "{}", raw.text());
    assert!(serde_json::from_str::<Value>(raw.text()).unwrap_err().is_eof());
}

#[tokio::test]
async fn a_dripping_reply_is_whole_in_the_end() {
    let server = start("drip=1,drip_ms=1").await;
    let raw = exchange(&server, "q", "connection: close\r\n").await;
    assert!(raw.is_whole());
    let without = content(&ask(&adversary(""), "q", NOW));
    assert_eq!(message(raw.text())["content"], *without);
    assert_eq!(server.stats().answered, 1);
}

#[tokio::test]
async fn a_redirect_points_to_the_other_host() {
    let server = start("redirect=1,redirect_to=http://127.0.0.1:1/v1/").await;
    let raw = exchange(&server, "q", "connection: close\r\n").await;
    let to = raw.header("location");
    assert_eq!((raw.status(), to), ("307", Some("http://127.0.0.1:1/v1/chat/completions")));
}

#[tokio::test]
async fn too_many_headers_are_a_thousand_lines() {
    let raw = of("headers").await;
    assert_eq!(raw.head.lines().filter(|line| *line == "x-filler: mock").count(), 1000);
}

#[tokio::test]
async fn a_huge_body_goes_on_until_the_client_has_enough() {
    let server = start("huge=1").await;
    let mut connection = connect(&server, "q", "").await;
    let mut much = vec![0; 32 << 20];
    connection.read_exact(&mut much).await.unwrap();
    drop(connection);
    let start = String::from_utf8_lossy(&much[..400]);
    assert!(start.contains("transfer-encoding: chunked") && start.contains(r#""content":""#), "{start}");
    assert_eq!(server.stats().answered, 0);
}

#[tokio::test]
async fn an_error_that_quotes_the_key_quotes_the_one_that_came() {
    let raw = of("quotes_key").await;
    assert!(matches!(raw.status(), "400" | "500") && raw.text().contains("Bearer sk-a-secret"), "{}", raw.text());
}

#[tokio::test]
async fn the_numbers_are_served_without_a_key() -> io::Result<()> {
    let mut options = options("retry_after=1");
    options.api_key = Some("right".to_owned());
    let server = Server::start((Ipv4Addr::LOCALHOST, 0).into(), options).await?;
    let none = serde_json::to_value(Stats::default()).unwrap();
    assert_eq!(stats(&server).await, none);
    assert_eq!(exchange(&server, "q", "connection: close\r\n").await.status(), "401");
    let after = stats(&server).await;
    assert_eq!((&after["received"], &after["statuses"]["401"]), (&1.into(), &1.into()));
    assert_eq!(after, serde_json::to_value(server.stats()).unwrap());
    Ok(())
}
