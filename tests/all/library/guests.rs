//! The guests that are about resources and prompts, one test of each one's name. A guest without one does not compile.

use bulkhead_tests::{
    built, foreach_guest_of_resources,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::Era,
};
use serde_json::{Value, json};

use super::reading::audit;
use super::{PODS_OF_SHOP, config, fails};
use crate::{
    session::{Session, generic},
    sim::Sim,
};

macro_rules! has_a_test {
    ($name:ident) => {
        const _: fn() = $name;
    };
}
foreach_guest_of_resources!(has_a_test);

const ERAS: [Era; 2] = [Era::LEGACY, Era::MODERN];

/// The guest with a grant to patch pods, and beside it `generic`.
fn hostile(guest: &str, sim: &Sim) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let table = plugin_table("guest", &built::guest(guest)).unwrap();
    let grant = "[[plugins.guest.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\nverbs = [\"get\", \"patch\"]\nnamespaces = [\"shop\"]\n";
    HostConfig::with_text(&format!("{cluster}{table}{grant}{}", generic())).unwrap()
}

/// The guest that means no harm: a plugin needs no tool.
#[test]
fn library() {
    let sim = Sim::small();
    let mut session = Session::start(config(&sim, PODS_OF_SHOP));
    let tools = session.list_tools().unwrap();
    assert!(
        tools
            .iter()
            .all(|tool| !tool["name"].as_str().unwrap().contains("library"))
    );
    let counts = ["resources/list", "resources/templates/list", "prompts/list"]
        .map(|list| session.list(list).unwrap().len());
    assert_eq!(counts, [4, 2, 1]);
    session.end();
}

#[test]
fn answers_for_another_uri() {
    for era in ERAS {
        let sim = Sim::small();
        let mut session = Session::in_era(hostile("answers_for_another_uri", &sim), era);
        let answer = session.read_resource("another://own").unwrap();
        fails(
            answer,
            -32603,
            "plugin",
            &["answered for `library://pods`", "tell its author"],
        );
        assert!(!session.received().contains("all is well"));
        session.lives_on();
        let records = audit(&session.end());
        let mut reads = records.iter().filter(|it| it["tool"] == "resources/read");
        assert_eq!(reads.next().unwrap()["outcome"], "plugin", "{records:?}");
    }
}

#[test]
fn proposes_where_it_only_reads() {
    for era in ERAS {
        let sim = Sim::small().may_change();
        let config = hostile("proposes_where_it_only_reads", &sim);
        let mut session = Session::in_era(config, era);
        let text = |answer: Value| answer.to_string();
        let mut said = Vec::new();
        for uri in ["proposing://all", "proposing://by/0000"] {
            said.push(text(session.read_resource(uri).unwrap().unwrap()));
        }
        let prompt = session.get_prompt("proposing", json!({ "token": "0000" }));
        said.push(text(prompt.unwrap().unwrap()));
        let typed = session.complete_prompt("proposing", "token", "");
        said.push(text(typed.unwrap().unwrap()));
        for said in said {
            assert_eq!(said.matches("Err(Denied").count(), 4, "{said}");
            assert!(said.contains("says that it only reads"), "{said}");
        }
        let about_pods = sim.server.requests();
        let about_pods = about_pods
            .iter()
            .filter(|request| request.path.contains("/pods"));
        assert_eq!(about_pods.count(), 0);
        session.lives_on();
        session.end();
    }
}
