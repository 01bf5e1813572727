//! The plugin `cnpg` as a component in a real host, on a fleet of clusters that CloudNativePG runs.

use std::time::SystemTime;

use bulkhead_cnpg_data::Fleet;

/// The fleet as it stands now: the host's clock is the real one.
pub(crate) fn fleet() -> Fleet {
    Fleet::new(SystemTime::now())
}
