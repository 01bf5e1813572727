//! What the server did wrong that these twelve tools had first: each is a test here. That failures were ordinary text is
//! `real/cnpg/refused.rs`.

use bulkhead_simcluster::RequestRecord;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Desk, id_in, library::everywhere, sim};
use crate::sim::Sim;

/// The requests that are about clusters of CloudNativePG.
fn about_clusters(sim: &Sim) -> Vec<RequestRecord> {
    let mut requests = sim.server.requests();
    requests.retain(|request| request.path.contains("postgresql.cnpg.io/v1/"));
    requests
}

/// It made the cluster, in another namespace, and took the namespace for the storage class.
#[test]
fn a_dry_run_makes_no_cluster_and_is_about_the_namespace_and_the_class_that_were_named() {
    let sim = sim().may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let fresh = json!({
        "name": "fresh", "namespace": "till", "storage_class": "fast", "dry_run": true, "confirm": true,
    });
    let proposed = desk.propose("create_postgres_cluster", &fresh);
    let step = &proposed["steps"][0];
    assert!(
        step["object"]
            .as_str()
            .unwrap()
            .ends_with("fresh in namespace till"),
        "{step}"
    );
    let class = "spec.storage.storageClass: \"fast\"";
    assert!(step.to_string().replace('\\', "").contains(class), "{step}");
    assert_eq!(sim.changes(), []);
    let dry = about_clusters(&sim);
    let dry = dry.iter().filter(|request| request.method == "POST");
    for request in dry {
        assert!(
            request.path.ends_with("/namespaces/till/clusters"),
            "{request:?}"
        );
        assert!(request.query.contains("dryRun=All"), "{request:?}");
    }
    let fresh = json!({ "name": "fresh", "namespace": "till" });
    desk.call("get_cluster_status", &fresh)
        .fails("not-found", &[]);
}

/// It deleted without a confirmation, and only showed what it would do with one.
#[test]
fn a_deletion_waits_for_its_confirmation_and_for_a_person_and_is_then_made() {
    let sim = sim().may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let tool = "delete_postgres_cluster";
    desk.propose(tool, &json!({ "name": "catalog", "namespace": "shop" }));
    let confirmed = json!({ "name": "catalog", "namespace": "shop", "confirm_deletion": true });
    let asked = desk.call(tool, &confirmed).fails("needs-approval", &[]);
    assert_eq!(sim.changes(), []);
    desk.approve(id_in(&asked.text));
    desk.call(tool, &confirmed).succeeds(&["is applied"]);
    let made = sim.changes();
    let made: Vec<_> = made.iter().map(|it| (&*it.method, &*it.path)).collect();
    let catalog = "/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/catalog";
    assert_eq!(made, [("DELETE", catalog)]);
}

/// It sent minus three.
#[rstest]
fn a_number_of_instances_that_cannot_be_is_refused_before_anything_is_asked(
    #[values(-3, 0, 11)] instances: i64,
) {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    for tool in ["scale_postgres_cluster", "create_postgres_cluster"] {
        let arguments = json!({ "name": "orders", "namespace": "shop", "instances": instances });
        desk.call(tool, &arguments).fails("invalid", &["instances"]);
    }
    assert_eq!(about_clusters(&sim), []);
}

/// It said that it had looked in the whole cluster, and had looked in one namespace.
#[test]
fn an_answer_names_the_namespace_that_was_searched_and_no_other_was() {
    let sim = sim();
    let mut desk = everywhere(&sim);
    let mut searched = |given: &Value| {
        let before = about_clusters(&sim).len();
        let said = desk.call("list_postgres_clusters", given).succeeds(&[]);
        let asked = about_clusters(&sim).split_off(before);
        let mut places: Vec<_> = asked.into_iter().map(|it| it.path).collect();
        places.dedup();
        (said.text.lines().next().unwrap().to_owned(), places)
    };
    for (given, said, place) in [
        (json!({}), "in namespace shop", "namespaces/shop/"),
        (
            json!({ "namespace": "till" }),
            "in namespace till",
            "namespaces/till/",
        ),
        (json!({ "all_namespaces": true }), "in all namespaces", ""),
    ] {
        let (first, places) = searched(&given);
        assert!(first.contains(said), "{first}");
        let path = format!("/apis/postgresql.cnpg.io/v1/{place}clusters");
        assert_eq!(places, [path], "{given}");
    }
    desk.end();
}

/// It wrote back the whole cluster as it had read it.
#[test]
fn a_change_of_one_role_is_a_patch_that_leaves_all_else_as_it_is() {
    let sim = sim().may_change();
    let url = format!(
        "{}/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/orders",
        sim.server.url()
    );
    let read = || -> Value {
        let mut answer = ureq::get(&url).call().unwrap();
        let mut cluster: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        for counted in ["resourceVersion", "generation", "managedFields"] {
            cluster["metadata"][counted].take();
        }
        cluster
    };
    let mut expected = read();
    expected["spec"]["managed"]["roles"][1]["createdb"] = json!(true);
    let mut desk = Desk::open(&sim.kubeconfig());
    let may = json!({
        "cluster_name": "orders", "namespace": "shop", "role_name": "reporting", "createdb": true,
    });
    let proposed = desk.propose("update_postgres_role", &may);
    let id = proposed["id"].as_str().unwrap();
    desk.approve(id);
    desk.apply(id);
    assert_eq!(read(), expected);
    let methods: Vec<_> = sim.changes().into_iter().map(|it| it.method).collect();
    assert_eq!(methods, ["PATCH"]);
}
