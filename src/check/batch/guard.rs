//! What may be absent and what is asked of it, in one go.
//!
//! Whoever asks about an optional field must ask first whether it is there, so nearly all conditions on one
//! come in pairs: `has(x.y) and x.y.z`. Asked one after the other they walk the same way twice.

use super::Batch;
use super::lanes::Scope;
use super::truths::Compared;
use crate::check::eval::{end_of, holds, is_word, number_of};
use crate::check::plan::{Cond, Load, Num, Step, Truth, Val};
use crate::inventory::{Slots, Value};

impl<'a> Batch<'_, 'a> {
    /// `has(x.y) and …`, `not has(x.y) or …` where what follows is asked of `x.y` itself or of a field of
    /// it. Says no to other conditions.
    pub(super) fn guarded(
        &mut self,
        guard: &Load<'a>,
        cond: &Cond<'a>,
        decides: Truth,
        scope: Scope<'_>,
        picked: &[u32],
        out: &mut [Truth],
    ) -> bool {
        let slots = self.eval.store.slots();
        match cond {
            Cond::Load { load, negate } if let Some(rest) = beyond(guard, load) => {
                let negate = *negate;
                let holds = move |value| holds(value).negate_if(negate);
                self.at(guard, scope, picked, out, behind(slots, rest, decides, holds));
            }
            Cond::Word { load, words, negate } if let Some(rest) = beyond(guard, load) => {
                let negate = *negate;
                let is_word = move |value| is_word(value, words).negate_if(negate);
                self.at(guard, scope, picked, out, behind(slots, rest, decides, is_word));
            }
            Cond::Numbers(comparison, left, right)
                if let Some(compared) = Compared::new(*comparison, left, right)
                    && let Num::Load(load) = compared.number
                    && let Some(rest) = beyond(guard, load) =>
            {
                let compare = move |value| compared.truth(number_of(value));
                self.at(guard, scope, picked, out, behind(slots, rest, decides, compare));
            }
            _ => return false,
        }
        true
    }
}

/// The rest of a way that begins with another.
fn beyond<'l>(guard: &Load<'_>, load: &'l Load<'_>) -> Option<&'l [Step]> {
    let (begin, rest) = load.steps.split_at_checked(guard.steps.len())?;
    let same = begin.iter().zip(&guard.steps).all(|(own, guard)| own.place == guard.place);
    (load.slot == guard.slot && same).then_some(rest)
}

/// A condition on what lies behind a place, which decides where nothing is there. Where that is not known,
/// only the condition itself may decide.
fn behind<'a>(
    slots: Slots<'_>,
    rest: &[Step],
    decides: Truth,
    truth: impl Fn(Val<'a>) -> Truth,
) -> impl FnMut(u32) -> Truth {
    move |place| {
        let there = slots.get(place);
        // The usual way, which needs not be walked from its beginning again.
        if let (Value::Record(row), [step]) = (there, rest) {
            return truth(Val::Stored(slots.get(row.slot(step.place))));
        }
        if there == Value::Absent {
            return decides;
        }
        let truth = truth(Val::Stored(slots.get(end_of(slots, place, rest))));
        let unsure = matches!(there, Value::Unknown(_) | Value::Pending);
        if unsure && truth != decides { Truth::Unknown } else { truth }
    }
}
