//! `cargo xtask demo`: a session with an MCP server, played for a person to read.
use anyhow::Result;

use crate::workspace::Workspace;

pub(crate) fn run(_workspace: &Workspace) -> Result<()> {
    Ok(())
}
