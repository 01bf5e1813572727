//! What the server chooses when it makes an object: another value in each dry run, and nobody's decision.
//!
//! An address, a port of the nodes, a name with random letters, the object's own uid: where the change does not set them, words
//! stand in their place, so that two dry runs give one diff and what comes out is what was shown. A value that the change sends
//! itself is never touched, and nothing that was there before is.

use std::collections::HashSet;

use serde_json::Value;

use super::mask::Masks;
use crate::proposal::{Change, Target};

/// What stands in place of such a value.
const CHOSEN: &str = "(chosen by the server)";

/// What stands in place of the uid that the object will have.
const OWN_UID: &str = "(the uid that it gets)";

/// By plural, of the core group: where. `*` is each item of a list.
const PLACES: [(&str, &[&str]); 4] = [
    ("services", &["spec", "clusterIP"]),
    ("services", &["spec", "clusterIPs", "*"]),
    ("services", &["spec", "ports", "*", "nodePort"]),
    ("services", &["spec", "healthCheckNodePort"]),
];

/// How the volume with a service account's token begins, before letters by chance.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// Returns an object that would come out, or came out, of `sent`, as a person may see it; not normalised yet.
pub(super) fn shown(
    masks: &Masks,
    target: &Target,
    before: Option<&Value>,
    object: &Value,
    sent: &Change,
) -> Value {
    let body = serde_json::to_value(sent).unwrap_or_default();
    let worded = worded(target, before, object, &body);
    masks.proposed(&worded, sent)
}

/// Puts words for what the server chose.
fn worded(target: &Target, before: Option<&Value>, object: &Value, sent: &Value) -> Value {
    let mut object = object.clone();
    let mut own = HashSet::new();
    scalars(sent, &mut own);
    if target.group.is_empty() {
        for (plural, place) in PLACES {
            if plural == target.plural {
                at(&mut object, before, place, &own);
            }
        }
    }
    if before.is_none() {
        let uid = object["metadata"]["uid"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if !uid.is_empty() {
            texts(&mut object, &mut |text| {
                if *text == uid {
                    OWN_UID.clone_into(text);
                }
            });
        }
        if target.group.is_empty() && target.plural == "pods" {
            token_volume(&mut object, &own);
        }
    }
    object
}

/// Puts words where `place` leads to, unless something was there before, or the change sends it.
fn at(value: &mut Value, before: Option<&Value>, place: &[&str], own: &HashSet<Scalar>) {
    match (place, value) {
        ([], value)
            if before.is_none() && scalar(value).is_some_and(|scalar| !own.contains(&scalar)) =>
        {
            *value = CHOSEN.into();
        }
        (["*", rest @ ..], Value::Array(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                at(item, before.and_then(|before| before.get(index)), rest, own);
            }
        }
        ([key, rest @ ..], Value::Object(entries)) => {
            if let Some(value) = entries.get_mut(*key) {
                at(value, before.and_then(|before| before.get(key)), rest, own);
            }
        }
        _ => {}
    }
}

/// The admission of service accounts adds a volume to each pod, under a name with letters by chance.
fn token_volume(pod: &mut Value, own: &HashSet<Scalar>) {
    texts(&mut pod["spec"], &mut |text| {
        if text.starts_with(TOKEN_VOLUME) && !own.contains(&Scalar::Text(text.clone())) {
            *text = format!("{TOKEN_VOLUME}{CHOSEN}");
        }
    });
}

/// A value that can be chosen.
#[derive(PartialEq, Eq, Hash)]
enum Scalar {
    Text(String),
    Number(String),
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        // A Service that wants no address says so.
        Value::String(text) if text.is_empty() || text == "None" => None,
        Value::String(text) => Some(Scalar::Text(text.clone())),
        Value::Number(number) => Some(Scalar::Number(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn scalars(value: &Value, found: &mut HashSet<Scalar>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::Object(entries) => entries.values().for_each(|value| scalars(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.extend(scalar(value));
        }
    }
}

fn texts(value: &mut Value, each: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, each)),
        Value::Object(entries) => entries.values_mut().for_each(|value| texts(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(group: &str, plural: &str) -> Target {
        Target {
            group: group.to_owned(),
            version: None,
            plural: plural.to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        }
    }

    fn service(address: &str, port: u32) -> Value {
        json!({"spec": {"clusterIP": address, "clusterIPs": [address], "ports": [{"port": 80, "nodePort": port}]}})
    }

    #[test]
    fn two_dry_runs_of_a_new_service_are_alike() {
        let sent = json!({"spec": {"ports": [{"port": 80}]}});
        let seen = |address, port| {
            worded(
                &target("", "services"),
                None,
                &service(address, port),
                &sent,
            )
        };
        assert_eq!(seen("10.0.0.1", 30_001), seen("10.0.0.2", 30_002));
        assert_eq!(seen("10.0.0.1", 30_001)["spec"]["ports"][0]["port"], 80);
    }

    #[test]
    fn what_the_change_sends_and_what_was_there_stays() {
        let of = target("", "services");
        let object = service("10.0.0.1", 30_001);
        assert_eq!(worded(&of, None, &object, &object), object);
        assert_eq!(worded(&of, Some(&object), &object, &json!({})), object);
        let headless = json!({"spec": {"clusterIP": "None"}});
        assert_eq!(worded(&of, None, &headless, &json!({})), headless);
        let gained = worded(
            &of,
            Some(&json!({"spec": {"ports": [{"port": 80}]}})),
            &object,
            &json!({"spec": {"type": "NodePort"}}),
        );
        assert_eq!(
            gained["spec"]["ports"][0],
            json!({"port": 80, "nodePort": CHOSEN})
        );
    }

    #[test]
    fn the_own_uid_of_a_new_object_stands_for_itself() {
        let job = |uid: &str| json!({"metadata": {"uid": uid, "labels": {"controller-uid": uid}}, "spec": {"selector": {"matchLabels": {"a": uid}}}});
        let seen = |uid| worded(&target("batch", "jobs"), None, &job(uid), &json!({}));
        assert_eq!(seen("u-1"), seen("u-2"));
        let old = job("u-1");
        assert_eq!(
            worded(&target("batch", "jobs"), Some(&old), &old, &json!({})),
            old
        );
    }

    #[test]
    fn the_volume_with_the_token_of_a_new_pod_has_one_name() {
        let pod = |name: &str| json!({"spec": {"volumes": [{"name": name}], "containers": [{"volumeMounts": [{"name": name}]}]}});
        let seen = |name| worded(&target("", "pods"), None, &pod(name), &json!({}));
        assert_eq!(seen("kube-api-access-abcde"), seen("kube-api-access-fghij"));
        assert_eq!(seen("kube-api"), pod("kube-api"));
        let own = pod("kube-api-access-mine");
        assert_eq!(worded(&target("", "pods"), None, &own, &own), own);
    }
}
