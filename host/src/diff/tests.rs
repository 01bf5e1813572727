mod apply;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn shown(before: &Value, after: &Value) -> Vec<String> {
    lines(Some(before), Some(after))
        .into_iter()
        .map(|line| {
            let side = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            format!(
                "{}: {} -> {}",
                line.path,
                side(line.before),
                side(line.after)
            )
        })
        .collect()
}

#[test]
fn what_the_server_keeps_is_no_difference() {
    let object = |revision: &str| {
        json!({
            "kind": "Deployment",
            "metadata": {
                "name": "web", "uid": revision, "resourceVersion": revision, "generation": 4,
                "creationTimestamp": revision, "selfLink": revision, "managedFields": [{"manager": revision}],
                "annotations": {"deployment.kubernetes.io/revision": revision},
            },
            "spec": {"replicas": 1},
            "status": {"replicas": revision},
        })
    };
    assert_eq!(
        normalised(&object("1")),
        json!({"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 1}})
    );
    // Of anything else nobody counts it up: there it says what an undo goes back to.
    let mut other = object("1");
    other["kind"] = "ReplicaSet".into();
    assert_eq!(
        normalised(&other)["metadata"]["annotations"],
        object("1")["metadata"]["annotations"]
    );
    assert_eq!(normalised(&object("1")), normalised(&object("2")));
    assert_eq!(normalised(&json!("text")), json!("text"));
    assert_eq!(normalised(&json!({"metadata": 3})), json!({"metadata": 3}));
}

#[test]
fn an_inserted_sidecar_leaves_the_other_containers_alone() {
    let before =
        json!({"containers": [{"name": "web", "image": "a:1"}, {"name": "log", "image": "l"}]});
    let after = json!({"containers": [
        {"name": "spy", "image": "s"}, {"name": "web", "image": "a:2"}, {"name": "log", "image": "l"}
    ]});
    assert_eq!(
        shown(&before, &after),
        [
            r#"containers[0].image: - -> "s""#,
            r#"containers[0].name: - -> "spy""#,
            r#"containers[1].image: "a:1" -> "a:2""#,
        ]
    );
    assert_eq!(
        shown(&after, &before),
        [
            r#"containers[0].image: "a:2" -> "a:1""#,
            r#"containers[0].image: "s" -> -"#,
            r#"containers[0].name: "spy" -> -"#,
        ]
    );
}

#[test]
fn another_order_is_a_difference() {
    let before = json!([{"name": "a"}, {"name": "b"}]);
    let after = json!([{"name": "b"}, {"name": "a"}]);
    assert_eq!(
        shown(&before, &after),
        [r#"[0].name: "a" -> "b""#, r#"[1].name: "b" -> "a""#]
    );
}

#[test]
fn subtrees_are_split_into_their_leaves_and_empty_ones_are_leaves() {
    assert_eq!(
        shown(&json!({"a": {"x": 1, "y": [true, {}]}}), &json!({"b": []})),
        [
            "a.x: 1 -> -",
            "a.y[0]: true -> -",
            "a.y[1]: {} -> -",
            "b: - -> []"
        ]
    );
    assert_eq!(
        shown(&json!({"a": {}}), &json!({"a": {"x": 1}})),
        ["a.x: - -> 1"]
    );
    assert_eq!(
        shown(&json!({"a": {"x": 1}}), &json!({"a": {}})),
        ["a: - -> {}", "a.x: 1 -> -"]
    );
    assert_eq!(
        shown(&json!({"a": 1}), &json!({"a": [2]})),
        ["a: 1 -> -", "a[0]: - -> 2"]
    );
    assert_eq!(shown(&json!({"a": []}), &json!({"a": {}})), ["a: [] -> {}"]);
}

#[test]
fn an_object_that_comes_or_goes_is_all_its_leaves() {
    let object = json!({"metadata": {"name": "x"}});
    let came = lines(None, Some(&object));
    assert_eq!(came.len(), 1);
    assert_eq!(
        (came[0].path.as_str(), came[0].before.as_deref()),
        ("metadata.name", None)
    );
    assert_eq!(lines(Some(&object), None)[0].after, None);
    assert_eq!(lines(None, None), []);
}

#[test]
fn a_key_cannot_draw_the_path_of_another_field() {
    let path = |object: &Value| lines(None, Some(object))[0].path.clone();
    assert_eq!(path(&json!({"labels": {"a.b/c": 1}})), "labels['a.b/c']");
    assert_eq!(path(&json!({"a'].b['c": 1})), r"['a\'].b[\'c']");
    assert_eq!(path(&json!({"": 1})), "['']");
    assert_eq!(path(&json!({"a[0]": 1})), "['a[0]']");
}

/// JSON in which lists of named objects are common.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        "[a-c'\\]\\[.]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let key = "[a-c'.\\]\\\\]{0,2}";
        let fields = prop::collection::btree_map(key, inner.clone(), 0..4);
        let named = ("[a-d]", fields.clone()).prop_map(|(name, fields)| {
            let mut object: Map<String, Value> = fields.into_iter().collect();
            object.insert("name".to_owned(), Value::from(name));
            Value::Object(object)
        });
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(named, 0..4).prop_map(Value::from),
            fields.prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn equal_values_have_no_lines_and_others_have(before in value(), after in value()) {
        prop_assert_eq!(lines(Some(&before), Some(&before)), vec![]);
        prop_assert_eq!(lines(Some(&before), Some(&after)).is_empty(), before == after);
    }

    #[test]
    fn lines_applied_to_what_was_give_what_is(before in value(), after in value()) {
        let lines = lines(Some(&before), Some(&after));
        prop_assert_eq!(apply::to(Some(&before), &lines), Some(after));
    }

    #[test]
    fn an_object_that_comes_is_in_its_lines(after in value()) {
        prop_assert_eq!(apply::to(None, &lines(None, Some(&after))), Some(after.clone()));
        prop_assert_eq!(apply::to(Some(&after), &lines(Some(&after), None)), None);
    }
}
