//! `bulkhead` as a test starts it: with a configuration of its own and nothing of this machine's environment.

use std::{
    env,
    ops::{Deref, DerefMut},
    path::Path,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use bulkhead_tests::{
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
};
use serde_json::{Value, json};

use crate::sim::Sim;

/// The longest wait for a line of the log. Far more than any takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// The built program without any environment but `$PATH` and an empty home.
pub(crate) fn bulkhead(home: &Path) -> Command {
    let mut command = Command::new(built::host());
    command
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home);
    command
}

/// What a command that ended said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Self {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs `bulkhead COMMAND --config FILE`.
    pub(crate) fn command(name: &str, config: &HostConfig) -> Self {
        Self::of(
            bulkhead(config.folder())
                .arg(name)
                .arg("--config")
                .arg(config.path()),
        )
    }
}

/// `[plugins.generic]`, which may look at everything but Secrets and ConfigMaps.
pub(crate) fn generic() -> String {
    let table = plugin_table("generic", &built::plugin("generic")).unwrap();
    table + READ_EVERYTHING
}

/// `generic` on a cluster; `more` goes on in `[cluster]`.
pub(crate) fn generic_on(sim: &Sim, more: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    HostConfig::with_text(&format!("{cluster}{more}\n{}", generic())).unwrap()
}

/// A conversation with `bulkhead serve`.
pub(crate) struct Session {
    client: McpClient,
    config: HostConfig,
}

impl Session {
    pub(crate) fn start(config: HostConfig) -> Self {
        Self::in_era(config, Era::LEGACY)
    }

    pub(crate) fn in_era(config: HostConfig, era: Era) -> Self {
        let mut session = Self::silent(config, era, &[]);
        session.handshake().unwrap();
        session
    }

    /// Starts it and says nothing yet.
    pub(crate) fn silent(config: HostConfig, era: Era, options: &[&str]) -> Self {
        Self::silent_with(config, era, options, &[])
    }

    /// The same with these environment variables.
    pub(crate) fn silent_with(
        config: HostConfig,
        era: Era,
        options: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = bulkhead(config.folder());
        command.envs(variables.iter().copied());
        command.arg("serve").arg("--config").arg(config.path());
        let client = McpClient::start(command.args(options), era).unwrap();
        Self { client, config }
    }

    /// Calls a tool that there is.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Said {
        let answer = self.client.call_tool(tool, arguments).unwrap();
        Said::of(answer.unwrap_or_else(|error| panic!("{tool}: {error:?}")))
    }

    /// Lists the pods of `shop`, with `generic`.
    pub(crate) fn pods(&mut self) -> Said {
        self.call("k8s_list", json!({ "kind": "pods", "namespace": "shop" }))
    }

    /// The same process still answers.
    pub(crate) fn lives_on(&mut self) {
        self.call("ping", json!({})).succeeds(&["pong"]);
    }

    /// Waits until the host has logged this so often: its log and its answers come by two ways.
    pub(crate) fn waits_for_log(&self, part: &str, times: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.stderr().matches(part).count() < times {
            assert!(
                Instant::now() < deadline,
                "no `{part}` in {}",
                self.stderr()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn config(&self) -> &HostConfig {
        &self.config
    }

    /// Ends the input, waits for the end, and gives the configuration back.
    pub(crate) fn end(self) -> HostConfig {
        assert!(self.client.close_stdin_and_wait().unwrap().success());
        self.config
    }

    /// The client alone, for what ends it; its configuration must live as long.
    pub(crate) fn into_parts(self) -> (McpClient, HostConfig) {
        (self.client, self.config)
    }
}

impl Deref for Session {
    type Target = McpClient;

    fn deref(&self) -> &McpClient {
        &self.client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut McpClient {
        &mut self.client
    }
}

/// The result of a call.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    failed: bool,
}

impl Said {
    pub(crate) fn of(result: Value) -> Self {
        let blocks = result["content"].as_array().unwrap();
        let texts: Vec<_> = blocks
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect();
        Self {
            text: texts.join("\n"),
            failed: result["isError"] == true,
        }
    }

    /// It is no failure, and says all of this.
    pub(crate) fn succeeds(self, parts: &[&str]) -> Self {
        assert!(!self.failed, "{}", self.text);
        self.says(parts)
    }

    /// It is a failure of this kind, and says all of this; there is one thing to do next at most.
    pub(crate) fn fails(self, kind: &str, parts: &[&str]) -> Self {
        assert!(self.failed, "{}", self.text);
        assert!(
            self.text.starts_with(&format!("{kind}: ")),
            "not {kind}: {}",
            self.text
        );
        let steps = self.text.matches("; next: ").count();
        assert!(steps <= 1, "{steps} next steps: {}", self.text);
        self.says(parts)
    }

    fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.text.contains(part), "no `{part}` in: {}", self.text);
        }
        self
    }
}
