//! Where a result is said to be: the declaring line, or a path that stands for the resource.

use std::fmt::Write as _;

use serde_sarif::sarif::{ArtifactLocation, Location, Message, PhysicalLocation, Region};

use crate::finding::{Finding, Location as Declared};
use crate::report::text::{kind, service};

/// The location of a resource of which no declaration is known: line 1 of its virtual path.
pub(super) fn of_resource(finding: &Finding) -> Location {
    let region = Region::builder().start_line(1).start_column(1).end_line(1).end_column(1).build();
    location(virtual_path(finding), region)
}

/// The location of a declaring line.
pub(super) fn of_declaration(declared: &Declared) -> Location {
    location(encode_path(&declared.path), line(declared))
}

/// The module blocks that lead to a declaration, numbered from 1 as messages link them.
pub(super) fn of_callers(declared: &Declared) -> Vec<Location> {
    let numbered = (1..).zip(&declared.called_from);
    numbered
        .map(|(id, caller)| {
            let place = PhysicalLocation::builder()
                .artifact_location(artifact(encode_path(&caller.path)))
                .region(line(caller))
                .build();
            Location::builder()
                .id(id)
                .physical_location(place)
                .message(Message::builder().text("called from here").build())
                .build()
        })
        .collect()
}

fn line(declared: &Declared) -> Region {
    let line = i64::try_from(declared.line.max(1)).unwrap_or(i64::MAX);
    Region::builder().start_line(line).end_line(line).build()
}

fn location(uri: String, region: Region) -> Location {
    let place = PhysicalLocation::builder().artifact_location(artifact(uri)).region(region).build();
    Location::builder().physical_location(place).build()
}

fn artifact(uri: String) -> ArtifactLocation {
    ArtifactLocation::builder().uri(uri).build()
}

/// `aws/<account>/<region|global>/<service>/<type>/<id>`, each part percent-encoded.
pub(super) fn virtual_path(finding: &Finding) -> String {
    let region = finding.region_or_global();
    let parts = [
        "aws",
        finding.account().as_str(),
        region,
        &service(&finding.resource().r#type),
        &kind(&finding.resource().r#type),
    ];
    let mut path: Vec<String> = parts.into_iter().map(encode).collect();
    path.push(encode_id(&finding.resource().id));
    path.join("/")
}

/// An id keeps its slashes where they make ordinary path segments.
fn encode_id(id: &str) -> String {
    let ordinary = |part: &str| !part.is_empty() && part != "." && part != "..";
    if id.split('/').all(ordinary) {
        return encode_path(id);
    }
    match id {
        "" | "." | ".." => format!("_{id}"),
        _ => encode(id),
    }
}

/// Percent-encodes the segments of a path.
fn encode_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn encode(segment: &str) -> String {
    let mut encoded = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_relative_paths_that_stay_distinct() {
        let ids =
            ["a b", "a%20b", "a#b", "a?b", "a:b", "a\"b", "🦀", "app/lb/1", "a//b", "../x", ".."];
        let encoded: std::collections::BTreeSet<String> =
            ids.iter().map(|id| encode_id(id)).collect();
        assert_eq!(encoded.len(), ids.len());
        assert_eq!(encode_id("app/lb/1"), "app/lb/1");
        assert_eq!(encode_id("a//b"), "a%2F%2Fb");
        assert_eq!(encode_id("../x"), "..%2Fx");
        assert_eq!(encode_id(".."), "_..");
        assert_eq!(encode_id("a b:c"), "a%20b%3Ac");
    }
}
