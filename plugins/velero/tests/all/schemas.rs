//! The schemas that the component carries are those of the types.

use bulkhead_plugin_sdk::test_kit::stored_schemas;
use bulkhead_plugin_velero::describe;

#[test]
fn the_stored_schemas_are_those_of_the_types() {
    stored_schemas(
        describe,
        concat!(env!("CARGO_MANIFEST_DIR"), "/schemas.tsv"),
    );
}
