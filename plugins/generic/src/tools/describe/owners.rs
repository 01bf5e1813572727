//! Who made an object: its owner, the owner's owner, and so on.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, ResourceType};
use serde::Deserialize;
use serde_json::Value;

/// Pod, ReplicaSet, Deployment, and what an operator put above it. Each link is two requests.
const MOST: usize = 3;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    api_version: String,
    kind: String,
    name: String,
    #[serde(default)]
    controller: bool,
}

/// Returns the owners, nearest first, as `ReplicaSet checkout-7d9f`.
pub(super) fn of(object: &Value, namespace: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut owners = Vec::new();
    let mut references = object.pointer("/metadata/ownerReferences").cloned();
    while let Some(owner) = references.take().and_then(controller) {
        owners.push(format!("{} {}", owner.kind, owner.name));
        if owners.len() == MOST {
            break;
        }
        references = kubernetes::get_fields::<(Option<Value>,)>(
            &find(&owner, namespace)?,
            &["metadata.ownerReferences"],
        )?
        .0;
    }
    Ok(owners)
}

fn controller(references: Value) -> Option<Owner> {
    let owners: Vec<Owner> = serde_json::from_value(references).ok()?;
    owners.into_iter().find(|owner| owner.controller)
}

fn find(owner: &Owner, namespace: Option<&str>) -> Result<ObjectRef, Failure> {
    let (group, version) = owner
        .api_version
        .split_once('/')
        .unwrap_or(("", &owner.api_version));
    let word = if group.is_empty() {
        owner.kind.clone()
    } else {
        format!("{}.{group}", owner.kind)
    };
    let found = kubernetes::resolve(&word)?;
    let of = ResourceType {
        version: Some(version.to_owned()),
        ..found.of
    };
    let namespace = namespace.filter(|_| found.namespaced).map(str::to_owned);
    Ok(ObjectRef {
        of,
        namespace,
        name: owner.name.clone(),
    })
}
