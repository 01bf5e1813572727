//! The clusters of the namespace `till`.

use serde_json::{Value, json};

use super::usual;
use crate::{
    backups::{Method, Nightly},
    clock::{Clock, DAY, HOUR},
    cluster::{Group, Made, image},
    instances,
    meta::{condition, remove},
    named::{LEDGER, PAYMENTS, POS, VAULT},
    secrets,
    status::{self, set_condition, set_phase, topology},
};

fn nightly<'a>(of: &'a Made<'a>, method: Method) -> Nightly<'a> {
    Nightly {
        of,
        method,
        last: 9 * HOUR + 30,
        failed: 0,
        error: "",
    }
}

pub(super) fn ledger(clock: &Clock) -> Group {
    let of = Made {
        database: "ledger",
        ..usual(LEDGER, 5, clock)
    };
    let mut group = of.group();
    nightly(&of, Method::Plugin).add_to(&mut group);
    let (authority, server) = ("ledger-tls-ca", "ledger-tls");
    group.spec()["certificates"] =
        json!({ "serverCASecret": authority, "serverTLSSecret": server });
    let certificates = &mut group.status()["certificates"];
    certificates["serverCASecret"] = json!(authority);
    certificates["serverTLSSecret"] = json!(server);
    let ours = status::certificates(&of, 61)["expirations"]["ledger-ca"].clone();
    certificates["expirations"] = json!({
        "ledger-ca": ours, "ledger-replication": ours, authority: clock.go(-(400 * DAY)),
        server: clock.go(-(5 * DAY + 6 * HOUR)),
    });
    // The operator makes none where others are named.
    group
        .others
        .retain(|object| object["metadata"]["name"] != "ledger-server");
    group
        .others
        .push(secrets::provided(LEDGER.into(), authority));
    group.others.push(secrets::provided(LEDGER.into(), server));
    group
}

pub(super) fn vault(clock: &Clock) -> Group {
    let of = Made {
        instances: 2,
        image: image("16.11"),
        ..usual(VAULT, 6, clock)
    };
    let mut group = of.group();
    nightly(&of, Method::ObjectStore).add_to(&mut group);
    group.annotate(json!({ "cnpg.io/hibernation": "on" }));
    group.pods.clear();
    let since = clock.ago(20 * DAY + HOUR);
    let status = group.status();
    status["danglingPVC"] = status["healthyPVC"].take();
    status["topology"] = topology(&[]);
    // `updateClusterStatusThatRequiresInstancesState` (`cluster_status.go`) and `status.go` of the hibernation's reconciler.
    set_condition(
        status,
        condition(
            "ConsistentSystemID",
            false,
            "NotFound",
            "No instances are present in the cluster to report a system ID.",
            since.clone(),
        ),
    );
    set_condition(
        status,
        condition(
            "cnpg.io/hibernation",
            true,
            "Hibernated",
            "Cluster has been hibernated",
            since,
        ),
    );
    for member in [
        "healthyPVC",
        "instancesReportedState",
        "instancesStatus",
        "readyInstances",
        "systemID",
    ] {
        remove(status, member);
    }
    group
}

pub(super) fn payments(clock: &Clock) -> Group {
    let of = usual(PAYMENTS, 7, clock);
    let mut group = of.group();
    nightly(&of, Method::ObjectStore).add_to(&mut group);
    group.annotate(json!({ "cnpg.io/fencedInstances": "[\"*\"]" }));
    let since = clock.ago(50);
    for pod in &mut group.pods {
        instances::not_ready(pod, &since);
    }
    // The loop of the operator ends before it would write another phase: it waits for the readiness probe.
    let status = group.status();
    status["instancesStatus"] = json!({ "replicating": of.instance_names() });
    remove(status, "readyInstances");
    for serial in 1..=3 {
        let name = of.instance(serial);
        let state = json!({ "isPrimary": serial == 1, "ip": of.ip(serial) });
        status["instancesReportedState"][name] = state;
    }
    group
}

pub(super) fn pos(clock: &Clock) -> Group {
    let of = Made {
        image: image("17.6"),
        ..usual(POS, 8, clock)
    };
    let mut group = of.group();
    nightly(&of, Method::ObjectStore).add_to(&mut group);
    let (old, new) = (image("17.6"), image("17.7"));
    let since = clock.ago(2);
    group.cluster["metadata"]["generation"] = json!(2);
    group.spec()["imageName"] = json!(new);
    let status = group.status();
    // `reconcileImage` (`cluster_image.go`), then `rolloutRequiredInstances` (`cluster_upgrade.go`).
    status["image"] = json!(new);
    status["pgDataImageInfo"] = json!({ "image": new, "majorVersion": 17 });
    set_phase(
        status,
        "Upgrading cluster",
        &format!(
            "Restarting instance pos-3, because: the instance is using a different image: {old} -> {new}"
        ),
        since.clone(),
    );
    status["readyInstances"] = json!(2);
    status["instancesStatus"] = json!({ "healthy": ["pos-1", "pos-2"], "replicating": ["pos-3"] });
    let reported = json!({ "isPrimary": false, "ip": of.ip(3) });
    status["instancesReportedState"]["pos-3"] = reported;
    let pod: &mut Value = &mut group.pods[2];
    pod["metadata"]["creationTimestamp"] = json!(since);
    pod["spec"]["containers"][0]["image"] = json!(new);
    pod["status"]["containerStatuses"][0]["image"] = json!(new);
    instances::not_ready(pod, &since);
    group
}
