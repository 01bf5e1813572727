//! Reading, and the refusals that are simcluster's own.

use std::fs;

use bulkhead_simcluster::{Cluster, Denial, Server};
use bulkhead_tests::api_suite::Api as _;
use serde_json::{Value, json};

use crate::client::Client;

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "a"}, "spec": {"containers": [{"name": "main", "image": "x"}]}})
}

fn cluster(pods: &[&str]) -> Cluster {
    let mut cluster = Cluster::new();
    for name in pods {
        cluster.insert(pod(name)).expect("a pod is a usable object");
    }
    cluster
}

async fn serve(cluster: Cluster) -> (Server, Client) {
    let server = Server::start(cluster).await.expect("a port is free");
    let client = Client::of(&server);
    (server, client)
}

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .expect("a list has items")
        .iter()
        .filter_map(|item| item["metadata"]["name"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_list_show_one_moment() {
    let (server, client) = serve(cluster(&["a", "b", "c"])).await;
    let first = client.json("/api/v1/namespaces/a/pods?limit=1");
    let token = first["metadata"]["continue"]
        .as_str()
        .expect("there is another page")
        .to_owned();
    server.change(|cluster| {
        cluster.remove("", "pods", "a", "b");
        cluster.insert(pod("d")).expect("a pod is a usable object");
    });
    let rest = client.json(&format!("/api/v1/namespaces/a/pods?continue={token}"));
    assert_eq!(names(&rest), ["b", "c"]);
    assert_eq!(
        names(&client.json("/api/v1/namespaces/a/pods")),
        ["a", "c", "d"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_continue_token_is_expired_and_offers_another() {
    let (server, client) = serve(cluster(&["a", "b", "c"])).await;
    let first = client.json("/api/v1/namespaces/a/pods?limit=1");
    let token = first["metadata"]["continue"]
        .as_str()
        .expect("there is another page")
        .to_owned();
    server.change(|cluster| {
        cluster.remove("", "pods", "a", "b");
        cluster.compact();
    });
    let expired = client.json(&format!("/api/v1/namespaces/a/pods?continue={token}"));
    assert_eq!(
        (&expired["code"], &expired["reason"]),
        (&json!(410), &json!("Expired"))
    );
    let token = expired["metadata"]["continue"]
        .as_str()
        .expect("the refusal offers a token");
    assert_eq!(
        names(&client.json(&format!("/api/v1/namespaces/a/pods?continue={token}"))),
        ["c"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_says_so() {
    let (_server, client) = serve(cluster(&["a"])).await;
    for (method, path) in [
        ("DELETE", "/api/v1/namespaces/a/pods"),
        ("POST", "/api/v1/namespaces/a/pods/a/exec"),
        ("PUT", "/api/v1/namespaces/a/pods/a/ephemeralcontainers"),
        ("GET", "/api/v1/namespaces/a/pods/a/exec?command=ls"),
        ("GET", "/api/v1/namespaces/a/pods/a/log?follow=true"),
        (
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        ),
    ] {
        let response = client.send(method, path, None, Some(json!({})));
        let status: Value = serde_json::from_str(&response.body).expect("a refusal is JSON");
        assert_eq!(
            (response.status, &status["reason"]),
            (501, &json!("NotImplemented")),
            "{method} {path}"
        );
        assert!(
            status["message"]
                .as_str()
                .is_some_and(|text| text.contains("simcluster")),
            "{method} {path}"
        );
    }
    assert_eq!(names(&client.json("/api/v1/namespaces/a/pods")), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_holds_in_the_review_and_in_the_read() {
    let mut cluster = cluster(&["a"]);
    cluster.deny(Denial {
        verb: "list".into(),
        group: String::new(),
        resource: "pods".into(),
        namespace: Some("a".into()),
    });
    let (_server, client) = serve(cluster).await;
    let allowed = |namespace: &str| {
        let attributes = json!({"verb": "list", "resource": "pods", "namespace": namespace});
        let review = json!({"spec": {"resourceAttributes": attributes}});
        let response = client.send(
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            None,
            Some(review),
        );
        let review: Value = serde_json::from_str(&response.body).expect("a review is JSON");
        review["status"]["allowed"].clone()
    };
    assert_eq!((allowed("a"), allowed("b")), (json!(false), json!(true)));
    let refusal = client.json("/api/v1/namespaces/a/pods");
    assert_eq!(refusal["code"], 403);
    assert_eq!(
        refusal["message"],
        "pods is forbidden: User \"sim:admin\" cannot list resource \"pods\" in API group \"\" in the namespace \"a\""
    );
    assert_eq!(client.json("/api/v1/pods")["code"], 403);
    assert_eq!(client.get("/api/v1/namespaces/a/pods/a").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_there_is_no_answer_and_every_request_is_recorded() {
    let (server, mut client) = serve(cluster(&["a"])).await;
    server.require_token("right");
    assert_eq!(
        client.json("/api/v1/pods?limit=1")["reason"],
        "Unauthorized"
    );
    client.token = Some("right".into());
    assert_eq!(client.get("/version").status, 200);
    let requests = server.requests();
    let [first, second] = requests.as_slice() else {
        panic!("two requests were made: {requests:?}")
    };
    assert_eq!(
        (
            first.method.as_str(),
            first.path.as_str(),
            first.query.as_str()
        ),
        ("GET", "/api/v1/pods", "limit=1")
    );
    assert_eq!(first.user_agent.as_deref(), Some("suite/1"));
    assert_eq!(first.accept.as_deref(), Some("application/json"));
    assert_eq!(second.path, "/version");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_served_only_where_there_are_some() {
    let (_server, client) = serve(cluster(&["a"])).await;
    assert_eq!(client.get("/apis/metrics.k8s.io/v1beta1").status, 404);
    let (_server, client) = serve(Cluster::demo()).await;
    let list = client.json("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods");
    assert_eq!(
        (&list["kind"], names(&list).len()),
        (&json!("PodMetricsList"), 4)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashing_containers_log_is_that_of_its_last_run() {
    let (_server, client) = serve(Cluster::demo()).await;
    let log = "/api/v1/namespaces/shop/pods/checkout-6d9f7c5b8-x2kqp/log";
    assert!(client.get(log).body.contains("no such host"));
    assert!(
        client
            .get(&format!("{log}?previous=true"))
            .body
            .contains("giving up")
    );
    let last = client.get(&format!("{log}?tailLines=1")).body;
    assert_eq!(last, "level=fatal msg=\"exiting with code 1\"\n");
    assert_eq!(
        client.get(&format!("{log}?tailLines=1&limitBytes=5")).body,
        "level"
    );
    assert!(
        client
            .get(&format!("{log}?tailLines=1&timestamps=true"))
            .body
            .starts_with("20")
    );
    assert_eq!(client.get(&format!("{log}?sinceSeconds=60")).body, "");
    let cart = "/api/v1/namespaces/shop/pods/cart-5b8c9d7f6d-7wz4m/log?previous=true";
    assert_eq!(
        client.json(cart)["message"],
        "previous terminated container \"cart\" in pod \"cart-5b8c9d7f6d-7wz4m\" not found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_gives_objects_and_logs() {
    let dir = tempfile::tempdir().expect("a folder can be made");
    let logs = dir.path().join("logs/a/one");
    fs::create_dir_all(&logs).expect("a folder can be made");
    fs::write(dir.path().join("pod.json"), pod("one").to_string()).expect("a file can be written");
    fs::write(logs.join("main.log"), "2026-01-02T03:04:05Z now\n").expect("a file can be written");
    fs::write(
        logs.join("main.previous.log"),
        "2026-01-02T03:04:05Z before\n",
    )
    .expect("a file can be written");
    let (_server, client) = serve(Cluster::from_dir(dir.path()).expect("the folder loads")).await;
    assert_eq!(
        client.get("/api/v1/namespaces/a/pods/one/log").body,
        "now\n"
    );
    assert_eq!(
        client
            .get("/api/v1/namespaces/a/pods/one/log?previous=1")
            .body,
        "before\n"
    );

    fs::write(logs.join("main.log"), "no time\n").expect("a file can be written");
    let error = Cluster::from_dir(dir.path()).expect_err("a line without a time is refused");
    assert!(
        error
            .to_string()
            .ends_with("logs/a/one/main.log is not a log"),
        "{error}"
    );
}
