//! Findings are the same however many threads look for them.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use serde_json::{Value as Json, json};

use super::*;
use crate::check::compile;
use crate::check::tests::generated::{Names, Seen, condition, group};
use crate::diagnostic::SourceFile;
use crate::inventory::toy::MODEL;
use crate::inventory::{Builder, Place, Wanted, draft_from_json};
use crate::schema::Type;

fn selected(place: usize, condition: &str) -> Selected {
    let severity = ["high", "low"][place % 2];
    let text = format!(
        "id: check-{place}\ntitle: A\nseverity: {severity}\nresource: AWS::EC2::SecurityGroup\n\
         expect:\n  - that: |\n      {condition}\n    otherwise: \"Bad {{group.name}}\"\n"
    );
    compiled(place, text)
}

fn compiled(place: usize, text: String) -> Selected {
    let file = SourceFile::new(format!("check-{place}.yaml"), text);
    let (check, diagnostics) = compile(&file, MODEL.catalog);
    let check = Arc::new(check.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let params = check.params(&BTreeMap::new()).unwrap();
    Selected { settings: vec![Setting { severity: check.severity, params }], check }
}

/// Everything from the resources as read to the findings, in so many threads.
fn findings(
    threads: usize,
    groups: &[Json],
    selected: &[Selected],
    settings: &dyn Settings,
) -> Vec<Finding> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let record = MODEL.catalog.0[0];
        let mut builder = Builder::new(MODEL);
        for (number, group) in groups.iter().enumerate() {
            let mut group = group.clone();
            group["id"] = json!(format!("sg-{number}"));
            let place = Place {
                account: ["111122223333", "222233334444"][number % 2].parse().unwrap(),
                region: Some(["eu-west-1", "us-east-1"][number % 3 % 2].parse().unwrap()),
            };
            let draft = draft_from_json(&Type::Record(record), false, &group).unwrap();
            builder.add_draft(record.get(), &place, &format!("sg-{number}"), draft);
        }
        evaluate(&builder.seal(crate::check::CASE_NOW, &Wanted::Everything), selected, settings)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_do_not_depend_on_the_number_of_threads(
        groups in prop::collection::vec(group(Seen::Some), 1..24),
        conditions in prop::collection::vec(condition(Names::All), 1..4),
        copies in 1..40_usize,
    ) {
        // More resources than one thread takes at a time.
        let groups: Vec<Json> = groups.iter().cycle().take(groups.len() * copies).cloned().collect();
        let selected: Vec<Selected> =
            conditions.iter().enumerate().map(|(place, it)| selected(place, it)).collect();
        let alone = findings(1, &groups, &selected, &Plain);
        prop_assert_eq!(alone.len(), groups.len() * selected.len());
        for threads in [2, 7] {
            prop_assert!(findings(threads, &groups, &selected, &Plain) == alone, "{} threads", threads);
        }
    }
}

/// The second setting for groups with an odd number.
struct ByNumber;

impl Settings for ByNumber {
    fn choose(&self, _: &Check, context: Context<'_>) -> usize {
        let odd = context.entry.id.ends_with(['1', '3', '5', '7', '9']);
        // One that is not there stands for the first.
        if odd { 1 } else { 9 }
    }
}

#[test]
fn each_resource_is_judged_by_its_own_setting() {
    let text = "id: check-0\ntitle: A\nseverity: high\nresource: AWS::EC2::SecurityGroup\n\
        params:\n  name: {type: string, default: even, about: a name}\n\
        expect:\n  - that: group.name == params.name\n    otherwise: Bad\n";
    let mut selected = [compiled(0, text.to_owned())];
    let odd = BTreeMap::from([("name".to_owned(), json!("odd"))]);
    let params = selected[0].check.params(&odd).unwrap();
    selected[0].settings.push(Setting { severity: Severity::Low, params });
    let names = ["even", "odd", "odd", "even"];
    let groups: Vec<Json> = (0..600).map(|number| json!({"name": names[number / 2 % 4]})).collect();
    for finding in findings(2, &groups, &selected, &ByNumber) {
        let number: usize = finding.site.resource.id.trim_start_matches("sg-").parse().unwrap();
        let (wanted, severity) = [("even", Severity::High), ("odd", Severity::Low)][number % 2];
        let passes = names[number / 2 % 4] == wanted;
        assert_eq!(finding.verdict, if passes { Verdict::Pass } else { Verdict::Fail });
        assert_eq!(finding.rule.severity, severity);
    }
}

#[test]
fn findings_share_what_they_have_in_common() {
    let groups = vec![json!({}); 3];
    let selected = [selected(0, "group.name == 'x'"), selected(1, "group.name != 'x'")];
    let findings = findings(2, &groups, &selected, &Plain);
    let differ = |place: &dyn Fn(&Finding) -> usize| {
        findings.iter().map(place).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(findings.len(), 6);
    assert_eq!(differ(&|it| Arc::as_ptr(&it.rule).addr()), 2);
    assert_eq!(differ(&|it| Arc::as_ptr(&it.site).addr()), 3);
}

#[test]
fn what_does_not_apply_for_the_same_reason_says_so_once() {
    let names = ["b", "b", "b", "b", "c"];
    let groups: Vec<Json> = names.iter().map(|name| json!({"name": name})).collect();
    let limited = "id: check-0\ntitle: A\nseverity: high\nresource: AWS::EC2::SecurityGroup\n\
        applies_when: [\"group.name == 'a'\"]\nexpect:\n  - that: group.is_default\n    otherwise: Bad\n";
    let findings = findings(1, &groups, &[compiled(0, limited.to_owned())], &Plain);
    let mut reasons: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &findings {
        assert_eq!(finding.verdict, Verdict::NotApplicable);
        let name = finding.details.evidence[0].value.to_string();
        reasons.entry(name).or_default().push(finding);
    }
    assert_eq!(reasons["\"c\""].len(), 1);
    let alike = &reasons["\"b\""];
    assert_eq!(alike.len(), 4);
    // Another reason in between makes them say it once more.
    let shared = alike.windows(2).filter(|two| two[0].details.share_room(&two[1].details));
    assert!(shared.count() >= 2);
}
