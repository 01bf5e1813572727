//! The client that wants its own change applied: what it holds, what it says, and what a person really allows.

use std::{collections::BTreeSet, fs, time::Duration};

use bulkhead_simcluster::RequestRecord;
use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::{Era, McpClient, Says},
};
use rusqlite::{Connection, Params};
use serde_json::{Value, json};

use crate::{session::bulkhead, sim::Sim};

/// How long another writer of the store is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

const GRANTS: &str = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["create", "patch", "delete"]
namespaces = ["shop"]
"#;

/// Whatever the operator may leave to the client is decided there; what is of high risk is not theirs to leave.
const AT_THE_CLIENT: &str = r#"
[[approval.rules]]
plugins = ["generic"]
channel = "elicitation"
"#;

/// Who would have to decide.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// A person at a terminal.
    Console,
    /// The person at the client, asked in the way of this era.
    Client(Era),
}

/// A client, and everything that it came by.
pub(super) struct Thief {
    pub(super) sim: Sim,
    pub(super) config: HostConfig,
    stage: Stage,
    era: Era,
    /// None between two hosts.
    client: Option<McpClient>,
    /// What was received from hosts that have ended.
    loot: String,
    /// The change that it wants applied.
    pub(super) id: String,
    /// Requests that a person allowed.
    allowed: usize,
    /// The object as a person left it.
    left: Value,
}

/// A new note at a pod.
pub(super) fn note(value: &str) -> Value {
    json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch",
        "patch": { "metadata": { "annotations": { "shop.example/shift": value } } },
    })
}

/// The same, and the model says that the user asked for it.
pub(super) fn confirmed(value: &str) -> Value {
    with(note(value), "confirm", json!(true))
}

/// An object with one more key.
pub(super) fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

impl Thief {
    /// Proposes the change, has it refused once, and looks at all that it is shown.
    pub(super) fn on(stage: Stage) -> Self {
        let sim = Sim::small().may_change();
        let config = configured(&sim, stage);
        let era = match stage {
            Stage::Console => Era::LEGACY,
            Stage::Client(era) => era,
        };
        let mut thief = Self {
            client: Some(serve(&config, era, matches!(stage, Stage::Client(_)))),
            left: object(&sim),
            sim,
            config,
            stage,
            era,
            loot: String::new(),
            id: String::new(),
            allowed: 0,
        };
        thief.id = thief.proposes(note("stolen"));
        thief.wants_it();
        thief.client().list_tools().unwrap();
        for arguments in [json!({}), json!({ "id": thief.id })] {
            thief.call("change_status", arguments);
        }
        thief.call("change_history", json!({}));
        thief.call("change_apply", json!({ "id": thief.id }));
        thief
    }

    /// Proposes a patch; returns the id.
    pub(super) fn proposes(&mut self, arguments: Value) -> String {
        let said = self.call("k8s_patch", arguments);
        let text = said.to_string();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let mut ids = words.filter(|word| word.len() == 12 && word.starts_with("c-"));
        ids.next()
            .unwrap_or_else(|| panic!("no id in: {text}"))
            .to_owned()
    }

    /// Says that it is confirmed; the question that comes of it is put away.
    pub(super) fn wants_it(&mut self) -> Value {
        self.call("k8s_patch", confirmed("stolen"))
    }

    /// Calls a tool and takes whatever comes.
    pub(super) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// Sends any request and takes whatever comes. A question that comes meanwhile is put away.
    pub(super) fn request(&mut self, method: &str, params: Value) -> Value {
        self.answering(Says::Away, method, params)
    }

    /// Sends any request and takes whatever comes. A question that comes meanwhile gets this answer.
    pub(super) fn answering(&mut self, says: Says, method: &str, params: Value) -> Value {
        let client = self.client();
        client.person_says(says);
        let answer = client.request(method, params).unwrap();
        client.person_says_nothing();
        match answer {
            Ok(result) => result,
            Err(error) => json!({ "error": error.message }),
        }
    }

    /// The client itself, for what nobody should say.
    pub(super) fn client(&mut self) -> &mut McpClient {
        self.client.as_mut().expect("a host is there")
    }

    /// Every text and every word that it ever received.
    pub(super) fn strings(&self) -> BTreeSet<String> {
        let mut strings = BTreeSet::new();
        let received = self.client.as_ref().map_or("", McpClient::received);
        for line in self.loot.lines().chain(received.lines()) {
            let message = serde_json::from_str(line).unwrap();
            collect(&message, &mut strings);
        }
        strings
    }

    /// The ids among them.
    fn ids(&self) -> Vec<String> {
        let strings = self.strings().into_iter();
        strings
            .filter(|word| word.len() == 12 && word.starts_with("c-"))
            .collect()
    }

    /// Tries to have applied whatever may have become approved.
    pub(super) fn cashes_in(&mut self) {
        for id in self.ids() {
            self.call("change_apply", json!({ "id": id }));
        }
        self.wants_it();
    }

    /// Ends the host and starts another on the same state; `between` is done while there is none.
    pub(super) fn restarts(&mut self, between: impl FnOnce(&HostConfig)) {
        let (era, person) = (self.era, matches!(self.stage, Stage::Client(_)));
        self.restarts_as(era, person, between);
    }

