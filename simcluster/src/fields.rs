//! Field selectors: `metadata.name=a,status.phase!=Running`.
//!
//! Each type has its own few fields, as in the real server; any other field is refused in its words.

use serde_json::Value;

use crate::status::Refusal;
use crate::types::ResourceType;

/// What fields must be.
#[derive(Debug, Default)]
pub(crate) struct FieldSelector(Vec<Term>);

#[derive(Debug)]
struct Term {
    field: Field,
    value: String,
    equal: bool,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    /// As a selector names it.
    name: &'static str,
    /// Where it stands, tried in order.
    pointers: &'static [&'static str],
    /// What it is where an object leaves it out.
    default: &'static str,
}

const fn at(name: &'static str, pointers: &'static [&'static str], default: &'static str) -> Field {
    Field {
        name,
        pointers,
        default,
    }
}

const METADATA: &[Field] = &[
    at("metadata.name", &["/metadata/name"], ""),
    at("metadata.namespace", &["/metadata/namespace"], ""),
];

#[rustfmt::skip]
const POD: &[Field] = &[
    at("spec.hostNetwork", &["/spec/hostNetwork"], "false"),
    at("spec.nodeName", &["/spec/nodeName"], ""),
    at("spec.restartPolicy", &["/spec/restartPolicy"], "Always"),
    at("spec.schedulerName", &["/spec/schedulerName"], "default-scheduler"),
    at("spec.serviceAccountName", &["/spec/serviceAccountName"], ""),
    at("status.nominatedNodeName", &["/status/nominatedNodeName"], ""),
    at("status.phase", &["/status/phase"], ""),
    at("status.podIP", &["/status/podIP"], ""),
    at("status.podIPs", &["/status/podIP"], ""),
];

#[rustfmt::skip]
const CORE_EVENT: &[Field] = &[
    at("involvedObject.apiVersion", &["/involvedObject/apiVersion"], ""),
    at("involvedObject.fieldPath", &["/involvedObject/fieldPath"], ""),
    at("involvedObject.kind", &["/involvedObject/kind"], ""),
    at("involvedObject.name", &["/involvedObject/name"], ""),
    at("involvedObject.namespace", &["/involvedObject/namespace"], ""),
    at("involvedObject.resourceVersion", &["/involvedObject/resourceVersion"], ""),
    at("involvedObject.uid", &["/involvedObject/uid"], ""),
    at("reason", &["/reason"], ""),
    at("reportingComponent", &["/reportingComponent"], ""),
    at("source", &["/source/component", "/reportingComponent"], ""),
    at("type", &["/type"], ""),
];

#[rustfmt::skip]
const EVENT: &[Field] = &[
    at("reason", &["/reason"], ""),
    at("regarding.apiVersion", &["/involvedObject/apiVersion"], ""),
    at("regarding.fieldPath", &["/involvedObject/fieldPath"], ""),
    at("regarding.kind", &["/involvedObject/kind"], ""),
    at("regarding.name", &["/involvedObject/name"], ""),
    at("regarding.namespace", &["/involvedObject/namespace"], ""),
    at("regarding.resourceVersion", &["/involvedObject/resourceVersion"], ""),
    at("regarding.uid", &["/involvedObject/uid"], ""),
    at("reportingController", &["/reportingComponent"], ""),
    at("type", &["/type"], ""),
];

fn own_fields(of: &ResourceType) -> &'static [Field] {
    const NAMESPACE: &[Field] = &[
        at("name", &["/metadata/name"], ""),
        at("status.phase", &["/status/phase"], ""),
    ];
    const NODE: &[Field] = &[at("spec.unschedulable", &["/spec/unschedulable"], "false")];
    const SECRET: &[Field] = &[at("type", &["/type"], "Opaque")];
    const JOB: &[Field] = &[at("status.successful", &["/status/succeeded"], "0")];
    const REPLICAS: &[Field] = &[at("status.replicas", &["/status/replicas"], "0")];
    match (of.group.as_str(), of.plural.as_str()) {
        ("", "pods") => POD,
        ("", "events") => CORE_EVENT,
        ("events.k8s.io", "events") => EVENT,
        ("", "namespaces") => NAMESPACE,
        ("", "nodes") => NODE,
        ("", "secrets") => SECRET,
        ("batch", "jobs") => JOB,
        ("apps", "replicasets") | ("", "replicationcontrollers") => REPLICAS,
        _ => &[],
    }
}

impl FieldSelector {
    /// # Errors
    /// 400 if the text is no selector, or names a field that the type does not have.
    pub(crate) fn parse(text: &str, of: &ResourceType) -> Result<Self, Refusal> {
        split_terms(text)
            .into_iter()
            .map(|term| parse_term(&term, of))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// `object` is in its stored form.
    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(
            |Term {
                 field,
                 value,
                 equal,
             }| (field.of(object) == *value) == *equal,
        )
    }
}

impl Field {
    fn of(&self, object: &Value) -> String {
        match self
            .pointers
            .iter()
            .find_map(|pointer| object.pointer(pointer))
        {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => self.default.to_owned(),
            Some(other) => other.to_string(),
        }
    }
}

/// Splits at commas that no backslash escapes; empty terms mean nothing.
fn split_terms(text: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            terms.push(String::new());
        } else if let Some(term) = terms.last_mut() {
            term.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    terms.retain(|term| !term.is_empty());
    terms
}

fn parse_term(term: &str, of: &ResourceType) -> Result<Term, Refusal> {
    let split = |operator| term.split_once(operator);
    let (name, value, equal) = match (split("!="), split("=="), split("=")) {
        (Some((name, value)), ..) if !name.contains('=') => (name, value, false),
        (_, Some((name, value)), _) if !name.contains('=') => (name, value, true),
        (.., Some((name, value))) => (name, value, true),
        _ => {
            return Err(Refusal::bad_request(format!(
                "invalid selector: '{term}'; can't understand '{term}'"
            )));
        }
    };
    let own = own_fields(of);
    let field = METADATA.iter().chain(own).find(|field| field.name == name).ok_or_else(|| {
        Refusal::bad_request(if own.is_empty() && !of.custom {
            format!("\"{name}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        } else {
            format!("field label not supported: {name}")
        })
    })?;
    let value = value
        .replace("\\,", ",")
        .replace("\\=", "=")
        .replace("\\\\", "\\");
    Ok(Term {
        field: *field,
        value,
        equal,
    })
}
