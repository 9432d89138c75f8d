"""Seeds an organization into moto over its HTTP API, and prints what a scan of it must say.

    python seed.py http://127.0.0.1:5000

Every setting is followed by the verdicts that it leads to. Identifiers are chosen by moto, so each gets a label;
the answer is `{"labels": {identifier: label}, "expect": [[account, region, check, resource, verdict], …]}`.
"""

import json
import socket
import sys

import boto3

ENDPOINT = sys.argv[1]
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"]
ORGANIZATION_KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "moto"}

# S3's account-wide settings live on a host that begins with the account id, which no resolver knows on loopback.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: resolve("127.0.0.1", *rest, **named)

labels = {}
expected = []


class Account:
    """An account, and the clients that work in it."""

    def __init__(self, label, identifier, keys):
        self.label, self.id, self.keys = label, identifier, keys
        labels[identifier] = label

    def client(self, service, region="us-east-1"):
        return boto3.client(service, region_name=region, endpoint_url=ENDPOINT, **self.keys)

    def expect(self, verdict, resource, *checks, region=None):
        expected.extend([self.label, region or "", check, resource, verdict] for check in checks)


def organization():
    management = Account("management", "123456789012", ORGANIZATION_KEYS)
    organizations = management.client("organizations")
    made = organizations.create_organization(FeatureSet="ALL")
    labels[made["Organization"]["Id"]] = "organization"
    accounts = [management]
    for label in ["production", "sandbox"]:
        status = organizations.create_account(AccountName=label, Email=f"{label}@acme.example")
        identifier = status["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{identifier}:role/PosturaAudit"
        session = management.client("sts").assume_role(RoleArn=role, RoleSessionName="seed")["Credentials"]
        keys = {
            "aws_access_key_id": session["AccessKeyId"],
            "aws_secret_access_key": session["SecretAccessKey"],
            "aws_session_token": session["SessionToken"],
        }
        accounts.append(Account(label, identifier, keys))
    return accounts


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal, **more):
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


PASSWORD_CHECKS = {
    "MinimumPasswordLength": (14, 8, "iam-password-policy-min-length"),
    "RequireSymbols": (True, False, "iam-password-policy-requires-symbol"),
    "RequireNumbers": (True, False, "iam-password-policy-requires-number"),
    "RequireUppercaseCharacters": (True, False, "iam-password-policy-requires-uppercase"),
    "RequireLowercaseCharacters": (True, False, "iam-password-policy-requires-lowercase"),
    "MaxPasswordAge": (90, 365, "iam-password-policy-max-age"),
    "PasswordReusePrevention": (24, 3, "iam-password-policy-prevents-reuse"),
}


def password_policies(management, production, sandbox):
    """A strict one, a weak one, and none at all in an account where nobody has a password."""
    strict = {name: good for name, (good, _, _) in PASSWORD_CHECKS.items()}
    weak = {name: bad for name, (_, bad, _) in PASSWORD_CHECKS.items()}
    checks = [check for _, _, check in PASSWORD_CHECKS.values()]
    management.client("iam").update_account_password_policy(**strict)
    management.expect("pass", "management", *checks)
    production.client("iam").update_account_password_policy(**weak)
    production.expect("fail", "production", *checks)
    sandbox.expect("not_applicable", "sandbox", "iam-password-policy-exists")


