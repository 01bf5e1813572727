//! The end of a cluster. The origin deleted at once without confirmation, and only looked where it was confirmed.

use super::fleet::{
    ask, cluster, document, granted_with, narrow, notes, people, refused, summary, value, waited,
    with,
};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};

const TOOL: &str = "delete_postgres_cluster";

fn orders() -> Value {
    json!({ "name": "orders", "namespace": "shop" })
}

/// The requests that deleted something, as paths.
fn deleted(cnpg: &bulkhead_plugin_sdk::test_kit::Running) -> Vec<String> {
    let sent = cnpg.cluster().changing_requests().into_iter();
    sent.map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

#[test]
fn without_confirmation_it_says_what_goes_and_stops() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders()).text;
    for line in [
        "risk high",
        "the data goes with 6 volume claims: orders-1 (",
        "orders-3-wal (5Gi)",
        "completed backups stay",
        "what lies in an object store stays",
        "1 scheduled backup would be left without a cluster: orders-daily",
        "1 pooler would be left without a cluster: orders-pooler-rw",
        "1 database object would be left without a cluster: orders-audit",
        "2 Secrets of roles cleaned up with it: cnpg-orders-user-orders-app, cnpg-orders-user-reporting",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(deleted(&cnpg).is_empty());
}

#[test]
fn confirmed_by_the_origins_argument_and_approved_the_cluster_goes_first_and_then_its_secrets() {
    let cnpg = people().run(describe);
    let arguments = with(&orders(), &json!({ "confirm_deletion": true }));
    let answer = value(&cnpg, TOOL, &arguments).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    assert_eq!(
        deleted(&cnpg),
        [
            "DELETE /apis/postgresql.cnpg.io/v1/namespaces/shop/clusters/orders",
            "DELETE /api/v1/namespaces/shop/secrets/cnpg-orders-user-orders-app",
            "DELETE /api/v1/namespaces/shop/secrets/cnpg-orders-user-reporting",
        ]
    );
}

