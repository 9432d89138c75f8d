//! Faults of networks, instances and snapshots.

use crate::synthetic::scenario::baseline::{allow_all, allow_from, open};
use crate::synthetic::scenario::site::{Site, in_region};
use crate::synthetic::world::{
    Account, AclEntry, FlowLog, Image, Instance, MetadataOptions, NetworkAcl, NetworkInterface,
    Peer, Peering, PrefixList, Region, Route, RouteTable, RouteTarget, SecurityGroup, SecurityRule,
    Snapshot, Subnet, Volume, Vpc, VpcEndpoint,
};

const ANY: &str = "0.0.0.0/0";

/// A group of the main VPC of a region.
fn group(site: &Site<'_>, region: &str, name: &str, rules: Vec<SecurityRule>) -> SecurityGroup {
    SecurityGroup {
        id: site.id("sg", region, name),
        name: name.to_owned(),
        description: format!("{name} access"),
        vpc: site.id("vpc", region, "main"),
        rules,
        tags: site.named(name, "unknown"),
    }
}

/// A group that opens SSH and RDP to the internet in both families.
pub fn open_administration(site: &Site<'_>, account: &mut Account, region: &str) {
    let rules = vec![open((22, 22), ANY), open((3389, 3389), "::/0")];
    let group = group(site, region, "bastion-open", rules);
    in_region(account, region, |region| region.network.security_groups.push(group));
}

pub fn production(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    let office = site.id("pl", &home, "offices");
    let anywhere = site.id("pl", &home, "anywhere");
    let list = |id: &str, name: &str, entries: &[(&str, &str)]| PrefixList {
        id: id.to_owned(),
        name: name.to_owned(),
        family: "IPv4".to_owned(),
        entries: entries.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        tags: site.tags("network"),
    };
    let lists = vec![
        list(&office, "offices", &[("198.51.100.0/24", "Dublin"), ("203.0.113.0/25", "Lyon")]),
        list(&anywhere, "partners", &[("192.0.2.0/24", "Partner"), (ANY, "temporary")]),
    ];
    let groups = vec![
        // The whole internet in two halves (a trap).
        group(
            site,
            &home,
            "halves",
            vec![open((22, 22), "0.0.0.0/1"), open((22, 22), "128.0.0.0/1")],
        ),
        // By a prefix list that contains everything (a trap), and by one that does not.
        group(site, &home, "by-list", vec![allow_from((3306, 3306), Peer::PrefixList(anywhere))]),
        group(site, &home, "from-offices", vec![allow_from((22, 22), Peer::PrefixList(office))]),
        // A range that contains dangerous ports (a trap: its first port is fine).
        group(site, &home, "wide-range", vec![open((80, 65535), ANY)]),
        // A single public address for administration, wider than a host.
        group(site, &home, "vendor", vec![open((5985, 5986), "203.0.113.0/24")]),
    ];
    in_region(account, &home, |region| {
        region.network.prefix_lists.extend(lists);
        region.network.security_groups.extend(groups);
        region.network.peerings.push(peering(site, &home));
        peer_routes(site, region);
    });
    // Flow logs of the second region only record what was accepted, and cannot be delivered.
    in_region(account, "us-east-1", |region| {
        for log in &mut region.network.flow_logs {
            log.traffic = "ACCEPT".to_owned();
            log.delivery = "FAILED".to_owned();
            log.delivery_error = Some("Access error".to_owned());
        }
        region.ebs.snapshot_block = "block-new-sharing".to_owned();
    });
}

/// To a VPC of the sandbox account.
fn peering(site: &Site<'_>, region: &str) -> Peering {
    let other = crate::synthetic::mix::ec2_id("vpc", &[super::super::SANDBOX, region, "main"]);
    let side =
        |account: &str, vpc: String, cidr: &str| (account.to_owned(), vpc, vec![cidr.to_owned()]);
    Peering {
        id: site.id("pcx", region, "sandbox"),
        requester: side(site.account, site.id("vpc", region, "main"), "10.250.0.0/16"),
        accepter: side(super::super::SANDBOX, other, "10.251.0.0/16"),
        status: "active".to_owned(),
        tags: site.named("to-sandbox", "network"),
        ..Peering::default()
    }
}

