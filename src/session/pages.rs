//! Lists that AWS gives in pages.

use std::collections::HashSet;
use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::failure::CallError;
use super::traffic::Caller;
use crate::schema::Call;

/// A list, and why there may be more of it.
#[derive(Debug, Clone)]
pub struct Pages<T> {
    /// The items read.
    pub items: Vec<T>,
    /// Why the list may go on; `None` when it was read to its end.
    pub cut: Option<CallError>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { items: Vec::new(), cut: None }
    }
}

impl Caller {
    /// Reads a list to its end, and hands over each page as it arrives. `send` makes the call that
    /// asks for the page with that token, `split` takes items and next token out of the answer.
    ///
    /// # Errors
    /// Why a page could not be read; or that AWS handed out the same token twice, which would go on
    /// for ever.
    pub async fn each_page<T, O, E, F>(
        &self,
        call: &'static Call,
        send: impl Fn(Option<String>) -> F,
        split: impl Fn(O) -> (Vec<T>, Option<String>),
        mut sink: impl FnMut(Vec<T>),
    ) -> Result<(), CallError>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        loop {
            let answer = self.call(call, || send(token.clone())).await?;
            let (items, next) = split(answer);
            sink(items);
            let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(()) };
            if !seen.insert(next.clone()) {
                return Err(CallError::failed("PagesInACircle"));
            }
            token = Some(next);
        }
    }

    /// Reads a list as far as it can be read.
    pub async fn pages<T, O, E, F>(
        &self,
        call: &'static Call,
        send: impl Fn(Option<String>) -> F,
        split: impl Fn(O) -> (Vec<T>, Option<String>),
    ) -> Pages<T>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut items = Vec::new();
        let end = self.each_page(call, send, split, |page| items.extend(page)).await;
        Pages { items, cut: end.err() }
    }
}
