//! The backend against a Prometheus on loopback: what is asked, and what each of its answers means.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bulkhead_simcluster as simcluster;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Prometheus, Question, Range};
use crate::call::{Actor, Begun, Budget, Call, Covered, Deadline, Denials, Effect, Origin};
use crate::clean;
use crate::config::{Environment, PrometheusConfig, Proxies};
use crate::failure::{Failure, Kind};
use crate::gate::Gate;

fn call() -> Call {
    Call {
        id: 1,
        plugin: "p".into(),
        tool: "t".into(),
        effect: Effect::Read,
        deadline: Deadline::within(Duration::from_secs(60)),
        cancelled: CancellationToken::new(),
        budget: Budget::new(10, 1 << 20),
        progress: None,
        ask: None,
        origin: Origin::default(),
        actor: Actor::default(),
        denials: Denials::default(),
        covered: Covered::default(),
        begun: Begun::default(),
    }
}

fn of(url: &str, token: Option<PathBuf>) -> Prometheus {
    let config = PrometheusConfig {
        url: url.parse().unwrap(),
        bearer_token_file: token,
        ca_file: None,
        timeout: Duration::from_secs(30),
    };
    Prometheus::new(config, &Environment::default())
}

fn now(expression: &str) -> Question {
    Question {
        expression: expression.to_owned(),
        range: None,
    }
}

/// Asks as a plugin that may, and cleans what comes.
async fn ask(prometheus: &Prometheus, question: &Question) -> Result<clean::Metrics, Failure> {
    let call = call();
    let gate = Gate::new("p", Vec::new(), Vec::new()).with_prometheus(true, true);
    let permit = gate.check_prometheus(&call).unwrap();
    let raw = prometheus.ask(permit, &call, question).await?;
    Ok(clean::metrics(raw).into_inner())
}