/// One route over the peering is as wide as the peer, one is narrow.
fn peer_routes(site: &Site<'_>, region: &mut Region) {
    let target = RouteTarget::Peering(site.id("pcx", &region.name, "sandbox"));
    let wide = ["10.251.0.0/16", "10.251.7.0/28"];
    if let Some(table) = region.network.route_tables.last_mut() {
        table.routes.extend(wide.map(|destination| Route {
            destination: destination.to_owned(),
            target: target.clone(),
            blackhole: false,
        }));
    }
}

pub fn sandbox(site: &Site<'_>, account: &mut Account) {
    let home = site.home().to_owned();
    open_administration(site, account, &home);
    let groups = vec![
        group(site, &home, "everything", vec![allow_all(false, Peer::Ipv4(ANY.to_owned()))]),
        group(site, &home, "databases", databases()),
        // UDP and ICMP, and a protocol by its number.
        group(site, &home, "odd-protocols", odd_protocols()),
    ];
    in_region(account, &home, |region| {
        region.network.security_groups.extend(groups);
        region.network.flow_logs.clear();
        default_vpc(site, region);
        public_server(site, region);
        open_endpoint(site, region);
        region.ebs.encryption_by_default = false;
        region.ebs.snapshot_block = String::new();
        region.ebs.image_block = false;
        region.ebs.metadata_tokens_required = None;
    });
    // Flow logs by subnet cover the VPC of the second region as well (a trap).
    let second = "us-east-1";
    in_region(account, second, |region| {
        let template = region.network.flow_logs.pop().unwrap_or_default();
        region.network.flow_logs = region
            .network
            .subnets
            .iter()
            .map(|subnet| FlowLog {
                id: site.id("fl", second, &subnet.cidr),
                resource: subnet.id.clone(),
                traffic: "REJECT".to_owned(),
                ..template.clone()
            })
            .collect();
    });
}

fn databases() -> Vec<SecurityRule> {
    [1433, 1521, 3306, 5432, 5601, 6379, 9042, 9092, 9200, 11211, 27017]
        .into_iter()
        .map(|port| open((port, port), ANY))
        .chain([open((20, 23), ANY), open((445, 445), "::/0")])
        .collect()
}

fn odd_protocols() -> Vec<SecurityRule> {
    let rule = |protocol: &str, ports: Option<(i32, i32)>| SecurityRule {
        protocol: protocol.to_owned(),
        ports,
        description: Some("probing & <testing>".to_owned()),
        ..open((0, 0), ANY)
    };
    vec![rule("udp", Some((3389, 3389))), rule("icmp", Some((-1, -1))), rule("50", None)]
}

/// A default VPC in use: open default group, open default ACL, subnets with public addresses.
fn default_vpc(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    let vpc = site.id("vpc", &name, "default");
    let (subnet, default) = (site.id("subnet", &name, "default-a"), site.id("sg", &name, "dflt"));
    let own = Peer::Group { id: default.clone(), account: site.account.to_owned() };
    region.network.vpcs.push(Vpc {
        id: vpc.clone(),
        cidr: "172.31.0.0/16".to_owned(),
        is_default: true,
        ..Vpc::default()
    });
    region.network.subnets.push(Subnet {
        id: subnet.clone(),
        vpc: vpc.clone(),
        cidr: "172.31.0.0/20".to_owned(),
        zone: format!("{name}a"),
        public_ip_on_launch: true,
        default_for_zone: true,
        ..Subnet::default()
    });
    let gateway = site.id("igw", &name, "default");
    let route = |destination: &str, target: &str| Route {
        destination: destination.to_owned(),
        target: RouteTarget::Gateway(target.to_owned()),
        blackhole: false,
    };
    region.network.route_tables.push(RouteTable {
        id: site.id("rtb", &name, "default"),
        vpc: vpc.clone(),
        main: true,
        routes: vec![route("172.31.0.0/16", "local"), route(ANY, &gateway)],
        ..RouteTable::default()
    });
    region.network.internet_gateways.push(crate::synthetic::world::InternetGateway {
        id: gateway,
        vpc: Some(vpc.clone()),
        ..Default::default()
    });
    region.network.acls.push(open_acl(site, &name, &vpc, &subnet));
    region.network.security_groups.push(SecurityGroup {
        id: default.clone(),
        name: "default".to_owned(),
        description: "default VPC security group".to_owned(),
        vpc: vpc.clone(),
        rules: vec![allow_all(false, own), allow_all(true, Peer::Ipv4(ANY.to_owned()))],
        tags: Vec::new(),
    });
    region.network.interfaces.push(NetworkInterface {
        id: site.id("eni", &name, "in-default"),
        vpc,
        subnet,
        description: "AWS Lambda VPC ENI-experiment".to_owned(),
        kind: "lambda".to_owned(),
        private_ip: "172.31.0.20".to_owned(),
        groups: vec![default],
        requester: Some("AROAEXAMPLE:experiment".to_owned()),
        ..NetworkInterface::default()
    });
}

