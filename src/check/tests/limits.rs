//! Checks that are too large are refused with words; those at the limit are judged and explained.

use proptest::prelude::*;

use super::*;
use crate::check::plan::Interval;

/// A check whose logic goes through so many names, each the opposite of the one before.
fn chain(levels: usize) -> String {
    let mut logic = String::from("let:\n  a0: group.is_default\n");
    for level in 1..levels {
        logic.push_str(&format!("  a{level}: not a{}\n", level - 1));
    }
    let last = levels - 1;
    logic.push_str(&format!("expect:\n  - {{that: a{last} and a{last}, otherwise: Bad}}"));
    check_text(&logic, "  - {name: a, given: {is_default: false}, verdict: fail}\n")
}

fn mistakes(text: String) -> Vec<Diagnostic> {
    let (check, diagnostics) =
        compile(&SourceFile::new("checks/toy-check.yaml", text), MODEL.catalog);
    assert!(check.is_none());
    diagnostics
}

#[test]
fn a_chain_of_names_has_an_end() {
    for levels in [64, 200, 10_000] {
        let diagnostics = mistakes(chain(levels));
        let told: Vec<&str> = diagnostics.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(told, ["this is more than 128 levels deep"]);
    }
}

#[test]
fn the_longest_chain_is_judged_on_a_small_stack() {
    let judged = || {
        // The names, `and` around them, and the field that the first one names.
        let report = assert_cases(&chain(63));
        assert_eq!(report.cases.len(), 1);
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(judged);
    thread.unwrap().join().unwrap();
}

/// Logic whose last name stands for twice as much as the one before, and that for twice as much again.
fn doubled(levels: usize, rest: &str) -> String {
    let mut logic = String::from("let:\n  a0: size(group.ingress)\n");
    for level in 1..levels {
        let below = level - 1;
        logic.push_str(&format!("  a{level}: a{below} + a{below}\n"));
    }
    let last = levels - 1;
    logic.push_str(&format!("{rest}expect:\n  - {{that: a{last} > 1, otherwise: Bad}}"));
    check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n")
}

#[test]
fn names_under_let_cannot_explode() {
    let diagnostics = mistakes(doubled(40, ""));
    assert!(diagnostics.iter().any(|it| it.message.contains("have more than")));
}

#[test]
fn no_check_is_lost_without_a_word() {
    let diagnostics = mistakes(doubled(12, "show: [a11]\n"));
    let told: Vec<&str> = diagnostics.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["the expressions of this check have more than 20000 parts"]);
}

#[test]
fn a_regular_expression_is_compiled_once() {
    let uses = vec!["m"; 200].join(" or ");
    let mut logic = String::from("let:\n  m: 'group.name.matches(\"[a-z]{9000}\")'\nexpect:\n");
    for _ in 0..20 {
        logic.push_str(&format!("  - {{that: {uses}, otherwise: Bad}}\n"));
    }
    load(&check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n"));
}

/// Bounds as they are, and the least and greatest numbers that they stand for.
fn interval() -> impl Strategy<Value = (Interval, i128, i128)> {
    let edge =
        prop_oneof![any::<i64>(), -3..3_i64, (i64::MAX - 3)..=i64::MAX, i64::MIN..=(i64::MIN + 3),];
    (edge.clone(), edge, 0..4).prop_map(|(a, b, form)| {
        let (low, high) = (a.min(b), a.max(b));
        let it = match form {
            0 => Interval::exactly(low),
            1 => Interval { low, high: i64::MAX },
            2 => Interval { low: i64::MIN, high },
            _ => Interval { low, high },
        };
        (it, i128::from(it.low), i128::from(it.high))
    })
}

proptest! {
    /// What is told of a number holds for each number that it may be.
    #[test]
    fn bounds_never_claim_too_much(a in interval(), b in interval()) {
        let holds = |told: Interval, value: i128| {
            i64::try_from(value).is_err_and(|_| told != Interval::exactly(told.low))
                || (i128::from(told.low)..=i128::from(told.high)).contains(&value)
        };
        let (sum, negative, days) = (a.0.plus(b.0), a.0.negative(), a.0.days());
        for x in [a.1, a.2] {
            for y in [b.1, b.2] {
                prop_assert!(holds(sum, x + y), "{:?} + {:?} is {sum:?}", a.0, b.0);
            }
            prop_assert!(holds(negative, -x), "-{:?} is {negative:?}", a.0);
            let day = x.div_euclid(86_400);
            prop_assert!(holds(days, day), "{:?} in days is {days:?}", a.0);
        }
        if let (Some(x), Some(y)) = (a.0.exact(), b.0.exact()) {
            let sum_of_both = i64::try_from(i128::from(x) + i128::from(y));
            prop_assert_eq!(sum.exact(), sum_of_both.ok());
        }
    }
}
