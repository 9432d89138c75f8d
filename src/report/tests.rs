//! Golden files of every format from one scan, and the attacks that each format must survive.

use std::sync::Arc;

use super::*;
use crate::check::Verdict;
use crate::finding::sample::scan;
use crate::inventory::Reason;

fn render(format: Format, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, &scan(), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn golden(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

fn width(columns: usize) -> Options {
    Options { width: Some(columns), ..Options::default() }
}

#[test]
fn table_in_a_pipe_cuts_nothing() {
    let text = render(Format::Table, &Options::default());
    for finding in scan().findings.iter().filter(|finding| finding.is_open_failure()) {
        assert!(text.contains(&*text::plain(&finding.resource().id)));
    }
    golden("report-table-pipe", &text);
}

#[test]
fn table_fits_eighty_columns() {
    let text = render(Format::Table, &width(80));
    for line in text.lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "too wide: {line}");
    }
    golden("report-table-80", &text);
}

#[test]
fn table_uses_the_room_of_a_wide_terminal() {
    golden("report-table-160", &render(Format::Table, &width(160)));
}

#[test]
fn table_groups_by_account() {
    let options = Options { group_by: GroupBy::Account, ..width(100) };
    golden("report-table-by-account", &render(Format::Table, &options));
}

#[test]
fn table_groups_by_service() {
    let options = Options { group_by: GroupBy::Service, ..Options::default() };
    let text = render(Format::Table, &options);
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("service ")).collect();
    assert_eq!(
        headings,
        [
            "service account: 1 open failure",
            "service ec2: 3 open failures",
            "service s3: 1 open failure"
        ]
    );
}

#[test]
fn table_links_checks_to_their_documentation_only_when_told() {
    let link = "\u{1b}]8;;https://docs.aws.amazon.com/vpc/\u{1b}\\sg-no-ssh-open\u{1b}]8;;\u{1b}\\";
    assert!(!render(Format::Table, &Options::default()).contains("]8;;"));
    let options = Options { hyperlinks: true, ..Options::default() };
    assert!(render(Format::Table, &options).contains(link));
    let mut scan = scan();
    for check in &mut scan.checks {
        check.links = vec!["https://x/\u{1b}\\a b".into(), "javascript:x".into()];
    }
    let mut out = Vec::new();
    write(Format::Table, &scan, &options, &mut out).unwrap();
    assert!(!String::from_utf8(out).unwrap().contains("]8;;"), "no address, no link");
}

#[test]
fn table_is_coloured_only_when_told() {
    assert!(!render(Format::Table, &width(80)).contains('\u{1b}'));
    let coloured = render(Format::Table, &Options { colour: true, ..width(80) });
    assert!(coloured.contains("\u{1b}[1;31mCRITICAL"));
    assert!(!coloured.contains("\u{1b}[31m<img"), "a name must not colour anything");
}

#[test]
fn json_document() {
    golden("report-json", &render(Format::Json, &Options::default()));
}

#[test]
fn json_lines_hold_a_finding_each_and_end_with_the_summary() {
    let text = render(Format::Jsonl, &Options::default());
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, findings) = lines.split_last().unwrap();
    assert_eq!(findings.len(), scan().findings.len());
    assert!(findings.iter().all(|finding| finding["fingerprint"].is_string()));
    assert_eq!(last["version"], 1);
    assert_eq!(last["summary"]["verdicts"]["all"]["fail"], 5);
}

