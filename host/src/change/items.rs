//! Which item of a list a path leads through: an index alone names none, and a list may be in another order tomorrow.

use crate::diff::{self, Item};
use crate::digest::digest_of;

/// Returns a line for each item that the paths of a diff lead through: `spec.containers[0] is web`, or a digest of an item
/// without a name. Sorted. Items that are new, or gone, are told by the diff.
pub(super) fn told(items: Vec<Item<'_>>) -> Vec<String> {
    let mut lines: Vec<String> = items.into_iter().filter_map(line).collect();
    lines.sort();
    lines
}

fn line(Item { path, before }: Item<'_>) -> Option<String> {
    let path = diff::text_of(&path);
    match before["name"].as_str() {
        Some(name) => Some(format!("{path} is {name}")),
        // Of a text or a number the diff says all that there is.
        None if !before.is_object() => None,
        None => Some(format!("{path} is #{}", digest_of(before).get(..12)?)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn on_the_way(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
        told(diff::lines_and_items(before, after).1)
    }

    #[test]
    fn an_item_is_told_by_its_name_and_one_without_a_name_by_what_it_is() {
        let object = |image: &str, port: u32| json!({"c": [{"name": "web", "image": image, "ports": [{"p": port}]}], "l": {"a[0]": port}});
        let items = on_the_way(Some(&object("a", 1)), Some(&object("b", 2)));
        assert_eq!(items.len(), 2, "{items:?}");
        assert_eq!(items[0], "c[0] is web");
        assert!(items[1].starts_with("c[0].ports[0] is #"), "{items:?}");
        let other = on_the_way(Some(&object("a", 3)), Some(&object("b", 2)));
        assert_ne!(items, other);
    }

    #[test]
    fn an_item_is_told_however_deep_it_is_and_however_long_its_path() {
        let object = |value: u32| {
            let list = json!([{"name": "web", "value": value}]);
            let deep = (0..40).fold(list, |inside, _| json!({"x".repeat(20): inside}));
            json!([{"name": "outer", "deep": deep}])
        };
        let items = on_the_way(Some(&object(1)), Some(&object(2)));
        assert_eq!(items[0], "[0] is outer");
        assert!(items[1].ends_with("[0] is web"), "{items:?}");
    }

    #[test]
    fn an_item_that_moved_is_told_by_its_own_name_and_not_by_that_of_the_one_whose_place_it_has() {
        let before = json!([{"name": "web", "image": "1"}, {"name": "log", "image": "1"}]);
        let after = json!([{"name": "new", "image": "1"}, {"name": "web", "image": "2"}, {"name": "log", "image": "1"}]);
        assert_eq!(
            on_the_way(Some(&before), Some(&after)),
            ["[1] is web"],
            "and the new one is in the diff"
        );
        assert!(on_the_way(None, Some(&after)).is_empty());
        assert!(on_the_way(Some(&before), None).is_empty());
    }
}
