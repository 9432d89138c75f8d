//! The zone of trust: whom and what the asker regards as inside.

use serde::Deserialize;

use super::super::atoms::AddressRange;
use super::super::space::{glob, literal};
use crate::iam::atoms::Pattern;

/// Who and what belongs to the asker, besides the account that owns the policy. A request is
/// trusted if its caller belongs to one of the accounts or organizations, or if it comes from one
/// of the networks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// Account ids of twelve digits; canonical user ids of S3 are accepted too.
    pub accounts: Vec<String>,
    /// Organization ids, `o-…`.
    pub orgs: Vec<String>,
    /// Organizational units: a path `o-…/r-…/ou-…/` or an id `ou-…`. Units below are included.
    pub org_units: Vec<String>,
    /// VPC ids, `vpc-…`.
    pub vpcs: Vec<String>,
    /// VPC endpoint ids, `vpce-…`.
    pub vpces: Vec<String>,
    /// Addresses and address ranges in CIDR notation.
    pub ips: Vec<String>,
}

impl Trust {
    /// Whether an account is trusted by its id.
    pub fn has_account(&self, id: &str) -> bool {
        self.accounts.iter().any(|own| own == id)
    }

    /// Whether an organization is trusted as a whole.
    pub fn has_organization(&self, id: &str) -> bool {
        self.orgs.iter().any(|own| own == id)
    }

    /// The trusted address ranges. Texts that are no ranges trust nothing.
    pub fn ranges(&self) -> Vec<AddressRange> {
        self.ips.iter().filter_map(|text| AddressRange::parse(text)).collect()
    }

    /// The trusted organization paths, as patterns over `aws:PrincipalOrgPaths`.
    pub fn paths(&self) -> Vec<Pattern> {
        let whole = self.orgs.iter().map(|org| glob(&format!("{}/*", plain(org))));
        let units = self.org_units.iter().map(|unit| {
            let unit = plain(unit.trim_end_matches(['*', '/']));
            if unit.contains('/') {
                glob(&format!("{unit}/*"))
            } else {
                glob(&format!("*/{unit}/*"))
            }
        });
        whole.chain(units).collect()
    }

    /// Organizational units as callers: the organization, if the entry names it, and the paths.
    pub(in crate::iam) fn units(&self) -> impl Iterator<Item = (Option<&str>, Pattern)> {
        let paths = self.paths().into_iter().skip(self.orgs.len());
        self.org_units.iter().zip(paths).map(|(unit, path)| {
            let organization = unit.split_once('/').map(|(organization, _)| organization);
            (organization, path)
        })
    }

    /// The trusted VPCs and VPC endpoints, as patterns over their keys.
    pub(in crate::iam) fn networks(&self) -> Vec<Pattern> {
        self.vpcs.iter().chain(&self.vpces).map(|id| literal(id)).collect()
    }
}

/// Ids hold no wildcards; an entry that does trusts nothing wider than its text.
fn plain(text: &str) -> String {
    text.replace(['*', '?'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_trusted_with_the_units_below_them() {
        let trust = Trust {
            org_units: vec![
                "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".into(),
                "ou-ab12-22222222".into(),
            ],
            ..Trust::default()
        };
        let trusted = |path: &str| trust.paths().iter().any(|pattern| pattern.matches(path));
        assert!(trusted("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"));
        assert!(trusted("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-33333333/"));
        assert!(trusted("o-x/r-ab12/ou-ab12-22222222/"));
        assert!(!trusted("o-a1b2c3d4e5/r-ab12/ou-ab12-44444444/"));
    }

    #[test]
    fn wildcards_in_an_entry_trust_nothing_more() {
        let trust = Trust { orgs: vec!["o-*".into()], ..Trust::default() };
        assert!(!trust.paths().iter().any(|pattern| pattern.matches("o-a1b2c3d4e5/r-ab12/")));
    }
}
