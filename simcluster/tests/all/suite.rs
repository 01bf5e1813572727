//! The shared suite. `tests/all` runs the same checks against the real kube-apiserver.

use std::path::Path;

use bulkhead_simcluster::{Cluster, Server};
use bulkhead_tests::api_suite::failures;

use crate::client::Client;

#[tokio::test(flavor = "multi_thread")]
async fn simcluster_answers_as_the_real_api_server() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/api-suite");
    let cluster = Cluster::from_dir(&manifests).expect("the suite's manifests load");
    let server = Server::start(cluster).await.expect("a port is free");
    let failures = failures(&Client::of(&server));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
