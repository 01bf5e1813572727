//! Scaling a pooler.

use super::cluster::{people, without_clusters};
use super::{confirmed, pooler, refused, summary, value, waited, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn to(name: &str, instances: u32) -> Value {
    json!({ "name": name, "instances": instances, "namespace": "shop" })
}

#[test]
fn only_the_number_changes() {
    let cnpg = people().run(describe);
    let mut expected = pooler(&cnpg, "custom").expect("it is there")["spec"].take();
    value(&cnpg, "scale_postgres_pooler", &confirmed(&to("custom", 2)));
    expected["instances"] = json!(2);
    assert_eq!(
        pooler(&cnpg, "custom").expect("it is there")["spec"],
        expected
    );
}

#[test]
fn what_it_comes_to_is_said() {
    let cnpg = people().run(describe);
    for (name, instances, said) in [
        ("web", 3, "are 60, more than the 50"),
        ("web", 1, "clients of the pods that go"),
        ("web", 1, "with one pod"),
        ("orphan", 3, "its cluster legacy is not there"),
    ] {
        let notes =
            value(&cnpg, "scale_postgres_pooler", &to(name, instances))["notes"].to_string();
        assert!(notes.contains(said), "{notes}");
        let told = summary(&cnpg, "scale_postgres_pooler", &to(name, instances));
        assert!(told.contains(said), "{told}");
    }
    let notes = value(
        &without_clusters().run(describe),
        "scale_postgres_pooler",
        &to("web", 3),
    )["notes"]
        .to_string();
    assert!(notes.contains("not known: how many connections"), "{notes}");
}

#[test]
fn who_decides_is_told_that_connections_are_lost() {
    let cnpg = people().run(describe);
    for (instances, lost) in [(1, true), (3, false)] {
        let told = summary(&cnpg, "scale_postgres_pooler", &to("web", instances));
        assert_eq!(told.contains("lose their connections"), lost, "{told}");
    }
}

#[test]
fn the_wait_takes_how_long() {
    let cnpg = people().run(describe);
    let long = |seconds: u32| with(&to("web", 3), &json!({ "timeout": seconds }));
    value(&cnpg, "scale_postgres_pooler", &long(30));
    let failure = refused(&cnpg, "scale_postgres_pooler", &long(29));
    assert!(failure.message().contains("timeout"), "{failure}");
}

#[test]
fn numbers_out_of_range_and_the_same_number_are_refused() {
    let cnpg = people().run(describe);
    for (arguments, kind) in [
        (to("web", 2), "conflict"),
        (to("web", 0), "invalid"),
        (to("web", 11), "invalid"),
        (
            json!({ "name": "web", "instances": -3, "namespace": "shop" }),
            "invalid",
        ),
        (to("wep", 3), "not-found"),
    ] {
        let failure = refused(&cnpg, "scale_postgres_pooler", &arguments);
        assert_eq!(failure.kind(), kind, "{arguments}: {failure}");
    }
}

#[test]
fn the_wait_ends_when_the_pods_are_there() {
    let path = "/apis/postgresql.cnpg.io/v1/namespaces/shop/poolers/web";
    let write = |object: &mut Value| object["status"]["instances"] = json!(3);
    let waited = waited(
        &people().run(describe),
        ("scale_postgres_pooler", &to("web", 3)),
        (path, [write]),
    );
    assert_eq!(
        waited,
        json!({ "done": true, "detail": "3 of 3 pods are there" })
    );
}
