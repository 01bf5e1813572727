//! The documentation of a type, from the cluster's own OpenAPI v3.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Cluster;
use super::names;
use super::request::Accept;
use super::url::Url;
use crate::call::Call;
use crate::clean::Raw;
use crate::failure::{Failure, Kind, shown};
use crate::gate::{Permit, Resource};

/// Longest chain of references that is followed: schemas may be recursive.
const MAX_REFERENCES: usize = 16;

/// Longest path, and most fields in it: a guest writes them, and each step copies a schema.
const MAX_PATH_BYTES: usize = 512;
const MAX_STEPS: usize = 32;

impl Cluster {
    /// Reads the schema at `at`, a dotted path of fields; empty is the object itself. `[*]` and `[]` behind a field are
    /// passed over, since a list's schema is that of its items.
    ///
    /// # Errors
    /// `NotFound` for a type that is not served, without a published schema, or for a field that is not there.
    pub(crate) async fn explain(
        &self,
        permit: Permit,
        call: &Call,
        resource: &Resource,
        version: Option<&str>,
        at: &str,
    ) -> Result<Raw<Value>, Failure> {
        names::resource(&resource.group, &resource.plural)?;
        call.bound(async {
            let types = self.discovery(&permit).await?;
            let found = types.get(resource).ok_or_else(|| {
                Failure::new(
                    Kind::NotFound,
                    format!("the cluster serves no `{resource}`"),
                )
                .fix("look at the types that it serves")
            })?;
            let version = found.version(version)?;
            let connection = self.connection().await?;
            let index: Index = self.noting_expiry(
                connection
                    .get_json(&Url::fixed("/openapi/v3"), Accept::Json)
                    .await,
            )?;
            let of_group = if resource.group.is_empty() {
                format!("api/{version}")
            } else {
                format!("apis/{}/{version}", resource.group)
            };
            let unpublished = || {
                Failure::new(
                    Kind::NotFound,
                    format!(
                        "the cluster publishes no schema of `{resource}` in version `{version}`"
                    ),
                )
                .fix("read an object of this type instead")
            };
            if !index.paths.contains_key(&of_group) {
                return Err(unpublished());
            }
            let url = of_group
                .split('/')
                .fold(Url::fixed("/openapi/v3"), Url::join);
            let document: Document =
                self.noting_expiry(connection.get_json(&url, Accept::Json).await)?;
            let root = document
                .root(&resource.group, version, &found.kind)
                .ok_or_else(unpublished)?;
            let schema = document.walk(root, at, &found.kind)?;
            Ok(Raw::document(
                &permit,
                document.describe(&schema, &found.kind, at),
            ))
        })
        .await
    }
}

#[derive(Deserialize)]
struct Index {
    paths: HashMap<String, Value>,
}

#[derive(Deserialize)]
struct Document {
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: HashMap<String, Value>,
}

impl Document {
    fn root(&self, group: &str, version: &str, kind: &str) -> Option<Value> {
        self.components
            .schemas
            .values()
            .find(|schema| {
                schema["x-kubernetes-group-version-kind"]
                    .as_array()
                    .is_some_and(|kinds| {
                        kinds.iter().any(|gvk| {
                            gvk["group"] == group
                                && gvk["version"] == version
                                && gvk["kind"] == kind
                        })
                    })
            })
            .cloned()
    }

    fn walk(&self, root: Value, at: &str, kind: &str) -> Result<Value, Failure> {
        if at.len() > MAX_PATH_BYTES || at.split('.').count() > MAX_STEPS {
            return Err(Failure::new(
                Kind::Invalid,
                format!("the path has more than {MAX_PATH_BYTES} bytes or {MAX_STEPS} fields"),
            )
            .fix("name a field as `kubectl explain` does, such as `spec.template.spec`"));
        }
        let mut schema = self.resolved(root);
        let mut so_far = kind.to_owned();
        for field in at.split('.').filter(|field| !field.is_empty()) {
            let field = field.trim_end_matches("[*]").trim_end_matches("[]");
            let inner = self.element(schema);
            let next = inner["properties"].get(field).or_else(|| {
                inner
                    .get("additionalProperties")
                    .filter(|any| any.is_object())
            });
            let Some(next) = next else {
                let mut have: Vec<_> = inner["properties"]
                    .as_object()
                    .into_iter()
                    .flat_map(|fields| fields.keys().cloned())
                    .collect();
                have.sort();
                let shown = shown(field);
                let fix = if have.is_empty() {
                    "it has no fields".to_owned()
                } else {
                    format!("it has {}", have.join(", "))
                };
                return Err(Failure::new(
                    Kind::NotFound,
                    format!("`{so_far}` has no field `{shown}`"),
                )
                .fix(fix));
            };
            schema = self.resolved(next.clone());
            so_far.push('.');
            so_far.push_str(field);
        }
        Ok(schema)
    }

