//! The figures of docs/performance.md, measured on a filled folder and printed as a table.
//!
//! A program and not a test: a busy machine makes figures worse, and must not make tests fail. `cargo xtask bench` builds all
//! in release and runs it. The cluster is the simcluster in a process of its own, so that the host's memory is the host's.
#![expect(clippy::print_stdout, reason = "its answer is a table")]

mod changes;
mod host;
mod sample;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use bulkhead_tests::built;
use serde_json::{Value, json};
use toml::Table;

use host::Host;
use sample::Sample;

const CALLS: usize = 2000;
const STARTS: usize = 30;
const COLD_STARTS: usize = 5;
const IN_FLIGHT: usize = 16;

/// What turns the shipped configuration into one that changes things.
const CHANGING: &str = r#"
[[plugins.generic.grants]]
api_groups = ["", "apps"]
resources = ["configmaps", "deployments", "deployments/scale", "pods"]
verbs = ["create", "patch", "delete"]
namespaces = ["shop"]
"#;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let demo = Cluster::start(folder.path(), "demo", &["--demo"])?;
    // `generic` alone, so that the figures stay comparable.
    let config = write_config(folder.path(), "demo", &demo.kubeconfig, &["generic"])?;
    let shipped = ["generic", "cnpg", "velero"];
    let all = write_config(folder.path(), "all", &demo.kubeconfig, &shipped)?;

    println!("| figure | measured | aim |");
    println!("|---|---|---|");
    ready(&config, folder.path())?;
    ready_for_changes(&config, folder.path())?;
    ready_with_all(&all)?;
    calls(&config)?;
    thousand_pods(&config)?;
    changes::changes(folder.path(), &source())?;

    let manifests = folder.path().join("manifests");
    many_pods(&manifests, 20_000)?;
    let large = Cluster::start(
        folder.path(),
        "large",
        &["--manifests", &manifests.to_string_lossy()],
    )?;
    let config = write_config(folder.path(), "large", &large.kubeconfig, &["generic"])?;
    twenty_thousand_pods(&config)
}

/// From the start of the process until tools/list is answered.
fn start(config: &Path) -> Result<(Duration, Host)> {
    let began = Instant::now();
    let mut host = Host::start(config)?;
    host.tools()?;
    Ok((began.elapsed(), host))
}

/// Starts over filled caches.
fn warm(config: &Path) -> Result<Sample> {
    // Fills them, and makes the store.
    start(config)?;
    (0..STARTS)
        .map(|_| start(config).map(|(time, _)| time))
        .collect()
}

fn ready(config: &Path, folder: &Path) -> Result<()> {
    row(
        "ready, warm: start to tools/list answered",
        &warm(config)?.milliseconds(),
        "≤ 12 ms",
    );
    let cold = (0..COLD_STARTS)
        .map(|_| {
            // Compiled components and manifests alike.
            std::fs::remove_dir_all(folder.join("cache")).context("failed to empty the cache")?;
            start(config).map(|(time, _)| time)
        })
        .collect::<Result<Sample>>()?;
    row(
        "ready, cold: the plugin is compiled first",
        &cold.milliseconds(),
        "",
    );
    let (_, mut host) = start(config)?;
    row(
        "resident memory, ready",
        &host.memory()?.resident(),
        "≤ 30 MB",
    );
    host.call("ping", &json!({}))?;
    host.call("k8s_list", &json!({"kind": "pods", "namespace": "shop"}))?;
    row(
        "resident memory after two calls",
        &host.memory()?.resident(),
        "",
    );
    Ok(())
}

/// The same where the plugin may change things: its tools for that are listed, and what earlier hosts left is looked up.
fn ready_for_changes(config: &Path, folder: &Path) -> Result<()> {
    let changing = folder.join("changing.toml");
    let text = std::fs::read_to_string(config)?;
    std::fs::write(&changing, text + CHANGING)?;
    row(
        "ready, warm, with tools that change things",
        &warm(&changing)?.milliseconds(),
        "≤ 12 ms",
    );
    Ok(())
}

/// The same with every plugin that is shipped.
fn ready_with_all(config: &Path) -> Result<()> {
    row(
        "ready, warm, with the three plugins",
        &warm(config)?.milliseconds(),
        "",
    );
    let (_, host) = start(config)?;
    row(
        "resident memory, ready, with the three plugins",
        &host.memory()?.resident(),
        "",
    );
    Ok(())
}

/// One call at a time, then many at once.
fn calls(config: &Path) -> Result<()> {
    let mut host = Host::start(config)?;
    let get = json!({"kind": "pods", "namespace": "shop", "name": "cart-5b8c9d7f6d-7wz4m"});
    // Connects, discovers, maps the component.
    host.call("k8s_get", &get)?;
    let bare = (0..CALLS)
        .map(|_| host.timed("ping", &json!({})))
        .collect::<Result<Sample>>()?;
    row(
        "MCP ping, which enters no guest, 2000",
        &bare.microseconds(),
        "",
    );
    let ping = (0..CALLS)
        .map(|_| host.timed_call("ping", &json!({})))
        .collect::<Result<Sample>>()?;
    row("tool `ping` through WASM, 2000", &ping.microseconds(), "");
    let overhead = ping.median().saturating_sub(bare.median());
    row(
        "call overhead p50: tool `ping` less MCP ping",
        &format!("{} µs", overhead.as_micros()),
        "≤ 150 µs",
    );
    let got = (0..CALLS)
        .map(|_| host.timed_call("k8s_get", &get))
        .collect::<Result<Sample>>()?;
    row("tool `k8s_get` through WASM, 2000", &got.microseconds(), "");
    for (tool, arguments) in [("ping", json!({})), ("k8s_get", get)] {
        let rate = host.rate(tool, &arguments, CALLS, IN_FLIGHT)?;
        row(
            &format!("`{tool}`, {IN_FLIGHT} in flight"),
            &format!("{rate:.0} calls/s"),
            "",
        );
    }
    row(
        "resident memory after 10 000 calls",
        &host.memory()?.resident(),
        "",
    );
    Ok(())
}

