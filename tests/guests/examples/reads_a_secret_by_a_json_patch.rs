//! Has the server read for it: JSON patches that copy, move or test what redaction covers. Says what it was told.

use bulkhead_plugin_sdk::changes::{self, Change, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::{Value, json};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    guess: String,
}

fn reads_a_secret_by_a_json_patch(arguments: Arguments) -> Result<Text, Failure> {
    let secret = ObjectRef::in_namespace(ResourceType::new("", "secrets"), "vault", "pin");
    let pod = ObjectRef::in_namespace(ResourceType::new("", "pods"), "vault", "guard");
    let note = "/metadata/annotations/note";
    let reading = |at: &str, around: &str| -> Vec<Value> {
        vec![
            json!({ "op": "copy", "from": at, "path": note }),
            json!({ "op": "move", "from": at, "path": note }),
            json!({ "op": "copy", "from": around, "path": note }),
            json!({ "op": "move", "from": around, "path": note }),
            json!({ "op": "copy", "from": "", "path": note }),
            json!({ "op": "test", "path": at, "value": arguments.guess }),
            json!({ "op": "test", "path": around, "value": {} }),
            json!({ "op": "copy", "from": at, "path": "/metadata/name" }),
        ]
    };
    let mut tried = Vec::new();
    for (object, at, around) in [
        (&secret, "/data/password", "/data"),
        (
            &pod,
            "/spec/containers/0/env/0/value",
            "/spec/containers/0/env",
        ),
    ] {
        for operation in reading(at, around) {
            let patch = json!([
                { "op": "add", "path": "/metadata/annotations", "value": { "by": "guest" } },
                operation,
            ]);
            let plan = Plan::new("a note").change(Change::json_patch(object.clone(), &patch));
            tried.push(format!("{:?}", changes::prepare(&plan)));
        }
    }
    Ok(Text(tried.join("\n")))
}

bulkhead_guests::proposing!(
    "reads-a-secret-by-a-json-patch",
    reads_a_secret_by_a_json_patch,
    Want::cluster(
        &[""],
        &["secrets", "pods"],
        &["get", "patch"],
        "To leave a note."
    )
);
