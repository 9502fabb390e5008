//! Where an endpoint is and how to be let in: base URL, key, headers. Keys are never shown.

use async_openai::config::Config;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// A base URL with its key and headers, checked.
#[derive(Clone, Debug)]
pub struct Access {
    url: Url,
    base: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    key: SecretString,
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
        let mut url = Url::parse(base_url).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("it begins with neither http:// nor https://"));
        }
        if url.host_str().is_none() {
            return Err(wrong("it names no host"));
        }
        let query = url.query_pairs().into_owned().collect();
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
        Ok(Self { url, base, query, headers: map, key: key.to_owned().into() })
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

    /// The text without any secret that is sent to this endpoint: what an endpoint or a judge quotes must not leak.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let values = self.headers.values().filter_map(|value| value.to_str().ok());
        let query = self.query.iter().map(|(_, value)| value.as_str());
        let secrets = values.chain([self.key.expose_secret()]).chain(self.url.password()).chain(query);
        for secret in secrets.filter(|secret| secret.len() >= 4) {
            text = text.replace(secret, "[secret]");
        }
        text
    }
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A URL for people: what stands before an `@` in its authority, and its query, are left out.
fn hide_credentials(url: &str) -> String {
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
        assert!(!format!("{access:?}").contains("sk-secret"));
    }

    #[test]
    fn what_is_no_base_url_is_told_so() {
        for url in ["localhost:8000/v1", "ftp://host/v1", "v1", ""] {
            assert!(matches!(Access::new(url, None, &[]), Err(AccessError::Url { .. })), "{url}");
        }
    }
}