def users(account):
    iam = account.client("iam")
    # A person with a password and a device, in a group that may only read.
    iam.create_group(GroupName="auditors")
    iam.attach_group_policy(GroupName="auditors", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    iam.create_user(UserName="alice")
    iam.create_login_profile(UserName="alice", Password="correct horse battery 1A!")
    iam.add_user_to_group(GroupName="auditors", UserName="alice")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="alice", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    account.expect("pass", "alice", "iam-user-no-direct-policies", "iam-user-no-admin-rights")
    # One without a device.
    iam.create_user(UserName="bob")
    iam.create_login_profile(UserName="bob", Password="correct horse battery 1A!")
    # moto's credential report says that it is years old, so what it says of users is not believed.
    for name in ["alice", "bob"]:
        account.expect("unknown", name, "iam-user-console-mfa-enabled")
    account.expect("unknown", account.label, "iam-federation-in-use")
    # A machine with an administrator policy written by hand.
    iam.create_user(UserName="deployer")
    iam.put_user_policy(
        UserName="deployer", PolicyName="everything", PolicyDocument=document(allow(["*", "s3:Get*"], ["*"]))
    )
    iam.create_access_key(UserName="deployer")
    account.expect("fail", "deployer", "iam-user-no-direct-policies", "iam-user-no-admin-rights")


def roles(account, outsider):
    iam = account.client("iam")

    def role(name, policy):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)

    role("anybody", trust({"AWS": "*"}))
    account.expect("fail", "anybody", "iam-role-trust-no-wildcard-principal")
    # A wildcard that a condition narrows to the account itself.
    role("own", trust({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalAccount": account.id}}))
    account.expect("pass", "own", "iam-role-trust-no-wildcard-principal", "iam-role-trusts-known-accounts-only")
    role("vendor", trust({"AWS": f"arn:aws:iam::{outsider}:root"}))
    account.expect("fail", "vendor", "iam-role-trusts-known-accounts-only")
    role("support", trust({"AWS": f"arn:aws:iam::{account.id}:root"}))
    iam.attach_role_policy(RoleName="support", PolicyArn="arn:aws:iam::aws:policy/AWSSupportAccess")
    account.expect("pass", account.label, "iam-support-role-exists")
    role("admin", trust({"Service": "ec2.amazonaws.com"}))
    policy = iam.create_policy(PolicyName="anything", PolicyDocument=document(allow("*", "*")))["Policy"]["Arn"]
    labels[policy] = "anything"
    iam.attach_role_policy(RoleName="admin", PolicyArn=policy)
    account.expect("fail", "admin", "iam-role-no-admin-rights")
    account.expect("fail", "anything", "iam-customer-policy-no-full-admin")
    role("written", trust({"Service": "ec2.amazonaws.com"}))
    iam.put_role_policy(
        RoleName="written", PolicyName="all", PolicyDocument=document(allow("*", "*"))
    )
    account.expect("fail", "written", "iam-inline-policy-no-full-admin", "iam-role-no-admin-rights")
    account.expect("pass", "admin", "iam-inline-policy-no-full-admin")


def buckets(account, outsider):
    s3 = account.client("s3")
    prefix = f"acme-{account.label}"

    def bucket(name, *statements):
        name = f"{prefix}-{name}"
        s3.create_bucket(Bucket=name)
        if statements:
            resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
            s3.put_bucket_policy(
                Bucket=name, Policy=document(*({"Resource": resources, **statement} for statement in statements))
            )
        return name

    https = {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    reading = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    block = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)

    good = bucket("good", https)
    s3.put_public_access_block(Bucket=good, PublicAccessBlockConfiguration=block)
    account.expect(
        "pass", good, "s3-bucket-blocks-public-access", "s3-bucket-requires-tls", "s3-bucket-not-publicly-readable"
    )
    public = bucket("public", reading)
    account.expect(
        "fail", public, "s3-bucket-blocks-public-access", "s3-bucket-requires-tls", "s3-bucket-not-publicly-readable"
    )
    # Open by its policy, shut by the block.
    shut = bucket("shut", reading)
    s3.put_public_access_block(Bucket=shut, PublicAccessBlockConfiguration=block)
    account.expect("pass", shut, "s3-bucket-not-publicly-readable")
    # Everybody, but only from one network: not public.
    office = bucket("office", {**reading, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})
    account.expect("pass", office, "s3-bucket-not-publicly-readable")
    # Two halves are the whole.
    halves = ["0.0.0.0/1", "128.0.0.0/1"]
    world = bucket("halves", {**reading, "Condition": {"IpAddress": {"aws:SourceIp": halves}}})
    account.expect("fail", world, "s3-bucket-not-publicly-readable")
    listed = bucket("listed")
    s3.put_bucket_acl(Bucket=listed, ACL="public-read")
    account.expect("fail", listed, "s3-bucket-not-publicly-readable")
    logged = bucket("logged", https)
    target = bucket("access-logs", https)
    s3.put_bucket_acl(
        Bucket=target,
        GrantWrite="uri=http://acs.amazonaws.com/groups/s3/LogDelivery",
        GrantReadACP="uri=http://acs.amazonaws.com/groups/s3/LogDelivery",
    )
    s3.put_bucket_logging(
        Bucket=logged, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "s3/"}}
    )
    account.expect("pass", logged, "s3-bucket-access-logging-enabled")
    account.expect("not_applicable", target, "s3-bucket-access-logging-enabled")
    account.expect("fail", good, "s3-bucket-access-logging-enabled")
    shared = bucket("shared", {"Effect": "Allow", "Principal": {"AWS": outsider}, "Action": "s3:*"})
    account.expect("pass", shared, "s3-bucket-not-publicly-readable")


def account_block(account):
    settings = dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True)
    account.client("s3control").put_public_access_block(
        AccountId=account.id, PublicAccessBlockConfiguration=settings
    )
    account.expect("pass", account.label, "s3-account-blocks-public-access")


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def networks(account, region):
    ec2 = account.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=named("vpc", "main"))["Vpc"]["VpcId"]
    labels[vpc] = "main"
    inside = {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
    (default,) = ec2.describe_security_groups(**inside)["SecurityGroups"]
    labels[default["GroupId"]] = "main-default"
    ec2.revoke_security_group_egress(GroupId=default["GroupId"], IpPermissions=default["IpPermissionsEgress"])
    account.expect("pass", "main-default", "sg-default-restricts-all-traffic", region=region)
    (acl,) = ec2.describe_network_acls(**inside)["NetworkAcls"]
    labels[acl["NetworkAclId"]] = "main-acl"
    account.expect("fail", "main-acl", "nacl-no-admin-ports-open", region=region)
    (table,) = ec2.describe_route_tables(**inside)["RouteTables"]
    labels[table["RouteTableId"]] = "main-routes"
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    account.expect("fail", "main-routes", "vpc-route-table-no-open-internet-route", region=region)
    if region == "us-east-1":
        (flow_log,) = ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::acme-{account.label}-access-logs",
        )["FlowLogIds"]
        labels[flow_log] = "main-flow-log"
        account.expect("pass", "main", "vpc-flow-logs-enabled", "vpc-flow-logs-capture-all-traffic", region=region)
        account.expect("pass", "main-flow-log", "vpc-flow-logs-retention", region=region)
    else:
        account.expect("fail", "main", "vpc-flow-logs-enabled", region=region)

    def group(name, *permissions):
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        labels[group] = name
        if permissions:
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
        return group

    def tcp(first, last, *v4, v6=()):
        return {
            "IpProtocol": "tcp",
            "FromPort": first,
            "ToPort": last,
            "IpRanges": [{"CidrIp": cidr} for cidr in v4],
            "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in v6],
        }

    group("ssh-open", tcp(22, 22, "0.0.0.0/0"))
    account.expect("fail", "ssh-open", "sg-no-ssh-open", "sg-no-admin-ports-open-ipv4", region=region)
    account.expect("pass", "ssh-open", "sg-no-rdp-open", "sg-no-admin-ports-open-ipv6", region=region)
    # The port is somewhere within the range.
    group("range", tcp(3000, 4000, "0.0.0.0/0"))
    account.expect("fail", "range", "sg-no-rdp-open", "sg-no-mysql-open", region=region)
    account.expect("pass", "range", "sg-no-ssh-open", region=region)
    # No rule says 0.0.0.0/0.
    group("halves", tcp(22, 22, "0.0.0.0/1", "128.0.0.0/1"))
    account.expect("fail", "halves", "sg-no-ssh-open", region=region)
    group("six", tcp(3389, 3389, v6=["::/0"]))
    account.expect("fail", "six", "sg-no-rdp-open", "sg-no-admin-ports-open-ipv6", region=region)
    account.expect("pass", "six", "sg-no-admin-ports-open-ipv4", region=region)
    group("office", tcp(22, 22, "203.0.113.0/24"))
    account.expect("pass", "office", "sg-no-ssh-open", "sg-no-all-ports-open", region=region)
    group("all", {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
    account.expect("fail", "all", "sg-no-all-ports-open", "sg-no-ssh-open", "sg-no-postgresql-open", region=region)
    group("docker", tcp(2375, 2375, "0.0.0.0/0"))
    account.expect("fail", "docker", "sg-no-container-control-ports-open", region=region)
    group("winrm", tcp(5985, 5986, v6=["::/0"]))
    account.expect("fail", "winrm", "sg-no-other-admin-ports-open", region=region)
    group("provider", tcp(443, 443, "52.0.0.0/8"))
    account.expect("fail", "provider", "sg-no-wide-public-range", region=region)
    account.expect("pass", "office", "sg-no-wide-public-range", region=region)
    if region == "eu-west-1":
        balancers(account, region, ec2, vpc)
        machines(account, region, ec2)
        connections(account, region, ec2, vpc, table["RouteTableId"])


def balancers(account, region, ec2, vpc):
    subnets = []
    for block, zone in [("10.0.1.0/24", "a"), ("10.0.2.0/24", "b")]:
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=region + zone)["Subnet"]["SubnetId"]
        labels[subnet] = f"main-{zone}"
        account.expect("pass", f"main-{zone}", "vpc-subnet-no-auto-public-ip", region=region)
        subnets.append(subnet)
    elb = account.client("elbv2", region)
    silent, logged = (
        elb.create_load_balancer(Name=name, Subnets=subnets, Scheme="internet-facing")["LoadBalancers"][0]
        for name in ["silent", "logged"]
    )
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=logged["LoadBalancerArn"],
        Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": f"acme-{account.label}-access-logs"},
            {"Key": "deletion_protection.enabled", "Value": "true"},
        ],
    )
    account.expect("fail", "silent", "elbv2-alb-access-logs-enabled", region=region)
    account.expect("pass", "logged", "elbv2-alb-access-logs-enabled", region=region)
    account.expect("pass", "logged", "elbv2-deletion-protection-enabled", region=region)
    account.expect("fail", "silent", "elbv2-deletion-protection-enabled", region=region)


