//! The IAM engine from outside: vectors with their sources, and properties.

mod properties;
mod vectors;
