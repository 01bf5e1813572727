//! Which cluster this is, so that what was approved for one is never applied to another.

use serde_json::{Value, json};

use super::Cluster;
use super::request::Accept;
use super::url::Url;
use crate::call::Actor;
use crate::failure::Failure;
use crate::proposal::ClusterIdentity;

impl Cluster {
    /// Asks the server which cluster it is and as whom it is asked.
    ///
    /// # Errors
    /// `Upstream` where it does not answer, `Denied` where it does not let the `kube-system` namespace be read.
    pub(crate) async fn identity(&self, actor: &Actor) -> Result<ClusterIdentity, Failure> {
        let connection = self.connection().await?;
        let url = Url::fixed("/api/v1/namespaces/kube-system");
        let namespace = connection.get_json::<Value>(&url, Accept::Metadata).await;
        let namespace = self.noting_expiry(namespace)?;
        let uid = namespace["metadata"]["uid"].as_str().unwrap_or_default();
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        let url = Url::fixed("/apis/authentication.k8s.io/v1/selfsubjectreviews");
        let connection = self.connection_as(actor).await?;
        let review = self.noting_expiry(connection.post_review(&url, &review).await)?;
        Ok(ClusterIdentity {
            context: connection.context.clone(),
            server: connection.server.clone(),
            uid: uid.to_owned(),
            ca: connection.ca.clone(),
            user: review["status"]["userInfo"]["username"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        })
    }
}
