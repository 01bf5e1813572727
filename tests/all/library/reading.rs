//! Reading: what comes, what is refused, and what does not get out.

use bulkhead_tests::{host_config::HostConfig, mcp_client::Era};
use rstest::rstest;
use serde_json::{Value, json};

use super::{CREDENTIAL, PODS_OF_SHOP, config, fails, not_found, read, session, text_of};
use crate::{
    session::{Ran, Session, bulkhead},
    sim::Sim,
};

#[rstest]
fn a_resource_is_read_by_its_uri_and_by_what_a_template_becomes(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let pods: Value = serde_json::from_str(&text_of(&mut session, "library://pods")).unwrap();
    assert_eq!(
        pods,
        json!({ "namespace": "shop", "pods": ["oven", "till"] })
    );
    for uri in ["library://pods/till", "library://shop/till"] {
        let till: Value = serde_json::from_str(&text_of(&mut session, uri)).unwrap();
        assert_eq!(till["phase"], "Running", "{uri}");
    }
    let result = read(&mut session, "library://pods").unwrap();
    assert_eq!(result["contents"][0]["mimeType"], "application/json");
    session.end();
}

#[rstest]
#[case::unknown("library://nothing-like-it")]
#[case::of_nobody("museum://pods")]
#[case::relative("pods")]
#[case::empty("")]
#[case::the_template_itself("library://pods/{name}")]
#[case::odd("library://pods/a b\u{1b}[2J")]
fn a_uri_that_nothing_has_is_mcps_own_error(
    #[case] uri: &str,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let answer = read(&mut session, uri);
    let error = fails(
        answer,
        not_found(era),
        "not-found",
        &["there is no resource", "next: ", "resources/list"],
    );
    assert!(!error.message.contains('\u{1b}'), "{error:?}");
    assert_eq!(sim.server.requests(), []);
    session.end();
}

#[rstest]
fn an_object_that_is_not_there_is_mcps_own_error_too(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let answer = read(&mut session, "library://pods/ghost");
    fails(answer, not_found(era), "not-found", &["ghost"]);
    session.end();
}

#[rstest]
fn what_no_grant_covers_is_denied_and_the_operator_is_told_which(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let answer = read(&mut session, "library://vault/guard");
    let error = fails(
        answer,
        -32603,
        "denied",
        &["plugin `library`", "next: ", "tell the person"],
    );
    assert!(!error.message.contains("[[plugins"), "{error:?}");
    session.waits_for_log("namespaces = [\"vault\"]", 1);
    assert_eq!(sim.requests_to("/guard").len(), 0);
    let denials = Ran::command("denials", &session.end());
    for part in ["library", "resources/read", "namespaces = [\"vault\"]"] {
        assert!(denials.stdout.contains(part), "no `{part}` in {denials:?}");
    }
}

#[test]
fn each_question_is_a_record_of_the_audit_by_its_method() {
    let sim = Sim::small();
    let mut session = session(&sim, Era::LEGACY);
    read(&mut session, "library://pods/till").unwrap();
    let tour = json!({ "pod": "till", "about": "token ghp_16C7e42F292c6912E7710c838347Ae178B4a" });
    session.get_prompt("library_tour", tour).unwrap().unwrap();
    session
        .complete_prompt("library_tour", "pod", "t")
        .unwrap()
        .unwrap();
    let config = session.end();
    let records = audit(&config);
    let of = |method: &str| -> Value {
        let found = records.iter().find(|record| record["tool"] == method);
        found
            .unwrap_or_else(|| panic!("no {method} in {records:?}"))
            .clone()
    };
    let read = of("resources/read");
    assert_eq!(read["arguments"], json!({ "uri": "library://pods/till" }));
    assert_eq!(read["outcome"], "ok");
    let prompt = of("prompts/get");
    assert_eq!(prompt["arguments"]["name"], "library_tour");
    assert!(!prompt.to_string().contains(CREDENTIAL), "{prompt}");
    let completion = of("completion/complete");
    assert_eq!(completion["arguments"]["value"], "t");
}

pub(super) fn audit(config: &HostConfig) -> Vec<Value> {
    let mut command = bulkhead(config.folder());
    command
        .args(["audit", "list", "--json", "--config"])
        .arg(config.path());
    let ran = Ran::of(&mut command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let records = ran.stdout.lines();
    records
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[rstest]
fn a_resource_that_is_too_large_or_traps_fails_alone(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let large = read(&mut session, "library://too-large");
    fails(
        large,
        -32603,
        "limit",
        &["2097", "32768", "`limits.output`"],
    );
    let trapped = read(&mut session, "library://trapping");
    fails(trapped, -32603, "plugin", &["trapped", "tell its author"]);
    session.lives_on();
    read(&mut session, "library://pods").unwrap();
    session.end();
}

#[rstest]
fn what_looks_like_a_credential_is_masked_in_contents_and_prompts(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let text = text_of(&mut session, "library://leaking");
    assert_eq!(text, "# Found\n\nthe token is <redacted>");
    let tour = session
        .get_prompt("library_tour", json!({ "pod": "till" }))
        .unwrap()
        .unwrap();
    assert_eq!(tour.to_string().matches("<redacted>").count(), 2, "{tour}");
    let (client, _config) = session.into_parts();
    for bytes in [client.received(), &client.stderr()] {
        let line = bytes.lines().find(|line| line.contains(CREDENTIAL));
        assert_eq!(line, None);
    }
}

#[test]
fn the_namespace_may_come_from_a_variable_that_the_operator_names() {
    let sim = Sim::small();
    let from_environment =
        "[plugins.library.settings_from_environment]\nnamespace = \"LIBRARY_NAMESPACE\"\n";
    let grants = PODS_OF_SHOP.split("[[").nth(1).unwrap();
    let more = format!("{from_environment}[[{grants}");
    for (variable, namespace) in [("LIBRARY_NAMESPACE", "shop"), ("ANOTHER", "default")] {
        let variables = [(variable, "shop")];
        let config = config(&sim, &more);
        let mut session = Session::silent_with(config, Era::LEGACY, &[], &variables);
        session.handshake().unwrap();
        let answer = read(&mut session, "library://pods");
        match namespace {
            "shop" => assert!(answer.unwrap().to_string().contains("till")),
            _ => drop(fails(answer, -32603, "denied", &["namespace `default`"])),
        }
        session.end();
    }
}
