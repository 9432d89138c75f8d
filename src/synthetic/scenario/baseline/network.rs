//! A VPC as it should be, with a server in it.

use crate::synthetic::scenario::site::{Site, tag};
use crate::synthetic::world::{
    AclEntry, FlowLog, Image, Instance, InternetGateway, MetadataOptions, NetworkAcl,
    NetworkInterface, Peer, Region, Route, RouteTable, RouteTarget, SecurityGroup, SecurityRule,
    Snapshot, Subnet, Volume, Vpc, VpcEndpoint,
};

/// Fills the network of a region: one VPC with a public and a private subnet.
pub fn fill(site: &Site<'_>, region: &mut Region) {
    let plan = Plan::new(site, &region.name);
    let name = region.name.clone();
    region.network.vpcs = vec![Vpc {
        id: plan.vpc.clone(),
        cidr: format!("{}.0.0/16", plan.base),
        tags: site.named("main", "platform"),
        ..Vpc::default()
    }];
    region.network.subnets = subnets(site, &plan, &name);
    region.network.route_tables = route_tables(site, &plan, &name);
    region.network.internet_gateways = vec![InternetGateway {
        id: plan.gateway.clone(),
        vpc: Some(plan.vpc.clone()),
        tags: site.named("main", "platform"),
    }];
    region.network.acls = acls(site, &plan, &name);
    region.network.security_groups = security_groups(site, &plan, &name);
    region.network.flow_logs = vec![FlowLog {
        id: site.id("fl", &name, "main"),
        resource: plan.vpc.clone(),
        traffic: "ALL".to_owned(),
        destination: "/vpc/flow-logs".to_owned(),
        destination_type: "cloud-watch-logs".to_owned(),
        delivery: "SUCCESS".to_owned(),
        created: site.days_ago(500),
        tags: site.tags("security"),
        ..FlowLog::default()
    }];
    region.network.endpoints = vec![endpoint(site, &plan, &name)];
    server(site, &plan, region);
}

/// The identifiers of one region's network.
struct Plan {
    base: String,
    vpc: String,
    public: String,
    private: String,
    gateway: String,
}

impl Plan {
    fn new(site: &Site<'_>, region: &str) -> Self {
        Plan {
            base: base(site, region),
            vpc: site.id("vpc", region, "main"),
            public: site.id("subnet", region, "public"),
            private: site.id("subnet", region, "private"),
            gateway: site.id("igw", region, "main"),
        }
    }
}

/// The first two numbers of the addresses of a region's VPC: a range of its own for each account and
/// region, within 10.0.0.0/8.
pub fn base(site: &Site<'_>, region: &str) -> String {
    format!("10.{}", crate::synthetic::mix::mix(12, &[site.account, region]) % 200)
}

fn subnets(site: &Site<'_>, plan: &Plan, region: &str) -> Vec<Subnet> {
    let subnet = |id: &str, third: u8, zone: char, name: &str| Subnet {
        id: id.to_owned(),
        vpc: plan.vpc.clone(),
        cidr: format!("{}.{third}.0/24", plan.base),
        zone: format!("{region}{zone}"),
        tags: site.named(name, "platform"),
        ..Subnet::default()
    };
    vec![subnet(&plan.public, 0, 'a', "public-a"), subnet(&plan.private, 10, 'a', "private-a")]
}

fn route(destination: &str, target: RouteTarget) -> Route {
    Route { destination: destination.to_owned(), target, blackhole: false }
}

fn route_tables(site: &Site<'_>, plan: &Plan, region: &str) -> Vec<RouteTable> {
    let local = || route(&format!("{}.0.0/16", plan.base), RouteTarget::Gateway("local".into()));
    let table = |name: &str| RouteTable {
        id: site.id("rtb", region, name),
        vpc: plan.vpc.clone(),
        tags: site.named(name, "platform"),
        ..RouteTable::default()
    };
    let out = RouteTarget::Gateway(plan.gateway.clone());
    vec![
        RouteTable { main: true, routes: vec![local()], ..table("main") },
        RouteTable {
            subnets: vec![plan.public.clone()],
            routes: vec![local(), route("0.0.0.0/0", out)],
            tags: [site.named("public", "platform"), vec![tag("InternetRoute", "approved")]]
                .concat(),
            ..table("public")
        },
        RouteTable {
            subnets: vec![plan.private.clone()],
            routes: vec![local()],
            ..table("private")
        },
    ]
}

/// An entry for IPv4 from or to everywhere.
fn entry(
    number: i32,
    egress: bool,
    allow: bool,
    protocol: i32,
    ports: Option<(u16, u16)>,
) -> AclEntry {
    AclEntry { number, egress, allow, protocol, ports, cidr: "0.0.0.0/0".to_owned() }
}

/// The default ACL lets nothing through; the one in use denies administration before it allows
/// the web and return traffic.
fn acls(site: &Site<'_>, plan: &Plan, region: &str) -> Vec<NetworkAcl> {
    let last = [entry(32767, false, false, -1, None), entry(32767, true, false, -1, None)];
    let default = NetworkAcl {
        id: site.id("acl", region, "default"),
        vpc: plan.vpc.clone(),
        is_default: true,
        entries: last.to_vec(),
        ..NetworkAcl::default()
    };
    let mut entries = vec![
        entry(90, false, false, 6, Some((22, 22))),
        entry(91, false, false, 6, Some((3389, 3389))),
        entry(100, false, true, 6, Some((443, 443))),
        entry(110, false, true, 6, Some((1024, 65535))),
        entry(100, true, true, -1, None),
    ];
    entries.extend(last);
    let workload = NetworkAcl {
        id: site.id("acl", region, "workload"),
        vpc: plan.vpc.clone(),
        subnets: vec![plan.public.clone(), plan.private.clone()],
        entries,
        tags: site.named("workload", "platform"),
        ..NetworkAcl::default()
    };
    vec![default, workload]
}

