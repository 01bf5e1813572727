//! What is asked of Prometheus: one expression for each thing that is shown.
//!
//! Names of metrics are those of the operator's exporter: `cnpg_collector_*` of the instance manager
//! (`pkg/management/postgres/webserver/metricserver/pg_collector.go`), `cnpg_QUERY_COLUMN` of the default queries
//! (`config/manager/default-monitoring.yaml`). Prometheus does the arithmetic, so that whole numbers are read. Labels `namespace` and
//! `pod` are those that a PodMonitor gives.

use bulkhead_plugin_sdk::prometheus::{Request, quoted};

/// What is known of an instance, a database, a volume or the cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Up,
    InRecovery,
    Backends,
    Active,
    Allowed,
    Waiting,
    Longest,
    Transactions,
    Hits,
    Lag,
    Receiving,
    Standbys,
    Wal,
    Ready,
    SinceArchived,
    SinceFailed,
    Failures,
    Timed,
    Requested,
    Recoverable,
    LastBackup,
    FailedBackup,
    Size,
    Age,
    Used,
    Capacity,
}

/// Each with its expression, in which `$I` selects the instances and `$V` their volumes.
const EXPRESSIONS: [(What, &str); 26] = [
    (What::Up, "max by (pod) (cnpg_collector_up{$I})"),
    (
        What::InRecovery,
        "max by (pod) (cnpg_pg_replication_in_recovery{$I})",
    ),
    (What::Backends, "sum by (pod) (cnpg_backends_total{$I})"),
    (
        What::Active,
        "sum by (pod) (cnpg_backends_total{$I, state=\"active\"})",
    ),
    (
        What::Allowed,
        "max by (pod) (cnpg_pg_settings_setting{$I, name=\"max_connections\"})",
    ),
    (
        What::Waiting,
        "max by (pod) (cnpg_backends_waiting_total{$I})",
    ),
    (
        What::Longest,
        "max by (pod) (cnpg_backends_max_tx_duration_seconds{$I})",
    ),
    (
        What::Transactions,
        "60 * (sum by (pod) (rate(cnpg_pg_stat_database_xact_commit{$I}[5m])) + sum by (pod) (rate(cnpg_pg_stat_database_xact_rollback{$I}[5m])))",
    ),
    (
        What::Hits,
        "100 * sum by (pod) (rate(cnpg_pg_stat_database_blks_hit{$I}[5m])) / (sum by (pod) (rate(cnpg_pg_stat_database_blks_hit{$I}[5m])) + sum by (pod) (rate(cnpg_pg_stat_database_blks_read{$I}[5m])))",
    ),
    (What::Lag, "max by (pod) (cnpg_pg_replication_lag{$I})"),
    (
        What::Receiving,
        "max by (pod) (cnpg_pg_replication_is_wal_receiver_up{$I})",
    ),
    (
        What::Standbys,
        "max by (pod) (cnpg_pg_replication_streaming_replicas{$I})",
    ),
    (
        What::Wal,
        "max by (pod) (cnpg_collector_pg_wal{$I, value=\"size\"})",
    ),
    (
        What::Ready,
        "max by (pod) (cnpg_collector_pg_wal_archive_status{$I, value=\"ready\"})",
    ),
    (
        What::SinceArchived,
        "max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_archival{$I})",
    ),
    (
        What::SinceFailed,
        "max by (pod) (cnpg_pg_stat_archiver_seconds_since_last_failure{$I})",
    ),
    (
        What::Failures,
        "max by (pod) (increase(cnpg_pg_stat_archiver_failed_count{$I}[1h]))",
    ),
    // From PostgreSQL 17 on checkpoints have a view of their own.
    (
        What::Timed,
        "max by (pod) (increase(cnpg_pg_stat_checkpointer_checkpoints_timed{$I}[1h]) or increase(cnpg_pg_stat_bgwriter_checkpoints_timed{$I}[1h]))",
    ),
    (
        What::Requested,
        "max by (pod) (increase(cnpg_pg_stat_checkpointer_checkpoints_req{$I}[1h]) or increase(cnpg_pg_stat_bgwriter_checkpoints_req{$I}[1h]))",
    ),
    (
        What::Recoverable,
        "max(cnpg_collector_first_recoverability_point{$I})",
    ),
    (
        What::LastBackup,
        "max(cnpg_collector_last_available_backup_timestamp{$I})",
    ),
    (
        What::FailedBackup,
        "max(cnpg_collector_last_failed_backup_timestamp{$I})",
    ),
    (
        What::Size,
        "max by (datname) (cnpg_pg_database_size_bytes{$I})",
    ),
    (What::Age, "max by (datname) (cnpg_pg_database_xid_age{$I})"),
    // The kubelet's, where it is scraped.
    (
        What::Used,
        "max by (persistentvolumeclaim) (100 * kubelet_volume_stats_used_bytes{$V} / kubelet_volume_stats_capacity_bytes{$V})",
    ),
    (
        What::Capacity,
        "max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{$V})",
    ),
];

