//! What texts begin with, end with or contain.

use super::Batch;
use super::lanes::Scope;
use crate::check::eval::{has_text, plain, search_steps};
use crate::check::plan::{Load, Truth, Val};
use crate::check::typed::TextTest;
use crate::inventory::Value;

impl<'a> Batch<'_, 'a> {
    pub(super) fn text_test(
        &mut self,
        test: TextTest,
        load: &Load<'a>,
        arg: &'a str,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) {
        let (eval, mut steps) = (self.eval, 0_u32);
        let beginning = (test == TextTest::StartsWith).then(|| Beginning::new(arg));
        let texts = eval.store.texts();
        self.leaf(load, scope, picked, out, |value| {
            if let (Some(beginning), Val::Stored(Value::Text { at, len })) = (&beginning, value) {
                steps = steps.saturating_add(search_steps(len as usize));
                return Truth::of(beginning.is_that_of(texts, at, len as usize));
            }
            eval.text_of(value).map_or(Truth::Unknown, |text| {
                steps = steps.saturating_add(search_steps(text.text.len()));
                has_text(test, text, plain(arg))
            })
        });
        self.frame.spend(steps);
    }
}

/// What texts are to begin with. Most beginnings have a few bytes, which are compared as one number: the texts of
/// many resources are read at once only where little is done with each.
struct Beginning<'a> {
    whole: &'a [u8],
    /// Its first bytes, and ones where there are any.
    first: u64,
    mask: u64,
}

impl<'a> Beginning<'a> {
    fn new(whole: &'a str) -> Self {
        let (mut first, mut mask) = ([0; 8], [0; 8]);
        for ((first, mask), byte) in first.iter_mut().zip(&mut mask).zip(whole.bytes()) {
            (*first, *mask) = (byte, u8::MAX);
        }
        let (first, mask) = (u64::from_le_bytes(first), u64::from_le_bytes(mask));
        Self { whole: whole.as_bytes(), first, mask }
    }

    /// Whether a text begins with it that stands there among all texts.
    #[inline]
    fn is_that_of(&self, texts: &[u8], at: usize, len: usize) -> bool {
        if len < self.whole.len() {
            return false;
        }
        match texts.get(at..).and_then(|text| text.first_chunk()) {
            Some(first) if u64::from_le_bytes(*first) & self.mask != self.first => false,
            Some(_) if self.whole.len() <= 8 => true,
            _ => texts.get(at..at + len).is_some_and(|text| text.starts_with(self.whole)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn beginnings_are_those_of_texts(
            before in "[ab]{0,3}", text in "[ab]{0,12}", after in "[ab]{0,9}", with in "[ab]{0,12}",
        ) {
            let texts = format!("{before}{text}{after}");
            let found = Beginning::new(&with).is_that_of(texts.as_bytes(), before.len(), text.len());
            prop_assert_eq!(found, text.starts_with(&with));
        }
    }
}
