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

/// The way through a list, page by page.
#[derive(Debug, Default)]
pub struct Walk {
    token: Option<String>,
    seen: HashSet<String>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    Done,
    Cut(CallError),
}

impl Walk {
    /// The next page; `None` at the end of the list, or where it is cut. `send` makes the call that
    /// asks for the page with that token. Each page must be followed by [`Walk::then`], or it was
    /// the last one.
    pub async fn next<O, E, F>(
        &mut self,
        caller: &Caller,
        call: &'static Call,
        send: impl Fn(Option<String>) -> F,
    ) -> Option<O>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        if !matches!(self.state, State::Open) {
            return None;
        }
        let token = self.token.take();
        match caller.call(call, || send(token.clone())).await {
            Ok(page) => {
                self.state = State::Done;
                Some(page)
            }
            Err(error) => {
                self.state = State::Cut(error);
                None
            }
        }
    }

    /// Goes on with the page of that token. A token that was there before would go on for ever.
    pub fn then(&mut self, token: Option<String>) {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return };
        if matches!(self.state, State::Cut(_)) {
            return;
        }
        self.state = if self.seen.insert(token.clone()) {
            self.token = Some(token);
            State::Open
        } else {
            State::Cut(CallError::failed("PagesInACircle"))
        };
    }

    /// Goes on with the page of that marker, where the reply says that there is one.
    pub fn marker(&mut self, is_truncated: bool, marker: Option<String>) {
        match marker.filter(|marker| !marker.is_empty()) {
            Some(marker) if is_truncated => self.then(Some(marker)),
            None if is_truncated => self.cut("NextPageUnnamed"),
            Some(_) | None => {}
        }
    }

    /// The items of a page. A reply without the list itself says nothing, not even that it is empty.
    pub fn items<T>(&mut self, list: Option<Vec<T>>) -> Vec<T> {
        list.unwrap_or_else(|| {
            self.cut("ListLeftOut");
            Vec::new()
        })
    }

    /// The items of a page with their names. An item without one cannot be told from others, and
    /// cuts the list.
    pub fn named<T>(
        &mut self,
        list: Option<Vec<T>>,
        name: impl Fn(&T) -> Option<String>,
    ) -> Vec<(String, T)> {
        let mut named = Vec::new();
        for item in self.items(list) {
            match name(&item) {
                Some(name) => named.push((name, item)),
                None => self.cut("ItemWithoutId"),
            }
        }
        named
    }

    /// Says that the list holds more than can be read.
    pub fn cut(&mut self, why: &str) {
        self.state = State::Cut(CallError::failed(why));
    }

    /// Whether the list was read to its end.
    ///
    /// # Errors
    /// Why it was not.
    pub fn end(self) -> Result<(), CallError> {
        match self.state {
            State::Cut(error) => Err(error),
            State::Open | State::Done => Ok(()),
        }
    }
}

impl Caller {
    /// Reads a list as far as it can be read. `split` takes items and next token out of the answer.
    pub async fn pages<T, O, E, F>(
        &self,
        call: &'static Call,
        send: impl Fn(Option<String>) -> F,
        split: impl Fn(O) -> (Option<Vec<T>>, Option<String>),
    ) -> Pages<T>
    where
        E: ProvideErrorMetadata + StdError + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut walk = Walk::default();
        let mut items = Vec::new();
        while let Some(page) = walk.next(self, call, &send).await {
            let (more, token) = split(page);
            items.extend(walk.items(more));
            walk.then(token);
        }
        Pages { items, cut: walk.end().err() }
    }
}
