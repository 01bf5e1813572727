//! The Kubernetes API. The only user of kube.
//!
//! No connection is made before the first call needs one, and a dead cluster is a failure of that call, not of the host.
//! What is done for a guest takes the permit of its operation. What it reads comes as a `Raw`, and what its changes are about as
//! an `Observed`, which stays with the host. Without a permit the host asks for its own ends alone: which cluster this is and
//! what it serves, and what would go with a deleted object.

pub(crate) mod connect;
mod count;
pub(crate) mod dependents;
mod discovery;
mod explain;
mod identity;
mod logs;
pub(crate) mod names;
mod read;
mod request;
mod review;
mod selector;
mod token;
mod url;
mod wait;
mod write;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

pub use connect::{ConnectError, Target};
pub use discovery::{ApiResource, Discovery};
pub(crate) use logs::LogQuery;
pub(crate) use names::check as check_names;
pub(crate) use read::ListQuery;
pub(crate) use request::WriteFailure;
pub(crate) use selector::name_in_field_selector;
pub(crate) use wait::Condition;
pub(crate) use write::{Observed, Sending, Written};

use self::request::Connection;
use self::token::Tokens;
use crate::call::Actor;
use crate::config::{ClusterConfig, Environment};
use crate::failure::{Failure, Kind, chain};
use crate::gate::{Permit, Reach, Resource};
use crate::redact;

/// One cluster, connected to when the first call needs it.
pub struct Cluster {
    config: ClusterConfig,
    environment: Environment,
    target: Result<Target, ConnectError>,
    connection: ArcSwapOption<Connection>,
    discovery: ArcSwapOption<Discovery>,
    /// One connects or discovers at a time; the others wait for its result.
    connecting: tokio::sync::Mutex<()>,
    discovering: tokio::sync::Mutex<()>,
    tokens: Tokens,
}

/// Where a request goes: a type in a version that the cluster serves, in a reach that fits it.
#[derive(Debug)]
struct Place {
    resource: Resource,
    version: String,
    kind: String,
    reach: Reach,
}

impl Cluster {
    /// Finds the cluster, without connecting to it.
    #[must_use]
    pub fn new(config: ClusterConfig, environment: Environment) -> Self {
        let target = connect::find(&config, &environment);
        Self {
            config,
            environment,
            target,
            connection: ArcSwapOption::empty(),
            discovery: ArcSwapOption::empty(),
            connecting: tokio::sync::Mutex::new(()),
            discovering: tokio::sync::Mutex::new(()),
            tokens: Tokens::new(),
        }
    }

    /// Returns which cluster this is, or why none can be found.
    ///
    /// # Errors
    /// [`ConnectError`] of the search for a kubeconfig.
    pub fn target(&self) -> Result<&Target, &ConnectError> {
        self.target.as_ref()
    }

