//! `get_postgres_metrics` in the host: what a Prometheus knows of the instances, and what is said where there is none to ask.

use bulkhead_cnpg_data::METRICS;
use bulkhead_simcluster::Prometheus;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Desk, GRANTS, sim, text, text_with};
use crate::session::Said;

const TOOL: &str = "get_postgres_metrics";

fn ask(desk: &mut Desk) -> Said {
    let of = json!({ "cluster_name": METRICS.name, "namespace": METRICS.namespace });
    desk.call(TOOL, &of)
}

/// Has it answer the question about a metric, which has been asked before, by what a label names.
fn tell(prometheus: &Prometheus, metric: &str, label: &str, values: &[(&str, &str)]) {
    let asked = prometheus.asked();
    let mut asked = asked.iter().filter_map(|one| one.parameter("query"));
    let about = asked.find(|expression| expression.contains(&format!("{metric}{{")));
    let series = values
        .iter()
        .map(|(name, value)| json!({ "metric": { label: name }, "value": [1, value] }));
    let series: Vec<Value> = series.collect();
    let data = json!({ "resultType": "vector", "result": series });
    prometheus.answer(about.unwrap_or_else(|| panic!("no {metric}")), data);
}

/// Volumes that are nearly full are in no status: nothing but metrics tells of them before they are full.
#[test]
fn what_prometheus_knows_is_told_a_volume_that_is_nearly_full_too() {
    let sim = sim();
    let runtime = Runtime::new().unwrap();
    let prometheus = runtime.block_on(Prometheus::start()).unwrap();
    let where_it_is = format!("\n[prometheus]\nurl = \"{}\"\n", prometheus.url());
    let text = text_with(&sim.kubeconfig(), "prometheus = true", GRANTS) + &where_it_is;
    let mut desk = Desk::of(&text);
    ask(&mut desk).succeeds(&["0 of 3 instances report to Prometheus", "it must scrape"]);

    let each = |values: [&'static str; 3]| {
        let names = ["metrics-1", "metrics-2", "metrics-3"];
        [0, 1, 2].map(|index| (names[index], values[index]))
    };
    tell(
        &prometheus,
        "cnpg_collector_up",
        "pod",
        &each(["1", "1", "1"]),
    );
    let replays = "cnpg_pg_replication_in_recovery";
    tell(&prometheus, replays, "pod", &each(["0", "1", "1"]));
    tell(
        &prometheus,
        "cnpg_pg_replication_lag",
        "pod",
        &each(["0", "12", "0"]),
    );
    let used = "kubelet_volume_stats_used_bytes";
    let claim = "persistentvolumeclaim";
    tell(&prometheus, used, claim, &each(["91.4", "40", "40"]));
    ask(&mut desk).succeeds(&[
        "3 of 3 instances report to Prometheus",
        "metrics-1: writes",
        "metrics-2: replays",
        "12s behind",
        "volume metrics-1 is 91 % full: resize_postgres_storage gives it more room",
    ]);

    drop(prometheus);
    ask(&mut desk).succeeds(&["no metrics: Prometheus does not answer"]);
    desk.end();
}

#[test]
fn where_there_is_no_prometheus_to_ask_it_says_so_and_who_can_change_that() {
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    let said = ask(&mut desk).succeeds(&[
        "no metrics: no Prometheus is configured",
        "`prometheus = true`",
        "port: 9187",
        "cnpg.io/cluster: metrics",
    ]);
    assert!(!said.text.contains("report to Prometheus"), "{}", said.text);
    desk.end();

    let runtime = Runtime::new().unwrap();
    let prometheus = runtime.block_on(Prometheus::start()).unwrap();
    let where_it_is = format!("\n[prometheus]\nurl = \"{}\"\n", prometheus.url());
    let mut desk = Desk::of(&(text(&sim.kubeconfig()) + &where_it_is));
    ask(&mut desk).succeeds(&["no metrics: Prometheus may not be asked"]);
    assert_eq!(prometheus.asked(), []);
    desk.end();
}
