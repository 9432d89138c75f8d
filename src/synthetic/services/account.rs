//! Account management.

use serde_json::json;

use crate::synthetic::context::Context;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    match context.request.operation.as_str() {
        "GetAlternateContact" => contact(context),
        _ => Err(context.unknown_operation()),
    }
}

/// Only contacts for questions of security are kept here.
fn contact(context: &Context<'_>) -> Result<Answer, Refusal> {
    let kind = context.required("AlternateContactType")?;
    match &context.account.security_contact {
        Some(contact) if kind == "SECURITY" => Ok(Answer::Json(json!({
            "AlternateContact": {
                "AlternateContactType": kind,
                "Name": contact.name,
                "Title": "Security",
                "EmailAddress": contact.email,
                "PhoneNumber": "+1 555 0100",
            },
        }))),
        _ => {
            let message = "No contact of the inputted alternate contact type found.";
            Err(Refusal::new(404, "ResourceNotFoundException", message))
        }
    }
}
