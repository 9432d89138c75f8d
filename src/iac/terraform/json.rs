//! Terraform's JSON syntax: `.tf.json`.

use std::collections::BTreeMap;

use super::Found;
use crate::iac::keys::{self, Met};
use crate::iac::yor::Tags;

/// The headers of a file: the line of the name in `resource.TYPE.NAME` and `module.NAME`. A file with
/// a mistake shows those before it.
pub(super) fn headers(text: &str) -> Vec<Found> {
    let mut found: BTreeMap<(String, String), Found> = BTreeMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    let _ = keys::walk(text, |path, met, line| match (path, met) {
        ([word, kind], Met::Key(name)) if word == "resource" => {
            add(&mut found, &mut order, (kind.clone(), name.to_owned()), line);
        }
        ([word], Met::Key(name)) if word == "module" => {
            add(&mut found, &mut order, ("module".to_owned(), name.to_owned()), line);
        }
        ([word, name, rest @ ..], Met::Value(value)) if word == "module" => {
            let block = found.get_mut(&("module".to_owned(), name.clone()));
            keep(block, rest, value);
        }
        ([word, kind, name, rest @ ..], Met::Value(value)) if word == "resource" => {
            keep(found.get_mut(&(kind.clone(), name.clone())), rest, value);
        }
        _ => {}
    });
    order.iter().filter_map(|key| found.remove(key)).collect()
}

fn add(
    found: &mut BTreeMap<(String, String), Found>,
    order: &mut Vec<(String, String)>,
    key: (String, String),
    line: usize,
) {
    // `//` is a comment.
    if key.1 == "//" || found.contains_key(&key) {
        return;
    }
    let (kind, name) = key.clone();
    order.push(key.clone());
    found.insert(key, Found { kind, name, line, source: None, tags: Tags::default() });
}

fn keep(block: Option<&mut Found>, rest: &[String], value: &str) {
    let Some(block) = block else { return };
    match rest {
        [key] if key == "source" => block.source = Some(value.to_owned()),
        [.., key] => block.tags.keep(key, value),
        [] => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_in_every_form_of_the_syntax() {
        let text = r#"{
  "//": "a comment",
  "resource": {
    "aws_vpc": {
      "//": "another",
      "a": {"tags": {"yor_trace": "t-1"}},
      "b": [
        {"cidr_block": "10.0.0.0/8"}
      ]
    }
  },
  "module": [
    {"net": {"source": "./net", "tags": {"yor_trace": "t-2"}}}
  ]
}"#;
        let told: Vec<String> = headers(text)
            .iter()
            .map(|it| {
                format!("{}.{}:{} {:?} {:?}", it.kind, it.name, it.line, it.source, it.tags.trace)
            })
            .collect();
        let expected = [
            "aws_vpc.a:6 None Some(\"t-1\")",
            "aws_vpc.b:7 None None",
            "module.net:13 Some(\"./net\") Some(\"t-2\")",
        ];
        assert_eq!(told, expected);
        assert_eq!(headers(&text.replace("\"module\"", "\"module\": } x")).len(), 2);
        assert!(headers("[]").is_empty() && headers("").is_empty());
    }
}
