//! Hashes over lists of fields, each with its length before it, so that no two lists run together.
//! Keys, hashes of texts and every seeded random draw come from here.

use std::fmt;

use serde::{Serialize, Serializer};

/// A 32-byte BLAKE3 hash, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The lowest bit of the first byte: a fair coin.
    #[must_use]
    pub fn bit(&self) -> bool {
        self.0[0] & 1 == 1
    }

    /// A uniform number in [0, 1) from the first 53 bits.
    #[must_use]
    pub fn unit(&self) -> f64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        (u64::from_le_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The first `digits` hexadecimal digits, for names that people read.
    #[must_use]
    pub fn short(&self, digits: usize) -> String {
        let mut hex = self.to_string();
        hex.truncate(digits);
        hex
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A list of fields being hashed. `new` takes the purpose and version of the list, which keeps the
/// streams of different purposes apart.
#[derive(Clone)]
pub struct Fields(blake3::Hasher);

impl Fields {
    /// Starts a list for one purpose, such as `tribunal order v1`.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        Self(blake3::Hasher::new()).text(purpose)
    }

    /// Adds a field of bytes.
    #[must_use]
    pub fn bytes(mut self, field: &[u8]) -> Self {
        self.0.update(&(field.len() as u64).to_le_bytes());
        self.0.update(field);
        self
    }

    /// Adds a field of text.
    #[must_use]
    pub fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }

    /// Adds a whole number.
    #[must_use]
    pub fn number(self, field: u64) -> Self {
        self.bytes(&field.to_le_bytes())
    }

    /// Adds a field that may be absent; absent differs from every present value.
    #[must_use]
    pub fn optional(self, field: Option<&[u8]>) -> Self {
        match field {
            Some(bytes) => self.number(1).bytes(bytes),
            None => self.number(0),
        }
    }

    /// Adds a JSON value: keys in sorted order, every value with its type, numbers as written.
    #[must_use]
    pub fn json(self, value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => self.text("null"),
            Value::Bool(true) => self.text("true"),
            Value::Bool(false) => self.text("false"),
            Value::Number(number) => self.text("number").text(&number.to_string()),
            Value::String(text) => self.text("string").text(text),
            Value::Array(values) => {
                let list = self.text("array").number(values.len() as u64);
                values.iter().fold(list, Self::json)
            }
            Value::Object(map) => self.text("object").object(map),
        }
    }

    /// Adds a JSON object, its keys in sorted order.
    #[must_use]
    pub fn object(self, map: &serde_json::Map<String, serde_json::Value>) -> Self {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        let list = self.number(entries.len() as u64);
        entries.into_iter().fold(list, |list, (key, value)| list.text(key).json(value))
    }

    /// The hash of the whole list.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_together() {
        let one = Fields::new("t").text("ab").text("c").finish();
        let other = Fields::new("t").text("a").text("bc").finish();
        assert_ne!(one, other);
    }

    #[test]
    fn an_absent_field_differs_from_an_empty_one() {
        let absent = Fields::new("t").optional(None).finish();
        let empty = Fields::new("t").optional(Some(b"")).finish();
        assert_ne!(absent, empty);
    }

    #[test]
    fn json_is_hashed_by_value_not_by_the_order_of_its_keys() {
        let hash = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            Fields::new("t").json(&value).finish()
        };
        assert_eq!(hash(r#"{"a": 1, "b": [true]}"#), hash(r#"{"b": [true], "a": 1}"#));
        assert_ne!(hash(r#"{"a": 1}"#), hash(r#"{"a": 1.0}"#));
        assert_ne!(hash("9007199254740993"), hash("9007199254740992"));
    }

    #[test]
    fn draws_are_uniform_enough() {
        let n = 10_000;
        let mean = (0..n).map(|i| Fields::new("uniform").number(i).finish().unit()).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.015, "{mean}");
    }
}
