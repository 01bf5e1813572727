//! The way back, for tests: what an object is after the lines of a diff.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diff::{Line, lines};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

#[derive(Debug, Clone, PartialEq)]
struct Edit {
    path: Vec<Step>,
    before: Option<Value>,
    after: Option<Value>,
}

/// Returns what `lines` make of `before`.
pub(super) fn to(before: Option<&Value>, lines: &[Line]) -> Option<Value> {
    apply(before, lines.iter().map(edit).collect())
}

fn edit(line: &Line) -> Edit {
    let side = |text: &Option<String>| {
        text.as_ref()
            .map(|text| serde_json::from_str(text).expect("a side is JSON"))
    };
    Edit {
        path: parse(&line.path),
        before: side(&line.before),
        after: side(&line.after),
    }
}

fn parse(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '[' && rest.next_if_eq(&'\'').is_some() {
            let mut key = String::new();
            while let Some(c) = rest.next().filter(|c| *c != '\'') {
                key.push(if c == '\\' {
                    rest.next().expect("escaped")
                } else {
                    c
                });
            }
            assert_eq!(rest.next(), Some(']'), "{text}");
            steps.push(Step::Key(key));
        } else if c == '[' {
            let mut digits = String::new();
            while let Some(c) = rest.next().filter(|c| *c != ']') {
                digits.push(c);
            }
            steps.push(Step::Index(digits.parse().expect("an index")));
        } else {
            let mut key = String::new();
            if c != '.' {
                key.push(c);
            }
            while let Some(c) = rest.next_if(|c| !".[".contains(*c)) {
                key.push(c);
            }
            steps.push(Step::Key(key));
        }
    }
    steps
}

fn apply(mut before: Option<&Value>, mut edits: Vec<Edit>) -> Option<Value> {
    if edits.is_empty() {
        return before.cloned();
    }
    if let Some(leaf) = edits
        .iter()
        .find(|edit| edit.path.is_empty() && edit.after.is_some())
    {
        return leaf.after.clone();
    }
    let edits_in_all = edits.len();
    edits.retain(|edit| !edit.path.is_empty());
    if edits.len() < edits_in_all {
        before = None;
    }
    let additions = || edits.iter().filter(|edit| edit.after.is_some());
    let list_after = match (additions().next(), before) {
        (Some(edit), _) => matches!(edit.path[0], Step::Index(_)),
        (None, before) => before.is_some_and(Value::is_array),
    };
    match before {
        Some(Value::Array(items)) if list_after => list(items, &edits),
        Some(Value::Object(fields)) if !list_after => object(fields, &edits),
        _ if additions().next().is_none() => None,
        _ if list_after => list(&[], &additions().cloned().collect::<Vec<_>>()),
        _ => object(&Map::new(), &additions().cloned().collect::<Vec<_>>()),
    }
}

fn below(edits: &[Edit]) -> BTreeMap<Step, Vec<Edit>> {
    let mut grouped = BTreeMap::<Step, Vec<Edit>>::new();
    for edit in edits {
        let mut edit = edit.clone();
        let first = edit.path.remove(0);
        grouped.entry(first).or_default().push(edit);
    }
    grouped
}

fn object(before: &Map<String, Value>, edits: &[Edit]) -> Option<Value> {
    let mut after = before.clone();
    for (step, edits) in below(edits) {
        let Step::Key(key) = step else {
            panic!("an index into an object")
        };
        match apply(before.get(&key), edits) {
            Some(value) => after.insert(key, value),
            None => after.remove(&key),
        };
    }
    (!after.is_empty()).then_some(Value::Object(after))
}

/// A diff does not say whether it went by names or by indices: the way that gives the same lines again is the one.
fn list(before: &[Value], edits: &[Edit]) -> Option<Value> {
    let expected = sorted(edits);
    let way = |after: Option<Value>| {
        let again = lines(Some(&Value::from(before)), after.as_ref());
        (sorted(&again.iter().map(edit).collect::<Vec<_>>()) == expected).then_some(after)
    };
    let found = by_name(before, edits).and_then(way);
    found
        .or_else(|| way(by_index(before, edits)))
        .expect("one way fits")
}

fn sorted(edits: &[Edit]) -> Vec<String> {
    let mut texts: Vec<String> = edits.iter().map(|edit| format!("{edit:?}")).collect();
    texts.sort();
    texts
}

fn by_index(before: &[Value], edits: &[Edit]) -> Option<Value> {
    let mut grouped = below(edits);
    let mut after = Vec::new();
    let added = grouped.keys().map(|step| match step {
        Step::Index(index) => index + 1,
        Step::Key(_) => panic!("a key into a list"),
    });
    for index in 0..added.max().unwrap_or(0).max(before.len()) {
        let edits = grouped.remove(&Step::Index(index)).unwrap_or_default();
        after.extend(apply(before.get(index), edits));
    }
    (!after.is_empty()).then_some(Value::from(after))
}

fn by_name(before: &[Value], edits: &[Edit]) -> Option<Option<Value>> {
    let mut grouped = below(edits);
    let mut stayed = Vec::new();
    for (index, item) in before.iter().enumerate() {
        let edits = grouped.entry(Step::Index(index)).or_default();
        let name = Some(item.get("name")?.clone());
        let gone = |edit: &Edit| {
            edit.path == [Step::Key("name".to_owned())]
                && edit.before == name
                && edit.after.is_none()
        };
        if !edits.iter().any(gone) {
            stayed.push(item);
            continue;
        }
        // All leaves of the item that went are here, beside those of the item that has its index now.
        for leaf in lines(Some(item), None).iter().map(edit) {
            let at = edits.iter().position(|edit| *edit == leaf)?;
            edits.remove(at);
        }
    }
    grouped.retain(|_, edits| !edits.is_empty());
    let came = |edit: &Edit| edit.path == [Step::Key("name".to_owned())] && edit.before.is_none();
    let mut stayed = stayed.into_iter();
    let mut after = Vec::new();
    loop {
        let edits = grouped
            .remove(&Step::Index(after.len()))
            .unwrap_or_default();
        if edits.iter().any(came) {
            after.push(apply(None, edits)?);
            continue;
        }
        let Some(item) = stayed.next() else { break };
        after.push(apply(Some(item), edits)?);
    }
    grouped.is_empty().then(|| Some(Value::from(after)))
}
