//! A first look: most policies do not even name what an administrator would be allowed, and need
//! no search to show it.

use crate::iam::document::{Effect, Polarity, Statement};
use crate::iam::exposure::Witness;
use crate::iam::pattern::Case;

/// Requests that every administrator may make; the last is for lists that name all known actions.
pub(super) const OF_ALL: [(&str, &str); 4] = [
    ("s3:DeleteBucket", "arn:aws:s3:::any"),
    ("iam:CreateUser", "arn:aws:iam::111122223333:user/any"),
    ("ec2:TerminateInstances", "arn:aws:ec2:us-east-1:111122223333:instance/any"),
    ("unnamed:Any", "arn:aws:unnamed:us-east-1:111122223333:any"),
];

/// Requests that everybody may make who has all of IAM.
pub(super) const OF_IAM: [(&str, &str); 2] = [
    ("iam:CreateUser", "arn:aws:iam::111122223333:user/any"),
    ("iam:Any", "arn:aws:iam::111122223333:any"),
];

/// The first of the requests whose action no statement of the layer allows, whatever its resource
/// and conditions.
pub(super) fn missing<'s>(
    layer: impl Iterator<Item = &'s Statement> + Clone,
    requests: &[(&str, &str)],
) -> Option<Witness> {
    let names = |statement: &Statement, action: &str| {
        let patterns = &statement.action.patterns;
        let listed = patterns.iter().any(|it| it.matches_plain(action, Case::Insensitive));
        listed == (statement.action.polarity != Polarity::Except)
    };
    let allowed = |action: &str| {
        layer.clone().any(|statement| statement.effect == Effect::Allow && names(statement, action))
    };
    requests.iter().find(|(action, _)| !allowed(action)).map(|(action, resource)| Witness {
        action: (*action).to_owned(),
        resource: (*resource).to_owned(),
        ..Witness::default()
    })
}
