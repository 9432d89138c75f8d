//! What can never happen.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
struct Rule {
    check: usize,
    resource: usize,
    scope: usize,
    expires: usize,
}

const CHECKS: [&str; 4] = ["iam-root-mfa", "s3-bucket-not-public", "\"s3-*\"", "sg-no-ssh-open"];
const RESOURCES: [&str; 4] = ["", ", resource: logs", ", resource: \"logs*\"", ", resource: sg-1"];
const SCOPES: [&str; 4] =
    ["", ", account: 111122223333", ", region: us-east-1", ", tag: {env: prod}"];
const EXPIRES: [&str; 4] =
    ["", ", expires: 2026-01-01", ", expires: 2026-06-15", ", expires: 2027-01-01"];

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let rule = (0..4usize, 0..4usize, 0..4usize, 0..4usize)
        .prop_map(|(check, resource, scope, expires)| Rule { check, resource, scope, expires });
    proptest::collection::vec(rule, 0..6)
}

fn policy_of(rules: &[Rule]) -> Policy {
    let lines = rules.iter().map(|rule| {
        format!(
            "  - {{check: {}{}{}{}, reason: r, owner: o}}\n",
            CHECKS[rule.check], RESOURCES[rule.resource], SCOPES[rule.scope], EXPIRES[rule.expires]
        )
    });
    let text: String = lines.collect();
    policy(&if text.is_empty() { text } else { format!("exceptions:\n{text}") }).unwrap()
}

const DAYS: [&str; 4] = ["2025-12-31", "2026-01-02", "2026-06-15", "2027-06-01"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn exceptions_change_nothing_but_their_mark(rules in rules(), day in 0..4usize) {
        let (marked, _) = except(&policy_of(&rules), DAYS[day]);
        let mut stripped = marked;
        stripped.iter_mut().for_each(|it| it.details.exception = None);
        prop_assert_eq!(stripped, findings());
    }

    #[test]
    fn an_exception_accepts_only_what_it_accepts_alone(rules in rules(), day in 0..4usize) {
        let together = accepted(&policy_of(&rules), DAYS[day]);
        let mut alone: Vec<String> =
            rules.iter().flat_map(|rule| accepted(&policy_of(std::slice::from_ref(rule)), DAYS[day])).collect();
        alone.sort();
        alone.dedup();
        let mut together_sorted = together;
        together_sorted.sort();
        prop_assert_eq!(together_sorted, alone);
    }

    #[test]
    fn one_more_exception_never_makes_the_gate_stricter(rules in rules(), at in 0..6usize, day in 0..4usize) {
        let mut fewer = rules.clone();
        if at < fewer.len() {
            fewer.remove(at);
        }
        let code = |rules: &[Rule]| {
            let policy = policy_of(rules);
            let (findings, _) = except(&policy, DAYS[day]);
            exit(&policy, &findings, &[], None).code()
        };
        prop_assert!(code(&rules) <= code(&fewer));
    }

    #[test]
    fn what_has_expired_never_excuses_again(rules in rules(), day in 0..3usize) {
        let policy = policy_of(&rules);
        let (now, later) = (accepted(&policy, DAYS[day]), accepted(&policy, DAYS[day + 1]));
        prop_assert!(later.iter().all(|finding| now.contains(finding)));
    }

    #[test]
    fn nothing_is_new_against_itself(verdicts in proptest::collection::vec(0..4usize, 5)) {
        let all = [Verdict::Pass, Verdict::Fail, Verdict::Unknown, Verdict::NotApplicable];
        let mut findings = findings();
        for (finding, verdict) in findings.iter_mut().zip(verdicts) {
            finding.verdict = all[verdict];
        }
        let policy = policy("gate: {fail_on: info, only_new: true}\n").unwrap();
        let baseline = Baseline::of(&findings);
        prop_assert_eq!(exit(&policy, &findings, &[], Some(&baseline)), Exit::Passed);
        let other = findings.iter().filter(|it| it.verdict != Verdict::Fail);
        let other = Baseline::of(&other.cloned().collect::<Vec<_>>());
        let fails = findings.iter().any(|it| it.verdict == Verdict::Fail);
        let wanted = if fails { Exit::Failed } else { Exit::Passed };
        prop_assert_eq!(exit(&policy, &findings, &[], Some(&other)), wanted);
    }
}
