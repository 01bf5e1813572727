//! What a plugin asks for, as its manifest says it.

use serde::{Deserialize, Serialize};

/// A part of the Kubernetes API that a plugin asks for. A grant gives no more than the wants ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// `*` is every group.
    pub api_groups: Vec<String>,
    /// `*` means no secrets, no configmaps and no subresource, as in a grant.
    pub resources: Vec<String>,
    /// Words of a grant; `*` is every verb, those for changing included.
    pub verbs: Vec<String>,
    /// Whether the values of Secrets are asked for.
    pub secret_values: bool,
    /// One sentence, for the operator.
    pub reason: String,
}
