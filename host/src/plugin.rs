//! A plugin: a component by its digest, what it says of itself, and its compiled form when a call needs it.
//!
//! Loading reads the bytes and the kept manifest; only where none is kept is the component compiled and asked. Mapping comes
//! after it, and compiling where there is no compiled form: `serve` sees to both in the background, and a call that comes
//! earlier waits for its plugin. What a manifest says is checked here, once, before anyone relies on it.

mod compiled;
mod manifest;

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::{OnceCell, Semaphore};

pub use compiled::compile_file;
pub(crate) use compiled::{Cache, private_folder};
pub(crate) use manifest::scheme;
pub use manifest::{
    Manifest, Prompt, PromptArgument, ResourceEntry, TemplateEntry, Tool, UriError, UriTemplate,
};

use crate::call::{Actor, Call};
use crate::config::PluginConfig;
use crate::digest::hex;
use crate::failure::{Failure, Kind};
use crate::gate::Gate;
use crate::host_calls::HostCalls;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::Guest;
use crate::proposal::PluginIdentity;
use crate::runtime::{self, GuestResult, Ready, State, Store};

/// A plugin that the operator enabled.
pub(crate) struct Plugin {
    pub(crate) config: PluginConfig,
    /// SHA-256 of the component, in hex.
    pub(crate) digest: String,
    pub(crate) manifest: Manifest,
    pub(crate) gate: Arc<Gate>,
    pub(crate) settings: Arc<str>,
    /// In whose name it asks the cluster.
    pub(crate) actor: Actor,
    ready: OnceCell<Ready>,
    /// Calls at once.
    slots: Semaphore,
}

/// A component's bytes and their digest.
pub(crate) struct Component {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: String,
}

impl Component {
    /// Reads a component and compares it with the digest that the operator pinned.
    ///
    /// # Errors
    /// `Invalid` where the file cannot be read or has another digest.
    pub(crate) fn read(config: &PluginConfig) -> Result<Self, Failure> {
        let path = config.source.clone();
        let bytes = std::fs::read(&path).map_err(|error| {
            Failure::new(
                Kind::Invalid,
                format!(
                    "failed to read component `{}` of plugin `{}`",
                    path.display(),
                    config.key
                ),
            )
            .source(error)
            .fix(format!("correct `plugins.{}.source`", config.key))
        })?;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let hex = hex(&digest);
        if config.sha256.is_some_and(|pinned| pinned != digest) {
            return Err(Failure::new(
                Kind::Invalid,
                format!("component `{}` of plugin `{}` has the digest {hex}, which is not the pinned one", path.display(), config.key),
            )
            .fix(format!("look where the file comes from; if it is right, set `plugins.{}.sha256` to this digest", config.key)));
        }
        Ok(Self {
            path,
            bytes,
            digest: hex,
        })
    }
}

impl Plugin {
    /// Loads a plugin: the manifest from the cache, or from the component itself, which is compiled for that.
    ///
    /// # Errors
    /// `Invalid` or `Plugin` where the component cannot be read, compiled or asked, with what the operator can do.
    pub(crate) async fn load(config: PluginConfig, cache: &Cache) -> Result<Self, Failure> {
        let component = Component::read(&config)?;
        Self::of(config, &component, cache).await
    }

    /// Loads a plugin whose component was read already.
    ///
    /// # Errors
    /// As [`Plugin::load`].
    pub(crate) async fn of(
        config: PluginConfig,
        component: &Component,
        cache: &Cache,
    ) -> Result<Self, Failure> {
        let ready = OnceCell::new();
        let manifest = match cache.manifest(&component.digest) {
            Some(manifest) => manifest,
            None => {
                let engine = cache.engine()?;
                let compiled = cache.ready(component).await?;
                let described = runtime::describe(engine, &compiled, &config.limits)
                    .await
                    .map_err(|failure| {
                        Failure::new(
                            failure.kind,
                            format!(
                                "plugin `{}` (`{}`) cannot say what it is",
                                config.key,
                                component.path.display()
                            ),
                        )
                        .source(failure)
                    })?;
                let manifest = Manifest::check(described).map_err(|error| {
                    Failure::new(Kind::Plugin, format!("the manifest of plugin `{}` (`{}`) is wrong", config.key, component.path.display()))
                        .source(error)
                        .fix("tell its author; `bulkhead plugins inspect FILE` shows what can be read of it")
                })?;
                cache.keep_manifest(&component.digest, &manifest);
                ready.set(compiled).ok();
                manifest
            }
        };
        let gate = Gate::new(
            config.key.clone(),
            config.grants.clone(),
            manifest.wants.clone(),
        )
        .with_prometheus(config.prometheus, !manifest.prometheus.is_empty());
        let settings = serde_json::Value::Object(config.settings.clone()).to_string();
        Ok(Self {
            slots: Semaphore::new(config.limits.concurrent as usize),
            digest: component.digest.clone(),
            gate: Arc::new(gate),
            settings: settings.into(),
            actor: actor_of(&config),
            manifest,
            config,
            ready,
        })
    }

    /// Returns which plugin it is, for what is bound to it.
    pub(crate) fn identity(&self) -> PluginIdentity {
        PluginIdentity {
            key: self.config.key.clone(),
            version: self.manifest.version.clone(),
            digest: self.digest.clone(),
        }
    }

    /// Asks the plugin one thing.
    ///
    /// # Errors
    /// As [`runtime::ask`]; `Limit` where no slot came free within the wall time.
    pub(crate) async fn ask<T>(
        &self,
        cache: &Cache,
        calls: HostCalls,
        question: impl AsyncFnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<GuestResult<T>>,
    ) -> Result<T, Failure> {
        let call: Arc<Call> = Arc::clone(&calls.call);
        let _slot = call
            .bound(async {
                self.slots.acquire().await.map_err(|error| {
                    Failure::new(Kind::Bug, "a plugin's slots were closed").source(error)
                })
            })
            .await?;
        let ready = call.bound(self.ready(cache)).await?;
        runtime::ask(cache.engine()?, ready, &self.config.limits, calls, question).await
    }

    /// Maps the compiled component, once.
    pub(crate) async fn ready(&self, cache: &Cache) -> Result<&Ready, Failure> {
        self.ready
            .get_or_try_init(|| async {
                let component = Component::read(&self.config)?;
                if component.digest != self.digest {
                    return Err(Failure::new(
                        Kind::Conflict,
                        format!(
                            "component `{}` has changed since Bulkhead started",
                            component.path.display()
                        ),
                    )
                    .fix("send the host SIGHUP, or restart it"));
                }
                cache.ready(&component).await
            })
            .await
    }
}

/// In whose name a plugin asks the cluster.
pub(crate) fn actor_of(config: &PluginConfig) -> Actor {
    Actor {
        impersonate: config.impersonate.clone().map(Arc::new),
    }
}
