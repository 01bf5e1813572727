//! Short ways to say which objects.

use super::{LogQuery, ObjectRef, Query, ResourceType, Scope};

impl ResourceType {
    /// A type by group and plural, in the version that the cluster prefers. The core group is the empty string.
    pub fn new(group: impl Into<String>, plural: impl Into<String>) -> Self {
        Self {
            group: group.into(),
            version: None,
            plural: plural.into(),
        }
    }
}

impl ObjectRef {
    /// An object in a namespace.
    pub fn in_namespace(
        of: ResourceType,
        namespace: impl Into<String>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            of,
            namespace: Some(namespace.into()),
            name: name.into(),
        }
    }

    /// An object of the cluster.
    pub fn of_cluster(of: ResourceType, name: impl Into<String>) -> Self {
        Self {
            of,
            namespace: None,
            name: name.into(),
        }
    }
}

impl Query {
    /// Every object of a type in a scope.
    pub fn new(of: ResourceType, scope: Scope) -> Self {
        Self {
            of,
            scope,
            label_selector: None,
            field_selector: None,
        }
    }

    /// Every object of a type in one namespace.
    pub fn in_namespace(of: ResourceType, namespace: impl Into<String>) -> Self {
        Self::new(of, Scope::Namespace(namespace.into()))
    }

    /// Only those with these labels, as `kubectl -l`.
    #[must_use]
    pub fn label_selector(mut self, selector: impl Into<String>) -> Self {
        self.label_selector = Some(selector.into());
        self
    }

    /// Only those with these values, as `kubectl --field-selector`.
    #[must_use]
    pub fn field_selector(mut self, selector: impl Into<String>) -> Self {
        self.field_selector = Some(selector.into());
        self
    }
}

impl LogQuery {
    /// The whole log of a pod's only container, at most `limit_bytes` of it.
    pub fn new(namespace: impl Into<String>, pod: impl Into<String>, limit_bytes: u32) -> Self {
        Self {
            pod: pod.into(),
            namespace: namespace.into(),
            container: None,
            previous: false,
            tail_lines: None,
            since_seconds: None,
            limit_bytes,
            timestamps: false,
        }
    }
}
