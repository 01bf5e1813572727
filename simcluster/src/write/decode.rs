//! A client's object, read by its type: the right kind, no unknown fields, values of the right types.

use serde_json::Value;

use super::incoming::Options;
use crate::cluster::Cluster;
use crate::schema::Schema;
use crate::status::{Cause, Refusal};
use crate::types::ResourceType;

/// What an object is read with.
pub(super) struct Decoder {
    schema: Option<Schema>,
}

impl Decoder {
    pub(super) fn of(cluster: &Cluster, of: &ResourceType) -> Self {
        Self {
            schema: Schema::of(cluster, of),
        }
    }

    pub(super) fn of_scale() -> Self {
        Self {
            schema: Some(Schema::of_scale()),
        }
    }

    /// Takes out what is not known and sets defaults; returns the warnings. The fields of `excused` are no news.
    ///
    /// # Errors
    /// What is wrong, in the server's words.
    pub(super) fn read(
        &self,
        object: &mut Value,
        excused: &[String],
        options: &Options,
    ) -> Result<Vec<String>, String> {
        let Some(schema) = &self.schema else {
            return Ok(Vec::new());
        };
        let mut unknown = schema.prune(object);
        unknown.retain(|path| !excused.contains(path));
        let problems: Vec<String> = unknown
            .iter()
            .map(|path| format!("unknown field \"{path}\""))
            .collect();
        if options.strict && !problems.is_empty() {
            return Err(format!("strict decoding error: {}", problems.join(", ")));
        }
        let unreadable = schema.unreadable(object);
        let unreadable = unreadable
            .iter()
            .find(|cause| !excused.contains(&cause.field));
        if let Some(Cause { field, message, .. }) = unreadable {
            return Err(format!("json: cannot unmarshal `{field}`: {message}"));
        }
        schema.fill_in(object);
        Ok(if options.warns { problems } else { Vec::new() })
    }

    /// The fields of an object that [`Decoder::read`] would complain about, as in a manifest that was loaded.
    pub(super) fn flaws(&self, object: &Value) -> Vec<String> {
        let Some(schema) = &self.schema else {
            return Vec::new();
        };
        let unreadable = schema.unreadable(object);
        let mut flaws = schema.prune(&mut object.clone());
        flaws.extend(unreadable.into_iter().map(|cause| cause.field));
        flaws
    }

    /// Looks for what is wrong with `object` and was not wrong with `before`: a manifest that was loaded may be incomplete.
    ///
    /// # Errors
    /// 422 with every cause.
    pub(super) fn check(
        &self,
        of: &ResourceType,
        name: &str,
        object: &Value,
        before: Option<&Value>,
    ) -> Result<(), Refusal> {
        let causes = |object: &Value| -> Vec<Cause> {
            let check = |schema: &Schema| schema.check(object);
            self.schema.as_ref().map(check).unwrap_or_default()
        };
        let mut found = causes(object);
        if found.is_empty() {
            return Ok(());
        }
        let excused = before.map(causes).unwrap_or_default();
        found.retain(|cause| !excused.contains(cause));
        if found.is_empty() {
            Ok(())
        } else {
            Err(Refusal::invalid_object(of, name, &found))
        }
    }
}

/// Fills in kind and version where a built-in type may leave them out.
///
/// # Errors
/// 400 for those of another type.
pub(super) fn expect_kind(of: &ResourceType, object: &mut Value) -> Result<(), Refusal> {
    let api_version = of.api_version();
    for (name, wanted) in [("kind", of.kind.as_str()), ("apiVersion", &api_version)] {
        match object[name].as_str().filter(|found| !found.is_empty()) {
            Some(found) if found == wanted => {}
            None if !of.custom => object[name] = wanted.into(),
            None => {
                return Err(Refusal::bad_request(format!(
                    "the object provided is unrecognized (must be of type {}): Object '{name}' is missing",
                    of.kind
                )));
            }
            Some(found) => {
                return Err(unreadable(
                    of,
                    &format!("`{name}` is \"{found}\", not \"{wanted}\""),
                ));
            }
        }
    }
    Ok(())
}

/// A body that is no object of its type.
pub(super) fn unreadable(of: &ResourceType, problem: &str) -> Refusal {
    Refusal::bad_request(format!(
        "{kind} in version \"{}\" cannot be handled as a {kind}: {problem}",
        of.version,
        kind = of.kind
    ))
}
