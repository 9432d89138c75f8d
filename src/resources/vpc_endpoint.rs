//! VPC endpoints, and the endpoint services that the account offers to others.

mod derive;

use super::account::Account;
use super::outsiders::{Outsider, list};
use super::tag::Tag;
use super::vpc::Vpc;
use crate::inventory::{Derivation, Items, Record};
use crate::resource;
use crate::schema::RecordRef;

calls! {
    /// The endpoints of a region with their policies.
    DESCRIBE_VPC_ENDPOINTS: "ec2" "DescribeVpcEndpoints"
        needs ["ec2:DescribeVpcEndpoints"] absent [];
    /// The endpoint services of the account itself.
    DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS: "ec2" "DescribeVpcEndpointServiceConfigurations"
        needs ["ec2:DescribeVpcEndpointServiceConfigurations"] absent [];
    /// Who may connect to an endpoint service.
    DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS: "ec2" "DescribeVpcEndpointServicePermissions"
        needs ["ec2:DescribeVpcEndpointServicePermissions"] absent [];
}

resource! {
    /// A VPC endpoint: a private way out of a VPC to a service.
    pub struct VpcEndpoint("AWS::EC2::VPCEndpoint", endpoint, Region, id)
        from DESCRIBE_VPC_ENDPOINTS
    {
        /// The endpoint's id.
        id: String,
        /// The account that owns it.
        owner_id: String,
        /// The VPC's id.
        vpc_id: String,
        /// What kind of endpoint it is.
        #[one_of("Interface", "Gateway", "GatewayLoadBalancer", "Resource", "ServiceNetwork")]
        endpoint_type: String,
        /// The name of the service it leads to, such as `com.amazonaws.eu-west-1.s3`; absent where it
        /// leads to a resource or a service network.
        service_name: Option<String>,
        /// Its state, such as `available`, in small letters.
        state: String,
        /// The endpoint policy as a JSON document; absent where the kind of endpoint has none.
        policy: Option<String>,
        /// Whether a service of AWS made it and manages it.
        requester_managed: bool,
        /// Its tags.
        tags: Items<Tag>,
    }
    relations {
        /// The account.
        account: one Account within Account;
        /// The VPC.
        vpc: one Vpc where "vpc_id" = "id" within Region;
    }
    derived {
        /// Which principals outside the account and its organization may use the endpoint for resources
        /// that are outside as well: one entry an account; an entry without account stands for
        /// everybody.
        foreign_access: Items<Outsider>, from ["policy", "account.organization.id"];
    }
}

resource! {
    /// An endpoint service: something in this account that others reach through endpoints of theirs.
    pub struct EndpointService("AWS::EC2::VPCEndpointService", endpoint_service, Region, id)
        from DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS
    {
        /// The service's id.
        id: String,
        /// The name by which others connect to it.
        name: String,
        /// Its state, such as `Available`.
        state: String,
        /// Whether somebody must accept each connection.
        acceptance_required: bool,
        /// Its tags.
        tags: Items<Tag>,
        /// Who may connect: ARNs, or `*` for everybody.
        allowed_principals: Items<String> => DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS,
    }
    relations {
        /// The account.
        account: one Account within Account;
    }
    derived {
        /// Who outside the account may connect: one entry a principal; everybody has no account.
        foreign_access: Items<Outsider>, from ["allowed_principals"];
    }
}

/// The functions behind the derived fields of this file.
pub const DERIVATIONS: &[Derivation] = &[
    Derivation {
        record: RecordRef(VpcEndpoint::record),
        field: "foreign_access",
        compute: |endpoint, inventory| list(derive::through_endpoint(endpoint, inventory)),
    },
    Derivation {
        record: RecordRef(EndpointService::record),
        field: "foreign_access",
        compute: |service, inventory| list(derive::to_service(service, inventory)),
    },
];
