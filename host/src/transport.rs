//! Bytes to rmcp and back, one file per transport.

pub(crate) mod stdio;
