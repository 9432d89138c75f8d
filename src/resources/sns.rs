//! SNS topics, as far as alarms need them.

use super::account::Account;
use super::alarm::{Alarm, DESCRIBE_ALARMS};
use crate::resource;

calls! {
    /// A topic's settings and the number of its subscriptions.
    GET_TOPIC_ATTRIBUTES: "sns" "GetTopicAttributes" needs ["sns:GetTopicAttributes"] absent [];
}

resource! {
    /// An SNS topic that an alarm of its own account names. A topic that the alarm names and AWS does
    /// not know (`NotFound`) is not there.
    pub struct Topic("AWS::SNS::Topic", topic, Region, arn) from DESCRIBE_ALARMS {
        /// The topic's ARN.
        arn: String,
        /// The topic's name.
        name: String,
        /// The number of subscriptions that somebody confirmed.
        subscriptions_confirmed: i64 => GET_TOPIC_ATTRIBUTES,
        /// The number of subscriptions that wait to be confirmed.
        subscriptions_pending: i64 => GET_TOPIC_ATTRIBUTES,
        /// The topic's policy as a JSON document; absent when it has none.
        policy: Option<String> => GET_TOPIC_ATTRIBUTES,
        /// The KMS key that encrypts its messages; absent when none does.
        kms_master_key_id: Option<String> => GET_TOPIC_ATTRIBUTES,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The alarms that notify it, of all scanned accounts.
        alarms: many Alarm where "arn" = "alarm_actions" within Everywhere;
    }
}
