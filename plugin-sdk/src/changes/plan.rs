//! Short ways to say what to change.

use super::{Change, Generated, PatchKind, Plan, Propagation};
use crate::bindings::bulkhead::plugin::changes as contract;
use crate::kubernetes::{Comparison, ObjectRef};
use serde_json::Value;

impl Plan {
    /// A plan without changes. The summary is one line for the person who decides.
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            reason: None,
            changes: Vec::new(),
        }
    }

    /// Says why, in the caller's words; nothing where the caller gave none.
    #[must_use]
    pub fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason.filter(|reason| !reason.trim().is_empty());
        self
    }

    /// Adds a change, to be applied after those before it.
    #[must_use]
    pub fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

impl Change {
    /// Creates an object that carries its own name. Needs the verb `create`.
    pub fn create(object: &Value) -> Self {
        Self::Create(object.to_string())
    }

    /// Creates a Secret with values that the host makes when it applies: nobody else ever sees them. `object` goes without
    /// the generated keys. Needs the verb `create` on secrets.
    pub fn create_secret(object: &Value, generate: Vec<Generated>) -> Self {
        Self::CreateSecret(contract::SecretSpec {
            object: object.to_string(),
            generate,
        })
    }

    /// Makes new values for keys of a Secret. Needs the verbs `patch` and `get` on secrets.
    pub fn rotate_secret(target: ObjectRef, generate: Vec<Generated>) -> Self {
        Self::RotateSecret(contract::RotateSpec { target, generate })
    }

    /// Server-side apply. Needs the verbs `patch` and `get`, and `create` where there is no such object.
    pub fn apply(object: &Value) -> Self {
        Self::Apply(object.to_string())
    }

    /// A merge patch (RFC 7386): null removes, and a list is replaced whole. Needs the verbs `patch` and `get`.
    pub fn patch_merge(target: ObjectRef, patch: &Value) -> Self {
        Self::patch(target, PatchKind::Merge, patch)
    }

    /// A JSON patch (RFC 6902), a list of operations. Needs the verbs `patch` and `get`.
    pub fn json_patch(target: ObjectRef, operations: &Value) -> Self {
        Self::patch(target, PatchKind::JsonPatch, operations)
    }

    /// As [`Change::json_patch`], and refused where the object is no longer at the resourceVersion that the patch was computed from:
    /// for a list that is changed by index. Any change of the object in between ends the proposal.
    pub fn json_patch_of(target: ObjectRef, operations: &Value, version: &str) -> Self {
        Self::Patch(contract::PatchSpec {
            target,
            kind: PatchKind::JsonPatch,
            body: operations.to_string(),
            expected_version: Some(version.to_owned()),
        })
    }

    /// Kubernetes' own strategic merge patch, for built-in types. Needs the verbs `patch` and `get`.
    pub fn patch_strategic(target: ObjectRef, patch: &Value) -> Self {
        Self::patch(target, PatchKind::Strategic, patch)
    }

    fn patch(target: ObjectRef, kind: PatchKind, body: &Value) -> Self {
        Self::Patch(contract::PatchSpec {
            target,
            kind,
            body: body.to_string(),
            expected_version: None,
        })
    }

    /// A merge patch (RFC 7386) of what stands under `status`, for controllers that take requests there. Of risk `high`, and without a
    /// way back. `expected` says what must stand in the object for it to mean what it did, until it is sent: the value at a path, or
    /// one of those of a path with `[*]`. Needs the verb `patch` on the subresource, as `clusters/status`, and `get` on the object.
    pub fn patch_status(target: ObjectRef, patch: &Value, expected: Vec<Comparison>) -> Self {
        Self::PatchStatus(contract::StatusSpec {
            target,
            body: patch.to_string(),
            expected,
        })
    }

    /// Sets the number of replicas. Needs the verb `patch` on the subresource, as `deployments/scale`.
    pub fn scale(target: ObjectRef, replicas: u32) -> Self {
        Self::Scale(contract::ScaleSpec { target, replicas })
    }

    /// Deletes one object. Needs the verb `delete`.
    pub fn delete(target: ObjectRef, propagation: Propagation) -> Self {
        Self::Delete(contract::DeleteSpec {
            target,
            propagation,
        })
    }

    /// Evicts a pod, as its disruption budgets allow. Needs the verb `create` on `pods/eviction`.
    pub fn evict(pod: ObjectRef) -> Self {
        Self::Evict(pod)
    }
}
