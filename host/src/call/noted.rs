//! What is noted while a call runs: what let something pass, what was refused, and which changes it began. The audit and the answer
//! are told of it when it has ended.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;

/// What a client sees of a failure in any case.
const SEEN_BYTES: usize = 3 * 1024;

/// The changes that one call has begun to apply, by their ids. What fails behind them does not take them back.
#[derive(Debug, Default)]
pub struct Begun(Mutex<Vec<String>>);

impl Begun {
    /// Adds a change.
    pub fn add(&self, change: &str) {
        let mut changes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        changes.push(change.to_owned());
    }

    /// Has a failure say where to ask for the changes, unless it names them itself: who reads of a failure alone would ask for them
    /// again. A client is shown the beginning of a failure, so a long one is cut for it.
    #[must_use]
    pub fn told(&self, mut failure: Failure) -> Failure {
        let changes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = failure.text();
        seen.truncate(seen.floor_char_boundary(SEEN_BYTES));
        let untold = changes.iter().filter(|id| !seen.contains(id.as_str()));
        let ids: Vec<&str> = untold.map(String::as_str).collect();
        if ids.is_empty() {
            return failure;
        }
        let ids = ids.join(", ");
        let at = failure.message.floor_char_boundary(SEEN_BYTES);
        failure.message.truncate(at);
        let then = failure.fix.take().map(|fix| format!("; then: {fix}"));
        failure.fix(format!(
            "before it failed, the call had begun to apply change {ids}: call change_status with id {ids}, which says what became of \
             it, and do not ask for the same again before that{}",
            then.unwrap_or_default()
        ))
    }
}

/// What let something pass in one call: grants, by their place in the configuration, and leave to ask Prometheus.
#[derive(Debug, Default)]
pub struct Covered {
    grants: Mutex<BTreeSet<usize>>,
    prometheus: AtomicBool,
}

impl Covered {
    /// Adds a grant.
    pub fn add(&self, grant: usize) {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        grants.insert(grant);
    }

    /// Notes that Prometheus was asked.
    pub fn add_prometheus(&self) {
        self.prometheus.store(true, Ordering::Relaxed);
    }

    /// Returns them as the audit names them: `grants 0, 2; prometheus`; none where nothing passed.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        let places: Vec<String> = grants.iter().map(ToString::to_string).collect();
        let mut parts = Vec::new();
        if !places.is_empty() {
            parts.push(format!("grants {}", places.join(", ")));
        }
        if self.prometheus.load(Ordering::Relaxed) {
            parts.push("prometheus".to_owned());
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// One refusal of the gate, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What was asked and which rule is missing.
    pub said: String,
    /// The grant to paste; none where no grant would help.
    pub grant: Option<String>,
    /// Which object, as `get pods named web-0 in namespace shop`; none where it tells of no object.
    pub object: Option<String>,
}

/// Most refusals of one call that are kept one by one; of those behind them, only how many.
const MAX_DENIALS: usize = 64;

/// What the gate refused in one call.
#[derive(Debug, Default)]
pub struct Denials(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    first: Vec<Denial>,
    more: u64,
}

impl Denials {
    /// Keeps one, or counts it.
    pub fn add(&self, denial: Denial) {
        let mut kept = self.kept();
        if kept.first.len() < MAX_DENIALS {
            kept.first.push(denial);
        } else {
            kept.more += 1;
        }
    }

    /// Takes those that are kept.
    #[must_use]
    pub fn take(&self) -> Vec<Denial> {
        std::mem::take(&mut self.kept().first)
    }

    /// Takes how many came behind them.
    #[must_use]
    pub fn take_more(&self) -> u64 {
        std::mem::take(&mut self.kept().more)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    #[test]
    fn a_change_is_told_however_long_the_failure_is_and_its_advice_stays() {
        let begun = Begun::default();
        begun.add("c-0123456789");
        let long = format!("{}c-0123456789", "ä".repeat(SEEN_BYTES));
        for message in ["it took too long", &long] {
            let failure = Failure::new(Kind::Limit, message).fix("raise `limits.wall`");
            let text = begun.told(failure).text();
            let told = text.find("change_status with id c-0123456789").unwrap();
            assert!(told < 4 * 1024, "{told}");
            assert!(text.ends_with("; then: raise `limits.wall`"), "{text}");
        }
        let named = Failure::new(Kind::Upstream, "change c-0123456789 failed");
        assert_eq!(begun.told(named).text(), "change c-0123456789 failed");
    }
}