fn open_acl(site: &Site<'_>, region: &str, vpc: &str, subnet: &str) -> NetworkAcl {
    let entry = |number: i32, egress: bool, allow: bool, cidr: &str| AclEntry {
        number,
        egress,
        allow,
        protocol: -1,
        ports: None,
        cidr: cidr.to_owned(),
    };
    NetworkAcl {
        id: site.id("acl", region, "open"),
        vpc: vpc.to_owned(),
        is_default: true,
        subnets: vec![subnet.to_owned()],
        entries: vec![
            entry(100, false, true, ANY),
            entry(101, false, true, "::/0"),
            entry(32767, false, false, ANY),
            entry(100, true, true, ANY),
            entry(32767, true, false, ANY),
        ],
        tags: Vec::new(),
    }
}

/// A server with a public address, an open group, old metadata and a bare disk; and a public
/// snapshot of it.
fn public_server(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    let id = |prefix: &str| site.id(prefix, &name, "toy");
    let (vpc, subnet) = (site.id("vpc", &name, "main"), site.id("subnet", &name, "public"));
    let groups = vec![site.id("sg", &name, "bastion-open")];
    let public_ip = Some("203.0.113.77".to_owned());
    region.network.interfaces.push(NetworkInterface {
        id: id("eni"),
        vpc: vpc.clone(),
        subnet: subnet.clone(),
        kind: "interface".to_owned(),
        private_ip: "10.0.0.77".to_owned(),
        public_ip: public_ip.clone(),
        groups: groups.clone(),
        instance: Some(id("i")),
        ..NetworkInterface::default()
    });
    region.volumes.push(Volume {
        id: id("vol"),
        size: 8,
        zone: format!("{name}a"),
        instance: Some(id("i")),
        created: site.days_ago(120),
        ..Volume::default()
    });
    region.snapshots.push(Snapshot {
        id: id("snap"),
        volume: id("vol"),
        size: 8,
        public: true,
        created: site.days_ago(100),
        description: "for the workshop".to_owned(),
        ..Snapshot::default()
    });
    region.images.push(Image {
        id: id("ami"),
        name: "workshop".to_owned(),
        public: true,
        created: site.days_ago(121),
        tags: Vec::new(),
    });
    region.instances.push(Instance {
        id: id("i"),
        kind: "t3.micro".to_owned(),
        image: id("ami"),
        state: "running".to_owned(),
        launched: site.days_ago(120),
        vpc,
        subnet,
        private_ip: "10.0.0.77".to_owned(),
        public_ip,
        groups,
        interfaces: vec![id("eni")],
        volumes: vec![id("vol")],
        metadata: MetadataOptions { tokens_required: false, hop_limit: 2, enabled: true },
        ..Instance::default()
    });
}

/// An endpoint with the policy that AWS gives by default.
fn open_endpoint(site: &Site<'_>, region: &mut Region) {
    let name = region.name.clone();
    let policy = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    region.network.endpoints.push(VpcEndpoint {
        id: site.id("vpce", &name, "logs"),
        vpc: site.id("vpc", &name, "main"),
        service: format!("com.amazonaws.{name}.logs"),
        kind: "Interface".to_owned(),
        policy: policy.to_owned(),
        subnets: vec![site.id("subnet", &name, "private")],
        groups: vec![site.id("sg", &name, "app")],
        created: site.days_ago(100),
        ..VpcEndpoint::default()
    });
}
