//! Strategic merge patches of built-in types: as a merge patch, but some lists are merged by a key of their items.
//!
//! Which lists those are stands in the real types' Go tags; here is a table of the ones in use. What the table does not
//! tell, and every directive but `$patch: delete` and `$setElementOrder`, is refused with 501 rather than guessed.

use serde_json::{Map, Value};

use crate::status::Refusal;

/// A list by its field, and the keys of its items, of which the first that an item has counts.
const MERGED: &[(&str, &[&str])] = &[
    ("conditions", &["type"]),
    ("containers", &["name"]),
    ("env", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ownerReferences", &["uid"]),
    ("ports", &["containerPort", "port"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
];

/// Lists of objects that are replaced whole.
const ATOMIC: &[&str] = &[
    "envFrom",
    "matchExpressions",
    "rules",
    "subjects",
    "tolerations",
    "volumeClaimTemplates",
];

/// The order of a merged list's items, as kubectl always gives it: `$setElementOrder/FIELD`.
const ORDER: &str = "$setElementOrder/";

/// # Errors
/// 501 for lists and directives that are not known here.
pub(super) fn merge(object: &mut Value, patch: &Value) -> Result<(), Refusal> {
    let Some(patch) = patch.as_object() else {
        *object = patch.clone();
        return Ok(());
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    for (field, value) in patch {
        if field.starts_with(ORDER) {
            continue;
        }
        if field.starts_with('$') {
            return Err(unknown(&format!("the directive `{field}`")));
        }
        let Some(members) = object.as_object_mut() else {
            continue;
        };
        match value {
            Value::Null => {
                members.remove(field);
            }
            Value::Object(_) => merge(members.entry(field.clone()).or_insert(Value::Null), value)?,
            Value::Array(items) => {
                merge_list(
                    members.entry(field.clone()).or_insert(Value::Null),
                    field,
                    items,
                )?;
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                members.insert(field.clone(), value.clone());
            }
        }
    }
    for (directive, order) in patch {
        if let Some(field) = directive.strip_prefix(ORDER)
            && let Some(items) = object.get_mut(field).and_then(Value::as_array_mut)
            && let Some(order) = order.as_array()
        {
            set_order(items, order);
        }
    }
    Ok(())
}

/// Brings the items that `order` names into its order, at the places that they have together; the others stay.
fn set_order(items: &mut [Value], order: &[Value]) {
    let names = |named: &Value, item: &Value| match named.as_object() {
        Some(keys) => keys.iter().all(|(key, value)| item[key] == *value),
        None => named == item,
    };
    let is_named = |item: &Value| order.iter().any(|named| names(named, item));
    let sorted: Vec<Value> = order
        .iter()
        .filter_map(|named| items.iter().find(|item| names(named, item)))
        .cloned()
        .collect();
    let places = items.iter_mut().filter(|item| is_named(item));
    for (place, item) in places.zip(sorted) {
        *place = item;
    }
}

fn merge_list(list: &mut Value, field: &str, patch: &[Value]) -> Result<(), Refusal> {
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Some(items) = list.as_array_mut() else {
        return Ok(());
    };
    if field == "finalizers" {
        let new: Vec<Value> = patch
            .iter()
            .filter(|one| !items.contains(one))
            .cloned()
            .collect();
        items.extend(new);
        return Ok(());
    }
    let keys = MERGED
        .iter()
        .find(|(name, _)| *name == field)
        .map(|(_, keys)| *keys);
    let Some(keys) = keys else {
        if patch.iter().any(Value::is_object) && !ATOMIC.contains(&field) {
            return Err(unknown(&format!("the list `{field}`")));
        }
        *items = patch.to_vec();
        return Ok(());
    };
    for item in patch {
        let key = keys.iter().find(|key| !item[**key].is_null());
        let key = key.ok_or_else(|| unknown(&format!("an item of `{field}` without its key")))?;
        let place = items.iter().position(|one| one[*key] == item[*key]);
        let is_removed = item["$patch"] == "delete";
        match place {
            Some(place) if is_removed => {
                items.remove(place);
            }
            Some(place) => merge(&mut items[place], item)?,
            None if is_removed => {}
            None => {
                let mut new = Value::Null;
                merge(&mut new, item)?;
                items.push(new);
            }
        }
    }
    Ok(())
}

fn unknown(what: &str) -> Refusal {
    Refusal::not_implemented(format!(
        "simcluster does not know {what} in a strategic merge patch; a merge patch or a JSON patch says the same"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merge;

    fn merged(mut object: Value, patch: &Value) -> Option<Value> {
        merge(&mut object, patch).ok().map(|()| object)
    }

    #[test]
    fn containers_are_merged_by_name_and_their_environment_too() {
        let object = json!({"containers": [{"name": "a", "image": "x", "env": [{"name": "K", "value": "1"}]}, {"name": "b"}]});
        let patch = json!({"containers": [
            {"name": "a", "image": "y", "env": [{"name": "L", "value": "2"}]},
            {"name": "b", "$patch": "delete"},
            {"name": "c", "ports": [{"containerPort": 80}]},
        ]});
        assert_eq!(
            merged(object, &patch),
            Some(json!({"containers": [
                {"name": "a", "image": "y", "env": [{"name": "K", "value": "1"}, {"name": "L", "value": "2"}]},
                {"name": "c", "ports": [{"containerPort": 80}]},
            ]}))
        );
    }

    #[test]
    fn the_order_of_a_list_is_the_patchs() {
        let object = json!({"containers": [{"name": "a"}, {"name": "other"}, {"name": "b"}]});
        let patch = json!({
            "$setElementOrder/containers": [{"name": "c"}, {"name": "b"}, {"name": "a"}],
            "containers": [{"name": "b", "image": "x"}, {"name": "c"}],
        });
        assert_eq!(
            merged(object, &patch),
            Some(
                json!({"containers": [{"name": "c"}, {"name": "other"}, {"name": "b", "image": "x"}, {"name": "a"}]})
            )
        );
    }

    #[test]
    fn what_is_not_known_is_refused_and_plain_lists_are_replaced() {
        assert_eq!(
            merged(
                json!({"args": ["a", "b"], "x": 1}),
                &json!({"args": ["c"], "x": null})
            ),
            Some(json!({"args": ["c"]}))
        );
        for patch in [
            json!({"webhooks": [{"name": "a"}]}),
            json!({"$retainKeys": ["a"]}),
            json!({"containers": [{"image": "x"}]}),
        ] {
            assert_eq!(merged(json!({}), &patch), None, "{patch}");
        }
    }
}
