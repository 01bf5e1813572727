//! The MCP Inspector's command line: a strict reader of what a server lists and answers.

use std::{
    env,
    ffi::OsString,
    path::Path,
    process::{Command, Output, Stdio},
};

use anyhow::{Context as _, Result};

use crate::{mcp_client::Era, parts::Part};

/// Runs `mcp-inspector --cli` with these options against `program arguments…`, and returns what it said. With
/// `--method tools/list --strict` it ends with status 6 where a schema would trouble some client.
///
/// # Errors
/// Where the Inspector is missing ([`crate::parts::Missing`]) or does not start.
pub fn run(era: Era, options: &[&str], program: &Path, arguments: &[&str]) -> Result<Output> {
    let folder = Part::Inspector.find()?;
    let storage = tempfile::tempdir()?;
    let era = match era {
        Era::Handshake(_) => "legacy",
        Era::Stateless => "modern",
    };
    // Its own Node first: the machine's may be too old.
    let mut path = OsString::from(&folder);
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    Command::new(folder.join("mcp-inspector"))
        .args(["--cli", "--format", "json", "--protocol-era", era])
        .args(options)
        // Without the separator it takes the server's options for its own.
        .arg("--")
        .arg(program)
        .args(arguments)
        .env("PATH", path)
        // It keeps a list of servers, which is not the user's.
        .env("MCP_CATALOG_PATH", storage.path().join("mcp.json"))
        .env("MCP_CLIENT_CONFIG_PATH", storage.path().join("client.json"))
        .stdin(Stdio::null())
        .output()
        .context("cannot start the MCP Inspector")
}
