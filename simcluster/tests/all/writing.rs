//! Changes: what the shared suite cannot ask of a real server without controllers, and what a test of a host counts.

use std::io::{BufRead as _, BufReader};

use bulkhead_simcluster::{Cluster, Denial, Server};
use bulkhead_tests::api_suite::{Api as _, Response};
use serde_json::{Value, json};

use crate::client::Client;

const CHECKOUT: &str = "/apis/apps/v1/namespaces/shop/deployments/checkout";
const SHOP_PODS: &str = "/api/v1/namespaces/shop/pods";

async fn serve(cluster: Cluster) -> (Server, Client) {
    let server = Server::start(cluster).await.expect("a port is free");
    let client = Client::of(&server);
    (server, client)
}

fn body(response: &Response) -> Value {
    serde_json::from_str(&response.body).expect("the answer is JSON")
}

fn merge(client: &Client, path: &str, patch: &Value) -> Value {
    let response = client.patch(path, "application/merge-patch+json", patch);
    assert_eq!(response.status, 200, "{}", response.body);
    body(&response)
}

fn items(client: &Client, path: &str) -> Vec<Value> {
    let list = client.json(path);
    list["items"].as_array().expect("a list has items").clone()
}

/// Name, phase and image of the pods of `checkout`, and whether they are ready.
fn checkout_pods(client: &Client) -> Vec<(String, String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items(client, &format!("{SHOP_PODS}?labelSelector=app%3Dcheckout"))
        .iter()
        .map(|pod| {
            (
                text(&pod["metadata"]["name"]),
                text(&pod["status"]["phase"]),
                text(&pod["spec"]["containers"][0]["image"]),
                pod["status"]["containerStatuses"][0]["ready"] == true,
            )
        })
        .collect()
}

