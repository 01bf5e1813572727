//! What a later rollback could do about a step, as far as the step alone tells. Whether it can be done is only known when it is asked
//! for: by then the object may have moved on.

use super::{Change, Step};

/// Says how a step could be taken back.
///
/// # Errors
/// Why it cannot.
pub(crate) fn way_back(step: &Step) -> Result<&'static str, &'static str> {
    let is_secret = step.target.group.is_empty() && step.target.plural == "secrets";
    match &step.change {
        Change::RotateSecret { .. } => Err("the values that stand there now are not kept"),
        Change::PatchStatus { .. } => {
            Err("its controller acts on it, and reports what comes of it")
        }
        Change::Evict => Err("an evicted pod does not come back, its owner makes another"),
        Change::Delete { .. } if is_secret => Err("the values of a Secret are not kept"),
        Change::Delete { .. } => Ok(
            "it can be created anew from its snapshot, where a grant allows that; data of volumes and what it owned do not come back with it",
        ),
        Change::Create { .. } | Change::CreateSecret { .. } => {
            Ok("it can be deleted again, where a grant allows that")
        }
        Change::Apply { .. } | Change::Patch { .. } if step.uid.is_none() => {
            Ok("it can be deleted again, where a grant allows that")
        }
        Change::Apply { .. } | Change::Patch { .. } if is_secret => {
            Err("the values of a Secret are not kept")
        }
        Change::Apply { .. } | Change::Patch { .. } | Change::Scale { .. } => {
            Ok("what it had can be put back from its snapshot, but for what looks like a secret")
        }
    }
}
