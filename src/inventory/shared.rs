//! What is found out once for a whole inventory, however many resources ask for it.
//!
//! A derived field is computed for each resource by itself. Where it needs something of resources
//! elsewhere, such as the control policies of the organization, going through them each time would
//! cost their number times that of the resources that ask.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Inventory;

type Cell = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

/// What was found out, by its type.
#[derive(Default)]
pub(super) struct Shared(Mutex<HashMap<TypeId, Cell>>);

impl Inventory {
    /// What `build` makes of the inventory; it is called once for each type that it returns. It may
    /// read recorded fields and relations only, since derived ones come later or never.
    pub fn once<T: Any + Send + Sync>(&self, build: fn(&Self) -> T) -> Arc<T> {
        let mut cells = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cell = Arc::clone(cells.entry(TypeId::of::<T>()).or_default());
        // Others look for something else meanwhile.
        drop(cells);
        let found = cell.get_or_init(|| Arc::new(build(self)));
        Arc::clone(found).downcast().unwrap_or_else(|_| Arc::new(build(self)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Wanted};
    use super::*;
    use crate::resources::MODEL;

    struct Accounts(usize);
    struct Places(usize);

    #[test]
    fn each_type_is_found_out_once() {
        let inventory = Builder::new(MODEL).seal(0, &Wanted::Everything);
        let first = inventory.once(|it| Accounts(it.accounts.len()));
        let other = inventory.once(|_| Places(7));
        let again = inventory.once(|_| Accounts(1));
        assert_eq!((first.0, other.0), (0, 7));
        assert!(Arc::ptr_eq(&first, &again));
    }
}
