//! Asking the API server what it would allow: SelfSubjectAccessReview, which changes nothing.

use serde_json::json;

use super::Cluster;
use super::url::Url;
use crate::call::{Actor, Call};
use crate::config::Verb;
use crate::failure::Failure;
use crate::gate::{Demand, Permit, Reach};

impl Cluster {
    /// Whether the API server's RBAC allows the identity that this host uses to do this.
    ///
    /// # Errors
    /// `Upstream` where the server does not answer, `Denied` where it forbids even asking.
    pub(crate) async fn can_i(
        &self,
        _permit: &Permit,
        call: &Call,
        demand: &Demand,
    ) -> Result<bool, Failure> {
        self.review(&call.actor, demand.verb, demand).await
    }

    /// The same without a permit, for `bulkhead doctor`: the operator asks in a plugin's name, not the plugin.
    ///
    /// # Errors
    /// As [`Cluster::can_i`].
    pub(crate) async fn review(
        &self,
        actor: &Actor,
        verb: Verb,
        demand: &Demand,
    ) -> Result<bool, Failure> {
        let (plural, subresource) = demand
            .resource
            .plural
            .split_once('/')
            .unwrap_or((&demand.resource.plural, ""));
        let namespace = match &demand.reach {
            Reach::Namespace(name) => name.as_str(),
            Reach::Cluster | Reach::AllNamespaces => "",
        };
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": verb.as_str(), "group": demand.resource.group, "resource": plural, "subresource": subresource,
                "namespace": namespace, "name": demand.name.as_deref().unwrap_or_default(),
            }},
        });
        let connection = self.connection_as(actor).await?;
        let url = Url::fixed("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
        let answer = self.noting_expiry(connection.post_review(&url, &review).await)?;
        Ok(answer["status"]["allowed"].as_bool().unwrap_or(false))
    }
}
