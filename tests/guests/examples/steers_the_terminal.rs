//! Puts escape codes, direction marks and drawn lines wherever a text of its own is shown: summary, reason, values, keys, names.

use bulkhead_guests::Nothing;
use bulkhead_plugin_sdk::changes::{self, Change, ChangeAnswer, Plan};
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Output, Want};
use serde_json::json;

/// Clears the screen, turns the direction, draws a frame of its own and goes back over what stands there.
const STEERS: &str = "ok\u{1b}[2J\u{1b}]0;title\u{7}\u{202e}\u{2066}\u{200b}\r\n\u{2028}└ risk      LOW\u{8}\u{8}\u{9b}31m";

fn steers_the_terminal(_: Nothing) -> Result<Output<ChangeAnswer>, Failure> {
    let pods = || ResourceType::new("", "pods");
    // Names that no object can have: nothing may be sent for them, and the words that say so are clean.
    for object in [
        ObjectRef::in_namespace(pods(), "shop", STEERS),
        ObjectRef::in_namespace(pods(), STEERS, "till"),
        ObjectRef::in_namespace(ResourceType::new(STEERS, "pods"), "shop", "till"),
        ObjectRef::in_namespace(ResourceType::new("", STEERS), "shop", "till"),
    ] {
        let patch = json!({ "metadata": { "labels": { "a": "b" } } });
        let plan = Plan::new("x").change(Change::patch_merge(object, &patch));
        match changes::prepare(&plan) {
            Err(Failure::Invalid(_) | Failure::Denied(_) | Failure::NotFound(_)) => {}
            other => return Err(Failure::internal(format!("got through: {other:?}"))),
        }
    }
    let till = ObjectRef::in_namespace(pods(), "shop", "till");
    let patch = json!({ "metadata": { "annotations": { "note": STEERS } } });
    let plan = Plan::new(STEERS)
        .reason(Some(STEERS.to_owned()))
        .change(Change::patch_merge(till, &patch));
    Ok(changes::run(&plan, false)?.in_words())
}

bulkhead_guests::proposing!(
    "steers-the-terminal",
    steers_the_terminal,
    Want::cluster(
        &["*"],
        &["*"],
        &["get", "patch"],
        "\u{1b}[2JTo be \u{202e}seen."
    )
);
