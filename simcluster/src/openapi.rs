//! OpenAPI v3: an index, and a document per group version.
//!
//! The built-in schemas are a hand-written subset in our own words (`openapi/*.yaml`), in the real documents' form:
//! the same component names, references wrapped in `allOf`, `x-kubernetes-group-version-kind`. Custom resources give
//! the schema of their CRD. A group version without a schema is left out of the index and answers 404.

mod schemas;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::cluster::Cluster;
use crate::types::ResourceType;

const REFERENCE_PREFIX: &str = "#/components/schemas/";

/// `/openapi/v3`.
pub(crate) fn index(cluster: &Cluster) -> Value {
    let mut paths = Map::new();
    for of in cluster
        .types()
        .all()
        .iter()
        .filter(|of| has_schema(cluster, of))
    {
        let path = version_path(&of.group, &of.version);
        // The hash lets clients cache, which a simulation that changes must not.
        let url = format!(
            "/openapi/v3/{path}?hash=rv{}",
            cluster.journal().resource_version()
        );
        paths.insert(path, json!({"serverRelativeURL": url}));
    }
    json!({"paths": paths})
}

/// `/openapi/v3/api/v1` and `/openapi/v3/apis/GROUP/VERSION`; none if no type there has a schema.
pub(crate) fn document(cluster: &Cluster, group: &str, version: &str) -> Option<Value> {
    let (mut components, mut paths) = (BTreeMap::new(), Map::new());
    let types = cluster
        .types()
        .all()
        .iter()
        .filter(|of| of.group == group && of.version == version);
    for of in types {
        let Some((name, schema)) = schema_of(cluster, of) else {
            continue;
        };
        add_references(&schema, schemas::built_in(), &mut components);
        components.insert(name, schema);
        paths.append(&mut operations(of));
    }
    (!paths.is_empty()).then(|| {
        json!({
            "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.3+simcluster"},
            "paths": paths, "components": {"schemas": components},
        })
    })
}

fn has_schema(cluster: &Cluster, of: &ResourceType) -> bool {
    schema_of(cluster, of).is_some()
}

/// The component that describes the type itself, with its name; none if there is none.
pub(crate) fn schema_of(cluster: &Cluster, of: &ResourceType) -> Option<(String, Value)> {
    let kind = gvk(of);
    if of.custom {
        return custom_schema(cluster, of);
    }
    let is_root = |schema: &Value| schema["x-kubernetes-group-version-kind"][0] == kind;
    schemas::built_in()
        .iter()
        .find(|(_, schema)| is_root(schema))
        .map(|(name, schema)| (name.clone(), schema.clone()))
}

/// A built-in component by a reference to it, with its full name.
pub(crate) fn component(reference: &str) -> Option<(&'static str, &'static Value)> {
    let name = reference.strip_prefix(REFERENCE_PREFIX)?;
    schemas::built_in()
        .get_key_value(name)
        .map(|(name, schema)| (name.as_str(), schema))
}

/// What the subresource `scale` exchanges.
pub(crate) fn scale_schema() -> Value {
    let replicas = json!({"type": "integer", "format": "int32"});
    let mut fields = Map::new();
    fields.extend(schemas::object_fields().map(|(name, field)| (name.to_owned(), field)));
    fields.insert(
        "spec".into(),
        json!({"type": "object", "properties": {"replicas": replicas}}),
    );
    fields.insert(
        "status".into(),
        json!({"type": "object", "properties": {"replicas": replicas, "selector": {"type": "string"}}}),
    );
    json!({"type": "object", "properties": fields})
}

/// A CRD's schema, with the three fields that every object has.
fn custom_schema(cluster: &Cluster, of: &ResourceType) -> Option<(String, Value)> {
    let defines = |crd: &Value| {
        crd["spec"]["group"] == of.group.as_str()
            && crd["spec"]["names"]["plural"] == of.plural.as_str()
    };
    let crd = cluster
        .custom_resource_definitions()
        .find(|crd| defines(crd))?;
    let versions = crd["spec"]["versions"].as_array()?;
    let version = versions
        .iter()
        .find(|version| version["name"] == of.version.as_str())?;
    let mut schema = version.pointer("/schema/openAPIV3Schema")?.clone();
    let fields = schema
        .as_object_mut()?
        .entry("properties")
        .or_insert_with(|| json!({}));
    for (name, field) in schemas::object_fields() {
        fields[name] = field;
    }
    schema["x-kubernetes-group-version-kind"] = json!([gvk(of)]);
    let group: Vec<&str> = of.group.split('.').rev().collect();
    Some((
        format!("{}.{}.{}", group.join("."), of.version, of.kind),
        schema,
    ))
}

/// Adds every component that `schema` refers to, and what those refer to.
fn add_references(
    schema: &Value,
    from: &BTreeMap<String, Value>,
    components: &mut BTreeMap<String, Value>,
) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(name) =
                reference.and_then(|reference| reference.strip_prefix(REFERENCE_PREFIX))
                && let Some(found) = from.get(name)
                && components.insert(name.to_owned(), found.clone()).is_none()
            {
                add_references(found, from, components);
            }
            members
                .values()
                .for_each(|member| add_references(member, from, components));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| add_references(item, from, components)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The two read operations, by which `kubectl explain` goes from a resource to its kind.
fn operations(of: &ResourceType) -> Map<String, Value> {
    let base = format!("/{}", version_path(&of.group, &of.version));
    let scope = if of.namespaced {
        "/namespaces/{namespace}"
    } else {
        ""
    };
    let operation = |action: &str| {
        json!({"get": {
            "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk(of),
            "responses": {"200": {"description": "OK"}},
        }})
    };
    let mut paths = Map::new();
    paths.insert(format!("{base}{scope}/{}", of.plural), operation("list"));
    paths.insert(
        format!("{base}{scope}/{}/{{name}}", of.plural),
        operation("get"),
    );
    paths
}

fn version_path(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

fn gvk(of: &ResourceType) -> Value {
    json!({"group": of.group, "kind": of.kind, "version": of.version})
}
