//! Who may ask, and what a page may do: requests that another page had a browser send are refused, and pages run nothing but their own script.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// A page runs and shows what this server gives it, and nothing else: no text in it can fetch, run, post or be framed.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Turns away what was not meant for this server, and tells browsers what its pages may do.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match refusal(request.headers()) {
        Some(problem) => (StatusCode::FORBIDDEN, format!("{problem}\n")).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is refused. A page elsewhere can have its name lead to this machine, and can have a browser send requests here; the
/// headers Host and Origin tell both, and those of what browsers call Fetch Metadata. The port is left to the person: a tunnel may have another.
fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let Some(host) = text(HOST) else { return Some("no Host header: open the address that tribunal view printed") };
    if !is_local(host) {
        return Some("this Host is none of this server's: open the address that tribunal view printed");
    }
    // Pictures and the like that another page asks for come without an Origin; a link that somebody follows is their own wish.
    let fetched = |name: &'static str| text(HeaderName::from_static(name));
    let is_link = fetched("sec-fetch-mode") == Some("navigate") && fetched("sec-fetch-dest") == Some("document");
    if fetched("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") && !is_link {
        return Some("another page asks: open the address that tribunal view printed");
    }
    match text(ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Some("this Origin is another page: open the address that tribunal view printed")
        }
        _ => None,
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(host: Option<&'static str>, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        host.map(|host| headers.insert(HOST, HeaderValue::from_static(host)));
        origin.map(|origin| headers.insert(ORIGIN, HeaderValue::from_static(origin)));
        refusal(&headers).is_some()
    }

    #[test]
    fn this_machine_may_ask_and_nobody_else() {
        for host in ["127.0.0.1:8642", "localhost:1", "localhost", "[::1]:8642"] {
            assert!(!is_refused(Some(host), None), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8642",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "localhost:evil",
            "",
            "evil.example@localhost",
        ] {
            assert!(is_refused(Some(host), None), "{host}");
        }
        assert!(is_refused(None, None));
        let fetched = |[site, mode, dest]: [&'static str; 3]| {
            let told =
                [("host", "localhost"), ("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            let headers = told.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            refusal(&headers.into_iter().collect()).is_some()
        };
        for ours in
            [["same-origin", "cors", "empty"], ["none", "navigate", "document"], ["cross-site", "navigate", "document"]]
        {
            assert!(!fetched(ours), "{ours:?}");
        }
        for other in
            [["cross-site", "no-cors", "image"], ["same-site", "cors", "empty"], ["cross-site", "navigate", "iframe"]]
        {
            assert!(fetched(other), "{other:?}");
        }
        assert!(!is_refused(Some("localhost:1"), Some("http://localhost:1")));
        for origin in ["http://evil.example", "null", "http://localhost:2", "https://localhost:1", "http://127.0.0.1:1"]
        {
            assert!(is_refused(Some("localhost:1"), Some(origin)), "{origin}");
        }
    }
}
