//! What the API server answers instead of what was asked for.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread,
};

use bulkhead_simcluster::{Cluster, Denial, Fault};
use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::json;

use crate::{
    session::{Session, generic, generic_on},
    sim::{Sim, pod},
};

const ONE_RETRY: &str = "retries = 1\n";

const fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        retry_after: None,
    }
}

/// `tries` is how often a request with such an answer is sent.
#[rstest]
#[case::unauthorized(status(401), 1, "upstream", &["log in again", "`bulkhead doctor`"])]
#[case::forbidden(status(403), 1, "denied", &["the API server's own RBAC", "tell the person"])]
#[case::not_found(status(404), 1, "not-found", &["list what there is first"])]
#[case::conflict(status(409), 1, "conflict", &["read the object again"])]
#[case::gone(status(410), 1, "conflict", &["start the list again without one"])]
#[case::too_many(status(429), 2, "upstream", &["busy", "ask for less"])]
#[case::internal(status(500), 1, "upstream", &["failed to answer `/api/v1/namespaces/shop/pods`", "administrator"])]
#[case::unavailable(status(503), 2, "upstream", &["failed to answer", "try again"])]
#[case::not_json(Fault::NotJson, 1, "upstream", &["no Kubernetes answer", "<html>", "login page"])]
#[case::cut(Fault::CutInTheMiddle, 2, "upstream", &["broke off its answer"])]
fn a_bad_answer_is_a_failure_with_a_next_step(
    #[case] fault: Fault,
    #[case] tries: usize,
    #[case] kind: &str,
    #[case] parts: &[&str],
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = Sim::small();
    let mut session = Session::in_era(generic_on(&sim, ONE_RETRY), era);
    sim.server.fail("/pods", tries, fault);
    session.pods().fails(kind, parts);
    assert_eq!(sim.requests_to("/pods").len(), tries);
    session.lives_on();
    session.pods().succeeds(&["till"]);
}

#[test]
fn an_answer_that_does_not_come_is_given_up() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, "request_timeout = \"1s\"\n"));
    sim.server.fail("/pods", 1, Fault::Hang);
    session.pods().fails(
        "upstream",
        &["did not answer within 1 s", "`cluster.request_timeout`"],
    );
    session.pods().succeeds(&["till"]);
}

#[rstest]
#[case::too_many(status(429))]
#[case::unavailable(status(503))]
#[case::cut(Fault::CutInTheMiddle)]
fn a_get_is_tried_again_and_succeeds(#[case] fault: Fault) {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    sim.server.fail("/pods/till", 2, fault);
    session
        .call(
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "till" }),
        )
        .succeeds(&["registry.example/till:1"]);
    assert_eq!(sim.requests_to("/pods/till").len(), 3);
}

/// Told to come back in 5 s, a call that has 3 s does not ask again; without obeying, it would after 100 ms, and succeed.
#[test]
fn a_busy_server_is_not_asked_again_before_it_wants_to_be() {
    let sim = Sim::small();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let limits = "[plugins.generic.limits]\nwall = \"3s\"\n";
    let mut session =
        Session::start(HostConfig::with_text(&format!("{cluster}{}{limits}", generic())).unwrap());
    session.pods().succeeds(&[]);
    sim.server.fail(
        "/pods/till",
        1,
        Fault::Status {
            code: 429,
            retry_after: Some(5),
        },
    );
    session
        .call(
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "till" }),
        )
        .fails("limit", &["wall time"]);
    assert_eq!(sim.requests_to("/pods/till").len(), 1);
    session.lives_on();
}

#[test]
fn what_rbac_forbids_says_who_may_not_do_what() {
    let sim = Sim::small();
    sim.server.change(|cluster| {
        cluster.deny(Denial {
            verb: "list".into(),
            group: String::new(),
            resource: "pods".into(),
            namespace: Some("shop".into()),
        });
    });
    let mut session = Session::start(generic_on(&sim, ""));
    session.pods().fails(
        "denied",
        &[
            "sim:admin",
            "cannot list resource",
            "the API server's own RBAC",
        ],
    );
    session
        .call(
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "till" }),
        )
        .succeeds(&["till"]);
}

