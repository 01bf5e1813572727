//! A Kubernetes API on loopback HTTP, in memory, from a folder of manifests; and a [`Prometheus`] that answers what it was told.
//!
//! It serves the demo, the SDK's test kit and fast tests. The real kube-apiserver (1.36) is the truth: one suite
//! (`tests/src/api_suite.rs`) runs against both. What this server does not do answers 501 with a sentence, and
//! discovery lists only the verbs that it does serve. Nothing here may reach beyond 127.0.0.1.
//!
//! The way of a request: `server` (token, log, faults) → `route` (which thing the path means) → `answer` (which part
//! serves it) → `list`, `watch`, `logs`, `review`, `discovery` or `openapi`, all of which read a [`Cluster`], or
//! `write`, which changes it.

mod accept;
mod access;
mod answer;
mod budgets;
mod builtin;
mod cluster;
mod defaults;
mod demo;
mod deployments;
mod discovery;
mod events;
mod fault;
mod fields;
mod journal;
mod list;
mod load;
mod logs;
mod names;
mod openapi;
mod params;
mod prometheus;
mod review;
mod route;
mod schema;
mod selection;
mod selector;
mod server;
mod status;
mod types;
mod watch;
mod write;

pub use access::Denial;
pub use cluster::Cluster;
pub use fault::Fault;
pub use load::LoadError;
pub use prometheus::{Asked, Prometheus};
pub use server::{RequestRecord, Server};
