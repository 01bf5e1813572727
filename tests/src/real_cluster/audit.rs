//! What the API server was asked to change, from its own audit log.
//!
//! A request counts by what it would do, not by what came of it. The server may answer before it logs the end of a request,
//! but logs the beginning before it does anything: so whoever has seen an answer finds the request here.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::wait;

/// Bodies are logged, because a deletion's dry run stands in its body. The cluster's own programs are left out, and so is what
/// reads, but by the users whom tests have act as others.
pub(super) const POLICY: &str = "
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [ResponseStarted]
rules:
  - level: Metadata
    users: [rbac-user, impersonator]
    verbs: [get, list]
  - level: None
    verbs: [get, list, watch]
  - level: None
    users: ['system:apiserver', controller-manager, scheduler, kwok]
  - level: Request
";

/// A request that was meant to change something.
pub type Change = Request;

/// One request as the server's audit log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The name that goes with the token.
    pub user: String,
    /// The user who was impersonated, if one was.
    pub acting_as: Option<String>,
    /// `get` or `list`; of what changes `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub verb: String,
    /// Path and query.
    pub uri: String,
    /// `None` for an object without one. A Namespace counts as in itself, but for its creation.
    pub namespace: Option<String>,
    /// `None` where the server did not read as far, or was asked to make one up.
    pub name: Option<String>,
    /// The HTTP status that was answered.
    pub status: u64,
    /// The `Audit-ID` header of the request; the server's own where it had none.
    pub audit_id: String,
    /// Whether it was meant to change something: a read, a dry run or a review is not.
    pub is_change: bool,
}

/// Every request in the log, in its order, once all requests have ended that had begun when this was called.
pub(super) fn settled(log: &Path) -> Result<Vec<Request>> {
    let begun = Log::read(log)?.begun;
    wait::until(
        || {
            let log = Log::read(log)?;
            let ended = |id| log.ended.get(id).copied().unwrap_or(0);
            let all = begun.iter().all(|(id, times)| ended(id) >= *times);
            Ok(all.then_some(log.requests))
        },
        || "the audit log lacks the end of a request".to_owned(),
    )
}

/// What the log says so far. Requests are counted by their ids, since two may have been given the same one.
#[derive(Default)]
struct Log {
    begun: HashMap<String, usize>,
    ended: HashMap<String, usize>,
    requests: Vec<Request>,
}

impl Log {
    fn read(path: &Path) -> Result<Self> {
        Self::parse(&fs::read_to_string(path).context("the audit log")?)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut log = Self::default();
        // The last line may still be on its way.
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
        {
            let event: Value =
                serde_json::from_str(line).context("a line of the audit log is not JSON")?;
            let id = text_of(&event["auditID"]);
            // The other stages are `ResponseComplete` and `Panic`.
            if event["stage"] == "RequestReceived" {
                *log.begun.entry(id).or_default() += 1;
                continue;
            }
            *log.ended.entry(id).or_default() += 1;
            log.requests.push(request(&event));
        }
        Ok(log)
    }
}

fn request(event: &Value) -> Request {
    let object = &event["objectRef"];
    Request {
        user: text_of(&event["user"]["username"]),
        acting_as: optional(&event["impersonatedUser"]["username"]),
        verb: text_of(&event["verb"]),
        uri: text_of(&event["requestURI"]),
        namespace: optional(&object["namespace"]),
        name: optional(&object["name"]),
        status: event["responseStatus"]["code"].as_u64().unwrap_or(0),
        audit_id: text_of(&event["auditID"]),
        is_change: is_change(event),
    }
}

fn is_change(event: &Value) -> bool {
    let changing = ["create", "update", "patch", "delete", "deletecollection"];
    let review = ["authorization.k8s.io", "authentication.k8s.io"];
    changing.iter().any(|verb| event["verb"] == *verb)
        && !review
            .iter()
            .any(|group| event["objectRef"]["apiGroup"] == *group)
        && !is_dry_run(event)
}

/// As the server reads it: of a deletion with a body the query is ignored, of an eviction either counts.
fn is_dry_run(event: &Value) -> bool {
    let body = &event["requestObject"];
    let asked = |options: &Value| {
        options["dryRun"]
            .as_array()
            .is_some_and(|stages| !stages.is_empty())
    };
    let deletion = event["verb"] == "delete" || event["verb"] == "deletecollection";
    if deletion && !body.is_null() {
        return asked(body);
    }
    let eviction = event["objectRef"]["subresource"] == "eviction";
    (eviction && asked(&body["deleteOptions"]))
        || text_of(&event["requestURI"])
            .split(['?', '&'])
            .skip(1)
            .any(|pair| pair == "dryRun=All")
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn optional(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(verb: &str, uri: &str, body: Value) -> Value {
        json!({
            "stage": "ResponseComplete", "auditID": "a", "verb": verb, "requestURI": uri, "requestObject": body,
            "user": {"username": "admin"}, "objectRef": {"resource": "pods"}, "responseStatus": {"code": 200},
        })
    }

    fn parse(events: &[Value]) -> Log {
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        Log::parse(&text).unwrap()
    }

    fn verbs(events: &[Value]) -> Vec<String> {
        let requests = parse(events).requests.into_iter();
        let changes = requests.filter(|request| request.is_change);
        changes.map(|change| change.verb).collect()
    }

    #[test]
    fn a_dry_run_is_no_change_by_query_or_by_a_deletions_body() {
        let dry = json!({"kind": "DeleteOptions", "dryRun": ["All"]});
        assert!(
            verbs(&[
                event("create", "/pods?fieldManager=a&dryRun=All", json!({})),
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
    fn an_eviction_is_no_change_if_its_options_or_its_query_say_dry_run() {
        let eviction = |uri: &str, options: Value| {
            let mut event = event("create", uri, json!({ "deleteOptions": options }));
            event["objectRef"]["subresource"] = json!("eviction");
            event
        };
        assert_eq!(
            verbs(&[
                eviction("/pods/a/eviction", json!({"dryRun": ["All"]})),
                eviction("/pods/b/eviction?dryRun=All", Value::Null),
                eviction("/pods/c/eviction", json!({})),
            ]),
            ["create"]
        );
    }

    #[test]
    fn a_word_that_only_holds_the_dry_run_makes_none() {
        let uri = "/pods?fieldManager=xdryRun=All";
        assert_eq!(verbs(&[event("create", uri, json!({}))]), ["create"]);
    }

    #[test]
    fn access_reviews_do_not_count() {
        let mut review = event(
            "create",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            json!({}),
        );
        review["objectRef"]["apiGroup"] = json!("authorization.k8s.io");
        assert!(verbs(&[review]).is_empty());
    }

    #[test]
    fn a_request_that_began_twice_under_one_id_must_end_twice() {
        let mut received = event("create", "/pods", Value::Null);
        received["stage"] = json!("RequestReceived");
        let log = parse(&[
            received.clone(),
            received,
            event("create", "/pods", json!({})),
        ]);
        assert_eq!((log.begun["a"], log.ended["a"]), (2, 1));
        assert_eq!(log.requests.len(), 1);
    }

    #[test]
    fn a_line_that_is_still_being_written_is_left_for_later() {
        assert_eq!(Log::parse("{\"stage\":").unwrap().requests, []);
    }
}
