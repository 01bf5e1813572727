//! Access reviews: the two POSTs that read.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access::{Attempt, USER};
use crate::cluster::Cluster;
use crate::status::Refusal;

/// Answers a POST of a `SelfSubjectAccessReview`: allowed, unless a test denied it.
///
/// # Errors
/// 400 if the body is no review, 422 if it asks for nothing.
pub(crate) fn access(cluster: &Cluster, body: &[u8]) -> Result<Value, Refusal> {
    let mut review = parse(body)?;
    let attributes = &review["spec"]["resourceAttributes"];
    if attributes.is_null() && review["spec"]["nonResourceAttributes"].is_null() {
        let problem = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
        return Err(Refusal::invalid(
            ".authorization.k8s.io",
            "",
            "spec.resourceAttributes",
            problem,
        ));
    }
    let text = |name: &str| attributes[name].as_str().filter(|text| !text.is_empty());
    let resource = match (text("resource").unwrap_or_default(), text("subresource")) {
        (resource, Some(subresource)) => format!("{resource}/{subresource}"),
        (resource, None) => resource.to_owned(),
    };
    let attempt = Attempt {
        verb: text("verb").unwrap_or_default(),
        group: text("group").unwrap_or_default(),
        resource: &resource,
        namespace: text("namespace"),
    };
    let allowed = attributes.is_null() || !cluster.denies(&attempt);
    review["kind"] = "SelfSubjectAccessReview".into();
    review["apiVersion"] = "authorization.k8s.io/v1".into();
    review["metadata"] = json!({});
    review["status"] = json!({"allowed": allowed});
    Ok(review)
}

/// Answers a POST of a `SelfSubjectReview`: who the user is.
///
/// # Errors
/// 400 if the body is no review.
pub(crate) fn user(body: &[u8]) -> Result<Value, Refusal> {
    parse(body)?;
    Ok(json!({
        "kind": "SelfSubjectReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": Timestamp::now().to_string()},
        "status": {"userInfo": {"username": USER, "groups": ["system:authenticated"]}},
    }))
}

fn parse(body: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("the body of the review is not JSON: {error}"))
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Refusal::bad_request(
            "the body of the review is not an object",
        ))
    }
}
