//! What the tools say, propose and carry out, through the host's own gate, redaction, dry run, policy and approval. One binary: each
//! links the host.

mod changes;
mod tools;
