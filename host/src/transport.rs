//! Bytes to rmcp, and who the caller is.

pub(crate) mod stdio;
