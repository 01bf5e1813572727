//! Resources, templates, prompts and completion of a plugin, through the built host, in both eras.
//!
//! The guest `library` has them all. Some of its resources are what a host must not let through.

mod guests;
mod lists;
mod look;
mod offered;
mod prompts;
mod reading;

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::{Answer, Era, RpcError},
};
use serde_json::Value;

use crate::{
    session::{Session, generic},
    sim::Sim,
};

/// Half of what the guest would tell if it were let.
pub(crate) const CREDENTIAL: &str = "7710c838347A";

/// Pods of `shop`, for the guest.
pub(crate) const PODS_OF_SHOP: &str = r#"
[plugins.library.settings]
namespace = "shop"

[[plugins.library.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "list"]
namespaces = ["shop"]
"#;

/// `[plugins.library]`; `more` goes on in it.
pub(crate) fn library(more: &str) -> String {
    let table = plugin_table("library", &built::guest("library")).unwrap();
    format!("{table}{more}")
}

/// The guest and, beside it, `generic`.
pub(crate) fn config(sim: &Sim, more: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let text = format!("{cluster}{}{}", library(more), generic());
    HostConfig::with_text(&text).unwrap()
}

fn session(sim: &Sim, era: Era) -> Session {
    Session::in_era(config(sim, PODS_OF_SHOP), era)
}

/// The code for what is not there.
fn not_found(era: Era) -> i64 {
    match era {
        Era::Handshake(_) => -32002,
        Era::Stateless => -32602,
    }
}

fn read(session: &mut Session, uri: &str) -> Answer {
    session.read_resource(uri).unwrap()
}

/// The one text that reading a resource gives.
fn text_of(session: &mut Session, uri: &str) -> String {
    let result = read(session, uri).unwrap();
    let contents = result["contents"].as_array().unwrap();
    assert_eq!(contents.len(), 1, "{result}");
    assert_eq!(contents[0]["uri"], uri);
    contents[0]["text"].as_str().unwrap().to_owned()
}

/// An error of this code that begins with its kind, says so in its data too, and says all of this.
fn fails(answer: Answer, code: i64, kind: &str, parts: &[&str]) -> RpcError {
    let error = answer.unwrap_err();
    assert_eq!(error.code, code, "{error:?}");
    assert!(error.message.starts_with(&format!("{kind}: ")), "{error:?}");
    assert_eq!(error.data["kind"], kind, "{error:?}");
    for part in parts {
        assert!(error.message.contains(part), "no `{part}` in {error:?}");
    }
    error
}

/// What each item of a list has under a key.
fn each<'a>(items: &'a [Value], key: &str) -> Vec<&'a str> {
    items
        .iter()
        .map(|item| item[key].as_str().unwrap())
        .collect()
}
