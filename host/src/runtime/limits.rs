//! Memory and tables of one store.

use wasmtime::ResourceLimiter;

use crate::config::Limits;

/// Refuses growth beyond the plugin's limits. The guest sees an allocation that failed; what was refused is kept, so that the
/// failure of the call can name it.
#[derive(Debug)]
pub(super) struct StoreLimits {
    memory_bytes: usize,
    table_elements: usize,
    /// Over all memories of the component.
    used_bytes: usize,
    pub(super) refused_memory: bool,
}

impl StoreLimits {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: usize::try_from(limits.memory).unwrap_or(usize::MAX),
            table_elements: usize::try_from(limits.table_elements).unwrap_or(usize::MAX),
            used_bytes: 0,
            refused_memory: false,
        }
    }
}

impl ResourceLimiter for StoreLimits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self
            .used_bytes
            .saturating_add(desired.saturating_sub(current));
        if used > self.memory_bytes {
            self.refused_memory = true;
            return Ok(false);
        }
        self.used_bytes = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= self.table_elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_counted_over_all_memories_of_a_component() {
        let mut limits = StoreLimits::new(&Limits {
            memory: 100,
            ..Limits::default()
        });
        assert!(limits.memory_growing(0, 60, None).unwrap());
        assert!(limits.memory_growing(0, 40, None).unwrap());
        assert!(!limits.memory_growing(40, 41, None).unwrap());
        assert!(limits.refused_memory);
    }
}
