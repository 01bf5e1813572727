//! What a plugin asks the operator for.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;

/// A power that the plugin asks for, with its reason. The operator decides, and can grant no more than this.
#[derive(Clone, Debug)]
pub struct Want(contract::Want);

impl Want {
    /// Asks for a part of the Kubernetes API, in RBAC's words: `""` is the core group, a subresource is `pods/log`, and `*`
    /// among the resources never means secrets, configmaps or any subresource.
    pub fn cluster(api_groups: &[&str], resources: &[&str], verbs: &[&str], reason: &str) -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self(contract::Want {
            power: contract::Power::Cluster(contract::ClusterWant {
                api_groups: owned(api_groups),
                resources: owned(resources),
                verbs: owned(verbs),
                secret_values: false,
            }),
            reason: reason.to_owned(),
        })
    }

    /// Asks for Prometheus. Metrics have no namespaces: who may ask may ask for all of them.
    pub fn prometheus(reason: &str) -> Self {
        Self(contract::Want {
            power: contract::Power::Prometheus,
            reason: reason.to_owned(),
        })
    }

    /// Asks also for the values of Secrets, and not only for their keys. Means nothing for Prometheus.
    #[must_use]
    pub fn with_secret_values(mut self) -> Self {
        match &mut self.0.power {
            contract::Power::Cluster(cluster) => cluster.secret_values = true,
            contract::Power::Prometheus => {}
        }
        self
    }

    pub(crate) fn into_contract(self) -> contract::Want {
        self.0
    }
}