async fn failure(server: &simcluster::Prometheus, expression: &str) -> Failure {
    let asked = ask(&of(&server.url(), None), &now(expression)).await;
    asked.expect_err("it cannot be answered")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_is_asked_for_now_and_over_a_range_below_the_path_of_the_url() {
    let server = simcluster::Prometheus::start().await.unwrap();
    server.answer(
        "up{job=\"a b\"} > 0",
        json!({"resultType": "vector", "result": [{"metric": {"pod": "a"}, "value": [1.5, "NaN"]}]}),
    );
    let prometheus = of(&format!("{}/team/", server.url()), None);
    let metrics = ask(&prometheus, &now("up{job=\"a b\"} > 0")).await.unwrap();
    assert_eq!(metrics.data["result"][0]["value"], json!([1.5, "NaN"]));
    drop(metrics);
    let range = Some(Range {
        start: 1000,
        end: 4600,
        step: 60,
    });
    let unknown = Question {
        range,
        ..now("nobody_knows")
    };
    let metrics = ask(&prometheus, &unknown).await.unwrap();
    assert_eq!(metrics.data, json!({"resultType": "matrix", "result": []}));
    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/team/api/v1/query", "/team/api/v1/query_range"]);
    assert_eq!(asked[0].parameter("query"), Some("up{job=\"a b\"} > 0"));
    assert_eq!(asked[0].parameter("timeout"), Some("30000ms"));
    assert_eq!(asked[0].parameter("start"), None);
    assert_eq!(asked[1].parameter("start"), Some("1000"));
    assert_eq!(asked[1].parameter("end"), Some("4600"));
    assert_eq!(asked[1].parameter("step"), Some("60"));
    assert_eq!(asked[0].authorization, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_in_a_label_or_a_warning_is_masked_and_a_sample_is_not() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let body = json!({
        "status": "success",
        "data": {"resultType": "vector", "result": [{
            "metric": {"__name__": "up", "pod": "web-0", "password": "correct-horse", "url": "https://ada:swordfish@db/x"},
            "value": [1_700_000_000, "1073741824"],
        }]},
        "warnings": ["remote read from https://ada:swordfish@thanos failed"],
    });
    server.answer_raw("up", 200, &body.to_string());
    let metrics = ask(&of(&server.url(), None), &now("up")).await.unwrap();
    let said = format!("{} {:?}", metrics.data, metrics.warnings);
    assert!(
        !said.contains("correct-horse") && !said.contains("swordfish"),
        "{said}"
    );
    let series = &metrics.data["result"][0];
    assert_eq!(series["metric"]["pod"], "web-0");
    assert_eq!(series["value"], json!([1_700_000_000, "1073741824"]));
    assert!(metrics.warnings[0].contains("failed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_sent_from_its_file_and_one_that_is_not_taken_is_the_operators_to_mend() {
    let server = simcluster::Prometheus::start().await.unwrap();
    server.require_token("let-me-in");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"let-me-in\n").unwrap();
    let prometheus = of(&server.url(), Some(file.path().to_owned()));
    ask(&prometheus, &now("up")).await.unwrap();
    std::fs::write(file.path(), "another").unwrap();
    let refused = ask(&prometheus, &now("up")).await.unwrap_err();
    assert!(refused.text().contains("credentials"), "{refused}");
    let refused = failure(&server, "up").await;
    assert_eq!(refused.kind, Kind::Upstream);
    assert!(refused.text().contains("`bearer_token_file`"), "{refused}");
    std::fs::write(file.path(), "two\nlines").unwrap();
    let mut endless = tempfile::NamedTempFile::new().unwrap();
    endless.write_all(&[b'x'; 64 * 1024 + 1]).unwrap();
    for file in [file.path(), endless.path(), Path::new("/nowhere/token")] {
        let file = file.to_owned();
        let unusable = ask(&of(&server.url(), Some(file)), &now("up")).await;
        let unusable = unusable.unwrap_err();
        assert_eq!(unusable.kind, Kind::Upstream);
        assert!(
            unusable.text().contains("`bearer_token_file`"),
            "{unusable}"
        );
    }
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_that_prometheus_cannot_evaluate_is_invalid_in_its_own_words() {
    let server = simcluster::Prometheus::start().await.unwrap();
    for (status, error_type) in [(400, "bad_data"), (422, "execution")] {
        let words = "invalid parameter \"query\": 1:4: parse error: unexpected end of input";
        let body = json!({"status": "error", "errorType": error_type, "error": words});
        server.answer_raw("up{", status, &body.to_string());
        let refused = failure(&server, "up{").await;
        assert_eq!(refused.kind, Kind::Invalid);
        assert!(
            refused.text().contains("1:4: parse error"),
            "{}",
            refused.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_says_whose_it_is() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let error = |kind: &str, words: &str| {
        json!({"status": "error", "errorType": kind, "error": words}).to_string()
    };
    let cases: [(u16, String, Kind, &str); 8] = [
        (
            503,
            error("timeout", "query timed out"),
            Kind::Limit,
            "query timed out",
        ),
        (
            500,
            error("internal", "disk full"),
            Kind::Upstream,
            "HTTP status 500: disk full",
        ),
        (
            502,
            "<html>bad gateway</html>".to_owned(),
            Kind::Upstream,
            "HTTP status 502",
        ),
        (403, "no".to_owned(), Kind::Denied, "forbids"),
        (
            404,
            "404 page not found".to_owned(),
            Kind::Upstream,
            "`404 page not found`",
        ),
        (302, String::new(), Kind::Upstream, "no Prometheus"),
        (
            200,
            "<html>Please sign in.</html>".to_owned(),
            Kind::Upstream,
            "`<html>Please sign in.</html>`",
        ),
        (
            200,
            json!({"status": "success"}).to_string(),
            Kind::Upstream,
            "no Prometheus",
        ),
    ];
    for (status, body, kind, words) in cases {
        server.answer_raw("up", status, &body);
        let failed = failure(&server, "up").await;
        assert_eq!(failed.kind, kind, "{status}: {}", failed.text());
        assert!(failed.text().contains(words), "{status}: {}", failed.text());
        assert!(failed.fix.is_some(), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_before_prometheus_tells_no_secret_in_a_failure() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let body =
        json!({"status": "error", "errorType": "internal", "error": "password=swordfish rejected"});
    server.answer_raw("up", 500, &body.to_string());
    server.answer_raw("down", 404, "token: swordfish");
    for expression in ["up", "down"] {
        let failed = failure(&server, expression).await.text();
        assert!(!failed.contains("swordfish"), "{failed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let long: Value = "x".repeat(5 << 20).into();
    server.answer("up", json!({"resultType": "string", "result": [1, long]}));
    let failed = failure(&server, "up").await;
    assert_eq!(failed.kind, Kind::Limit);
    assert!(failed.text().contains("4 MiB"), "{}", failed.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_answers_or_listens_the_failure_names_the_address() {
    let server = simcluster::Prometheus::start().await.unwrap();
    server.hang("up");
    let mut hurried = of(&server.url(), None);
    hurried.config.timeout = Duration::from_millis(50);
    let failed = ask(&hurried, &now("up")).await.unwrap_err();
    assert_eq!(failed.kind, Kind::Upstream);
    assert!(
        failed.text().contains("did not answer within 50ms"),
        "{}",
        failed.text()
    );
    // Port 1 is nobody's.
    let failed = ask(&of("http://127.0.0.1:1", None), &now("up"))
        .await
        .unwrap_err();
    assert_eq!(failed.kind, Kind::Upstream);
    assert!(
        failed.text().contains("`http://127.0.0.1:1/`"),
        "{}",
        failed.text()
    );
}

/// Where nobody is: port 1 is nobody's, and a request that went through it would fail.
#[tokio::test(flavor = "multi_thread")]
async fn what_runs_on_this_machine_is_asked_without_a_proxy() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let through = |proxy: &str, url: &str| {
        let environment = Environment {
            proxies: Proxies {
                http: Some(proxy.to_owned()),
                https: Some(proxy.to_owned()),
                no_proxy: None,
            },
            ..Environment::default()
        };
        Prometheus::new(of(url, None).config, &environment)
    };
    let here = through("http://127.0.0.1:1", &server.url());
    ask(&here, &now("up")).await.unwrap();
    assert_eq!(server.asked().len(), 1);
    // Beyond this machine the proxy counts; this one makes no tunnels.
    let beyond = through(&server.url(), "http://prometheus.invalid");
    let failed = ask(&beyond, &now("up")).await.unwrap_err();
    assert!(failed.text().contains("tunnel"), "{}", failed.text());
}

/// So that the memory that answers take as values is that of one, however many calls ask.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_the_only_turn_while_it_lives() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let prometheus = of(&server.url(), None);
    let answer = ask(&prometheus, &now("up")).await.unwrap();
    assert_eq!(prometheus.turn.available_permits(), 0);
    drop(answer);
    assert_eq!(prometheus.turn.available_permits(), 1);
    ask(&prometheus, &now("up")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_learns_how_many_targets_are_up() {
    let server = simcluster::Prometheus::start().await.unwrap();
    let prometheus = of(&server.url(), None);
    assert_eq!(prometheus.targets().await.unwrap(), None);
    let sum = json!([{"metric": {}, "value": [1, "12"]}]);
    server.answer("sum(up)", json!({"resultType": "vector", "result": sum}));
    assert_eq!(prometheus.targets().await.unwrap().as_deref(), Some("12"));
}
