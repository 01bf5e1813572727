//! Asks for a Secret in every way there is, and answers with whatever it was given.

use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::Value;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
    name: String,
}

fn asks_for_a_secret(which: Arguments) -> Result<Text, Failure> {
    let secrets = ResourceType::new("", "secrets");
    let object = ObjectRef::in_namespace(secrets.clone(), &which.namespace, &which.name);
    let all = Query::in_namespace(secrets, &which.namespace);
    let selected = all.clone().field_selector("data.password=aHVudGVyMg==");
    let whole = kubernetes::get::<Value>(&object);
    let data = kubernetes::get_fields::<Value>(&object, &["data", "stringData"]);
    let list = kubernetes::list::<Value>(&all, 500, None).map(|page| page.items);
    let select = kubernetes::list::<Value>(&selected, 500, None).map(|page| page.items);
    let count = kubernetes::count_by(&all, &["data.password"]);
    let given = format!(
        "get: {whole:?}\nget data: {data:?}\nlist: {list:?}\nselect: {select:?}\ncount: {count:?}"
    );
    Ok(Text(given))
}

bulkhead_guests::hostile!(
    "asks-for-a-secret",
    asks_for_a_secret,
    Want::cluster(&[""], &["secrets"], &["get", "list"], "To steal it.")
);
