//! Refuses XML bodies that stop before their end.
//!
//! The SDK's XML decoder takes a document that was cut in half for a success with fewer items, and
//! fewer items are a false all-clear. JSON and CBOR bodies fail to parse when they are cut.

use std::error::Error as StdError;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use thiserror::Error;

/// A body that stops before its root element is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the reply stops before its end")]
pub struct Truncated;

/// The interceptor that every client has.
#[derive(Debug, Clone, Copy)]
pub struct Complete;

#[dyn_dispatch_hint]
impl Intercept for Complete {
    fn name(&self) -> &'static str {
        "Complete"
    }

    // Before deserialization a body from the network is still a stream; afterwards it is in memory.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response().body().bytes() {
            Some(body) if !is_complete(body) => Err(Truncated.into()),
            _ => Ok(()),
        }
    }
}

/// Whether a truncated body is behind an error.
pub fn is_truncation(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<Truncated>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// Whether a body that looks like XML ends with the closing tag of its root element. Other bodies
/// are complete as far as this module can tell.
fn is_complete(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if !body.starts_with(b"<") {
        return true;
    }
    let Some(document) = after_prolog(body) else { return false };
    let Some(root) = root(document) else { return false };
    let is_one_tag = !document.get(1..).unwrap_or_default().contains(&b'<');
    if is_one_tag {
        return document.ends_with(b"/>");
    }
    let closing = document.strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    let before = closing.and_then(|closing| closing.strip_suffix(root));
    before.is_some_and(|before| before.ends_with(b"</"))
}

/// The name of the element that a document begins with.
fn root(document: &[u8]) -> Option<&[u8]> {
    let name = document.get(1..)?;
    let end = name.iter().position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte))?;
    name.get(..end).filter(|name| !name.is_empty())
}

/// The document from its root element on: declarations and comments are passed over.
fn after_prolog(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body.trim_ascii_start();
    loop {
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] => b">",
            [b'<', ..] => return Some(rest),
            _ => return None,
        };
        let at = rest.windows(end.len()).position(|window| window == end)?;
        rest = rest.get(at + end.len()..)?.trim_ascii_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_documents_pass() {
        for whole in [
            "",
            "{\"Version\":\"2012-10-17\"}",
            "{\"cut",
            "<a/>",
            "<?xml version=\"1.0\"?>\n<a />",
            "<?xml version=\"1.0\"?><!-- hello --><ns:a x=\"1\"><b/></ns:a >\n",
            "<DescribeVpcsResponse xmlns=\"x\"><vpcSet/></DescribeVpcsResponse>",
        ] {
            assert!(is_complete(whole.as_bytes()), "{whole}");
        }
    }

    #[test]
    fn every_cut_of_a_document_is_refused() {
        let whole = "<?xml version=\"1.0\"?><Answer a=\"1\"><Item><Id>1</Id></Item><E/></Answer>";
        for end in 1..whole.len() {
            let cut = &whole.as_bytes()[..end];
            assert!(!is_complete(cut), "{}", &whole[..end]);
        }
        assert!(is_complete(whole.as_bytes()));
    }
}