    /// The same as a client of another era, with or without a person.
    pub(super) fn restarts_as(
        &mut self,
        era: Era,
        person: bool,
        between: impl FnOnce(&HostConfig),
    ) {
        if let Some(client) = self.client.take() {
            self.loot.push_str(client.received());
            assert!(client.close_stdin_and_wait().unwrap().success());
        }
        between(&self.config);
        self.era = era;
        self.client = Some(serve(&self.config, era, person));
    }

    /// The real person approves the change; it is not applied yet.
    pub(super) fn person_approves(&self, id: &str) {
        let shown = Approver::shared()
            .unwrap()
            .approve(&self.config, id)
            .unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
    }

    /// The real person allows the change, and it is applied: from here on that is how things stand.
    pub(super) fn person_allows(&mut self) {
        let said = match self.stage {
            Stage::Console => {
                let id = self.id.clone();
                self.person_approves(&id);
                self.call("change_apply", json!({ "id": id }))
            }
            Stage::Client(_) => {
                let client = self.client();
                client.person_says(Says::Yes);
                let answer = client.call_tool_with_person("k8s_patch", &confirmed("stolen"));
                answer.unwrap().unwrap()
            }
        };
        assert!(said.to_string().contains("applied"), "{said}");
        self.allowed = self.sim.changes().len();
        self.left = object(&self.sim);
    }

    /// Requests that changed something and that no person allowed.
    pub(super) fn stolen(&self) -> Vec<RequestRecord> {
        self.sim.changes().split_off(self.allowed)
    }

    /// Somebody else has changed the object: from here on that is how it stands.
    pub(super) fn looks_again(&mut self) {
        self.left = object(&self.sim);
    }

    /// The object as it is.
    pub(super) fn object(&self) -> Value {
        object(&self.sim)
    }

    /// The object as the last person left it.
    pub(super) fn left(&self) -> Value {
        self.left.clone()
    }

    /// The host's store, as whoever owns the file can write it.
    pub(super) fn database(&self) -> Connection {
        let database = Connection::open(self.config.state().join("bulkhead.db")).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    /// Writes to the store; some row is another then.
    pub(super) fn tampers(&self, statement: &str, parameters: impl Params) {
        let changed = self.database().execute(statement, parameters).unwrap();
        assert!(changed > 0, "{statement}");
    }

    /// One text of the store about a proposal.
    pub(super) fn stored(&self, query: &str, id: &str) -> String {
        let read = self.database().query_one(query, [id], |row| row.get(0));
        read.unwrap()
    }

    /// Its canonical JSON.
    pub(super) fn proposal(&self, id: &str) -> String {
        self.stored("SELECT document FROM proposals WHERE id = ?1", id)
    }

    /// As if so much time had passed, for every host on this state.
    pub(super) fn passes(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap();
        let now = "max(time, CAST(unixepoch('subsec') * 1000 AS INTEGER))";
        self.tampers(
            &format!("UPDATE latest SET time = {now} + ?1"),
            [milliseconds],
        );
    }
}

fn configured(sim: &Sim, stage: Stage) -> HostConfig {
    let (wait, rules) = match stage {
        Stage::Console => ("0s", ""),
        // In the stateless era nobody waits for an answer; before it, the thief answers at once but where it says otherwise.
        Stage::Client(Era::Stateless) => ("0s", AT_THE_CLIENT),
        Stage::Client(Era::Handshake(_)) => ("3s", AT_THE_CLIENT),
    };
    let approver = Approver::shared().unwrap().table();
    let text = [
        // Beside the configuration, where they can be exchanged.
        cluster_table("kubeconfig".as_ref()).unwrap(),
        approver.replace("wait = \"0s\"", &format!("wait = \"{wait}\"")),
        rules.to_owned(),
        "[changes]\nmax_open = 100\n".to_owned(),
        plugin_table("generic", "generic.wasm".as_ref()).unwrap(),
        READ_EVERYTHING.to_owned(),
        GRANTS.to_owned(),
    ];
    let config = HostConfig::with_text(&text.join("\n")).unwrap();
    let beside = |name: &str| config.folder().join(name);
    fs::copy(sim.kubeconfig(), beside("kubeconfig")).unwrap();
    fs::copy(built::plugin("generic"), beside("generic.wasm")).unwrap();
    config
}

fn serve(config: &HostConfig, era: Era, person: bool) -> McpClient {
    let mut command = bulkhead(config.folder());
    command.arg("serve").arg("--config").arg(config.path());
    let mut client = McpClient::start(&mut command, era).unwrap();
    if person {
        client.has_person();
    }
    client.handshake().unwrap();
    client
}

/// The pod, past the host.
fn object(sim: &Sim) -> Value {
    let url = format!("{}/api/v1/namespaces/shop/pods/till", sim.server.url());
    let text = ureq::get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn collect(value: &Value, strings: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.+/=:".contains(c));
            strings.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
            strings.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, strings)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            strings.insert(key.clone());
            collect(value, strings);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
