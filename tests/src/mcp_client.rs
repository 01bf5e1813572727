//! A blocking MCP client over a child's standard input and output, as bare as the wire.
//!
//! It can say wrong things on purpose, and it hides nothing: every message that came is kept. It never waits for ever.

mod offers;
mod person;
mod wire;

use std::{
    collections::VecDeque,
    path::Path,
    process::{Child, Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

pub use self::person::Says;
use self::wire::Wire;

/// The longest wait for one message. Far more than any answer takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// How client and server agree on the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// `initialize` with this version, up to `2025-11-25`.
    Handshake(&'static str),
    /// `2026-07-28`: no handshake, every request says who asks and what it can.
    Stateless,
}

impl Era {
    /// The newest version with a handshake.
    pub const LEGACY: Self = Self::Handshake("2025-11-25");
    /// The stateless version.
    pub const MODERN: Self = Self::Stateless;

    /// As it stands on the wire.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::Handshake(version) => version,
            Self::Stateless => "2026-07-28",
        }
    }
}

/// A server that was started, and the connection to it. Dropping it kills the server.
pub struct McpClient {
    child: Child,
    wire: Wire,
    era: Era,
    next_id: u64,
    server: Value,
    /// Messages that came while another was waited for, oldest first.
    kept: Vec<Value>,
    /// Every line that came.
    received: String,
    /// What the client says it can, such as `{ "elicitation": {} }`.
    capabilities: Value,
    /// What the person will say to the next questions.
    says: VecDeque<Says>,
    /// The parameters of every question that was answered, oldest first.
    questions: Vec<Value>,
}

/// An error answer of JSON-RPC.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcError {
    /// Such as -32602.
    pub code: i64,
    /// For a person.
    pub message: String,
    /// `null` where there is none.
    pub data: Value,
}

/// The answer to one request.
pub type Answer = Result<Value, RpcError>;

impl McpClient {
    /// Starts the server and agrees on the protocol.
    ///
    /// # Errors
    /// Where the program does not start, ends, answers with an error, or is silent for a minute.
    pub fn connect(command: &mut Command, era: Era) -> Result<Self> {
        let mut client = Self::start(command, era)?;
        client.handshake()?;
        Ok(client)
    }

    /// `bulkhead serve --config FILE` of the filled folder, connected.
    ///
    /// # Errors
    /// As [`McpClient::connect`].
    pub fn serve(config: &Path, era: Era) -> Result<Self> {
        let mut command = Command::new(crate::built::host());
        Self::connect(command.arg("serve").arg("--config").arg(config), era)
    }

    /// Starts the server and says nothing yet.
    ///
    /// # Errors
    /// Where the program does not start.
    pub fn start(command: &mut Command, era: Era) -> Result<Self> {
        let (child, wire) = Wire::open(command).with_context(|| {
            format!(
                "cannot start `{}` (`cargo xtask build --dev` builds it)",
                command.get_program().display()
            )
        })?;
        Ok(Self {
            child,
            wire,
            era,
            next_id: 1,
            server: Value::Null,
            kept: Vec::new(),
            received: String::new(),
            capabilities: json!({}),
            says: VecDeque::new(),
            questions: Vec::new(),
        })
    }

    /// The first exchange of the era: `initialize` and its notification, or `server/discover`.
    ///
    /// # Errors
    /// As [`McpClient::connect`].
    pub fn handshake(&mut self) -> Result<()> {
        let answer = match self.era {
            Era::Handshake(version) => {
                let client = json!({ "protocolVersion": version, "capabilities": self.capabilities, "clientInfo": client_info() });
                let answer = self.request("initialize", client)?;
                self.notify("notifications/initialized", json!({}))?;
                answer
            }
            Era::Stateless => self.request("server/discover", json!({}))?,
        };
        match answer {
            Ok(server) => self.server = server,
            Err(error) => bail!(
                "the server refused the handshake: {error:?}\n{}",
                self.stderr()
            ),
        }
        Ok(())
    }

    /// What the server said of itself in the handshake; `null` before it.
    #[must_use]
    pub fn server(&self) -> &Value {
        &self.server
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// Where the connection ends, or nothing comes for a minute.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Answer> {
        let id = self.begin(method, params)?;
        self.answer(id)
    }

    /// The tools, in the server's order.
    ///
    /// # Errors
    /// As [`McpClient::request`], and where the answer is an error.
    pub fn list_tools(&mut self) -> Result<Vec<Value>> {
        match self.request("tools/list", json!({}))? {
            Ok(result) => Ok(result["tools"]
                .as_array()
                .cloned()
                .context("tools/list without tools")?),
            Err(error) => bail!("tools/list failed: {error:?}"),
        }
    }

    /// Calls a tool and waits for its result, which may say that it failed (`isError`).
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn call_tool(&mut self, name: &str, arguments: Value) -> Result<Answer> {
        self.request(
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
    }

    /// Sends a request and returns its id at once.
    ///
    /// # Errors
    /// Where the server no longer reads.
    pub fn begin(&mut self, method: &str, params: Value) -> Result<u64> {
        let id = self.next_id;
        self.next_id += 1;
        let params = self.with_meta(params, id);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        Ok(id)
    }

    /// Waits for the answer to a request that was begun.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn answer(&mut self, id: u64) -> Result<Answer> {
        let message =
            self.wait(|message| message["id"] == id && message.get("method").is_none())?;
        Ok(match message.get("error") {
            None => Ok(message["result"].clone()),
            Some(error) => Err(RpcError {
                code: error["code"].as_i64().unwrap_or(0),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
                data: error["data"].clone(),
            }),
        })
    }

