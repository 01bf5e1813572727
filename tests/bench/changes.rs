//! What a change costs beside the requests that it is made of, at a real API server.
//!
//! The same requests are sent bare in turn with the changes, so that both have the same machine under them.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bulkhead_tests::host_config::cluster_table;
use bulkhead_tests::https::HttpsClient;
use bulkhead_tests::real_cluster::{Controllers, RealCluster, User};
use serde_json::{Value, json};

use crate::host::Host;
use crate::row;
use crate::sample::Sample;

const CHANGES: usize = 200;

/// Proposes and applies a new value in a ConfigMap, again and again; nobody is asked.
pub(crate) fn changes(folder: &Path, plugin: &str) -> Result<()> {
    let cluster = match RealCluster::start(Controllers::Off) {
        Ok(cluster) => cluster,
        Err(why) => {
            row("prepare and apply", &format!("not measured: {why}"), "");
            return Ok(());
        }
    };
    let namespace = cluster.new_namespace()?;
    let config = folder.join("changes.toml");
    std::fs::write(&config, text(&cluster, &namespace, folder, plugin)?)?;
    let bare = Bare::new(&cluster, &namespace)?;
    let mut host = Host::start(&config)?;
    let (mut prepare, mut apply) = (Vec::new(), Vec::new());
    let (mut bare_prepare, mut bare_apply) = (Vec::new(), Vec::new());
    // The first connects, discovers and opens the store.
    for nth in 0..=CHANGES {
        let patch = json!({
            "kind": "configmap", "namespace": namespace, "name": "settings", "operation": "patch",
            "patch": {"data": {"value": format!("host-{nth}")}},
        });
        let began = Instant::now();
        let proposed = host.call("k8s_patch", &patch)?;
        let prepared = began.elapsed();
        let id = id_in(&proposed)?;
        let began = Instant::now();
        let applied = host.call("change_apply", &json!({"id": id}))?;
        ensure!(
            applied["structuredContent"]["outcome"] == "applied",
            "not applied: {applied}"
        );
        let took = (prepared, began.elapsed());
        let bare = (bare.prepare(nth)?, bare.apply(nth)?);
        if nth > 0 {
            prepare.push(took.0);
            apply.push(took.1);
            bare_prepare.push(bare.0);
            bare_apply.push(bare.1);
        }
    }
    cost("prepare", "4", prepare, bare_prepare);
    cost("apply", "7", apply, bare_apply);
    Ok(())
}

fn cost(what: &str, requests: &str, host: Vec<Duration>, bare: Vec<Duration>) {
    let host: Sample = host.into_iter().collect();
    let bare: Sample = bare.into_iter().collect();
    row(
        &format!("{what} one change, {CHANGES} times"),
        &host.milliseconds(),
        "",
    );
    row(
        &format!("its {requests} requests to the API server, bare"),
        &bare.milliseconds(),
        "",
    );
    let on_top = host.median().saturating_sub(bare.median());
    row(
        &format!("{what}: on top of the API server's own, p50"),
        &format!("{:.1} ms", on_top.as_secs_f64() * 1e3),
        "",
    );
}

/// `generic` may patch ConfigMaps, and a rule approves it.
fn text(cluster: &RealCluster, namespace: &str, folder: &Path, plugin: &str) -> Result<String> {
    let table = cluster_table(&cluster.kubeconfig_for(User::Admin))?;
    let state = Value::String(folder.join("changes-state").to_string_lossy().into_owned());
    let cache = Value::String(folder.join("cache").to_string_lossy().into_owned());
    Ok(format!(
        r#"{table}
[directories]
state = {state}
cache = {cache}
[changes]
max_open = 1000
[[approval.rules]]
plugins = ["generic"]
verbs = ["patch"]
resources = ["configmaps"]
namespaces = ["{namespace}"]
channel = "auto"
[plugins.generic]
{plugin}
[[plugins.generic.grants]]
api_groups = [""]
resources = ["configmaps"]
verbs = ["get", "patch"]
namespaces = ["{namespace}"]
"#
    ))
}

/// The id of the change that was proposed.
fn id_in(answer: &Value) -> Result<String> {
    let text = answer["content"][0]["text"].as_str().unwrap_or_default();
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .find(|word| word.len() == 12 && word.starts_with("c-"))
        .map(str::to_owned)
        .with_context(|| format!("no id in: {text}"))
}

/// The host's requests without the host.
struct Bare {
    client: HttpsClient,
    path: String,
}

impl Bare {
    fn new(cluster: &RealCluster, namespace: &str) -> Result<Self> {
        let client = cluster.client(User::Admin)?;
        let path = format!("/api/v1/namespaces/{namespace}/configmaps/settings");
        let settings = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}, "data": {"value": "none"}});
        cluster.apply(&settings.to_string())?;
        Ok(Self { client, path })
    }

    /// Which cluster this is and as whom it is asked, the object, and the patch run dry.
    fn prepare(&self, nth: usize) -> Result<Duration> {
        let began = Instant::now();
        self.identity()?;
        self.look(nth)?;
        Ok(began.elapsed())
    }

    /// The same, one more look, and the patch.
    fn apply(&self, nth: usize) -> Result<Duration> {
        let began = Instant::now();
        self.identity()?;
        self.look(nth)?;
        self.look(nth)?;
        self.patch(nth, "?fieldManager=bench")?;
        Ok(began.elapsed())
    }

    fn identity(&self) -> Result<()> {
        self.send("GET", "/api/v1/namespaces/kube-system", None)?;
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        self.send("POST", path, Some(&review))
    }

    fn look(&self, nth: usize) -> Result<()> {
        self.send("GET", &self.path, None)?;
        self.patch(nth, "?fieldManager=bench&dryRun=All")
    }

    fn patch(&self, nth: usize, query: &str) -> Result<()> {
        let patch = json!({"data": {"value": format!("bare-{nth}")}});
        let path = format!("{}{query}", self.path);
        let media_type = "application/merge-patch+json";
        let answer = self
            .client
            .send_as("PATCH", &path, None, media_type, Some(&patch))?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(())
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<()> {
        let answer = self.client.send(method, path, None, body)?;
        ensure!(answer.status < 300, "{path}: {}", answer.status);
        Ok(())
    }
}
