//! What of the second policy can matter: a policy with a thousand actions is compared with three
//! actions by what it says about those three.

use crate::iam::document::{Effect, Polarity, Statement};
use crate::iam::pattern::{Pattern, Piece};

/// The statements of the second policy that may meet an action that the first allows, with those
/// of their action patterns that may.
pub(super) fn actions<'d>(
    first: &'d [Statement],
    second: &'d [Statement],
) -> impl Iterator<Item = (&'d Statement, Box<[Pattern]>)> + 'd {
    let asked = || first.iter().filter(|statement| statement.effect == Effect::Allow);
    let everything = asked().any(|statement| statement.action.polarity == Polarity::Except);
    let heads: Vec<String> =
        asked().flat_map(|statement| &statement.action.patterns).map(head).collect();
    second.iter().filter_map(move |statement| {
        let patterns = &statement.action.patterns;
        if everything || statement.action.polarity == Polarity::Except {
            return Some((statement, patterns.clone()));
        }
        let meets = |pattern: &&Pattern| {
            let own = head(pattern);
            heads.iter().any(|head| own.starts_with(head.as_str()) || head.starts_with(&own))
        };
        let met: Box<[Pattern]> = patterns.iter().filter(meets).cloned().collect();
        (!met.is_empty()).then_some((statement, met))
    })
}

/// What all that a pattern matches begins with, in lower case. Two patterns can only have something
/// in common if the head of one begins with that of the other.
fn head(pattern: &Pattern) -> String {
    match pattern.pieces().first() {
        Some(Piece::Literal(text)) => text.to_lowercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::document::{Document, Kind};

    fn statements(list: &serde_json::Value) -> Vec<Statement> {
        let text = serde_json::json!({"Version": "2012-10-17", "Statement": list}).to_string();
        Document::parse(&text, Kind::Identity).expect("a policy").statements.into_vec()
    }

    #[test]
    fn statements_about_other_services_do_not_matter() {
        let allow = |field: &str, actions: &[&str]| serde_json::json!({"Effect": "Allow", field: actions, "Resource": "*"});
        let first = statements(&serde_json::json!([allow("Action", &["cloudtrail:*"])]));
        let second = statements(&serde_json::json!([
            allow("Action", &["s3:*", "ec2:Run*"]),
            allow("Action", &["s3:*", "CloudTrail:Get*", "cl*:Get*", "*"]),
            allow("NotAction", &["s3:*"]),
        ]));
        let kept: Vec<(&Statement, usize)> =
            actions(&first, &second).map(|(it, patterns)| (it, patterns.len())).collect();
        assert_eq!(kept, [(&second[1], 3), (&second[2], 1)]);
        let all = statements(&serde_json::json!([allow("NotAction", &["cloudtrail:*"])]));
        assert_eq!(actions(&all, &second).count(), second.len());
    }
}
