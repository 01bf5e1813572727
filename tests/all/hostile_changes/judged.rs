//! What grants and policy say to it: the same alone, behind something harmless, and however it is written.

use serde_json::json;

use super::{
    EVERYTHING, PATCH_PODS, all_refused, approvals, approve, call, config, drawing, id_in,
    requests_for_objects, with_a_yes,
};
use crate::{
    session::{Said, Session},
    sim::Sim,
};

#[test]
pub(super) fn proposes_what_policy_blocks() {
    let sim = Sim::small().may_change();
    let (said, session) = call("proposes_what_policy_blocks", &sim, EVERYTHING, json!({}));
    let said = said.succeeds(&["kube-system", "do not try other ways"]);
    assert_eq!(said.text.lines().count(), 8, "{}", said.text);
    all_refused(&said.text, &["Denied"]);
    assert_eq!(
        said.text.matches("the plan cannot be approved").count(),
        8,
        "{}",
        said.text
    );
    // Nothing of it waits for anybody.
    assert!(!approvals(&session, &[]).contains("guest/"));
}

#[test]
pub(super) fn mounts_a_secret() {
    let sim = Sim::small().may_change();
    let keeper = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "namespace": "vault", "name": "keeper" } });
    sim.server.change(|cluster| cluster.insert(keeper).unwrap());
    let (said, _) = call("mounts_a_secret", &sim, EVERYTHING, json!({}));
    let said = said.succeeds(&["use"]);
    assert_eq!(said.text.lines().count(), 28, "{}", said.text);
    all_refused(&said.text, &["Denied", "Invalid"]);
    assert!(
        said.text.matches("Err(Denied(").count() >= 24,
        "{}",
        said.text
    );
}

#[test]
pub(super) fn has_the_collector_delete() {
    let guest = "has_the_collector_delete";
    for how in ["merge", "strategic", "json"] {
        let sim = Sim::small().may_change();
        let mut session = with_a_yes(guest, &sim, PATCH_PODS);
        let answer = session.call_tool_with_person(guest, &json!({ "how": how }));
        let said =
            Said::of(answer.unwrap().unwrap()).fails("needs-approval", &["bulkhead approve"]);
        assert_eq!(
            session.questions(),
            [] as [serde_json::Value; 0],
            "the client is not asked"
        );
        let drawing = drawing(&session, &id_in(&said.text));
        assert!(drawing.contains("risk      HIGH"), "{drawing}");
        assert!(
            drawing.contains("the collector deletes an object with its owner"),
            "{drawing}"
        );
        assert_eq!(sim.changes(), [], "{how}");
    }
}

#[test]
pub(super) fn leaves_its_label_selector() {
    let sim = Sim::small().may_change();
    let grants = PATCH_PODS.to_owned() + "label_selector = \"app=till\"\n";
    let (said, _) = call("leaves_its_label_selector", &sim, &grants, json!({}));
    let said = said.succeeds(&["stays: Ok(())"]);
    let tried: Vec<&str> = said
        .text
        .lines()
        .filter(|line| !line.starts_with("stays"))
        .collect();
    assert_eq!(tried.len(), 11, "{}", said.text);
    all_refused(&tried.join("\n"), &["Denied", "NotFound", "Invalid"]);
    let leaving = said
        .text
        .matches("the labels of `till` as they would be")
        .count();
    assert!(leaving >= 6, "{}", said.text);
    // What it does not cover looks as if it were not there.
    assert!(
        tried[9..].iter().all(|line| line.contains("NotFound")),
        "{}",
        said.text
    );
}

#[test]
pub(super) fn deletes_what_it_may_not_read() {
    let guest = "deletes_what_it_may_not_read";
    let sim = Sim::small().may_change();
    let recipe = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "namespace": "shop", "name": "recipe", "labels": { "of": "grandmother" }, "annotations": { "note": "two-cloves" } },
        "data": { "steps": "knead-for-an-hour" },
    });
    sim.server.change(|cluster| cluster.insert(recipe).unwrap());
    let grants = "[[plugins.guest.grants]]\napi_groups = [\"\"]\nresources = [\"configmaps\"]\nverbs = [\"delete\"]\nnamespaces = [\"shop\"]\n";
    let mut session = Session::start(config(guest, &sim, grants));
    let said = session
        .call(guest, json!({}))
        .succeeds(&["get: Err(Denied", "Ok(Proposal"]);
    let id = id_in(&said.text);
    // The person sees what goes.
    assert!(drawing(&session, &id).contains("knead-for-an-hour"));
    session
        .call("change_status", json!({ "id": id }))
        .succeeds(&[&id]);
    approve(&session, &id);
    session
        .call("change_apply", json!({ "id": id }))
        .succeeds(&["applied"]);
    session
        .call("change_status", json!({ "id": id }))
        .succeeds(&["applied"]);
    // And what would come back.
    let back = session.call("change_rollback", json!({ "id": id }));
    session.call("change_status", json!({})).succeeds(&[]);
    for text in ["grandmother", "two-cloves", "knead-for-an-hour"] {
        assert!(!session.received().contains(text), "{text}: {}", back.text);
    }
    let reads = requests_for_objects(&sim);
    assert!(
        reads.iter().any(|request| request.starts_with("DELETE")),
        "{reads:?}"
    );
}
