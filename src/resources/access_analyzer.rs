//! IAM Access Analyzer: who outside gets at what.

mod derive;

use super::account::Account;
use super::kleene::answer;
use super::region::Region;
use crate::inventory::{Derivation, Items, Record};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The analyzers of a region.
    LIST_ANALYZERS: "access-analyzer" "ListAnalyzers"
        needs ["access-analyzer:ListAnalyzers"] absent [];
    /// The open findings of an analyzer. The second version of the call answers for analyzers of
    /// every type; the first one refuses those of unused access.
    LIST_FINDINGS_V2: "access-analyzer" "ListFindingsV2"
        needs ["access-analyzer:ListFindings"] absent [];
}

part! {
    /// A finding of an analyzer that is open.
    pub struct AnalyzerFinding("AnalyzerFinding", shown as resource) {
        /// The finding's id.
        id: String,
        /// The ARN of the resource; absent where the finding is about none.
        resource: Option<String>,
        /// The type of the resource, such as `AWS::S3::Bucket`.
        resource_type: String,
        /// The account of the resource.
        resource_owner_account: String,
        /// What it is about, such as `ExternalAccess`; absent where AWS does not say.
        finding_type: Option<String>,
    }
}

resource! {
    /// An analyzer of IAM Access Analyzer, in the account that made it. One of the type
    /// `ORGANIZATION` looks at all accounts of the organization in its region.
    pub struct Analyzer("AWS::AccessAnalyzer::Analyzer", analyzer, Region, name)
        from LIST_ANALYZERS
    {
        /// The analyzer's name.
        name: String,
        /// The analyzer's ARN.
        arn: String,
        /// What it looks for, and where.
        #[one_of(
            "ACCOUNT", "ORGANIZATION", "ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS",
            "ACCOUNT_INTERNAL_ACCESS", "ORGANIZATION_INTERNAL_ACCESS",
        )]
        analyzer_type: String,
        /// Whether it works.
        #[one_of("ACTIVE", "CREATING", "DISABLED", "FAILED")]
        status: String,
        /// Its region, when it looks at a whole organization for access from outside; absent for
        /// others.
        organization_region: Option<String>,
        /// Its open findings; absent for analyzers that look for something else than access from
        /// outside, whose findings are not read. The list is cut where there are very many.
        active_findings: Option<Items<AnalyzerFinding>> => LIST_FINDINGS_V2,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
}

/// The functions behind the derived fields about analyzers.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    record: RecordRef(Region::record),
    field: "has_external_access_analyzer",
    compute: |region, _| answer(derive::has_external_access_analyzer(region)),
}];
