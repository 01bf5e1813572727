//! What Secrets hold leaves the host nowhere: neither what it made, nor what was there.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bulkhead_cnpg_data::{NAMESPACES, SECRET_MARK};
use serde_json::{Value, json};

use super::{Desk, audit, calls, sim};
use crate::{changes::plans::bytes_in, sim::Sim};

/// The values of all Secrets, as they are and encoded.
fn values(sim: &Sim) -> Vec<String> {
    let mut values = Vec::new();
    for namespace in NAMESPACES {
        let url = format!("{}/api/v1/namespaces/{namespace}/secrets", sim.server.url());
        let mut answer = ureq::get(&url).call().unwrap();
        let list: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        for secret in list["items"].as_array().unwrap() {
            for (_, value) in secret["data"].as_object().into_iter().flatten() {
                let encoded = value.as_str().unwrap().to_owned();
                values.push(String::from_utf8(STANDARD.decode(&encoded).unwrap()).unwrap());
                values.push(encoded);
            }
        }
    }
    values
}

/// Everything that came out of a host that was used and has ended.
struct Out {
    /// What the client and the person saw, and the log.
    seen: String,
    audit: String,
    on_disk: Vec<u8>,
}

impl Out {
    fn of(desk: Desk, seen: &str) -> Self {
        let seen = [seen, desk.client.received(), &desk.client.stderr()].join("\n");
        let config = desk.end();
        Self {
            seen,
            audit: audit(&config),
            on_disk: bytes_in(&config.state()),
        }
    }

    fn lacks(&self, value: &str) {
        assert!(!self.seen.contains(value), "{value} was shown");
        assert!(!self.audit.contains(value), "{value} is in the audit");
        let mut found = self.on_disk.windows(value.len());
        assert!(
            !found.any(|at| at == value.as_bytes()),
            "{value} is on the disk"
        );
    }
}

/// The names of the tools whose changes are about Secrets too, and other ones.
fn tools() -> Vec<Value> {
    let sim = sim().may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let mut tools = desk.tools(true);
    tools.retain(|tool| {
        let (name, arguments) = calls::arguments(tool);
        // So many proposals may be open at once at one host.
        let proposed = Desk::open(&sim.kubeconfig()).propose(&name, &arguments);
        let mut steps = proposed["steps"].as_array().unwrap().iter();
        steps.any(|step| step["object"].as_str().unwrap().contains("secrets/"))
    });
    tools
}

/// Every tool's change that is about a Secret is made; then every byte that came out is searched.
#[test]
fn a_password_that_the_host_made_is_in_no_byte_that_left_it() {
    let mut made_any = 0;
    for tool in tools() {
        let sim = sim().may_change();
        let before = values(&sim);
        let mut desk = Desk::open(&sim.kubeconfig());
        let (name, arguments) = calls::arguments(&tool);
        let proposed = desk.propose(&name, &arguments);
        let id = proposed["id"].as_str().unwrap();
        let shown = desk.approve(id);
        desk.apply(id);
        desk.call("change_history", &json!({})).succeeds(&[id]);
        let out = Out::of(desk, &shown);
        let made = values(&sim).into_iter();
        // A user's name is told; what the host makes is longer.
        for value in made.filter(|value| value.len() >= 24 && !before.contains(value)) {
            made_any += 1;
            out.lacks(&value);
        }
        // What was searched is what there is.
        assert!(out.seen.contains(id) && out.audit.contains(id), "{name}");
        assert!(!out.on_disk.is_empty(), "{name}");
    }
    assert!(made_any > 0, "no tool made a Secret");
}

#[test]
fn what_the_secrets_of_the_fleet_hold_is_shown_by_no_tool() {
    let sim = sim();
    assert!(values(&sim).iter().any(|value| value.contains(SECRET_MARK)));
    let mut desk = Desk::open(&sim.kubeconfig());
    for tool in desk.tools(false) {
        let (name, arguments) = calls::arguments(&tool);
        desk.call(&name, &arguments).succeeds(&[]);
    }
    let out = Out::of(desk, "");
    out.lacks(SECRET_MARK);
}
