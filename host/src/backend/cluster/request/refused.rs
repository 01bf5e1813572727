//! What an answer means that is no success: the server's words, cleaned, with a next step.

use http::StatusCode;
use serde::Deserialize;

use super::super::url::Url;
use super::{Connection, Words};
use crate::failure::{Failure, Kind};
use crate::redact;

impl Connection {
    /// Turns an answer that is no success into a failure with a next step.
    pub(in super::super) fn refused(&self, status: StatusCode, body: &[u8], url: &Url) -> Failure {
        let said: ApiStatus = serde_json::from_slice(body).unwrap_or_default();
        let words = if said.message.is_empty() {
            format!("HTTP status {}", status.as_u16())
        } else {
            said.message
        };
        let words = redact::text(&words).into_owned();
        let failure = |kind, fix: &str| Failure::new(kind, words.clone()).fix(fix);
        match status.as_u16() {
            400 | 422 if words.contains("unknown field") => failure(
                Kind::Invalid,
                "this cluster's version of the type has no such field: leave it out, or ask the person whether what defines the type is to be updated",
            ),
            400 | 406 | 422 => failure(Kind::Invalid, "correct the request as the API server says"),
            401 => failure(
                Kind::Upstream,
                "the credentials of this context are missing or have expired: log in again, then `bulkhead doctor`",
            )
            .unauthorized(),
            403 if is_of_admission(&words) => failure(
                Kind::Denied,
                "a rule of the cluster refuses it, such as a webhook or a quota: change what it names, or tell the person",
            ),
            403 => failure(
                Kind::Denied,
                "the API server's own RBAC refuses the identity that Bulkhead uses; tell the person, who can ask the cluster's administrator",
            ),
            404 => failure(Kind::NotFound, "list what there is first; names and namespaces must be exact"),
            409 => failure(Kind::Conflict, "read the object again"),
            410 => failure(Kind::Conflict, "the continue token is too old: start the list again without one"),
            429 if url.path.ends_with("/eviction") => failure(
                Kind::Conflict,
                "a disruption budget does not allow it now: wait until more pods are ready, then propose it again",
            ),
            429 => failure(Kind::Upstream, "the API server is busy: wait a little, and ask for less at once"),
            _ => Failure::new(Kind::Upstream, format!("cluster `{}` failed to answer `{}`", self.context, url.path))
                .source(Words(words.clone()))
                .fix("try again; if it stays, the cluster's administrator should look at the API server"),
        }
    }
}

/// Whether a 403 comes from admission: a webhook, or a rule such as a quota or pod security. Authorization says `pods is forbidden: User
/// "jane" cannot list resource "pods"` (`forbiddenMessage` of `k8s.io/apiserver`), and who would give others more rights than their own is
/// told of `RBAC permissions` (`rbac/validation` of the API server).
fn is_of_admission(words: &str) -> bool {
    let is_right = [
        " is forbidden: User \"",
        " RBAC permissions ",
        "cluster-admin privileges",
    ];
    words.contains(" denied the request")
        || (words.contains(" is forbidden: ")
            && !is_right.iter().any(|right| words.contains(right)))
}

/// `meta/v1.Status`, as far as it is read.
#[derive(Debug, Default, Deserialize)]
struct ApiStatus {
    #[serde(default)]
    message: String,
}

#[cfg(test)]
mod tests {
    use super::is_of_admission;

    #[test]
    fn what_admission_forbids_is_told_from_what_authorization_does() {
        for words in [
            "admission webhook \"review.example.com\" denied the request: not today",
            "pods \"web\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4",
            "pods \"web\" is forbidden: the image \"x\" cannot run here",
            "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": privileged",
        ] {
            assert!(is_of_admission(words), "{words}");
        }
        for words in [
            "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"",
            "roles.rbac.authorization.k8s.io \"x\" is forbidden: user \"jane\" (groups=[\"a\"]) is attempting to grant RBAC permissions not currently held",
            "HTTP status 403",
        ] {
            assert!(!is_of_admission(words), "{words}");
        }
    }
}
