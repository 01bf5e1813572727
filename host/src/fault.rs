//! Named places at which a test lets the host end as if it were killed. In a release build there are none.

#[cfg(debug_assertions)]
use std::sync::OnceLock;

/// The place at which this process ends.
#[cfg(debug_assertions)]
static ARMED: OnceLock<String> = OnceLock::new();

/// Takes the place from the environment.
#[cfg(debug_assertions)]
pub(crate) fn arm(environment: &crate::config::Environment) {
    if let Some(place) = &environment.bulkhead_fault_point {
        // Only a second call could fail, and there is none.
        ARMED.set(place.clone()).ok();
    }
}

/// Ends the process here, where this is the place.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    if ARMED.get().is_some_and(|armed| armed == name) {
        std::process::abort();
    }
}

/// There are no fault points in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn arm(_environment: &crate::config::Environment) {}

/// There are no fault points in a release build.
#[cfg(not(debug_assertions))]
pub(crate) fn point(_name: &str) {}
