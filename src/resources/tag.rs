//! Tags, as every service has them.

use crate::part;

part! {
    /// A tag of a resource.
    pub struct Tag("Tag") {
        /// The tag's key.
        key: String,
        /// The tag's value; may be empty.
        value: String,
    }
}
