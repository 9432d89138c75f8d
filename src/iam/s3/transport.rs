//! Does a bucket policy refuse requests without TLS: from everyone, whatever they do, to the bucket
//! and to every object?
//!
//! Decided by search: is there a request with `aws:SecureTransport` false that no statement denies?
//! AWS services are left out, since they always use TLS.

use super::super::document::{Document, Effect};
use super::super::exposure::caller::{Caller, Identity, callers};
use super::super::exposure::facts::{Naming, Network, Scenario};
use super::super::exposure::witness::witness_of;
use super::super::exposure::{ResourceKind, Trust, Witness, policy};
use super::super::search::{Answer, Question, Steps, search};
use super::super::space::{Bounds, Extent, Fact, Frame, Rule, Space, Substitution};
use super::super::truth::Truth;
use crate::iam::atoms::Budget;

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transport {
    /// Whether every request without TLS is refused; unknown where it cannot be decided.
    pub refused: Truth,
    /// A request without TLS that is not refused.
    pub witness: Option<Witness>,
}

/// Whether the policy of a bucket, given by its ARN, refuses every request without TLS.
pub fn denies_insecure_transport(document: &Document, bucket: &str) -> Transport {
    let names = policy::names(std::iter::once(document));
    let mentions = policy::mentions(std::iter::once(document), &names);
    let trust = Trust::default();
    let everybody = callers("", &trust, &names, &mentions);
    let people =
        everybody.list.iter().filter(|caller| !matches!(caller.identity, Identity::Service { .. }));
    let frames: Vec<Insecure<'_>> = people
        .map(|caller| Insecure {
            caller,
            scenario: Scenario {
                caller,
                naming: Naming::Ids,
                network: Network::Any,
                owner: "",
                trust: &trust,
                mentions: &mentions,
                named: &names.arns,
                internet: &[],
                endpoint: false,
            },
        })
        .collect();
    let denials: Vec<_> = document.statements.iter().filter(|s| s.effect == Effect::Deny).collect();
    let rules: Vec<Rule<'_>> = denials.iter().map(|statement| policy::rule(statement)).collect();
    let bounds = Bounds {
        actions: ResourceKind::Bucket.actions(),
        excluded: ResourceKind::Bucket.excluded_actions(),
        resources: ResourceKind::Bucket.resources(Some(bucket)),
        budget: Budget::default(),
        axes: None,
        texts: None,
    };
    let views: Vec<&dyn Frame> = frames.iter().map(|frame| frame as &dyn Frame).collect();
    let space = Space::new(&rules, &views, &Substitution::default(), &bounds);
    let mut steps = Steps::default();
    let mut refused = Truth::from(everybody.complete).or(Truth::Unknown);
    for frame in &frames {
        let who = policy::principal(frame.caller);
        let fits: Vec<Truth> =
            denials.iter().map(|s| policy::fit(s, frame.caller, &who).truth).collect();
        let ask = |certain: bool, steps: &mut Steps| {
            let without = fits.iter().zip(space.rules()).filter_map(|(fit, regions)| match fit {
                Truth::True if certain => regions.outer.as_ref(),
                Truth::True => regions.inner.as_ref(),
                Truth::Unknown if certain => regions.outer.as_ref(),
                Truth::Unknown | Truth::False => None,
            });
            let question = Question {
                within: space
                    .within(frame, if certain { Extent::Listed } else { Extent::Everything }),
                layers: vec![],
                without: without.collect(),
            };
            search(&question, steps)
        };
        match ask(true, &mut steps) {
            Answer::Found(point) => {
                let witness = witness_of(&space.values(&point), Some(frame.caller), &denials);
                return Transport { refused: Truth::False, witness: Some(witness) };
            }
            Answer::OutOfSteps => refused = Truth::Unknown,
            Answer::Nothing => {}
        }
        if ask(false, &mut steps) != Answer::Nothing {
            refused = Truth::Unknown;
        }
    }
    Transport { refused, witness: None }
}

struct Insecure<'a> {
    caller: &'a Caller,
    scenario: Scenario<'a>,
}

impl Frame for Insecure<'_> {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "aws:securetransport" => Fact::exactly(["false"]),
            "s3:tlsversion" => Fact::absent(),
            key => self.scenario.fact(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::document::Kind;
    use Truth::{False, True};

    fn refused(statements: &str) -> Truth {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = Document::parse(&text, Kind::Resource).expect("a policy");
        let found = denies_insecure_transport(&document, "arn:aws:s3:::b");
        assert_eq!(found.refused.is_false(), found.witness.is_some());
        found.refused
    }

    fn deny(principal: &str, action: &str, resource: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"Deny","Principal":{principal},"Action":{action},"Resource":{resource},"Condition":{{{condition}}}}}"#
        )
    }

    #[test]
    fn everyone_everything_everywhere_must_be_refused() {
        let both = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
        let no_tls = r#""Bool":{"aws:SecureTransport":"false"}"#;
        let all = r#""s3:*""#;
        for (statements, expected) in [
            (deny(r#""*""#, all, both, no_tls), True),
            (deny(r#"{"AWS":"*"}"#, r#""*""#, r#""*""#, no_tls), True),
            (deny(r#""*""#, all, r#""arn:aws:s3:::b*""#, no_tls), True),
            (deny(r#""*""#, all, both, r#""BoolIfExists":{"aws:SecureTransport":"false"}"#), True),
            (deny(r#""*""#, all, both, r#""StringEquals":{"aws:SecureTransport":"false"}"#), True),
            (deny(r#""*""#, all, both, r#""Bool":{"aws:SecureTransport":false}"#), True),
            (deny(r#""*""#, all, both, r#""Bool":{"aws:SecureTransport":"true"}"#), False),
            (deny(r#""*""#, all, r#""arn:aws:s3:::b/*""#, no_tls), False),
            (deny(r#""*""#, all, r#""arn:aws:s3:::b""#, no_tls), False),
            (deny(r#""*""#, r#""s3:GetObject""#, both, no_tls), False),
            (deny(r#"{"AWS":"111122223333"}"#, all, both, no_tls), False),
            (deny(r#""*""#, all, both, r#""NumericLessThan":{"s3:TlsVersion":"1.2"}"#), False),
            (
                deny(r#""*""#, all, both, r#""Bool":{"aws:SecureTransport":"false","aws:PrincipalIsAWSService":"false"}"#),
                True,
            ),
            (
                deny(r#""*""#, all, both, r#""Bool":{"aws:SecureTransport":"false"},"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#),
                False,
            ),
            (
                format!(
                    "{},{}",
                    deny(r#""*""#, all, r#""arn:aws:s3:::b""#, no_tls),
                    deny(r#""*""#, all, r#""arn:aws:s3:::b/*""#, no_tls)
                ),
                True,
            ),
            (r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#.to_owned(), False),
        ] {
            assert_eq!(refused(&statements), expected, "{statements}");
        }
    }
}
