//! Where a reply left something out: a reader of the report wants to know which call and where.

use crate::inventory::{Draft, Place, ReasonKind};
use crate::schema::{Origin, RecordType};

/// Adds call and place to what a resource lacks because a reply left it out.
pub(super) fn locate(record: &RecordType, place: &Place, draft: &mut Draft) {
    let Draft::Record(fields) = draft else { return };
    for (field, draft) in record.fields.iter().zip(fields) {
        if let Origin::Read([call, ..]) = field.origin {
            let action = call.actions.first().copied().unwrap_or_default();
            mark(draft, action, place);
        }
    }
}

fn mark(draft: &mut Draft, action: &str, place: &Place) {
    match draft {
        Draft::Unknown(reason)
            if reason.kind == ReasonKind::Missing && reason.action.is_empty() =>
        {
            reason.action = action.to_owned();
            reason.account = Some(place.account.clone());
            reason.region = place.region.clone();
        }
        Draft::List(parts) | Draft::Record(parts) => {
            parts.iter_mut().for_each(|part| mark(part, action, place));
        }
        _ => {}
    }
}
