//! The policies that take part in a decision, indexed by service so that a request meets few of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::document::{Document, Malformed, Polarity, Statement};

/// A set of documents that are evaluated as one: all identity policies of a caller, or all service
/// control policies of a level.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    documents: Vec<Arc<Document>>,
    missing: Option<Box<str>>,
    /// Statements whose actions all name this service, by service prefix.
    by_service: Vec<(Box<str>, Vec<Place>)>,
    /// Statements that may be about any service.
    general: Vec<Place>,
}

/// The place of a statement in its set.
#[derive(Clone, Copy, Debug)]
struct Place {
    document: usize,
    statement: usize,
}

impl PolicySet {
    /// A set of documents that are all known.
    #[must_use]
    pub fn new(documents: Vec<Arc<Document>>) -> Self {
        let mut by_service: BTreeMap<Box<str>, Vec<Place>> = BTreeMap::new();
        let mut general = Vec::new();
        for (document, statements) in documents.iter().map(|d| &d.statements).enumerate() {
            for (statement, content) in statements.iter().enumerate() {
                let place = Place { document, statement };
                match services(content) {
                    Some(prefixes) => {
                        for prefix in prefixes {
                            by_service.entry(prefix).or_default().push(place);
                        }
                    }
                    None => general.push(place),
                }
            }
        }
        let by_service = by_service.into_iter().collect();
        Self { documents, missing: None, by_service, general }
    }

    /// A set of which nothing is known but that there may be one, with the reason.
    #[must_use]
    pub fn unknown(reason: &str) -> Self {
        Self::default().with_missing(reason)
    }

    /// Adds that the set has or may have further documents that are not known: they could not be read,
    /// or are malformed. The first reason is kept.
    #[must_use]
    pub fn with_missing(mut self, reason: &str) -> Self {
        self.missing.get_or_insert_with(|| reason.into());
        self
    }

    /// A set of what parsed; what did not is unknown.
    #[must_use]
    pub fn from_parsed(parsed: Vec<Result<Document, Malformed>>) -> Self {
        let mut documents = Vec::new();
        let mut missing = None;
        for (index, result) in parsed.into_iter().enumerate() {
            match result {
                Ok(document) => documents.push(Arc::new(document)),
                Err(error) => {
                    missing.get_or_insert_with(|| format!("document {}: {error}", index + 1));
                }
            }
        }
        let set = Self::new(documents);
        match missing {
            Some(reason) => set.with_missing(&reason),
            None => set,
        }
    }

    /// The known documents.
    #[must_use]
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    /// Why the set is not wholly known, if it is not.
    #[must_use]
    #[inline]
    pub fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    /// The statements that may be about a service, given by its prefix in lower case: the numbers of
    /// document and statement, and the statement.
    #[inline]
    pub(super) fn candidates(
        &self,
        prefix: &str,
    ) -> impl Iterator<Item = (usize, usize, &Statement)> {
        let found = self.by_service.binary_search_by(|(k, _)| (**k).cmp(prefix)).ok();
        let named = found.and_then(|at| self.by_service.get(at)).map(|(_, places)| &**places);
        named.unwrap_or_default().iter().chain(&self.general).filter_map(|place| {
            let document = self.documents.get(place.document)?;
            Some((place.document, place.statement, document.statements.get(place.statement)?))
        })
    }

    /// A statement by its numbers.
    #[must_use]
    pub fn statement(&self, document: usize, statement: usize) -> Option<&Statement> {
        self.documents.get(document)?.statements.get(statement)
    }
}

/// The service prefixes of a statement's actions in lower case, each once; `None` if it may be about
/// any service.
fn services(statement: &Statement) -> Option<Vec<Box<str>>> {
    if statement.action.polarity == Polarity::Except {
        return None;
    }
    let mut prefixes = Vec::new();
    for pattern in &statement.action.patterns {
        let (prefix, _) = pattern.text().split_once(':')?;
        if prefix.contains(['*', '?']) {
            return None;
        }
        let prefix = Box::from(prefix.to_ascii_lowercase());
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    Some(prefixes)
}

/// Everything that takes part in a decision. A part that is not there is `None` or empty; one that is
/// not known is an unknown [`PolicySet`].
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// The policies of the user and its groups, or of the role.
    pub identity: PolicySet,
    /// The permissions boundary.
    pub boundary: Option<PolicySet>,
    /// Service control policies of the caller's account, one set a level (root, each unit, account).
    /// No level at all: the account is in no organization, or its organization does not use them.
    pub scps: Vec<PolicySet>,
    /// Resource control policies of the resource's account, one set a level, without
    /// `RCPFullAWSAccess`, which AWS attaches everywhere.
    pub rcps: Vec<PolicySet>,
    /// The policy of the resource; for a role its trust policy.
    pub resource: Option<PolicySet>,
    /// The session policy.
    pub session: Option<PolicySet>,
    /// The policy of the VPC endpoint through which the request comes.
    pub endpoint: Option<PolicySet>,
    /// The management account of the organization: SCPs do not apply to its principals, nor RCPs to
    /// its resources.
    pub management_account: Option<Box<str>>,
    /// Whether the resource is a KMS key that AWS manages, to which RCPs do not apply.
    pub aws_managed_key: bool,
}

impl Policies {
    /// The set of a layer.
    #[must_use]
    pub fn layer(&self, layer: super::Layer) -> Option<&PolicySet> {
        use super::Layer;
        match layer {
            Layer::Scp(level) => self.scps.get(level),
            Layer::Rcp(level) => self.rcps.get(level),
            Layer::Endpoint => self.endpoint.as_ref(),
            Layer::Resource => self.resource.as_ref(),
            Layer::Identity => Some(&self.identity),
            Layer::Boundary => self.boundary.as_ref(),
            Layer::Session => self.session.as_ref(),
        }
    }
}
