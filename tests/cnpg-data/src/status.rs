//! A cluster's `status`: of a healthy one, and the parts that differ in the others (`ClusterStatus`, `cluster_types.go`;
//! `cluster_status.go`).

use serde_json::{Map, Value, json};

use crate::{
    clock::{DAY, HOUR},
    cluster::Made,
    meta::condition,
};

pub(crate) const HEALTHY: &str = "Cluster in healthy state";

/// Which names the Secrets of the certificates have: the operator's, unless `spec.certificates` says others.
pub(crate) fn certificates(made: &Made<'_>, days: i64) -> Value {
    let name = made.at.name;
    let expires = made.clock.go(-(days * DAY + 6 * HOUR));
    let secret = |suffix: &str| format!("{name}-{suffix}");
    let mut expirations = Map::new();
    for suffix in ["ca", "replication", "server"] {
        expirations.insert(secret(suffix), json!(expires));
    }
    json!({
        "clientCASecret": secret("ca"), "replicationTLSSecret": secret("replication"), "serverCASecret": secret("ca"),
        "serverTLSSecret": secret("server"), "serverAltDNSNames": alternative_names(made), "expirations": expirations,
    })
}

/// `GetClusterAltDNSNames` (`cluster_funcs.go`).
fn alternative_names(made: &Made<'_>) -> Vec<String> {
    let namespace = made.at.namespace;
    let of_service = |suffix: &str| {
        let service = format!("{}-{suffix}", made.at.name);
        [
            format!("{service}.{namespace}"),
            format!("{service}.{namespace}.svc"),
            format!("{service}.{namespace}.svc.cluster.local"),
        ]
        .into_iter()
        .fold(vec![service], |mut names, name| {
            names.push(name);
            names
        })
    };
    ["rw", "r", "ro"].into_iter().flat_map(of_service).collect()
}

/// The status of a cluster whose instances all run, with the first one as primary.
pub(crate) fn healthy(made: &Made<'_>, names: &[String]) -> Value {
    let (clock, number, count) = (made.clock, made.number, names.len());
    let primary = made.instance(1);
    let since = clock.ago(made.since(1));
    let volumes = volumes(made, 1..=count);
    json!({
        "availableArchitectures": [
            { "goArch": "amd64", "hash": hash(1) }, { "goArch": "arm64", "hash": hash(2) },
        ],
        "certificates": certificates(made, 61),
        "cloudNativePGCommitHash": "a9696201f", "cloudNativePGOperatorHash": hash(1),
        "conditions": [
            condition("ConsistentSystemID", true, "Unique",
                "A single, unique system ID was found across reporting instances.", since.clone()),
            condition("Ready", true, "ClusterIsReady", "Cluster is Ready", since.clone()),
            archiving(true, since),
        ],
        "configMapResourceVersion": { "metrics": { "cnpg-default-monitoring": "812" } },
        "currentPrimary": primary, "currentPrimaryTimestamp": clock.micro(made.since(1)),
        "healthyPVC": volumes, "image": made.image, "instanceNames": names, "instances": count,
        "instancesReportedState": reported(made, count),
        "instancesStatus": { "healthy": names },
        "latestGeneratedNode": count, "managedRolesStatus": {},
        "pgDataImageInfo": { "image": made.image, "majorVersion": made.major() },
        "phase": HEALTHY, "poolerIntegrations": { "pgBouncerIntegration": {} },
        "pvcCount": volumes.len(), "readService": format!("{}-r", made.at.name), "readyInstances": count,
        "secretsResourceVersion": {
            "applicationSecretVersion": (900 + number).to_string(), "clientCaSecretVersion": (901 + number).to_string(),
            "replicationSecretVersion": (902 + number).to_string(), "serverCaSecretVersion": (901 + number).to_string(),
            "serverSecretVersion": (903 + number).to_string(),
        },
        "switchReplicaClusterStatus": {}, "systemID": format!("75594210{number:011}"),
        "targetPrimary": primary, "targetPrimaryTimestamp": clock.micro(made.age), "timelineID": 1,
        "topology": topology(names), "writeService": format!("{}-rw", made.at.name),
    })
}

/// A SHA-256, of the operator's binary or of anything.
fn hash(of: u64) -> String {
    format!("{:016x}", of * 0x9e37_79b9).repeat(4)
}

/// Instances are on a node each (`getPodsTopology`); none where there are none.
pub(crate) fn topology(names: &[String]) -> Value {
    if names.is_empty() {
        return json!({ "successfullyExtracted": true });
    }
    let instances: Map<_, _> = names.iter().map(|name| (name.clone(), json!({}))).collect();
    json!({ "instances": instances, "nodesUsed": names.len(), "successfullyExtracted": true })
}

fn reported(made: &Made<'_>, count: usize) -> Value {
    let one = |serial: usize| {
        let state = json!({ "isPrimary": serial == 1, "timeLineID": 1, "ip": made.ip(serial) });
        (made.instance(serial), state)
    };
    Value::Object((1..=count).map(one).collect())
}

/// The claims of these instances, sorted by name as the operator sorts them.
pub(crate) fn volumes(made: &Made<'_>, serials: impl Iterator<Item = usize>) -> Vec<String> {
    let mut names = Vec::new();
    for serial in serials {
        names.push(made.instance(serial));
        if made.wal.is_some() {
            names.push(format!("{}-wal", made.instance(serial)));
        }
    }
    names
}

/// `local.go` of the instance manager's web server.
pub(crate) fn archiving(works: bool, at: String) -> Value {
    if works {
        return condition(
            "ContinuousArchiving",
            true,
            "ContinuousArchivingSuccess",
            "Continuous archiving is working",
            at,
        );
    }
    condition(
        "ContinuousArchiving",
        false,
        "ContinuousArchivingFailing",
        "unexpected failure invoking barman-cloud-wal-archive: exit status 2",
        at,
    )
}

/// Puts a condition in the place of the one of its type, or behind the others.
pub(crate) fn set_condition(status: &mut Value, new: Value) {
    let Some(conditions) = status["conditions"].as_array_mut() else {
        return;
    };
    match conditions.iter_mut().find(|old| old["type"] == new["type"]) {
        Some(old) => *old = new,
        None => conditions.push(new),
    }
}

/// Another phase, with the condition `Ready` that goes with it (`SetClusterReadyCondition`, `transactions.go`).
pub(crate) fn set_phase(status: &mut Value, phase: &str, reason: &str, at: String) {
    status["phase"] = json!(phase);
    status["phaseReason"] = json!(reason);
    set_condition(
        status,
        condition(
            "Ready",
            false,
            "ClusterIsNotReady",
            "Cluster Is Not Ready",
            at,
        ),
    );
}