#[test]
fn what_is_not_there_says_how_to_find_what_is() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    session
        .call(
            "k8s_get",
            json!({ "kind": "pod", "namespace": "shop", "name": "bell" }),
        )
        .fails("not-found", &["`bell`", "namespace `shop`", "next: "]);
    session
        .call("k8s_list", json!({ "kind": "backups" }))
        .fails("not-found", &["no type called `backups`", "next: "]);
    session
        .call(
            "k8s_pod_logs",
            json!({ "namespace": "shop", "name": "bell" }),
        )
        .fails("not-found", &["bell", "next: "]);
}

#[test]
fn a_continue_token_that_is_too_old_says_to_begin_again() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    let page = session
        .call(
            "k8s_list",
            json!({ "kind": "pods", "namespace": "shop", "limit": 1 }),
        )
        .succeeds(&["continue="]);
    let token = page
        .text
        .split("continue=")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    let second = json!({ "kind": "pods", "namespace": "shop", "limit": 1, "continue": token });
    session.call("k8s_list", second.clone()).succeeds(&["till"]);
    sim.server.change(Cluster::compact);
    session
        .call("k8s_list", second)
        .fails("conflict", &["start the list again without one"]);
    session.pods().succeeds(&["till"]);
}

#[test]
fn a_page_of_twenty_thousand_objects_is_asked_for_as_a_page() {
    let mut cluster = Cluster::new();
    for index in 0..20_000 {
        cluster
            .insert(pod("shop", &format!("pod-{index:05}"), "many"))
            .unwrap();
    }
    let sim = Sim::start(cluster);
    let mut session = Session::start(generic_on(&sim, ""));
    let first = session
        .pods()
        .succeeds(&["20000 pods", "pod-00000", "continue="]);
    let limits = |from: usize| -> Vec<usize> {
        let limit = |query: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix("limit=")?.parse().ok())
        };
        let requests = sim.requests_to("/pods");
        requests[from..]
            .iter()
            .map(|request| {
                limit(&request.query)
                    .unwrap_or_else(|| panic!("a list without a limit: {request:?}"))
            })
            .collect()
    };
    // The totals need all of them, 500 at a time; the page itself is one request.
    let asked = limits(0);
    assert_eq!(
        asked.iter().filter(|limit| **limit == 50).count(),
        1,
        "{asked:?}"
    );
    assert!(asked.iter().all(|limit| *limit <= 500), "{asked:?}");
    let token = first
        .text
        .split("continue=")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    session
        .call(
            "k8s_list",
            json!({ "kind": "pods", "namespace": "shop", "continue": token }),
        )
        .succeeds(&["pod-00050"]);
    assert_eq!(limits(asked.len()), [50]);
}

#[test]
fn what_a_broken_server_says_is_cleaned_before_it_is_shown() {
    let body = r#"{"kind":"Status","message":"admission failed: password=tr0ub4dor-and-3 at https://ada:l0velace-42@hook.example"}"#;
    let url = server_that_says("500 Internal Server Error", body);
    let sim = Sim::start(Cluster::new());
    let kubeconfig = std::fs::read_to_string(sim.kubeconfig()).unwrap();
    std::fs::write(
        sim.kubeconfig(),
        kubeconfig.replace(&sim.server.url(), &url),
    )
    .unwrap();
    let mut session = Session::start(generic_on(&sim, ""));
    session.pods().fails("upstream", &["admission failed"]);
    session.lives_on();
    for secret in ["tr0ub4dor", "l0velace"] {
        assert!(
            !session.received().contains(secret),
            "{}",
            session.received()
        );
        assert!(!session.stderr().contains(secret), "{}", session.stderr());
    }
}

/// A server with one answer, for as long as the test process lives.
fn server_that_says(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Up to the empty line: a GET has no body.
            BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .for_each(drop);
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    url
}
