//! What CloudNativePG decides about parameters itself: those that it fixes, those that only seem free, its defaults, the extensions
//! that it loads by their parameters.
//!
//! From `pkg/postgres/configuration.go` of 1.28. The operator's webhook compares names letter by letter, while PostgreSQL takes them
//! in any case: so here a name counts in any case, or `Archive_Command` would get past both.

/// Never another value than PostgreSQL's default (`blockedConfigurationParameter`).
const BLOCKED: &[&str] = &[
    "allow_system_table_mods",
    "archive_cleanup_command",
    "bonjour",
    "bonjour_name",
    "config_file",
    "data_directory",
    "data_sync_retry",
    "event_source",
    "external_pid_file",
    "hot_standby",
    "jit_provider",
    "listen_addresses",
    "log_destination",
    "log_directory",
    "log_file_mode",
    "log_filename",
    "log_rotation_age",
    "log_rotation_size",
    "log_truncate_on_rotation",
    "logging_collector",
    "promote_trigger_file",
    "recovery_end_command",
    "restart_after_crash",
    "stats_temp_directory",
    "syslog_facility",
    "syslog_ident",
    "syslog_sequence_numbers",
    "syslog_split_messages",
    "unix_socket_directories",
    "unix_socket_group",
    "unix_socket_permissions",
];

/// Set by the operator (`fixedConfigurationParameter`, and the blocked ones that have a field of their own), with where its value
/// comes from.
const SET: &[(&str, &[&str])] = &[
    (
        "it archives WAL itself, as spec.backup or a backup plugin says",
        &["archive_command", "archive_mode"],
    ),
    ("it is the cluster's name", &["cluster_name"]),
    ("rules are set in spec.postgresql.pg_hba", &["hba_file"]),
    (
        "mappings are set in spec.postgresql.pg_ident",
        &["ident_file"],
    ),
    ("instances are reached on 5432", &["port"]),
    (
        "the operator leads replication",
        &[
            "primary_conninfo",
            "primary_slot_name",
            "restore_command",
            "recovery_target_timeline",
        ],
    ),
    (
        "recovery to a point in time makes a new cluster, by spec.bootstrap.recovery: use restore_postgres_cluster",
        &[
            "recovery_target",
            "recovery_target_action",
            "recovery_target_inclusive",
            "recovery_target_lsn",
            "recovery_target_name",
            "recovery_target_time",
            "recovery_target_xid",
        ],
    ),
    (
        "it is set in spec.replica.minApplyDelay",
        &["recovery_min_apply_delay"],
    ),
    (
        "libraries are set in spec.postgresql.shared_preload_libraries, and no tool sets them",
        &["shared_preload_libraries"],
    ),
    (
        "certificates are set in spec.certificates",
        &[
            "ssl",
            "ssl_ca_file",
            "ssl_cert_file",
            "ssl_crl_file",
            "ssl_dh_params_file",
            "ssl_ecdh_curve",
            "ssl_key_file",
            "ssl_passphrase_command",
            "ssl_passphrase_command_supports_reload",
            "ssl_prefer_server_ciphers",
        ],
    ),
    (
        "it is set in spec.postgresql.synchronous",
        &["synchronous_standby_names"],
    ),
    (
        "slots are set in spec.replicationSlots",
        &[
            "synchronized_standby_slots",
            "pg_failover_slots.primary_dsn",
            "pg_failover_slots.standby_slot_names",
        ],
    ),
    (
        "tablespaces for temporary files are set in spec.tablespaces",
        &["temp_tablespaces"],
    ),
    // These two are no entries of that list; what a user sets is written over, or breaks what the operator sets beside it.
    (
        "it is set in spec.postgresql.enableAlterSystem, and no tool sets it",
        &["allow_alter_system"],
    ),
    (
        "the operator archives WAL by archive_command, and only one of both may be set",
        &["archive_library"],
    ),
];

/// What the operator sets where nothing is given (`GlobalDefaultSettings`), of the parameters that are free.
const DEFAULTS: &[(&str, &str)] = &[
    ("archive_timeout", "5min"),
    ("dynamic_shared_memory_type", "posix"),
    ("full_page_writes", "on"),
    ("max_parallel_workers", "32"),
    ("max_replication_slots", "32"),
    ("max_worker_processes", "32"),
    ("shared_memory_type", "mmap"),
    ("ssl_max_protocol_version", "TLSv1.3"),
    ("ssl_min_protocol_version", "TLSv1.3"),
    ("wal_keep_size", "512MB"),
    ("wal_level", "logical"),
    ("wal_log_hints", "on"),
    ("wal_receiver_timeout", "5s"),
    ("wal_sender_timeout", "5s"),
];

