//! The rules and limits of code scanning, held against good and hostile scans.

use std::sync::Arc;

use serde_json::Value as Json;

use super::*;
use crate::aws::AccountId;
use crate::finding::Location;
use crate::finding::sample::{self, ONE, THREE, TWO};
use crate::inventory::{Gap, Reason};

fn log_of(scan: &Scan) -> (Json, Vec<String>) {
    let mut out = Vec::new();
    let notes = write(scan, &Options::default(), &mut out).unwrap();
    (serde_json::from_slice(&out).unwrap(), notes)
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn assert_valid(log: &Json) {
    // The pattern of languages in the schema is a regular expression for JavaScript only.
    let text = include_str!("../../../tests/data/sarif-schema-2.1.0.json");
    let schema: Json = serde_json::from_str(&text.replace("]?$", "?$")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(log)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let problems = violations(log);
    assert!(problems.is_empty(), "{problems:#?}");
}

/// What GitHub refuses, ignores or misreads of a file.
fn violations(log: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    check(log["version"] == "2.1.0" && log["$schema"].is_string(), "log: schema and version");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(log.to_string().as_bytes()).unwrap();
    check(packed.finish().unwrap().len() <= 10 << 20, "log: more than 10 MB packed");
    check(list(&log["runs"]).len() <= MAX_RUNS, "log: more than 20 runs");
    let mut categories = BTreeSet::new();
    for run in list(&log["runs"]) {
        let category = run["automationDetails"]["id"].as_str().unwrap_or_default();
        check(category.ends_with('/'), "run: category without slash");
        check(categories.insert(category), "run: category twice");
        check(run["results"].is_array(), "run: results missing");
        check(list(&run["tool"]["extensions"]).len() <= 100, "run: more than 100 extensions");
        check(list(&run["tool"]["driver"]["rules"]).len() <= 25_000, "run: more than 25000 rules");
        check(list(&run["results"]).len() <= MAX_RESULTS, "run: more than 5000 results");
        for key in ["startTimeUtc", "endTimeUtc"] {
            check(run["invocations"][0][key].is_null(), "run: times make two scans differ");
        }
        let driver = &run["tool"]["driver"];
        for key in ["name", "fullName", "semanticVersion"] {
            check(driver[key].as_str().is_some_and(|text| !text.is_empty()), "driver: incomplete");
        }
        let ids: Vec<&str> =
            list(&driver["rules"]).iter().filter_map(|it| it["id"].as_str()).collect();
        check(ids.iter().collect::<BTreeSet<_>>().len() == ids.len(), "run: rule twice");
        for rule in list(&driver["rules"]) {
            found_in_rule(rule, &mut check);
        }
        let mut identities = BTreeSet::new();
        for result in list(&run["results"]) {
            found_in_result(result, &ids, &mut check);
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
            let identity = format!("{} {place} {hash}", result["ruleId"]);
            check(identities.insert(identity), "result: identity twice");
        }
    }
    found
}

fn found_in_rule(rule: &Json, check: &mut impl FnMut(bool, &str)) {
    for (key, limit) in [("shortDescription", 1024), ("fullDescription", 1024), ("help", 100_000)] {
        let text = rule[key]["text"].as_str().unwrap_or_default();
        check(!text.is_empty() && text.chars().count() <= limit, "rule: description");
    }
    check(
        rule["help"]["markdown"].as_str().is_some_and(|it| it.contains("Remediation")),
        "rule: help",
    );
    let shown = list(&rule["properties"]["tags"]).iter().all(|tag| tag != "");
    check(shown, "rule: empty tag");
    let name = rule["name"].as_str().unwrap_or_default();
    check(!name.is_empty() && name.len() <= 255, "rule: name");
    let level = rule["defaultConfiguration"]["level"].as_str().unwrap_or_default();
    check(["note", "warning", "error"].contains(&level), "rule: level");
    check(list(&rule["properties"]["tags"]).len() <= 10, "rule: more than 10 tags shown");
    if let Some(severity) = rule["properties"].get("security-severity") {
        let number = severity.as_str().and_then(|text| text.parse::<f64>().ok());
        // The manual says that critical is *over* 9.0: nothing may stand on the border.
        let fits =
            number.is_some_and(|it| it > 0.0 && it <= 10.0 && it.to_bits() != 9_f64.to_bits());
        check(fits, "rule: security-severity");
    }
}

fn found_in_result(result: &Json, rules: &[&str], check: &mut impl FnMut(bool, &str)) {
    let id = result["ruleId"].as_str().unwrap_or_default();
    let index = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok());
    check(index.and_then(|at| rules.get(at)) == Some(&id), "result: rule and index disagree");
    check(result["message"]["text"].as_str().is_some_and(|it| !it.is_empty()), "result: message");
    check(list(&result["locations"]).len() == 1, "result: not exactly one location");
    check(list(&result["relatedLocations"]).len() <= 100, "result: locations that are not shown");
    let flows = list(&result["codeFlows"]).iter().flat_map(|it| list(&it["threadFlows"]));
    let steps: usize = flows.map(|it| list(&it["locations"]).len()).sum();
    check(steps <= 1_000, "result: steps of flows that are not shown");
    let level = result["level"].as_str();
    check(level.is_none_or(|it| ["note", "warning", "error"].contains(&it)), "result: level");
    for absent in ["kind", "suppressions", "baselineState"] {
        check(result.get(absent).is_none(), "result: opens an alert that should not be");
    }
    let related = list(&result["relatedLocations"]);
    for location in list(&result["locations"]).iter().chain(related) {
        let place = &location["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap_or_default();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
        check(!uri.is_empty() && uri.bytes().all(allowed), "result: path is no URI reference");
        check(!uri.starts_with('/') && !uri.contains("//"), "result: path is not relative");
        check(!uri.split('/').any(|part| part == ".." || part == "."), "result: path climbs");
        let region = &place["region"];
        check(region["startLine"].as_u64() >= Some(1), "result: no line");
        // An alert shows in a pull request only if all of its lines are in the diff.
        check(
            region["endLine"].is_null() || region["endLine"] == region["startLine"],
            "result: lines",
        );
    }
    let keys: Vec<&String> =
        result["partialFingerprints"].as_object().into_iter().flat_map(|map| map.keys()).collect();
    check(keys.iter().all(|key| *key == "primaryLocationLineHash"), "result: other fingerprints");
    check(
        result["fingerprints"]["postura/v1"].as_str().is_some_and(|id| id.len() == 32),
        "result: id",
    );
}

fn categories(log: &Json) -> Vec<&str> {
    list(&log["runs"]).iter().filter_map(|run| run["automationDetails"]["id"].as_str()).collect()
}

#[test]
fn the_sample_keeps_all_rules_of_code_scanning() {
    assert_valid(&log_of(&sample::scan()).0);
}

#[test]
fn the_rules_are_really_looked_at() {
    let (good, _) = log_of(&sample::scan());
    type Spoil = fn(&mut Json);
    let spoils: [(&str, Spoil); 27] = [
        ("path is no URI", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"] = "arn:aws:s3:::x".into();
        }),
        ("no line", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"] = Json::Null;
        }),
        ("security-severity", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"] =
                "high".into();
        }),
        ("disagree", |log| log["runs"][0]["results"][0]["ruleIndex"] = 99.into()),
        ("one location", |log| log["runs"][0]["results"][0]["locations"] = Json::Array(vec![])),
        ("without slash", |log| log["runs"][0]["automationDetails"]["id"] = "x".into()),
        ("more than 20 runs", |log| log["runs"] = vec![log["runs"][0].clone(); 21].into()),
        ("category twice", |log| log["runs"] = vec![log["runs"][0].clone(); 2].into()),
        ("more than 5000 results", |log| {
            let result = log["runs"][0]["results"][0].clone();
            log["runs"][0]["results"] = vec![result; MAX_RESULTS + 1].into();
        }),
        ("more than 10 tags", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["tags"] =
                vec!["t"; 11].into();
        }),
        ("opens an alert that should not be", |log| {
            log["runs"][0]["results"][0]["kind"] = "pass".into();
        }),
        ("path is not relative", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"] = "/infra/s3.tf".into();
        }),
        ("path climbs", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"] = "infra/../s3.tf".into();
        }),
        ("schema and version", |log| log["$schema"] = Json::Null),
        ("results missing", |log| log["runs"][0]["results"] = Json::Null),
        ("driver: incomplete", |log| log["runs"][0]["tool"]["driver"]["name"] = "".into()),
        ("rule twice", |log| {
            let copy = log["runs"][0]["tool"]["driver"]["rules"][0].clone();
            log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap().push(copy);
        }),
        ("rule: description", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"] =
                "x".repeat(1_025).into();
        }),
        ("rule: help", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["help"] = serde_json::json!({"text": "x"});
        }),
        ("security-severity", |log| {
            log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["security-severity"] =
                "9.0".into();
        }),
        ("result: message", |log| log["runs"][0]["results"][0]["message"]["text"] = "".into()),
        ("result: level", |log| log["runs"][0]["results"][0]["level"] = "critical".into()),
        ("disagree", |log| log["runs"][0]["results"][0]["ruleId"] = "no-such-rule".into()),
        ("other fingerprints", |log| {
            log["runs"][0]["results"][0]["partialFingerprints"]["own"] = "1".into();
        }),
        ("result: lines", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["endLine"] =
                9.into();
        }),
        ("path is no URI", |log| {
            log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
                ["uri"] = "file:///checkout/a b.tf".into();
        }),
        ("identity twice", |log| {
            let copy = log["runs"][0]["results"][0].clone();
            log["runs"][0]["results"].as_array_mut().unwrap().push(copy);
        }),
    ];
    for (what, spoil) in spoils {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert!(violations(&bad).iter().any(|found| found.contains(what)), "{what} is not seen");
    }
}

