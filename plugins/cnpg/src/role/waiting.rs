//! Waiting until the operator has made a role what it is to be.
//!
//! The status has no generation. What tells a role that was written from one that still is to be is its entry in `passwordStatus`, which
//! the operator renews with each `CREATE ROLE` and `ALTER ROLE` (`applyRoleActions`, `internal/management/controller/roles/runnable.go`).

use super::{RECONCILED, in_state, obstacle};
use crate::waiting::{now_and_then, waiting};
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::changes::{Waited, watch};
use bulkhead_plugin_sdk::kubernetes::{self, Condition, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Object, Row};

const STATUS: &str = "status.managedRolesStatus";

/// Waits until a role is reconciled, or cannot be, as long as the caller said. `before` is the status as it was before the change.
///
/// # Errors
/// As [`kubernetes::wait_for`], but not where the time is over.
pub(crate) fn until_settled(
    values: &Values,
    cluster: &ObjectRef,
    role: &str,
    before: Object<'_>,
) -> Result<Waited, Failure> {
    let written = |status: Object<'_>| status.part("/passwordStatus").0.get(role).cloned();
    let (old, old_obstacle) = (written(before), obstacle(before, role));
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
        let is_done = written(status) != old && reconciled.iter().any(|one| one == role);
        let not = if is_done { "" } else { " not yet" };
        Ok((is_done, format!("role {role} is{not} {RECONCILED}")))
    })
}
