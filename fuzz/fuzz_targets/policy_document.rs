//! Any text as a policy document: it is understood wholly or refused, its parts lie in the text, and
//! what is understood is decided, compared with itself and asked who gets in.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use postura::iam::document::{Document, Kind};
use postura::iam::evaluate::{Decision, Policies, PolicySet, decide, explain};
use postura::iam::exposure::{Inquiry, ResourceKind, Trust, exposure};
use postura::iam::principal::Caller;
use postura::iam::relation::within;
use postura::iam::request::{Context, Request};

const OWNER: &str = "111122223333";

fuzz_target!(|text: &str| {
    for kind in [Kind::Identity, Kind::Resource, Kind::Trust] {
        let document = match Document::parse(text, kind) {
            Ok(document) => document,
            Err(malformed) => {
                assert!(!malformed.problems.is_empty());
                for problem in &malformed.problems {
                    assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
                }
                continue;
            }
        };
        for statement in &document.statements {
            assert!(text.get(statement.span.start..statement.span.end).is_some());
        }
        decided(&document);
        // Large documents are the business of the tests for hostile ones: here, many small ones count.
        if text.len() < 4096 {
            assert!(!within(&document, &document).answer.is_false());
            asked(&document);
        }
    }
});

fn decided(document: &Document) {
    let caller = Caller::parse("arn:aws:sts::111122223333:assumed-role/App/s").expect("a session");
    let resource = "arn:aws:s3:::b/k";
    let request = Request::new(caller, "s3:GetObject", resource, Some(OWNER), Context::default());
    let set = PolicySet::new(vec![Arc::new(document.clone())]);
    let policies = match document.kind.has_principal() {
        true => Policies { resource: Some(set), ..Policies::default() },
        false => Policies { identity: set, ..Policies::default() },
    };
    assert_eq!(decide(&request, &policies), explain(&request, &policies).decision);
}

/// Whoever is said to get in does.
fn asked(document: &Document) {
    if !document.kind.has_principal() {
        return;
    }
    let kind = if document.kind == Kind::Trust { ResourceKind::Role } else { ResourceKind::Bucket };
    let trust = Trust { orgs: vec!["o-a1b2c3d4e5".into()], ..Trust::default() };
    let found = exposure(&Inquiry {
        policy: document,
        controls: &[],
        kind,
        resource: None,
        owner: OWNER,
        trust: &trust,
    });
    assert!(found.external.answer >= found.public.answer);
    for finding in [&found.public, &found.external, &found.within_organization] {
        let Some(witness) = finding.witness.as_ref().filter(|_| finding.answer.is_true()) else {
            continue;
        };
        if witness.is_provider || witness.is_canonical {
            continue;
        }
        let everything = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        let everything = Document::parse(everything, Kind::Identity).expect("a policy");
        let policies = Policies {
            identity: PolicySet::new(vec![Arc::new(everything)]),
            resource: Some(PolicySet::new(vec![Arc::new(document.clone())])),
            ..Policies::default()
        };
        assert_eq!(decide(&witness.request(OWNER), &policies), Decision::Allow, "{witness:?}");
    }
}
