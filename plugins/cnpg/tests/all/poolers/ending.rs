//! Deleting a pooler.

use super::cluster::{people, without_clusters};
use super::{confirmed, pooler, refused, summary, value};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

fn of(name: &str) -> Value {
    json!({ "name": name, "namespace": "shop" })
}

#[test]
fn the_pooler_goes_and_what_is_left_to_connect_to_is_said() {
    let cnpg = people().run(describe);
    let told = summary(&cnpg, "delete_postgres_pooler", &of("web"));
    let answer = value(&cnpg, "delete_postgres_pooler", &confirmed(&of("web")));
    let notes = answer["notes"].to_string();
    for said in [&told, &notes] {
        assert!(said.contains("lose their connections"), "{said}");
    }
    assert!(
        notes.contains("with the same reach: batch, custom, db-rw"),
        "{notes}"
    );
    assert_eq!(pooler(&cnpg, "web"), None);
    assert!(pooler(&cnpg, "batch").is_some());
}

#[test]
fn a_pooler_whose_cluster_is_gone_can_go() {
    let cnpg = people().run(describe);
    let answer = value(&cnpg, "delete_postgres_pooler", &confirmed(&of("orphan")));
    assert!(
        answer["notes"]
            .to_string()
            .contains("its cluster legacy is not there"),
        "{answer}"
    );
    assert_eq!(pooler(&cnpg, "orphan"), None);
}

#[test]
fn what_is_not_known_is_said_and_what_is_not_there_is_refused() {
    let notes = value(
        &without_clusters().run(describe),
        "delete_postgres_pooler",
        &of("web"),
    )["notes"]
        .to_string();
    assert!(notes.contains("not known: cluster db (denied)"), "{notes}");
    let cnpg = people().run(describe);
    assert_eq!(
        refused(&cnpg, "delete_postgres_pooler", &of("wep")).kind(),
        "not-found"
    );
    assert_eq!(
        refused(&cnpg, "delete_postgres_pooler", &of("leaving")).kind(),
        "conflict"
    );
}
