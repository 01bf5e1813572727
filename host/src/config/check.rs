//! From [`mod@file`] types to [`Config`]: what the values mean.
//!
//! A value with a problem is reported and a default takes its place, so that the search goes on; the result is used only
//! where nothing was reported. The only thing outside the text that is looked at is whether a component's file exists.

mod approval;
mod changes;
mod grant;
mod pattern;
mod plugin;
mod prometheus;
mod quantity;
mod resource;
mod setting;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::quantity::{count, duration, size};
use super::file;
use super::limits;
use super::problem::{At, Place, Report};
use super::{ClusterConfig, Config, Directories, Environment, RuntimeConfig};

/// Whether the plugins' components must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sources {
    /// A missing one is a problem.
    MustExist,
    /// Only the text is checked.
    NotLookedFor,
}

/// What the paths of the file begin at: relative ones at its own folder, `~/` at the home.
struct Base<'a> {
    directory: &'a Path,
    environment: &'a Environment,
}

impl Base<'_> {
    /// Returns the path that an operator means by a text: `~/` is the home, all else is relative to the file.
    fn resolve(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.environment.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.directory.join(text),
        }
    }
}

/// Returns the configuration, to be thrown away if anything was reported.
pub(super) fn config(
    file: file::File,
    path: PathBuf,
    digest: [u8; 32],
    environment: &Environment,
    sources: Sources,
    report: &mut Report<'_>,
) -> Config {
    let directory = path.parent().unwrap_or(&path).to_path_buf();
    let base = Base {
        directory: &directory,
        environment,
    };
    let cluster = cluster(file.cluster.unwrap_or_default(), &base, report);
    let prometheus = file.prometheus.unwrap_or_default();
    let has_prometheus = prometheus.url.is_some();
    let prometheus = prometheus::prometheus(prometheus, &base, report);
    let runtime = runtime(file.runtime.unwrap_or_default(), report);
    let directories = directories(
        file.directories.unwrap_or_default(),
        &base,
        environment,
        report,
    );
    let approval = approval::approval(file.approval.unwrap_or_default(), report);
    let changes = changes::changes(file.changes.unwrap_or_default(), report);
    let mut plugins = BTreeMap::new();
    for (key, plugin) in file.plugins {
        prometheus::needed(plugin.prometheus.as_ref(), has_prometheus, report);
        let plugin = plugin::plugin(key, plugin, &base, sources, report);
        plugins.insert(plugin.key.clone(), plugin);
    }
    Config {
        path,
        digest,
        cluster,
        prometheus,
        runtime,
        directories,
        approval,
        changes,
        plugins,
    }
}

fn cluster(file: file::Cluster, base: &Base<'_>, report: &mut Report<'_>) -> ClusterConfig {
    let default = ClusterConfig::default();
    let kubeconfig = not_empty(
        file.kubeconfig,
        "leave the key out to use the cluster around the pod, $KUBECONFIG or ~/.kube/config",
        report,
    );
    ClusterConfig {
        kubeconfig: kubeconfig.map(|text| base.resolve(&text.value)),
        context: not_empty(
            file.context,
            "leave the key out to use the kubeconfig's current context",
            report,
        )
        .map(|text| text.value),
        request_timeout: duration(
            file.request_timeout,
            limits::REQUEST_TIMEOUT,
            default.request_timeout,
            report,
        ),
        retries: count(file.retries, limits::RETRIES, default.retries, report),
    }
}

fn runtime(file: file::Runtime, report: &mut Report<'_>) -> RuntimeConfig {
    let default = RuntimeConfig::default();
    RuntimeConfig {
        compile_timeout: duration(
            file.compile_timeout,
            limits::COMPILE_TIMEOUT,
            default.compile_timeout,
            report,
        ),
        max_calls: count(file.max_calls, limits::MAX_CALLS, default.max_calls, report),
        arguments: size(file.arguments, limits::ARGUMENTS, default.arguments, report),
    }
}

fn directories(
    file: file::Directories,
    base: &Base<'_>,
    environment: &Environment,
    report: &mut Report<'_>,
) -> Directories {
    let mut directory =
        |given: Option<At<String>>, key: &str, home: Option<PathBuf>, variable: &str| {
            if let Some(text) = given.filter(|text| !text.value.is_empty()) {
                return base.resolve(&text.value);
            }
            if home.is_none() {
                let place = Place {
                    key: format!("directories.{key}"),
                    span: None,
                };
                let message =
                    format!("there is no default, since neither ${variable} nor $HOME is set");
                report.add(
                    &place,
                    message,
                    format!("set {key} under [directories], or one of the variables"),
                );
            }
            home.unwrap_or_default().join("bulkhead")
        };
    Directories {
        cache: directory(
            file.cache,
            "cache",
            environment.cache_home(),
            "XDG_CACHE_HOME",
        ),
        state: directory(
            file.state,
            "state",
            environment.state_home(),
            "XDG_STATE_HOME",
        ),
    }
}

/// Reports an empty text, and takes it for one that is not given.
fn not_empty(text: Option<At<String>>, fix: &str, report: &mut Report<'_>) -> Option<At<String>> {
    if let Some(text) = text.as_ref().filter(|text| text.value.trim().is_empty()) {
        report.add(&text.place, "the text is empty", fix);
    }
    text.filter(|text| !text.value.trim().is_empty())
}
