//! Many groups, interfaces, instances and log groups in one region.

use super::dice::Dice;
use crate::synthetic::scenario::site::Site;
use crate::synthetic::scenario::{allow_all, allow_from, open};
use crate::synthetic::world::{
    Instance, LogGroup, MetadataOptions, NetworkInterface, Peer, Region, SecurityGroup,
    SecurityRule, Subnet, Vpc,
};

/// Adds `size` resources: for each hundred a VPC with six subnets, 40 security groups, 18 instances
/// with an interface each, and 17 log groups.
pub(super) fn fill(site: &Site<'_>, seed: u64, size: u32, region: &mut Region) {
    let name = region.name.clone();
    for index in 0..size {
        let number = index.to_string();
        let mut dice = Dice::new(seed, &[site.account, &name, &number]);
        let place = Made {
            site,
            region: &name,
            vpc: site.id("vpc", &name, &format!("{}", index / 100)),
            block: index / 100,
            number: &number,
        };
        match index % 100 {
            0 => region.network.vpcs.push(place.vpc()),
            1..7 => region.network.subnets.push(place.subnet(index % 100)),
            7..47 => region.network.security_groups.push(place.group(&mut dice)),
            47..65 => place.instance(&mut dice, region),
            // The interfaces of the instances.
            65..83 => {}
            _ => region.log_groups.push(place.log_group(&mut dice)),
        }
    }
}

struct Made<'a> {
    site: &'a Site<'a>,
    region: &'a str,
    vpc: String,
    block: u32,
    number: &'a str,
}

impl Made<'_> {
    fn id(&self, prefix: &str) -> String {
        self.site.id(prefix, self.region, self.number)
    }

    fn vpc(&self) -> Vpc {
        Vpc {
            id: self.vpc.clone(),
            cidr: format!("10.{}.0.0/16", self.block % 256),
            tags: self.site.named(&format!("vpc-{}", self.block), "platform"),
            ..Vpc::default()
        }
    }

    /// The id of the n-th subnet of this block.
    fn subnet_id(&self, n: u32) -> String {
        self.site.id("subnet", self.region, &format!("{}", self.block * 100 + n))
    }

    fn subnet(&self, n: u32) -> Subnet {
        let zone = ["a", "b", "c"].get((n % 3) as usize).copied().unwrap_or("a");
        Subnet {
            id: self.subnet_id(n),
            vpc: self.vpc.clone(),
            cidr: format!("10.{}.{}.0/24", self.block % 256, n),
            zone: format!("{}{zone}", self.region),
            tags: self.site.named(&format!("subnet-{n}"), "platform"),
            ..Subnet::default()
        }
    }

    /// The id of one of the groups of this block.
    fn some_group(&self, dice: &mut Dice) -> String {
        let n = u32::try_from(dice.below(40)).unwrap_or(0) + 7;
        self.site.id("sg", self.region, &format!("{}", self.block * 100 + n))
    }

    fn group(&self, dice: &mut Dice) -> SecurityGroup {
        let mut rules: Vec<SecurityRule> = (0..dice.tail(30)).map(|_| self.rule(dice)).collect();
        rules.push(allow_all(true, Peer::Ipv4("0.0.0.0/0".to_owned())));
        let name = format!("{}-{}", dice.pick(&["web", "app", "db", "cache", "job"]), self.number);
        SecurityGroup {
            id: self.id("sg"),
            description: format!("Traffic of {name}"),
            vpc: self.vpc.clone(),
            rules,
            tags: self.site.named(&name, "platform"),
            name,
        }
    }

    fn rule(&self, dice: &mut Dice) -> SecurityRule {
        let ports = [443, 8443, 5432, 6379, 9200, 22, 3306, 53];
        let port = ports.get(dice.below(ports.len())).copied().unwrap_or(443);
        match dice.below(100) {
            0 => open((22, 22), "0.0.0.0/0"),
            1 => open((3389, 3389), "::/0"),
            2..10 => open((443, 443), "0.0.0.0/0"),
            10..50 => {
                let group = self.some_group(dice);
                let account = self.site.account.to_owned();
                allow_from((port, port), Peer::Group { id: group, account })
            }
            _ => {
                let range = format!("10.{}.{}.0/24", dice.below(256), dice.below(256));
                open((port, port), &range)
            }
        }
    }

    fn instance(&self, dice: &mut Dice, region: &mut Region) {
        let (id, interface) = (self.id("i"), self.id("eni"));
        let subnet = self.subnet_id(u32::try_from(dice.below(6)).unwrap_or(0) + 1);
        let groups = vec![self.some_group(dice)];
        let private_ip =
            format!("10.{}.{}.{}", self.block % 256, dice.below(7), dice.below(250) + 4);
        let public_ip = dice.happens(0.03).then(|| format!("203.0.113.{}", dice.below(254) + 1));
        region.network.interfaces.push(NetworkInterface {
            id: interface.clone(),
            vpc: self.vpc.clone(),
            subnet: subnet.clone(),
            description: "Primary network interface".to_owned(),
            kind: "interface".to_owned(),
            private_ip: private_ip.clone(),
            public_ip: public_ip.clone(),
            groups: groups.clone(),
            instance: Some(id.clone()),
            ..NetworkInterface::default()
        });
        let tokens_required = dice.happens(0.9);
        region.instances.push(Instance {
            kind: dice.pick(&["m7g.large", "c7g.xlarge", "t4g.small", "r7g.2xlarge"]).to_owned(),
            image: self.site.id("ami", self.region, "golden"),
            state: "running".to_owned(),
            launched: self.site.days_ago(i64::try_from(dice.below(700)).unwrap_or(0)),
            vpc: self.vpc.clone(),
            profile: Some(self.site.arn("iam", "", "instance-profile/app-server")),
            metadata: MetadataOptions { tokens_required, ..MetadataOptions::default() },
            monitoring: dice.happens(0.5),
            tags: self.site.named(&format!("app-{}", self.number), "platform"),
            interfaces: vec![interface],
            volumes: Vec::new(),
            id,
            subnet,
            private_ip,
            public_ip,
            groups,
        });
    }

    fn log_group(&self, dice: &mut Dice) -> LogGroup {
        let days = [7, 30, 90, 365, 400];
        LogGroup {
            name: format!("/aws/lambda/function-{}", self.number),
            created: self.site.days_ago(300),
            retention: dice
                .happens(0.8)
                .then(|| days.get(dice.below(days.len())).copied().unwrap_or(30)),
            key: dice.happens(0.6).then(|| self.site.key(self.region)),
            filters: Vec::new(),
            ..LogGroup::default()
        }
    }
}