/// The patch that mends `checkout`: its containers with the image of the release before.
fn mended(client: &Client) -> Value {
    let mut containers = client.json(CHECKOUT)["spec"]["template"]["spec"]["containers"].clone();
    containers[0]["image"] = "registry.example/checkout:2.7.4".into();
    json!({"spec": {"template": {"spec": {"containers": containers}}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn one_merge_patch_of_the_image_mends_the_demo_and_another_breaks_it_again() {
    let (_server, client) = serve(Cluster::demo()).await;
    let broken = client.json(CHECKOUT);
    let budget = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/checkout";
    let answer = merge(&client, CHECKOUT, &mended(&client));
    assert_eq!(answer["metadata"]["generation"], 8);
    let deployment = client.json(CHECKOUT);
    let status = &deployment["status"];
    assert_eq!(
        (
            &status["observedGeneration"],
            &status["readyReplicas"],
            &status["unavailableReplicas"]
        ),
        (&json!(8), &json!(1), &Value::Null)
    );
    assert_eq!(status["conditions"][0]["status"], "True");
    let annotations = &deployment["metadata"]["annotations"];
    assert_eq!(annotations["deployment.kubernetes.io/revision"], "8");
    let pods = checkout_pods(&client);
    let [(name, phase, image, true)] = pods.as_slice() else {
        panic!("one pod is ready: {pods:?}")
    };
    assert_eq!(
        (phase.as_str(), image.as_str()),
        ("Running", "registry.example/checkout:2.7.4")
    );
    assert_eq!(client.json(budget)["status"]["currentHealthy"], 1);
    let log = client.get(&format!("{SHOP_PODS}/{name}/log"));
    assert_eq!((log.status, log.body.as_str()), (200, ""));

    let back = json!({"spec": {"template": broken["spec"]["template"]}});
    merge(&client, CHECKOUT, &back);
    let pods = checkout_pods(&client);
    let [(other, _, image, false)] = pods.as_slice() else {
        panic!("one pod is broken: {pods:?}")
    };
    assert_eq!(image, "registry.example/checkout:2.8.0");
    assert_ne!(name, other);
    let path = format!("{SHOP_PODS}/{other}");
    let waiting = &client.json(&path)["status"]["containerStatuses"][0]["state"]["waiting"];
    assert_eq!(waiting["reason"], "CrashLoopBackOff");
    assert!(
        waiting["message"]
            .as_str()
            .is_some_and(|text| text.contains(other))
    );
    assert!(
        client
            .get(&format!("{path}/log"))
            .body
            .contains("no such host")
    );
    assert_eq!(client.json(CHECKOUT)["status"]["unavailableReplicas"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_a_replica_sets_template_takes_that_replica_set_up_again() {
    let (_server, client) = serve(Cluster::demo()).await;
    let sets = "/apis/apps/v1/namespaces/shop/replicasets";
    let go_back_to = |set: &str| {
        let template = client.json(&format!("{sets}/{set}"))["spec"]["template"].clone();
        // As kubectl writes what it read.
        let mut template = json!({"spec": {"template": template}});
        template["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] = Value::Null;
        template["spec"]["template"]["spec"]["containers"][0]["securityContext"] = json!({});
        merge(&client, CHECKOUT, &template);
        let replicas = client.json(&format!("{sets}/{set}"))["spec"]["replicas"].clone();
        let ready = client.json(CHECKOUT)["status"]["readyReplicas"].clone();
        (replicas, ready)
    };
    assert_eq!(go_back_to("checkout-58c7d9f4b6"), (json!(1), json!(1)));
    assert_eq!(go_back_to("checkout-6d9f7c5b8"), (json!(1), json!(0)));
    let list = items(&client, &format!("{sets}?labelSelector=app%3Dcheckout"));
    assert_eq!(list.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_the_fix_moves_no_pod() {
    let (server, client) = serve(Cluster::demo()).await;
    let (before, pods) = (client.json(CHECKOUT), checkout_pods(&client));
    let answer = merge(&client, &format!("{CHECKOUT}?dryRun=All"), &mended(&client));
    assert_eq!(answer["metadata"]["generation"], 8);
    assert_eq!(
        answer["metadata"]["resourceVersion"],
        before["metadata"]["resourceVersion"]
    );
    assert_eq!(client.json(CHECKOUT), before);
    assert_eq!(checkout_pods(&client), pods);
    assert_eq!(server.changing_requests(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scaled_deployment_has_as_many_pods() {
    let (_server, client) = serve(Cluster::demo()).await;
    let cart = "/apis/apps/v1/namespaces/shop/deployments/cart";
    let ready = || {
        let pods = items(&client, &format!("{SHOP_PODS}?labelSelector=app%3Dcart"));
        let is_ready = |pod: &Value| pod["status"]["containerStatuses"][0]["ready"] == true;
        (pods.len(), pods.iter().filter(|pod| is_ready(pod)).count())
    };
    for count in [4, 0, 1] {
        merge(
            &client,
            &format!("{cart}/scale"),
            &json!({"spec": {"replicas": count}}),
        );
        assert_eq!(ready(), (count, count));
        let scale = client.json(&format!("{cart}/scale"));
        assert_eq!(scale["status"]["replicas"], count);
    }
    // A pod that is deleted or evicted comes back under another name.
    let pods = items(&client, &format!("{SHOP_PODS}?labelSelector=app%3Dcart"));
    let name = pods[0]["metadata"]["name"]
        .as_str()
        .expect("a pod has a name");
    assert_eq!(
        client
            .send("DELETE", &format!("{SHOP_PODS}/{name}"), None, None)
            .status,
        200
    );
    assert_eq!(ready(), (1, 1));
    assert_eq!(client.get(&format!("{SHOP_PODS}/{name}")).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_along_or_leaves_behind_what_is_owned() {
    let (_server, client) = serve(Cluster::demo()).await;
    let sets = "/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dcheckout";
    let orphan = json!({"propagationPolicy": "Orphan"});
    assert_eq!(
        client.send("DELETE", CHECKOUT, None, Some(orphan)).status,
        200
    );
    let left = items(&client, sets);
    assert_eq!(left.len(), 2);
    assert!(
        left.iter()
            .all(|set| set["metadata"]["ownerReferences"].is_null())
    );
    assert_eq!(checkout_pods(&client).len(), 1);

    let set = "/apis/apps/v1/namespaces/shop/replicasets/checkout-6d9f7c5b8";
    assert_eq!(client.send("DELETE", set, None, None).status, 200);
    assert_eq!(checkout_pods(&client), []);

    let recommender = "/apis/apps/v1/namespaces/shop/deployments/recommender";
    let foreground = json!({"propagationPolicy": "Foreground"});
    assert_eq!(
        client
            .send("DELETE", recommender, None, Some(foreground))
            .status,
        200
    );
    let left = format!("{SHOP_PODS}?labelSelector=app%3Drecommender");
    assert_eq!(items(&client, &left), [] as [Value; 0]);

    assert_eq!(
        client
            .send("DELETE", "/api/v1/namespaces/load", None, None)
            .status,
        200
    );
    assert_eq!(
        items(&client, "/api/v1/namespaces/load/pods"),
        [] as [Value; 0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_another_owner_stays_with_that_one() {
    let (_server, client) = serve(Cluster::new()).await;
    let path = "/api/v1/namespaces/default/configmaps";
    let make = |name: &str, owners: &[&Value]| {
        let owners: Vec<Value> = owners
            .iter()
            .map(|owner| json!({"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}))
            .collect();
        let object = json!({"metadata": {"name": name, "ownerReferences": owners}});
        body(&client.send("POST", path, None, Some(object)))
    };
    let (one, two) = (make("one", &[]), make("two", &[]));
    make("both", &[&one, &two]);
    client.send("DELETE", &format!("{path}/one"), None, None);
    let left = client.json(&format!("{path}/both"));
    let owners = &left["metadata"]["ownerReferences"];
    assert_eq!(
        (owners.as_array().map(Vec::len), &owners[0]["name"]),
        (Some(1), &json!("two"))
    );
    client.send("DELETE", &format!("{path}/two"), None, None);
    assert_eq!(client.get(&format!("{path}/both")).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_that_failed_fail_again_and_others_run() {
    let (_server, client) = serve(Cluster::demo()).await;
    let path = "/apis/apps/v1/namespaces/shop/deployments/recommender";
    let with = |memory: &str| {
        let container = json!({"name": "recommender", "image": "registry.example/recommender:0.3.0", "resources": {"requests": {"cpu": "1", "memory": memory}}});
        merge(
            &client,
            path,
            &json!({"spec": {"template": {"spec": {"containers": [container]}}}}),
        );
        client.json(path)["status"]["readyReplicas"].clone()
    };
    // Twice as many of what fits nowhere fit nowhere either.
    merge(
        &client,
        &format!("{path}/scale"),
        &json!({"spec": {"replicas": 2}}),
    );
    assert_eq!(client.json(path)["status"]["readyReplicas"], 0);
    assert_eq!(with("2Gi"), 2);
    assert_eq!(with("24Gi"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_requests_are_counted_and_dry_runs_reviews_and_reads_are_not() {
    let (server, client) = serve(Cluster::new()).await;
    let path = "/api/v1/namespaces/default/configmaps";
    let config_map = || Some(json!({"metadata": {"name": "a"}}));
    client.get(path);
    client.send("POST", &format!("{path}?dryRun=All"), None, config_map());
    let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    client.send(
        "POST",
        review,
        None,
        Some(json!({"spec": {"resourceAttributes": {"verb": "get"}}})),
    );
    let eviction = json!({"metadata": {"name": "p"}, "deleteOptions": {"dryRun": ["All"]}});
    client.send(
        "POST",
        "/api/v1/namespaces/default/pods/p/eviction",
        None,
        Some(eviction),
    );
    client.send("POST", path, None, config_map());
    client.send(
        "DELETE",
        &format!("{path}/a"),
        None,
        Some(json!({"dryRun": ["All"]})),
    );
    // The query does not count beside a body; and what is refused was meant.
    client.send(
        "DELETE",
        &format!("{path}/a?dryRun=All"),
        None,
        Some(json!({})),
    );
    client.send("DELETE", &format!("{path}/a"), None, None);
    let changing = server.changing_requests();
    let methods: Vec<&str> = changing
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    assert_eq!(methods, ["POST", "DELETE", "DELETE"]);
    assert_eq!(server.requests().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_holds_for_a_change_and_its_dry_run() {
    let mut cluster = Cluster::demo();
    cluster.deny(Denial {
        verb: "patch".into(),
        group: "apps".into(),
        resource: "deployments/scale".into(),
        namespace: None,
    });
    let (_server, client) = serve(cluster).await;
    let patch = json!({"spec": {"replicas": 2}});
    for query in ["", "?dryRun=All"] {
        let path = format!("{CHECKOUT}/scale{query}");
        let response = client.patch(&path, "application/merge-patch+json", &patch);
        assert_eq!(response.status, 403, "{}", response.body);
    }
    merge(&client, CHECKOUT, &patch);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_told_in_a_warning_unless_it_is_to_be_ignored() {
    let (_server, client) = serve(Cluster::new()).await;
    let post = |query: &str, name: &str| {
        let path = format!("/api/v1/namespaces/default/configmaps{query}");
        let body = json!({"metadata": {"name": name}, "datta": {}});
        client.raw("POST", &path, None, Some(&body))
    };
    let warning = r#"warning: 299 - "unknown field \"datta\"""#;
    assert!(post("", "a").contains(warning));
    assert!(!post("?fieldValidation=Ignore", "b").contains("warning:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_is_seen_by_a_watch_of_the_pods() {
    let (_server, client) = serve(Cluster::demo()).await;
    let list = client.json(SHOP_PODS);
    let since = list["metadata"]["resourceVersion"]
        .as_str()
        .expect("a list has a version");
    let path = format!("{SHOP_PODS}?watch=1&labelSelector=app%3Dcheckout&resourceVersion={since}");
    let events = BufReader::new(client.open("GET", &path, None, None));
    merge(&client, CHECKOUT, &mended(&client));
    let told: Vec<String> = events
        .lines()
        .filter_map(|line| serde_json::from_str(&line.expect("the watch goes on")).ok())
        .filter_map(|event: Value| event["type"].as_str().map(str::to_owned))
        .take(2)
        .collect();
    assert_eq!(told, ["DELETED", "ADDED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crds_schema_bounds_values_and_gives_defaults() {
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.e.x}\n\
        spec:\n  group: e.x\n  scope: Namespaced\n  names: {plural: ws, kind: W}\n  versions:\n  - name: v1\n    served: true\n\
        \x20   storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        required: [spec]\n        properties:\n\
        \x20         spec:\n            type: object\n            required: [size]\n            properties:\n\
        \x20             size: {type: integer, minimum: 1, maximum: 9}\n              mode: {type: string, enum: [a, b]}\n\
        \x20             name: {type: string, minLength: 2, maxLength: 4}\n              list: {type: array, minItems: 1, maxItems: 2, items: {type: string}}\n\
        \x20             map: {type: object, additionalProperties: {type: integer}}\n              port: {x-kubernetes-int-or-string: true}\n\
        \x20             kind: {type: string, default: dd}\n";
    let (_server, client) = serve(Cluster::from_manifests(crd).expect("the CRD loads")).await;
    let post = |spec: Value| {
        let body = json!({"apiVersion": "e.x/v1", "kind": "W", "metadata": {"generateName": "w-"}, "spec": spec});
        body_of(&client, body)
    };
    let created = post(json!({"size": 3, "mode": null}));
    assert_eq!(created["spec"], json!({"size": 3, "kind": "dd"}));
    // In the real server's words, as kube-apiserver 1.36 was seen to answer.
    for (spec, problem) in [
        (json!({}), "spec.size: Required value"),
        (json!(null), "spec: Required value"),
        (
            json!({"size": 0}),
            "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
        ),
        (
            json!({"size": 10}),
            "spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9",
        ),
        (
            json!({"size": 1, "mode": "c"}),
            "spec.mode: Unsupported value: \"c\": supported values: \"a\", \"b\"",
        ),
        (
            json!({"size": 1, "name": "A"}),
            "spec.name: Invalid value: \"A\": spec.name in body should be at least 2 chars long",
        ),
        (
            json!({"size": 1, "name": "abcdef"}),
            "spec.name: Too long: may not be more than 4 bytes",
        ),
        (
            json!({"size": 1, "list": []}),
            "spec.list: Invalid value: 0: spec.list in body should have at least 1 items",
        ),
        (
            json!({"size": 1, "list": ["1", "2", "3"]}),
            "spec.list: Too many: 3: must have at most 2 items",
        ),
        (
            json!({"size": 1, "list": [1]}),
            "spec.list[0]: Invalid value: \"integer\": spec.list[0] in body must be of type string: \"integer\"",
        ),
        (
            json!({"size": 1, "map": {"k": "v"}}),
            "spec.map.k: Invalid value: \"string\": spec.map.k in body must be of type integer: \"string\"",
        ),
        (
            json!({"size": 1, "port": true}),
            "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"",
        ),
    ] {
        let refusal = post(spec);
        let message = refusal["message"].as_str().unwrap_or_default();
        assert!(
            message.ends_with(&format!("is invalid: {problem}")),
            "{message}"
        );
    }
}

fn body_of(client: &Client, object: Value) -> Value {
    let path = "/apis/e.x/v1/namespaces/default/ws";
    body(&client.send("POST", path, None, Some(object)))
}
