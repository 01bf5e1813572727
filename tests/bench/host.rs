//! The host under measurement, over bare pipes: no thread of ours stands between a line and its clock.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bulkhead_tests::built;
use serde_json::{Value, json};

/// A started host that has answered `initialize`.
pub(crate) struct Host {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    line: String,
    next: u64,
}

/// Of the host's process, in bytes.
pub(crate) struct Memory {
    resident: u64,
    peak: u64,
}

impl Memory {
    pub(crate) fn resident(&self) -> String {
        megabytes(self.resident)
    }

    pub(crate) fn peak(&self) -> String {
        megabytes(self.peak)
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

impl Host {
    pub(crate) fn start(config: &Path) -> Result<Self> {
        let mut child = Command::new(built::host())
            .args(["serve", "--config"])
            .arg(config)
            .env("BULKHEAD_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", built::host().display()))?;
        let input = child.stdin.take().context("stdin is piped")?;
        let output = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut host = Self {
            child,
            input,
            output,
            line: String::new(),
            next: 1,
        };
        let client = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}});
        host.request("initialize", &client)?;
        host.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(host)
    }

    pub(crate) fn tools(&mut self) -> Result<()> {
        let tools = self.request("tools/list", &json!({}))?;
        ensure!(
            tools["tools"]
                .as_array()
                .is_some_and(|tools| !tools.is_empty()),
            "there are no tools"
        );
        Ok(())
    }

    /// Calls a tool, which must succeed.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value> {
        let result = self.request("tools/call", &json!({"name": tool, "arguments": arguments}))?;
        ensure!(result["isError"] != true, "`{tool}` failed: {result}");
        Ok(result)
    }

    pub(crate) fn timed_call(&mut self, tool: &str, arguments: &Value) -> Result<Duration> {
        let began = Instant::now();
        self.call(tool, arguments)?;
        Ok(began.elapsed())
    }

    pub(crate) fn timed(&mut self, method: &str, params: &Value) -> Result<Duration> {
        let began = Instant::now();
        self.request(method, params)?;
        Ok(began.elapsed())
    }

    /// Calls a second, with so many calls under way at any time.
    pub(crate) fn rate(
        &mut self,
        tool: &str,
        arguments: &Value,
        calls: usize,
        in_flight: usize,
    ) -> Result<f64> {
        let began = Instant::now();
        let params = json!({"name": tool, "arguments": arguments});
        for sent in 0..calls {
            self.send("tools/call", &params)?;
            if sent >= in_flight {
                self.receive()?;
            }
        }
        for _ in 0..in_flight.min(calls) {
            self.receive()?;
        }
        Ok(f64::from(u32::try_from(calls)?) / began.elapsed().as_secs_f64())
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<u64> {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .with_context(|| format!("no {name}"))?;
            let kibibytes: u64 = line
                .trim_start_matches(':')
                .trim()
                .trim_end_matches(" kB")
                .parse()?;
            Ok(kibibytes * 1024)
        };
        Ok(Memory {
            resident: field("VmRSS")?,
            peak: field("VmHWM")?,
        })
    }

    fn request(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.send(method, params)?;
        self.receive()
    }

    fn send(&mut self, method: &str, params: &Value) -> Result<()> {
        let id = self.next;
        self.next += 1;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    }

    fn write(&mut self, message: &Value) -> Result<()> {
        writeln!(self.input, "{message}").context("the host reads no more")
    }

    fn receive(&mut self) -> Result<Value> {
        self.line.clear();
        ensure!(self.output.read_line(&mut self.line)? > 0, "the host ended");
        let mut answer: Value = serde_json::from_str(&self.line)?;
        ensure!(answer.get("error").is_none(), "the host answered {answer}");
        Ok(answer["result"].take())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
