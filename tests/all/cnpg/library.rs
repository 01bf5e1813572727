//! What the plugin offers beside its tools: two prompts, two kinds of resources, and names that complete.

use std::{fs, path::PathBuf};

use bulkhead_cnpg_data::{ALL, NAMESPACES};
use bulkhead_tests::mcp_client::RpcError;
use serde_json::{Value, json};

use super::{Desk, GRANTS, sim, text_with};
use crate::sim::Sim;

const TEMPLATE: &str = "cnpg://clusters/{namespace}/{name}";

/// A kubeconfig whose context is in the namespace `shop`.
fn in_shop(sim: &Sim) -> PathBuf {
    let path = sim.folder().join("in-shop");
    let text = fs::read_to_string(sim.kubeconfig()).unwrap();
    assert!(text.contains("namespace: default"), "{text}");
    fs::write(&path, text.replace("namespace: default", "namespace: shop")).unwrap();
    path
}

/// With every grant over all namespaces; the context is in `shop`.
pub(super) fn everywhere(sim: &Sim) -> Desk {
    let each = "namespaces = [\"shop\", \"till\", \"lab\"]";
    assert!(GRANTS.contains(each));
    let grants = GRANTS.replace(each, "namespaces = [\"*\"]");
    Desk::of(&text_with(&in_shop(sim), "", &grants))
}

/// The text of a prompt that was filled in.
fn prompted(desk: &mut Desk, name: &str, arguments: Value) -> String {
    let answer = desk.client.get_prompt(name, arguments).unwrap().unwrap();
    let message = &answer["messages"][0];
    assert_eq!(message["role"], "user", "{answer}");
    message["content"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn both_prompts_are_filled_in_with_what_is_given() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    let prompts = desk.client.list("prompts/list").unwrap();
    let names: Vec<_> = prompts.iter().map(|prompt| &prompt["name"]).collect();
    assert_eq!(
        names,
        ["postgres_health_review", "postgres_restore_runbook"]
    );

    let of = json!({ "name": "orders", "namespace": "shop" });
    let one = prompted(&mut desk, "postgres_health_review", of);
    assert!(one.contains("`orders` in namespace `shop`"), "{one}");
    let all = prompted(&mut desk, "postgres_health_review", json!({}));
    assert!(all.contains("list_postgres_clusters first"), "{all}");

    let lost =
        json!({ "name": "orders", "namespace": "shop", "lost": "the table `cart`, at 09:40 UTC" });
    let runbook = prompted(&mut desk, "postgres_restore_runbook", lost);
    for part in [
        "the table `cart`, at 09:40 UTC",
        "`orders` in namespace `shop`",
    ] {
        assert!(runbook.contains(part), "{runbook}");
    }
    // Tools of either name are there.
    let tools = [desk.tools(true), desk.tools(false)].concat();
    for text in [&one, &all, &runbook] {
        let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        for word in words.filter(|word| word.contains("_postgres_") || word.starts_with("get_")) {
            assert!(tools.iter().any(|tool| tool["name"] == word), "{word}");
        }
    }
    let unsaid = json!({ "name": "orders" });
    let refused = desk.client.get_prompt("postgres_restore_runbook", unsaid);
    let refused = refused.unwrap().unwrap_err();
    assert_eq!(refused.code, -32602, "{refused:?}");
    assert!(refused.message.contains("lost"), "{refused:?}");
    desk.end();
}

#[test]
fn the_resources_are_the_context_s_clusters_and_any_one_of_them() {
    let sim = sim();
    let mut desk = Desk::of(&text_with(&in_shop(&sim), "", GRANTS));
    let mut read = |uri: &str| -> Result<Value, RpcError> {
        let answer = desk.client.read_resource(uri).unwrap()?;
        let contents = &answer["contents"][0];
        assert_eq!(contents["uri"], uri);
        assert_eq!(contents["mimeType"], "application/json");
        let text = contents["text"].as_str().unwrap();
        Ok(serde_json::from_str(text).unwrap())
    };
    let all = read("cnpg://clusters").unwrap();
    let rows = all["rows"].as_array().unwrap().iter();
    let names: Vec<_> = rows.map(|row| &row[0]).collect();
    assert_eq!(names, ["carts", "catalog", "media", "orders"], "{all}");
    let one = read("cnpg://clusters/till/vault").unwrap();
    assert_eq!(one["name"], "vault");
    assert!(
        one["summary"].as_str().unwrap().contains("Hibernated"),
        "{one}"
    );
    let missing = read("cnpg://clusters/till/vaults").unwrap_err();
    assert!(
        missing.message.contains("no cluster `vaults`"),
        "{missing:?}"
    );
    let unseen = read("cnpg://clusters/kube-system/vault").unwrap_err();
    assert_eq!(unseen.data["kind"], "denied", "{unseen:?}");
    desk.end();
}

fn values(answer: &Value) -> Vec<&str> {
    let values = answer["completion"]["values"].as_array().unwrap();
    values.iter().map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn names_and_namespaces_of_clusters_complete() {
    let sim = sim();
    let mut desk = everywhere(&sim);
    let mut all = ALL.map(|at| at.name);
    all.sort_unstable();
    let mut namespaces = NAMESPACES;
    namespaces.sort_unstable();
    let expected: [(&str, &str, &[&str]); 5] = [
        ("name", "", &all),
        ("name", "ca", &["carts", "catalog"]),
        ("name", "none", &[]),
        ("namespace", "", &namespaces),
        ("namespace", "t", &["till"]),
    ];
    for (variable, typed, complete) in expected {
        let answer = desk.client.complete_template(TEMPLATE, variable, typed);
        assert_eq!(values(&answer.unwrap().unwrap()), complete, "{variable}");
    }
    for prompt in ["postgres_health_review", "postgres_restore_runbook"] {
        for (argument, typed, complete) in expected {
            if argument == "name" {
                let answer = desk.client.complete_prompt(prompt, argument, typed);
                assert_eq!(values(&answer.unwrap().unwrap()), complete, "{prompt}");
            }
        }
    }
    desk.end();
}

#[test]
fn names_complete_in_the_namespace_that_was_filled_in_before() {
    let sim = sim();
    let mut desk = everywhere(&sim);
    for of in [
        json!({ "type": "ref/resource", "uri": TEMPLATE }),
        json!({ "type": "ref/prompt", "name": "postgres_restore_runbook" }),
    ] {
        let before = json!({ "namespace": "shop" });
        let answer = desk.client.complete(&of, ("name", ""), &before);
        let answer = answer.unwrap().unwrap();
        assert_eq!(values(&answer), ["carts", "catalog", "media", "orders"]);
    }
    desk.end();
}

/// Who may not look everywhere is offered what is in the context's namespace.
#[test]
fn without_a_grant_for_all_namespaces_those_of_the_context_complete() {
    let sim = sim();
    let mut desk = Desk::of(&text_with(&in_shop(&sim), "", GRANTS));
    let mut complete = |variable: &str| {
        let answer = desk.client.complete_template(TEMPLATE, variable, "");
        let answer = answer.unwrap().unwrap();
        values(&answer).join(" ")
    };
    assert_eq!(complete("name"), "carts catalog media orders");
    assert_eq!(complete("namespace"), "shop");
    let review = desk
        .client
        .complete_prompt("postgres_health_review", "name", "m");
    assert_eq!(values(&review.unwrap().unwrap()), ["media"]);
    desk.end();
}
