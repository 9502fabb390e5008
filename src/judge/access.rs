//! Where an endpoint is and how to be let in: base URL, key, headers. Keys are never shown.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_openai::config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Secrets that are shorter are not looked for in what comes back.
const SHORT: usize = 8;
/// The value of a header or parameter that is as long is taken for a secret, whatever its name.
const LONG: usize = 20;

/// A base URL with its key and headers, checked.
#[derive(Clone)]
pub struct Access {
    url: Url,
    base: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    key: SecretString,
    /// Everything that is sent to be let in, in the forms in which it might come back.
    secrets: Arc<[SecretString]>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("base", &self.shown()).finish_non_exhaustive()
    }
}

/// An endpoint that cannot be addressed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The base URL is none.
    #[error("base URL {shown:?}: {problem}; expected one such as https://api.openai.com/v1")]
    Url {
        /// The URL as given.
        shown: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The key cannot be sent.
    #[error("the key holds characters that no HTTP header can carry (a line break in the middle?)")]
    Key,
    /// A header cannot be sent.
    #[error("header {0:?} has a name or value that HTTP does not allow")]
    Header(String),
}

impl Access {
    /// Checks what was configured. White space around the key is dropped; an empty key is none.
    pub fn new(
        base_url: &str,
        key: Option<&SecretString>,
        headers: &[(String, SecretString)],
    ) -> Result<Self, AccessError> {
        let wrong = |problem: &str| AccessError::Url { shown: hide_credentials(base_url), problem: problem.to_owned() };
        let mut url = Url::parse(base_url).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => wrong("it begins with neither http:// nor https://"),
            error => wrong(&error.to_string()),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it begins with neither http:// nor https://"));
        }
        if url.host_str().is_none() {
            return Err(wrong("it names no host"));
        }
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        url.set_query(None);
        url.set_fragment(None);
        let base = url.as_str().trim_end_matches('/').to_owned();
        let key = key.map_or("", |key| key.expose_secret().trim());
        let mut map = HeaderMap::new();
        if !key.is_empty() {
            map.insert(AUTHORIZATION, sensitive(&format!("Bearer {key}")).ok_or(AccessError::Key)?);
        }
        for (name, value) in headers {
            let wrong = || AccessError::Header(name.clone());
            let parsed = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
            map.insert(parsed, sensitive(value.expose_secret().trim()).ok_or_else(wrong)?);
        }
        let secrets = secrets(&url, &query, key, headers);
        Ok(Self { url, base, query, headers: map, key: key.to_owned().into(), secrets })
    }

    /// The base URL for people: without credentials and query.
    #[must_use]
    pub fn shown(&self) -> String {
        hide_credentials(&self.base)
    }

    /// The host and path of the base URL: without scheme, port, credentials and query.
    #[must_use]
    pub fn host_and_path(&self) -> String {
        format!("{}{}", self.url.host_str().unwrap_or_default(), self.url.path().trim_end_matches('/'))
    }

    /// Whether both have the same base URL, port and query included; credentials may differ.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        hide_credentials(&self.base) == hide_credentials(&other.base) && self.query == other.query
    }

    /// Whether secrets go over plain http to another machine.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let secret_header = self.headers.keys().any(|name| is_secret_name(name.as_str()));
        let has_secret = secret_header || self.url.password().is_some() || !self.key.expose_secret().is_empty();
        self.url.scheme() == "http" && !self.is_loopback() && has_secret
    }

    /// Whether the endpoint is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    /// The host of the base URL.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether the endpoint is on this machine or in a network of one's own, as far as its address tells.
    pub(super) fn is_near(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
            Some(Host::Ipv6(address)) => {
                address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
            }
            Some(Host::Domain(name)) => {
                let own = [".localhost", ".local", ".internal", ".lan"];
                !name.contains('.') || own.iter().any(|ending| name.ends_with(ending))
            }
            None => false,
        }
    }

    /// The text without any secret that is sent to this endpoint: what an endpoint or a judge quotes must not leak.
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.secrets.iter().map(ExposeSecret::expose_secret) {
            if text.contains(secret) {
                text = Cow::Owned(text.replace(secret, "[secret]"));
            }
        }
        text
    }
}

