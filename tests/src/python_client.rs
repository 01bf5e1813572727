//! The MCP SDK for Python as a client: a real one, in both protocol eras.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{
    built,
    mcp_client::{Era, Says},
    parts::Part,
};

/// What the client does with the server, one after another in one session.
#[derive(Clone, Debug)]
pub enum Action {
    /// Calls a tool with these arguments and waits for the result.
    Call(&'static str, Value),
    /// Calls a tool, gives it up as soon as the request is on its way, and then pings by listing the tools again.
    Abandon(&'static str, Value),
}

/// Runs a session against `program arguments…` and returns the client's report:
/// `{"version", "server", "tools": [..], "actions": [{"result" | "error" | "abandoned", "progress": [..]}], "questions": [..]}`.
/// Nobody can be asked anything in it.
///
/// # Errors
/// Where Python or its SDK is missing ([`crate::parts::Missing`]), or the session fails.
pub fn session(era: Era, program: &Path, arguments: &[&str], actions: &[Action]) -> Result<Value> {
    run(era, None, program, arguments, actions)
}

/// The same with a person, who says this to the questions in their order.
///
/// # Errors
/// As [`session`].
pub fn session_with_person(
    era: Era,
    says: &[Says],
    program: &Path,
    arguments: &[&str],
    actions: &[Action],
) -> Result<Value> {
    run(era, Some(says), program, arguments, actions)
}

fn run(
    era: Era,
    says: Option<&[Says]>,
    program: &Path,
    arguments: &[&str],
    actions: &[Action],
) -> Result<Value> {
    let answers = says.map(|says| says.iter().map(Says::result).collect::<Vec<_>>());
    let actions: Vec<Value> = actions
        .iter()
        .map(|action| match action {
            Action::Call(tool, arguments) => json!({ "call": tool, "arguments": arguments }),
            Action::Abandon(tool, arguments) => json!({ "abandon": tool, "arguments": arguments }),
        })
        .collect();
    let mode = match era {
        Era::Handshake(_) => "legacy",
        Era::Stateless => "auto",
    };
    let output = Command::new(Part::Python.find()?)
        .arg(built::workspace().join("tests/clients/python/python_client.py"))
        .args([
            mode,
            &Value::Array(actions).to_string(),
            &json!(answers).to_string(),
        ])
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("cannot start Python")?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "the Python session failed:\n{stderr}"
    );
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the Python client's report\n{stderr}"))
}