def machines(account, region, ec2):
    """Disks and their snapshots, and what machines are made of."""
    for name, encrypted in [("bare", False), ("sealed", True)]:
        volume = ec2.create_volume(Size=1, AvailabilityZone=region + "a", Encrypted=encrypted)["VolumeId"]
        snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        labels[volume], labels[snapshot] = f"{name}-volume", f"{name}-snapshot"
        verdict = "pass" if encrypted else "fail"
        account.expect(verdict, f"{name}-volume", "ebs-volume-encrypted", region=region)
        account.expect(verdict, f"{name}-snapshot", "ebs-snapshot-encrypted", region=region)
        if not encrypted:
            ec2.modify_snapshot_attribute(
                SnapshotId=snapshot,
                Attribute="createVolumePermission",
                OperationType="add",
                UserIds=["999988887777"],
            )
        account.expect(verdict, f"{name}-snapshot", "ebs-snapshot-shared-with-known-accounts", region=region)
    strict = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
    public = [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]
    # The newest version is right, and the default one is used.
    for name, first in [("loose", {"NetworkInterfaces": public}), ("strict", {"MetadataOptions": strict})]:
        template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=first)
        template = template["LaunchTemplate"]["LaunchTemplateId"]
        labels[template] = name
        ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData={"MetadataOptions": strict})
    imds, address = "ec2-launch-template-imdsv2-required", "ec2-launch-template-no-public-ip"
    account.expect("fail", "loose", imds, address, region=region)
    account.expect("pass", "strict", imds, address, region=region)


