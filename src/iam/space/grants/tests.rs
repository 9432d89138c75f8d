//! The values found here against all that there are: a question must have the same answer.

use super::super::super::atoms::{Budget, Domain, Pattern as Atoms, Token};
use super::super::super::dice::Dice;
use super::super::super::pattern::{Pattern, ResourcePattern, Version};
use super::super::super::search::{Answer, Question, Steps, search};
use super::super::{Bounds, Extent, Rule, Space, Substitution, Terms, Texts, Unframed};

fn list<T>(dice: &mut Dice, most: usize, mut one: impl FnMut(&mut Dice) -> T) -> Vec<T> {
    (0..=dice.roll(most)).map(|_| one(dice)).collect()
}

fn text(dice: &mut Dice, pieces: &[&str], most: usize) -> String {
    list(dice, most, |dice| dice.pick(pieces).to_owned()).concat()
}

struct Statement {
    negated: [bool; 2],
    actions: Vec<Pattern>,
    resources: Option<Vec<ResourcePattern>>,
}

fn statement(dice: &mut Dice) -> Statement {
    let action = |dice: &mut Dice| match dice.roll(6) {
        0 => Pattern::action("*"),
        _ => Pattern::action(&format!("q:{}", text(dice, &["a", "b", "*", "?", "a*"], 2))),
    };
    let resource = |dice: &mut Dice| {
        let text = match dice.roll(8) {
            0 => "*".to_owned(),
            1 => "arn:aws:q".to_owned(),
            2 => format!("arn:*:q:::{}", text(dice, &["a", "b/", "*"], 2)),
            3 => format!("arn:aws:q:::{}${{aws:username}}", text(dice, &["a", "*"], 1)),
            _ => format!("arn:aws:q:::{}", text(dice, &["a", "b", "a/", "*", "?"], 3)),
        };
        ResourcePattern::parse(&text, Version::V2012).expect("a pattern")
    };
    Statement {
        negated: [dice.roll(4) == 0, dice.roll(4) == 0],
        actions: list(dice, 2, action),
        resources: (dice.roll(6) > 0).then(|| list(dice, 3, resource)),
    }
}

fn rule(statement: &Statement) -> Rule<'_> {
    let [actions, resources] = statement.negated;
    Rule {
        actions: Terms { negated: actions, patterns: &statement.actions },
        resources: (statement.resources.as_ref())
            .map(|patterns| Terms { negated: resources, patterns }),
        conditions: &[],
    }
}

/// Whether something is granted: certainly, and possibly.
fn answers(rules: &[Rule<'_>], grants: &[bool], texts: Texts) -> [bool; 2] {
    let name = [Token::OneInSegment, Token::RunInSegment];
    let action = Atoms::new(name.into_iter().chain([Token::Char(':')]).chain(name));
    let arn = Atoms::arn("arn:aws*:*:*:*:?*").expect("six segments");
    let bounds = Bounds {
        actions: Domain::of(vec![action]).over(['a', 'b', 'c', 'q', ':']),
        excluded: vec!["q:ab".into()],
        resources: Domain::of(vec![arn]),
        budget: Budget::default(),
        axes: None,
        texts: Some(texts),
    };
    let space = Space::new(rules, &[&Unframed], &Substitution::default(), &bounds);
    assert!(space.partial().is_empty());
    [true, false].map(|certain| {
        let mut question = Question {
            within: space.within(&Unframed, Extent::Everything),
            layers: vec![Vec::new()],
            without: Vec::new(),
        };
        for (regions, grants) in space.rules().iter().zip(grants) {
            let region = if *grants == certain { &regions.inner } else { &regions.outer };
            match grants {
                true => question.layers[0].extend(region),
                false => question.without.extend(region),
            }
        }
        match search(&question, &mut Steps::default()) {
            Answer::Found(_) => true,
            Answer::Nothing => false,
            Answer::OutOfSteps => panic!("a small question ran out of steps"),
        }
    })
}

#[test]
fn few_values_answer_as_all_do() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut counts = [0; 3];
    for _ in 0..1500 {
        let statements = list(&mut dice, 5, statement);
        let rules: Vec<Rule<'_>> = statements.iter().map(rule).collect();
        let grants: Vec<bool> = (0..rules.len()).map(|n| n == 0 || dice.roll(4) == 0).collect();
        let all = answers(&rules, &grants, Texts::default());
        let few = answers(&rules, &grants, Texts::one_of(grants.iter().copied()));
        assert_eq!(few, all, "{grants:?} {rules:#?}");
        counts[all.iter().filter(|found| **found).count()] += 1;
    }
    assert!(counts.iter().all(|count| *count > 30), "{counts:?}");
}
