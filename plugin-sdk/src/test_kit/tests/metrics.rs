use super::{Seen, Where};
use crate::prometheus::{self, Range, Request, vector};
use crate::test_kit::Kit;
use crate::{Failure, Plugin, Tool, Want};
use serde_json::json;

fn up(of: Where) -> Result<Seen, Failure> {
    let namespace = prometheus::quoted(&of.namespace);
    let metrics = prometheus::query(&format!("up{{namespace={namespace}}}"))?;
    let series = metrics.series.iter();
    let lines = series.map(|one| format!("{}={:?}", one.label("pod"), one.number()));
    Ok(Seen {
        value: json!(lines.collect::<Vec<_>>()),
    })
}

fn flood(_: Where) -> Result<Seen, Failure> {
    let range = Range {
        start_seconds: 0,
        end_seconds: 60,
        step_seconds: 60,
    };
    let requests = vec![Request::over("up", range); 60];
    let answers = prometheus::query_many(&requests)?;
    Ok(Seen {
        value: answers.len().into(),
    })
}

fn describe() -> Plugin {
    unwanted().wants(Want::prometheus("To test."))
}

fn unwanted() -> Plugin {
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .tool(Tool::read("up", "Says which pods are up.", up))
        .tool(Tool::read("flood", "Asks much.", flood))
}

const UP: &str = r#"up{namespace="shop"}"#;

fn with_a_pod() -> Kit {
    let labels = json!({"pod": "web-0", "token": "correct-horse"});
    Kit::from_manifests("").prometheus(UP, vector(&[(labels, "1")]))
}

#[test]
fn what_prometheus_knows_reaches_a_plugin_that_wants_it_and_may_ask() {
    let test = with_a_pod().run(describe);
    let seen = |namespace: &str| {
        let answer = test.call("up", json!({ "namespace": namespace }));
        answer.expect("it may ask").structured
    };
    assert_eq!(seen("shop"), Some(json!({ "value": ["web-0=Some(1)"] })));
    // Nobody told it of that one.
    assert_eq!(seen("bank"), Some(json!({ "value": [] })));
    let asked = test.prometheus().asked();
    assert_eq!(asked[0].path, "/api/v1/query");
    assert_eq!(asked[0].parameter("query"), Some(UP));
}

#[test]
fn prometheus_hears_nothing_of_a_plugin_that_may_not_ask_it() {
    let not_granted = Kit::from_manifests("")
        .prometheus_for_others()
        .run(describe);
    let not_wanted = with_a_pod().run(unwanted);
    for (test, because) in [
        (not_granted, "configuration does not allow it"),
        (not_wanted, "manifest does not ask for it"),
    ] {
        let failure = test.call("up", json!({ "namespace": "shop" }));
        let failure = failure.expect_err("it may not ask");
        assert!(
            matches!(&failure, Failure::Denied(words) if words.contains(because)),
            "{failure}"
        );
        assert_eq!(test.prometheus().asked(), []);
    }
}

#[test]
fn where_no_prometheus_is_configured_a_plugin_can_tell() {
    let test = Kit::from_manifests("").run(describe);
    let failure = test.call("up", json!({ "namespace": "shop" }));
    let failure = failure.expect_err("there is none");
    assert!(
        matches!(&failure, Failure::NotFound(words) if words.contains("no Prometheus is configured")),
        "{failure}"
    );
}

#[test]
fn an_expression_that_is_wrong_comes_back_in_prometheus_own_words() {
    let test = with_a_pod().run(describe);
    let words = r#"{"status": "error", "errorType": "bad_data", "error": "1:3: parse error"}"#;
    test.prometheus().answer_raw(UP, 400, words);
    let failure = test.call("up", json!({ "namespace": "shop" }));
    let failure = failure.expect_err("it is wrong");
    assert!(
        matches!(&failure, Failure::Invalid(words) if words.contains("1:3: parse error")),
        "{failure}"
    );
}

#[test]
fn each_question_is_a_host_call_and_each_answer_counts_as_bytes() {
    let test = with_a_pod().run(describe);
    // More than one host call may ask, and fewer than the plugin may make.
    let answer = test.call("flood", json!({ "namespace": "" }));
    assert_eq!(
        answer.expect("60 of 200").structured,
        Some(json!({ "value": 60 }))
    );
    assert_eq!(test.prometheus().asked().len(), 60);

    let test = with_a_pod().limits("host_calls = 59").run(describe);
    let failure = test.call("flood", json!({ "namespace": "" }));
    assert!(
        matches!(&failure, Err(Failure::Limit(words)) if words.contains("host calls")),
        "{failure:?}"
    );
    assert_eq!(test.prometheus().asked().len(), 59);

    let test = with_a_pod().limits("crossing = '64KiB'").run(describe);
    let long = json!({"resultType": "string", "result": [0, "x ".repeat(40_000)]});
    test.prometheus().answer(UP, long);
    let failure = test.call("up", json!({ "namespace": "shop" }));
    assert!(
        matches!(&failure, Err(Failure::Limit(words)) if words.contains("cross into the plugin")),
        "{failure:?}"
    );
}
