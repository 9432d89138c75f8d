//! Answers that may be unknown, with their reasons: the arithmetic of derived fields.
//!
//! `and`, `or` and lists follow Kleene: a known false decides a conjunction, a known true decides a
//! disjunction, and what stays open keeps the first reason.

use crate::inventory::{Draft, Elements, Reason, ReasonKind, Slot, View};

/// A value, or why it is not known.
pub type Answer<T> = Result<T, Reason>;

/// Whether one of the answers is yes.
pub fn any(answers: impl IntoIterator<Item = Answer<bool>>) -> Answer<bool> {
    let mut open = None;
    for answer in answers {
        match answer {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => {
                open.get_or_insert(reason);
            }
        }
    }
    open.map_or(Ok(false), Err)
}

/// Whether all answers are yes.
pub fn all(answers: impl IntoIterator<Item = Answer<bool>>) -> Answer<bool> {
    any(answers.into_iter().map(|answer| answer.map(|yes| !yes))).map(|no| !no)
}

/// A slot that may be absent.
pub fn optional<T>(slot: Slot<T>) -> Answer<Option<T>> {
    match slot {
        Slot::Known(value) => Ok(Some(value)),
        Slot::Absent => Ok(None),
        Slot::Unknown(reason) => Err(reason),
        Slot::Pending => Err(Reason::not_collected()),
    }
}

/// A slot that must be there: absent is unknown.
pub fn required<T>(slot: Slot<T>) -> Answer<T> {
    let missing = || Reason::new(ReasonKind::Missing, "", "the reply left it out");
    optional(slot)?.ok_or_else(missing)
}

/// An answer as the value of a boolean field.
pub fn answer(answer: Answer<bool>) -> Draft {
    Slot::from(answer).into_draft::<bool>()
}

/// The known items of a list, and why there may be more. An absent list is empty.
pub fn elements<T>(slot: Slot<Elements<T>>) -> Elements<T> {
    match optional(slot) {
        Ok(Some(elements)) => elements,
        Ok(None) => Elements { known: Vec::new(), missing: Vec::new() },
        Err(reason) => Elements { known: Vec::new(), missing: vec![reason] },
    }
}

/// The records that a path of fields leads to, through parts, relations and lists, and why there may
/// be more.
pub fn reach<'a>(from: View<'a>, path: &[&str]) -> Elements<View<'a>> {
    let mut here = Elements { known: vec![from], missing: Vec::new() };
    for field in path {
        let mut next = Elements { known: Vec::new(), missing: here.missing };
        for view in here.known {
            let found = if view.is_list(field) {
                elements(view.parts(field))
            } else {
                match optional(view.part(field)) {
                    Ok(part) => Elements { known: part.into_iter().collect(), missing: Vec::new() },
                    Err(reason) => Elements { known: Vec::new(), missing: vec![reason] },
                }
            };
            next.known.extend(found.known);
            next.missing.extend(found.missing);
        }
        here = next;
    }
    here
}

impl<T> Elements<T> {
    /// Whether one of the items is as asked. Where items may be missing, *no* stays open.
    pub fn any(&self, ask: impl Fn(&T) -> Answer<bool>) -> Answer<bool> {
        any(self.known.iter().map(ask).chain(self.missing.iter().cloned().map(Err)))
    }

    /// Whether all items are as asked. Where items may be missing, *yes* stays open.
    pub fn all(&self, ask: impl Fn(&T) -> Answer<bool>) -> Answer<bool> {
        all(self.known.iter().map(ask).chain(self.missing.iter().cloned().map(Err)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Answer<bool> {
        Err(Reason::undecided("open"))
    }

    #[test]
    fn what_is_known_decides_where_it_can() {
        assert_eq!(any([open(), Ok(true)]), Ok(true));
        assert_eq!(any([open(), Ok(false)]), open());
        assert_eq!(any([Ok(false)]), Ok(false));
        assert_eq!(all([open(), Ok(false)]), Ok(false));
        assert_eq!(all([open(), Ok(true)]), open());
        assert_eq!(all([]), Ok(true));
    }

    #[test]
    fn a_cut_list_leaves_the_negative_answer_open() {
        let cut = Elements { known: vec![1, 2], missing: vec![Reason::undecided("open")] };
        assert_eq!(cut.any(|item| Ok(*item == 2)), Ok(true));
        assert_eq!(cut.any(|item| Ok(*item == 3)), open());
        assert_eq!(cut.all(|item| Ok(*item == 2)), Ok(false));
        assert_eq!(cut.all(|item| Ok(*item > 0)), open());
    }

    #[test]
    fn an_absent_value_that_should_be_there_is_unknown() {
        assert!(required(Slot::<bool>::Absent).is_err());
        assert_eq!(optional(Slot::<bool>::Absent), Ok(None));
    }
}
