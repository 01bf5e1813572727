//! The forms of a patch.

use serde_json::Value;

use super::incoming::Incoming;
use super::strategic;
use crate::status::Refusal;
use crate::types::ResourceType;

const ACCEPTED: &str = "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json";
const ACCEPTED_FOR_CUSTOM: &str = "application/json-patch+json, application/merge-patch+json";

/// What `before` becomes.
///
/// # Errors
/// 400 for what is no patch, 415 and 501 for forms that are not read here, 422 for a JSON patch that does not fit.
pub(super) fn apply(
    of: &ResourceType,
    before: &Value,
    incoming: &Incoming,
) -> Result<Value, Refusal> {
    let mut object = before.clone();
    match incoming.media_type.as_deref().unwrap_or_default() {
        "application/merge-patch+json" => {
            json_patch::merge(&mut object, &read_object(&incoming.body)?);
        }
        "application/json-patch+json" => {
            let operations = read(&incoming.body)?;
            if !operations.is_array() {
                return Err(undecodable("it is no list of operations"));
            }
            let patch: json_patch::Patch =
                serde_json::from_value(operations).map_err(|_| Refusal::rejected_patch())?;
            json_patch::patch(&mut object, &patch).map_err(|_| Refusal::rejected_patch())?;
        }
        "application/strategic-merge-patch+json" if of.custom => {
            return Err(Refusal::unknown_media_type(ACCEPTED_FOR_CUSTOM));
        }
        "application/strategic-merge-patch+json" => {
            strategic::merge(&mut object, &read_object(&incoming.body)?)?;
        }
        "application/apply-patch+yaml" | "application/apply-patch+cbor" => {
            return Err(Refusal::not_implemented(
                "simcluster does not serve server-side apply: it keeps no field managers",
            ));
        }
        _ => return Err(Refusal::unknown_media_type(ACCEPTED)),
    }
    Ok(object)
}

fn read(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| undecodable(&error.to_string()))
}

fn read_object(body: &[u8]) -> Result<Value, Refusal> {
    read(body).and_then(|patch| {
        if patch.is_object() {
            Ok(patch)
        } else {
            Err(undecodable("it is no object"))
        }
    })
}

fn undecodable(problem: &str) -> Refusal {
    Refusal::bad_request(format!("error decoding patch: {problem}"))
}
