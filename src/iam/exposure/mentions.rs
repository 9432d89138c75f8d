//! What a policy mentions: the accounts, organizations and identities that its statements tell
//! apart. From these come the callers worth asking about; everybody else is like somebody else.

use std::collections::{BTreeMap, BTreeSet};

use super::super::atoms::{Budget, Domain, Pattern, Token, atoms};
use super::super::condition::{Condition, Test};
use super::super::pattern::{self, Case, Piece};
use super::super::space::{Substitution, glob, literal, spell_arn, spell_with};

/// The values that condition keys and principals are compared with.
#[derive(Debug, Clone, Default)]
pub(in crate::iam) struct Mentions {
    /// Condition keys in use, in lower case, with the patterns of their values.
    keys: BTreeMap<Box<str>, Vec<Pattern>>,
    /// The values of keys that are spelled out in full.
    fixed: BTreeMap<Box<str>, Vec<Pattern>>,
    /// Keys that policy variables refer to, in lower case.
    pub(in crate::iam) variables: BTreeSet<Box<str>>,
    /// Accounts named in full.
    pub(in crate::iam) accounts: BTreeSet<String>,
    /// Patterns over account ids that are not plain ids.
    account_globs: Vec<Pattern>,
    /// Organizations named in full.
    pub(in crate::iam) organizations: BTreeSet<String>,
    organization_globs: Vec<Pattern>,
}

/// The keys whose values are account ids.
const ACCOUNT_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:vpceaccount",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
];

/// The keys whose values are ARNs that name an account.
const ARN_KEYS: &[&str] =
    &["aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"];

/// The keys whose values are organization ids, or paths that begin with one.
const ORGANIZATION_KEYS: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

impl Mentions {
    /// Notes a condition.
    pub(in crate::iam) fn condition(&mut self, condition: &Condition) {
        let key = &*condition.key;
        for operand in &condition.operands {
            let pattern = match &operand.test {
                Test::Text(pattern) => {
                    self.pattern(pattern);
                    spell_with(pattern, Case::Sensitive, &Substitution::default())
                }
                Test::Arn(pattern) => {
                    pattern.segments().iter().for_each(|segment| self.pattern(segment));
                    spell_arn(pattern, &Substitution::default())
                }
                _ => None,
            };
            let Some(pattern) = pattern else { continue };
            if ACCOUNT_KEYS.contains(&key) {
                self.account(&pattern);
            }
            if ARN_KEYS.contains(&key) {
                segment(&pattern, 4, ':').iter().for_each(|account| self.account(account));
            }
            if ORGANIZATION_KEYS.contains(&key) {
                segment(&pattern, 0, '/').iter().for_each(|id| self.organization(id));
            }
            if pattern.as_literal().is_some() {
                self.fixed.entry(key.into()).or_default().push(pattern.clone());
            }
            self.keys.entry(key.into()).or_default().push(pattern);
        }
        self.keys.entry(key.into()).or_default();
    }

    /// Notes the variables of a pattern.
    pub(in crate::iam) fn pattern(&mut self, pattern: &pattern::Pattern) {
        for piece in pattern.pieces() {
            if let Piece::Variable(variable) = piece {
                self.variables.insert(variable.key.clone());
            }
        }
    }

    fn account(&mut self, pattern: &Pattern) {
        match pattern.as_literal() {
            Some(id) if id.is_empty() => {}
            Some(id) => {
                self.accounts.insert(id);
            }
            None => self.account_globs.push(pattern.clone()),
        }
    }

    fn organization(&mut self, pattern: &Pattern) {
        match pattern.as_literal() {
            Some(id) => {
                self.organizations.insert(id);
            }
            None => self.organization_globs.push(pattern.clone()),
        }
    }

    /// Whether a condition tests this key, given in lower case, or a variable refers to it.
    pub(in crate::iam) fn uses(&self, key: &str) -> bool {
        self.keys.contains_key(key) || self.variables.contains(key)
    }

