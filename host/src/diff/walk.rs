//! Walks two values side by side and names each leaf that differs.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// One step of a path into an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// One leaf that differs; never both sides none.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) path: Vec<Step<'a>>,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Option<&'a Value>,
}

/// An item of a list that is in both, and in which something differs.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    /// With the index that it has afterwards, as the last step.
    pub(crate) path: Vec<Step<'a>>,
    pub(crate) before: &'a Value,
}

/// Returns every leaf that differs, in no order that means anything.
pub(crate) fn differences<'a>(
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> Vec<Difference<'a>> {
    differences_and_items(before, after).0
}

/// Returns also every item that the paths of the differences lead through, in no order that means anything. Those that are
/// new, or gone, are not among them.
pub(super) fn differences_and_items<'a>(
    before: Option<&'a Value>,
    after: Option<&'a Value>,
) -> (Vec<Difference<'a>>, Vec<Item<'a>>) {
    let walk = Walk::of(before, after);
    (walk.found, walk.items)
}

/// Returns a path as text, in the syntax of [`crate::projection`]. No two paths have the same text.
pub(crate) fn text_of(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
            Step::Key(key) if is_bare(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => {
                text.push_str("['");
                // A key that closes its own quote could draw the path of another field.
                text.push_str(&key.replace('\\', "\\\\").replace('\'', "\\'"));
                text.push_str("']");
            }
        }
    }
    text
}

fn is_bare(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !key.is_empty() && key.chars().all(plain)
}

struct Walk<'a> {
    path: Vec<Step<'a>>,
    found: Vec<Difference<'a>>,
    items: Vec<Item<'a>>,
}

impl<'a> Walk<'a> {
    fn of(before: Option<&'a Value>, after: Option<&'a Value>) -> Self {
        let mut walk = Self {
            path: Vec::new(),
            found: Vec::new(),
            items: Vec::new(),
        };
        walk.compare(before, after);
        walk
    }

    fn compare(&mut self, before: Option<&'a Value>, after: Option<&'a Value>) {
        match (before, after) {
            (Some(Value::Object(before)), Some(Value::Object(after))) if !after.is_empty() => {
                self.objects(before, after);
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) if !after.is_empty() => {
                self.lists(before, after);
            }
            (Some(before), Some(after)) if before == after => {}
            (Some(before), Some(after)) if is_leaf(before) && is_leaf(after) => {
                self.push(Some(before), Some(after));
            }
            (before, after) => {
                self.leaves(before, |leaf| (Some(leaf), None));
                self.leaves(after, |leaf| (None, Some(leaf)));
            }
        }
    }

    fn objects(&mut self, before: &'a Map<String, Value>, after: &'a Map<String, Value>) {
        for (key, value) in before {
            self.below(Step::Key(key), Some(value), after.get(key));
        }
        for (key, value) in after {
            if !before.contains_key(key) {
                self.below(Step::Key(key), None, Some(value));
            }
        }
    }

    fn lists(&mut self, before: &'a [Value], after: &'a [Value]) {
        let Some(pairs) = by_name(before, after) else {
            for index in 0..before.len().max(after.len()) {
                self.below(Step::Index(index), before.get(index), after.get(index));
            }
            return;
        };
        for (from, to) in pairs {
            let Some(index) = to.or(from) else { continue };
            let (before, after) = (
                from.and_then(|i| before.get(i)),
                to.and_then(|i| after.get(i)),
            );
            self.below(Step::Index(index), before, after);
        }
    }

    fn below(&mut self, step: Step<'a>, before: Option<&'a Value>, after: Option<&'a Value>) {
        self.path.push(step);
        let found = self.found.len();
        self.compare(before, after);
        if let (Step::Index(_), Some(before), Some(_)) = (step, before, after)
            && self.found.len() > found
        {
            let path = self.path.clone();
            self.items.push(Item { path, before });
        }
        self.path.pop();
    }

    /// Names each leaf below `value` on the one side that `side` puts it.
    fn leaves(
        &mut self,
        value: Option<&'a Value>,
        side: fn(&'a Value) -> (Option<&'a Value>, Option<&'a Value>),
    ) {
        let Some(value) = value else { return };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    self.path.push(Step::Key(key));
                    self.leaves(Some(value), side);
                    self.path.pop();
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    self.path.push(Step::Index(index));
                    self.leaves(Some(value), side);
                    self.path.pop();
                }
            }
            leaf => {
                let (before, after) = side(leaf);
                self.push(before, after);
            }
        }
    }

    fn push(&mut self, before: Option<&'a Value>, after: Option<&'a Value>) {
        self.found.push(Difference {
            path: self.path.clone(),
            before,
            after,
        });
    }
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

type Pair = (Option<usize>, Option<usize>);

/// Pairs the items of two lists by their names: index before, index after. None where names do not tell them apart, where no
/// name is in both, and where the order of those that stay is another, which has to show.
fn by_name(before: &[Value], after: &[Value]) -> Option<Vec<Pair>> {
    let (old, new) = (names(before)?, names(after)?);
    let mut pairs = Vec::with_capacity(after.len());
    let mut last = None;
    for (index, item) in after.iter().enumerate() {
        let from = name(item).and_then(|name| old.get(name)).copied();
        if from.is_some() && from <= last {
            return None;
        }
        last = from.or(last);
        pairs.push((from, Some(index)));
    }
    last?;
    let removed = before
        .iter()
        .enumerate()
        .filter(|(_, item)| name(item).is_some_and(|name| !new.contains_key(name)));
    pairs.extend(removed.map(|(index, _)| (Some(index), None)));
    Some(pairs)
}

fn names(items: &[Value]) -> Option<HashMap<&str, usize>> {
    let mut names = HashMap::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if names.insert(name(item)?, index).is_some() {
            return None;
        }
    }
    Some(names)
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}
