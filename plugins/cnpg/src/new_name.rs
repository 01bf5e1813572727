//! The name of a cluster that is to be made, by the rules of the operator's webhook, and whether it is free.

use crate::kinds::clusters;
use crate::row;
use bulkhead_plugin_sdk::{Failure, Place};

/// Services and pods get its name with more behind it (`validateName`, `internal/webhook/v1/cluster_webhook.go`).
const LONGEST: usize = 50;

/// Checks the name of a new cluster: a DNS label that begins with a letter (`IsDNS1035Label`), of at most 50 characters.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn check(name: &str) -> Result<(), Failure> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = name.bytes().all(inner)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-');
    if is_label && name.len() <= LONGEST {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(Failure::invalid(format!(
        "`{shown}` is no name for a cluster: at most {LONGEST} of a-z, 0-9 and `-`, beginning with a letter and ending with a letter or \
         a digit"
    ))
    .next_step("choose another name"))
}

/// Checks that no cluster has the name. By a list: a type that is not served and an object that is not there are then two answers. Where
/// that may not be read, the server's dry run refuses a name that is taken, too.
///
/// # Errors
/// `Conflict` where one has it, and as [`row::all`].
pub(crate) fn check_free(place: &Place, name: &str) -> Result<(), Failure> {
    let query = place
        .query(clusters())
        .field_selector(format!("metadata.name={name}"));
    match row::all(&query, &["metadata.name"]) {
        Ok(found) if found.is_empty() => Ok(()),
        Ok(_) => Err(Failure::Conflict(format!(
            "there is a cluster `{name}` {} already, and nothing is made over it",
            place.words
        ))
        .next_step("choose another name; get_cluster_status shows the one that is there")),
        Err(Failure::Denied(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_name_is_a_label_that_begins_with_a_letter_and_has_at_most_fifty_characters() {
        let longest = "a".repeat(50);
        for name in ["orders", "a", "orders-2", &longest] {
            assert!(check(name).is_ok(), "{name}");
        }
        let longer = "a".repeat(51);
        for name in [
            "", "1st", "-a", "a-", "a.b", "A", "a_b", "a/b", "ä", "a b", &longer,
        ] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
