//! The input of a request in one flat form, whatever protocol it came in: `key` or `key.1` for
//! lists, as the query protocols write them.

use std::collections::BTreeMap;

use minicbor::data::Type;
use serde_json::Value;

/// Nested input deeper than this is refused: no operation here needs more than four levels.
const MAX_DEPTH: usize = 16;

/// Flat input of one request.
#[derive(Debug, Clone, Default)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// From `application/x-www-form-urlencoded` or the query part of a URI.
    pub fn from_form(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Params(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decoded(key), percent_decoded(value))
                })
                .collect(),
        )
    }

    /// From a JSON body; `None` where it is not an object or nested too deep.
    pub fn from_json(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        value.is_object().then_some(())?;
        let mut params = Params::default();
        params.add_json("", &value, 0)?;
        Some(params)
    }

    /// From a CBOR body; `None` where it is not a map of known types.
    pub fn from_cbor(body: &[u8]) -> Option<Self> {
        let mut params = Params::default();
        let mut decoder = minicbor::Decoder::new(body);
        params.add_cbor("", &mut decoder, 0)?;
        (decoder.position() == body.len()).then_some(params)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The items of a list: `key.1`, `key.2`, … or `key.member.1`, ….
    pub fn list(&self, key: &str) -> Vec<&str> {
        let nth = |n: usize| {
            self.get(&format!("{key}.{n}")).or_else(|| self.get(&format!("{key}.member.{n}")))
        };
        (1..).map_while(nth).collect()
    }

    /// Whether any key begins so.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.0.range(prefix.to_owned()..).next().is_some_and(|(key, _)| key.starts_with(prefix))
    }

    /// Whether the key is there, with or without a value.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Sets a value.
    pub fn set(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), value.to_owned());
    }

    fn add_json(&mut self, at: &str, value: &Value, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match value {
            Value::Null => {}
            Value::Bool(flag) => self.set(at, &flag.to_string()),
            Value::Number(number) => self.set(at, &number.to_string()),
            Value::String(text) => self.set(at, text),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add_json(&below(at, &(index + 1).to_string()), item, depth + 1)?;
                }
            }
            Value::Object(map) => {
                for (key, item) in map {
                    self.add_json(&below(at, key), item, depth + 1)?;
                }
            }
        }
        Some(())
    }

    fn add_cbor(
        &mut self,
        at: &str,
        decoder: &mut minicbor::Decoder<'_>,
        depth: usize,
    ) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match decoder.datatype().ok()? {
            Type::Map | Type::MapIndef => {
                let mut left = decoder.map().ok()?;
                while more(&mut left, decoder)? {
                    let key = decoder.str().ok()?;
                    self.add_cbor(&below(at, key), decoder, depth + 1)?;
                }
            }
            Type::Array | Type::ArrayIndef => {
                let mut left = decoder.array().ok()?;
                let mut index = 0_usize;
                while more(&mut left, decoder)? {
                    index += 1;
                    self.add_cbor(&below(at, &index.to_string()), decoder, depth + 1)?;
                }
            }
            Type::String => self.set(at, decoder.str().ok()?),
            Type::Bool => self.set(at, &decoder.bool().ok()?.to_string()),
            Type::Null | Type::Undefined => decoder.skip().ok()?,
            _ => self.set(at, &decoder.int().ok()?.to_string()),
        }
        Some(())
    }
}

/// Whether another entry follows; takes the break byte of an indefinite list.
fn more(left: &mut Option<u64>, decoder: &mut minicbor::Decoder<'_>) -> Option<bool> {
    match left {
        Some(0) => Some(false),
        Some(count) => {
            *count -= 1;
            Some(true)
        }
        None if decoder.datatype().ok()? == Type::Break => {
            decoder.skip().ok()?;
            Some(false)
        }
        None => Some(true),
    }
}

fn below(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// Decodes `%41` and `+`; what is not a valid escape stays as it is, and bytes that are no UTF-8
/// become the replacement character.
pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, hex_pair(tail)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(*other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let pair = std::str::from_utf8(bytes.get(..2)?).ok()?;
    u8::from_str_radix(pair, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_values_and_lists() {
        let params = Params::from_form("Action=X&Filter.member.1=User&Filter.member.2=a%2Fb+c");
        assert_eq!(params.get("Action"), Some("X"));
        assert_eq!(params.list("Filter"), ["User", "a/b c"]);
    }

    #[test]
    fn json_is_flattened_and_bounded_in_depth() {
        let params = Params::from_json(br#"{"a":[1,"b"],"c":{"d":true}}"#).expect("an object");
        assert_eq!(params.list("a"), ["1", "b"]);
        assert_eq!(params.get("c.d"), Some("true"));
        let deep = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
        assert!(Params::from_json(deep.as_bytes()).is_none());
        assert!(Params::from_json(b"[]").is_none());
    }

    #[test]
    fn cbor_is_flattened_also_in_indefinite_form() {
        // {_ "MaxRecords": 2, "AlarmTypes": [_ "MetricAlarm"]}
        let mut body = vec![0xbf, 0x6a];
        body.extend(b"MaxRecords");
        body.push(0x02);
        body.push(0x6a);
        body.extend(b"AlarmTypes");
        body.extend([0x9f, 0x6b]);
        body.extend(b"MetricAlarm");
        body.extend([0xff, 0xff]);
        let params = Params::from_cbor(&body).expect("a map");
        assert_eq!(params.get("MaxRecords"), Some("2"));
        assert_eq!(params.list("AlarmTypes"), ["MetricAlarm"]);
        assert!(Params::from_cbor(&body[..body.len() - 1]).is_none());
    }
}
