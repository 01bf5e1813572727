//! What a person decided by may be gone when they have decided: then nothing is sent, and the answer says what is otherwise.

use bulkhead_cnpg_data::ORDERS;
use bulkhead_simcluster::Cluster;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    cnpg::{Desk, fleet},
    sim::Sim,
};

/// A switchover to `orders-2` is approved; meanwhile the operator has written something into the status that the patch does not set.
#[rstest]
#[case::the_instance_fell_ill(
    json!({ "instancesStatus": { "healthy": ["orders-1", "orders-3"], "failed": ["orders-2"] } }),
    "`status.instancesStatus.healthy[*]`"
)]
#[case::the_primary_moved(json!({ "currentPrimary": "orders-3" }), "`status.currentPrimary`")]
fn a_promotion_is_not_sent_where_it_would_mean_something_else(
    #[case] status: Value,
    #[case] says: &str,
) {
    let fleet = fleet();
    let cluster = Cluster::from_manifests(&fleet.manifests()).unwrap();
    let sim = Sim::start(cluster).may_change();
    let mut desk = Desk::open(&sim.kubeconfig());
    let arguments =
        json!({ "name": ORDERS.name, "namespace": ORDERS.namespace, "instance": "orders-2" });
    let proposed = desk.propose("promote_postgres_instance", &arguments);
    let id = proposed["id"].as_str().unwrap();
    let orders = fleet.object("Cluster", ORDERS.namespace, ORDERS.name);
    let mut orders = orders.unwrap().clone();
    for (key, value) in status.as_object().unwrap() {
        orders["status"][key] = value.clone();
    }
    sim.server.change(|cluster| cluster.insert(orders).unwrap());
    let shown = desk.approve(id);
    assert!(shown.contains("only while"), "{shown}");
    let said = desk.call("change_apply", &json!({ "id": id }));
    assert!(said.text.contains("nothing was sent"), "{}", said.text);
    assert!(said.text.contains(says), "{}", said.text);
    assert_eq!(sim.changes(), []);
}