#[test]
fn an_account_that_was_not_wholly_read_has_no_run_and_a_note() {
    let (log, notes) = log_of(&sample::scan());
    assert_eq!(categories(&log), [format!("postura/aws/{ONE}/")]);
    let left_out: Vec<&str> = notes.iter().map(String::as_str).collect();
    insta::assert_snapshot!(left_out.join("\n"), @"
    sarif: no run for account 444455556666, so that its alerts stay as they are: 1 gap, such as ec2:DescribeFlowLogs AccessDenied
    sarif: no run for account 777788889999, so that its alerts stay as they are: it was skipped (suspended)
    sarif: no run for account 999900001111, so that its alerts stay as they are: it was not scanned (sts:AssumeRole AccessDenied)
    ");
}

#[test]
fn an_unknown_that_another_account_caused_keeps_the_run_back() {
    let mut scan = sample::scan();
    scan.gaps.clear();
    let (log, _) = log_of(&scan);
    assert_eq!(
        categories(&log),
        [format!("postura/aws/{ONE}/")],
        "the verdict of {TWO} is unknown"
    );
    for finding in &mut scan.findings {
        finding.details.unknown = vec![Reason::undecided("by nature")];
    }
    let (log, _) = log_of(&scan);
    assert_eq!(categories(&log).len(), 2);
}

#[test]
fn a_gap_of_no_account_concerns_all() {
    let mut scan = sample::scan();
    let reason = Reason::new(ReasonKind::Denied, "organizations:ListAccounts", "AccessDenied");
    scan.gaps = vec![Gap { reason, count: 1, example: None }];
    assert!(list(&log_of(&scan).0["runs"]).is_empty());
}

#[test]
fn a_clean_account_has_a_run_without_results_that_closes_its_alerts() {
    let mut scan = sample::scan();
    scan.findings.retain(|finding| finding.verdict == Verdict::Pass);
    let (log, _) = log_of(&scan);
    assert_eq!(log["runs"][0]["results"], Json::Array(vec![]));
    assert_valid(&log);
}

#[test]
fn excepted_and_passing_findings_are_no_results() {
    let (log, _) = log_of(&sample::scan());
    let text = log.to_string();
    assert!(!text.contains("sg-excepted") && !text.contains("sg-default"));
    assert!(text.contains("sg-expired"));
}

/// A scan of `accounts` whole accounts with `results` failures each.
fn large(accounts: usize, results: usize) -> Scan {
    let mut scan = sample::scan();
    let template = scan.findings.iter().find(|it| it.is_open_failure()).unwrap().clone();
    let account = scan.accounts[0].clone();
    scan.gaps.clear();
    scan.accounts.clear();
    scan.findings.clear();
    for at in 0..accounts {
        let id: AccountId = format!("{at:012}").parse().unwrap();
        scan.accounts.push(Account { id: id.clone(), ..account.clone() });
        for at in 0..results {
            let mut finding = template.clone();
            Arc::make_mut(&mut finding.site).account = id.clone();
            Arc::make_mut(&mut finding.site).resource.id = format!("r-{at}");
            finding.fingerprint = crate::finding::Fingerprint::new(
                finding.check(),
                finding.partition(),
                &id,
                None,
                &finding.resource().id,
            );
            scan.findings.push(finding);
        }
    }
    scan
}

#[test]
fn more_than_twenty_accounts_are_several_files() {
    let scan = large(45, 1);
    let shards = shards(&scan, Split::Account);
    let names: Vec<&str> = shards.iter().map(|shard| shard.name.as_str()).collect();
    assert_eq!(names, ["postura-01.sarif", "postura-02.sarif", "postura-03.sarif"]);
    let mut all = BTreeSet::new();
    for shard in &shards {
        let mut out = Vec::new();
        write_shard(&scan, shard, &mut out).unwrap();
        let log: Json = serde_json::from_slice(&out).unwrap();
        assert_valid(&log);
        all.extend(categories(&log).into_iter().map(str::to_owned));
    }
    assert_eq!(all.len(), 45);
    let (_, notes) = log_of(&scan);
    assert!(notes.iter().any(|note| note.contains("-o sarif=DIR/")), "{notes:?}");
}

#[test]
fn results_beyond_the_limit_are_cut_with_a_note() {
    let mut scan = large(1, MAX_RESULTS + 7);
    let worst = scan.findings.last_mut().unwrap();
    Arc::make_mut(&mut worst.rule).check = "zz-the-last-check".parse().unwrap();
    let (log, notes) = log_of(&scan);
    assert_eq!(list(&log["runs"][0]["results"]).len(), MAX_RESULTS);
    assert!(notes[0].contains("5007 results") && notes[0].contains("--sarif-split service"));
    let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"];
    assert_eq!(told["text"], "5007 results were found; the 5000 most severe are here.");
    assert_valid(&log);
    let (small, _) = log_of(&large(1, 3));
    assert!(small["runs"][0]["invocations"].is_null());
}

#[test]
fn an_account_is_split_by_service_with_a_run_for_each() {
    let mut scan = large(2, MAX_RESULTS + 7);
    for finding in scan.findings.iter_mut().step_by(2) {
        Arc::make_mut(&mut finding.site).resource.r#type = "AWS::S3::Bucket".into();
    }
    let shards = shards(&scan, Split::Service);
    let mut out = Vec::new();
    write_shard(&scan, &shards[0], &mut out).unwrap();
    let log: Json = serde_json::from_slice(&out).unwrap();
    assert_valid(&log);
    let runs = list(&log["runs"]);
    let sizes: Vec<(&str, usize)> = categories(&log)
        .into_iter()
        .zip(runs.iter().map(|run| list(&run["results"]).len()))
        .collect();
    assert_eq!(
        sizes,
        [
            ("postura/aws/000000000000/account/", 2503),
            ("postura/aws/000000000000/ec2/", 0),
            ("postura/aws/000000000000/s3/", 2504),
            ("postura/aws/000000000001/account/", 2504),
            ("postura/aws/000000000001/ec2/", 0),
            ("postura/aws/000000000001/s3/", 2503),
        ]
    );
    assert!(notes(&scan, Split::Service).is_empty());
    let options = Options { sarif_split: Split::Service, ..Options::default() };
    let mut out = Vec::new();
    assert!(write(&large(10, 1), &options, &mut out).unwrap()[0].contains("has 30 runs"));
}

#[test]
fn resources_of_one_block_are_one_result() {
    let mut scan = sample::scan();
    let place = Location {
        declared_as: Some("tf:infra|aws_security_group.all".into()),
        ..Location::new("infra/all groups.tf", 7)
    };
    for finding in &mut scan.findings {
        if finding.check().as_str() == "sg-no-ssh-open" {
            finding.details.location = Some(Box::new(place.clone()));
        }
    }
    let (log, _) = log_of(&scan);
    assert_valid(&log);
    let results = list(&log["runs"][0]["results"]);
    let grouped: Vec<&Json> =
        results.iter().filter(|result| result["ruleId"] == "sg-no-ssh-open").collect();
    assert_eq!(grouped.len(), 1);
    assert_eq!(list(&grouped[0]["properties"]["resources"]).len(), 3);
    let uri = &grouped[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "infra/all%20groups.tf");
    let before = grouped[0]["fingerprints"].clone();
    for finding in &mut scan.findings {
        if let Some(location) = &mut finding.details.location {
            location.path = "moved.tf".into();
            location.line = 99;
        }
    }
    let (moved, _) = log_of(&scan);
    let after = list(&moved["runs"][0]["results"])
        .iter()
        .find(|result| result["ruleId"] == "sg-no-ssh-open")
        .map(|result| result["fingerprints"].clone());
    assert_eq!(after, Some(before), "a block that moves keeps its identity");
}

#[test]
fn fixing_one_resource_removes_one_identity_and_wording_changes_none() {
    let ids = |scan: &Scan| -> BTreeSet<String> {
        let (log, _) = log_of(scan);
        let results = list(&log["runs"][0]["results"]).iter();
        results.map(|result| result["fingerprints"].to_string()).collect()
    };
    let mut scan = sample::scan();
    let before = ids(&scan);
    for finding in &mut scan.findings {
        Arc::make_mut(&mut finding.rule).title = format!("{}!", finding.title());
        finding.details.messages = vec!["other words".into()];
        Arc::make_mut(&mut finding.rule).severity = Severity::Low;
        Arc::make_mut(&mut finding.site).resource.tags = [("a", "b")].into_iter().collect();
    }
    assert_eq!(ids(&scan), before);
    let at = scan
        .findings
        .iter()
        .position(|it| it.is_open_failure() && it.details.location.is_none())
        .unwrap();
    scan.findings[at].verdict = Verdict::Pass;
    let after = ids(&scan);
    assert_eq!(before.difference(&after).count(), 1);
    assert!(after.is_subset(&before));
}

#[test]
fn a_severity_override_moves_the_rule_and_stays_one_rule() {
    let mut scan = sample::scan();
    let expired = scan.findings.iter_mut().find(|it| it.resource().id == "sg-expired").unwrap();
    Arc::make_mut(&mut expired.rule).severity = Severity::Critical;
    let (log, _) = log_of(&scan);
    assert_valid(&log);
    let rules = list(&log["runs"][0]["tool"]["driver"]["rules"]);
    let rule = rules.iter().find(|rule| rule["id"] == "sg-no-ssh-open").unwrap();
    assert_eq!(rule["properties"]["security-severity"], "9.5");
}

#[test]
fn skipped_accounts_are_named() {
    let (_, notes) = log_of(&sample::scan());
    assert!(notes.iter().any(|note| note.contains(THREE) && note.contains("suspended")));
}