    /// Gives up a request that was begun.
    ///
    /// # Errors
    /// Where the server no longer reads.
    pub fn cancel(&mut self, id: u64) -> Result<()> {
        self.notify(
            "notifications/cancelled",
            json!({ "requestId": id, "reason": "the test gave it up" }),
        )
    }

    /// Sends a notification.
    ///
    /// # Errors
    /// Where the server no longer reads.
    pub fn notify(&mut self, method: &str, params: Value) -> Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// Sends any message.
    ///
    /// # Errors
    /// Where the server no longer reads.
    pub fn send(&mut self, message: &Value) -> Result<()> {
        self.send_line(&message.to_string())
    }

    /// Sends a line as it is, whether or not it is a message.
    ///
    /// # Errors
    /// Where the server no longer reads.
    pub fn send_line(&mut self, line: &str) -> Result<()> {
        self.wire
            .send(line)
            .with_context(|| format!("the server no longer reads\n{}", self.stderr()))
    }

    /// Waits for the first message that fits, and keeps the others. A question that comes meanwhile is answered, if the person
    /// has something to say.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        if let Some(index) = self.kept.iter().position(&fits) {
            return Ok(self.kept.remove(index));
        }
        let deadline = Instant::now() + DEADLINE;
        loop {
            let Some(line) = self.wire.line(deadline) else {
                bail!(
                    "the server ended, or was silent for a minute\n{}",
                    self.stderr()
                );
            };
            self.received.push_str(&line);
            self.received.push('\n');
            let message: Value =
                serde_json::from_str(&line).with_context(|| format!("not a message: `{line}`"))?;
            if fits(&message) {
                return Ok(message);
            }
            if !self.answers(&message)? {
                self.kept.push(message);
            }
        }
    }

    /// Takes the notifications of a method that came so far.
    pub fn take_notifications(&mut self, method: &str) -> Vec<Value> {
        self.kept
            .extract_if(.., |message| message["method"] == method)
            .collect()
    }

    /// Every byte that was read from the server so far.
    #[must_use]
    pub fn received(&self) -> &str {
        &self.received
    }

    /// What the server has written to its standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.wire.stderr()
    }

    /// The server's process id.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Closes the server's input and waits until it has ended.
    ///
    /// # Errors
    /// Where it has not ended after a minute.
    pub fn close_stdin_and_wait(self) -> Result<ExitStatus> {
        Ok(self.last_words()?.0)
    }

    /// The same, with every line that still came.
    ///
    /// # Errors
    /// As [`McpClient::close_stdin_and_wait`].
    pub fn last_words(mut self) -> Result<(ExitStatus, Vec<String>)> {
        self.wire.close();
        self.wait_for_the_end()
    }

    /// Sends the signal that has a host read its configuration again.
    ///
    /// # Errors
    /// Where it cannot be signalled.
    pub fn hang_up(&self) -> Result<()> {
        self.signal("-HUP")
    }

    /// Sends the signal that asks a process to end, leaves its input open, and waits until it has ended.
    ///
    /// # Errors
    /// Where it cannot be signalled, or has not ended after a minute.
    pub fn terminate_and_wait(mut self) -> Result<ExitStatus> {
        self.signal("-TERM")?;
        Ok(self.wait_for_the_end()?.0)
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let mut kill = Command::new("kill");
        let kill = kill.arg(signal).arg(self.process().to_string());
        ensure!(kill.status()?.success(), "the server cannot be signalled");
        Ok(())
    }

    fn wait_for_the_end(&mut self) -> Result<(ExitStatus, Vec<String>)> {
        let deadline = Instant::now() + DEADLINE;
        let words: Vec<_> = std::iter::from_fn(|| self.wire.line(deadline)).collect();
        // Its output is closed, so it has ended or is about to.
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, words));
            }
            thread::sleep(Duration::from_millis(2));
        }
        bail!("the server did not end within a minute\n{}", self.stderr())
    }

    /// Adds what the era wants in each request, and asks for progress.
    fn with_meta(&self, params: Value, id: u64) -> Value {
        let mut params = match params {
            Value::Object(params) => params,
            other => return other,
        };
        let mut meta = match params.remove("_meta") {
            Some(Value::Object(meta)) => meta,
            _ => Map::new(),
        };
        meta.entry("progressToken").or_insert(json!(id));
        if self.era == Era::Stateless {
            let own = [
                ("protocolVersion", json!(self.era.version())),
                ("clientInfo", client_info()),
                ("clientCapabilities", self.capabilities.clone()),
            ];
            for (key, value) in own {
                meta.entry(format!("io.modelcontextprotocol/{key}"))
                    .or_insert(value);
            }
        }
        params.insert("_meta".to_owned(), Value::Object(meta));
        Value::Object(params)
    }
}

impl Drop for McpClient {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn client_info() -> Value {
    json!({ "name": "bulkhead-tests", "version": env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests;
