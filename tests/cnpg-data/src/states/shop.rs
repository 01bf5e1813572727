//! The clusters of the namespace `shop`.

use serde_json::{Value, json};

use super::usual;
use crate::{
    backups::{Method, Nightly, REFUSED, running},
    clock::{Clock, DAY, HOUR},
    cluster::{Group, Made},
    databases, instances,
    meta::remove,
    named::{CARTS, CATALOG, MEDIA, ORDERS, ORDERS_POOLER},
    poolers, secrets,
    status::{archiving, set_condition, set_phase},
};

pub(super) fn orders(clock: &Clock) -> Group {
    let of = Made {
        wal: Some("5Gi"),
        database: "orders",
        memory: "2Gi",
        ..usual(ORDERS, 1, clock)
    };
    let mut group = of.group();
    nightly(&of, 0).add_to(&mut group);
    group.spec()["managed"] = json!({ "roles": roles() });
    group.status()["managedRolesStatus"] = json!({
        "byStatus": {
            "not-managed": ["orders"], "reconciled": ["orders_app", "reporting", "old_etl"],
            "reserved": ["postgres", "streaming_replica", "cnpg_pooler_pgbouncer"],
        },
        "passwordStatus": {
            "orders_app": { "transactionID": 745, "resourceVersion": "930" },
            "reporting": { "transactionID": 746, "resourceVersion": "931" },
        },
    });
    group.status()["secretsResourceVersion"]["managedRoleSecretVersion"] =
        json!({ "cnpg-orders-user-orders-app": "930", "cnpg-orders-user-reporting": "931" });
    group.status()["poolerIntegrations"] =
        json!({ "pgBouncerIntegration": { "secrets": ["orders-pooler"] } });
    for role in ["orders_app", "reporting"] {
        group.others.push(secrets::of_role(ORDERS.into(), role));
    }
    let mut audit = databases::applied(ORDERS, "orders-audit", "audit", "orders_app", clock);
    audit["spec"]["extensions"] = json!([{ "name": "pg_stat_statements", "ensure": "present" }]);
    audit["spec"]["schemas"] =
        json!([{ "name": "history", "owner": "orders_app", "ensure": "present" }]);
    audit["status"]["extensions"] = json!([{ "name": "pg_stat_statements", "applied": true }]);
    audit["status"]["schemas"] = json!([{ "name": "history", "applied": true }]);
    group.others.push(audit);
    group
        .others
        .extend(poolers::running(&of, ORDERS_POOLER.into(), 2));
    group
}

/// With the defaults of the CRD.
fn roles() -> Value {
    json!([
        {
            "name": "orders_app", "ensure": "present", "comment": "the shop's backend", "login": true, "inherit": true,
            "connectionLimit": 100, "passwordSecret": { "name": "cnpg-orders-user-orders-app" },
        },
        {
            "name": "reporting", "ensure": "present", "login": true, "inherit": true, "connectionLimit": -1,
            "inRoles": ["pg_read_all_data"], "passwordSecret": { "name": "cnpg-orders-user-reporting" },
        },
        { "name": "old_etl", "ensure": "absent", "inherit": true, "connectionLimit": -1 },
    ])
}

/// Backed up to the object store by night; so many of the newest backups have failed.
fn nightly<'a>(of: &'a Made<'a>, failed: i64) -> Nightly<'a> {
    Nightly {
        of,
        method: Method::ObjectStore,
        last: 10 * HOUR + 30,
        failed,
        error: REFUSED,
    }
}

pub(super) fn carts(clock: &Clock) -> Group {
    let of = usual(CARTS, 2, clock);
    let mut group = of.group();
    nightly(&of, 0).add_to(&mut group);
    let since = clock.ago(3);
    instances::crashing(&mut group.pods[0], 1, 4, &since);
    let status = group.status();
    set_phase(
        status,
        "Failing over",
        "Failing over from carts-1 to carts-2",
        since,
    );
    status["targetPrimary"] = json!("carts-2");
    status["targetPrimaryTimestamp"] = json!(clock.micro(2));
    status["readyInstances"] = json!(2);
    status["instancesStatus"] =
        json!({ "healthy": ["carts-2", "carts-3"], "replicating": ["carts-1"] });
    // It does not answer any more.
    status["instancesReportedState"]["carts-1"] = json!({ "isPrimary": false, "ip": of.ip(1) });
    group
}

pub(super) fn catalog(clock: &Clock) -> Group {
    let of = Made {
        instances: 2,
        ..usual(CATALOG, 3, clock)
    };
    let mut group = of.group();
    nightly(&of, 3).add_to(&mut group);
    set_condition(
        group.status(),
        archiving(false, clock.ago(2 * DAY + 11 * HOUR)),
    );
    group.others.push(running(&of, "catalog-before-upgrade", 7));
    group
}

pub(super) fn media(clock: &Clock) -> Group {
    let of = Made {
        instances: 2,
        size: "10Gi",
        ..usual(MEDIA, 4, clock)
    };
    let mut group = of.group();
    nightly(&of, 0).add_to(&mut group);
    let since = clock.ago(95);
    // `MissingWALDiskSpaceExitCode`.
    instances::crashing(&mut group.pods[0], 4, 19, &since);
    let status = group.status();
    // `ensureNoFailoverOnFullDisk` (`cluster_controller.go`), its missing blank included.
    let reason = "Insufficient disk space detected in one or more pods is preventing PostgreSQL from running.\
                  Please verify your storage settings. Further information inside .status.instancesReportedState";
    set_phase(status, "Not enough disk space", reason, since);
    status["readyInstances"] = json!(1);
    status["instancesStatus"] = json!({ "healthy": ["media-2"], "replicating": ["media-1"] });
    let primary = &mut status["instancesReportedState"]["media-1"];
    primary["isPrimary"] = json!(false);
    remove(primary, "timeLineID");
    group
}
