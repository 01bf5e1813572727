//! Calls that wait for a person hold an instance and a place among the calls: a bounded number waits, the others are told what to do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Of one plugin. A plugin may have four calls at once by default, and reading must go on.
const MOST: u32 = 2;

/// Who waits.
#[derive(Default)]
pub(super) struct Waiting(Arc<Mutex<HashMap<String, u32>>>);

/// A place among those who wait; given back when it is dropped.
pub(super) struct Place {
    of: String,
    waiting: Arc<Mutex<HashMap<String, u32>>>,
}

impl Waiting {
    /// Takes a place; none where as many of this plugin wait already.
    pub(super) fn take(&self, plugin: &str) -> Option<Place> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.entry(plugin.to_owned()).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Place {
            of: plugin.to_owned(),
            waiting: Arc::clone(&self.0),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.of) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_wait_and_a_place_comes_back() {
        let waiting = Waiting::default();
        let first = waiting.take("generic");
        let second = waiting.take("generic");
        assert!(first.is_some() && second.is_some());
        assert!(waiting.take("generic").is_none());
        assert!(waiting.take("other").is_some());
        drop(first);
        assert!(waiting.take("generic").is_some());
    }
}
