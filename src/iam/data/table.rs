//! The table in memory: unpacked once, on first use, into sorted lists over one text.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use super::{AccessLevel, Action, Cardinality, Key, KeyType};
use crate::iam::pattern::{Case, Pattern};

static PACKED: &[u8] = include_bytes!("reference.txt.gz");

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    GzDecoder::new(PACKED).read_to_string(&mut text).expect("the embedded table is valid gzip");
    text
});

/// The table; its contents are fixed at build time and checked by tests.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(&TEXT));

#[derive(Debug, Default)]
pub(super) struct Table {
    pub source: (&'static str, &'static str, &'static str),
    pub rcp: Vec<&'static str>,
    pub services: Vec<Service>,
    /// Keys without a variable part, by name.
    keys: Vec<Key>,
    /// Keys with one, as globs.
    templates: Vec<(Pattern, Key)>,
}

#[derive(Debug)]
pub(super) struct Service {
    pub prefix: &'static str,
    /// The full name in lower case, and the action, sorted by the former.
    pub actions: Vec<(Box<str>, Action)>,
}

impl Table {
    fn parse(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next().unwrap_or_default() {
                "source" => {
                    let mut word = || words.next().unwrap_or_default();
                    table.source = (word(), word(), word());
                }
                "rcp" => table.rcp = words.collect(),
                "keys" => table.add_keys(words.next().unwrap_or_default(), words),
                "service" => {
                    let prefix = words.next().unwrap_or_default();
                    table.services.push(Service { prefix, actions: Vec::new() });
                }
                level => table.add_actions(level, words),
            }
        }
        table.rcp.sort_unstable();
        table.keys.sort_unstable_by_key(|key| key.name);
        table.services.sort_unstable_by_key(|service| service.prefix);
        for service in &mut table.services {
            service.actions.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        }
        table
    }

    fn add_keys(&mut self, kind: &str, names: impl Iterator<Item = &'static str>) {
        let (element, cardinality) = match kind.strip_prefix("ArrayOf") {
            Some(element) => (element, Cardinality::Multiple),
            None if kind == "Contested" => (kind, Cardinality::NotKnown),
            None => (kind, Cardinality::Single),
        };
        let value = match element {
            "String" => Some(KeyType::String),
            "ARN" => Some(KeyType::Arn),
            "Bool" => Some(KeyType::Bool),
            "Numeric" => Some(KeyType::Numeric),
            "Date" => Some(KeyType::Date),
            "IPAddress" => Some(KeyType::IpAddress),
            "Binary" => Some(KeyType::Binary),
            _ => None,
        };
        for name in names {
            let key = Key { name, value, cardinality };
            if name.contains('*') {
                self.templates.push((Pattern::action(name), key));
            } else {
                self.keys.push(key);
            }
        }
    }

    fn add_actions(&mut self, level: &str, names: impl Iterator<Item = &'static str>) {
        let level = match level {
            "L" => AccessLevel::List,
            "R" => AccessLevel::Read,
            "T" => AccessLevel::Tagging,
            "P" => AccessLevel::PermissionsManagement,
            _ => AccessLevel::Write,
        };
        let Some(service) = self.services.last_mut() else { return };
        for word in names {
            let (bare, wildcard_only) = match word.strip_suffix('*') {
                Some(bare) => (bare, true),
                None => (word, false),
            };
            // The table lives as long as the program, and so may its names.
            let name: &'static str =
                Box::leak(format!("{}:{bare}", service.prefix).into_boxed_str());
            service
                .actions
                .push((name.to_ascii_lowercase().into(), Action { name, level, wildcard_only }));
        }
    }

    /// The actions of a service, given by its prefix in lower case.
    pub(super) fn service(&self, prefix: &str) -> Option<&[(Box<str>, Action)]> {
        let found = self.services.binary_search_by(|s| s.prefix.cmp(prefix)).ok()?;
        self.services.get(found).map(|s| &*s.actions)
    }

    /// The key of a name in lower case.
    pub(super) fn key(&self, name: &str) -> Option<Key> {
        if let Ok(found) = self.keys.binary_search_by(|k| k.name.cmp(name)) {
            return self.keys.get(found).copied();
        }
        self.templates
            .iter()
            .find(|(pattern, _)| pattern.matches_plain(name, Case::Sensitive))
            .map(|(_, key)| *key)
    }
}
