//! Nodes without kubelets: pods run as soon as they are placed, so what a rollout or a drain waits for comes true.

use bulkhead_tests::real_cluster::{BROKEN_IMAGE, Controllers, NODES, RealCluster};

const IMAGE: &str = "registry.example/till:1";

/// The pods' label `image` tells which image they are of.
fn deployment(namespace: &str, image: &str) -> String {
    let label = if image == BROKEN_IMAGE {
        "broken"
    } else {
        "till"
    };
    format!(
        "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: till, namespace: {namespace}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: till}}}}
  template:
    metadata: {{labels: {{app: till, image: {label}}}}}
    spec: {{containers: [{{name: till, image: '{image}'}}]}}
"
    )
}

/// kubectl in one namespace.
struct Shop<'cluster> {
    cluster: &'cluster RealCluster,
    namespace: String,
}

impl<'cluster> Shop<'cluster> {
    fn open() -> Self {
        Self::on(RealCluster::with_nodes().unwrap())
    }

    fn on(cluster: &'cluster RealCluster) -> Self {
        let namespace = cluster.new_namespace().unwrap();
        Self { cluster, namespace }
    }

    fn kubectl(&self, arguments: &str) -> String {
        let namespace = format!("--namespace={}", self.namespace);
        let mut arguments: Vec<&str> = arguments.split(' ').collect();
        arguments.push(&namespace);
        self.cluster.kubectl(&arguments, None).unwrap()
    }

    fn roll_out(&self, image: &str) {
        let manifest = deployment(&self.namespace, image);
        self.cluster.apply(&manifest).unwrap();
    }

    fn wait_for_rollout(&self) {
        self.kubectl("rollout status deployment/till --timeout=240s");
    }

    fn images_of_running_pods(&self) -> String {
        self.kubectl("get pods --field-selector=status.phase=Running -o jsonpath={.items[*].spec.containers[*].image}")
    }
}

#[test]
fn a_deployment_of_three_rolls_out() {
    let shop = Shop::open();
    shop.roll_out(IMAGE);
    shop.wait_for_rollout();
    assert_eq!(
        shop.kubectl("get deployment till -o jsonpath={.status.readyReplicas}"),
        "3"
    );
}

#[test]
fn what_the_clusters_own_programs_change_is_not_counted() {
    let shop = Shop::open();
    shop.roll_out(IMAGE);
    shop.wait_for_rollout();
    let changes = shop.cluster.changes_in(&shop.namespace).unwrap();
    let verbs: Vec<_> = changes
        .iter()
        .map(|change| (change.user.as_str(), change.verb.as_str()))
        .collect();
    assert_eq!(verbs, [("admin", "patch")]);
}

#[test]
fn a_broken_image_holds_a_rollout_up_until_it_is_undone() {
    let shop = Shop::open();
    shop.roll_out(IMAGE);
    shop.wait_for_rollout();
    shop.roll_out(BROKEN_IMAGE);
    shop.kubectl("wait --for=create pod --selector=image=broken --timeout=240s");
    let reason = "{.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff";
    shop.kubectl(&format!(
        "wait --for=jsonpath={reason} pod --selector=image=broken --timeout=240s"
    ));
    assert_eq!(shop.images_of_running_pods(), [IMAGE; 3].join(" "));
    shop.kubectl("rollout undo deployment/till");
    shop.wait_for_rollout();
    assert_eq!(shop.images_of_running_pods(), [IMAGE; 3].join(" "));
}

#[test]
fn a_job_completes() {
    let shop = Shop::open();
    shop.kubectl("create job count --image=registry.example/count:1");
    shop.kubectl("wait --for=condition=Complete job/count --timeout=240s");
}

#[test]
fn pods_run_on_nodes_that_are_ready() {
    let shop = Shop::open();
    shop.kubectl("run till --image=registry.example/till:1");
    shop.kubectl("wait --for=condition=Ready pod/till --timeout=240s");
    let node = shop.kubectl("get pod till -o jsonpath={.spec.nodeName}");
    assert!(NODES.contains(&node.as_str()), "{node}");
}

/// On a cluster of its own: the nodes are everybody's.
#[test]
fn draining_a_node_moves_its_pods_to_the_other() {
    let cluster = RealCluster::start(Controllers::AndNodes).unwrap();
    let shop = Shop::on(&cluster);
    shop.roll_out(IMAGE);
    shop.wait_for_rollout();
    cluster.kubectl(&["drain", NODES[0]], None).unwrap();
    shop.wait_for_rollout();
    let nodes =
        "get pods --field-selector=status.phase=Running -o jsonpath={.items[*].spec.nodeName}";
    assert_eq!(shop.kubectl(nodes), [NODES[1]; 3].join(" "));
}
