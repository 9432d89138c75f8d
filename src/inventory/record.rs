//! The macros that declare record types. One Rust struct is the single source of a type.
//!
//! ```ignore
//! resource! {
//!     /// An S3 bucket.
//!     pub struct Bucket("AWS::S3::Bucket", bucket, Account, name) from LIST_BUCKETS {
//!         /// Its name, unique in the partition.
//!         name: String,
//!         /// Its policy document.
//!         policy: Option<PolicyDocument> => GET_BUCKET_POLICY,
//!         /// Whether old versions are kept.
//!         #[one_of("Enabled", "Suspended")]
//!         versioning: Option<String> => GET_BUCKET_VERSIONING,
//!     }
//!     relations {
//!         /// The account that owns it.
//!         account: one Account within Account;
//!         /// The trails that write to it.
//!         trails: many Trail where "name" = "s3_bucket_name" within Everywhere;
//!         /// The bucket that gets its access logs, if there is one.
//!         log_bucket: maybe Bucket where "log_bucket_name" = "name" within Everywhere;
//!     }
//!     derived {
//!         /// Who outside the account gets in.
//!         public_access: Items<PublicAccess>, from ["policy", "acl_grants"];
//!     }
//! }
//! ```
//! Each field of the struct becomes a `Slot` that starts as *pending*; `..Default::default()` leaves
//! out what a collector does not read. `one` relations are always there (a target that is not found
//! is unknown), `maybe` relations are absent when their target is known not to exist.

