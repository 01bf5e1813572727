//! Where a call looks: the namespace that the caller named, else the context's; all of them only where that was asked for.

use bulkhead_plugin_sdk::arguments::{Argument, Values};
use bulkhead_plugin_sdk::{Failure, Place};

/// The namespace of the objects.
pub(crate) const NAMESPACE: &[Argument] = &[Argument::text(
    "namespace",
    "The namespace; that of the kubeconfig's context where left out.",
)];

/// All namespaces in place of one.
pub(crate) const EVERYWHERE: &[Argument] = &[Argument::switch(
    "all_namespaces",
    "Looks in all namespaces, which Bulkhead's operator must have granted.",
)];

/// Takes the caller's namespace, else that of the context.
pub(crate) fn choose(values: &Values) -> Place {
    Place::chosen(values.text("namespace"))
}

/// As [`choose`], or all namespaces where the caller asked for them.
///
/// # Errors
/// `Invalid` where both a namespace and all of them were asked for.
pub(crate) fn choose_wide(values: &Values) -> Result<Place, Failure> {
    if !values.is_on("all_namespaces") {
        return Ok(choose(values));
    }
    match values.text("namespace") {
        None => Ok(Place::everywhere()),
        Some(named) => Err(Failure::invalid(format!(
            "`namespace` is `{named}` and `all_namespaces` is set: only one of them can be meant"
        ))
        .next_step("leave one of them out")),
    }
}