    /// Whether one of the keys is used.
    pub(in crate::iam) fn uses_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.uses(key))
    }

    /// The patterns that the values of a key are compared with.
    pub(in crate::iam) fn values(&self, key: &str) -> &[Pattern] {
        self.keys.get(key).map_or(&[], Vec::as_slice)
    }

    /// The values of a key that are spelled out in full.
    pub(in crate::iam) fn fixed(&self, key: &str) -> Vec<Pattern> {
        self.fixed.get(key).cloned().unwrap_or_default()
    }

    /// Buckets (and what is in them) that conditions on the source name: their ARNs tell no account.
    pub(in crate::iam) fn unowned_sources(&self) -> impl Iterator<Item = String> {
        self.values("aws:sourcearn").iter().filter_map(unowned_source)
    }

    /// Accounts that the policy does not name, `known` and named ones excluded: one for each way in
    /// which wildcards can meet an account id.
    pub(in crate::iam) fn fresh_accounts(&self, known: &BTreeSet<String>, most: usize) -> Fresh {
        let digits = Domain::of(vec![Pattern::new([Token::One; 12])]).over('0'..='9');
        let named: BTreeSet<String> = self.accounts.union(known).cloned().collect();
        fresh(&self.account_globs, &named, &digits, most)
    }

    /// Organizations that the policy does not name, likewise.
    pub(in crate::iam) fn fresh_organizations(
        &self,
        known: &BTreeSet<String>,
        most: usize,
    ) -> Fresh {
        let ids =
            Domain::of(vec![glob("o-??????????")]).over(('a'..='z').chain('0'..='9').chain(['-']));
        let named: BTreeSet<String> = self.organizations.union(known).cloned().collect();
        fresh(&self.organization_globs, &named, &ids, most)
    }
}

/// The resource of an ARN pattern of S3, if the pattern spells it out.
fn unowned_source(pattern: &Pattern) -> Option<String> {
    let service = segment(pattern, 2, ':').and_then(|part| part.as_literal())?;
    let account = segment(pattern, 4, ':')?;
    let fixed = account.as_literal().is_some_and(|id| !id.is_empty());
    let resource = segment(pattern, 5, ':').and_then(|part| part.as_literal())?;
    (service == "s3" && !fixed && !resource.is_empty()).then_some(resource)
}

/// Names that nothing mentions in full.
#[derive(Debug, Clone)]
pub(in crate::iam) struct Fresh {
    pub(in crate::iam) names: Vec<String>,
    /// Whether there is one for every combination of matching wildcards.
    pub(in crate::iam) complete: bool,
}

fn fresh(globs: &[Pattern], named: &BTreeSet<String>, domain: &Domain, most: usize) -> Fresh {
    let mut patterns: Vec<Pattern> = globs.to_vec();
    patterns.sort_by_key(|pattern| pattern.tokens().len());
    patterns.dedup();
    let first_name = patterns.len();
    patterns.extend(named.iter().map(|name| literal(name)));
    let budget = Budget::new(15_000_000, most + named.len());
    let found = atoms(&patterns, domain, &budget);
    let names = found
        .atoms
        .into_iter()
        .filter(|atom| atom.accepts.iter().all(|pattern| *pattern < first_name))
        .map(|atom| atom.witness)
        .collect();
    Fresh { names, complete: found.complete }
}

/// The part of a pattern between the separators with these numbers, or nothing if a run that can
/// hold a separator stands before its end: then the pattern does not say where the part is, and
/// any part may stand there.
fn segment(pattern: &Pattern, number: usize, separator: char) -> Option<Pattern> {
    let mut part = Vec::new();
    let mut at = 0;
    for token in pattern.tokens() {
        match token {
            Token::Char(c) if *c == separator => {
                if at == number {
                    return Some(Pattern::new(part));
                }
                at += 1;
            }
            Token::Run | Token::One if at < number => return None,
            Token::RunInSegment | Token::OneInSegment if at < number && separator != ':' => {
                return None;
            }
            token if at == number => part.push(*token),
            _ => {}
        }
    }
    (at == number).then(|| Pattern::new(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_found_where_the_pattern_says_where_they_are() {
        let account = |text: &str| segment(&glob(text), 4, ':');
        assert_eq!(account("arn:aws:iam::111122223333:role/x"), Some(literal("111122223333")));
        assert_eq!(account("arn:aws:iam::1111*:role/x"), Some(glob("1111*")));
        assert_eq!(account("arn:aws:iam::*"), Some(glob("*")));
        assert_eq!(account("*:role/x"), None);
        assert_eq!(segment(&glob("o-a1b2/r-x/*"), 0, '/'), Some(literal("o-a1b2")));
    }

    #[test]
    fn fresh_accounts_meet_wildcards_in_every_possible_way() {
        let mut mentions = Mentions::default();
        mentions.account(&glob("1*"));
        mentions.account(&glob("111122223333"));
        let found = mentions.fresh_accounts(&BTreeSet::from(["000000000000".into()]), 10);
        assert!(found.complete);
        assert_eq!(found.names.len(), 2);
        assert!(found.names.iter().all(|id| id.len() == 12 && id != "000000000000"));
        assert_eq!(found.names.iter().filter(|id| id.starts_with('1')).count(), 1);
    }
}
