//! Another number of instances.

use super::fleet::{
    ask, cluster, document, granted_with, notes, operated, people, refused, summary, value, waited,
    with,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const TOOL: &str = "scale_postgres_cluster";

fn orders(instances: u64) -> Value {
    json!({ "name": "orders", "namespace": "shop", "instances": instances })
}

#[test]
fn the_patch_is_one_number_with_a_test_of_the_one_that_was_looked_at() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders(5)).text;
    let changed: Vec<_> = said.lines().filter(|line| line.contains("~ ")).collect();
    assert_eq!(changed, ["   ~ spec.instances: 3 -> 5"], "{said}");
    let answer = value(&cnpg, TOOL, &with(&orders(5), &json!({ "confirm": true })));
    assert_eq!(answer.expect("it is approved")["state"], "applied");
    let sent = cnpg.cluster().changing_requests();
    let [request] = sent.as_slice() else {
        panic!("one request: {sent:?}");
    };
    assert_eq!(request.method, "PATCH", "{request:?}");
}

#[test]
fn numbers_outside_one_to_ten_are_refused_before_anything_is_asked() {
    let cnpg = people().run(describe);
    for wrong in [json!(-3), json!(0), json!(11), json!("three"), json!(2.5)] {
        let failure = refused(
            &cnpg,
            TOOL,
            &with(&orders(3), &json!({ "instances": wrong })),
        );
        assert!(
            matches!(&failure, Failure::Invalid(_)),
            "{wrong}: {failure}"
        );
    }
    let asked = cnpg.cluster().requests();
    assert!(
        asked
            .iter()
            .all(|request| !request.path.contains("clusters")),
        "{asked:?}"
    );
}

#[test]
fn the_same_number_again_changes_nothing_and_says_so() {
    let cnpg = people().run(describe);
    let failure = refused(&cnpg, TOOL, &orders(3));
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
    assert!(
        failure
            .message()
            .contains("has 3 instances already; nothing would change"),
        "{failure}"
    );
}

#[test]
fn fewer_instances_say_what_goes_and_what_is_lost() {
    let cnpg = people().run(describe);
    let two = notes(&cnpg, TOOL, &orders(2));
    assert!(two.contains("orders-3 would go with its volumes"), "{two}");
    assert!(two.contains("one replica is left"), "{two}");
    let one = notes(&cnpg, TOOL, &orders(1));
    assert!(one.contains("high availability is lost"), "{one}");
    let more = notes(&cnpg, TOOL, &orders(5));
    assert!(more.contains("2 new volumes of "), "{more}");
}

/// `findDeletableInstance`, `internal/controller/replicas.go`.
#[test]
fn an_instance_that_is_not_ready_is_not_the_one_that_goes() {
    let spec = json!({ "instances": 3, "storage": { "size": "1Gi" } });
    let status = json!({
        "phase": "Waiting for the instances to become active", "currentPrimary": "hurt-1",
        "instanceNames": ["hurt-1", "hurt-2", "hurt-3"], "instancesStatus": { "healthy": ["hurt-1", "hurt-2"], "failed": ["hurt-3"] },
    });
    let cnpg = granted_with(&document(&cluster("shop", "hurt", spec, status))).run(describe);
    let arguments = json!({ "name": "hurt", "namespace": "shop", "instances": 2 });
    let told = summary(&cnpg, TOOL, &arguments);
    for words in [
        "hurt-2 would go with its volumes",
        "one that is not ready stays, and unless it is fenced nothing goes until it is",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn what_synchronous_replication_needs_is_refused_before_the_operator_would() {
    let spec = json!({ "instances": 3, "postgresql": { "synchronous": { "method": "any", "number": 1 } } });
    let status = json!({ "phase": "Cluster in healthy state" });
    let cnpg = granted_with(&document(&cluster("shop", "strict", spec, status))).run(describe);
    let strict =
        |instances| json!({ "name": "strict", "namespace": "shop", "instances": instances });
    let failure = refused(&cnpg, TOOL, &strict(1));
    assert!(matches!(&failure, Failure::Invalid(_)), "{failure}");
    assert!(
        failure.message().contains("synchronous.number is 1"),
        "{failure}"
    );
    let two = notes(&cnpg, TOOL, &strict(2));
    assert!(
        two.contains("when one is away, writes wait for it"),
        "{two}"
    );
}

#[test]
fn a_cluster_that_cannot_scale_now_says_when() {
    let cnpg = people().run(describe);
    let vault = json!({ "name": "vault", "namespace": "till", "instances": 3 });
    let said = notes(&cnpg, TOOL, &vault);
    assert!(
        said.contains("the cluster is hibernated: nothing is carried out until it is woken"),
        "{said}"
    );
    let carts = json!({ "name": "carts", "namespace": "shop", "instances": 4 });
    let said = notes(&cnpg, TOOL, &carts);
    assert!(said.contains("phase is `Failing over`"), "{said}");
}

#[test]
fn more_instances_are_waited_for_until_they_are_ready() {
    let cnpg = people().run(describe);
    let status =
        json!({ "phase": "Cluster in healthy state", "readyInstances": 4, "instances": 4 });
    let operator = cluster("shop", "orders", json!({ "instances": 4 }), status);
    let waited = waited(&cnpg, TOOL, &orders(4), |there| {
        there
            .insert(operator)
            .expect("it is an object of the cluster");
    });
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 4 of 4 instances ready" });
    assert_eq!(waited, expected);
}

#[test]
fn fewer_instances_are_waited_for_until_the_replica_is_gone() {
    let cnpg = people().run(describe);
    let waited = operated(&cnpg, TOOL, &orders(2));
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 2 of 2 instances ready" });
    assert_eq!(waited, expected);
}

#[test]
fn a_number_that_somebody_else_has_changed_meanwhile_is_not_overwritten() {
    let cnpg = granted_with("").approving().run(describe);
    let answer = value(&cnpg, TOOL, &orders(5)).expect("it is proposed");
    assert_eq!(answer["state"], "proposed");
    cnpg.cluster().change(|there| {
        let object = cluster("shop", "orders", json!({ "instances": 2 }), json!({}));
        there
            .insert(object)
            .expect("it is an object of the cluster");
    });
    // The same call looks again, and plans from what stands there now.
    let said = ask(&cnpg, TOOL, &orders(5)).text;
    assert!(said.contains("~ spec.instances: 2 -> 5"), "{said}");
    assert!(cnpg.cluster().changing_requests().is_empty());
}
