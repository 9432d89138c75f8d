//! Patterns as they are met, and what each is worth.

use super::*;

/// The patterns of the CIS AWS Foundations Benchmark (versions 1.4 to 7.0), in the spelling of its
/// remediation sections or of AWS's own guides.
const CANONICAL: &[(&str, &str)] = &[
    (
        "unauthorized_api_calls",
        r#"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }"#,
    ),
    (
        "unauthorized_api_calls",
        r#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"#,
    ),
    (
        "console_sign_in_without_mfa",
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#,
    ),
    (
        "console_sign_in_without_mfa",
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
    ),
    (
        "root_usage",
        r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
    ),
    (
        "iam_policy_changes",
        "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy)}",
    ),
    ("cloudtrail_changes", CLOUDTRAIL),
    (
        "console_authentication_failures",
        r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#,
    ),
    (
        "kms_key_disable_or_deletion",
        "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }",
    ),
    (
        "s3_bucket_policy_changes",
        "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }",
    ),
    (
        "config_changes",
        "{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||($.eventName=DeleteDeliveryChannel)||($.eventName=PutDeliveryChannel)||($.eventName=PutConfigurationRecorder)) }",
    ),
    (
        "security_group_changes",
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }",
    ),
    (
        "network_acl_changes",
        "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }",
    ),
    (
        "network_gateway_changes",
        "{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }",
    ),
    (
        "route_table_changes",
        "{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable)) }",
    ),
    (
        "vpc_changes",
        "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink) }",
    ),
    (
        "organizations_changes",
        r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || ($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || ($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || ($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || ($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || ($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || ($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || ($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || ($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdatePolicy") || ($.eventName = "UpdateOrganizationalUnit")) }"#,
    ),
];

const CLOUDTRAIL: &str = "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }";

#[test]
fn the_benchmarks_own_patterns_catch_their_sets() {
    for (id, pattern) in CANONICAL {
        yes(pattern, id);
    }
    let mut topics: Vec<&str> = CANONICAL.iter().map(|(id, _)| *id).collect();
    topics.dedup();
    assert_eq!(topics, WANTED.iter().take(15).map(|wanted| wanted.id).collect::<Vec<_>>());
}

#[test]
fn each_name_left_out_of_a_pattern_is_found() {
    for (id, pattern) in CANONICAL {
        let names = pattern.matches("$.eventName").count();
        if names < 3 {
            continue;
        }
        for name in wanted(id).families.iter().flat_map(|family| family.iter()) {
            let Is::OneOf(values) = name.is else { continue };
            for value in values.iter().filter(|_| name.field == ["eventName"]) {
                let quoted = format!("\"{value}\"");
                let old = if pattern.contains(&quoted) { quoted } else { (*value).to_owned() };
                let narrowed = pattern.replace(&format!("{old})"), "Nothing)");
                let event = no(&narrowed, id);
                assert_eq!(event["eventName"], **value, "{narrowed}");
            }
        }
    }
}

#[test]
fn spelling_and_order_do_not_matter_but_and_and_narrowing_do() {
    let id = "cloudtrail_changes";
    yes(CLOUDTRAIL, id);
    yes(
        "{ $.eventName=StopLogging || $.eventName=StartLogging || ($.eventName=DeleteTrail || $.eventName=UpdateTrail) || (($.eventName=CreateTrail)) }",
        id,
    );
    yes(&CLOUDTRAIL.replace("= ", "= \"").replace(')', "\")"), id);
    yes("{ $.eventSource = cloudtrail.amazonaws.com }", id);
    yes("{ $.eventSource = \"cloudtrail*\" && $.eventName = \"*\" }", id);
    yes("{ $.eventName = \"*Trail\" || $.eventName = \"*Logging\" }", id);
    yes("{ $.eventName = %Trail$|Logging$% }", id);
    yes("{ $.eventSource = cloudtrail.amazonaws.com && $.eventName != \"Describe*\" }", id);
    yes("{ $.eventSource != sts.amazonaws.com }", id);
    yes("", id);

    no(&CLOUDTRAIL.replace("||", "&&"), id);
    let narrowed = CLOUDTRAIL.replace("{ ", "{ ($.userIdentity.userName = \"alice\") && (");
    let event = no(&narrowed.replace(" }", ") }"), id);
    assert_ne!(event["userIdentity"]["userName"], "alice");
    no("{ $.eventSource = cloudtrail.amazonaws.com && $.eventName = \"*Trail\" }", id);
    no("{ $.eventName = \"?reateTrail\" }", id);
}

#[test]
fn narrowings_that_look_harmless_are_found() {
    let with =
        |extra: &str| CLOUDTRAIL.replace("{ ", "{ (").replace(" }", &format!(") && {extra} }}"));
    for extra in [
        "($.userIdentity.type = \"IAMUser\")",
        "($.userIdentity.userName != \"deploy\")",
        "($.userIdentity.invokedBy NOT EXISTS)",
        "($.errorCode NOT EXISTS)",
        "($.awsRegion = \"eu-*\")",
        "($.recipientAccountId = 111122223333)",
        "($.sourceIPAddress != \"192.0.2.*\")",
        "($.requestParameters.name != \"audit\")",
        "($.resources[0].type = \"AWS::CloudTrail::Trail\")",
        "($.sessionCredentialFromConsole IS TRUE)",
        "($.responseElements IS NULL)",
        "($.eventName != \"Stop*\")",
    ] {
        no(&with(extra), "cloudtrail_changes");
    }
    // These lose nothing: AWS documents the fields as always present, or as these values.
    for extra in [
        "($.eventType != \"AwsServiceEvent\")",
        "($.eventType = \"AwsApiCall\")",
        "($.eventCategory = \"Management\")",
        "($.awsRegion = \"*\")",
        "($.eventVersion EXISTS)",
        "($.errorCode NOT EXISTS || $.errorCode EXISTS)",
    ] {
        yes(&with(extra), "cloudtrail_changes");
    }
}

#[test]
fn a_split_over_another_field_is_no_narrowing() {
    yes(
        "{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && ($.errorCode NOT EXISTS || $.errorCode = \"*\" || $.errorCode IS NULL || $.errorCode IS TRUE || $.errorCode IS FALSE || $.errorCode EXISTS) }",
        "root_usage",
    );
    // `!=` needs the field: an event without it is missed.
    let event = no(
        "{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && ($.errorCode = AccessDenied || $.errorCode != AccessDenied) }",
        "root_usage",
    );
    assert_eq!(event.get("errorCode"), None);
    no("{ $.userIdentity.type = Root && $.userIdentity.arn = \"*:root\" }", "root_usage");
    no("{ $.userIdentity.type = Root && $.userIdentity.invokedBy != \"x\" }", "root_usage");
    no("{ $.userIdentity.type = Root && $.eventType = AwsApiCall }", "root_usage");
    yes("{ $.userIdentity.type = \"Ro*\" }", "root_usage");
}

#[test]
fn globs_are_compared_as_sets_of_strings() {
    let id = "unauthorized_api_calls";
    yes("{ $.errorCode = \"*UnauthorizedOperation*\" || $.errorCode = \"Access*\" }", id);
    yes("{ $.errorCode = %UnauthorizedOperation% || $.errorCode = %^AccessDenied% }", id);
    yes("{ $.errorCode = \"*\" }", id);
    yes("{ $.errorCode != \"Throttling\" }", id);
    no("{ $.errorCode != \"Throttling*\" }", id);
    no("{ $.errorCode = \"*UnauthorizedOperation\" || $.errorCode = \"AccessDenied\" }", id);
    no("{ $.errorCode = \"*UnauthorizedOperation\" && $.errorCode = \"AccessDenied*\" }", id);
    no("{ $.errorCode = \"Client.*\" || $.errorCode = \"AccessDenied*\" }", id);
    no("{ $.errorCode EXISTS && $.errorCode != \"AccessDeniedException\" }", id);
    // The mistake of an early edition: the exclusions are joined by `||`, so all is matched.
    yes(
        "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.sourceIPAddress!=\"delivery.logs.amazonaws.com\") || ($.eventName!=\"HeadBucket\") }",
        id,
    );
}

#[test]
fn numbers_are_compared_as_intervals() {
    let id = "long_lived_temporary_credentials";
    let pattern = |condition: &str| {
        format!(
            "{{ $.eventSource = sts.amazonaws.com && ({condition} || (($.eventName = GetSessionToken || $.eventName = GetFederationToken) && $.requestParameters.durationSeconds NOT EXISTS)) }}"
        )
    };
    for condition in [
        "$.requestParameters.durationSeconds >= 14400",
        "$.requestParameters.durationSeconds > 3.6e3",
        "($.requestParameters.durationSeconds = 14400 || $.requestParameters.durationSeconds > 14400)",
    ] {
        yes(&pattern(condition), id);
    }
    let event = no(&pattern("$.requestParameters.durationSeconds > 14400"), id);
    assert_eq!(event["requestParameters"]["durationSeconds"], 14_400);
    no(&pattern("$.requestParameters.durationSeconds >= 43200"), id);
    no(
        &pattern(
            "($.requestParameters.durationSeconds > 14400 || $.requestParameters.durationSeconds = 14401)",
        ),
        id,
    );
    let event = no("{ $.requestParameters.durationSeconds >= 900 }", id);
    assert_eq!(event["requestParameters"].get("durationSeconds"), None);
    yes("{ $.eventSource = sts.amazonaws.com }", id);
}

#[test]
fn undocumented_comparisons_are_not_decided_by_guessing() {
    let id = "long_lived_temporary_credentials";
    let why = undecided(
        "{ $.requestParameters.durationSeconds = 1* || $.requestParameters.durationSeconds >= 20000 || $.requestParameters.durationSeconds NOT EXISTS }",
        id,
    );
    assert!(why.contains("does not document"), "{why}");
    // A star inside a term is a wildcard in one edition of the guide and itself in another.
    undecided("{ $.eventName = \"St*Logging\" || $.eventName = \"*Trail\" }", "cloudtrail_changes");
    undecided(
        "{ $.requestParameters.setAsDefault = true || $.eventName != \"CreatePolicyVersion\" }",
        "privilege_changes",
    );
    yes(
        "{ $.requestParameters.setAsDefault IS TRUE || $.eventName != \"CreatePolicyVersion\" }",
        "privilege_changes",
    );
}

#[test]
fn wildcard_selectors_look_at_the_fields_that_must_be_there() {
    yes("{ $.* = \"cloudtrail.amazonaws.com\" }", "cloudtrail_changes");
    yes("{ $.userIdentity.* = \"Root\" }", "root_usage");
    no("{ $.* = \"StopLogging\" }", "cloudtrail_changes");
    no("{ $.resources[*].type = \"*\" }", "cloudtrail_changes");
    no("{ $.eventSource[*] = \"*\" }", "cloudtrail_changes");
    undecided("{ $.*.x NOT EXISTS }", "cloudtrail_changes");
    undecided("{ $.*.* = x }", "root_usage");
}

#[test]
fn array_elements_exist_only_after_those_before_them() {
    yes("{ $.resources[2] NOT EXISTS || $.resources[1] EXISTS }", "cloudtrail_changes");
    let event = no("{ $.resources[1] NOT EXISTS || $.resources[2] EXISTS }", "cloudtrail_changes");
    assert_eq!(event["resources"].as_array().map(Vec::len), Some(2));
    yes("{ $.resources[0] NOT EXISTS || $.resources.name NOT EXISTS }", "cloudtrail_changes");
    yes("{ $.eventSource.x NOT EXISTS }", "cloudtrail_changes");
}

#[test]
fn a_pattern_that_is_not_about_json_is_undecided() {
    undecided("?CreateTrail ?StopLogging", "cloudtrail_changes");
    undecided("[ip, user, ...]", "cloudtrail_changes");
    let all = matched_events("{ $.eventName = }");
    assert_eq!(all.len(), WANTED.len());
    assert!(all.iter().all(|(_, answer)| matches!(answer, Catches::Undecided(why)
        if why.contains("column 17"))));
}

#[test]
fn a_pattern_is_reported_for_every_set_that_it_catches() {
    let caught = |pattern: &str| -> Vec<&str> {
        let all = matched_events(pattern).into_iter();
        all.filter(|(_, answer)| *answer == Catches::Yes).map(|(id, _)| id).collect()
    };
    assert_eq!(caught(CLOUDTRAIL), ["cloudtrail_changes"]);
    assert_eq!(
        caught("{ $.eventSource = cloudtrail.amazonaws.com }"),
        ["cloudtrail_changes", "cloudtrail_selector_changes"]
    );
    assert_eq!(caught("{ $.eventName = \"*\" }").len(), WANTED.len());
    assert_eq!(caught("{ $.errorCode = \"*\" }"), ["unauthorized_api_calls"]);
}

#[test]
fn every_wanted_set_has_members_and_a_unique_id() {
    let nothing = parse("{ $.eventVersion NOT EXISTS }").expect("parses");
    let mut ids: Vec<&str> = WANTED.iter().map(|wanted| wanted.id).collect();
    for wanted in WANTED {
        for family in wanted.families {
            let one = WantedEvents { families: std::slice::from_ref(family), ..*wanted };
            let Catches::No(event) = catches(&nothing, &one) else {
                panic!("{}: a family without members", wanted.id);
            };
            assert!(wanted.contains(&event), "{}", wanted.id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), WANTED.len());
}

#[test]
fn hostile_patterns_are_answered_in_bounded_time() {
    let started = std::time::Instant::now();
    let globs: Vec<String> = (0..300).map(|n| format!("$.errorCode=\"*{n}*b*\"")).collect();
    let joined = format!("{{ {} }}", globs.join("||"));
    undecided_or_no(&joined);
    let counters: Vec<String> = (0..60).map(|n| format!("($.f{n} = a || $.g{n} = b)")).collect();
    undecided_or_no(&format!("{{ $.eventVersion NOT EXISTS || ({}) }}", counters.join("&&")));
    let crossed: Vec<String> =
        (0..40).map(|n| format!("($.f{n} = a && $.f{} = b)", (n * 7 + 1) % 40)).collect();
    undecided_or_no(&format!("{{ {} }}", crossed.join("||")));
    // Seven pigeons in six holes: every event matches, which is hard to see.
    let together = (0..6).flat_map(|hole| {
        (0..7).flat_map(move |one| {
            (one + 1..7)
                .map(move |other| format!("($.p{one}h{hole} EXISTS && $.p{other}h{hole} EXISTS)"))
        })
    });
    let nowhere = (0..7).map(|one| {
        let absent: Vec<String> =
            (0..6).map(|hole| format!("$.p{one}h{hole} NOT EXISTS")).collect();
        format!("({})", absent.join("&&"))
    });
    let pattern = format!("{{ {} }}", together.chain(nowhere).collect::<Vec<_>>().join("||"));
    assert!(!matches!(answer(&pattern, "root_usage"), Catches::No(_)));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

fn undecided_or_no(pattern: &str) {
    let answer = answer(pattern, "unauthorized_api_calls");
    assert_ne!(answer, Catches::Yes, "{pattern}");
}
