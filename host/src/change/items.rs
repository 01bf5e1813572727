//! Which item of a list a path leads through: an index alone names none, and a list may be in another order tomorrow.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::projection::Path;
use crate::proposal::digest_of;

/// Returns a line for each item that one of the paths leads through: `spec.containers[0] is web`, or a digest of an item without
/// a name. Sorted. Items that are new, or gone, are told by the diff.
pub(super) fn on_the_way(
    before: Option<&Value>,
    after: Option<&Value>,
    paths: &[String],
) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let items: BTreeSet<&str> = paths.iter().flat_map(|path| prefixes(path)).collect();
    items
        .into_iter()
        .filter_map(|item| {
            let path = Path::parse(item).ok()?;
            let (was, is) = (path.of(before), path.of(after));
            if was.is_null() || is.is_null() {
                return None;
            }
            match was["name"].as_str() {
                Some(name) => Some(format!("{item} is {name}")),
                // Of a text or a number the diff says all that there is.
                None if !was.is_object() => None,
                None => Some(format!("{item} is #{}", digest_of(&was).get(..12)?)),
            }
        })
        .collect()
}

/// The beginnings of a path that end with an index.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices(']')
        .filter_map(move |(at, _)| path.get(..=at))
        .filter(|prefix| {
            let inside = prefix.rsplit_once('[').map_or("", |(_, inside)| inside);
            inside
                .trim_end_matches(']')
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_told_by_its_name_and_one_without_a_name_by_what_it_is() {
        let object = |image: &str, port: u32| json!({"c": [{"name": "web", "image": image, "ports": [{"p": port}]}], "l": {"a[0]": 1}});
        let paths = ["c[0].image", "c[0].ports[0].p", "l['a[0]']"].map(str::to_owned);
        let items = on_the_way(Some(&object("a", 1)), Some(&object("b", 2)), &paths);
        assert_eq!(items.len(), 2, "{items:?}");
        assert_eq!(items[0], "c[0] is web");
        assert!(items[1].starts_with("c[0].ports[0] is #"), "{items:?}");
        let other = on_the_way(Some(&object("a", 3)), Some(&object("b", 2)), &paths);
        assert_ne!(items, other);
    }
}
