//! The list of sweeps: what each reads, and which calls it makes.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::place::Cell;
use super::{
    access_analyzer, access_points, cloudtrail, cloudwatch, config, contact, ec2, elb, elbv2,
    endpoints, events, guardduty, iam, kms, logs, organization, s3,
};
use crate::schema::{Call, RecordType, Scope};

/// Reads one kind of resource of one place.
pub(super) struct Sweep {
    /// Its name, for logs and journals.
    pub name: &'static str,
    /// Whether it runs once an account or in every region.
    pub scope: Scope,
    /// The types whose lists it reads.
    pub types: &'static [fn() -> &'static RecordType],
    /// The calls that it can make.
    pub calls: &'static [&'static Call],
    /// Does it. Never fails: what cannot be read is handed over as unknown.
    pub run: fn(Arc<Cell>) -> BoxFuture<'static, ()>,
}

/// All sweeps. Within a place they begin in this order: the longest first.
pub(super) fn all() -> impl Iterator<Item = &'static Sweep> {
    [
        iam::SWEEPS,
        s3::SWEEPS,
        cloudtrail::SWEEPS,
        ec2::SWEEPS,
        elbv2::SWEEPS,
        elb::SWEEPS,
        kms::SWEEPS,
        endpoints::SWEEPS,
        access_points::SWEEPS,
        logs::SWEEPS,
        cloudwatch::SWEEPS,
        organization::SWEEPS,
        guardduty::SWEEPS,
        access_analyzer::SWEEPS,
        events::SWEEPS,
        config::SWEEPS,
        contact::SWEEPS,
    ]
    .into_iter()
    .flatten()
}

/// Declares a sweep.
macro_rules! sweep {
    ($name:literal, $scope:ident, [$($type:ty),*], [$($call:path),* $(,)?], $run:path) => {
        $crate::collect::sweep::Sweep {
            name: $name,
            scope: $crate::schema::Scope::$scope,
            types: &[$(<$type as $crate::inventory::Record>::record),*],
            calls: &[$(&$call),*],
            run: |cell| Box::pin(async move { $run(&cell).await }),
        }
    };
}
pub(super) use sweep;
