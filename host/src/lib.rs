//! Bulkhead: one MCP server for Kubernetes whose tools are sandboxed WebAssembly plugins.
//!
//! A request goes one way, and the modules stand in its order; imports point down this list only:
//!
//! ```text
//! cli          commands; `serve` is the only place that wires parts
//! transport    bytes to rmcp and back
//! mcp          the rmcp handler, both protocol eras
//! registry     name or URI to the plugin that answers: tools, resources, prompts, completion
//! plugin       a component by digest, what it says of itself, its compiled form
//! runtime      a fresh instance per call: CPU, wall time, memory, bytes
//! host_calls   what a guest can call, one file per WIT interface
//! change       a plan becomes a proposal, and an approved proposal is applied once
//! approval     who may say yes, how that is known, and what they see
//! backend      takes a `Permit`, gives a `Raw`
//! audit        what happened, as a chain of records
//! store        what outlives a restart: proposals, decisions, claims, snapshots, the audit's records
//! clean        `Raw` to `Clean`: of objects and logs, all that a guest sees
//! redact       what looks like a credential, in objects and in text
//! policy       how much is at stake in a change, by one table in data
//! gate         compares an operation with the grants; the only maker of a `Permit`
//! call         which tool, until when, and what may still be spent
//! proposal     what a person decides on, in plain data
//! diff         what differs between two objects
//! projection   paths into objects
//! fault        where a test lets the host end as if it were killed
//! config       the operator's file and the environment
//! random       random bytes of the system
//! failure      the one outward error
//! escape       text of strangers on its way to a terminal
//! digest       SHA-256 and hex
//! private_file a new file for its owner alone
//! tasks        the only place that spawns async tasks
//! ```
//!
//! Beside it stands `kit`: the host without the sandbox, for the SDK's tests.

pub mod approval;
pub mod audit;
pub mod backend;
pub mod call;
pub mod change;
pub mod clean;
pub mod cli;
pub mod config;
pub mod diff;
mod digest;
pub(crate) mod escape;
pub mod failure;
mod fault;
pub mod gate;
pub mod host_calls;
pub mod kit;
pub(crate) mod mcp;
pub mod plugin;
pub mod policy;
mod private_file;
pub mod projection;
pub mod proposal;
mod random;
pub(crate) mod redact;
pub(crate) mod registry;
pub(crate) mod runtime;
pub mod store;
mod tasks;
pub(crate) mod transport;
