//! The second half: a fix is proposed, a model fails to approve it, a person approves it, and it is taken back.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{ask, narrator, operator::Operator, session::Session, word_with};

/// The release that reads its database's name where it still is right.
const GOOD: &str = "registry.example/checkout:2.7.4";

/// Plays it. Each answer is looked at.
pub(super) fn play(session: &mut Session, operator: &Operator) -> Result<()> {
    narrator::person("It worked with 2.7.4. Go back to that.");
    let patch = json!({
        "kind": "deployment", "name": "checkout", "namespace": "shop",
        "operation": "update_image", "image": GOOD, "confirm": true,
    });
    let id = refused(session, "k8s_patch", &patch, "needs-approval")?;

    narrator::model("Nobody has approved it. Perhaps I can?");
    let claim = json!({ "id": id, "approved": true, "approved_by": "the user" });
    refused(session, "change_apply", &claim, "invalid")?;
    refused(
        session,
        "change_apply",
        &json!({ "id": id }),
        "needs-approval",
    )?;
    println!("  call  (a shell) bulkhead approve {id} < /dev/null");
    narrator::answer(&operator.approve_without_a_terminal(&id)?);
    let image = ask(session, "k8s_get", &image_of_checkout())?;
    ensure!(
        !image.contains(GOOD),
        "the image changed before anybody approved it"
    );
    narrator::conclusion(
        "Nothing that a model can write approves anything: a decision is a signature, by a key that a passphrase unlocks in a terminal.",
    );

    operator.approve(&id)?;
    narrator::model("It is approved now. The same call again finds the proposal and its decision.");
    let applied = ask(session, "k8s_patch", &patch)?;
    ensure!(applied.contains("applied"), "the change was not applied");
    let image = ask(session, "k8s_get", &image_of_checkout())?;
    ensure!(
        image.contains(GOOD),
        "the image is not the one that was approved"
    );
    let pods = ask(
        session,
        "k8s_list",
        &json!({ "kind": "pods", "namespace": "shop" }),
    )?;
    ensure!(!pods.contains("CrashLoopBackOff"), "it still crashes");

    narrator::person("And back again, please: I want to see that too.");
    let rollback = ask(session, "change_rollback", &json!({ "id": id }))?;
    let back = word_with(&rollback.replace(&id, ""), "c-")
        .context("the way back has no id")?
        .to_owned();
    operator.approve(&back)?;
    let taken_back = ask(session, "change_apply", &json!({ "id": back }))?;
    ensure!(taken_back.contains("applied"), "it was not taken back");
    let image = ask(session, "k8s_get", &image_of_checkout())?;
    ensure!(!image.contains(GOOD), "the image is still the other one");
    ask(session, "change_history", &json!({}))?;
    Ok(())
}

fn image_of_checkout() -> serde_json::Value {
    json!({
        "kind": "deployment", "name": "checkout", "namespace": "shop",
        "path": "spec.template.spec.containers[0].image",
    })
}

/// One call that must fail in this way; gives the id of the change that it is about.
fn refused(
    session: &mut Session,
    tool: &str,
    arguments: &serde_json::Value,
    kind: &str,
) -> Result<String> {
    narrator::call(tool, arguments);
    let answer = session.call(tool, arguments)?;
    narrator::answer(&answer.text);
    ensure!(
        answer.is_error && answer.text.starts_with(kind),
        "{tool} was not refused with {kind}"
    );
    let id = word_with(&answer.text, "c-").unwrap_or_default();
    Ok(id.to_owned())
}
