//! Looks at a Secret and at a pod's environment through whatever compares: rows, count-by, wait-for, selectors, a Table. The answers
//! for a hit and for a miss must be the same.

use std::time::Duration;

use bulkhead_plugin_sdk::kubernetes::{
    self, Comparison, Condition, ObjectRef, Query, ResourceType,
};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::Value;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    guess: String,
}

fn asks_whether_it_guessed_a_secret(arguments: Arguments) -> Result<Text, Failure> {
    let guess = arguments.guess;
    let mut tried = Vec::new();
    for (plural, name, path) in [
        ("secrets", "pin", "data.password"),
        ("pods", "guard", "spec.containers[0].env[0].value"),
    ] {
        let of = ResourceType::new("", plural);
        let object = ObjectRef::in_namespace(of.clone(), "vault", name);
        let all = Query::in_namespace(of.clone(), "vault");
        let row = kubernetes::get_fields::<Vec<Value>>(&object, &[path, "metadata.annotations"]);
        let rows =
            kubernetes::list_fields::<Vec<Value>>(&all, &[path], 10, None).map(|page| page.items);
        let count = kubernetes::count_by(&all, &[path]);
        let until = Condition::Equals(Comparison {
            at: path.to_owned(),
            value: format!("\"{guess}\""),
        });
        let wait = kubernetes::wait_for::<Value>(&object, &until, Duration::from_secs(1));
        let selected = all.clone().field_selector(format!("{path}={guess}"));
        let selected = kubernetes::list::<Value>(&selected, 10, None).map(|page| page.items.len());
        let labelled = all.label_selector(format!("{path}={guess}"));
        let labelled = kubernetes::list::<Value>(&labelled, 10, None).map(|page| page.items.len());
        let mut table = of;
        table.version = Some("v1?as=Table;v=v1;g=meta.k8s.io&includeObject=Object".to_owned());
        let table = kubernetes::get::<Value>(&ObjectRef::in_namespace(table, "vault", name));
        tried.push(format!(
            "row: {row:?}\nrows: {rows:?}\ncount: {count:?}\nwait: {wait:?}\nselected: {selected:?}\nlabelled: {labelled:?}\n\
             table: {table:?}"
        ));
    }
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::hostile!(
    "asks-whether-it-guessed-a-secret",
    asks_whether_it_guessed_a_secret,
    Want::cluster(
        &[""],
        &["secrets", "pods"],
        &["get", "list", "watch"],
        "To look."
    )
);
