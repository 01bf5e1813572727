//! The built-in schemas: from the short form of `openapi/*.yaml` to OpenAPI.
//!
//! In the short form a field is `[type, description]`, and a type is `string`, `integer`, `boolean`, `object`,
//! `list of TYPE`, `map of TYPE`, or another schema as `core.PodSpec`. The files are embedded and checked by the tests,
//! so that what is malformed never reaches a client.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::REFERENCE_PREFIX;

const FILES: &[&str] = &[
    include_str!("../../openapi/meta.yaml"),
    include_str!("../../openapi/core.yaml"),
    include_str!("../../openapi/pod.yaml"),
    include_str!("../../openapi/apps.yaml"),
];

/// Every built-in component by its full name.
pub(super) fn built_in() -> &'static BTreeMap<String, Value> {
    static BUILT_IN: LazyLock<BTreeMap<String, Value>> = LazyLock::new(read);
    &BUILT_IN
}

fn read() -> BTreeMap<String, Value> {
    let mut components = BTreeMap::new();
    for file in FILES {
        let schemas: Map<String, Value> =
            serde_saphyr::from_str(file).expect("the embedded schemas are YAML maps");
        components.extend(
            schemas
                .iter()
                .map(|(name, short)| (full_name(name), expand(short))),
        );
    }
    components
}

/// What every object has beside its own fields.
pub(super) fn object_fields() -> [(&'static str, Value); 3] {
    [
        (
            "apiVersion",
            described(
                json!({"type": "string"}),
                "The version of the schema that this object follows.",
            ),
        ),
        (
            "kind",
            described(
                json!({"type": "string"}),
                "What the object is, such as Pod.",
            ),
        ),
        (
            "metadata",
            described(
                type_schema("meta.ObjectMeta"),
                "Its name and what else every object has.",
            ),
        ),
    ]
}

fn expand(short: &Value) -> Value {
    // A schema that is no object, such as Quantity, is written out.
    if let Some(literal) = short.get("schema") {
        return described(literal.clone(), short["about"].as_str().unwrap_or_default());
    }
    let mut fields = Map::new();
    if short.get("gvk").is_some() {
        fields.extend(object_fields().map(|(name, field)| (name.to_owned(), field)));
    }
    for (name, field) in short["fields"].as_object().into_iter().flatten() {
        let (of, about) = (
            field[0].as_str().unwrap_or_default(),
            field[1].as_str().unwrap_or_default(),
        );
        fields.insert(name.clone(), described(type_schema(of), about));
    }
    let mut schema = described(
        json!({"type": "object", "properties": fields}),
        short["about"].as_str().unwrap_or_default(),
    );
    if let Some(required) = short.get("required") {
        schema["required"] = required.clone();
    }
    if let Some([group, version, kind]) = short["gvk"].as_array().map(Vec::as_slice) {
        schema["x-kubernetes-group-version-kind"] =
            json!([{"group": group, "kind": kind, "version": version}]);
    }
    schema
}

fn type_schema(of: &str) -> Value {
    if let Some(item) = of.strip_prefix("list of ") {
        return json!({"type": "array", "items": type_schema(item)});
    }
    if let Some(value) = of.strip_prefix("map of ") {
        return json!({"type": "object", "additionalProperties": type_schema(value)});
    }
    match of {
        "string" | "boolean" | "object" => json!({"type": of}),
        "integer" => json!({"type": "integer", "format": "int32"}),
        "long" => json!({"type": "integer", "format": "int64"}),
        // A reference stands in `allOf`, since OpenAPI 3.0 ignores what stands beside it.
        name => json!({"allOf": [{"$ref": format!("{REFERENCE_PREFIX}{}", full_name(name))}]}),
    }
}

fn described(mut schema: Value, about: &str) -> Value {
    schema["description"] = about.into();
    schema
}

/// `core.Pod` is `io.k8s.api.core.v1.Pod`.
fn full_name(short: &str) -> String {
    match short.split_once('.') {
        Some(("meta", name)) => format!("io.k8s.apimachinery.pkg.apis.meta.v1.{name}"),
        Some(("resource", name)) => format!("io.k8s.apimachinery.pkg.api.resource.{name}"),
        Some(("intstr", name)) => format!("io.k8s.apimachinery.pkg.util.intstr.{name}"),
        Some((group, name)) => format!("io.k8s.api.{group}.v1.{name}"),
        None => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::built_in;
    use crate::openapi::REFERENCE_PREFIX;

    fn references(schema: &Value) -> Vec<String> {
        match schema {
            Value::Object(members) => {
                let own = members
                    .get("$ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                own.into_iter()
                    .chain(members.values().flat_map(references))
                    .collect()
            }
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_reference_of_a_schema_leads_to_a_schema() {
        let components = built_in();
        for (name, schema) in components {
            for reference in references(schema) {
                let target = reference
                    .strip_prefix(REFERENCE_PREFIX)
                    .expect("a reference is to a component");
                assert!(components.contains_key(target), "{name} refers to {target}");
            }
        }
    }

    #[test]
    fn every_schema_and_field_is_described() {
        for (name, schema) in built_in() {
            assert!(
                schema["description"]
                    .as_str()
                    .is_some_and(|about| !about.is_empty()),
                "{name}"
            );
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                assert!(
                    schema["description"]
                        .as_str()
                        .is_some_and(|about| !about.is_empty()),
                    "{name}.{field}"
                );
            }
        }
    }
}
