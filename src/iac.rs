//! From resources as they live to the lines that declare them: Terraform states, CloudFormation
//! templates, CDK programs and the tags of `yor`, with the checkout that they were made from.
//!
//! A place is told only where it is certain. Two declarations that claim one resource, a block that
//! is not in the checkout, a module from outside: the nearest line that is certain counts, or none.
//! Nothing here reads files by itself, and of a state only type, name, module, id and ARN are kept.

mod address;
pub mod cdk;
pub mod git_index;
mod keys;
mod state;
mod template;
mod terraform;
mod yor;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use thiserror::Error;

use crate::aws::Arn;
use crate::check::CheckId;
use crate::diagnostic::did_you_mean;
use crate::finding::{Finding, Location, Scan};

pub use address::join;
pub use state::State;
pub use template::Template;

/// The files of a checkout. Paths are relative to its root, with `/`, and never climb out of it.
pub trait Checkout {
    /// The text of a file; `None` where there is none that can be read.
    fn read(&self, path: &str) -> Option<String>;
    /// The names of the files directly in a directory; the root is the empty path.
    fn files(&self, directory: &str) -> Vec<String>;
    /// Whether a file belongs to the repository, as far as that is known.
    fn tracked(&self, path: &str) -> bool;
    /// The paths of all files that belong to the repository.
    fn all(&self) -> Vec<String>;
    /// The path from the root of a file that is named from the root of the machine; `None` for those
    /// outside.
    fn relative(&self, absolute: &str) -> Option<String>;
}

/// Why declarations cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IacError {
    /// No state at all. What stands there is not told: states hold secrets.
    #[error("{line}:{column}: not a Terraform state")]
    NotState {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A state of another format.
    #[error("a state of version {0}, and only version 4 can be read")]
    StateVersion(u64),
    /// A state of which nothing is declared where it should be.
    #[error("no resource of the state is declared in `{directory}`")]
    Elsewhere {
        /// The directory, from the root of the checkout.
        directory: String,
        /// A directory that has a block of the state.
        help: Option<String>,
    },
    /// Nothing that `cdk synth` wrote.
    #[error("{line}:{column}: not a manifest or metadata of the CDK")]
    NotAssembly {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// No template.
    #[error("{line}:{column}: not a CloudFormation template: {message}")]
    NotTemplate {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
}

/// How many open failures stand at the line that declares their resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Placed {
    /// Those whose line is known.
    pub known: usize,
    /// All.
    pub open: usize,
}

/// Everything that is declared, by what it is called when it lives.
#[derive(Debug, Default)]
pub struct Declarations {
    claims: Vec<Claim>,
    /// Claims by Terraform type and id, ARN or both.
    by_id: HashMap<(String, String), Vec<usize>>,
    by_arn: HashMap<String, Vec<usize>>,
    templates: Vec<Template>,
    yor: yor::Yor,
}

/// A resource that a state says it made.
#[derive(Debug)]
struct Claim {
    arn: Option<Arn>,
    /// The accounts of the state, told by the ARNs in it.
    accounts: Arc<BTreeSet<String>>,
    location: Arc<Location>,
}

impl Declarations {
    /// Adds what a state made, with the lines of a checkout. `root` is the directory of the
    /// configuration in it.
    ///
    /// # Errors
    /// When none of the state's resources is declared there: the directory is then the wrong one, and
    /// every alert would move.
    pub fn add_state(
        &mut self,
        state: State,
        root: &str,
        checkout: &dyn Checkout,
    ) -> Result<(), IacError> {
        let mut configuration = terraform::Configuration::new(root, checkout);
        let accounts = Arc::new(state.accounts());
        let mut found = 0;
        for resource in &state.resources {
            let Some(location) = configuration.locate(resource) else { continue };
            let location = Arc::new(location);
            found += 1;
            for instance in &resource.instances {
                self.claim(&resource.kind, instance, &accounts, &location);
            }
        }
        if found == 0 && !state.resources.is_empty() {
            let directory = if root.is_empty() { "." } else { root }.to_owned();
            return Err(IacError::Elsewhere { directory, help: elsewhere(root, checkout) });
        }
        Ok(())
    }

    /// Adds the resources of a template.
    pub fn add_template(&mut self, template: Template) {
        self.templates.push(template);
    }

    /// Looks for the tags of `yor` in all configurations of a checkout.
    pub fn add_tags(&mut self, checkout: &dyn Checkout) {
        self.yor = yor::Yor::of(checkout);
    }

    fn claim(
        &mut self,
        kind: &str,
        instance: &state::Instance,
        accounts: &Arc<BTreeSet<String>>,
        location: &Arc<Location>,
    ) {
        let at = self.claims.len();
        let arn = instance.arn.as_deref().and_then(|arn| arn.parse::<Arn>().ok());
        let keys: BTreeSet<&String> = instance.id.iter().chain(&instance.arn).collect();
        for key in keys {
            self.by_id.entry((kind.to_owned(), key.clone())).or_default().push(at);
        }
        if let Some(arn) = &arn {
            self.by_arn.entry(arn.to_string()).or_default().push(at);
        }
        let (accounts, location) = (Arc::clone(accounts), Arc::clone(location));
        self.claims.push(Claim { arn, accounts, location });
    }

    /// Writes into each finding where its resource is declared, as far as that is certain.
    pub fn place(&self, scan: &mut Scan) -> Placed {
        let kinds: BTreeMap<&CheckId, &[String]> =
            scan.checks.iter().map(|check| (&check.id, check.iac.as_slice())).collect();
        let mut placed = Placed::default();
        for finding in &mut scan.findings {
            let kinds = kinds.get(finding.check()).copied().unwrap_or_default();
            let location = self.find(finding, kinds).map(Box::new);
            if location.is_some() || finding.details.location.is_some() {
                finding.details.location = location;
            }
            if finding.is_open_failure() {
                placed.open += 1;
                placed.known += usize::from(finding.details.location.is_some());
            }
        }
        placed
    }

    /// The declaration of a finding's resource. `kinds` are the Terraform types to look for, the
    /// most specific first.
    fn find(&self, finding: &Finding, kinds: &[String]) -> Option<Location> {
        let resource = finding.resource();
        let own = [resource.arn.as_deref(), Some(resource.id.as_str()), resource.name.as_deref()];
        let words: Vec<&str> =
            finding.details.messages.iter().flat_map(|text| ids_in(text)).collect();
        for kind in kinds {
            for key in own.into_iter().flatten().chain(words.iter().copied()) {
                let claims = self.by_id.get(&(kind.clone(), key.to_owned()));
                match self.only(claims, finding) {
                    Only::None => {}
                    Only::One(location) => return Some(location.clone()),
                    Only::Several => return None,
                }
            }
        }
        let claims = resource.arn.as_ref().and_then(|arn| self.by_arn.get(arn));
        match self.only(claims, finding) {
            Only::One(location) => Some(location.clone()),
            Only::Several => None,
            Only::None => {
                template::find(&self.templates, finding).or_else(|| self.yor.find(finding))
            }
        }
    }

    /// The one block among claims that can be about a finding.
    fn only(&self, claims: Option<&Vec<usize>>, finding: &Finding) -> Only<'_> {
        let mut only = Only::None;
        for claim in claims.into_iter().flatten().filter_map(|at| self.claims.get(*at)) {
            if !claim.may_be(finding) {
                continue;
            }
            match only {
                Only::None => only = Only::One(&claim.location),
                Only::One(location) if *location == *claim.location => {}
                Only::One(_) | Only::Several => return Only::Several,
            }
        }
        only
    }
}