/// What is sent to be let in, as it is and in the forms in which it might be quoted: percent-decoded, in base64, as user and
/// password of basic authorization. What is short is left out: a local server's key is often `EMPTY` or `none`, and a reply that uses the
/// word must stay as it is.
fn secrets(
    url: &Url,
    query: &[(String, String)],
    key: &str,
    headers: &[(String, SecretString)],
) -> Arc<[SecretString]> {
    let decoded = |text: &str| -> String {
        url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes()).map(|(name, _)| name).collect()
    };
    let user = decoded(url.username());
    let mut known = vec![key.to_owned()];
    if let Some(password) = url.password() {
        known.extend([password.to_owned(), decoded(password), BASE64.encode(format!("{user}:{}", decoded(password)))]);
    }
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret().trim()));
    for (name, value) in headers.chain(query.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
        if is_secret_name(name) || value.len() >= LONG {
            known.push(value.to_owned());
            known.extend(value.split_once(' ').map(|(_, token)| token.to_owned()));
        }
    }
    known.retain(|secret| secret.len() >= SHORT);
    let encoded: Vec<String> =
        known.iter().map(|secret| BASE64.encode(secret).trim_end_matches('=').to_owned()).collect();
    known.extend(encoded);
    // A secret may hold another: the longest goes first.
    known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    known.dedup();
    known.into_iter().map(SecretString::from).collect()
}

/// Whether a header, parameter or field of this name is likely to hold a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    let whole = ["key", "code", "sig", "token", "auth", "cookie"];
    let parts = [
        "apikey",
        "accesskey",
        "secret",
        "password",
        "passwd",
        "accesstoken",
        "authtoken",
        "authorization",
        "signature",
    ];
    whole.contains(&name.as_str()) || parts.iter().any(|part| name.contains(part))
}

/// Whether a text that stands where the name of a variable belongs is likely to be a key. Names in capitals with underscores may be
/// as long as they like.
#[must_use]
pub fn looks_like_a_key(text: &str) -> bool {
    let text = text.trim();
    let capitals = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let shouted = text.contains('_') && text.chars().all(capitals);
    let long = text.chars().count() > 24 && text.contains(|letter: char| letter.is_ascii_digit());
    text.starts_with("sk-") || (long && !shouted)
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A URL, or a text that ends in one, for people: what stands before an `@` in its authority, and its query, are left out.
#[must_use]
pub fn hide_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

impl Config for Access {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.query.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(url: &str) -> Access {
        Access::new(url, Some(&" sk-secret\n".to_owned().into()), &[]).unwrap()
    }

    #[test]
    fn the_identity_knows_neither_port_nor_credentials() {
        for url in
            ["https://api.example.org/v1", "http://user:pw@api.example.org:8080/v1/", "https://api.example.org/v1?k=1"]
        {
            assert_eq!(access(url).host_and_path(), "api.example.org/v1");
        }
    }

    #[test]
    fn a_key_with_a_line_break_at_its_end_is_trimmed() {
        assert_eq!(access("http://h/v1").headers[AUTHORIZATION], "Bearer sk-secret");
    }

    #[test]
    fn no_secret_is_shown() {
        let access = access("http://user:hunter22@host:1/v1?api-key=abc");
        assert_eq!(access.shown(), "http://host:1/v1");
        assert_eq!(access.redact("key sk-secret, pass hunter22"), "key [secret], pass [secret]");
        // In base64: the key, and user and password as basic authorization.
        assert_eq!(access.redact("c2stc2VjcmV0 Basic dXNlcjpodW50ZXIyMg=="), "[secret] Basic [secret]");
        let headers = [
            ("Proxy-Authorization", "Token p\u{e4}sswort"),
            ("x-title", "judgement"),
            ("x-team", "0123456789abcdef0123"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned().into()));
        let access = Access::new("https://h/v1?api-key=abcdefgh&api-version=2026-01-01", None, &headers).unwrap();
        assert_eq!(access.redact("abcdefgh p\u{e4}sswort 0123456789abcdef0123"), "[secret] [secret] [secret]");
        assert_eq!(access.redact("2026-01-01 judgement"), "2026-01-01 judgement");
        assert!(!format!("{access:?}").contains("sk-secret"));
    }

    #[test]
    fn a_key_over_plain_http_is_exposed_unless_it_stays_on_this_machine() {
        for (url, exposed) in [
            ("http://api.example.org/v1", true),
            ("http://10.0.0.7:8000/v1", true),
            ("http://localhost.example.org/v1", true),
            ("https://api.example.org/v1", false),
            ("http://localhost:8000/v1", false),
            ("http://127.0.0.2/v1", false),
            ("http://[::1]:8000/v1", false),
        ] {
            assert_eq!(access(url).is_exposed(), exposed, "{url}");
        }
        assert!(!Access::new("http://10.0.0.7/v1", None, &[]).unwrap().is_exposed());
        assert!(Access::new("http://me:password@10.0.0.7/v1", None, &[]).unwrap().is_exposed());
    }

    #[test]
    fn what_is_no_base_url_is_told_so() {
        for url in ["localhost:8000/v1", "ftp://host/v1", "v1", ""] {
            assert!(matches!(Access::new(url, None, &[]), Err(AccessError::Url { .. })), "{url}");
        }
    }
}
