//! The crate as others use it, from the tree up to the proof that a receiver keeps.

mod checkpoint;
mod support;
mod tree;
