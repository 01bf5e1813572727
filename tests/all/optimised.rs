//! Components as they are shipped: made smaller. On a machine that cannot do so these are skipped.

use std::fs;

use bulkhead_tests::built;

/// Read, hashed and mapped at each start of a host.
fn is_at_most(plugin: &str, kibibytes: u64) {
    let bytes = fs::metadata(built::plugin(plugin)).unwrap().len();
    println!("{plugin}.wasm: {bytes} bytes");
    assert!(bytes <= kibibytes * 1024, "{plugin}.wasm: {bytes} bytes");
}

#[test]
fn the_velero_plugin_is_at_most_400_kib() {
    is_at_most("velero", 400);
}

#[test]
fn the_cnpg_plugin_is_at_most_600_kib() {
    is_at_most("cnpg", 600);
}
