//! Resources, prompts and completion, through the host's own gate and redaction.

use super::super::{CompletionTarget, Kit, Running};
use crate::changes::{self, Change, Plan};
use crate::kubernetes::{self, ObjectRef, Query, ResourceType};
use crate::{
    Contents, Failure, Message, Plugin, Prompt, Resource, Template, Text, Typed, Want, context,
};
use serde_json::{Value, json};

const SHOP: &str = "
apiVersion: v1
kind: Secret
metadata: { name: till, namespace: shop }
data: { password: aHVudGVyMg== }
---
apiVersion: v1
kind: Pod
metadata: { name: till-0, namespace: shop }
status: { phase: Running }
---
apiVersion: v1
kind: Pod
metadata: { name: till-1, namespace: shop }
status: { phase: Pending }
---
apiVersion: v1
kind: Pod
metadata: { name: oven, namespace: shop }
";

const PODS: &str =
    r#"api_groups = [""], resources = ["pods"], verbs = ["get", "list"], namespaces = ["shop"]"#;

const SECRETS: &str =
    r#"api_groups = [""], resources = ["secrets"], verbs = ["get"], namespaces = ["shop"]"#;

#[derive(serde::Deserialize)]
struct Placed {
    namespace: String,
    name: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Pod {
    /// Its name.
    pod: String,
}

fn names() -> Result<Vec<String>, Failure> {
    let query = Query::in_namespace(ResourceType::new("", "pods"), "shop");
    let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], 10, None)?;
    Ok(page.items.into_iter().map(|(name,)| name).collect())
}

fn suggested(_: Typed<'_>) -> Result<Vec<String>, Failure> {
    names()
}

fn phase(pod: Placed) -> Result<Text, Failure> {
    let of = ResourceType::new("", "pods");
    let object = ObjectRef::in_namespace(of, &pod.namespace, &pod.name);
    let (phase,) = kubernetes::get_fields(&object, &["status.phase"])?;
    Ok(Text(phase))
}

fn secret() -> Result<Value, Failure> {
    kubernetes::get(&ObjectRef::in_namespace(
        ResourceType::new("", "secrets"),
        "shop",
        "till",
    ))
}

fn proposing() -> Result<Text, Failure> {
    let of = ResourceType::new("", "pods");
    let object = ObjectRef::in_namespace(of, "shop", "oven");
    let plan = Plan::new("end it").change(Change::delete(object, changes::Propagation::Background));
    changes::prepare(&plan).map(|proposal| Text(proposal.id))
}

fn look(pod: Pod) -> Result<String, Failure> {
    let namespace = context::default_namespace();
    let pods = names()?.len();
    Ok(format!("look at {} of {pods}, from {namespace}", pod.pod))
}

fn describe() -> Plugin {
    let verbs = ["get", "list", "delete"];
    let pods = Want::cluster(&[""], &["pods", "secrets"], &verbs, "To test.");
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .wants(pods)
        .resource(Resource::new("test://pods", "pods", "Names.", names))
        .resource(Resource::new(
            "test://secret",
            "secret",
            "Its keys.",
            secret,
        ))
        .resource(Resource::new("test://change", "change", "None.", proposing))
        .template(
            Template::new("test://{namespace}/{name}", "phase", "Of a pod.", phase)
                .completes("name", suggested),
        )
        .prompt(Prompt::new("look", "Looks.", look).completes("pod", suggested))
}

fn running(grants: &[&str]) -> Running {
    let kit = Kit::from_manifests(SHOP);
    let granted = grants.iter().fold(kit, |kit, grant| kit.grant(grant));
    granted.run(describe)
}

fn complete(test: &Running, typed: &str) -> [Result<Vec<String>, Failure>; 2] {
    let template = CompletionTarget::Template("test://{namespace}/{name}".to_owned());
    let prompt = CompletionTarget::Prompt("look".to_owned());
    [(template, "name"), (prompt, "pod")]
        .map(|(target, argument)| test.complete(&target, argument, typed, &[]))
}

#[test]
fn a_resource_is_read_from_the_cluster() {
    let contents = running(&[PODS]).read("test://pods");
    let expected = Contents {
        mime_type: "application/json".to_owned(),
        text: json!(["oven", "till-0", "till-1"]).to_string(),
    };
    assert_eq!(contents, Ok(expected));
}

#[test]
fn the_variables_of_a_template_say_what_is_read() {
    let test = running(&[PODS]);
    let contents = test.read("test://shop/till-1").expect("it is granted");
    assert_eq!(contents.text, "Pending");
    let other = test.read("test://batch/till-1");
    assert!(matches!(other, Err(Failure::Denied(_))), "{other:?}");
}

#[test]
fn without_a_grant_nothing_is_read_or_completed_and_the_cluster_is_not_asked() {
    let test = running(&[]);
    let mut denied = vec![
        test.read("test://pods").map(drop),
        test.read("test://shop/till-1").map(drop),
        test.prompt("look", &[("pod", "oven")]).map(drop),
    ];
    denied.extend(complete(&test, "").map(|values| values.map(drop)));
    for failure in denied {
        assert!(matches!(failure, Err(Failure::Denied(_))), "{failure:?}");
    }
    let asked = test.cluster().requests();
    assert!(
        asked
            .iter()
            .all(|request| !request.path.contains("/namespaces/")),
        "{asked:?}"
    );
}

#[test]
fn the_value_of_a_secret_is_in_no_resource() {
    let contents = running(&[SECRETS])
        .read("test://secret")
        .expect("it is granted");
    assert!(contents.text.contains("password"), "the key stays");
    assert!(!contents.text.contains("aHVudGVyMg"), "{}", contents.text);
}

#[test]
fn reading_a_resource_cannot_propose_a_change() {
    let delete = r#"api_groups = [""], resources = ["pods"], verbs = ["delete", "get"], namespaces = ["shop"]"#;
    let failure = running(&[delete]).read("test://change");
    assert!(matches!(failure, Err(Failure::Denied(_))), "{failure:?}");
}

#[test]
fn a_prompt_is_filled_in_with_what_the_cluster_says() {
    let messages = running(&[PODS]).prompt("look", &[("pod", "oven")]);
    let expected = Message::user("look at oven of 3, from default");
    assert_eq!(messages, Ok(vec![expected]));
}

#[test]
fn what_is_typed_is_completed_from_the_cluster() {
    let names = ["till-0", "till-1"].map(str::to_owned).to_vec();
    for values in complete(&running(&[PODS]), "till") {
        assert_eq!(values, Ok(names.clone()));
    }
}
