//! Which cluster, and the client for it.
//!
//! Order: the configuration's `kubeconfig`, in-cluster, `$KUBECONFIG` (several files), `~/.kube/config`; a named context on
//! top. Finding the [`Target`] reads files only; a client is made when the first call needs one.
#![expect(clippy::disallowed_types, reason = "the one door to the API server")]

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError};

use crate::config::{ClusterConfig, Environment};
use crate::digest::sha256;

/// The token that a pod is given; its presence makes the difference between "in a cluster" and a stray variable.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// Why there is no cluster to talk to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No place that could say which cluster.
    #[error(
        "there is no kubeconfig: not in a cluster, `$KUBECONFIG` is not set, and `{0}` does not exist"
    )]
    NoKubeconfig(PathBuf),
    /// A named file is not there.
    #[error("kubeconfig `{0}` does not exist")]
    Missing(PathBuf),
    /// A file cannot be read as a kubeconfig.
    #[error("failed to read kubeconfig `{path}`")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<KubeconfigError>,
    },
    /// The context is not in the files.
    #[error("context `{context}` is in none of {files}; there {have}")]
    UnknownContext {
        /// What was asked for.
        context: String,
        /// Where it was looked for.
        files: String,
        /// "is `a`" or "are `a`, `b`".
        have: String,
    },
    /// The files name no current context.
    #[error(
        "no context is chosen: {files} has no `current-context`, and the configuration names none"
    )]
    NoContext {
        /// Where it was looked for.
        files: String,
    },
    /// The context is incomplete.
    #[error("context `{context}` cannot be used")]
    Unusable {
        /// Which.
        context: String,
        /// Why.
        source: Box<KubeconfigError>,
    },
    /// The pod's service account cannot be read.
    #[error("failed to read the pod's service account")]
    InCluster(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The program that makes credentials did not.
    #[error("failed to get credentials for context `{context}` from program `{program}`")]
    Credentials {
        /// Which.
        context: String,
        /// The program's name or path, as the kubeconfig gives it.
        program: String,
        /// Why.
        source: Box<kube::Error>,
    },
    /// The environment names a proxy that is no URL.
    #[error("the proxy in `https_proxy` or `http_proxy` is not a URL")]
    Proxy,
    /// TLS, a proxy or credentials stood in the way.
    #[error("failed to make a client for context `{context}`")]
    Client {
        /// Which.
        context: String,
        /// Why.
        source: Box<kube::Error>,
    },
}

/// The cluster that this host serves.
#[derive(Debug, Clone)]
pub struct Target {
    /// The context's name, or `in-cluster`.
    pub name: String,
    /// The context's namespace, else `default`.
    pub default_namespace: String,
    /// The API server's URL, to be shown; empty in a cluster, where it is known only on connecting.
    pub server: String,
    /// The files that were read, first one first; empty in a cluster.
    pub files: Vec<PathBuf>,
    /// The program that makes credentials, if one does.
    pub exec: Option<String>,
}

/// Finds the cluster without connecting to it.
///
/// # Errors
/// [`ConnectError`] where no file, or no context, says which.
pub(crate) fn find(
    config: &ClusterConfig,
    environment: &Environment,
) -> Result<Target, ConnectError> {
    let Some(files) = files(config, environment)? else {
        return Ok(Target {
            name: "in-cluster".to_owned(),
            default_namespace: in_cluster_namespace().unwrap_or_else(|| "default".to_owned()),
            server: String::new(),
            files: Vec::new(),
            exec: None,
        });
    };
    let kubeconfig = read(&files)?;
    let name = chosen(&kubeconfig, config, &files)?;
    let context = kubeconfig
        .contexts
        .iter()
        .find(|context| context.name == name)
        .and_then(|named| named.context.as_ref());
    let cluster = cluster_of(&kubeconfig, &name);
    let user = context
        .and_then(|context| context.user.as_ref())
        .and_then(|user| {
            kubeconfig
                .auth_infos
                .iter()
                .find(|named| named.name == *user)
        })
        .and_then(|named| named.auth_info.as_ref());
    Ok(Target {
        default_namespace: context
            .and_then(|context| context.namespace.clone())
            .unwrap_or_else(|| "default".to_owned()),
        server: cluster
            .and_then(|cluster| cluster.server.clone())
            .map(|server| without_user(&server))
            .unwrap_or_default(),
        exec: user
            .and_then(|user| user.exec.as_ref())
            .and_then(|exec| exec.command.clone()),
        name,
        files,
    })
}

