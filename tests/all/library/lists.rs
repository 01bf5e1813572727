//! What is listed, in which order, page by page.

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::json;

use super::{each, session};
use crate::{session::Session, sim::Sim};

#[rstest]
fn everything_is_listed_by_uri_or_by_name(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let resources = session.list("resources/list").unwrap();
    assert_eq!(
        each(&resources, "uri"),
        [
            "library://leaking",
            "library://pods",
            "library://too-large",
            "library://trapping"
        ]
    );
    assert_eq!(resources[1]["name"], "pods");
    assert_eq!(resources[1]["title"], "Pods");
    assert_eq!(resources[0]["mimeType"], "text/markdown");
    let templates = session.list("resources/templates/list").unwrap();
    assert_eq!(
        each(&templates, "uriTemplate"),
        ["library://pods/{name}", "library://{namespace}/{name}"]
    );
    let prompts = session.list("prompts/list").unwrap();
    assert_eq!(each(&prompts, "name"), ["library_tour"]);
    let arguments = prompts[0]["arguments"].as_array().unwrap();
    assert_eq!(each(arguments, "name"), ["pod", "about"]);
    assert_eq!(
        (&arguments[0]["required"], &arguments[1]["required"]),
        (&json!(true), &json!(false))
    );
    // Nothing of it needs the cluster.
    assert_eq!(sim.server.requests(), []);
    session.end();
}

#[rstest]
fn the_handshake_promises_lists_that_change_and_no_subscriptions(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let session = session(&sim, era);
    let capabilities = &session.server()["capabilities"];
    let changes = json!({ "listChanged": true });
    for list in ["tools", "resources", "prompts"] {
        assert_eq!(capabilities[list], changes, "{capabilities}");
    }
    assert_eq!(capabilities["completions"], json!({}), "{capabilities}");
    session.end();
}

#[test]
fn only_the_stateless_era_is_told_how_long_a_list_may_be_kept() {
    let sim = Sim::small();
    for era in [Era::LEGACY, Era::MODERN] {
        let mut session = session(&sim, era);
        for list in [
            "tools/list",
            "resources/list",
            "resources/templates/list",
            "prompts/list",
        ] {
            let answer = session.request(list, json!({})).unwrap().unwrap();
            let kept = (&answer["ttlMs"], &answer["cacheScope"]);
            match era {
                Era::Handshake(_) => assert_eq!(kept, (&json!(null), &json!(null)), "{list}"),
                Era::Stateless => assert_eq!(kept, (&json!(300_000), &json!("private")), "{list}"),
            }
        }
    }
}

/// One component under many keys: more tools than a page has.
fn many_tools(sim: &Sim) -> HostConfig {
    let plugin = |n: usize| {
        let table = plugin_table(&format!("p{n}"), &built::plugin("generic")).unwrap();
        format!("{table}prefix = \"p{n}_\"\n")
    };
    let plugins: String = (0..10).map(plugin).collect();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    HostConfig::with_text(&format!("{cluster}{plugins}")).unwrap()
}

#[rstest]
fn a_long_list_comes_in_pages_that_repeat_and_skip_nothing(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = Session::in_era(many_tools(&sim), era);
    let pages = session.pages("tools/list").unwrap();
    let sizes: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes[0], 100);
    assert_eq!(sizes.len(), 2, "{sizes:?}");
    let all = pages.concat();
    let names = each(&all, "name");
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    for n in 0..10 {
        for tool in ["k8s_get", "ping"] {
            assert!(names.contains(&format!("p{n}_{tool}").as_str()));
        }
    }
    assert_eq!(session.pages("tools/list").unwrap(), pages);
    session.end();
}

#[rstest]
fn a_cursor_that_is_none_of_this_list_is_refused(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = Session::in_era(many_tools(&sim), era);
    let first = session.request("tools/list", json!({})).unwrap().unwrap();
    let of_tools = first["nextCursor"].as_str().unwrap();
    let wrong = [
        ("tools/list", "2"),
        ("tools/list", ""),
        ("tools/list", "p1_ping"),
        ("prompts/list", of_tools),
        ("resources/list", of_tools),
        ("resources/templates/list", of_tools),
    ];
    for (list, cursor) in wrong {
        let answer = session.request(list, json!({ "cursor": cursor })).unwrap();
        let error = answer.unwrap_err();
        assert_eq!(error.code, -32602, "{list} {cursor}: {error:?}");
        assert!(error.message.contains("`nextCursor`"), "{error:?}");
    }
    session.end();
}
