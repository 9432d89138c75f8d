//! S3 settings of an account.

use crate::synthetic::context::Context;
use crate::synthetic::refusal::Refusal;
use crate::synthetic::reply::Answer;

use super::s3::public_access_block;

pub fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    if context.get("AccountId") != Some(context.account.id.as_str()) {
        return Err(Refusal::new(403, "AccessDenied", "Access Denied"));
    }
    match &context.account.public_access_block {
        Some(block) => Ok(context.rest("PublicAccessBlockConfiguration", |xml| {
            public_access_block(xml, block);
        })),
        None => Err(Refusal::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )),
    }
}
