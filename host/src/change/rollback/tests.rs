use super::*;
use crate::config::ChangesConfig;

#[test]
fn an_object_is_created_anew_without_what_the_server_sets() {
    let target = Target {
        group: String::new(),
        version: None,
        plural: "services".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    };
    let before = json!({"metadata": {"name": "web", "uid": "u", "resourceVersion": "3"}, "spec": {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "ports": []}, "status": {}});
    assert_eq!(
        as_new(&before, &target),
        json!({"metadata": {"name": "web"}, "spec": {"ports": []}})
    );
    let headless =
        json!({"metadata": {"name": "web"}, "spec": {"clusterIP": "None", "clusterIPs": ["None"]}});
    assert_eq!(as_new(&headless, &target), headless);
}

#[test]
fn an_object_whose_name_the_server_made_can_be_proposed_anew() {
    let target = Target {
        group: String::new(),
        version: None,
        plural: "pods".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web-x7k2p".to_owned(),
    };
    let before = json!({"metadata": {"generateName": "web-", "name": "web-x7k2p", "namespace": "shop", "uid": "u"}, "spec": {"nodeName": "a"}});
    let object = as_new(&before, &target);
    let plan = Plan {
        summary: "take it back".to_owned(),
        reason: None,
        changes: vec![(target, Change::Create { object })],
    };
    checked::plan(&plan, &ChangesConfig::default()).unwrap();
}

#[test]
fn a_snapshot_holds_no_secret_and_says_what_it_left_out() {
    let target = Target {
        group: String::new(),
        version: None,
        plural: "secrets".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "db".to_owned(),
    };
    let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"password": "c3dvcmRmaXNo"}});
    let kept = snapshot(0, &target, Some(object), None);
    assert!(!format!("{kept:?}").contains("c3dvcmRmaXNo"));
    assert_eq!(kept.left_out, ["data.password"]);
}
