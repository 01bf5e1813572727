//! The least MCP client that can play the demo: one request at a time over a child's standard input and output.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::narrator;

/// A running server.
pub(super) struct Session {
    child: Child,
    /// None once closed.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    requests: u64,
    server: Value,
}

/// A tool's result.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) is_error: bool,
}

impl Session {
    /// Starts `bulkhead demo`; what it logs is told as the operator's part.
    pub(super) fn start(host: &Path, config: &Path) -> Result<Self> {
        println!("$ {} demo --config {}", host.display(), config.display());
        let mut child = Command::new(host)
            .args(["demo", "--config"])
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", host.display()))?;
        if let Some(stderr) = child.stderr.take() {
            // Ends with the server.
            thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    narrator::log(&line);
                }
            });
        }
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().context("the server has no stdout")?);
        let mut session = Self {
            child,
            stdin,
            stdout,
            requests: 0,
            server: Value::Null,
        };
        let client = json!({ "name": "cargo xtask demo", "version": env!("CARGO_PKG_VERSION") });
        let hello =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        session.server = session.request("initialize", &hello)?;
        session.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        Ok(session)
    }

    /// What the server calls itself.
    pub(super) fn title(&self) -> String {
        let information = &self.server["serverInfo"];
        let title = information["title"]
            .as_str()
            .or(information["name"].as_str())
            .unwrap_or("a server without a name");
        format!(
            "{title}, version {}",
            information["version"].as_str().unwrap_or("unknown")
        )
    }

    pub(super) fn call(&mut self, tool: &str, arguments: &Value) -> Result<Answer> {
        let result = self.request(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )?;
        let blocks = result["content"]
            .as_array()
            .with_context(|| format!("{tool} answered no content"))?;
        let texts: Vec<&str> = blocks
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect();
        Ok(Answer {
            text: texts.join("\n"),
            is_error: result["isError"] == true,
        })
    }

    /// Ends the server as a client does: by closing its input.
    pub(super) fn end(mut self) -> Result<()> {
        self.stdin = None;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    fn request(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                bail!("the server ended during {method}");
            }
            let message: Value =
                serde_json::from_str(&line).with_context(|| format!("not a message: {line}"))?;
            // Anything else is a notification.
            if message["id"] == id {
                ensure!(
                    message.get("error").is_none(),
                    "{method} failed: {}",
                    message["error"]
                );
                return Ok(message["result"].clone());
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let stdin = self.stdin.as_mut().context("the session has ended")?;
        stdin
            .write_all(format!("{message}\n").as_bytes())
            .context("the server no longer reads")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // After `end` there is nothing left to kill; after an error there may be.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
