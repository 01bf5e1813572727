//! What the operator enables, and whose a name is.

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::json;

use super::{PODS_OF_SHOP, config, each, fails, library, not_found, read};
use crate::{
    session::{Ran, Session},
    sim::Sim,
};

#[rstest]
fn what_is_not_enabled_is_as_if_it_were_not_there(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let only = format!("resources = [\"pods\"]\nprompts = []\n{PODS_OF_SHOP}");
    let mut session = Session::in_era(config(&sim, &only), era);
    let resources = session.list("resources/list").unwrap();
    assert_eq!(each(&resources, "name"), ["pods"]);
    for list in ["resources/templates/list", "prompts/list"] {
        assert_eq!(session.list(list).unwrap(), Vec::<serde_json::Value>::new());
    }
    read(&mut session, "library://pods").unwrap();
    for uri in [
        "library://leaking",
        "library://pods/till",
        "library://shop/till",
    ] {
        let answer = read(&mut session, uri);
        fails(answer, not_found(era), "not-found", &[uri]);
    }
    let prompt = session.get_prompt("library_tour", json!({ "pod": "till" }));
    fails(prompt.unwrap(), -32602, "invalid", &["there is no prompt"]);
    let typed = session.complete_template("library://pods/{name}", "name", "");
    fails(typed.unwrap(), -32602, "invalid", &["no resource template"]);
    let typed = session.complete_prompt("library_tour", "pod", "");
    fails(typed.unwrap(), -32602, "invalid", &["there is no prompt"]);
    session.end();
}

#[test]
fn a_uri_of_a_template_that_is_off_is_not_read_through_another_one() {
    let sim = Sim::small();
    let only = format!("resources = [\"pod_in_namespace\"]\n{PODS_OF_SHOP}");
    let mut session = Session::start(config(&sim, &only));
    read(&mut session, "library://shop/till").unwrap();
    // The other template would match it, but the plugin reads it as one of `pod`.
    let answer = read(&mut session, "library://pods/till");
    fails(answer, -32002, "not-found", &["library://pods/till"]);
    session.end();
}

#[test]
fn an_empty_list_of_both_leaves_no_resource_and_no_prompt() {
    let sim = Sim::small();
    let none = format!("resources = []\nprompts = []\n{PODS_OF_SHOP}");
    let mut session = Session::start(config(&sim, &none));
    for list in ["resources/list", "resources/templates/list", "prompts/list"] {
        assert_eq!(session.list(list).unwrap(), Vec::<serde_json::Value>::new());
    }
    session.lives_on();
    session.end();
}

#[rstest]
fn a_prefix_stands_before_the_name_of_a_prompt(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let prefixed = format!("prefix = \"lib_\"\n{PODS_OF_SHOP}");
    let mut session = Session::in_era(config(&sim, &prefixed), era);
    let prompts = session.list("prompts/list").unwrap();
    assert_eq!(each(&prompts, "name"), ["lib_library_tour"]);
    let tour = session.get_prompt("lib_library_tour", json!({ "pod": "till" }));
    assert_eq!(
        tour.unwrap().unwrap()["messages"].as_array().unwrap().len(),
        3
    );
    let typed = session.complete_prompt("lib_library_tour", "pod", "t");
    assert_eq!(
        typed.unwrap().unwrap()["completion"]["values"],
        json!(["till"])
    );
    session.end();
}

/// The guest twice; `more` goes on behind the second one.
fn twins(sim: &Sim, more: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let second = plugin_table("twin", &built::guest("library")).unwrap();
    HostConfig::with_text(&format!("{cluster}{}{second}{more}", library(""))).unwrap()
}

#[rstest]
fn two_plugins_of_one_scheme_or_one_prompt_are_refused_with_what_tells_them_apart(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let check = Ran::command("check", &twins(&sim, ""));
    assert_eq!(check.code, Some(1), "{check:?}");
    for part in [
        "plugins `library` and `twin` both have resources of the scheme `library:`",
        "fix: set `plugins.twin.resources` in config.toml",
        "plugins `library` and `twin` both have a prompt `library_tour`",
        "fix: set `plugins.twin.prefix` in config.toml",
    ] {
        let told = check.stderr.matches(part).count();
        assert_eq!(told, 1, "`{part}` in {check:?}");
    }
    for (more, part) in [
        ("prefix = \"twin_\"\n", "of the scheme `library:`"),
        // Others of the same scheme are no way round it.
        (
            "prefix = \"twin_\"\nresources = [\"pod\"]\n",
            "of the scheme `library:`",
        ),
        ("resources = []\n", "both have a prompt `library_tour`"),
    ] {
        let mut session = Session::in_era(twins(&sim, more), era);
        for method in ["resources/list", "prompts/list", "tools/list"] {
            let error = session.request(method, json!({})).unwrap().unwrap_err();
            assert!(error.message.contains(part), "{error:?}");
        }
        session.end();
    }
    let mended = twins(&sim, "prefix = \"twin_\"\nresources = []\n");
    let mut session = Session::in_era(mended, era);
    let prompts = session.list("prompts/list").unwrap();
    assert_eq!(
        each(&prompts, "name"),
        ["library_tour", "twin_library_tour"]
    );
    assert_eq!(session.list("resources/list").unwrap().len(), 4);
    session.end();
}
