//! The clusters of the namespace `lab`.

use serde_json::json;

use super::usual;
use crate::{
    backups::{Method, Nightly},
    claims::claim,
    clock::{Clock, HOUR},
    cluster::{Group, Made, image},
    databases,
    meta::remove,
    named::{METRICS, NOT_EXPANDABLE, REPORTS, SANDBOX, SCRATCH},
    status::{set_phase, volumes},
};

pub(super) fn scratch(clock: &Clock) -> Group {
    let of = Made {
        instances: 1,
        image: image("16.11"),
        size: "1Gi",
        class: NOT_EXPANDABLE,
        ..usual(SCRATCH, 9, clock)
    };
    of.group()
}

pub(super) fn sandbox(clock: &Clock) -> Group {
    let of = Made {
        instances: 2,
        image: image("16.11"),
        size: "5Gi",
        wal: Some("2Gi"),
        class: NOT_EXPANDABLE,
        ..usual(SANDBOX, 10, clock)
    };
    let mut group = of.group();
    group.spec()["instances"] = json!(3);
    for (serial, holds, suffix, size) in [
        (3, "PG_DATA", "", "5Gi"),
        (3, "PG_WAL", "-wal", "2Gi"),
        (4, "PG_DATA", "", "5Gi"),
    ] {
        group.claims.push(claim(&of, serial, holds, suffix, size));
    }
    // `classifyPVC` (`status.go` of the claims): dangling without a pod, unusable where one of the group is missing.
    let status = group.status();
    status["danglingPVC"] = json!(volumes(&of, 3..=3));
    status["unusablePVC"] = json!(["sandbox-4"]);
    status["pvcCount"] = json!(7);
    status["instances"] = json!(4);
    status["instanceNames"] = json!(["sandbox-1", "sandbox-2", "sandbox-3", "sandbox-4"]);
    status["latestGeneratedNode"] = json!(4);
    status["jobCount"] = json!(1);
    set_phase(
        status,
        "Creating a new replica",
        "Creating replica sandbox-4-join",
        clock.ago(3 * HOUR + 30),
    );
    group
}

pub(super) fn reports(clock: &Clock) -> Group {
    let of = Made {
        instances: 2,
        database: "reports",
        ..usual(REPORTS, 11, clock)
    };
    let mut group = of.group();
    let mut quarterly =
        databases::applied(REPORTS, "reports-quarterly", "quarterly", "analyst", clock);
    // `createDatabase` (`database_controller_sql.go`), with the words of PostgreSQL and of its driver.
    databases::fail(
        &mut quarterly,
        "while creating database \"quarterly\": ERROR: role \"analyst\" does not exist (SQLSTATE 42704)",
    );
    group.others.push(quarterly);
    group.spec()["managed"] = json!({ "roles": [{
        "name": "auditor", "ensure": "present", "login": true, "inherit": true, "connectionLimit": -1,
        "inRoles": ["compliance"],
    }] });
    group.status()["managedRolesStatus"] = json!({
        "byStatus": {
            "not-managed": ["reports"], "pending-reconciliation": ["auditor"], "reserved": ["postgres", "streaming_replica"],
        },
        "cannotReconcile": { "auditor": [
            "could not perform UPDATE_MEMBERSHIPS on role auditor: role \"compliance\" does not exist",
        ] },
    });
    group
}

pub(super) fn metrics(clock: &Clock) -> Group {
    let of = Made {
        database: "metrics",
        ..usual(METRICS, 12, clock)
    };
    let mut group = of.group();
    Nightly {
        of: &of,
        method: Method::Snapshot,
        last: 8 * HOUR + 30,
        failed: 0,
        error: "",
    }
    .add_to(&mut group);
    let spec = group.spec();
    remove(spec, "imageName");
    spec["imageCatalogRef"] = json!({
        "apiGroup": "postgresql.cnpg.io", "kind": "ImageCatalog", "name": "postgresql", "major": 17,
    });
    group
}