def connections(account, region, ec2, vpc, table):
    """A peering with a wide route, and one that nobody uses; transit gateways."""
    for name, block in [("wide", "10.1.0.0/16"), ("narrow", "10.2.0.0/16")]:
        other = ec2.create_vpc(CidrBlock=block, TagSpecifications=named("vpc", name))["Vpc"]["VpcId"]
        label_vpc(ec2, other, name)
        peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
        peering = peering["VpcPeeringConnectionId"]
        labels[peering] = f"{name}-peering"
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        destination = block if name == "wide" else "10.2.7.0/28"
        ec2.create_route(RouteTableId=table, DestinationCidrBlock=destination, VpcPeeringConnectionId=peering)
        verdict = "fail" if name == "wide" else "pass"
        account.expect(verdict, f"{name}-peering", "vpc-peering-routes-least-access", region=region)
        account.expect("pass", f"{name}-peering", "vpc-peering-with-known-accounts", region=region)
    for name, accepts in [("eager", "enable"), ("careful", "disable")]:
        gateway = ec2.create_transit_gateway(Options={"AutoAcceptSharedAttachments": accepts})["TransitGateway"]
        labels[gateway["TransitGatewayId"]] = name
        verdict = "fail" if accepts == "enable" else "pass"
        account.expect(verdict, name, "transit-gateway-no-auto-accept", region=region)


