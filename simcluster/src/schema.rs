//! What the schemas say about an object that a client wrote.
//!
//! The built-in schemas are a subset (`openapi`); field names that the real server has beside it are in `known`, so that
//! only a name that nobody knows is called unknown. Of a CRD's schema, types, bounds, enums and required fields are
//! checked; patterns, formats and CEL rules are not.

mod check;
mod known;
mod unknown;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::openapi;
use crate::status::Cause;
use crate::types::ResourceType;

/// The schema of one type in one version.
pub(crate) struct Schema {
    component: String,
    root: Value,
    custom: bool,
}

impl Schema {
    /// None for a type whose schema is not known; then its objects are taken as they come.
    pub(crate) fn of(cluster: &Cluster, of: &ResourceType) -> Option<Self> {
        let (component, root) = openapi::schema_of(cluster, of)?;
        Some(Self {
            component,
            root,
            custom: of.custom,
        })
    }

    /// What the subresource `scale` exchanges.
    pub(crate) fn of_scale() -> Self {
        Self {
            component: "Scale".to_owned(),
            root: openapi::scale_schema(),
            custom: false,
        }
    }

    /// Takes out what the schema does not know, and nulls where there may be none; returns the unknown fields' paths.
    pub(crate) fn prune(&self, object: &mut Value) -> Vec<String> {
        let mut unknown = unknown::Unknown::new(self.custom);
        unknown.prune(&self.node(), object, "");
        unknown.paths
    }

    /// Fills in the defaults of a CRD's schema.
    pub(crate) fn fill_in(&self, object: &mut Value) {
        if self.custom {
            unknown::fill_in(&self.root, object);
        }
    }

    /// What is wrong with an object, in the schema's order.
    pub(crate) fn check(&self, object: &Value) -> Vec<Cause> {
        let mut causes = Vec::new();
        check::check(&self.node(), object, "", &mut causes);
        // The status of a built-in type is written by the cluster alone.
        causes.retain(|cause| self.custom || !cause.field.starts_with("status"));
        causes
    }

    /// Values of a wrong type in a built-in object, which the real server cannot even read.
    pub(crate) fn unreadable(&self, object: &Value) -> Vec<Cause> {
        if self.custom {
            return Vec::new();
        }
        let mut causes = self.check(object);
        causes.retain(|cause| cause.reason == check::WRONG_TYPE);
        causes
    }

    fn node(&self) -> Node<'_> {
        Node {
            schema: &self.root,
            component: (!self.custom).then_some(self.component.as_str()),
        }
    }
}

/// A schema with the name by which it is referred to, if it has one.
struct Node<'a> {
    schema: &'a Value,
    component: Option<&'a str>,
}

impl<'a> Node<'a> {
    /// Follows a reference.
    fn new(schema: &'a Value) -> Self {
        let reference = schema["$ref"]
            .as_str()
            .or_else(|| schema.pointer("/allOf/0/$ref")?.as_str());
        match reference.and_then(openapi::component) {
            Some((name, schema)) => Self {
                schema,
                component: Some(name),
            },
            None => Self {
                schema,
                component: None,
            },
        }
    }

    fn property(&self, name: &str) -> Option<Self> {
        self.schema["properties"].get(name).map(Self::new)
    }

    /// Of the values of a map.
    fn values(&self) -> Option<Self> {
        let values = &self.schema["additionalProperties"];
        values.is_object().then(|| Self::new(values))
    }

    /// Of the items of a list.
    fn items(&self) -> Option<Self> {
        let items = &self.schema["items"];
        items.is_object().then(|| Self::new(items))
    }

    fn says(&self, word: &str) -> bool {
        self.schema[word] == true
    }
}

/// `spec` in the root, `PATH.spec` elsewhere.
fn member(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