/// Declares a resource type: see the module's example.
#[macro_export]
#[doc(hidden)]
macro_rules! resource {
    (
        $(#[doc = $doc:literal])*
        pub struct $rust:ident($name:literal, $alias:ident, $scope:ident, $id:ident)
            from $($call:path)|+ { $($fields:tt)* }
        $(relations { $($relations:tt)* })?
        $(derived { $($derived:tt)* })?
    ) => {
        $crate::record_struct! {
            [$($doc)*] $rust, $name, stringify!($alias),
            $crate::schema::Kind::Resource {
                scope: $crate::schema::Scope::$scope,
                id: stringify!($id),
            },
            [$(&$call),+] { $($fields)* } { $($($relations)*)? } { $($($derived)*)? }
        }
    };
}

/// Declares a part of resources: `part! { /// … pub struct Rule("SecurityGroupRule") from CALL {…} }`,
/// with `, shown as text` after the name where one field stands for the whole.
#[macro_export]
#[doc(hidden)]
macro_rules! part {
    (
        $(#[doc = $doc:literal])*
        pub struct $rust:ident($name:literal) from $($call:path)|+ { $($fields:tt)* }
        $(relations { $($relations:tt)* })?
        $(derived { $($derived:tt)* })?
    ) => {
        $crate::record_struct! {
            [$($doc)*] $rust, $name, "", $crate::schema::Kind::Part { shown_as: None },
            [$(&$call),+] { $($fields)* } { $($($relations)*)? } { $($($derived)*)? }
        }
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $rust:ident($name:literal, shown as $shown:ident)
            from $($call:path)|+ { $($fields:tt)* }
        $(relations { $($relations:tt)* })?
        $(derived { $($derived:tt)* })?
    ) => {
        $crate::record_struct! {
            [$($doc)*] $rust, $name, "",
            $crate::schema::Kind::Part { shown_as: Some(stringify!($shown)) },
            [$(&$call),+] { $($fields)* } { $($($relations)*)? } { $($($derived)*)? }
        }
    };
}

/// The common half of `resource!` and `part!`.
#[macro_export]
#[doc(hidden)]
macro_rules! record_struct {
    (
        [$($doc:literal)*] $rust:ident, $name:expr, $alias:expr, $kind:expr, $calls:tt
        {
            $(
                $(#[doc = $field_doc:literal])*
                $(#[one_of($($word:literal),+ $(,)?)])?
                $field:ident: $ty:ty $(=> $($field_call:path)|+)?
            ),* $(,)?
        }
        {
            $(
                $(#[doc = $relation_doc:literal])*
                $relation:ident: $arity:ident $target:ident
                $(where $local:literal = $remote:literal)? within $within:ident;
            )*
        }
        {
            $(
                $(#[doc = $derived_doc:literal])*
                $(#[one_of($($derived_word:literal),+ $(,)?)])?
                $derived:ident: $derived_ty:ty, from [$($reads:literal),* $(,)?];
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $rust {
            $(
                $(#[doc = $field_doc])*
                pub $field: $crate::inventory::Slot<
                    <$ty as $crate::inventory::SlotType>::Value
                >,
            )*
        }

        impl $crate::inventory::Record for $rust {
            fn record() -> &'static $crate::schema::RecordType {
                static RECORD: $crate::schema::RecordType = $crate::schema::RecordType {
                    name: $name,
                    alias: $alias,
                    doc: concat!($($doc, "\n"),*),
                    kind: $kind,
                    fields: &[
                        $($crate::schema::Field {
                            name: stringify!($field),
                            doc: concat!($($field_doc, "\n"),*),
                            ty: $crate::record_field!(@type $ty $(, $($word),+)?),
                            optional: <$ty as $crate::inventory::SlotType>::OPTIONAL,
                            origin: $crate::schema::Origin::Read(
                                $crate::record_field!(@calls $calls $($(&$field_call),+)?)
                            ),
                        },)*
                        $($crate::schema::Field {
                            name: stringify!($relation),
                            doc: concat!($($relation_doc, "\n"),*),
                            ty: $crate::record_field!(@relation $arity $target),
                            optional: $crate::record_field!(@optional $arity),
                            origin: $crate::schema::Origin::Relation($crate::schema::Relation {
                                target: $crate::schema::RecordRef(
                                    <$target as $crate::inventory::Record>::record
                                ),
                                many: $crate::record_field!(@many $arity),
                                local: $crate::record_field!(@key $($local)?),
                                remote: $crate::record_field!(@key $($remote)?),
                                within: $crate::schema::Within::$within,
                            }),
                        },)*
                        $($crate::schema::Field {
                            name: stringify!($derived),
                            doc: concat!($($derived_doc, "\n"),*),
                            ty: $crate::record_field!(@type $derived_ty $(, $($derived_word),+)?),
                            optional: <$derived_ty as $crate::inventory::SlotType>::OPTIONAL,
                            origin: $crate::schema::Origin::Derived { reads: &[$($reads),*] },
                        },)*
                    ],
                };
                &RECORD
            }
        }

        impl $crate::inventory::SlotType for $rust {
            type Value = Self;
            const TYPE: $crate::schema::Type =
                $crate::schema::Type::Record($crate::schema::RecordRef(
                    <Self as $crate::inventory::Record>::record
                ));

            fn draft(value: Self) -> $crate::inventory::Draft {
                let _ = &value;
                $crate::inventory::Draft::Record(vec![
                    $(value.$field.into_draft::<$ty>(),)*
                    $({ let _ = stringify!($relation); $crate::inventory::Draft::Pending },)*
                    $({ let _ = stringify!($derived); $crate::inventory::Draft::Pending },)*
                ])
            }
        }
    };
}

/// Small decisions inside `record_struct!`.
#[macro_export]
#[doc(hidden)]
macro_rules! record_field {
    (@type $ty:ty) => { <$ty as $crate::inventory::SlotType>::TYPE };
    (@type $ty:ty, $($word:literal),+) => { $crate::schema::Type::Enum(&[$($word),+]) };
    (@calls $default:tt) => { &$default };
    (@calls $default:tt $($own:expr),+) => { &[$($own),+] };
    (@relation many $target:ident) => {
        $crate::schema::Type::List(&<$target as $crate::inventory::SlotType>::TYPE)
    };
    (@relation $arity:ident $target:ident) => {
        <$target as $crate::inventory::SlotType>::TYPE
    };
    (@optional maybe) => { true };
    (@optional $arity:ident) => { false };
    (@many many) => { true };
    (@many $arity:ident) => { false };
    (@key) => { None };
    (@key $key:literal) => { Some($key) };
}
