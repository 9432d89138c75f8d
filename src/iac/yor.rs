//! Resources that carry the tags of `yor`: the literal of the trace in the configuration is the place.

use std::collections::HashMap;

use super::Checkout;
use super::terraform::{self, Found};
use crate::finding::{Finding, Location};

/// The tags in a block, as literals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tags {
    pub(super) trace: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) file: Option<String>,
    pub(super) name: Option<String>,
}

impl Tags {
    /// Keeps the value of a tag, if it is one of yor's.
    pub(super) fn keep(&mut self, key: &str, value: &str) {
        let tag = match key {
            "yor_trace" => &mut self.trace,
            "git_repo" => &mut self.repository,
            "git_file" => &mut self.file,
            "yor_name" => &mut self.name,
            _ => return,
        };
        // A block that holds two values of a tag is the place of neither.
        *tag = match tag.take() {
            None => Some(value.to_owned()),
            Some(before) if before == value => Some(before),
            Some(_) => Some(String::new()),
        };
    }
}

/// Blocks by the tags in them.
#[derive(Debug, Default)]
pub(super) struct Yor {
    by_trace: HashMap<String, Vec<Location>>,
    /// By repository, file and name, for tags without a trace.
    by_name: HashMap<[String; 3], Vec<Location>>,
}

impl Yor {
    /// Looks for tags in all configurations of a checkout.
    pub(super) fn of(checkout: &dyn Checkout) -> Self {
        let mut yor = Self::default();
        for path in checkout.all() {
            let name = path.rsplit('/').next().unwrap_or_default();
            if !terraform::is_configuration(name) {
                continue;
            }
            let Some(text) = checkout.read(&path) else { continue };
            if text.contains("yor_trace") || text.contains("yor_name") {
                let blocks = terraform::located(&path, &text);
                blocks.into_iter().for_each(|(found, location)| yor.add(found, location));
            }
        }
        yor
    }

    fn add(&mut self, found: Found, location: Location) {
        let Tags { trace, repository, file, name } = found.tags;
        match (trace, file, name) {
            (Some(trace), _, _) => {
                let declared_as = Some(format!("yor:{trace}"));
                self.by_trace.entry(trace).or_default().push(Location { declared_as, ..location });
            }
            (None, Some(file), Some(name)) => {
                let declared_as = Some(format!("yor:{file}|{name}"));
                let key = [repository.unwrap_or_default(), file, name];
                self.by_name.entry(key).or_default().push(Location { declared_as, ..location });
            }
            _ => {}
        }
    }

    /// The one block with the tags of a resource.
    pub(super) fn find(&self, finding: &Finding) -> Option<Location> {
        let tag = |key: &str| finding.resource().tags.get(key).filter(|value| !value.is_empty());
        let found = match (tag("yor_trace"), tag("git_file"), tag("yor_name")) {
            (Some(trace), _, _) => self.by_trace.get(trace),
            (None, Some(file), Some(name)) => {
                let repository = tag("git_repo").unwrap_or_default().to_owned();
                self.by_name.get(&[repository, file.to_owned(), name.to_owned()])
            }
            _ => None,
        };
        match found?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }
}
