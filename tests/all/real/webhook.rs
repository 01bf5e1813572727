//! The scripted admission webhook: what later tests say of a cluster that answers otherwise stands on this.

use bulkhead_tests::real_cluster::{
    RealCluster,
    webhook::{Answer, Asked, Webhook},
};
use serde_json::json;

/// A webhook on the ConfigMaps of a namespace of its own.
struct Scene {
    cluster: &'static RealCluster,
    namespace: String,
    webhook: Webhook<'static>,
}

impl Scene {
    fn new(answer: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        let cluster = RealCluster::shared().unwrap();
        let namespace = cluster.new_namespace().unwrap();
        let webhook = Webhook::start(cluster, &namespace, "", "configmaps", answer).unwrap();
        Self {
            cluster,
            namespace,
            webhook,
        }
    }

    fn kubectl(&self, arguments: &str) -> Result<String, String> {
        let namespace = format!("--namespace={}", self.namespace);
        let mut arguments: Vec<&str> = arguments.split(' ').collect();
        arguments.push(&namespace);
        let output = self.cluster.kubectl(&arguments, None);
        output.map_err(|error| error.to_string())
    }
}

#[test]
fn a_denial_reaches_whoever_asked_and_nothing_is_stored() {
    let scene = Scene::new(|_| Answer::Deny("not on a Sunday".to_owned()));
    let error = scene.kubectl("create configmap till").unwrap_err();
    assert!(error.contains("not on a Sunday"), "{error}");
    assert!(
        scene
            .kubectl("get configmap till")
            .unwrap_err()
            .contains("not found")
    );
}

#[test]
fn a_patch_is_in_the_dry_run_and_in_what_is_stored() {
    let patch = json!([{"op": "add", "path": "/data", "value": {"added": "by-webhook"}}]);
    let scene = Scene::new(move |_| Answer::Patch(patch.clone()));
    let added = "-o jsonpath={.data.added}";
    for create in [
        "create configmap till --dry-run=server",
        "create configmap till",
    ] {
        assert_eq!(
            scene.kubectl(&format!("{create} {added}")).unwrap(),
            "by-webhook"
        );
    }
    assert_eq!(
        scene
            .kubectl(&format!("get configmap till {added}"))
            .unwrap(),
        "by-webhook"
    );
}

#[test]
fn the_second_answer_may_differ_from_the_first() {
    let scene = Scene::new(|asked| match asked.nth {
        1 => Answer::Allow,
        _ => Answer::Deny("I thought about it".to_owned()),
    });
    scene
        .kubectl("create configmap till --dry-run=server")
        .unwrap();
    assert!(scene.kubectl("create configmap till").is_err());
    let seen: Vec<_> = scene
        .webhook
        .asked()
        .into_iter()
        .map(|asked| (asked.nth, asked.operation, asked.name, asked.dry_run))
        .collect();
    let create = |nth, dry_run| (nth, "CREATE".to_owned(), "till".to_owned(), dry_run);
    assert_eq!(seen, [create(1, true), create(2, false)]);
}

#[test]
fn a_webhook_that_breaks_fails_the_request() {
    let scene = Scene::new(|_| Answer::Break);
    let error = scene.kubectl("create configmap till").unwrap_err();
    assert!(error.contains("failed calling webhook"), "{error}");
    assert_eq!(scene.webhook.asked().len(), 1);
}

#[test]
fn another_namespace_is_not_asked_about() {
    let scene = Scene::new(|_| Answer::Deny("no".to_owned()));
    let other = scene.cluster.new_namespace().unwrap();
    let namespace = format!("--namespace={other}");
    scene
        .cluster
        .kubectl(&["create", "configmap", "till", &namespace], None)
        .unwrap();
    assert_eq!(scene.webhook.asked(), []);
}

#[test]
fn a_dropped_webhook_is_off_the_cluster() {
    let Scene {
        cluster,
        namespace,
        webhook,
    } = Scene::new(|_| Answer::Allow);
    let configurations = || {
        cluster
            .kubectl(
                &["get", "mutatingwebhookconfigurations", "-o", "name"],
                None,
            )
            .unwrap()
    };
    assert!(configurations().contains(&namespace));
    drop(webhook);
    assert!(!configurations().contains(&format!("{namespace}-")));
}
