//! Rules of EventBridge: which events they are for, and who hears of them.

mod derive;

use super::account::Account;
use super::kleene::answer;
use super::logs::MatchedEvents;
use super::sns::GET_TOPIC_ATTRIBUTES;
use crate::inventory::{Derivation, Items, Record};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The rules of the default event bus of a region, the only one that AWS's own events go to.
    LIST_RULES: "events" "ListRules" needs ["events:ListRules"] absent [];
    /// Where a rule sends events to.
    LIST_TARGETS_BY_RULE: "events" "ListTargetsByRule"
        needs ["events:ListTargetsByRule"] absent [];
}

part! {
    /// Where a rule sends events to.
    pub struct RuleTarget("EventRuleTarget", shown as arn) {
        /// Its id within the rule.
        id: String,
        /// The ARN of a topic, queue, function, or whatever else it is.
        arn: String,
        /// The number of confirmed subscriptions of an SNS topic; absent for other targets, and for
        /// a topic that is gone.
        topic_subscriptions_confirmed: Option<i64> => GET_TOPIC_ATTRIBUTES,
    }
}

resource! {
    /// A rule of the default event bus.
    pub struct Rule("AWS::Events::Rule", event_rule, Region, name) from LIST_RULES {
        /// The rule's name.
        name: String,
        /// The rule's ARN.
        arn: String,
        /// Whether it works.
        #[one_of("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")]
        state: String,
        /// The pattern of its events as a JSON document; absent for a rule that only goes by time.
        event_pattern: Option<String>,
        /// When it runs by time; absent when it does not.
        schedule_expression: Option<String>,
        /// The service that made it and keeps it; absent for the account's own rules.
        managed_by: Option<String>,
        /// Where it sends events to; absent for a rule that only goes by time, which is not asked.
        targets: Option<Items<RuleTarget>> => LIST_TARGETS_BY_RULE,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
    derived {
        /// Whether somebody hears of its events: it is enabled, and one of its targets is an SNS
        /// topic with a confirmed subscription, a queue, a function, a state machine, an API
        /// destination, or an incident or operations item of Systems Manager. Another event bus
        /// leaves it unknown: who listens there is not read.
        notifies_somebody: bool, from [
            "state", "targets.arn", "targets.topic_subscriptions_confirmed",
        ];
        /// For each set of CloudTrail events that alarms are wanted for, as far as all its events
        /// are calls of one service's API: whether the pattern matches every event of the set. The
        /// pattern is understood, not compared with a spelling.
        matched_events: Items<MatchedEvents>, from ["arn", "event_pattern"];
        /// The lowest severity, 1 to 10, from which on the pattern matches every GuardDuty finding,
        /// whatever its type and account; absent when there is none. Severities have one digit after
        /// the point; the critical ones begin with 9.
        guardduty_severity: Option<i64>, from ["arn", "event_pattern"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Rule::record),
        field: "notifies_somebody",
        compute: |rule, _| answer(derive::notifies_somebody(rule)),
    },
    Derivation {
        record: RecordRef(Rule::record),
        field: "matched_events",
        compute: |rule, _| derive::matched_events(rule),
    },
    Derivation {
        record: RecordRef(Rule::record),
        field: "guardduty_severity",
        compute: |rule, _| derive::guardduty_severity(rule),
    },
];