    /// The schema of the things in a list, else the schema itself.
    fn element(&self, schema: Value) -> Value {
        match schema.get("items") {
            Some(items) => self.resolved(items.clone()),
            None => schema,
        }
    }

    /// Follows `$ref`, also inside an `allOf` of one, which carries the field's own description beside it.
    fn resolved(&self, mut schema: Value) -> Value {
        for _ in 0..MAX_REFERENCES {
            let reference = schema["$ref"]
                .as_str()
                .or_else(|| schema["allOf"][0]["$ref"].as_str());
            let Some(target) = reference
                .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
                .and_then(|name| self.components.schemas.get(name))
            else {
                break;
            };
            let own = schema.get("description").cloned();
            schema = target.clone();
            if let (Some(own), Some(object)) = (own, schema.as_object_mut()) {
                object.insert("description".to_owned(), own);
            }
        }
        schema
    }

    fn describe(&self, schema: &Value, kind: &str, at: &str) -> Value {
        let inner = self.element(schema.clone());
        let required: Vec<&str> = inner["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let fields: Vec<Value> = inner["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, field)| {
                let resolved = self.resolved(field.clone());
                json!({
                    "name": name,
                    "type": self.type_of(&resolved, 0),
                    "required": required.contains(&name.as_str()),
                    "description": resolved["description"].as_str().unwrap_or_default(),
                })
            })
            .collect();
        json!({
            "kind": kind,
            "path": at,
            "type": self.type_of(schema, 0),
            "description": schema["description"].as_str().or(inner["description"].as_str()).unwrap_or_default(),
            "enum": schema.get("enum").cloned().unwrap_or_else(|| json!([])),
            "fields": fields,
        })
    }

    /// `depth` counts the lists and maps around it: an aggregated API server may publish a type that holds itself.
    fn type_of(&self, schema: &Value, depth: usize) -> String {
        if depth > MAX_REFERENCES {
            return "…".to_owned();
        }
        if schema["x-kubernetes-int-or-string"] == true || schema["format"] == "int-or-string" {
            return "integer or string".to_owned();
        }
        if let Some(items) = schema.get("items") {
            return format!(
                "list of {}",
                self.type_of(&self.resolved(items.clone()), depth + 1)
            );
        }
        if let Some(values) = schema
            .get("additionalProperties")
            .filter(|values| values.is_object())
        {
            return format!(
                "map of {}",
                self.type_of(&self.resolved(values.clone()), depth + 1)
            );
        }
        schema["type"].as_str().unwrap_or("any").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schemas: Value) -> Document {
        serde_json::from_value(json!({ "components": { "schemas": schemas } })).unwrap()
    }

    #[test]
    fn a_type_that_holds_itself_is_described_to_some_depth() {
        let reference = json!({ "$ref": "#/components/schemas/A" });
        for inner in ["items", "additionalProperties"] {
            let document = document(json!({ "A": { inner: reference } }));
            let text = document.type_of(&reference_target(&document), 0);
            assert!(text.ends_with('…') && text.len() < 500, "{text}");
        }
    }

    fn reference_target(document: &Document) -> Value {
        document.resolved(json!({ "$ref": "#/components/schemas/A" }))
    }

    #[test]
    fn a_path_without_end_is_refused_before_it_is_walked() {
        let document = document(
            json!({ "A": { "properties": { "not": { "$ref": "#/components/schemas/A" } } } }),
        );
        let root = reference_target(&document);
        assert!(document.walk(root.clone(), "not.not.not", "A").is_ok());
        for at in ["not.".repeat(40), "n".repeat(600)] {
            let failure = document.walk(root.clone(), &at, "A").unwrap_err();
            assert_eq!(failure.kind, Kind::Invalid);
        }
    }
}
