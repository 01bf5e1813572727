//! Whether a person who looked at one step has seen another.

use std::collections::HashSet;

use super::{Step, Target};
use crate::diff::Line;

/// How a step has another effect than the one that was shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OtherEffect<'a> {
    /// The object was deleted, and made anew.
    #[error("{0} is another object than the one that was shown")]
    Object(&'a Target),
    /// A line of the diff is another.
    #[error(
        "{target} has changed since it was shown: at `{path}` the change would now do something else"
    )]
    Diff {
        /// Of which object.
        target: &'a Target,
        /// Of the first such line.
        path: &'a str,
    },
    /// An index in the diff leads to another item.
    #[error("{0} has other items where it would be changed than those that were shown")]
    Items(&'a Target),
    /// More is deleted with the object.
    #[error("more would go with {target} than was shown: {more}")]
    Dependents {
        /// The owner.
        target: &'a Target,
        /// One of those that were not shown.
        more: &'a str,
    },
    /// More is at stake.
    #[error("the risk of changing {0} is higher than it was")]
    Risk(&'a Target),
}

/// Compares a step with the one that was shown. What churns without anybody's doing is not compared.
///
/// # Errors
/// The first way in which the effect is another.
pub(crate) fn same_effect<'a>(shown: &'a Step, again: &'a Step) -> Result<(), OtherEffect<'a>> {
    let target = &shown.target;
    if shown.uid != again.uid {
        return Err(OtherEffect::Object(target));
    }
    let may_add = shown.after.is_some();
    if let Some(path) = unlike(&shown.diff, &again.diff, may_add) {
        return Err(OtherEffect::Diff { target, path });
    }
    if shown.items != again.items && !may_add {
        return Err(OtherEffect::Items(target));
    }
    if let Some(more) = more_goes(&shown.dependents, &again.dependents) {
        return Err(OtherEffect::Dependents { target, more });
    }
    if again.risk() > shown.risk() {
        return Err(OtherEffect::Risk(target));
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
pub(crate) fn unlike<'a>(shown: &'a [Line], now: &'a [Line], may_add: bool) -> Option<&'a str> {
    let (of_shown, of_now): (HashSet<&Line>, HashSet<&Line>) =
        (shown.iter().collect(), now.iter().collect());
    let missing = shown.iter().find(|line| !of_now.contains(line));
    let added = now.iter().find(|line| !may_add && !of_shown.contains(line));
    missing.or(added).map(|line| line.path.as_str())
}
