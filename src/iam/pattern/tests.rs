use super::*;

struct One(&'static str, Resolved<'static>);

impl Variables for One {
    fn resolve(&self, key: &str) -> Resolved<'_> {
        if key == self.0 { self.1 } else { Resolved::Absent }
    }
}

fn resource(pattern: &str, text: &str) -> Truth {
    ResourcePattern::parse(pattern, Version::V2012).expect("parses").matches(text, &NoVariables)
}

fn arn(pattern: &str, text: &str) -> Truth {
    ArnPattern::parse(pattern, Version::V2012).expect("parses").matches(text, &NoVariables)
}

#[test]
fn actions_are_lowered_and_take_wildcards_anywhere() {
    for (pattern, action, matches) in [
        ("*", "s3:getobject", true),
        ("*:*", "s3:getobject", true),
        ("S3:Get*", "s3:getobject", true),
        ("s3:*Object", "s3:getobject", true),
        ("s3:G?tObject", "s3:getobject", true),
        ("s3:Get?Object", "s3:getobject", false),
        ("s3:GetObject", "s3:getobjectacl", false),
        ("s3:*e*e*", "s3:getobject", true),
        ("s?:*", "s3:getobject", true),
        ("s3:${x}", "s3:getobject", false),
    ] {
        assert_eq!(
            Pattern::action(pattern).matches_plain(action, Case::Sensitive),
            matches,
            "{pattern}"
        );
    }
}

#[test]
fn resource_wildcards_keep_to_their_segment_unless_they_end_it() {
    let queue = "arn:aws:sqs:us-east-1:111122223333:jobs";
    for (pattern, matches) in [
        ("*", Truth::True),
        ("**", Truth::True),
        ("arn:aws:sqs:*:*:jobs", Truth::True),
        ("arn:aws:sqs:us-*-1:111122223333:jobs", Truth::True),
        ("arn:aws:sqs:us-east-1*:jobs", Truth::True),
        ("arn:aws:sqs:u*5:jobs", Truth::False),
        ("arn:aws:sqs:u*1:1*3:jobs", Truth::True),
        ("arn:aws:s*s:us-east-1:111122223333:jobs", Truth::True),
        ("arn:aws:s*-1:111122223333:jobs", Truth::False),
        ("arn:aws:sqs:us-east-1?111122223333:jobs", Truth::False),
        ("arn:aws:sqs:*", Truth::True),
        ("arn:aws:sqs", Truth::Unknown),
        ("arn:aws:sns", Truth::False),
        ("arn:aws:sqs:us-east-1:111122223333:JOBS", Truth::False),
    ] {
        assert_eq!(resource(pattern, queue), matches, "{pattern}");
    }
    assert_eq!(resource("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/a/b:c/x"), Truth::True);
    assert_eq!(resource("arn:aws:s3:::b/?", "arn:aws:s3:::b/:"), Truth::True);
    assert_eq!(resource("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*"), Truth::True);
    assert_eq!(resource("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x"), Truth::False);
}

#[test]
fn arn_operators_compare_segment_by_segment() {
    let topic = "arn:aws:sns:us-east-1:111122223333:a:b";
    assert_eq!(arn("arn:aws:sns:*:*:*", topic), Truth::True);
    assert_eq!(arn("arn:aws:sns:*:a:b", topic), Truth::False);
    assert_eq!(arn("arn:aws:sns:us-east-1:111122223333:a*", topic), Truth::True);
    assert_eq!(arn("*", topic), Truth::True);
    assert_eq!(arn("arn:aws:sns:*", topic), Truth::Unknown);
    assert_eq!(arn("arn:aws:sqs:*", topic), Truth::False);
    assert_eq!(arn("arn:aws:sns:*:*:*", "not an arn"), Truth::False);
}

#[test]
fn variables_are_literal_and_absent_ones_match_nothing() {
    let text = "arn:aws:s3:::b/${aws:UserName}/*";
    let pattern = ResourcePattern::parse(text, Version::V2012).expect("parses");
    let named = |value| One("aws:username", Resolved::Value(value));
    assert_eq!(pattern.matches("arn:aws:s3:::b/ann/x", &named("ann")), Truth::True);
    assert_eq!(pattern.matches("arn:aws:s3:::b/ann/x", &named("*")), Truth::False);
    assert_eq!(pattern.matches("arn:aws:s3:::b/*/x", &named("*")), Truth::True);
    assert_eq!(pattern.matches("arn:aws:s3:::b//x", &NoVariables), Truth::False);
    let unknown = One("aws:username", Resolved::Unknown);
    assert_eq!(pattern.matches("arn:aws:s3:::b/ann/x", &unknown), Truth::Unknown);
    assert_eq!(pattern.matches("arn:aws:s3:::c/ann/x", &unknown), Truth::False);
    let old = ResourcePattern::parse(text, Version::V2008).expect("parses");
    assert_eq!(old.matches("arn:aws:s3:::b/ann/x", &named("ann")), Truth::False);
    assert_eq!(old.matches("arn:aws:s3:::b/${aws:UserName}/x", &NoVariables), Truth::True);
}

#[test]
fn a_default_stands_for_an_absent_key() {
    let pattern = Pattern::like("team-${aws:PrincipalTag/team, 'all'}-*", Version::V2012);
    let pattern = pattern.expect("parses");
    let has = |variables: &One, text| pattern.matches(text, variables, Case::Sensitive);
    let tagged = One("aws:principaltag/team", Resolved::Value("red"));
    assert_eq!(has(&tagged, "team-red-x"), Truth::True);
    assert_eq!(has(&tagged, "team-all-x"), Truth::False);
    assert_eq!(has(&One("other", Resolved::Absent), "team-all-x"), Truth::True);
}

#[test]
fn malformed_variables_are_errors_in_the_newer_version_only() {
    for text in ["${", "${}", "a${b", "${a,b}", "${a, 'b}", "${a${b}}", "${ a}"] {
        assert!(Pattern::like(text, Version::V2012).is_err(), "{text}");
        assert!(Pattern::like(text, Version::V2008).is_ok(), "{text}");
    }
    assert!(Pattern::exact("$5 {x}", Version::V2012).is_ok());
}

#[test]
fn many_wildcards_stay_fast() {
    let pattern = Pattern::like(&"*a".repeat(200), Version::V2012).expect("parses");
    assert!(!pattern.matches_plain(&"ab".repeat(150), Case::Sensitive));
    let arn = ResourcePattern::parse(&"*a*b".repeat(200), Version::V2012).expect("parses");
    assert_eq!(arn.matches(&"b".repeat(2000), &NoVariables), Truth::False);
}
