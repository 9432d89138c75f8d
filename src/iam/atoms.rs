//! Atoms: the finitely many ways in which one value can relate to a finite set of patterns.
//!
//! A policy looks at a request through unary tests only: one key against constants. Two values
//! that pass and fail the same tests are the same value to the policy. An *atom* is one realizable
//! combination of passed tests, with a shortest value that realizes it. All atoms of a key
//! together are the whole key: a search over atoms is a search over every value there is, which
//! is how the exposure questions are decided exactly and without a solver.
//!
//! This module knows strings, numbers, addresses and sets of them. It must not know policies,
//! statements, principals or condition operators: those stand one level up, in the space of a
//! question.

mod address;
mod alphabet;
mod automaton;
mod bits;
mod pattern;
mod point;
mod product;
mod sets;
mod states;
mod trie;

pub use address::{AddressRange, Family, address_cells};
pub use alphabet::Domain;
pub use bits::Bits;
pub use pattern::{Case, Pattern, Token};
pub use point::points;
pub use product::{Atom, Atoms, Budget, atoms};
pub use sets::{SetAtoms, SetTest, set_atoms};
