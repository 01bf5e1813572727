//! The name of a new pooler: that of its Service, its Deployment and its Secret, so it must be nobody else's.

use bulkhead_plugin_sdk::Failure;

/// A Service's name is a DNS label.
const LONGEST: usize = 63;

/// What the operator appends to a cluster's name for its Services and Secrets (`pkg/specs/services.go`, `api/v1/common_types.go`).
const OF_A_CLUSTER: [&str; 11] = [
    "-rw",
    "-ro",
    "-r",
    "-app",
    "-superuser",
    "-ca",
    "-server",
    "-replication",
    "-pooler",
    "-any",
    "-pull-secret",
];

/// Checks the name against the rule, and against the names that the clusters of its namespace have or use.
///
/// # Errors
/// `Invalid` with the rule, or with whose name it is.
pub(crate) fn check(name: &str, clusters: &[String]) -> Result<(), Failure> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = name.bytes().all(inner)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.len() <= LONGEST;
    if !is_label {
        let shown: String = name.chars().take(LONGEST).collect();
        return Err(Failure::invalid(format!(
            "`{shown}` is no name for a pooler: at most {LONGEST} of a-z, 0-9 and `-`, beginning with a letter and ending with a letter \
             or a digit"
        ))
        .next_step("choose another name"));
    }
    for cluster in clusters {
        let Some(rest) = name.strip_prefix(cluster.as_str()) else {
            continue;
        };
        let why = if rest.is_empty() {
            "is the name of a cluster"
        } else if OF_A_CLUSTER.contains(&rest) {
            "is a name that the operator uses for a Service or a Secret of a cluster"
        } else {
            continue;
        };
        return Err(Failure::invalid(format!(
            "a pooler cannot be called `{name}`: that {why}, `{cluster}`"
        ))
        .next_step(&format!(
            "choose another name, such as `{cluster}-pooler-rw`"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_pooler_takes_no_name_of_a_cluster_and_none_of_its_services_and_secrets() {
        let clusters = ["db".to_owned(), "db-x".to_owned()];
        for name in ["db-pooler-rw", "dbs", "pooler", "db-rw-2", "db-y"] {
            assert!(check(name, &clusters).is_ok(), "{name}");
        }
        let longer = "a".repeat(64);
        for name in [
            "db",
            "db-x",
            "db-rw",
            "db-ro",
            "db-app",
            "db-pooler",
            "db-x-r",
            "",
            "1a",
            "a-",
            "a.b",
            "A",
            "a_b",
            &longer,
        ] {
            assert!(check(name, &clusters).is_err(), "{name}");
        }
    }
}
