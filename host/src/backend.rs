//! The backends that a guest reaches through the gate.
//!
//! One rule: a backend takes a [`Permit`](crate::gate::Permit) and gives a [`Raw`](crate::clean::Raw), which cannot be made
//! without one.

pub mod cluster;
