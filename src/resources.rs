//! What we read of AWS: one file an area, with the calls it takes and the records it yields.
//!
//! A struct here is the single source of its type: slots, snapshot format, what checks may name,
//! documentation, and the API calls and IAM actions of each field. Sweeps fill these structs;
//! this module knows neither them nor the SDK. Attributes carry the API's names in snake case, save
//! that the identifying ones are called `id`, `name` and `arn` everywhere.
//!
//! Derived fields stand next to the type they belong to. They are Kleene-correct: what an input
//! hides, they leave unknown.

/// Declares the calls of an area: service, operation, IAM actions, error codes that mean *absent*.
macro_rules! calls {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $service:literal $operation:literal needs [$($action:literal),*]
            absent [$($code:literal),*];
    )*) => {
        $(
            $(#[doc = $doc])*
            pub const $name: $crate::schema::Call = $crate::schema::Call {
                service: $service,
                operation: $operation,
                actions: &[$($action),*],
                absent: &[$($code),*],
            };
        )*
    };
}

pub mod access_analyzer;
pub mod access_point;
pub mod account;
pub mod alarm;
pub mod breadth;
pub mod config;
pub mod contact;
pub mod delegation;
pub mod elb;
pub mod elbv2;
pub mod event_rule;
pub mod flow_log;
pub mod guardduty;
pub mod iam_group;
pub mod iam_policy;
pub mod iam_role;
pub mod iam_user;
pub mod image;
pub mod instance;
pub mod internet;
pub mod kleene;
pub mod kms;
pub mod launch_template;
pub mod logs;
pub mod membership;
pub mod network_acl;
pub mod network_interface;
pub mod open_ports;
pub mod organization;
pub mod outsiders;
pub mod peering;
pub mod policy;
pub mod prefix_list;
pub mod principals;
pub mod region;
pub mod route_table;
pub mod s3;
pub mod security_group;
pub mod server_certificate;
pub mod snapshot;
pub mod sns;
pub mod standing;
pub mod tag;
pub mod trail;
pub mod transit_gateway;
pub mod volume;
pub mod vpc;
pub mod vpc_endpoint;
pub mod vpn;

use crate::inventory::{Model, Record};
use crate::schema::{Catalog, RecordRef};

/// The types that checks can be written for, and the functions behind their derived fields.
pub const MODEL: Model = Model {
    catalog: Catalog(&[
        RecordRef(account::Account::record),
        RecordRef(organization::Organization::record),
        RecordRef(organization::ControlPolicy::record),
        RecordRef(region::Region::record),
        RecordRef(iam_user::User::record),
        RecordRef(iam_group::Group::record),
        RecordRef(iam_role::Role::record),
        RecordRef(iam_policy::ManagedPolicy::record),
        RecordRef(server_certificate::ServerCertificate::record),
        RecordRef(s3::Bucket::record),
        RecordRef(access_point::AccessPoint::record),
        RecordRef(security_group::SecurityGroup::record),
        RecordRef(prefix_list::PrefixList::record),
        RecordRef(vpc::Vpc::record),
        RecordRef(vpc::Subnet::record),
        RecordRef(route_table::RouteTable::record),
        RecordRef(network_acl::NetworkAcl::record),
        RecordRef(network_interface::NetworkInterface::record),
        RecordRef(instance::Instance::record),
        RecordRef(flow_log::FlowLog::record),
        RecordRef(image::Image::record),
        RecordRef(volume::Volume::record),
        RecordRef(snapshot::Snapshot::record),
        RecordRef(launch_template::LaunchTemplate::record),
        RecordRef(peering::Peering::record),
        RecordRef(vpn::VpnConnection::record),
        RecordRef(vpn::ClientVpnEndpoint::record),
        RecordRef(transit_gateway::TransitGateway::record),
        RecordRef(vpc_endpoint::VpcEndpoint::record),
        RecordRef(vpc_endpoint::EndpointService::record),
        RecordRef(kms::Key::record),
        RecordRef(trail::Trail::record),
        RecordRef(logs::LogGroup::record),
        RecordRef(logs::MetricFilter::record),
        RecordRef(alarm::Alarm::record),
        RecordRef(sns::Topic::record),
        RecordRef(config::Recorder::record),
        RecordRef(config::DeliveryChannel::record),
        RecordRef(config::Aggregator::record),
        RecordRef(guardduty::Detector::record),
        RecordRef(access_analyzer::Analyzer::record),
        RecordRef(event_rule::Rule::record),
        RecordRef(elb::LoadBalancer::record),
        RecordRef(elbv2::LoadBalancer::record),
    ]),
    derivations: &[
        security_group::DERIVATIONS,
        network_acl::DERIVATIONS,
        vpc::DERIVATIONS,
        instance::DERIVATIONS,
        snapshot::DERIVATIONS,
        peering::DERIVATIONS,
        trail::DERIVATIONS,
        alarm::DERIVATIONS,
        logs::DERIVATIONS,
        account::DERIVATIONS,
        iam_policy::DERIVATIONS,
        iam_user::DERIVATIONS,
        iam_group::DERIVATIONS,
        iam_role::DERIVATIONS,
        s3::DERIVATIONS,
        access_analyzer::DERIVATIONS,
        event_rule::DERIVATIONS,
        kms::DERIVATIONS,
        access_point::DERIVATIONS,
        vpc_endpoint::DERIVATIONS,
    ],
};

#[cfg(test)]
mod tests;