/// Makes a client, and says which certificate authority it trusts. Reads the files again, so that a login that was renewed since is used.
///
/// Runs the credential program, which blocks: call it off the async workers.
///
/// # Errors
/// [`ConnectError`] as [`find`], or where TLS or credentials cannot be set up.
pub(super) async fn client(
    config: &ClusterConfig,
    environment: &Environment,
) -> Result<(kube::Client, String), ConnectError> {
    let (name, mut client_config) = match files(config, environment)? {
        None => {
            let config = kube::Config::incluster()
                .map_err(|error| ConnectError::InCluster(Box::new(error)))?;
            ("in-cluster".to_owned(), config)
        }
        Some(files) => {
            let mut kubeconfig = read(&files)?;
            let name = chosen(&kubeconfig, config, &files)?;
            for exec in kubeconfig
                .auth_infos
                .iter_mut()
                .filter_map(|user| user.auth_info.as_mut()?.exec.as_mut())
            {
                // Our stdin is the protocol: an interactive plugin would eat it.
                exec.interactive_mode = Some(ExecInteractiveMode::Never);
            }
            let options = KubeConfigOptions {
                context: Some(name.clone()),
                ..KubeConfigOptions::default()
            };
            let own_proxy = cluster_of(&kubeconfig, &name)
                .and_then(|cluster| cluster.proxy_url.as_ref())
                .is_some_and(|proxy| !proxy.is_empty());
            let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options)
                .await
                .map_err(|source| ConnectError::Unusable {
                    context: name.clone(),
                    source: Box::new(source),
                })?;
            if !own_proxy {
                // kube compares NO_PROXY with the proxy's own host.
                config.proxy_url = proxy(&config.cluster_url, environment)?;
            }
            (name, config)
        }
    };
    // By default every method is retried, POST too: `request` retries GET alone.
    client_config.default_retry = false;
    client_config.connect_timeout = Some(config.request_timeout.min(Duration::from_secs(10)));
    // A watch is silent for long: each request has its own bound instead.
    client_config.read_timeout = None;
    let program = client_config
        .auth_info
        .exec
        .as_ref()
        .and_then(|exec| exec.command.clone());
    let authority = authority(&client_config);
    let client =
        kube::Client::try_from(client_config).map_err(|source| match (&source, program) {
            (kube::Error::Auth(_), Some(program)) => ConnectError::Credentials {
                context: name,
                program,
                source: Box::new(source),
            },
            _ => ConnectError::Client {
                context: name,
                source: Box::new(source),
            },
        })?;
    Ok((client, authority))
}

/// SHA-256 in hex of the certificates that the server's is checked against; empty where the system's are used.
fn authority(config: &kube::Config) -> String {
    let file = config.root_cert_file.as_ref();
    let from_file = file.and_then(|path| std::fs::read(path).ok());
    let bytes = match (&config.root_cert, from_file) {
        (_, Some(pem)) => pem,
        (Some(certificates), None) => certificates.concat(),
        (None, None) => return String::new(),
    };
    sha256(bytes)
}

/// A URL to be shown: its user information may hold a password. Not by `redact`, whose patterns are compiled when they are
/// first used, which is longer than all the rest of a start.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if scheme.is_empty() {
        format!("{host}{path}")
    } else {
        format!("{scheme}://{host}{path}")
    }
}