#[test]
fn json_without_times_is_the_same_every_time() {
    let mut scan = scan();
    scan.stats = Default::default();
    let mut out = Vec::new();
    write(Format::Json, &scan, &Options::default(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains("elapsed_ms") && !text.contains("\"calls\""));
}

#[test]
fn sarif_file() {
    let text = render(Format::Sarif, &Options::default());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    golden("report-sarif", &serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn the_other_formats() {
    golden("report-markdown", &render(Format::Markdown, &Options::default()));
    golden("report-github", &render(Format::Github, &Options::default()));
    golden("report-csv", &render(Format::Csv, &Options::default()));
    golden("report-junit", &render(Format::Junit, &Options::default()));
}

/// A scan whose texts all attack.
fn hostile(attack: &str) -> Scan {
    let mut scan = scan();
    for finding in &mut scan.findings {
        Arc::make_mut(&mut finding.rule).title = attack.into();
        Arc::make_mut(&mut finding.site).resource.id = attack.into();
        Arc::make_mut(&mut finding.site).resource.name = Some(attack.into());
        finding.details.messages = vec![attack.into()];
        if let Some(exception) = &mut finding.details.exception {
            exception.owner = attack.into();
            exception.reason = attack.into();
        }
    }
    scan.gate.reasons = vec![attack.into()];
    scan.gate.policy = attack.into();
    scan
}

fn render_scan(format: Format, scan: &Scan) -> String {
    let mut out = Vec::new();
    write(format, scan, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn markdown_makes_no_links_images_mentions_or_tags_of_names() {
    let attack = "[x](https://evil) ![y](//e) @team #77 <img src=x> | `c` **b** www.evil.com";
    let text = render_scan(Format::Markdown, &hostile(attack));
    for bad in ["](", "![", "@team", "#77", "<img", "**b", "https://", "www.evil"] {
        assert!(!text.contains(bad), "{bad} got through");
    }
    for line in text.lines().filter(|line| line.starts_with("| 1111")) {
        assert_eq!(line.matches('|').count(), 5, "{line}");
    }
}

#[test]
fn a_name_cannot_be_a_workflow_command() {
    for attack in
        ["a\n::error::x", "a%0A::stop-commands::t", "::set-output name=a::b", "##[add-mask]a"]
    {
        let scan = hostile(attack);
        let text = render_scan(Format::Github, &scan);
        for line in text.lines() {
            let known = ["::error ", "::warning ", "::notice "];
            assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
            assert!(!line.contains("%0A"), "{line}");
        }
        for format in [Format::Github, Format::Table, Format::Csv, Format::Markdown, Format::Junit]
        {
            let text = render_scan(format, &scan);
            assert!(!text.contains("##["), "{format}");
            let obeyed = text.lines().any(|line| line.trim_start().starts_with("::"));
            assert!(format == Format::Github || !obeyed, "{format}");
        }
    }
}

#[test]
fn github_gets_ten_errors_ten_warnings_and_a_sum() {
    let mut scan = scan();
    let open = scan.findings.iter().find(|it| it.is_open_failure()).unwrap().clone();
    scan.findings = vec![open; 25];
    for finding in scan.findings.iter_mut().skip(12) {
        Arc::make_mut(&mut finding.rule).severity = crate::check::Severity::Medium;
    }
    let text = render_scan(Format::Github, &scan);
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!([count("::error "), count("::warning "), count("::notice ")], [10, 10, 1]);
    assert!(text.contains("25 open failures; 5 of them are not shown"));
}

#[test]
fn markdown_stays_below_the_limit_and_keeps_the_worst() {
    let mut scan = scan();
    let open = scan.findings.iter().find(|it| it.is_open_failure()).unwrap().clone();
    scan.findings = vec![open; 20_000];
    for finding in scan.findings.iter_mut().skip(3) {
        Arc::make_mut(&mut finding.rule).severity = crate::check::Severity::Low;
    }
    let text = render_scan(Format::Markdown, &scan);
    assert!(text.len() <= 1 << 20, "{}", text.len());
    assert!(text.contains("of 20000 open failures are shown, the most severe ones"));
    assert!(text.contains("#### critical") && text.contains("### Not read"));
}

#[test]
fn junit_is_never_green_for_what_was_not_seen() {
    let text = render(Format::Junit, &Options::default());
    assert!(text.contains("tests=\"13\" failures=\"5\" errors=\"4\" skipped=\"2\""), "{text}");
    let text = render_scan(Format::Junit, &hostile("<a>&\"'\u{0}\u{ffff}]]>"));
    assert!(!text.contains("<a>") && !text.contains("]]>") && !text.contains('\u{0}'));
}

#[test]
fn csv_has_a_line_a_verdict_and_no_formula() {
    for attack in ["=1", "+1", "-1", "@x", "\t=1", "a\n=1", "\",=1"] {
        let text = render_scan(Format::Csv, &hostile(attack));
        assert_eq!(text.matches("\r\n").count(), scan().findings.len() + 1);
        let starts = [",=", ",+", ",-", ",@", ",\"=", ",\"+", ",\"-", ",\"@"];
        let formula = starts.iter().find(|start| text.contains(**start));
        // A quotation mark in a cell is doubled, so that this attack stays inside its cell.
        assert!(formula.is_none() || attack.starts_with('"'), "{attack}: {formula:?}");
    }
}

/// Attacks on every reader: terminals, workflow logs, browsers, spreadsheets, Markdown, XML.
const ATTACKS: [&str; 9] = [
    "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m",
    "a\r\n::error file=x::y\n##[error]z",
    "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://evil\",\"x\")",
    "[x](javascript:alert(1)) ![y](//evil) @team <b> | `c`",
    "]]><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "a\u{202e}b\u{200b}\u{2028}\u{feff}c",
    "../../etc/passwd?x#y%00",
    "\u{0}\u{8}\u{ffff}",
];

#[test]
fn no_attack_gets_through_in_any_format() {
    for attack in ATTACKS {
        let mut scan = hostile(attack);
        for finding in &mut scan.findings {
            Arc::make_mut(&mut finding.site).resource.arn = Some(attack.into());
            Arc::make_mut(&mut finding.site).resource.tags =
                [(attack.to_owned(), attack.repeat(64))].into_iter().collect();
            finding.details.evidence =
                vec![crate::check::Evidence { path: attack.into(), value: attack.into() }];
            finding.details.unknown = vec![Reason::undecided(attack)];
            Arc::make_mut(&mut finding.rule).params = [("p".into(), attack.into())].into();
        }
        scan.gate.warnings = vec![attack.into()];
        scan.gaps[0].example = Some(attack.into());
        scan.accounts[0].name = Some(attack.into());
        for format in Format::ALL {
            let text = render_scan(format, &scan);
            let unseen = |it: char| text::is_hidden(it) && it != '\n' && it != '\r';
            assert!(!text.contains(unseen), "{format}: {attack}");
            let command = |line: &str| line.trim_start().starts_with("::error file=x");
            assert!(!text.lines().any(command), "{format}: {attack}");
            match format {
                Format::Json | Format::Sarif | Format::Oscal => {
                    serde_json::from_str::<serde_json::Value>(&text).unwrap();
                }
                Format::Jsonl | Format::Ocsf | Format::Asff => {
                    for line in text.lines() {
                        serde_json::from_str::<serde_json::Value>(line).unwrap();
                    }
                }
                Format::Html => assert_eq!(text.matches("<script").count(), 2, "{attack}"),
                Format::Markdown => assert!(!text.contains("](") && !text.contains("<img")),
                Format::Junit => assert!(!text.contains("<!") && !text.contains("<script")),
                Format::Table | Format::Github | Format::Csv => {}
            }
        }
    }
}

#[test]
fn security_hub_gets_batches_of_one_account_and_region() {
    let mut scan = scan();
    let open = scan.findings.iter().find(|it| it.is_open_failure()).unwrap().clone();
    scan.findings.extend(vec![open; 250]);
    let text = render_scan(Format::Asff, &scan);
    let mut sizes = Vec::new();
    for line in text.lines() {
        let call: serde_json::Value = serde_json::from_str(line).unwrap();
        let findings = call["Findings"].as_array().unwrap();
        let place = |it: &serde_json::Value| (it["AwsAccountId"].clone(), it["Region"].clone());
        assert!(findings.iter().all(|it| place(it) == place(&findings[0])));
        sizes.push(findings.len());
    }
    assert!(sizes.iter().all(|size| *size <= 100), "{sizes:?}");
    let spoken = scan.findings.iter().filter(|it| it.verdict != Verdict::NotApplicable).count();
    assert_eq!(sizes.iter().sum::<usize>(), spoken);
}

#[test]
fn what_was_not_seen_is_no_pass_for_a_console() {
    let unknown = |it: &&serde_json::Value| it["Compliance"]["Status"] == "NOT_AVAILABLE";
    let text = render(Format::Asff, &Options::default());
    let calls = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let findings: Vec<serde_json::Value> =
        calls.flat_map(|call| call["Findings"].as_array().unwrap().clone()).collect();
    assert_eq!(findings.iter().filter(unknown).count(), 1);
    let text = render(Format::Ocsf, &Options::default());
    assert_eq!(text.matches("\"status_id\":0").count(), 1);
    assert_eq!(text.matches("\"status\":\"Suppressed\"").count(), 1);
}

#[test]
fn no_format_for_people_passes_a_control_character_on() {
    for format in Format::ALL {
        let text = render(format, &width(80));
        let bad = |character: char| character.is_control() && !matches!(character, '\n' | '\r');
        assert!(!text.chars().any(bad), "{format}");
    }
}

#[test]
fn every_verdict_of_the_sample_is_counted() {
    let summary = Summary::of(&scan());
    let total = summary.total;
    let all = [total.fail, total.excepted, total.unknown, total.pass, total.not_applicable];
    assert_eq!(all, [5, 1, 1, 2, 1]);
    let fails = scan().findings.iter().filter(|it| it.verdict == Verdict::Fail).count();
    assert_eq!(fails, 6);
}

#[test]
fn every_format_is_found_by_its_name() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
}

#[test]
fn a_misspelt_format_gets_a_suggestion() {
    let error = "sariff".parse::<Format>().unwrap_err();
    assert_eq!(error.to_string(), "unknown format `sariff`; did you mean `sarif`?");
    let error = "yaml".parse::<Format>().unwrap_err();
    assert!(error.to_string().starts_with("unknown format `yaml`; known are table, json"));
}

#[test]
fn outputs_name_a_file_a_directory_or_nothing() {
    let parse = str::parse::<OutputSpec>;
    assert_eq!(parse("json").unwrap().target, Target::Stdout);
    assert_eq!(parse("json=-").unwrap().target, Target::Stdout);
    assert_eq!(parse("json=a=b.json").unwrap().target, Target::File("a=b.json".into()));
    assert_eq!(parse("sarif=out/").unwrap().target, Target::Directory("out/".into()));
    assert_eq!(parse("json=out/"), Err(OutputError::Directory(Format::Json)));
    assert_eq!(parse("json="), Err(OutputError::NoPath(Format::Json)));
    assert!(matches!(parse("jsn=a"), Err(OutputError::Format { .. })));
}

#[test]
fn the_trend_of_a_history_is_drawn() {
    use crate::finding::trend::{Point, trend};
    let mut now = scan();
    let point = Point::of(&now);
    let earlier = |days: i64, fail: u64| {
        let mut point = Point { scanned_at: point.scanned_at - days * 86_400, ..point.clone() };
        point.severities.values_mut().for_each(|counts| counts.fail = fail);
        point
    };
    now.trend = trend(&[earlier(2, 1), earlier(1, 14)], point.clone());
    let text = render_scan(Format::Markdown, &now);
    let part = text.split("\n### ").find(|part| part.starts_with("3 scans")).unwrap();
    insta::assert_snapshot!(part.trim_end(), @r#"
        3 scans from 2025-12-31 to 2026-01-02

        | severity | open failures | first | last |
        |---|---|---:|---:|
        | critical | ▂█▂ | 1 | 2 |
        | high | ▂█▃ | 1 | 3 |
        | medium | ▂█▁ | 1 | 0 |

        The gate passed in 0 of them.
        "#);
    assert!(render_scan(Format::Html, &now).contains("\"trend\":[{\"version\":1"));
    now.trend = trend(&[], point);
    assert!(!render_scan(Format::Markdown, &now).contains("scans from"), "one scan is no trend");
}