fn thousand_pods(config: &Path) -> Result<()> {
    let mut host = Host::start(config)?;
    let list = json!({"kind": "pods", "namespace": "load"});
    let answer = host.call("k8s_list", &list)?;
    let text = answer["content"][0]["text"].as_str().unwrap_or_default();
    let time = (0..20)
        .map(|_| host.timed_call("k8s_list", &list))
        .collect::<Result<Sample>>()?;
    row(
        "1000 pods: first page with totals",
        &time.milliseconds(),
        "",
    );
    row(
        "1000 pods: text to the model",
        &format!("{} bytes", text.len()),
        "≤ 6 KB",
    );
    row(
        "1000 pods: structured result",
        &format!("{} bytes", answer["structuredContent"].to_string().len()),
        "",
    );
    Ok(())
}

fn twenty_thousand_pods(config: &Path) -> Result<()> {
    let mut host = Host::start(config)?;
    host.call("ping", &json!({}))?;
    let before = host.memory()?;
    let list = json!({"kind": "pods", "namespace": "load"});
    let time = (0..5)
        .map(|_| host.timed_call("k8s_list", &list))
        .collect::<Result<Sample>>()?;
    row(
        "20 000 pods: first page with totals",
        &time.milliseconds(),
        "",
    );
    row(
        "20 000 pods: memory before, and its peak",
        &format!("{}, {}", before.resident(), host.memory()?.peak()),
        "",
    );
    Ok(())
}

fn row(figure: &str, measured: &str, aim: &str) {
    println!("| {figure} | {measured} | {aim} |");
}

/// A simcluster in a process of its own.
struct Cluster {
    child: Child,
    kubeconfig: PathBuf,
}

impl Cluster {
    fn start(folder: &Path, name: &str, source: &[&str]) -> Result<Self> {
        let program = built::target().join("release").join("bulkhead-simcluster");
        let kubeconfig = folder.join(format!("{name}.kubeconfig"));
        let mut child = Command::new(&program)
            .args(source)
            .arg("--kubeconfig-out")
            .arg(&kubeconfig)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", program.display()))?;
        // It prints its URL once it serves.
        let mut line = String::new();
        let stdout = child.stdout.take().context("its stdout is piped")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)?;
        ensure!(
            line.starts_with("http"),
            "the simcluster did not start: {line}"
        );
        Ok(Self { child, kubeconfig })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The shipped configuration of these plugins, on another cluster and with folders of its own.
fn write_config(folder: &Path, name: &str, kubeconfig: &Path, plugins: &[&str]) -> Result<PathBuf> {
    let shipped = built::dist().join("config.toml");
    let text = std::fs::read_to_string(&shipped)
        .with_context(|| format!("failed to read `{}`", shipped.display()))?;
    let mut config: Table = text.parse()?;
    let kubeconfig = kubeconfig.to_string_lossy().into_owned();
    table(&mut config, "cluster")?.insert("kubeconfig".to_owned(), kubeconfig.into());
    for kind in ["cache", "state"] {
        let own = folder.join(kind).to_string_lossy().into_owned();
        table(&mut config, "directories")?.insert(kind.to_owned(), own.into());
    }
    let tables = table(&mut config, "plugins")?;
    tables.retain(|name, _| plugins.contains(&name));
    for &plugin in plugins {
        let source = built::plugin(plugin).to_string_lossy().into_owned();
        table(tables, plugin)?.insert("source".to_owned(), source.into());
    }
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, config.to_string())?;
    Ok(path)
}

fn table<'a>(of: &'a mut Table, name: &str) -> Result<&'a mut Table> {
    of.get_mut(name)
        .and_then(|value| value.as_table_mut())
        .with_context(|| format!("the shipped configuration has no table `{name}`"))
}

/// Where the shipped plugin is, as `[plugins.generic]` says it.
fn source() -> String {
    let path = built::plugin("generic").to_string_lossy().into_owned();
    format!("source = {}", Value::String(path))
}

/// So many pods of a plausible size, in files of a thousand.
fn many_pods(folder: &Path, pods: usize) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for file in 0..pods.div_ceil(1000) {
        let items: Vec<Value> = (0..1000.min(pods - file * 1000))
            .map(|place| pod(file * 1000 + place))
            .collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        std::fs::write(
            folder.join(format!("pods-{file:03}.json")),
            list.to_string(),
        )?;
    }
    Ok(())
}

fn pod(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("worker-{number:05}"), "namespace": "load", "labels": {"app": "worker", "shard": (number % 16).to_string()},
            "annotations": {"prometheus.io/scrape": "true", "checksum/config": format!("{number:064x}")},
            "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"nodeName": format!("node-{}", number % 100), "serviceAccountName": "worker", "containers": [{
            "name": "worker", "image": "registry.example/worker:1.0.0", "args": ["--shard", (number % 16).to_string()],
            "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "QUEUE_PASSWORD", "value": "not-for-a-model"}],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/worker", "readOnly": true}]}],
            "volumes": [{"name": "config", "configMap": {"name": "worker"}}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1", "startTime": "2026-01-01T00:00:01Z",
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}],
            "containerStatuses": [{"name": "worker", "ready": true, "restartCount": 0, "image": "registry.example/worker:1.0.0",
                "imageID": "registry.example/worker@sha256:aa", "state": {"running": {"startedAt": "2026-01-01T00:00:05Z"}}}]},
    })
}
