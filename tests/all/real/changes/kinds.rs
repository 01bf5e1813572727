//! The kinds that people have: made, deleted and taken back, each as it was shown and as it was.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Shop, id_but, rollback::kept};

const STATEFUL_SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: made}
spec:
  serviceName: made
  selector: {matchLabels: {app: made}}
  template:
    metadata: {labels: {app: made}}
    spec: {containers: [{name: a, image: 'registry.example/a:1'}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

const DAEMON_SET: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: made}
spec:
  selector: {matchLabels: {app: made}}
  template:
    metadata: {labels: {app: made}}
    spec: {containers: [{name: a, image: 'registry.example/a:1'}]}
";

const CRON_JOB: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: made}
spec:
  schedule: '* * * * *'
  suspend: true
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: a, image: 'registry.example/a:1'}]}
";

const INGRESS: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: made}
spec:
  rules:
    - host: shop.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
";

const NETWORK_POLICY: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: made}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
";

const AUTOSCALER: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: made}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
";

const BUDGET: &str = "
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: made}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
";

const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: made}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
";

const BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: made}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: made}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ada}]
";

const ACCOUNT: &str = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: made}}";

const QUOTA: &str =
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: made}, spec: {hard: {pods: '10'}}}";

const LIMITS: &str = "
apiVersion: v1
kind: LimitRange
metadata: {name: made}
spec: {limits: [{type: Container, default: {memory: 1Gi}}]}
";

const ENDPOINTS: &str = "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: made}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}]
ports: [{port: 80}]
";

const HEADLESS: &str = "
apiVersion: v1
kind: Service
metadata: {name: made}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
";

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: made}, spec: {containers: [{name: a, image: 'registry.example/a:1'}]}}";

#[rstest]
fn an_object_is_made_and_deleted_as_it_is_shown_and_taken_back_as_it_was(
    #[values(
        STATEFUL_SET,
        DAEMON_SET,
        CRON_JOB,
        INGRESS,
        NETWORK_POLICY,
        AUTOSCALER,
        BUDGET,
        ROLE,
        BINDING,
        ACCOUNT,
        QUOTA,
        LIMITS,
        ENDPOINTS,
        HEADLESS,
        POD
    )]
    manifest: &str,
) {
    let mut shop = Shop::open();
    let after = |word: &str| manifest.split_once(word).unwrap().1;
    let kind = after("kind: ").split([',', '\n']).next().unwrap();
    let object = format!("{kind} made").to_lowercase();
    let made = shop.change("k8s_apply", json!({ "manifest": manifest }));
    assert!(shop.exists(&object));
    shop.roll_back(&made);
    shop.kubectl(&format!("wait --for=delete {kind}/made --timeout=240s"));
    is_taken_back(&mut shop, kind, &object, manifest);
}

fn is_taken_back(shop: &mut Shop, kind: &str, object: &str, manifest: &str) {
    shop.make(manifest);
    let before = kept(shop, object);
    let deletion = json!({ "kind": kind, "name": "made" });
    let id = shop.change("k8s_delete", deletion);
    shop.kubectl(&format!("wait --for=delete {kind}/made --timeout=240s"));
    shop.roll_back(&id);
    assert_eq!(kept(shop, object), before);
}

#[test]
fn an_object_whose_name_the_server_made_comes_back_under_that_name() {
    let mut shop = Shop::open();
    let manifest = POD.replace("{name: made}", "{generateName: made-}");
    let namespace = format!("--namespace={}", shop.namespace);
    let create = ["create", "--filename=-", "--output=name", &namespace];
    let made = shop.cluster.kubectl(&create, Some(&manifest)).unwrap();
    let made = made.trim_end();
    let name = made.strip_prefix("pod/").unwrap();
    let id = shop.change("k8s_delete", json!({ "kind": "Pod", "name": name }));
    shop.kubectl(&format!("wait --for=delete {made} --timeout=240s"));
    shop.roll_back(&id);
    assert!(shop.exists(&format!("pod {name}")));
}

#[test]
fn an_object_of_a_definition_goes_there_and_back() {
    let mut shop = Shop::open();
    let group = format!("{}.example", shop.namespace);
    shop.cluster
        .apply(&format!(
            "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: ovens.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{plural: ovens, kind: Oven}}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {{type: object, properties: {{degrees: {{type: integer, maximum: 300, default: 180}}}}}}
"
        ))
        .unwrap();
    shop.cluster
        .kubectl(
            &[
                "wait",
                "--for=condition=Established",
                &format!("crd/ovens.{group}"),
                "--timeout=240s",
            ],
            None,
        )
        .unwrap();
    let oven = |spec: &str| json!({ "manifest": format!("{{apiVersion: {group}/v1, kind: Oven, metadata: {{name: made}}, spec: {spec}}}") });
    let made = shop.change("k8s_apply", oven("{}"));
    let oven_name = format!("ovens.{group} made");
    assert_eq!(shop.object(&oven_name)["spec"]["degrees"], 180);
    let patch = |degrees: Value| {
        json!({
            "kind": format!("ovens.{group}"), "name": "made", "operation": "patch",
            "patch": { "spec": { "degrees": degrees } },
        })
    };
    shop.call("k8s_patch", patch(json!(400)))
        .fails("invalid", &["300"]);
    shop.call("k8s_patch", patch(json!("hot")))
        .fails("invalid", &[]);
    let hotter = shop.change("k8s_patch", patch(json!(220)));
    assert_eq!(shop.object(&oven_name)["spec"]["degrees"], 220);
    shop.roll_back(&hotter);
    assert_eq!(shop.object(&oven_name)["spec"]["degrees"], 180);
    let said = shop.call("change_rollback", json!({ "id": made }));
    let back = id_but(&said.succeeds(&["delete"]).text, &made);
    shop.approve(&back);
    shop.comes_to(&back, "applied");
    assert!(!shop.exists(&oven_name));
}
