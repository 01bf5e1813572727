//! Whether a change would still do, or did, what was shown.

use std::collections::HashSet;

use crate::diff::Line;
use crate::failure::{Failure, Kind};
use crate::proposal::Step;

/// Whether a change would still do what was shown.
pub(super) fn same(shown: &Step, again: &Step) -> Result<(), Failure> {
    let moved_on = |what: String| {
        Err(Failure::new(Kind::Conflict, what)
            .fix("propose it again: a person has to see what it would do now"))
    };
    if shown.uid != again.uid {
        return moved_on(format!(
            "{} is another object than the one that was shown",
            shown.target
        ));
    }
    if let Some(path) = unlike(&shown.diff, &again.diff, shown.after.is_some()) {
        return moved_on(format!(
            "{} has changed since it was shown: at `{path}` the change would now do something else",
            shown.target
        ));
    }
    if shown.items != again.items && shown.after.is_none() {
        return moved_on(format!(
            "{} has other items where it would be changed than those that were shown",
            shown.target
        ));
    }
    if let Some(more) = more_goes(&shown.dependents, &again.dependents) {
        return moved_on(format!(
            "more would go with {} than was shown: {more}",
            shown.target
        ));
    }
    if again.risk() > shown.risk() {
        return moved_on(format!(
            "the risk of changing {} is higher than it was",
            shown.target
        ));
    }
    Ok(())
}

/// Returns an object of a type of which more would go than was shown. Pods come and go under other names.
fn more_goes<'a>(shown: &[String], now: &'a [String]) -> Option<&'a str> {
    let of_type = |names: &[String], kind: &str| {
        let mut kinds = names.iter().filter_map(|name| name.split_once('/'));
        kinds.by_ref().filter(|(other, _)| *other == kind).count()
    };
    now.iter().map(String::as_str).find(|name| {
        let kind = name.rsplit_once('/').map_or("", |(kind, _)| kind);
        of_type(now, kind) > of_type(shown, kind)
    })
}

/// Returns the first path at which two diffs differ. Where the first could not be run dry, the second may add what the server
/// fills in.
pub(super) fn unlike(shown: &[Line], now: &[Line], may_add: bool) -> Option<String> {
    let (of_shown, of_now): (HashSet<&Line>, HashSet<&Line>) =
        (shown.iter().collect(), now.iter().collect());
    let missing = shown.iter().find(|line| !of_now.contains(line));
    let added = now.iter().find(|line| !may_add && !of_shown.contains(line));
    missing.or(added).map(|line| line.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::draw::fixtures::scaled;
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
