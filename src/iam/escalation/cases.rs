//! What policy variables may stand for.

use super::super::exposure::caller::Names;
use super::super::exposure::policy;
use super::super::space::Substitution;
use super::call::name;
use super::subject::{Place, Species, Subject, documents};

/// What policy variables stand for, and what that assumes.
pub(super) struct Substituted {
    pub(super) variables: Substitution,
    pub(super) assuming: Vec<(String, String)>,
}

/// First with nothing assumed about variables whose value is not known; then with values of their
/// own for all, and with all of them absent.
pub(super) fn cases(subject: &Subject<'_>, place: &Place) -> Vec<Substituted> {
    let mentions = policy::mentions(documents(subject), &Names::default());
    let mut known = Substitution::default();
    let user = place.species != Species::Role;
    known.set("aws:username", user.then(|| name(&place.own)));
    known.set("aws:principalaccount", Some(&place.account));
    known.set("aws:principaltype", Some(if user { "User" } else { "AssumedRole" }));
    for (key, values) in &subject.keys {
        match values.as_slice() {
            [] => known.set(key, None),
            [only] => known.set(key, Some(only)),
            _ => {}
        }
    }
    let fixed: Vec<String> = known.fixed().map(|(key, _)| key.to_owned()).collect();
    let open: Vec<&str> = mentions
        .variables
        .iter()
        .map(|key| &**key)
        .filter(|key| !fixed.iter().any(|own| own == key))
        .collect();
    let mut cases = vec![Substituted { variables: known.clone(), assuming: Vec::new() }];
    if !open.is_empty() {
        for value in [Some("some-value"), None] {
            let mut variables = known.clone();
            let mut assuming = Vec::new();
            for key in &open {
                variables.set(key, value);
                assuming.push(((*key).to_owned(), value.unwrap_or("absent").to_owned()));
            }
            cases.push(Substituted { variables, assuming });
        }
    }
    cases
}
