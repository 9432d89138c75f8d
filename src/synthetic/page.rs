//! Cuts lists into pages with opaque tokens that encode the offset, so that no state is needed.

use super::mix::{mix, splitmix};

/// How lists are cut.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paging {
    /// Pages are never larger than this, whatever the request asks for.
    pub limit: Option<usize>,
    /// Some pages end early and some are empty but carry a token, as AWS allows itself.
    pub ragged: bool,
    /// The token of the first page comes back for ever.
    pub looping: bool,
}

/// One page of a list.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// The items of this page.
    pub items: &'a [T],
    /// The token that asks for the next page.
    pub next: Option<String>,
}

/// The token is not one that this list hands out.
#[derive(Debug, PartialEq, Eq)]
pub struct BadToken;

/// Cuts one page of at most `size` items out of the list. `salt` names the list, so that a token
/// of another list is refused.
pub fn cut<'a, T>(
    items: &'a [T],
    size: usize,
    token: Option<&str>,
    salt: u64,
    paging: Paging,
) -> Result<Page<'a, T>, BadToken> {
    let Position { offset, rested } = match token {
        None => Position { offset: 0, rested: false },
        Some(text) => Position::parse(text, salt).ok_or(BadToken)?,
    };
    let rest = items.get(offset..).ok_or(BadToken)?;
    let dice = splitmix(salt ^ offset as u64);
    if paging.ragged && !rested && dice % 8 == 3 && !rest.is_empty() {
        let next = Position { offset, rested: true }.token(salt);
        return Ok(Page { items: &[], next: Some(next) });
    }
    let mut size = paging.limit.map_or(size, |limit| size.min(limit)).max(1);
    if paging.ragged && dice.is_multiple_of(4) {
        size = size.div_ceil(2);
    }
    let taken = rest.get(..size).unwrap_or(rest);
    let end = offset + taken.len();
    let next = match () {
        () if paging.looping => Some(Position { offset: 0, rested: false }.token(salt)),
        () if end < items.len() => Some(Position { offset: end, rested: false }.token(salt)),
        () => None,
    };
    Ok(Page { items: taken, next })
}

/// Where a page begins, and whether an empty page was already given there.
struct Position {
    offset: usize,
    rested: bool,
}

impl Position {
    fn token(&self, salt: u64) -> String {
        let state = format!("{:x}{}", self.offset, if self.rested { "r" } else { "n" });
        format!("{state}-{:016x}", mix(salt, &[&state]))
    }

    fn parse(text: &str, salt: u64) -> Option<Self> {
        let (state, proof) = text.split_once('-')?;
        (proof == format!("{:016x}", mix(salt, &[state]))).then_some(())?;
        let (offset, rested) = match state.strip_suffix('r') {
            Some(offset) => (offset, true),
            None => (state.strip_suffix('n')?, false),
        };
        Some(Position { offset: usize::from_str_radix(offset, 16).ok()?, rested })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(items: &[u32], size: usize, salt: u64, paging: Paging) -> (Vec<u32>, usize, usize) {
        let (mut seen, mut pages, mut empty, mut token) = (Vec::new(), 0, 0, None);
        loop {
            let page = cut(items, size, token.as_deref(), salt, paging).expect("own token");
            pages += 1;
            empty += usize::from(page.items.is_empty());
            seen.extend_from_slice(page.items);
            assert!(page.items.len() <= size);
            token = page.next;
            if token.is_none() {
                return (seen, pages, empty);
            }
        }
    }

    #[test]
    fn every_item_comes_once_whatever_the_cuts() {
        let items: Vec<u32> = (0..100).collect();
        let (seen, pages, empty) = all(&items, 10, 1, Paging::default());
        assert_eq!((seen.as_slice(), pages, empty), (items.as_slice(), 10, 0));
        let ragged = Paging { ragged: true, ..Paging::default() };
        let (seen, pages, empty) = all(&items, 10, 1, ragged);
        assert_eq!(seen, items);
        assert!(pages > 10 && empty > 0, "{pages} pages, {empty} empty");
        let limited = Paging { limit: Some(1), ..Paging::default() };
        assert_eq!(all(&items, 10, 1, limited).1, 100);
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        let items = [1, 2, 3];
        let page = cut(&items, 1, None, 1, Paging::default()).expect("first page");
        let token = page.next.expect("there is more");
        assert!(cut(&items, 1, Some(&token), 1, Paging::default()).is_ok());
        assert_eq!(cut(&items, 1, Some(&token), 2, Paging::default()).err(), Some(BadToken));
        assert_eq!(cut(&items, 1, Some("x"), 1, Paging::default()).err(), Some(BadToken));
    }

    #[test]
    fn a_looping_token_never_ends() {
        let items = [1, 2];
        let looping = Paging { looping: true, ..Paging::default() };
        let first = cut(&items, 10, None, 1, looping).expect("page").next.expect("token");
        let second = cut(&items, 10, Some(&first), 1, looping).expect("page").next;
        assert_eq!(second.as_deref(), Some(first.as_str()));
    }
}
