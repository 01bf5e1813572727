//! From an object as it was, as it came out and as it is, to the JSON patch that puts back what was touched.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::change::pointer;

/// The JSON patch that puts back what was touched, and nothing beside it.
pub(super) struct WayBack<'a> {
    /// Paths of secrets, which no snapshot holds.
    pub(super) left_out: &'a [String],
    /// Of a JSON patch.
    pub(super) operations: Vec<Value>,
    /// Whether something that would be put back has changed since.
    pub(super) moved: bool,
    /// Secrets that stand in a list which could only be put back whole.
    pub(super) lost: Vec<String>,
}

impl WayBack<'_> {
    /// Walks into what is still there, and puts back the rest whole.
    pub(super) fn walk(
        &mut self,
        before: Option<&Value>,
        after: Option<&Value>,
        now: Option<&Value>,
        place: &mut Vec<String>,
    ) {
        if before == after || now == before {
            return;
        }
        match (before, after, now) {
            (Some(Value::Object(before)), Some(Value::Object(after)), Some(Value::Object(now))) => {
                let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for key in keys {
                    place.push(key.clone());
                    self.walk(before.get(key), after.get(key), now.get(key), place);
                    place.pop();
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after)), Some(Value::Array(now)))
                if before.len() == after.len() && after.len() == now.len() =>
            {
                for (index, ((before, after), now)) in before.iter().zip(after).zip(now).enumerate()
                {
                    if before == after {
                        continue;
                    }
                    place.push(index.to_string());
                    let names = [before, after, now].map(|item| item["name"].as_str());
                    if names[0] == names[1] && names[1] == names[2] {
                        if let Some(name) = names[2] {
                            let mut name_of = place.clone();
                            name_of.push("name".to_owned());
                            self.operations.push(
                                json!({"op": "test", "path": pointer::of(&name_of), "value": name}),
                            );
                        }
                        self.walk(Some(before), Some(after), Some(now), place);
                    } else {
                        self.put_back(Some(before), Some(after), Some(now), place);
                    }
                    place.pop();
                }
            }
            _ => self.put_back(before, after, now, place),
        }
    }

    /// Puts one value back whole.
    fn put_back(
        &mut self,
        before: Option<&Value>,
        after: Option<&Value>,
        now: Option<&Value>,
        place: &[String],
    ) {
        self.moved |= now != after;
        let path = pointer::of(place);
        if before.is_some_and(|value| value.is_object() || value.is_array()) {
            let here = pointer::path(place);
            let inside = |path: &&String| {
                path.strip_prefix(&here)
                    .is_some_and(|rest| rest.starts_with(['.', '[']))
            };
            self.lost
                .extend(self.left_out.iter().filter(inside).cloned());
        }
        self.operations.push(match (before, now) {
            (None, _) => json!({"op": "remove", "path": path}),
            (Some(value), None) => json!({"op": "add", "path": path, "value": value}),
            (Some(value), Some(_)) => json!({"op": "replace", "path": path, "value": value}),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(
        before: Value,
        after: Value,
        now: Value,
        left_out: &[&str],
    ) -> (Vec<Value>, bool, usize) {
        let left_out: Vec<String> = left_out.iter().map(ToString::to_string).collect();
        let mut way = WayBack {
            left_out: &left_out,
            operations: Vec::new(),
            moved: false,
            lost: Vec::new(),
        };
        way.walk(Some(&before), Some(&after), Some(&now), &mut Vec::new());
        (way.operations, way.moved, way.lost.len())
    }

    #[test]
    fn what_was_touched_is_put_back_and_nothing_else() {
        let (patch, moved, _) = back(
            json!({"spec": {"replicas": 2, "paused": false}}),
            json!({"spec": {"replicas": 5, "paused": false, "added": 1}}),
            json!({"spec": {"replicas": 5, "paused": true, "added": 1}}),
            &[],
        );
        let put_back = json!([
            {"op": "remove", "path": "/spec/added"},
            {"op": "replace", "path": "/spec/replicas", "value": 2},
        ]);
        assert_eq!(Value::Array(patch), put_back);
        assert!(!moved);
    }

    #[test]
    fn an_item_of_a_list_is_put_back_alone_where_it_still_has_its_name() {
        let list =
            |image: &str| json!({"c": [{"name": "a", "image": image, "env": []}, {"name": "b"}]});
        let (patch, moved, lost) = back(list("1"), list("2"), list("2"), &["c[0].env[0].value"]);
        let put_back = json!([
            {"op": "test", "path": "/c/0/name", "value": "a"},
            {"op": "replace", "path": "/c/0/image", "value": "1"},
        ]);
        assert_eq!((Value::Array(patch), moved, lost), (put_back, false, 0));
        let longer =
            json!({"c": [{"name": "new"}, {"name": "a", "image": "2", "env": []}, {"name": "b"}]});
        let (_, moved, lost) = back(list("1"), list("2"), longer, &["c[0].env[0].value"]);
        assert!(moved);
        assert_eq!(lost, 1, "the secret in the list would be lost");
    }

    #[test]
    fn a_later_change_of_what_was_touched_is_noticed() {
        let spec = |replicas: u32| json!({"spec": {"replicas": replicas}});
        let (patch, moved, _) = back(spec(2), spec(5), spec(7), &[]);
        assert_eq!(
            patch,
            [json!({"op": "replace", "path": "/spec/replicas", "value": 2})]
        );
        assert!(moved);
        assert_eq!(back(spec(2), spec(5), spec(2), &[]), (Vec::new(), false, 0));
    }
}
