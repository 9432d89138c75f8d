//! The IAM engine from outside: vectors with their sources, properties, and hostile documents.

mod hostile;
mod properties;
mod vectors;
