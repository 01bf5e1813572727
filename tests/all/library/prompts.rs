//! Prompts and completion: checked before the guest is entered, and silent where a person only types.

use bulkhead_tests::mcp_client::Era;
use rstest::rstest;
use serde_json::{Value, json};

use super::{config, fails, session};
use crate::{session::Session, sim::Sim};

#[rstest]
fn a_prompt_is_filled_in(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let arguments = json!({ "pod": "till", "about": "logs" });
    let tour = session
        .get_prompt("library_tour", arguments)
        .unwrap()
        .unwrap();
    assert_eq!(tour["description"], "Leads through a pod.");
    let messages = tour["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| &message["role"]).collect();
    assert_eq!(roles, ["user", "user", "assistant"]);
    let text = messages[0]["content"]["text"].as_str().unwrap();
    assert!(
        text.starts_with("Show me logs of library://pods/till"),
        "{text}"
    );
    let embedded = &messages[1]["content"]["resource"];
    assert_eq!(embedded["uri"], "library://leaking");
    session.end();
}

#[rstest]
#[case::missing("library_tour", json!({ "about": "logs" }), &["`pod` is missing"])]
#[case::unknown("library_tour", json!({ "pod": "x", "topic": "y" }), &["`topic` is unknown"])]
#[case::no_text("library_tour", json!({ "pod": 1 }), &["`pod` is no text", "`pod` is missing"])]
#[case::no_prompt("tour", json!({ "pod": "x" }), &["there is no prompt `tour`", "prompts/list"])]
#[case::another_prefix("lib_library_tour", json!({ "pod": "x" }), &["there is no prompt"])]
fn what_is_wrong_with_a_prompt_is_named(
    #[case] name: &str,
    #[case] arguments: Value,
    #[case] parts: &[&str],
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let answer = session.get_prompt(name, arguments).unwrap();
    fails(answer, -32602, "invalid", parts);
    session.end();
}

#[rstest]
fn names_are_completed_from_what_was_typed(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let typed = |session: &mut Session, value: &str| {
        let answer = session.complete_template("library://pods/{name}", "name", value);
        answer.unwrap().unwrap()["completion"].clone()
    };
    assert_eq!(
        typed(&mut session, ""),
        json!({ "values": ["oven", "till"], "total": 2, "hasMore": false })
    );
    assert_eq!(typed(&mut session, "t")["values"], json!(["till"]));
    let of_prompt = session.complete_prompt("library_tour", "pod", "o");
    assert_eq!(
        of_prompt.unwrap().unwrap()["completion"]["values"],
        json!(["oven"])
    );
    // It has no completion.
    let none = session.complete_prompt("library_tour", "about", "");
    assert_eq!(none.unwrap().unwrap()["completion"]["values"], json!([]));
    session.end();
}

#[rstest]
#[case::one(json!({ "namespace": "shop" }), "shop/-/-")]
#[case::none(json!({}), "-/-/-")]
#[case::empty(json!({ "namespace": "" }), "-/-/-")]
#[case::not_its_own(json!({ "name": "till", "other": "x" }), "-/-/-")]
fn a_plugin_is_told_what_was_filled_in_before_of_the_variables_that_there_are(
    #[case] before: Value,
    #[case] told: &str,
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let of = json!({ "type": "ref/resource", "uri": "library://{namespace}/{name}" });
    let answer = session.complete(&of, ("name", "o"), &before);
    assert_eq!(
        answer.unwrap().unwrap()["completion"]["values"],
        json!([format!("o{told}")])
    );
    session.end();
}

#[rstest]
fn completion_of_what_is_not_there_is_an_error_that_names_it(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = session(&sim, era);
    let pods = "library://pods/{name}";
    for (answer, part) in [
        (
            session.complete_prompt("tour", "pod", ""),
            "there is no prompt `tour`",
        ),
        (
            session.complete_prompt("library_tour", "name", ""),
            "has no argument `name`",
        ),
        (
            session.complete_template("library://pods", "name", ""),
            "there is no resource template",
        ),
        (
            session.complete_template(pods, "namespace", ""),
            "has no argument `namespace`",
        ),
    ] {
        fails(answer.unwrap(), -32602, "invalid", &[part]);
    }
    assert_eq!(sim.server.requests(), []);
    session.end();
}

#[rstest]
fn a_completion_that_is_denied_is_empty_and_the_operator_is_told(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = Session::in_era(config(&sim, ""), era);
    let answer = session.complete_prompt("library_tour", "pod", "");
    assert_eq!(
        answer.unwrap().unwrap()["completion"],
        json!({ "values": [], "total": 0, "hasMore": false })
    );
    for part in ["completion/complete", "denied", "resources = [\"pods\"]"] {
        session.waits_for_log(part, 1);
    }
    session.end();
}
