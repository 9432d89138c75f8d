use super::*;
use crate::iam::truth::Truth::{False, True, Unknown};

fn aws(value: &str) -> PrincipalPattern {
    PrincipalPattern::parse("AWS", value).expect("a principal")
}

fn caller(text: &str) -> Caller {
    Caller::parse(text).expect("a caller")
}

#[test]
fn names_fit_callers_as_the_user_guide_says() {
    let user = "arn:aws:iam::111122223333:user/dev/Ann";
    let role = "arn:aws:iam::111122223333:role/path/App";
    let session = "arn:aws:sts::111122223333:assumed-role/App/one";
    let federated = "arn:aws:sts::111122223333:federated-user/Bob";
    for (pattern, who, expected) in [
        ("*", "anonymous", (True, Strength::Direct)),
        ("*", user, (True, Strength::Direct)),
        ("111122223333", user, (True, Strength::Account)),
        ("arn:aws:iam::111122223333:root", session, (True, Strength::Account)),
        ("111122223333", "arn:aws:iam::111122223333:root", (True, Strength::Direct)),
        ("444455556666", user, (False, Strength::Account)),
        ("111122223333", "anonymous", (False, Strength::Account)),
        (user, user, (True, Strength::Direct)),
        (user, "arn:aws:iam::111122223333:user/dev/ann", (False, Strength::Direct)),
        (user, federated, (Unknown, Strength::Limited)),
        (role, session, (True, Strength::Limited)),
        (role, role, (True, Strength::Limited)),
        (role, "arn:aws:sts::444455556666:assumed-role/App/one", (False, Strength::Limited)),
        (session, session, (True, Strength::Direct)),
        (session, "arn:aws:sts::111122223333:assumed-role/App/two", (False, Strength::Direct)),
        (session, role, (Unknown, Strength::Direct)),
        (federated, federated, (True, Strength::Direct)),
        ("AIDACKCEVSQ6C2EXAMPLE", user, (False, Strength::Direct)),
    ] {
        assert_eq!(aws(pattern).matches(&caller(who)), expected, "{pattern} {who}");
    }
}

#[test]
fn services_and_providers_are_their_own_kinds() {
    let service = PrincipalPattern::parse("Service", "sns.amazonaws.com").expect("valid");
    assert_eq!(service.matches(&caller("sns.amazonaws.com")).0, True);
    assert_eq!(service.matches(&caller("sqs.amazonaws.com")).0, False);
    let google = PrincipalPattern::parse("Federated", "accounts.google.com").expect("valid");
    assert_eq!(google.matches(&caller("accounts.google.com")).0, True);
    let provider = "arn:aws:iam::111122223333:saml-provider/Okta";
    let saml = PrincipalPattern::parse("Federated", provider).expect("valid");
    assert_eq!(saml.matches(&caller(provider)).0, True);
    assert_eq!(saml.matches(&Caller::Anonymous).0, False);
}

#[test]
fn partial_wildcards_and_other_arns_are_refused() {
    for (value, error) in [
        ("arn:aws:iam::111122223333:role/*", PrincipalError::Wildcard),
        ("arn:aws:iam::*:root", PrincipalError::Wildcard),
        ("arn:aws:iam::111122223333:group/Admins", PrincipalError::NotAPrincipal),
        ("arn:aws:s3:::bucket", PrincipalError::NotAPrincipal),
        ("12345", PrincipalError::NotAPrincipal),
        ("", PrincipalError::NotAPrincipal),
    ] {
        assert_eq!(PrincipalPattern::parse("AWS", value), Err(error), "{value}");
    }
    assert_eq!(PrincipalPattern::parse("aws", "*"), Err(PrincipalError::UnknownKind));
    let oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE";
    assert!(PrincipalPattern::parse("AWS", oai).is_ok());
}

#[test]
fn callers_are_parsed_or_refused() {
    assert_eq!(Caller::parse("arn:aws:s3:::bucket"), None);
    assert_eq!(Caller::parse("nobody"), None);
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/ops.amazonaws.com/AWSServiceRoleForOps";
    assert!(caller(linked).is_service_linked());
    assert!(!caller("arn:aws:iam::111122223333:role/AWSServiceRoleForFake").is_service_linked());
}
