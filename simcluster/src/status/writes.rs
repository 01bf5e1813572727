//! Why a change is refused.

use serde_json::{Value, json};

use super::{Refusal, Status, object_details};
use crate::types::ResourceType;

/// One thing that is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// Such as `FieldValueRequired`.
    pub(crate) reason: &'static str,
    /// Such as `spec.containers[0].name`.
    pub(crate) field: String,
    /// Such as `Required value`.
    pub(crate) message: String,
}

impl Cause {
    pub(crate) fn required(field: impl Into<String>) -> Self {
        Self {
            reason: "FieldValueRequired",
            field: field.into(),
            message: "Required value".to_owned(),
        }
    }

    /// `value` is as JSON.
    pub(crate) fn invalid(field: impl Into<String>, value: &Value, problem: &str) -> Self {
        Self {
            reason: "FieldValueInvalid",
            field: field.into(),
            message: format!("Invalid value: {value}: {problem}"),
        }
    }

    /// `supported` as a person reads it, such as `"a", "b"`.
    pub(crate) fn not_supported(field: impl Into<String>, value: &Value, supported: &str) -> Self {
        Self {
            reason: "FieldValueNotSupported",
            field: field.into(),
            message: format!("Unsupported value: {value}: supported values: {supported}"),
        }
    }

    fn to_value(&self) -> Value {
        json!({"reason": self.reason, "message": self.message, "field": self.field})
    }
}

impl Refusal {
    pub(crate) fn already_exists(of: &ResourceType, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", of.qualified_plural());
        Self::status(Status {
            details: Some(object_details(of, Some(name))),
            ..Status::new(409, "AlreadyExists", message)
        })
    }

    /// The object is no longer what the client saw.
    pub(crate) fn modified(of: &ResourceType, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(&of.qualified_plural(), of, name, &of.plural, why)
    }

    /// The body of an update names another object of the same name.
    pub(crate) fn other_uid(of: &ResourceType, name: &str, asked: &str, found: &str) -> Self {
        let why = format!(
            "Precondition failed: UID in precondition: {asked}, UID in object meta: {found}"
        );
        Self::conflict(&of.qualified_plural(), of, name, &of.plural, &why)
    }

    /// A precondition of a deletion does not hold; `why` is in the server's words.
    pub(crate) fn precondition(of: &ResourceType, name: &str, why: &str) -> Self {
        Self::conflict(&of.qualified_kind(), of, name, &of.kind, why)
    }

    fn conflict(shown: &str, of: &ResourceType, name: &str, kind: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {shown} \"{name}\": {why}");
        let mut details = object_details(of, Some(name));
        details["kind"] = kind.into();
        Self::status(Status {
            details: Some(details),
            ..Status::new(409, "Conflict", message)
        })
    }

    /// A namespace that no cluster goes without.
    pub(crate) fn immortal(of: &ResourceType, name: &str) -> Self {
        let message = format!(
            "{} \"{name}\" is forbidden: this namespace may not be deleted",
            of.qualified_plural()
        );
        Self::status(Status {
            details: Some(object_details(of, Some(name))),
            ..Status::new(403, "Forbidden", message)
        })
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::status(Status {
            details: Some(json!({})),
            ..Status::new(405, "MethodNotAllowed", message)
        })
    }

    /// An object whose contents are not what its type wants.
    pub(crate) fn invalid_object(of: &ResourceType, name: &str, causes: &[Cause]) -> Self {
        let mut details = object_details(of, Some(name));
        details["kind"] = of.kind.as_str().into();
        Self::invalid_because(&of.qualified_kind(), name, details, causes)
    }

    /// Options of a request, such as `CreateOptions`, that are not among the known ones.
    pub(crate) fn invalid_options(kind: &str, cause: &Cause) -> Self {
        let details = json!({"group": "meta.k8s.io", "kind": kind});
        let causes = std::slice::from_ref(cause);
        Self::invalid_because(&format!("{kind}.meta.k8s.io"), "", details, causes)
    }

    /// A patch whose result cannot be read; `result` is that result.
    pub(crate) fn invalid_patch(result: &Value, problem: &str) -> Self {
        let value = Value::String(result.to_string());
        let cause = Cause::invalid("patch", &value, problem);
        Self::invalid_because("", "", json!({}), &[cause])
    }

    /// `qualified` is the kind with its group.
    pub(crate) fn invalid_because(
        qualified: &str,
        name: &str,
        mut details: Value,
        causes: &[Cause],
    ) -> Self {
        let problems: Vec<String> = causes
            .iter()
            .map(|Cause { field, message, .. }| format!("{field}: {message}"))
            .collect();
        let problems = match problems.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        details["causes"] = causes.iter().map(Cause::to_value).collect();
        Self::status(Status {
            details: Some(details),
            ..Status::new(
                422,
                "Invalid",
                format!("{qualified} \"{name}\" is invalid: {problems}"),
            )
        })
    }

    /// A JSON patch that does not fit the object, such as one whose test fails.
    pub(crate) fn rejected_patch() -> Self {
        let message = "the server rejected our request due to an error in our request";
        Self::status(Status {
            details: Some(json!({})),
            ..Status::new(422, "Invalid", message)
        })
    }

    /// A body in a form that is not read here; `accepted` are those that are.
    pub(crate) fn unknown_media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::status(Status::new(415, "UnsupportedMediaType", message))
    }

    /// An eviction that a budget does not allow.
    pub(crate) fn disruption_budget(name: &str, needs: u64, has: u64) -> Self {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        let why = format!(
            "The disruption budget {name} needs {needs} healthy pods and has {has} currently"
        );
        let details = json!({"causes": [{"reason": "DisruptionBudget", "message": why}]});
        Self::status(Status {
            details: Some(details),
            ..Status::new(429, "TooManyRequests", message)
        })
    }
}