def label_vpc(ec2, vpc, name):
    """Labels what a VPC is born with."""
    labels[vpc] = name
    inside = {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
    (group,) = ec2.describe_security_groups(**inside)["SecurityGroups"]
    (acl,) = ec2.describe_network_acls(**inside)["NetworkAcls"]
    (table,) = ec2.describe_route_tables(**inside)["RouteTables"]
    labels[group["GroupId"]] = f"{name}-default"
    labels[acl["NetworkAclId"]] = f"{name}-acl"
    labels[table["RouteTableId"]] = f"{name}-routes"


def default_networks(account, region):
    """What every region of a new account holds."""
    ec2 = account.client("ec2", region)
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    labels[vpc["VpcId"]] = "default"
    inside = {"Filters": [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]}
    (group,) = ec2.describe_security_groups(**inside)["SecurityGroups"]
    labels[group["GroupId"]] = "default-default"
    (acl,) = ec2.describe_network_acls(**inside)["NetworkAcls"]
    labels[acl["NetworkAclId"]] = "default-acl"
    (table,) = ec2.describe_route_tables(**inside)["RouteTables"]
    labels[table["RouteTableId"]] = "default-routes"
    for subnet in ec2.describe_subnets(**inside)["Subnets"]:
        labels[subnet["SubnetId"]] = f"default-{subnet['AvailabilityZone'][-1]}"
        account.expect(
            "fail", labels[subnet["SubnetId"]], "vpc-subnet-no-auto-public-ip", region=region
        )
    account.expect("fail", "default", "vpc-flow-logs-enabled", region=region)
    account.expect("fail", "default-default", "sg-default-restricts-all-traffic", region=region)


def keys(account, outsider):
    """One that rotates, one that does not, one open to everybody, one shared by a grant, one on its way out."""
    region = "eu-west-1"
    kms = account.client("kms", region)

    def key(label, **settings):
        identifier = kms.create_key(Description=label, **settings)["KeyMetadata"]["KeyId"]
        labels[identifier] = label
        return identifier

    kms.enable_key_rotation(KeyId=key("rotating"))
    account.expect("pass", "rotating", "kms-key-rotation-enabled", "kms-key-not-pending-deletion", region=region)
    key("still")
    account.expect("fail", "still", "kms-key-rotation-enabled", region=region)
    key("signing", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    account.expect("not_applicable", "signing", "kms-key-rotation-enabled", region=region)
    own = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{account.id}:root"})
    everybody = allow("kms:Decrypt", "*", Principal="*")
    key("open", Policy=document(own, everybody))
    account.expect("fail", "open", "kms-key-not-public", "kms-key-shared-with-known-accounts", region=region)
    private = document(own)
    shared = key("shared", Policy=private)
    grantee = f"arn:aws:iam::{outsider}:role/reader"
    kms.create_grant(KeyId=shared, GranteePrincipal=grantee, Operations=["Decrypt"])
    account.expect("pass", "shared", "kms-key-not-public", region=region)
    account.expect("fail", "shared", "kms-key-shared-with-known-accounts", region=region)
    doomed = key("doomed", Policy=private)
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
    account.expect("fail", "doomed", "kms-key-not-pending-deletion", region=region)


def disks(account):
    for region in REGIONS:
        account.client("ec2", region).enable_ebs_encryption_by_default()
    # Other regions were left out of the scan: nothing is claimed for the whole account.
    account.expect("unknown", account.label, "ebs-default-encryption-enabled")


def trails(account):
    """A trail that records all and delivers to a log group with a filter; its alarm cannot be read from moto."""
    group = "/cloudtrail/management-events"
    logs = account.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.put_metric_filter(
        logGroupName=group,
        filterName="root-usage",
        filterPattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
        '&& $.eventType != "AwsServiceEvent" }',
        metricTransformations=[{"metricName": "root", "metricNamespace": "Security", "metricValue": "1"}],
    )
    cloudtrail = account.client("cloudtrail")
    cloudtrail.create_trail(
        Name="everything",
        S3BucketName=f"acme-{account.label}-good",
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{account.id}:log-group:{group}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account.id}:role/support",
    )
    cloudtrail.put_event_selectors(
        TrailName="everything",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
    )
    cloudtrail.start_logging(Name="everything")
    account.expect("pass", "everything", "cloudtrail-log-file-validation-enabled")
    account.expect(
        "pass",
        account.label,
        "cloudtrail-trail-exists",
        "cloudtrail-multi-region-management-events",
        "cloudtrail-s3-read-events-recorded",
        "cloudtrail-s3-write-events-recorded",
    )
    # Alarms come in a protocol that moto does not speak; the filter that is missing needs none.
    account.expect("unknown", account.label, "alarm-on-root-usage")
    account.expect("fail", account.label, "alarm-on-vpc-changes")


def silent_trail(account):
    """A trail of one region that does not log. It is in the region that is asked for the list: unlike AWS, moto
    lists no trails of other regions."""
    cloudtrail = account.client("cloudtrail")
    cloudtrail.create_trail(Name="stopped", S3BucketName=f"acme-{account.label}-good")
    account.expect("fail", "stopped", "cloudtrail-log-file-validation-enabled")
    account.expect(
        "fail", account.label, "cloudtrail-trail-exists", "cloudtrail-multi-region-management-events"
    )


def recorders(account):
    """A recorder called default in each region, one of which stands still."""
    role = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    for region in REGIONS:
        config = account.client("config", region)
        config.put_configuration_recorder(
            ConfigurationRecorder={
                "name": "default",
                "roleARN": f"arn:aws:iam::{account.id}:{role}",
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": region == "us-east-1"},
            }
        )
        config.put_delivery_channel(
            DeliveryChannel={"name": "default", "s3BucketName": f"acme-{account.label}-good"}
        )
        if region != "ap-southeast-2":
            config.start_configuration_recorder(ConfigurationRecorderName="default")
        account.expect("pass", "default", "config-recorder-uses-service-linked-role", region=region)
    account.expect("fail", account.label, "config-recorder-enabled-all-regions")
    # Other regions were left out of the scan, and how deliveries went moto does not tell.
    account.expect("unknown", account.label, "config-recorder-records-everything", "config-delivery-healthy")


def detectors(account):
    """A detector with one feature, a suspended one, and none in the third region."""
    for region, enabled in [("us-east-1", True), ("eu-west-1", False)]:
        detector = account.client("guardduty", region).create_detector(
            Enable=enabled, Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
        )
        labels[detector["DetectorId"]] = "detector"
    account.expect("fail", account.label, "guardduty-enabled-all-regions", "detect-cryptomining-covered")
    account.expect("pass", "detector", "guardduty-s3-protection-enabled", region="us-east-1")
    account.expect(
        "fail",
        "detector",
        "guardduty-eks-audit-logs-enabled",
        "guardduty-runtime-monitoring-enabled",
        region="us-east-1",
    )
    account.expect("not_applicable", "detector", "guardduty-s3-protection-enabled", region="eu-west-1")


def event_rules(account):
    """A rule for changes of privileges where IAM's events arrive, with a queue behind it."""
    events = account.client("events")
    pattern = {"source": ["aws.iam"], "detail-type": ["AWS API Call via CloudTrail"]}
    events.put_rule(Name="privileges", EventPattern=json.dumps(pattern), State="ENABLED")
    queue = f"arn:aws:sqs:us-east-1:{account.id}:tickets"
    events.put_targets(Rule="privileges", Targets=[{"Id": "queue", "Arn": queue}])
    account.expect("pass", account.label, "detect-privilege-change")


def contact(account):
    account.client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name="Security team",
        Title="Security",
        EmailAddress="security@acme.example",
        PhoneNumber="+1 555 0100",
    )
    account.expect("pass", account.label, "account-security-contact-registered")


def main():
    management, production, sandbox = organization()
    for account in [management, production, sandbox]:
        for region in REGIONS:
            default_networks(account, region)
    password_policies(management, production, sandbox)
    users(production)
    roles(production, "999988887777")
    buckets(production, "999988887777")
    buckets(sandbox, "999988887777")
    account_block(management)
    production.expect("fail", "production", "s3-account-blocks-public-access")
    for region in REGIONS:
        networks(production, region)
    keys(production, "999988887777")
    disks(management)
    production.expect("fail", "production", "ebs-default-encryption-enabled")
    trails(production)
    silent_trail(sandbox)
    management.expect("fail", "management", "cloudtrail-trail-exists")
    recorders(production)
    detectors(production)
    event_rules(production)
    contact(production)
    sandbox.expect("fail", "sandbox", "account-security-contact-registered")
    json.dump({"labels": labels, "expect": expected}, sys.stdout, indent=1)


main()
