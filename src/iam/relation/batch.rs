//! Comparison for batches: a JSON object in a line, a JSON object out.
//!
//! In: `{id, a, b}`, both policies as objects or as strings that hold one. Out: `{id, a_within_b,
//! b_within_a, witness}` and `why`; the answers are `true`, `false` or `null`, the witness is a
//! request that one of the two allows and the other does not.

use serde_json::{Map, Value as Json};

use super::super::batch::Reply;
use super::super::document::{Document, Kind, MAX_DEPTH};
use super::super::exposure::{read_document, request, truth_json};
use super::super::json::{self, Node};
use super::{Relation, Witness, relation};

/// Answers one line. A policy that is malformed leaves the answers open.
#[must_use]
pub fn relation_line(line: &str) -> Reply {
    Reply::to(line, |node| {
        let policy = |name: &str| node.get(name).ok_or_else(|| format!("`{name}` is missing"));
        let (a, b) = (policy("a")?, policy("b")?);
        Ok(match compare(("a", a), ("b", b)) {
            Ok((relation, kind)) => fields(&relation, kind),
            Err(why) => undecided(why),
        })
    })
}

fn fields(relation: &Relation, kind: Kind) -> Map<String, Json> {
    let (forth, back) = (&relation.a_within_b, &relation.b_within_a);
    let mut out = Map::new();
    out.insert("a_within_b".into(), truth_json(forth.answer));
    out.insert("b_within_a".into(), truth_json(back.answer));
    let deciding = if forth.answer.is_true() { back } else { forth };
    // The holder of an identity policy asks in its own account, where nobody else must allow.
    let owner = |witness: &Witness| match kind.has_principal() {
        true => String::new(),
        false => witness.caller().account().map(str::to_owned).unwrap_or_default(),
    };
    let witness = deciding.witness.as_ref().map(|witness| request(witness, &owner(witness)));
    out.insert("witness".into(), witness.unwrap_or_default());
    out.insert("why".into(), deciding.why.clone().into());
    out
}

fn undecided(why: String) -> Map<String, Json> {
    let mut out = Map::new();
    for field in ["a_within_b", "b_within_a", "witness"] {
        out.insert(field.into(), Json::Null);
    }
    out.insert("why".into(), why.into());
    out
}

/// Compares the texts of two policies, each with a name for messages.
///
/// # Errors
/// One of them is no policy, or they are of different kinds.
pub fn compare_texts(a: (&str, &str), b: (&str, &str)) -> Result<Relation, String> {
    let node = |(name, text): (&str, &str)| {
        json::read(text, MAX_DEPTH).map_err(|error| format!("`{name}`: not JSON: {error}"))
    };
    let (first, second) = (node(a)?, node(b)?);
    compare((a.0, &first), (b.0, &second)).map(|(relation, _)| relation)
}

/// Compares two policies of whatever kind they are.
fn compare(a: (&str, &Node), b: (&str, &Node)) -> Result<(Relation, Kind), String> {
    let read = |kind: Kind| {
        let side = |(name, node): (&str, &Node)| -> Result<Document, String> {
            read_document(node, kind).map_err(|error| format!("`{name}`: {error}"))
        };
        Ok((side(a)?, side(b)?))
    };
    // Which kind of policy it is shows in its elements: the first kind that reads both is right.
    let kinds = [Kind::Identity, Kind::Resource, Kind::Trust];
    let mut first: Option<String> = None;
    for kind in kinds {
        match read(kind) {
            Ok((a, b)) => return Ok((relation(&a, &b), kind)),
            Err(why) => {
                first.get_or_insert(why);
            }
        }
    }
    let resource: Result<(Document, Document), String> = read(Kind::Resource);
    match resource {
        Err(why) if mentions_principal(a.1) || mentions_principal(b.1) => Err(why),
        _ => Err(first.unwrap_or_default()),
    }
}

fn mentions_principal(node: &Node) -> bool {
    let statements = node.get("Statement").map_or(&[][..], Node::as_list);
    statements.iter().any(|s| s.get("Principal").or_else(|| s.get("NotPrincipal")).is_some())
}