enum Only<'a> {
    None,
    One(&'a Location),
    Several,
}

impl Claim {
    /// Names such as that of a role exist in many accounts and regions.
    fn may_be(&self, finding: &Finding) -> bool {
        let account = finding.account().as_str();
        let region = finding.region().map(|region| region.as_str());
        match &self.arn {
            Some(arn) if !arn.account().is_empty() => {
                let same_region =
                    arn.region().is_empty() || region.is_none_or(|it| it == arn.region());
                arn.account() == account && same_region
            }
            _ => self.accounts.is_empty() || self.accounts.contains(account),
        }
    }
}

/// The words of a message that AWS made up as ids, such as `sgr-0123456789abcdef0`: only these name
/// one thing wherever they stand.
fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    words.filter(|word| {
        word.rsplit_once('-').is_some_and(|(kind, digits)| {
            !kind.is_empty()
                && digits.len() >= 8
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    })
}

/// Advice on a directory: what is wrong with it, as far as that can be seen.
fn elsewhere(root: &str, checkout: &dyn Checkout) -> Option<String> {
    let files = checkout.files(root);
    let has_files = files.iter().any(|name| terraform::is_configuration(name));
    if has_files && !terraform::configured(root, checkout) {
        return Some("git does not track the configuration there".into());
    }
    if has_files {
        return Some("name the directory of its configuration: `--iac-state DIR=FILE`".into());
    }
    let nearest = did_you_mean(root, files.iter().map(String::as_str));
    let help =
        "no `.tf` file is there; `--iac-state DIR=FILE` names the directory of the configuration";
    nearest.or_else(|| Some(help.into()))
}

#[cfg(test)]
mod tests;
