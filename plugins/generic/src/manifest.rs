//! One object as a caller writes it: read, and refused where it cannot be what was meant.

use crate::kind::{Kind, Resolved};
use crate::place::Place;
use crate::{masked, yaml};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use serde_json::{Value, json};

/// An object to be sent.
pub(crate) struct Manifest {
    /// With its namespace.
    pub(crate) object: Value,
    /// What it is.
    pub(crate) resolved: Resolved,
    /// Which one it is.
    pub(crate) target: ObjectRef,
    /// Where it is, in words.
    pub(crate) scope: String,
}

impl Manifest {
    /// Reads the YAML or JSON of one object. `place` is where the caller says that it belongs.
    ///
    /// # Errors
    /// `Invalid` for what is no single object with a name of its own, or contradicts `place`; `NotFound` where the cluster
    /// serves no such type.
    pub(crate) fn read(text: &str, place: &Place) -> Result<Self, Failure> {
        if text.trim().is_empty() {
            return Err(Failure::invalid("the manifest is empty")
                .next_step("give one object as YAML or JSON"));
        }
        let mut object = yaml::read(text)?;
        let kind = check(&object)?;
        let own = of(&object, "/metadata/namespace").map(str::to_owned);
        let asked = place.namespace.as_deref().filter(|asked| !asked.is_empty());
        if let (Some(own), Some(asked)) = (&own, asked)
            && own != asked
        {
            return Err(Failure::invalid(format!(
                "the manifest is in namespace `{own}`, and `namespace` is `{asked}`"
            ))
            .next_step("leave one of them out, or make them the same"));
        }
        let resolved = kind.resolve()?;
        if let Some(own) = own.as_deref().filter(|_| !resolved.namespaced) {
            return Err(Failure::invalid(format!(
                "a {} has no namespace, and the manifest says `{own}`",
                resolved.kind
            ))
            .next_step("leave `metadata.namespace` out"));
        }
        let name = of(&object, "/metadata/name").unwrap_or_default().to_owned();
        let place = Place {
            namespace: own.or(place.namespace.clone()),
        };
        let (target, scope) = place.object(&resolved, &name);
        if let Some(namespace) = &target.namespace
            && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        Ok(Self {
            object,
            resolved,
            target,
            scope,
        })
    }
}

/// Checks what can be checked without the cluster.
fn check(object: &Value) -> Result<Kind, Failure> {
    if !object.is_object() {
        return Err(Failure::invalid("the manifest is no object")
            .next_step("begin with `apiVersion:`, `kind:` and `metadata:`"));
    }
    let missing = |what: &str, next: &str| {
        Err(Failure::invalid(format!("the manifest has no `{what}`")).next_step(next))
    };
    let Some(api_version) = of(object, "/apiVersion") else {
        return missing("apiVersion", "give it, such as `apps/v1`");
    };
    let Some(kind) = of(object, "/kind") else {
        return missing("kind", "give it, such as `Deployment`");
    };
    if kind.ends_with("List") && object.get("items").is_some() {
        return Err(Failure::invalid(format!("the manifest is a `{kind}`"))
            .next_step("give one of its items at a time"));
    }
    if object.pointer("/metadata/generateName").is_some() {
        return Err(Failure::invalid(
            "the manifest has `metadata.generateName`, so that nobody could say which object is approved",
        )
        .next_step("give `metadata.name` in its place"));
    }
    if of(object, "/metadata/name").is_none() {
        return missing("metadata.name", "give it");
    }
    if object.pointer("/metadata/managedFields").is_some() {
        return Err(Failure::invalid(
            "the manifest has `metadata.managedFields`, which the server keeps",
        )
        .next_step("leave it out"));
    }
    refuse_masks(object)?;
    Ok(Kind::of_object(api_version, kind))
}

/// Refuses what was masked on its way to the caller: sent back, the mask would stand in place of the value.
///
/// # Errors
/// `Invalid`, with the path of the first mask.
pub(crate) fn refuse_masks(value: &Value) -> Result<(), Failure> {
    match masked::find(value) {
        None => Ok(()),
        Some(path) => Err(Failure::invalid(format!(
            "`{path}` holds a mask in place of a value, which would be written over the real one"
        ))
        .next_step("leave that field out, so that it stays as it is")),
    }
}

/// Returns a text that is not empty.
fn of<'a>(object: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = object.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::Manifest;
    use crate::place::Place;

    /// There is no host here, so whatever gets as far as a host call fails as `internal`.
    fn refused(manifest: &str, namespace: Option<&str>) -> String {
        let place = Place {
            namespace: namespace.map(str::to_owned),
        };
        match Manifest::read(manifest, &place) {
            Ok(_) => "accepted".to_owned(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn what_is_no_single_named_object_is_invalid_before_the_host_is_asked() {
        let cases = [
            ("", "is empty"),
            (" \n", "is empty"),
            ("- a\n", "is no object"),
            ("just words", "is no object"),
            ("kind: Pod\nmetadata: {name: a}", "no `apiVersion`"),
            ("apiVersion: v1\nmetadata: {name: a}", "no `kind`"),
            ("apiVersion: v1\nkind: Pod", "no `metadata.name`"),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: \"\"}",
                "no `metadata.name`",
            ),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}",
                "generateName",
            ),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a, managedFields: []}",
                "managedFields",
            ),
            ("apiVersion: v1\nkind: List\nitems: []", "is a `List`"),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nkind: Pod",
                "second document",
            ),
            (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {k: \"<redacted>\"}",
                "`spec.k` holds a mask",
            ),
        ];
        for (manifest, reason) in cases {
            let message = refused(manifest, None);
            assert!(message.starts_with("invalid: "), "{manifest:?}: {message}");
            assert!(message.contains(reason), "{manifest:?}: {message}");
        }
    }

    #[test]
    fn a_manifest_of_another_namespace_than_asked_for_is_invalid() {
        let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}";
        let message = refused(manifest, Some("till"));
        assert!(
            message.contains("`shop`") && message.contains("`till`"),
            "{message}"
        );
        assert!(
            refused(manifest, Some("shop")).starts_with("internal"),
            "the same is none"
        );
    }
}
