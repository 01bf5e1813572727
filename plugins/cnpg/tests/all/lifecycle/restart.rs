//! New pods for all instances.

use super::fleet::{ask, notes, operated, people, refused, summary, value, with};
use bulkhead_plugin_cnpg::describe;
use serde_json::{Value, json};

const TOOL: &str = "restart_postgres_cluster";

fn orders() -> Value {
    json!({ "name": "orders", "namespace": "shop" })
}

#[test]
fn one_annotation_is_counted_up_so_that_the_plan_holds_no_time() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders()).text;
    let first = "+ metadata.annotations['kubectl.kubernetes.io/restartedAt']: \"bulkhead-1\"";
    assert!(said.contains(first), "{said}");
    let answer = value(&cnpg, TOOL, &with(&orders(), &json!({ "confirm": true })));
    assert_eq!(answer.expect("it is approved")["state"], "applied");
    let said = ask(&cnpg, TOOL, &orders()).text;
    assert!(said.contains("\"bulkhead-1\" -> \"bulkhead-2\""), "{said}");
}

#[test]
fn every_instance_is_made_again_before_it_is_done() {
    let cnpg = people().run(describe);
    let waited = operated(&cnpg, TOOL, &orders());
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 3 of 3 instances ready" });
    assert_eq!(waited, expected);
}

#[test]
fn what_it_does_to_connections_and_what_stands_in_its_way_is_said() {
    let cnpg = people().run(describe);
    let said = notes(&cnpg, TOOL, &orders());
    assert!(
        said.contains("then the primary `orders-1` without a switchover"),
        "{said}"
    );
    let alone = json!({ "name": "scratch", "namespace": "lab" });
    for said in [notes(&cnpg, TOOL, &alone), summary(&cnpg, TOOL, &alone)] {
        assert!(
            said.contains("the only instance: the database is down"),
            "{said}"
        );
    }
    let said = notes(
        &cnpg,
        TOOL,
        &json!({ "name": "payments", "namespace": "till" }),
    );
    assert!(said.contains("fenced are left as they are: *"), "{said}");
    let said = notes(
        &cnpg,
        TOOL,
        &json!({ "name": "carts", "namespace": "shop" }),
    );
    assert!(said.contains("phase is `Failing over`"), "{said}");
    let failure = refused(
        &cnpg,
        TOOL,
        &json!({ "name": "vault", "namespace": "till" }),
    );
    assert!(
        failure
            .message()
            .contains("next: propose wake_postgres_cluster"),
        "{failure}"
    );
}
