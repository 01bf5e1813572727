//! What in the metrics needs a person. The bounds are those of the operator's own sample of alerts
//! (`docs/src/samples/monitoring/prometheusrule.yaml`), and shares of what there is.

use super::expressions::What;
use super::known::Known;
use super::shown::duration;
use bulkhead_plugin_sdk::Document;

/// Seconds of a transaction, and of lag.
const LONG: i64 = 300;

/// Transactions since the oldest freeze. PostgreSQL stops at 2^31.
const OLD: i64 = 300_000_000;

/// Percent of the connections, and of a volume.
const FULL: i64 = 85;

/// Notes what is wrong. Of archiving only the primary tells: one that was it before keeps what it counted then.
pub(super) fn note(document: &mut Document, instances: &[String], primary: &str, known: &Known) {
    for pod in instances {
        let of = |what| known.pod(what, pod);
        if let (Some(used), Some(most)) = (of(What::Backends), of(What::Allowed))
            && most > 0
            && used.saturating_mul(100) / most >= FULL
        {
            document.note(format!(
                "{pod} has {used} of {most} connections: a pooler (create_postgres_pooler) keeps them few"
            ));
        }
        if let Some(longest) = of(What::Longest).filter(|seconds| *seconds > LONG) {
            let age = duration(longest);
            document.note(format!(
                "{pod} has a transaction that is open for {age}: it holds locks, and rows that cannot be cleaned up"
            ));
        }
        if of(What::InRecovery) == Some(1) {
            if of(What::Receiving) == Some(0) {
                document.note(format!("{pod} replays, but receives no WAL from a primary"));
            }
            if let Some(lag) = of(What::Lag).filter(|seconds| *seconds > LONG) {
                document.note(format!("{pod} is {} behind", duration(lag)));
            }
        }
        // -1 is never.
        let archived = of(What::SinceArchived).filter(|seconds| *seconds >= 0);
        let failed = of(What::SinceFailed).filter(|seconds| *seconds >= 0);
        if pod == primary
            && let Some(failed) = failed.filter(|failed| archived.is_none_or(|last| *failed < last))
        {
            document.note(format!(
                "{pod} fails to archive WAL, last {} ago: get_postgres_logs with `logger` `wal-archive` says why; until it works \
                 again WAL fills the volume, and nothing newer can be restored",
                duration(failed)
            ));
        }
    }
    for name in known.names(What::Age, "datname") {
        let age = known.by(What::Age, "datname", &name);
        if let Some(age) = age.filter(|age| *age > OLD) {
            document.note(format!(
                "database {name} is {age} transactions from its oldest freeze: autovacuum does not keep up, or an old transaction or \
                 slot holds it"
            ));
        }
    }
    for claim in known.names(What::Used, "persistentvolumeclaim") {
        let used = known.by(What::Used, "persistentvolumeclaim", &claim);
        if let Some(used) = used.filter(|percent| *percent >= FULL) {
            document.note(format!(
                "volume {claim} is {used} % full: resize_postgres_storage gives it more room"
            ));
        }
    }
}
