//! A mutelist taken over.

use super::*;

fn peers() -> Peers {
    let same: [(CheckId, Vec<String>); 3] = [
        ("s3-bucket-not-public".parse().unwrap(), vec!["s3_public".into(), "s3_acl".into()]),
        ("sg-no-ssh-open".parse().unwrap(), vec!["ec2_ssh".into()]),
        ("sg-tidy".parse().unwrap(), vec!["ec2_tidy".into()]),
    ];
    Peers::new(same.iter().map(|(id, names)| (id, names.as_slice())))
}

fn imported(checks: &str) -> Result<Import, Vec<Diagnostic>> {
    let text = format!("Mutelist:\n  Accounts:\n    \"*\":\n      Checks:\n{checks}");
    crate::policy::import(&SourceFile::new("m.yaml", text), &peers(), "p", "sec", None)
}

fn report(import: &Import) -> String {
    import.report.iter().map(|it| format!("{it}\n")).collect()
}

#[test]
fn entries_become_exceptions_that_load() {
    let import = imported(
        "        ec2_*:\n          Regions: [eu-west-1, us-east-1]\n          Resources: [\"^sg-1$\"]\n          \
         Tags: [\"env=dev.*\"]\n          Description: \"until: moved\"\n",
    )
    .unwrap();
    insta::assert_snapshot!(import.text, @r#"
    id: p
    title: Exceptions taken over from a mutelist
    extends: [baseline]
    exceptions:
      - check: sg-no-ssh-open
        resource: sg-1
        region: [eu-west-1, us-east-1]
        tag: {"env": "dev*"}
        reason: "until: moved"
        owner: sec
      - check: sg-tidy
        resource: sg-1
        region: [eu-west-1, us-east-1]
        tag: {"env": "dev*"}
        reason: "until: moved"
        owner: sec
    "#);
    assert_eq!((import.exceptions, import.left_out, report(&import).as_str()), (2, 0, ""));
    assert!(load_in(&[("p.yaml", &import.text)], "p.yaml", None).is_ok());
}

#[test]
fn what_cannot_be_said_is_left_out_and_reported_with_its_place() {
    let body = "{Regions: [\"*\"], Resources: [\"*\"]}";
    let import = imported(&format!(
        "        \"*\": {body}\n        gone: {body}\n        s3_public: {body}\n        \
         ec2_ssh: {{Regions: [\"eu-.*\"], Resources: [x]}}\n        \
         ec2_tidy: {{Regions: [\"*\"], Resources: [\"a|b\", c], Tags: [\"a=b\", \"x|y\"]}}\n        \
         s3_acl: {{Regions: [\"*\"], Resources: [c], Exceptions: {{Regions: [eu-west-1]}}}}\n"
    ))
    .unwrap();
    insta::assert_snapshot!(report(&import), @r#"
    m.yaml:5:9: not carried over: an exception for every check accepts anything
    m.yaml:6:9: not carried over: no check here is `gone`
    m.yaml:7:9: `s3-bucket-not-public` looks at more: it is also s3_acl
    m.yaml:8:29: not carried over: `eu-.*` is no region
    m.yaml:9:73: not carried over: `x|y` is no plain tag
    m.yaml:10:62: not carried over: exceptions cannot leave places or resources out again
    "#);
    assert_eq!((import.exceptions, import.left_out), (1, 5));
}

#[test]
fn what_is_no_mutelist_is_refused_with_its_places() {
    let mistakes = |text: &str| -> String {
        let file = SourceFile::new("m.yaml", text);
        let found = crate::policy::import(&file, &peers(), "p", "sec", None).unwrap_err();
        found.iter().map(|it| format!("{it}\n")).collect()
    };
    insta::assert_snapshot!(mistakes("Mutlist: {}\n"), @r#"
    m.yaml:1:1: unknown key `Mutlist`
    m.yaml:1:1: `Mutelist` is missing
    "#);
    insta::assert_snapshot!(
        mistakes("Mutelist:\n  Accounts:\n    \"123\": {Checks: {a: {Region: [x]}}}\n    \"*\": {Checks: {a: {Region: [x]}}}\n"),
        @r#"
    m.yaml:3:5: `123` is not an account id: it needs exactly 12 digits
    m.yaml:4:20: `Regions` is missing
    m.yaml:4:20: `Resources` is missing
    m.yaml:4:24: unknown key `Region`
    "#
    );
    assert!(mistakes("").contains("expected a mapping"));
    assert!(mistakes("a: [").contains("not valid YAML"));
}
