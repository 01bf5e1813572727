use std::path::Path;

use serde_json::json;

use super::*;
use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::change::ChangesOnDemand;
use crate::config::{ClusterConfig, Environment, RuntimeConfig, parse};
use crate::plugin::Cache;
use crate::registry::{Backends, Calls};
use crate::runtime::Output;
use crate::store::{Clock, Filter, SqliteStore};

/// A registry without a plugin, and with so many places for calls.
async fn registry(folder: &Path, places: u32) -> Registry {
    let environment = Environment {
        home: Some(folder.to_owned()),
        ..Environment::default()
    };
    let config = Arc::new(parse("", &folder.join("config.toml"), &environment).unwrap());
    let cluster = Arc::new(Cluster::new(ClusterConfig::default(), environment));
    let clock = Clock::system();
    let store = Arc::new(SqliteStore::new(&folder.join("state"), clock.clone()));
    let audit = Arc::new(Audit::start(Arc::clone(&store) as _, clock));
    let timeout = Duration::from_secs(1);
    let cache = Cache::open(&folder.join("cache"), folder.join("none"), timeout, 1).unwrap();
    let runtime = RuntimeConfig {
        max_calls: places,
        ..RuntimeConfig::default()
    };
    let backends = Backends {
        cluster: Arc::clone(&cluster),
        prometheus: None,
        audit: Arc::clone(&audit),
        cache: Arc::new(cache),
        calls: Arc::new(Calls::new(&runtime)),
    };
    let changes = ChangesOnDemand::new(
        Arc::clone(&config),
        None,
        cluster,
        store,
        audit,
        Arc::default(),
    );
    let loaded = Registry::load(&config, backends, Arc::new(changes)).await;
    loaded.unwrap()
}

/// Runs a call that would answer with so many bytes. Returns what it failed with, and each call that the audit has with its
/// outcome.
async fn audited(
    registry: &Registry,
    cancelled: CancellationToken,
    bytes: usize,
) -> (Option<Kind>, Vec<(Option<String>, Option<String>)>) {
    let asked = Asked {
        plugin: None,
        tool: "change_status",
        effect: Effect::Read,
        arguments: &json!({}),
    };
    let client = Client {
        caller: "uid 1000".to_owned(),
        name: None,
        cancelled,
        progress: None,
        ask: None,
    };
    let work = async |_: &Arc<Call>| {
        Ok(Output {
            content: Vec::new(),
            structured: Some("x".repeat(bytes)),
        })
    };
    let answer = registry.run(asked, client, work, |_| Ok(())).await;
    let calls = Filter {
        kind: Some("call".to_owned()),
        limit: 10,
        ..Filter::default()
    };
    let found = registry.changes.history(&calls).await.unwrap();
    let calls = found
        .into_iter()
        .map(|entry| (entry.columns.tool, entry.columns.outcome));
    (answer.err().map(|failure| failure.kind), calls.collect())
}

#[tokio::test]
async fn a_call_that_no_place_came_free_for_is_in_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path(), 0).await;
    let given_up = CancellationToken::new();
    given_up.cancel();
    let (failed, calls) = audited(&registry, given_up, 1).await;
    assert_eq!(failed, Some(Kind::Cancelled));
    let tool = Some("change_status".to_owned());
    assert_eq!(calls, [(tool, Some("cancelled".to_owned()))]);
}

#[tokio::test]
async fn a_call_whose_answer_is_too_large_is_in_the_audit_as_what_it_came_to() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path(), 1).await;
    let (failed, _) = audited(&registry, CancellationToken::new(), 1).await;
    assert_eq!(failed, None);
    let (failed, calls) = audited(&registry, CancellationToken::new(), 1 << 20).await;
    assert_eq!(failed, Some(Kind::Limit));
    let outcomes: Vec<_> = calls
        .into_iter()
        .filter_map(|(_, outcome)| outcome)
        .collect();
    assert_eq!(outcomes, ["limit", "ok"]);
}

#[test]
fn a_failure_is_one_line_of_the_log_without_credentials() {
    let words = format!(
        "no\ntoken ghp_16C7e42F292c6912E7710c838347Ae178B4a {}",
        "x".repeat(9000)
    );
    let line = for_the_log(&Failure::new(Kind::Plugin, words));
    assert!(line.starts_with("no\\ntoken "), "{line}");
    assert!(!line.contains("ghp_") && line.len() < 3000, "{line}");
}

#[test]
fn an_answer_is_measured_before_it_is_parsed() {
    let output = Output {
        content: Vec::new(),
        structured: Some("not JSON".repeat(10)),
    };
    assert_eq!(check_size(&output, 79).unwrap_err().kind, Kind::Limit);
    assert!(check_size(&output, 80).is_ok());
}

/// As where the wall time ends while a plugin waits for what becomes of its change.
#[tokio::test]
async fn a_call_that_fails_behind_a_change_says_where_to_ask_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let registry = registry(folder.path(), 1).await;
    let said = async |failure: fn(&Call) -> Failure| {
        let asked = Asked {
            plugin: None,
            tool: "change_apply",
            effect: Effect::Change,
            arguments: &json!({}),
        };
        let client = Client {
            caller: "uid 1000".to_owned(),
            name: None,
            cancelled: CancellationToken::new(),
            progress: None,
            ask: None,
        };
        let work = async |call: &Arc<Call>| -> Result<Output, Failure> {
            call.begun.add("c-0123456789");
            Err(failure(call))
        };
        let answer = registry.run(asked, client, work, |_| Ok(())).await;
        let Err(failure) = answer else {
            panic!("the work fails");
        };
        failure.text()
    };
    let over = said(Call::out_of_time).await;
    assert!(over.contains("ran out of its wall time"), "{over}");
    assert!(
        over.contains("change_status with id c-0123456789"),
        "{over}"
    );
    let named = said(|_| Failure::new(Kind::Upstream, "change c-0123456789 failed")).await;
    assert_eq!(named, "change c-0123456789 failed");
}
