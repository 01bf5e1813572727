//! Components as they are shipped: made smaller. On a machine that cannot do so these are skipped.

use std::fs;

use bulkhead_tests::built;

/// Read, hashed and mapped at each start of a host.
const LARGEST_COMPONENT: u64 = 400 * 1024;

#[test]
fn the_velero_plugin_is_at_most_400_kib() {
    let bytes = fs::metadata(built::plugin("velero")).unwrap().len();
    println!("velero.wasm: {bytes} bytes");
    assert!(bytes <= LARGEST_COMPONENT, "{bytes} bytes");
}
