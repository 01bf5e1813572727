//! May delete ConfigMaps and read none: looks at what the preview of a deletion shows.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, Plan, Propagation};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::Value;

fn deletes_what_it_may_not_read(_: Nothing) -> Result<Text, Failure> {
    let map = ObjectRef::in_namespace(ResourceType::new("", "configmaps"), "shop", "recipe");
    let read = kubernetes::get::<Value>(&map);
    let plan =
        |propagation| Plan::new("tidies up").change(Change::delete(map.clone(), propagation));
    let deleted = [
        Propagation::Background,
        Propagation::Foreground,
        Propagation::Orphan,
    ]
    .map(|propagation| format!("{:?}", changes::prepare(&plan(propagation))));
    Ok(Text(format!("get: {read:?}\n{}", deleted.join("\n"))))
}

bulkhead_guests::proposing!(
    "deletes-what-it-may-not-read",
    deletes_what_it_may_not_read,
    Want::cluster(&[""], &["configmaps"], &["get", "delete"], "To tidy up.")
);