/// What a standby needs as much of as its primary (`GetDecreasedSensibleSettings` in `probes.go`), with what PostgreSQL sets where
/// neither a user nor the operator does.
const SENSITIVE: &[(&str, &str)] = &[
    ("max_connections", "100"),
    ("max_locks_per_transaction", "64"),
    ("max_prepared_transactions", "0"),
    ("max_wal_senders", "10"),
    ("max_worker_processes", "8"),
];

/// Extensions whose library the operator loads as soon as one of their parameters is set (`ManagedExtensions`).
const MANAGED: &[&str] = &[
    "pgaudit",
    "pg_stat_statements",
    "auto_explain",
    "pg_failover_slots",
];

/// Says why the operator does not let it be set, as a fragment behind the name; none where it is free.
pub(crate) fn fixed(name: &str) -> Option<&'static str> {
    let is = |other: &&str| other.eq_ignore_ascii_case(name);
    if name
        .get(..5)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("cnpg."))
    {
        return Some("is the operator's own note");
    }
    if BLOCKED.iter().any(is) {
        return Some("has to keep its default, or the operator does not work");
    }
    let set = SET.iter().find(|(_, names)| names.iter().any(is));
    set.map(|(why, _)| *why)
}

/// Returns what the operator sets where nothing is given; none where that is PostgreSQL's business.
pub(crate) fn default_of(name: &str) -> Option<&'static str> {
    of(DEFAULTS, name)
}

/// Returns what stands there where nothing is given, of a parameter whose decrease needs an order; none for any other.
pub(crate) fn sensitive(name: &str) -> Option<&'static str> {
    let preset = of(SENSITIVE, name)?;
    Some(default_of(name).unwrap_or(preset))
}

/// Returns the extension that the operator loads for this parameter; none where it loads none.
pub(crate) fn managed_extension(name: &str) -> Option<&'static str> {
    let (extension, _) = name.split_once('.')?;
    MANAGED
        .iter()
        .copied()
        .find(|managed| *managed == extension)
}

fn of(pairs: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let pair = pairs.iter().find(|(other, _)| *other == name);
    pair.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::{
        BLOCKED, DEFAULTS, SENSITIVE, SET, default_of, fixed, managed_extension, sensitive,
    };
    use crate::parameters::{Effect, find, value::refused};

    /// As many as `FixedConfigurationParameters` has, and the two that are no entries of it.
    #[test]
    fn what_the_operator_fixes_is_fixed_in_any_case() {
        let set = SET.iter().map(|(_, names)| names.len()).sum::<usize>();
        assert_eq!(BLOCKED.len() + set, 65 + 2);
        for name in BLOCKED
            .iter()
            .chain(SET.iter().flat_map(|(_, names)| *names))
        {
            assert!(fixed(name).is_some(), "{name}");
            assert!(fixed(&name.to_uppercase()).is_some(), "{name}");
        }
        assert!(fixed("CNPG.config_sha256").is_some());
        assert!(fixed("work_mem").is_none());
    }

    #[test]
    fn its_names_and_defaults_are_postgresqls() {
        let fixed = BLOCKED
            .iter()
            .chain(SET.iter().flat_map(|(_, names)| *names));
        for name in fixed.filter(|name| !name.contains('.')) {
            let known = (13..=18).any(|major| find(name, major).is_some());
            assert!(known, "{name}");
        }
        for (name, default) in DEFAULTS {
            let parameter = find(name, 16).expect(name);
            assert_eq!(refused(parameter, default), None, "{name}");
        }
        for (name, preset) in SENSITIVE {
            let parameter = find(name, 16).expect(name);
            assert_eq!(refused(parameter, preset), None, "{name}");
            assert_eq!(parameter.effect(), Effect::Restart, "{name}");
        }
    }

    #[test]
    fn what_stands_where_nothing_is_given_is_the_operators_before_it_is_postgresqls() {
        assert_eq!(default_of("wal_keep_size"), Some("512MB"));
        assert_eq!(default_of("work_mem"), None);
        assert_eq!(sensitive("max_worker_processes"), Some("32"));
        assert_eq!(sensitive("max_connections"), Some("100"));
        assert_eq!(sensitive("max_parallel_workers"), None);
    }

    #[test]
    fn an_extension_is_known_by_what_stands_before_the_dot() {
        assert_eq!(managed_extension("pgaudit.log"), Some("pgaudit"));
        assert_eq!(managed_extension("pgaudit"), None);
        assert_eq!(managed_extension("timescaledb.max_jobs"), None);
    }
}
