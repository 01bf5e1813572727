//! The parameters of PgBouncer that a tool sets: sizes, times and what is logged. Each is a number, so that nothing else can hide in it.
//!
//! The operator lets a person set more (`AllowedPgbouncerGenericConfigurationParameters`, `internal/webhook/v1/pooler_webhook.go`), and
//! does not look at values. Left to a person are those that say who is let in, how it is encrypted, and which SQL is run.

use bulkhead_plugin_sdk::Failure;
use serde_json::{Map, Value};

/// Whole numbers: how many, or how many seconds.
const NUMBERS: [&str; 33] = [
    "autodb_idle_timeout",
    "cancel_wait_timeout",
    "client_idle_timeout",
    "client_login_timeout",
    "default_pool_size",
    "dns_max_ttl",
    "dns_nxdomain_ttl",
    "idle_transaction_timeout",
    "listen_backlog",
    "max_client_conn",
    "max_db_connections",
    "max_packet_size",
    "max_prepared_statements",
    "max_user_connections",
    "min_pool_size",
    "pkt_buf",
    "query_timeout",
    "query_wait_timeout",
    "reserve_pool_size",
    "reserve_pool_timeout",
    "sbuf_loopcnt",
    "server_check_delay",
    "server_connect_timeout",
    "server_idle_timeout",
    "server_lifetime",
    "server_login_retry",
    "stats_period",
    "suspend_timeout",
    "tcp_keepcnt",
    "tcp_keepidle",
    "tcp_keepintvl",
    "tcp_user_timeout",
    "verbose",
];

/// On or off: 1 or 0.
const SWITCHES: [&str; 8] = [
    "application_name_add_host",
    "log_connections",
    "log_disconnections",
    "log_pooler_errors",
    "log_stats",
    "server_fast_close",
    "server_round_robin",
    "tcp_keepalive",
];

/// The most digits of a number: it stays within what PgBouncer reads.
const DIGITS: usize = 9;

/// Returns the parameters as the pooler's spec has them.
///
/// # Errors
/// `Invalid` with the one that is not set by a tool, or whose value is no such number.
pub(crate) fn check(given: &[(&str, &str)]) -> Result<Map<String, Value>, Failure> {
    let mut parameters = Map::new();
    for (name, value) in given {
        let value = value.trim();
        let is_number =
            (1..=DIGITS).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
        let wants = if SWITCHES.contains(name) {
            if value == "0" || value == "1" {
                None
            } else {
                Some("0 or 1")
            }
        } else if NUMBERS.contains(name) {
            if is_number {
                None
            } else {
                Some("a whole number")
            }
        } else {
            return Err(unknown(name));
        };
        if let Some(wants) = wants {
            let shown: String = value.chars().take(40).collect();
            return Err(Failure::invalid(format!(
                "parameter `{name}` of PgBouncer is `{shown}`, and takes {wants}"
            ))
            .next_step("give another value"));
        }
        parameters.insert((*name).to_owned(), value.into());
    }
    Ok(parameters)
}

fn unknown(name: &str) -> Failure {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    Failure::invalid(format!(
        "parameter `{shown}` of PgBouncer is not set by this tool: it takes sizes, times and what is logged, and leaves to a person who \
         is let in, how it is encrypted and which SQL is run"
    ))
    .next_step("leave it out; a person can set it at the Pooler")
}

#[cfg(test)]
mod tests {
    use super::{NUMBERS, SWITCHES, check};

    /// What the operator's webhook takes, as it stands there.
    const ALLOWED: &str = "\
        application_name_add_host auth_type autodb_idle_timeout cancel_wait_timeout client_idle_timeout client_login_timeout \
        client_tls_sslmode default_pool_size disable_pqexec dns_max_ttl dns_nxdomain_ttl idle_transaction_timeout \
        ignore_startup_parameters listen_backlog log_connections log_disconnections log_pooler_errors log_stats max_client_conn \
        max_db_connections max_packet_size max_prepared_statements max_user_connections min_pool_size pkt_buf query_timeout \
        query_wait_timeout reserve_pool_size reserve_pool_timeout sbuf_loopcnt server_check_delay server_check_query \
        server_connect_timeout server_fast_close server_idle_timeout server_lifetime server_login_retry server_reset_query \
        server_reset_query_always server_round_robin server_tls_ciphers server_tls_protocols server_tls_sslmode stats_period \
        suspend_timeout tcp_defer_accept tcp_socket_buffer tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_user_timeout \
        track_extra_parameters verbose";

    #[test]
    fn every_parameter_that_is_taken_is_one_that_the_operator_takes() {
        for name in NUMBERS.iter().chain(&SWITCHES) {
            assert!(ALLOWED.split(' ').any(|one| one == *name), "{name}");
        }
    }

    #[test]
    fn who_is_let_in_how_it_is_encrypted_and_which_sql_is_run_is_not_taken() {
        for name in [
            "auth_type",
            "auth_query",
            "auth_user",
            "client_tls_sslmode",
            "server_tls_sslmode",
            "server_check_query",
            "server_reset_query",
            "pool_mode",
            "ignore_startup_parameters",
            "conffile",
        ] {
            assert!(check(&[(name, "1")]).is_err(), "{name}");
        }
    }

    #[test]
    fn values_are_numbers_and_nothing_else_can_hide_in_them() {
        for (name, value) in [
            ("default_pool_size", "20\nauth_type = trust"),
            ("default_pool_size", "-1"),
            ("default_pool_size", "1.5"),
            ("default_pool_size", ""),
            ("default_pool_size", "1234567890"),
            ("log_stats", "2"),
            ("log_stats", "yes"),
        ] {
            assert!(check(&[(name, value)]).is_err(), "{name} {value}");
        }
        let taken = check(&[("default_pool_size", " 30 "), ("log_stats", "1")]);
        let taken = taken.expect("they are numbers");
        assert_eq!(taken["default_pool_size"], "30");
        assert_eq!(taken["log_stats"], "1");
    }
}
