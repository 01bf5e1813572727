//! What the end-to-end tests stand on: a real kube-apiserver, MCP clients, and where the built things are.
//!
//! Nothing here knows the host's code: the host is a program that is started and spoken to.

pub mod api_suite;
pub mod approver;
pub mod built;
pub mod guests;
pub mod host_config;
pub mod https;
pub mod inspector;
pub mod mcp_client;
pub mod parts;
pub mod python_client;
pub mod real_cluster;
pub mod terminal;