/// An inbound TCP rule from an address range of either family.
pub fn open(ports: (i32, i32), range: &str) -> SecurityRule {
    let range = range.to_owned();
    let peer = if range.contains(':') { Peer::Ipv6(range) } else { Peer::Ipv4(range) };
    allow_from(ports, peer)
}

/// An inbound TCP rule.
pub fn allow_from(ports: (i32, i32), peer: Peer) -> SecurityRule {
    SecurityRule {
        egress: false,
        protocol: "tcp".to_owned(),
        ports: Some(ports),
        peer,
        description: None,
    }
}

/// A rule for all protocols.
pub fn allow_all(egress: bool, peer: Peer) -> SecurityRule {
    SecurityRule { egress, protocol: "-1".to_owned(), ports: None, peer, description: None }
}

fn security_groups(site: &Site<'_>, plan: &Plan, region: &str) -> Vec<SecurityGroup> {
    let id = |name: &str| site.id("sg", region, name);
    let peer = |name: &str| Peer::Group { id: id(name), account: site.account.to_owned() };
    let out = || allow_all(true, Peer::Ipv4("0.0.0.0/0".to_owned()));
    let group = |name: &str, description: &str, rules: Vec<SecurityRule>| SecurityGroup {
        id: id(name),
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: plan.vpc.clone(),
        rules,
        tags: site.named(name, "platform"),
    };
    vec![
        SecurityGroup {
            tags: Vec::new(),
            ..group("default", "default VPC security group", Vec::new())
        },
        group(
            "web",
            "Public web entry",
            vec![open((443, 443), "0.0.0.0/0"), open((443, 443), "::/0"), out()],
        ),
        group("app", "Application servers", vec![allow_from((8443, 8443), peer("web")), out()]),
        group("database", "PostgreSQL", vec![allow_from((5432, 5432), peer("app"))]),
    ]
}

fn endpoint(site: &Site<'_>, plan: &Plan, region: &str) -> VpcEndpoint {
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": "*",
            "Condition": {"StringEquals": {
                "aws:PrincipalOrgID": site.organization,
                "aws:ResourceOrgID": site.organization,
            }},
        }],
    });
    VpcEndpoint {
        id: site.id("vpce", region, "s3"),
        vpc: plan.vpc.clone(),
        service: format!("com.amazonaws.{region}.s3"),
        kind: "Gateway".to_owned(),
        policy: policy.to_string(),
        route_tables: vec![site.id("rtb", region, "private")],
        created: site.days_ago(500),
        tags: site.named("s3", "platform"),
        ..VpcEndpoint::default()
    }
}

/// An application server with its interface, volume and snapshot.
fn server(site: &Site<'_>, plan: &Plan, region: &mut Region) {
    let name = region.name.clone();
    let (instance, interface) = (site.id("i", &name, "app-1"), site.id("eni", &name, "app-1"));
    let volume = site.id("vol", &name, "app-1");
    let groups = vec![site.id("sg", &name, "app")];
    let private_ip = format!("{}.10.11", plan.base);
    region.network.interfaces.push(NetworkInterface {
        id: interface.clone(),
        vpc: plan.vpc.clone(),
        subnet: plan.private.clone(),
        description: "Primary network interface".to_owned(),
        kind: "interface".to_owned(),
        private_ip: private_ip.clone(),
        groups: groups.clone(),
        instance: Some(instance.clone()),
        ..NetworkInterface::default()
    });
    region.volumes.push(Volume {
        id: volume.clone(),
        size: 40,
        zone: format!("{name}a"),
        encrypted: true,
        key: Some(site.key(&name)),
        instance: Some(instance.clone()),
        created: site.days_ago(45),
        tags: site.named("app-1", "platform"),
    });
    let management = (!site.is_management()).then(|| site.management.to_owned());
    region.snapshots.push(Snapshot {
        shared_with: management.into_iter().collect(),
        id: site.id("snap", &name, "app-1"),
        volume: volume.clone(),
        size: 40,
        encrypted: true,
        created: site.days_ago(1),
        description: "nightly".to_owned(),
        tags: site.named("app-1", "platform"),
        ..Snapshot::default()
    });
    region.images.push(Image {
        id: site.id("ami", &name, "golden"),
        name: "golden".to_owned(),
        public: false,
        created: site.days_ago(60),
        tags: site.named("golden", "platform"),
    });
    region.instances.push(Instance {
        id: instance,
        kind: "m7g.large".to_owned(),
        image: site.id("ami", &name, "golden"),
        state: "running".to_owned(),
        launched: site.days_ago(45),
        vpc: plan.vpc.clone(),
        subnet: plan.private.clone(),
        private_ip,
        public_ip: None,
        groups,
        interfaces: vec![interface],
        volumes: vec![volume],
        profile: Some(site.arn("iam", "", "instance-profile/app-server")),
        metadata: MetadataOptions::default(),
        monitoring: true,
        tags: site.named("app-1", "platform"),
    });
}