/// Whether a name is one of Kubernetes, which has no character that means something in a pattern but the dot.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| plain(byte) || byte == b'-' || byte == b'.')
}

/// Returns what to ask about the instances of these names, each of which [`is_name`], in the order of [`place`].
pub(super) fn about(namespace: &str, instances: &[String]) -> Vec<Request> {
    let names: Vec<_> = instances
        .iter()
        .map(|name| name.replace('.', "\\."))
        .collect();
    let names = names.join("|");
    let namespace = quoted(namespace);
    let pods = format!("namespace={namespace}, pod=~{}", quoted(&names));
    // `NAME`, `NAME-wal` and `NAME-tbs-TABLESPACE`.
    let claims = quoted(&format!("({names})(-wal|-tbs-.*)?"));
    let volumes = format!("namespace={namespace}, persistentvolumeclaim=~{claims}");
    let filled = EXPRESSIONS.iter().map(|(_, text)| {
        let mut pieces = text.split('$');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        // In one pass: what was put in is not looked at again.
        for piece in pieces {
            let (selector, rest) = match piece.strip_prefix('I') {
                Some(rest) => (&pods, rest),
                None => (&volumes, piece.strip_prefix('V').unwrap_or(piece)),
            };
            filled.push_str(selector);
            filled.push_str(rest);
        }
        filled
    });
    filled.map(Request::now).collect()
}

/// Returns the place of an answer.
pub(super) fn place(what: What) -> Option<usize> {
    EXPRESSIONS.iter().position(|(one, _)| *one == what)
}

#[cfg(test)]
mod tests {
    use super::{EXPRESSIONS, about, is_name};

    #[test]
    fn every_expression_is_about_the_instances_that_were_named_and_their_volumes() {
        let asked = about("shop", &["a-1".to_owned(), "a.b-2".to_owned()]);
        assert_eq!(asked.len(), EXPRESSIONS.len());
        let pods = r#"{namespace="shop", pod=~"a-1|a\\.b-2"}"#;
        let volumes =
            r#"{namespace="shop", persistentvolumeclaim=~"(a-1|a\\.b-2)(-wal|-tbs-.*)?"}"#;
        for ((_, text), request) in EXPRESSIONS.iter().zip(&asked) {
            let [first, second] = [pods, volumes].map(|of| of.trim_matches(['{', '}']));
            let expected = text.replace("$I", first).replace("$V", second);
            assert_eq!(request.expression, expected);
            assert!(!request.expression.contains('$'), "{}", request.expression);
        }
    }

    #[test]
    fn what_is_no_name_of_kubernetes_is_not_asked_about() {
        assert!(is_name("a-1") && is_name("a.b-1"));
        for name in ["", "a|.*", "A-1", "$V", "a\"", "a b", "a-1\n"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
