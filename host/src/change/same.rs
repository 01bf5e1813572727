//! Whether a change would still do, or did, what was shown.

use serde_json::{Value, json};

use super::apply::Went;
use super::mask::Masks;
use super::secret::{Values, hide_values, in_words, with_values};
use super::{Changes, chosen};
use crate::backend::cluster::Written;
use crate::diff;
use crate::failure::{Failure, Kind};
use crate::proposal::{Change, Step, same_effect, unlike};

/// Whether a change would still do what was shown.
///
/// # Errors
/// `Conflict` with what would be otherwise.
pub(super) fn same(shown: &Step, again: &Step) -> Result<(), Failure> {
    same_effect(shown, again).map_err(|other| {
        Failure::new(Kind::Conflict, other.to_string())
            .fix("propose it again: a person has to see what it would do now")
    })
}

/// Returns the part of an object that a change is shown by: of a change of its status that alone, else all but that; of values
/// that the host makes how long they are.
pub(super) fn compared(change: &Change, object: &Value) -> Value {
    match change {
        Change::PatchStatus { .. } => match object.get("status") {
            Some(status) => json!({ "status": status }),
            None => json!({}),
        },
        Change::CreateSecret { generate, .. } | Change::RotateSecret { generate } => {
            let mut object = diff::normalised(object);
            in_words(generate, &mut object);
            object
        }
        Change::Create { .. }
        | Change::Apply { .. }
        | Change::Patch { .. }
        | Change::Scale { .. }
        | Change::Delete { .. }
        | Change::Evict => diff::normalised(object),
    }
}

impl Changes {
    /// Compares what came out with what was shown.
    pub(super) fn compare(&self, step: &Step, before: Option<&Value>, written: Written) -> Went {
        // Nothing is left behind by a deletion.
        if step.change.ends() {
            return Went::AsShown(written);
        }
        let Ok(sent) = with_values(&step.change, Values::Placeholders) else {
            return Went::AsShown(written);
        };
        let masks = Masks::of(before, &self.key);
        let seen_before = before.map(|object| compared(&step.change, &masks.observed(object)));
        let seen_after = written.object.as_ref().map(|object| {
            let mut object = object.clone();
            // What the host made is shown as it was: by its placeholder.
            hide_values(&step.change, &mut object);
            let seen = chosen::shown(&masks, &step.target, before, &object, &sent);
            compared(&step.change, &seen)
        });
        let lines = diff::lines(seen_before.as_ref(), seen_after.as_ref());
        match unlike(&step.diff, &lines, step.after.is_some()) {
            None => Went::AsShown(written),
            Some(path) => {
                let how = format!(
                    "the server accepted it, but `{path}` came out otherwise than it was shown"
                );
                Went::Differs(written, how)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::draw::fixtures::scaled;
    use crate::diff::Line;
    use crate::proposal::{Reason, Risk};

    fn step() -> Step {
        Step {
            items: vec!["spec.containers[0] is web".to_owned()],
            dependents: ["pods/web-1", "pods/web-2"].map(str::to_owned).to_vec(),
            ..scaled().steps.remove(0)
        }
    }

    fn refused(again: &Step) -> String {
        same(&step(), again).map_or_else(|failure| failure.message, |()| "same".to_owned())
    }

    #[test]
    fn a_change_that_would_do_the_same_is_the_same() {
        assert_eq!(refused(&step()), "same");
        let renamed = Step {
            dependents: ["pods/web-8", "pods/web-9"].map(str::to_owned).to_vec(),
            resource_version: Some("99".to_owned()),
            ..step()
        };
        assert_eq!(refused(&renamed), "same");
    }

    #[test]
    fn whatever_a_person_decided_by_must_still_be_so() {
        let mut more = step();
        more.diff.push(Line {
            path: "spec.paused".to_owned(),
            before: None,
            after: Some("true".to_owned()),
        });
        let mut less = step();
        less.diff.clear();
        let mut graver = step();
        graver.reasons.push(Reason {
            risk: Risk::High,
            path: None,
            say: "for a test".to_owned(),
        });
        let mut goes_too = step();
        goes_too
            .dependents
            .push("persistentvolumeclaims/data".to_owned());
        let other_item = Step {
            items: vec!["spec.containers[0] is spy".to_owned()],
            ..step()
        };
        let other_object = Step {
            uid: Some("another".to_owned()),
            ..step()
        };
        for (again, says) in [
            (more, "`spec.paused`"),
            (less, "`spec.replicas`"),
            (graver, "risk"),
            (goes_too, "persistentvolumeclaims/data"),
            (other_item, "other items"),
            (other_object, "another object"),
        ] {
            assert!(
                refused(&again).contains(says),
                "{says}: {}",
                refused(&again)
            );
        }
    }
}
