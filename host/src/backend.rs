//! The backends that a guest reaches through the gate.
//!
//! One rule: a backend takes a [`Permit`](crate::gate::Permit), or the [`PrometheusPermit`](crate::gate::PrometheusPermit), and gives a
//! [`Raw`](crate::clean::Raw), which cannot be made without one.

pub mod cluster;
pub mod prometheus;