/// The cluster of a context.
fn cluster_of<'a>(kubeconfig: &'a Kubeconfig, context: &str) -> Option<&'a kube::config::Cluster> {
    let named = kubeconfig.contexts.iter().find(|one| one.name == context)?;
    let name = &named.context.as_ref()?.cluster;
    let cluster = kubeconfig.clusters.iter().find(|one| one.name == *name)?;
    cluster.cluster.as_ref()
}

/// The proxy that the environment names on the way to this server.
fn proxy(server: &http::Uri, environment: &Environment) -> Result<Option<http::Uri>, ConnectError> {
    let named = environment.proxies.towards(server);
    // Without its text, which may hold a password.
    named
        .map(|text| text.parse().map_err(|_| ConnectError::Proxy))
        .transpose()
}

/// Returns the kubeconfig files to read; none in a cluster.
fn files(
    config: &ClusterConfig,
    environment: &Environment,
) -> Result<Option<Vec<PathBuf>>, ConnectError> {
    if let Some(path) = &config.kubeconfig {
        return if path.exists() {
            Ok(Some(vec![path.clone()]))
        } else {
            Err(ConnectError::Missing(path.clone()))
        };
    }
    // A named context can only mean a kubeconfig.
    if config.context.is_none()
        && environment.kubernetes_service_host.is_some()
        && std::path::Path::new(SERVICE_ACCOUNT_TOKEN).exists()
    {
        return Ok(None);
    }
    if let Some(list) = environment
        .kubeconfig
        .as_ref()
        .filter(|list| !list.is_empty())
    {
        // As kubectl: files that are not there are passed over, unless none is.
        let named: Vec<PathBuf> = std::env::split_paths(list)
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        let existing: Vec<PathBuf> = named.iter().filter(|path| path.exists()).cloned().collect();
        return match (existing.is_empty(), named.into_iter().next()) {
            (true, Some(first)) => Err(ConnectError::Missing(first)),
            _ => Ok(Some(existing)),
        };
    }
    let default = environment
        .home
        .as_deref()
        .unwrap_or_else(|| std::path::Path::new("~"))
        .join(".kube")
        .join("config");
    if default.exists() {
        Ok(Some(vec![default]))
    } else {
        Err(ConnectError::NoKubeconfig(default))
    }
}

fn read(files: &[PathBuf]) -> Result<Kubeconfig, ConnectError> {
    let mut merged = Kubeconfig::default();
    for path in files {
        let unreadable = |source| ConnectError::Unreadable {
            path: path.clone(),
            source: Box::new(source),
        };
        let next = Kubeconfig::read_from(path).map_err(unreadable)?;
        merged = merged.merge(next).map_err(unreadable)?;
    }
    Ok(merged)
}

fn chosen(
    kubeconfig: &Kubeconfig,
    config: &ClusterConfig,
    files: &[PathBuf],
) -> Result<String, ConnectError> {
    let named = config
        .context
        .clone()
        .or_else(|| kubeconfig.current_context.clone())
        .filter(|name| !name.is_empty());
    let context = named.ok_or_else(|| ConnectError::NoContext { files: list(files) })?;
    if kubeconfig.contexts.iter().any(|have| have.name == context) {
        return Ok(context);
    }
    let names: Vec<_> = kubeconfig
        .contexts
        .iter()
        .map(|have| format!("`{}`", have.name))
        .collect();
    let have = match names.as_slice() {
        [] => "are none".to_owned(),
        [one] => format!("is {one}"),
        many => format!("are {}", many.join(", ")),
    };
    Err(ConnectError::UnknownContext {
        context,
        files: list(files),
        have,
    })
}

fn list(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn in_cluster_namespace() -> Option<String> {
    let path = std::path::Path::new(SERVICE_ACCOUNT_TOKEN).with_file_name("namespace");
    std::fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
