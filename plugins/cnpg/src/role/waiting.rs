//! Waiting until the operator has made a role what it is to be.
//!
//! The status has no generation. What tells a role that was written from one that still is to be is its entry in `passwordStatus`, which
//! the operator renews with each `CREATE ROLE` and `ALTER ROLE` (`applyRoleActions`, `internal/management/controller/roles/runnable.go`).
//! A new password is there where that entry has the version of its Secret (`PasswordState`).

use super::{RECONCILED, in_state, obstacle};
use crate::waiting::{now_and_then, waiting};
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::changes::{Waited, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Object, Row};
use serde_json::Value;

const STATUS: &str = "status.managedRolesStatus";

/// Waits until a role is reconciled, or cannot be, as long as the caller said. `before` is the status as it was before the change, and
/// `secret` has its new password; none where it keeps its own.
///
/// # Errors
/// As [`kubernetes::wait_for`], but not where the time is over.
pub(crate) fn until_settled(
    values: &Values,
    cluster: &ObjectRef,
    role: &str,
    before: Object<'_>,
    secret: Option<&ObjectRef>,
) -> Result<Waited, Failure> {
    let (old, old_obstacle) = (written(before, role), obstacle(before, role));
    let version = match secret {
        None => None,
        Some(secret) => {
            let paths = ["metadata.resourceVersion"];
            Some(kubernetes::get_fields(secret, &paths).map(Row::of)?)
        }
    };
    // A role that newly cannot be made is seen at once; for the others it looks again and again, and where the name would end the quotes of
    // the path.
    let wake = if old_obstacle.is_empty() && !role.contains('\'') {
        Condition::Exists(format!("{STATUS}.cannotReconcile['{role}']"))
    } else {
        now_and_then()
    };
    watch(waiting(values), cluster, &wake, &mut || {
        let row = kubernetes::get_fields(cluster, &[STATUS]).map(Row::of)?;
        let status = Object(row.value(0));
        let why = obstacle(status, role);
        if !why.is_empty() && why != old_obstacle {
            return Ok((true, format!("role {role} cannot be reconciled: {why}")));
        }
        let reconciled = in_state(status, RECONCILED);
        let new = written(status, role);
        let has_password = match &version {
            None => true,
            Some(version) => new.get("resourceVersion") == Some(version.value(0)),
        };
        let is_done = new != old && has_password && reconciled.iter().any(|one| one == role);
        let not = if is_done { "" } else { " not yet" };
        Ok((is_done, format!("role {role} is{not} {RECONCILED}")))
    })
}

/// What the status says of how a role was written last.
fn written<'a>(status: Object<'a>, role: &str) -> &'a Value {
    let roles = status.part("/passwordStatus").0;
    roles.get(role).unwrap_or(&Value::Null)
}
