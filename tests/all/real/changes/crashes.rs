//! The host ends in the middle of a change: the next one looks what became of it and says so, and nothing is ever sent twice.
//!
//! Nobody is asked where it is not about that: a rule of the operator's approves, so that a change can be under way at any time.

mod killed;
mod points;
mod signalled;
mod unwritten;

use std::{
    thread,
    time::{Duration, Instant},
};

use bulkhead_tests::{mcp_client::McpClient, real_cluster::Change};
use serde_json::{Value, json};

use super::{Setup, Shop};
use crate::session::{Said, bulkhead};

/// The longest wait for a state. Far more than any takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// Settings of the tests' namespaces are changed without asking.
const UNASKED: &str = r#"
[approval]
wait = "0s"

[[approval.rules]]
plugins = ["generic"]
verbs = ["create", "patch"]
resources = ["configmaps"]
namespaces = ["test-*"]
channel = "auto"

[changes]
max_open = 1000
"#;

/// A host that asks nobody, and a ConfigMap that is red.
fn unasked() -> Shop {
    let shop = Setup {
        approval: Some(UNASKED),
        // What may still be on its way is waited for so long.
        request_timeout: "5s",
        ..Setup::usual()
    }
    .open();
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red}}");
    shop
}

/// Makes it blue.
fn blue() -> Value {
    json!({
        "kind": "configmap", "name": "settings", "operation": "patch", "patch": { "data": { "color": "blue" } },
    })
}

impl Shop {
    /// One more host on the same state, as another client of the same person would start it.
    fn another(&self, environment: &[(&str, &str)]) -> McpClient {
        let mut command = bulkhead(self.config.folder());
        command.arg("serve").arg("--config").arg(self.config.path());
        command.envs(environment.iter().copied());
        McpClient::connect(&mut command, self.era).unwrap()
    }

    /// In the store, whoever has it open.
    fn state_of(&self, id: &str) -> String {
        self.stored("SELECT state FROM proposals WHERE id = ?1", id)
    }

    /// Waits until no change is under way any more.
    fn settled(&self) {
        let database = self.database();
        let under_way = "SELECT count(*) FROM proposals WHERE state = 'applying'";
        until("a change is still under way", || {
            database
                .query_one(under_way, [], |row| row.get::<_, u32>(0))
                .unwrap()
                == 0
        });
    }

    /// The requests that were sent for a change, once all of them have ended.
    fn sent(&self, id: &str) -> Vec<Change> {
        let mut changes = self.changes();
        changes.retain(|change| change.audit_id.starts_with(id));
        changes
    }

    fn color(&self) -> String {
        self.kubectl("get configmap settings --output=jsonpath={.data.color}")
    }

    /// What was meant to be sent has an outcome in the audit, which is the one of the store; the chain holds.
    fn accounted(&self, id: &str) {
        let records = self.records(id);
        let last = records.last().unwrap();
        assert_eq!(last["kind"], "outcome", "{records:#?}");
        assert_eq!(last["outcome"], self.state_of(id), "{records:#?}");
        for sent in self.sent(id) {
            let mut intents = records.iter().filter(|record| record["kind"] == "intent");
            let intended = intents.any(|record| record["audit_id"] == sent.audit_id);
            assert!(intended, "no intent for {sent:?}: {records:#?}");
        }
        self.verified();
    }
}

/// Calls a tool of a host whose answer is there.
fn call(host: &mut McpClient, tool: &str, arguments: Value) -> Said {
    let answer = host.call_tool(tool, arguments).unwrap();
    Said::of(answer.unwrap_or_else(|error| panic!("{tool}: {error:?}")))
}

/// Asks again and again, since nothing tells.
fn until(not: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !done() {
        assert!(Instant::now() < deadline, "{not}");
        thread::sleep(Duration::from_millis(2));
    }
}
