//! Puts pieces of a URL where a name, a namespace, a plural or a group belongs. Says which got through.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::Value;

const TRICKS: [&str; 5] = [
    "../../secrets/x",
    "a%2f..",
    "..",
    "a?watch=1",
    "a\r\nHost: x",
];

fn tricks_with_a_path_in_a_name(_: Nothing) -> Result<Text, Failure> {
    let mut got_through = Vec::new();
    for trick in TRICKS {
        let (pods, plural) = (ResourceType::new("", "pods"), ResourceType::new("", trick));
        let tried = [
            ObjectRef::in_namespace(pods.clone(), "default", trick),
            ObjectRef::in_namespace(pods, trick, "a"),
            ObjectRef::in_namespace(plural, "default", "a"),
            ObjectRef::in_namespace(ResourceType::new(trick, "pods"), "default", "a"),
        ];
        for object in tried {
            match kubernetes::get::<Value>(&object) {
                Err(Failure::Invalid(_) | Failure::Denied(_)) => {}
                other => got_through.push(format!("{object:?}: {other:?}")),
            }
        }
    }
    Ok(Text(format!("got through: {got_through:?}")))
}

bulkhead_guests::hostile!(
    "tricks-with-a-path-in-a-name",
    tricks_with_a_path_in_a_name,
    Want::cluster(&["*"], &["*"], &["get"], "To get at other things.")
);
