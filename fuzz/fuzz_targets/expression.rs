//! Any text as an expression: lexer, parser, type checker; and what compiles is evaluated.
//!
//! The text goes into a check as a double-quoted YAML scalar, which can hold every character.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postura::check::case::fixture;
use postura::check::{CASE_NOW, Scratch, Verdict, compile};
use postura::diagnostic::SourceFile;
use postura::resources::MODEL;
use serde_json::json;

fuzz_target!(|expression: &str| {
    let quoted = serde_json::to_string(expression).expect("text is JSON");
    let text = format!(
        "id: a-check\ntitle: A\nseverity: low\nresource: AWS::EC2::SecurityGroup\n\
         expect:\n  - that: {quoted}\n    otherwise: {quoted}\n"
    );
    let file = SourceFile::new("a-check.yaml", text);
    let (check, diagnostics) = compile(&file, MODEL.catalog);
    for diagnostic in &diagnostics {
        // Every place lies in the file, at the borders of characters.
        assert!(file.text.get(diagnostic.span.range()).is_some(), "{diagnostic}");
    }
    let Some(check) = check else { return };
    let given = json!({
        "id": "sg-1", "name": "web", "vpc_id": null, "is_default": false,
        "ingress": [
            {"id": "sgr-1", "protocol": "tcp", "from_port": 22, "to_port": 22, "source": "0.0.0.0/0"},
            {"id": "sgr-2", "protocol": {"$unknown": "hidden"}, "source": "10.0.0.0/8"},
            {"$unknown": "cut short"},
        ],
    });
    let inventory = fixture(&check, MODEL, &given, CASE_NOW).expect("it fits the schema");
    let params = check.params(&Default::default()).expect("there are no parameters");
    let bound = check.bind(&inventory, &params);
    let entry = &inventory.resources(check.resource)[0];
    let outcome = bound.judge(entry);
    // Many at once, and the proof of what they say, go other ways than one alone.
    let mut verdicts = Vec::new();
    bound.verdicts(&[entry.row], &mut Scratch::default(), &mut verdicts);
    assert_eq!(verdicts, [outcome.verdict]);
    assert_eq!(bound.explain(entry.row, outcome.verdict), outcome);
    assert_eq!(outcome.unknown.is_empty(), outcome.verdict != Verdict::Unknown);
    if outcome.verdict == Verdict::Fail && outcome.evidence.is_empty() && outcome.whole {
        // No value decided it, so none need be known: only how many elements a list has.
        let shape = json!({"ingress": [{}, {}, {"$unknown": "cut short"}]});
        let inventory = fixture(&check, MODEL, &shape, CASE_NOW).expect("it fits the schema");
        let bound = check.bind(&inventory, &params);
        let entry = &inventory.resources(check.resource)[0];
        assert_eq!(bound.verdict(entry.row), Verdict::Fail);
    }
});
