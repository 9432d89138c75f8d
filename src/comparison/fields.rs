//! Where two JSON values differ, field by field.

use serde_json::{Map, Value as Json};

/// The names by which elements of a list are told apart, where they have one.
const KEYS: [&str; 6] = ["id", "arn", "name", "key", "Sid", "Id"];

/// The most changes that are kept of one resource.
const MAX: usize = 200;

/// A value that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The path from the resource.
    pub path: String,
    /// The old value; `None` where there was none.
    pub old: Option<Json>,
    /// The new value.
    pub new: Option<Json>,
}

impl FieldChange {
    /// Whether one of the values could not be read, so that nothing is known to have changed.
    pub fn is_visibility(&self) -> bool {
        let unknown = |it: &Option<Json>| it.as_ref().is_some_and(is_unknown);
        unknown(&self.old) || unknown(&self.new)
    }
}

fn is_unknown(json: &Json) -> bool {
    json.get("$unknown").is_some()
}

/// Adds what differs between two values.
pub(super) fn compare(path: &str, old: &Json, new: &Json, found: &mut Vec<FieldChange>) {
    if old == new || found.len() >= MAX {
        return;
    }
    match (old, new) {
        (Json::Object(a), Json::Object(b)) if !is_unknown(old) && !is_unknown(new) => {
            objects(path, a, b, found);
        }
        (Json::Array(a), Json::Array(b)) => lists(path, a, b, found),
        (Json::String(a), Json::String(b)) => match (document(a), document(b)) {
            (Some(a), Some(b)) => compare(path, &a, &b, found),
            _ => changed(path, Some(old), Some(new), found),
        },
        _ => changed(path, Some(old), Some(new), found),
    }
}

fn changed(path: &str, old: Option<&Json>, new: Option<&Json>, found: &mut Vec<FieldChange>) {
    if found.len() < MAX {
        found.push(FieldChange { path: path.into(), old: old.cloned(), new: new.cloned() });
    }
}

fn objects(
    path: &str,
    old: &Map<String, Json>,
    new: &Map<String, Json>,
    found: &mut Vec<FieldChange>,
) {
    let added = new.keys().filter(|key| !old.contains_key(*key));
    for key in old.keys().chain(added) {
        let path = format!("{path}.{key}");
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => compare(&path, old, new, found),
            (old, new) => changed(&path, old, new, found),
        }
    }
}

/// Elements that are on both sides are the same wherever they stand. Of the rest, those with the
/// same key are one element that changed.
fn lists(path: &str, old: &[Json], new: &[Json], found: &mut Vec<FieldChange>) {
    let mut came: Vec<(usize, &Json)> = new.iter().enumerate().collect();
    let mut went: Vec<(usize, &Json)> = Vec::new();
    for (at, item) in old.iter().enumerate() {
        match came.iter().position(|(_, other)| *other == item) {
            Some(same) => {
                came.remove(same);
            }
            None => went.push((at, item)),
        }
    }
    for (at, item) in went {
        let key = key_of(item);
        let twin = key.and_then(|key| came.iter().position(|(_, it)| key_of(it) == Some(key)));
        match (twin.map(|twin| came.remove(twin).1), key) {
            (Some(twin), Some((_, name))) => compare(&format!("{path}[{name}]"), item, twin, found),
            _ => changed(&format!("{path}[{at}]"), Some(item), None, found),
        }
    }
    for (at, item) in came {
        changed(&format!("{path}[{at}]"), None, Some(item), found);
    }
}

fn key_of(json: &Json) -> Option<(&'static str, &str)> {
    KEYS.iter().find_map(|key| Some((*key, json.get(*key)?.as_str()?)))
}

/// A text that is a JSON document, as policy documents are.
fn document(text: &str) -> Option<Json> {
    let text = text.trim_start();
    text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(old: &Json, new: &Json) -> Vec<String> {
        let mut found = Vec::new();
        compare("x", old, new, &mut found);
        let text = |it: &Option<Json>| it.as_ref().map_or("-".to_owned(), Json::to_string);
        found.iter().map(|it| format!("{} {} {}", it.path, text(&it.old), text(&it.new))).collect()
    }

    #[test]
    fn values_are_compared_field_by_field() {
        let old = json!({"a": 1, "b": {"c": true}, "d": 1});
        let new = json!({"a": 2, "b": {"c": false}, "e": 1});
        assert_eq!(paths(&old, &new), ["x.a 1 2", "x.b.c true false", "x.d 1 -", "x.e - 1"]);
        assert!(paths(&old, &old).is_empty());
    }

    #[test]
    fn the_order_of_a_list_says_nothing() {
        assert!(paths(&json!([1, 2, 2]), &json!([2, 1, 2])).is_empty());
        assert_eq!(paths(&json!([1, 2, 2]), &json!([2, 3])), ["x[0] 1 -", "x[2] 2 -", "x[1] - 3"]);
    }

    #[test]
    fn elements_with_a_key_are_compared_within() {
        let old = json!([{"id": "a", "port": 22}, {"id": "b", "port": 80}]);
        let new = json!([{"id": "b", "port": 80}, {"id": "a", "port": 23}]);
        assert_eq!(paths(&old, &new), ["x[a].port 22 23"]);
    }

    #[test]
    fn documents_in_text_are_compared_within() {
        let old = json!("{\"Statement\": [{\"Sid\": \"s\", \"Effect\": \"Deny\"}]}");
        let new = json!("{\"Statement\":[{\"Sid\":\"s\",\"Effect\":\"Allow\"}]}");
        assert_eq!(paths(&old, &new), ["x.Statement[s].Effect \"Deny\" \"Allow\""]);
    }

    #[test]
    fn what_could_not_be_read_is_told_from_a_change() {
        let mut found = Vec::new();
        compare("x", &json!({"$unknown": "denied"}), &json!({"a": 1}), &mut found);
        assert!(found.len() == 1 && found[0].is_visibility());
        compare("y", &json!(1), &json!(2), &mut found);
        assert!(!found[1].is_visibility());
    }
}
