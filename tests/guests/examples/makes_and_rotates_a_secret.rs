//! Has the host make the values of a Secret, or new ones.

use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Generated, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
    rotate: bool,
}

fn makes_and_rotates_a_secret(arguments: Arguments) -> Result<Output<ChangeAnswer>, Failure> {
    let namespace = arguments.namespace;
    let generate = vec![Generated {
        key: "password".to_owned(),
        characters: 32,
    }];
    let change = if arguments.rotate {
        let secrets = ResourceType::new("", "secrets");
        Change::rotate_secret(
            ObjectRef::in_namespace(secrets, namespace, "made"),
            generate,
        )
    } else {
        let metadata = json!({ "namespace": namespace, "name": "made" });
        let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": { "user": "ada" } });
        Change::create_secret(&secret, generate)
    };
    let plan = Plan::new("a password that nobody knows").change(change);
    Ok(changes::run(&plan, false)?.in_words())
}

bulkhead_guests::proposing!(
    "makes-and-rotates-a-secret",
    makes_and_rotates_a_secret,
    Want::cluster(
        &[""],
        &["secrets"],
        &["get", "create", "patch"],
        "To make passwords."
    )
);
