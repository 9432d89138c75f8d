//! Load balancers of both generations.

use jiff::Timestamp;

use super::Tag;

/// Where access logs go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessLog {
    /// The bucket.
    pub bucket: String,
    /// Before the names of its objects.
    pub prefix: String,
}

/// A classic load balancer.
#[derive(Debug, Clone, Default)]
pub struct ClassicBalancer {
    /// The name.
    pub name: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// Its VPC.
    pub vpc: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its listeners.
    pub listeners: Vec<ClassicListener>,
    /// Access logs.
    pub access_log: Option<AccessLog>,
    /// `monitor`, `defensive` or `strictest`; empty for `defensive`.
    pub desync: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A listener of a classic load balancer.
#[derive(Debug, Clone, Default)]
pub struct ClassicListener {
    /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
    pub protocol: String,
    /// The port.
    pub port: i32,
    /// The protocol towards instances.
    pub instance_protocol: String,
    /// The port of the instances.
    pub instance_port: i32,
    /// The certificate.
    pub certificate: Option<String>,
    /// The name of its TLS policy.
    pub policy: Option<String>,
}

/// A load balancer of the second generation.
#[derive(Debug, Clone, Default)]
pub struct LoadBalancer {
    /// The name.
    pub name: String,
    /// `application`, `network` or `gateway`.
    pub kind: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// Its VPC.
    pub vpc: String,
    /// Zone and subnet of each zone.
    pub zones: Vec<(String, String)>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its listeners.
    pub listeners: Vec<Listener>,
    /// Access logs.
    pub access_log: Option<AccessLog>,
    /// Whether it is protected against deletion.
    pub deletion_protection: bool,
    /// Whether requests with invalid header fields are cleaned (application only).
    pub drop_invalid_headers: bool,
    /// `monitor`, `defensive` or `strictest`; empty for `defensive` (application only).
    pub desync: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// A listener.
#[derive(Debug, Clone, Default)]
pub struct Listener {
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, ….
    pub protocol: String,
    /// The port.
    pub port: i32,
    /// The TLS policy.
    pub tls_policy: Option<String>,
    /// The certificate.
    pub certificate: Option<String>,
    /// What happens to requests.
    pub action: DefaultAction,
}

/// What a listener does with requests that no rule takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DefaultAction {
    /// They go to a target group.
    #[default]
    Forward,
    /// They are sent to HTTPS.
    RedirectToHttps,
    /// They get this status.
    FixedResponse(u16),
}