    /// Returns the context's name, or `none`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.target.as_ref().map_or("none", |target| &target.name)
    }

    /// Returns the namespace to use where the caller named none.
    #[must_use]
    pub fn default_namespace(&self) -> &str {
        self.target
            .as_ref()
            .map_or("default", |target| &target.default_namespace)
    }

    /// Returns how long the host waits for an answer: a request that was sent earlier is not under way any more.
    pub(crate) fn request_timeout(&self) -> Duration {
        self.config.request_timeout
    }

    /// Returns the types that the cluster serves, from the cache where it is filled.
    ///
    /// # Errors
    /// `Upstream` where the cluster does not answer.
    pub async fn discovery(&self, _permit: &Permit) -> Result<Arc<Discovery>, Failure> {
        self.types(None).await
    }

    /// Returns the types that the cluster serves now, past the cache: an unknown word may be a new CRD.
    ///
    /// # Errors
    /// `Upstream` where the cluster does not answer.
    pub async fn rediscover(
        &self,
        _permit: &Permit,
        stale: &Arc<Discovery>,
    ) -> Result<Arc<Discovery>, Failure> {
        self.types(Some(stale)).await
    }

    /// Asks the server for its version: the cheapest sign of life.
    ///
    /// # Errors
    /// `Upstream` where the cluster does not answer.
    pub async fn version(&self) -> Result<String, Failure> {
        let connection = self.connection().await?;
        let version: serde_json::Value = self.noting_expiry(
            connection
                .get_json(&url::Url::fixed("/version"), request::Accept::Json)
                .await,
        )?;
        Ok(version["gitVersion"]
            .as_str()
            .unwrap_or("unknown")
            .to_owned())
    }

    /// Returns the types that the cluster serves, to the operator, who needs no permit.
    ///
    /// # Errors
    /// `Upstream` where the cluster does not answer.
    pub(crate) async fn served(&self) -> Result<Arc<Discovery>, Failure> {
        self.types(None).await
    }

    async fn types(&self, stale: Option<&Arc<Discovery>>) -> Result<Arc<Discovery>, Failure> {
        let usable =
            |cached: &Arc<Discovery>| stale.is_none_or(|stale| !Arc::ptr_eq(stale, cached));
        if let Some(cached) = self.discovery.load_full().filter(usable) {
            return Ok(cached);
        }
        let _one = self.discovering.lock().await;
        if let Some(cached) = self.discovery.load_full().filter(usable) {
            return Ok(cached);
        }
        let connection = self.connection().await?;
        let read = Arc::new(self.noting_expiry(Discovery::read(&connection).await)?);
        self.discovery.store(Some(Arc::clone(&read)));
        Ok(read)
    }

    async fn connection(&self) -> Result<Arc<Connection>, Failure> {
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let _one = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        let target = self.target.as_ref().map_err(unconnected)?;
        let (config, environment) = (self.config.clone(), self.environment.clone());
        // A credential program blocks, and may take seconds: not on a worker that serves other calls.
        let runtime = tokio::runtime::Handle::current();
        let (client, ca) = tokio::task::spawn_blocking(move || {
            runtime.block_on(connect::client(&config, &environment))
        })
        .await
        .map_err(|error| {
            Failure::new(Kind::Bug, "connecting to the cluster panicked").source(error)
        })?
        .map_err(|error| unconnected(&error))?;
        let connection = Arc::new(Connection {
            client,
            context: target.name.clone(),
            server: target.server.clone(),
            timeout: self.config.request_timeout,
            retries: self.config.retries,
            actor: Actor::default(),
            ca,
        });
        self.connection.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }

    /// The connection, in the name that the operator chose for a plugin.
    async fn connection_as(&self, actor: &Actor) -> Result<Arc<Connection>, Failure> {
        let connection = self.connection().await?;
        Ok(match actor.impersonate {
            Some(_) => Arc::new(connection.acting_as(actor)),
            None => connection,
        })
    }

    /// Forgets a connection whose credentials the server no longer takes, so that the next call reads the kubeconfig anew.
    fn noting_expiry<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &result {
            self.note_expiry(failure);
        }
        result
    }

    fn note_expiry(&self, failure: &Failure) {
        if failure.is_unauthorized() {
            self.connection.store(None);
        }
    }

    /// Finds where a request about a type goes, and checks that the reach fits the type: a list "in the cluster" of
    /// something with namespaces would be a list of all namespaces.
    async fn place(
        &self,
        resource: &Resource,
        version: Option<&str>,
        reach: &Reach,
    ) -> Result<Place, Failure> {
        names::resource(&resource.group, &resource.plural)?;
        if let Some(version) = version {
            names::version(version)?;
        }
        if let Reach::Namespace(namespace) = reach {
            names::namespace(namespace)?;
        }
        let mut types = self.types(None).await?;
        if types.get(resource).is_none() {
            types = self.types(Some(&types)).await?;
        }
        let Some(found) = types.get(resource) else {
            return Err(Failure::new(
                Kind::NotFound,
                format!("the cluster serves no `{resource}`"),
            )
            .fix("look at the types that it serves; the plural is needed, and the API group"));
        };
        match (found.namespaced, reach) {
            (true, Reach::Cluster) => Err(Failure::new(
                Kind::Invalid,
                format!("objects of `{resource}` have a namespace"),
            )
            .fix("name the namespace")),
            (false, Reach::Namespace(_) | Reach::AllNamespaces) => Err(Failure::new(
                Kind::Invalid,
                format!("objects of `{resource}` have no namespace"),
            )
            .fix("leave the namespace out")),
            _ => Ok(Place {
                resource: resource.clone(),
                version: found.version(version)?.to_owned(),
                kind: found.kind.clone(),
                reach: reach.clone(),
            }),
        }
    }
}

impl Place {
    fn url(&self) -> url::Url {
        url::Url::collection(
            &self.resource.group,
            &self.version,
            &self.resource.plural,
            &self.reach,
        )
    }

    /// Lists leave kind and version out of their items, and redaction goes by kind too.
    fn complete(&self, object: &mut serde_json::Value) {
        if let Some(object) = object.as_object_mut() {
            let group = &self.resource.group;
            let api_version = if group.is_empty() {
                self.version.clone()
            } else {
                format!("{group}/{}", self.version)
            };
            object.insert("apiVersion".to_owned(), api_version.into());
            object.insert("kind".to_owned(), self.kind.clone().into());
        }
    }

    /// The failure of an object that is not there, or that no grant covers: the two must look the same.
    fn absent(&self, name: &str) -> Failure {
        Failure::new(
            Kind::NotFound,
            format!(
                "there is no `{}` named `{name}` {}",
                self.resource, self.reach
            ),
        )
        .fix("list what there is first; names and namespaces must be exact")
    }
}

fn unconnected(error: &ConnectError) -> Failure {
    let fix = match error {
        ConnectError::NoKubeconfig(_) | ConnectError::Missing(_) => {
            "set `cluster.kubeconfig` in config.toml or `$KUBECONFIG` where the client starts Bulkhead; `bulkhead doctor` shows what it sees"
        }
        ConnectError::UnknownContext { .. } | ConnectError::NoContext { .. } => {
            "set `cluster.context` in config.toml, or `--context`"
        }
        ConnectError::Unreadable { .. }
        | ConnectError::Unusable { .. }
        | ConnectError::InCluster(_)
        | ConnectError::Credentials { .. }
        | ConnectError::Proxy
        | ConnectError::Client { .. } => "`bulkhead doctor` says what stands in the way",
    };
    Failure::new(Kind::Upstream, redact::text(&chain(error)).into_owned()).fix(fix)
}
