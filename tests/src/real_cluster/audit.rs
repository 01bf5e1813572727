//! What the API server was asked to change, from its own audit log.
//!
//! A request counts by what it would do, not by what came of it. The log holds no secrets that are not a test's own.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Bodies are logged, because a deletion's dry run stands in its body.
pub(super) const POLICY: &str = "
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    verbs: [get, list, watch]
  - level: Request
";

/// One request that was meant to change something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub verb: String,
    /// Path and query.
    pub uri: String,
    /// The HTTP status that was answered.
    pub status: u64,
}

/// The changes by one user, in the log's order.
pub(super) fn changes(log: &str, user: &str) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    // The last line may still be on its way.
    for line in log
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
    {
        let event: Value =
            serde_json::from_str(line).context("a line of the audit log is not JSON")?;
        if event["user"]["username"] == user && is_change(&event) {
            changes.push(Change {
                verb: text(&event["verb"]),
                uri: text(&event["requestURI"]),
                status: event["responseStatus"]["code"].as_u64().unwrap_or(0),
            });
        }
    }
    Ok(changes)
}

fn is_change(event: &Value) -> bool {
    let changing = ["create", "update", "patch", "delete", "deletecollection"];
    let review = ["authorization.k8s.io", "authentication.k8s.io"];
    event["stage"] == "ResponseComplete"
        && changing.iter().any(|verb| event["verb"] == *verb)
        && !review
            .iter()
            .any(|group| event["objectRef"]["apiGroup"] == *group)
        && !is_dry_run(event)
}

/// The server ignores a deletion's query as soon as it has a body.
fn is_dry_run(event: &Value) -> bool {
    let deletion = event["verb"] == "delete" || event["verb"] == "deletecollection";
    let body = &event["requestObject"];
    if deletion && !body.is_null() {
        return body["dryRun"]
            .as_array()
            .is_some_and(|stages| !stages.is_empty());
    }
    text(&event["requestURI"]).contains("dryRun=All")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(verb: &str, uri: &str, body: Value) -> Value {
        json!({
            "stage": "ResponseComplete", "verb": verb, "requestURI": uri, "requestObject": body,
            "user": {"username": "admin"}, "objectRef": {"resource": "pods"}, "responseStatus": {"code": 200},
        })
    }

    fn verbs(events: &[Value]) -> Vec<String> {
        let log: String = events.iter().map(|event| format!("{event}\n")).collect();
        changes(&log, "admin")
            .unwrap()
            .into_iter()
            .map(|change| change.verb)
            .collect()
    }

    #[test]
    fn a_dry_run_is_no_change_by_query_or_by_a_deletions_body() {
        let dry = json!({"kind": "DeleteOptions", "dryRun": ["All"]});
        assert!(
            verbs(&[
                event("create", "/pods?dryRun=All", json!({})),
                event("delete", "/pods/a", dry)
            ])
            .is_empty()
        );
    }

    #[test]
    fn a_deletion_whose_body_lacks_the_dry_run_of_its_query_is_a_change() {
        let body = json!({"kind": "DeleteOptions"});
        assert_eq!(
            verbs(&[event("delete", "/pods/a?dryRun=All", body)]),
            ["delete"]
        );
    }

    #[test]
    fn access_reviews_and_other_users_do_not_count() {
        let mut review = event(
            "create",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            json!({}),
        );
        review["objectRef"]["apiGroup"] = json!("authorization.k8s.io");
        let mut stranger = event("create", "/pods", json!({}));
        stranger["user"]["username"] = json!("controller-manager");
        assert!(verbs(&[review, stranger]).is_empty());
    }

    #[test]
    fn a_line_that_is_still_being_written_is_left_for_later() {
        assert_eq!(changes("{\"stage\":", "admin").unwrap(), []);
    }
}
