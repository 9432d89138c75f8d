//! KMS keys that the account manages itself.

mod derive;

use super::account::Account;
use super::outsiders::{Outsider, list};
use crate::inventory::{Derivation, Items, Record, Time};
use crate::schema::RecordRef;
use crate::{part, resource};

calls! {
    /// The keys of a region, those of AWS included.
    LIST_KEYS: "kms" "ListKeys" needs ["kms:ListKeys"] absent [];
    /// The aliases of a region. Those that begin with `alias/aws/` belong to keys of AWS.
    LIST_ALIASES: "kms" "ListAliases" needs ["kms:ListAliases"] absent [];
    /// What a key is, and in which state.
    DESCRIBE_KEY: "kms" "DescribeKey" needs ["kms:DescribeKey"] absent [];
    /// Whether a key rotates. Keys that cannot rotate by themselves refuse the question.
    GET_KEY_ROTATION_STATUS: "kms" "GetKeyRotationStatus"
        needs ["kms:GetKeyRotationStatus"] absent ["UnsupportedOperationException"];
    /// The policy of a key. Every key has one.
    GET_KEY_POLICY: "kms" "GetKeyPolicy" needs ["kms:GetKeyPolicy"] absent [];
    /// The grants of a key.
    LIST_GRANTS: "kms" "ListGrants" needs ["kms:ListGrants"] absent [];
}

part! {
    /// A grant: rights on a key that stand beside its policy.
    pub struct KeyGrant("KeyGrant", shown as id) {
        /// The grant's id.
        id: String,
        /// Who gets it: an ARN, an account id, or the name of a service.
        grantee_principal: String,
        /// What it allows, such as `Decrypt`.
        operations: Items<String>,
    }
}

resource! {
    /// A KMS key that the account manages itself. Keys that AWS manages for a service are left out:
    /// nobody can change them.
    pub struct Key("AWS::KMS::Key", key, Region, id) from LIST_KEYS | LIST_ALIASES | DESCRIBE_KEY {
        /// The key's id.
        id: String,
        /// The key's ARN.
        arn: String,
        /// Its first alias in the order of the alphabet, without `alias/`; absent when it has none.
        name: Option<String> => LIST_ALIASES,
        /// Its aliases, each with `alias/` in front.
        aliases: Items<String> => LIST_ALIASES,
        /// What it is for, in the words of whoever made it; absent when it says nothing.
        description: Option<String> => DESCRIBE_KEY,
        /// Its state.
        #[one_of(
            "Creating", "Enabled", "Disabled", "PendingDeletion", "PendingImport",
            "PendingReplicaDeletion", "Unavailable", "Updating"
        )]
        key_state: String => DESCRIBE_KEY,
        /// What kind of key it is, such as `SYMMETRIC_DEFAULT` or `RSA_2048`.
        key_spec: String => DESCRIBE_KEY,
        /// What it may be used for.
        #[one_of("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")]
        key_usage: String => DESCRIBE_KEY,
        /// Where its material comes from.
        #[one_of("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")]
        origin: String => DESCRIBE_KEY,
        /// Whether it is the primary key or a replica of one in several regions; absent for a key of
        /// one region.
        #[one_of("PRIMARY", "REPLICA")]
        multi_region_key_type: Option<String> => DESCRIBE_KEY,
        /// When it was made.
        creation_date: Time => DESCRIBE_KEY,
        /// When it will be deleted; absent when it is not to be.
        deletion_date: Option<Time> => DESCRIBE_KEY,
        /// Whether AWS changes its material regularly; absent for keys that cannot rotate so.
        rotation_enabled: Option<bool> => GET_KEY_ROTATION_STATUS,
        /// After how many days the material changes; absent when it does not.
        rotation_period_in_days: Option<i64> => GET_KEY_ROTATION_STATUS,
        /// The key policy as a JSON document.
        policy: String => GET_KEY_POLICY,
        /// The grants of the key.
        grants: Items<KeyGrant> => LIST_GRANTS,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
    derived {
        /// Whether anybody in the world may use the key or change it, by its policy. One entry at most,
        /// with a request that gets in.
        public_access: Items<Outsider>, from ["arn", "policy"];
        /// Who outside the account and its organization may use the key or change it, by policy or
        /// grant: one entry an account; an entry without account stands for principals that are named
        /// by another organization or a network, and for everybody.
        foreign_access: Items<Outsider>, from [
            "arn", "policy", "account.organization.id", "grants.grantee_principal",
            "grants.operations",
        ];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(Key::record),
        field: "public_access",
        compute: |key, _| list(derive::public_access(key)),
    },
    Derivation {
        record: RecordRef(Key::record),
        field: "foreign_access",
        compute: |key, inventory| list(derive::foreign_access(key, inventory)),
    },
];