/// A Secret must have the labels, the name and no owner: each of these lacks one of them.
#[test]
fn only_secrets_that_were_made_for_its_roles_go() {
    let secret = |name: &str, labels: Value, owners: Value| {
        let mut metadata = json!({ "name": name, "namespace": "lab", "labels": labels });
        if !owners.is_null() {
            metadata["ownerReferences"] = owners;
        }
        document(
            &json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": { "password": "aHVudGVyMg==" } }),
        )
    };
    let of = |cluster: &str| json!({ "cnpg.io/cluster": cluster, "cnpg.io/role": "app" });
    let owner = json!([{ "apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "x" }]);
    let more = [
        secret("cnpg-scratch-user-app", of("scratch"), Value::Null),
        secret("cnpg-scratch-user-other", of("metrics"), Value::Null),
        secret(
            "cnpg-scratch-user-unlabelled",
            json!({ "cnpg.io/cluster": "scratch" }),
            Value::Null,
        ),
        secret("cnpg-scratch-user-owned", of("scratch"), owner),
        secret("cnpg-scratch-user-", of("scratch"), Value::Null),
        secret("my-own", of("scratch"), Value::Null),
    ];
    let cnpg = granted_with(&more.concat()).approving().run(describe);
    let arguments = json!({ "name": "scratch", "namespace": "lab", "confirm_deletion": true });
    let answer = ask(&cnpg, TOOL, &arguments);
    assert!(
        answer
            .text
            .contains("1 Secret of roles cleaned up with it: cnpg-scratch-user-app"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("aHVudGVyMg"), "{}", answer.text);
    assert_eq!(
        deleted(&cnpg),
        [
            "DELETE /apis/postgresql.cnpg.io/v1/namespaces/lab/clusters/scratch",
            "DELETE /api/v1/namespaces/lab/secrets/cnpg-scratch-user-app",
        ]
    );
}

/// A plan holds 50 changes: the cluster and these.
#[test]
fn of_more_secrets_than_a_plan_holds_the_rest_is_left_to_a_person() {
    let secret = |role: usize| {
        let labels = json!({ "cnpg.io/cluster": "scratch", "cnpg.io/role": "app" });
        let name = format!("cnpg-scratch-user-role-{role:02}");
        document(&json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": { "name": name, "namespace": "lab", "labels": labels },
        }))
    };
    let secrets: String = (1..=51).map(secret).collect();
    let cnpg = granted_with(&secrets).approving().run(describe);
    let arguments = json!({ "name": "scratch", "namespace": "lab", "confirm_deletion": true });
    let said = ask(&cnpg, TOOL, &arguments).text;
    let told =
        "49 of 51 Secrets of roles go too, the others have to be deleted by a person: cnpg-scratch";
    assert!(said.contains(told), "{said}");
    let gone = deleted(&cnpg);
    assert_eq!(gone.len(), 50, "{gone:?}");
    assert!(gone[49].ends_with("/cnpg-scratch-user-role-49"), "{gone:?}");
}

#[test]
fn a_cluster_without_a_backup_says_that_nothing_brings_its_data_back() {
    let cnpg = people().run(describe);
    let said = notes(
        &cnpg,
        TOOL,
        &json!({ "name": "scratch", "namespace": "lab" }),
    );
    assert!(
        said.contains("there is no completed backup of it: nothing brings the data back"),
        "{said}"
    );
    assert!(said.contains("no Secrets of roles to clean up"), "{said}");
    let told = summary(
        &cnpg,
        TOOL,
        &json!({ "name": "scratch", "namespace": "lab" }),
    );
    for words in [
        "delete cluster scratch in lab and all its data",
        "the data goes with 1 volume claim: scratch-1 (1Gi)",
        "there is no completed backup of it: nothing brings the data back",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// Orphaned pods would run on: the operator's own way to leave volumes behind begins with no pods.
#[test]
fn volumes_are_kept_only_where_no_pods_would_be_left_running() {
    let cnpg = people().run(describe);
    let failure = refused(
        &cnpg,
        TOOL,
        &with(&orders(), &json!({ "keep_pvcs": true, "confirm": true })),
    );
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
    assert!(
        failure
            .message()
            .contains("next: propose hibernate_postgres_cluster"),
        "{failure}"
    );
}

#[test]
fn a_hibernated_cluster_keeps_its_volumes_and_secrets_and_they_have_no_owner_then() {
    let cnpg = people().run(describe);
    let arguments = json!({ "name": "vault", "namespace": "till", "keep_pvcs": true });
    let said = notes(&cnpg, TOOL, &arguments);
    assert!(said.contains("kept: 2 volume claims: vault-1 ("), "{said}");
    let answer = value(&cnpg, TOOL, &with(&arguments, &json!({ "confirm": true })));
    assert_eq!(answer.expect("it is approved")["state"], "applied");
    let sent = cnpg.cluster().changing_requests();
    let [request] = sent.as_slice() else {
        panic!("one request: {sent:?}");
    };
    assert!(request.path.ends_with("/clusters/vault"), "{request:?}");
    // They are what a new cluster of that name would find.
    let again = json!({ "name": "vault", "namespace": "till", "storage_class": "fast", "postgres_version": "17" });
    let refused = cnpg
        .call("create_postgres_cluster", again)
        .expect_err("volumes are there");
    assert!(
        refused.message().contains(
            "volumes of an earlier cluster `vault` are there in namespace till (vault-1, vault-2)"
        ),
        "{refused}"
    );
}

/// Propagation `Orphan` takes the owner from all that the cluster owns: Backups and VolumeSnapshots stay as the claims do.
#[test]
fn backups_and_snapshots_that_the_cluster_owns_stay_where_volumes_are_kept() {
    let backup =
        json!({ "volumeSnapshot": { "className": "snap", "snapshotOwnerReference": "cluster" } });
    let mut idle = cluster(
        "till",
        "idle",
        json!({ "instances": 1, "backup": backup }),
        json!({ "conditions": [{ "type": "cnpg.io/hibernation", "status": "True", "reason": "Hibernated" }] }),
    );
    idle["metadata"]["annotations"] = json!({ "cnpg.io/hibernation": "on" });
    let owned = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Backup",
        "metadata": {
            "name": "idle-1", "namespace": "till",
            "ownerReferences": [{ "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": "idle", "uid": "x" }],
        },
        "spec": { "cluster": { "name": "idle" } }, "status": { "phase": "completed" },
    });
    let cnpg = granted_with(&(document(&idle) + &document(&owned))).run(describe);
    let arguments = json!({ "name": "idle", "namespace": "till" });
    let gone = notes(&cnpg, TOOL, &arguments);
    assert!(gone.contains("1 more go, since"), "{gone}");
    assert!(gone.contains("its volume snapshots go too"), "{gone}");
    let kept = notes(
        &cnpg,
        TOOL,
        &with(&arguments, &json!({ "keep_pvcs": true })),
    );
    assert!(kept.contains("\"1 completed backup stay\""), "{kept}");
    assert!(!kept.contains("snapshots go"), "{kept}");
}

#[test]
fn where_they_are_not_kept_volumes_go_with_the_cluster() {
    let cnpg = people().run(describe);
    let arguments = json!({ "name": "vault", "namespace": "till", "confirm": true });
    let answer = value(&cnpg, TOOL, &arguments).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    let again = json!({ "name": "vault", "namespace": "till", "storage_class": "fast" });
    let proposed = value(&cnpg, "create_postgres_cluster", &again).expect("nothing is left");
    assert_eq!(proposed["state"], "proposed", "{proposed}");
}

#[test]
fn volumes_that_their_class_retains_are_said() {
    let class = document(&json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "kept" },
        "provisioner": "csi.storage.example", "reclaimPolicy": "Retain",
    }));
    let claim = document(&json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": "scratch-9", "namespace": "lab", "labels": { "cnpg.io/cluster": "scratch", "cnpg.io/pvcRole": "PG_DATA" } },
        "spec": { "storageClassName": "kept", "resources": { "requests": { "storage": "3Gi" } } },
    }));
    let cnpg = granted_with(&(class + &claim)).run(describe);
    let said = notes(
        &cnpg,
        TOOL,
        &json!({ "name": "scratch", "namespace": "lab" }),
    );
    assert!(
        said.contains("retains the volumes behind scratch-9 (3Gi)"),
        "{said}"
    );
}

#[test]
fn its_end_is_waited_for() {
    let cnpg = granted_with(
        "
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: { name: held, namespace: shop, finalizers: [example.com/held] }
spec: { instances: 1 }
",
    )
    .approving()
    .run(describe);
    let held = json!({ "name": "held", "namespace": "shop" });
    let waited = waited(&cnpg, TOOL, &held, |there| {
        assert!(there.remove("postgresql.cnpg.io", "clusters", "shop", "held"));
    });
    assert_eq!(
        waited,
        json!({ "done": true, "detail": "the cluster is gone" })
    );
}

#[test]
fn what_is_not_granted_to_read_is_not_known_and_the_proposal_stands() {
    let cnpg = narrow().run(describe);
    let said = notes(&cnpg, TOOL, &orders());
    for unknown in [
        "its volumes",
        "what becomes of its volumes",
        "the Secrets of its roles",
    ] {
        assert!(
            said.contains(&format!("not known: {unknown} (denied)")),
            "{said}"
        );
    }
    assert!(!said.contains("no Secrets"), "{said}");
}
