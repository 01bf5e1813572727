//! What the tools say, propose and carry out, through the host's own gate, redaction, dry run, policy and approval. One binary: each
//! links the host.

mod asking;
mod backups;
mod clusters;
mod configuration;
mod databases;
mod lifecycle;
mod logs;
mod metrics;
mod poolers;
mod roles;
mod schemas;
