//! PostgreSQL's names: which ones a tool gives to something new, which are not to be had, and what stands for them in Kubernetes.
//!
//! PostgreSQL takes nearly any name in double quotes. What a tool makes has a name that needs none, or only for a `-`, and that a
//! label can hold. Names of what is there already are never judged here.

use bulkhead_plugin_sdk::Failure;

/// What PostgreSQL keeps of a name, in bytes (`NAMEDATALEN` less one); a label of Kubernetes holds as many.
const LONGEST: usize = 63;

/// The roles of the operator itself (`pkg/postgres/roles.go`).
const OPERATORS: [&str; 2] = ["postgres", "streaming_replica"];

/// Checks the name of something new; `what` is the argument that it was given as.
///
/// # Errors
/// `Invalid` with the rule that it breaks.
pub(crate) fn check(what: &str, name: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let why = if name.is_empty() {
        "it is empty"
    } else if name.len() > LONGEST {
        "it has more than 63 bytes, and PostgreSQL would cut it"
    } else if name.chars().any(|c| c.is_ascii_uppercase()) {
        "it has capitals, which PostgreSQL turns small unless each use stands in double quotes"
    } else if !name.chars().all(plain) {
        "only a to z, 0 to 9, `_` and `-` are taken"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "it begins with no letter"
    } else if !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        "it ends with no letter or digit"
    } else {
        return Ok(());
    };
    Err(
        Failure::invalid(format!("`{what}` cannot be `{}`: {why}", shown(name)))
            .next_step("choose a name such as `app_user`"),
    )
}

/// Returns why a role of this name is nobody's to make, change or drop (`IsRoleReserved`, `pkg/postgres/roles.go`); none where it is not
/// reserved.
fn reserved_role(name: &str) -> Option<&'static str> {
    if OPERATORS.contains(&name) || name.starts_with("cnpg_") {
        return Some("the operator keeps it for itself");
    }
    name.starts_with("pg_")
        .then_some("names that begin with `pg_` are PostgreSQL's own")
}

/// Checks that a database is not one of those that come with PostgreSQL (`DatabaseSpec`, `api/v1/database_types.go`).
///
/// # Errors
/// `Invalid`.
pub(crate) fn free_database(what: &str, name: &str) -> Result<(), Failure> {
    if !["postgres", "template0", "template1"].contains(&name) {
        return Ok(());
    }
    Err(taken(what, name, "it comes with PostgreSQL", "database"))
}

/// Checks that a schema is none of PostgreSQL's own.
///
/// # Errors
/// `Invalid`.
pub(crate) fn free_schema(what: &str, name: &str) -> Result<(), Failure> {
    if name != "information_schema" && !name.starts_with("pg_") {
        return Ok(());
    }
    Err(taken(what, name, "it is PostgreSQL's own", "schema"))
}

/// Checks that a role is not reserved.
///
/// # Errors
/// `Invalid` with who has reserved it.
pub(crate) fn free_role(what: &str, name: &str) -> Result<(), Failure> {
    reserved_role(name).map_or(Ok(()), |why| Err(taken(what, name, why, "role")))
}

fn taken(what: &str, name: &str, why: &str, kind: &str) -> Failure {
    let sentence = format!("`{what}` cannot be `{}`: {why}", shown(name));
    Failure::invalid(sentence).next_step(&format!("name a {kind} of your own"))
}

/// Returns a name as a part of the name of an object of Kubernetes, which holds no `_`.
pub(crate) fn in_object_name(name: &str) -> String {
    name.replace('_', "-")
}

/// A name that came from the caller, as far as an error shows it.
fn shown(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{check, free_database, free_role, free_schema, in_object_name};

    #[test]
    fn a_new_name_needs_no_quotes_and_fits_into_a_label() {
        for name in ["app", "app_user", "app-user", "a1", &"a".repeat(63)] {
            assert!(check("role_name", name).is_ok(), "{name}");
        }
        for (name, why) in [
            ("", "empty"),
            ("App", "capitals"),
            ("app user", "only a to z"),
            ("app\"; drop", "only a to z"),
            ("größe", "only a to z"),
            ("1app", "begins"),
            ("_app", "begins"),
            ("app_", "ends"),
            (&"a".repeat(64), "63 bytes"),
        ] {
            let failure = check("role_name", name).expect_err(name);
            assert!(failure.message().contains(why), "{failure}");
        }
    }

    #[test]
    fn roles_of_the_operator_and_of_postgresql_are_not_to_be_had() {
        for name in [
            "postgres",
            "streaming_replica",
            "cnpg_pooler_pgbouncer",
            "pg_monitor",
        ] {
            assert!(free_role("role_name", name).is_err(), "{name}");
        }
        for name in ["postgresql", "pgbouncer", "cnpg", "app"] {
            assert!(free_role("role_name", name).is_ok(), "{name}");
        }
    }

    #[test]
    fn databases_and_schemas_of_postgresql_are_not_to_be_had() {
        for name in ["postgres", "template0", "template1"] {
            assert!(free_database("database_name", name).is_err(), "{name}");
        }
        assert!(free_database("database_name", "template2").is_ok());
        for name in ["pg_catalog", "information_schema"] {
            assert!(free_schema("schemas", name).is_err(), "{name}");
        }
        assert!(free_schema("schemas", "public").is_ok());
    }

    #[test]
    fn an_underscore_is_a_dash_in_kubernetes() {
        assert_eq!(in_object_name("app_user_2"), "app-user-2");
    }
}
