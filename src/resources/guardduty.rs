//! GuardDuty: detectors, what they watch, what they found, and who looks after them.

use super::account::Account;
use super::event_rule::Rule;
use crate::inventory::{Items, Time};
use crate::{part, resource};

calls! {
    /// The detector of a region.
    LIST_DETECTORS: "guardduty" "ListDetectors" needs ["guardduty:ListDetectors"] absent [];
    /// Whether a detector is on, and what it watches.
    GET_DETECTOR: "guardduty" "GetDetector" needs ["guardduty:GetDetector"] absent [];
    /// The ids of findings that are not archived.
    LIST_FINDINGS: "guardduty" "ListFindings" needs ["guardduty:ListFindings"] absent [];
    /// The findings themselves.
    GET_FINDINGS: "guardduty" "GetFindings" needs ["guardduty:GetFindings"] absent [];
    /// The names of filters.
    LIST_FILTERS: "guardduty" "ListFilters" needs ["guardduty:ListFilters"] absent [];
    /// What a filter does, and to which findings.
    GET_FILTER: "guardduty" "GetFilter" needs ["guardduty:GetFilter"] absent [];
    /// The account that administers this one.
    GET_ADMINISTRATOR_ACCOUNT: "guardduty" "GetAdministratorAccount"
        needs ["guardduty:GetAdministratorAccount"] absent [];
    /// How new accounts of the organization are enrolled. All but the administrator's account hear
    /// `BadRequestException`.
    DESCRIBE_ORGANIZATION_CONFIGURATION: "guardduty" "DescribeOrganizationConfiguration"
        needs ["guardduty:DescribeOrganizationConfiguration"] absent ["BadRequestException"];
}

part! {
    /// A part of a feature that has a switch of its own.
    pub struct FeatureConfiguration("DetectorFeatureConfiguration", shown as name) {
        /// Its name, such as `EC2_AGENT_MANAGEMENT`.
        name: String,
        /// Whether it is on.
        #[one_of("ENABLED", "DISABLED")]
        status: String,
    }
}

part! {
    /// What a detector watches.
    pub struct DetectorFeature("DetectorFeature", shown as name) {
        /// Its name, such as `S3_DATA_EVENTS`.
        name: String,
        /// Whether it is on.
        #[one_of("ENABLED", "DISABLED")]
        status: String,
        /// Its parts with switches of their own.
        additional_configuration: Items<FeatureConfiguration>,
    }
}

part! {
    /// A finding that is not archived.
    pub struct DetectorFinding("DetectorFinding", shown as id) {
        /// Its id.
        id: String,
        /// Its type, such as `CryptoCurrency:EC2/BitcoinTool.B!DNS`.
        finding_type: String,
        /// Its severity, from 1 to 10, without the digits after the point.
        severity: i64,
        /// When AWS last saw what it is about.
        updated_at: Time,
        /// The account that it is about; in the administrator's account that may be a member.
        account_id: String,
        /// The kind of resource, such as `Instance`; absent where AWS does not say.
        resource_type: Option<String>,
        /// The id of the instance; absent where it is about none.
        instance_id: Option<String>,
    }
}

part! {
    /// What a filter asks of one field of a finding.
    pub struct FilterCriterion("DetectorFilterCriterion", shown as field) {
        /// The field, such as `resource.instanceDetails.instanceId`.
        field: String,
        /// The values that it may have. A `*` in them stands for any text where AWS matches so.
        values: Items<String>,
        /// The values that it may not have.
        excluded_values: Items<String>,
    }
}

part! {
    /// A filter of findings.
    pub struct DetectorFilter("DetectorFilter", shown as name) {
        /// Its name.
        name: String,
        /// What it does with findings that match all its criteria: `ARCHIVE` hides them.
        #[one_of("NOOP", "ARCHIVE")]
        action: String,
        /// Its criteria.
        criteria: Items<FilterCriterion>,
    }
}

part! {
    /// How accounts of the organization are enrolled, as the administrator's account says.
    pub struct OrganizationConfiguration("DetectorOrganizationConfiguration") {
        /// Which accounts get a detector by themselves. Where only the older setting is given, its
        /// yes is `NEW`.
        #[one_of("NEW", "ALL", "NONE")]
        auto_enable_organization_members: String,
    }
}

resource! {
    /// A GuardDuty detector. A region has one at most.
    pub struct Detector("AWS::GuardDuty::Detector", detector, Region, id) from LIST_DETECTORS {
        /// The detector's id.
        id: String,
        /// Its account and region, written as an ARN without an id: administrators are found by it.
        place: String,
        /// Whether it is on. A suspended one is there, but finds nothing.
        #[one_of("ENABLED", "DISABLED")]
        status: String => GET_DETECTOR,
        /// What it watches.
        features: Items<DetectorFeature> => GET_DETECTOR,
        /// The findings of medium severity (4) and more that are not archived.
        open_findings: Items<DetectorFinding> => LIST_FINDINGS | GET_FINDINGS,
        /// Its filters.
        filters: Items<DetectorFilter> => LIST_FILTERS | GET_FILTER,
        /// The account that administers it; absent when its own does.
        administrator_id: Option<String> => GET_ADMINISTRATOR_ACCOUNT,
        /// The place of the administrator's detector; absent when its own account administers it.
        administrator_place: Option<String> => GET_ADMINISTRATOR_ACCOUNT,
        /// How accounts of the organization are enrolled; absent in all accounts but the
        /// administrator's.
        organization_configuration: Option<OrganizationConfiguration>
            => GET_ADMINISTRATOR_ACCOUNT | DESCRIBE_ORGANIZATION_CONFIGURATION,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The administrator's detector in the same region; absent when its own account administers
        /// it.
        administrator: maybe Detector where "administrator_place" = "place" within Everywhere;
        /// The rules of the region's default event bus.
        event_rules: many Rule within Region;
    }
}
