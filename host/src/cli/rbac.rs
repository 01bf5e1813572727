//! `bulkhead rbac`: the least Kubernetes RBAC that the grants of the enabled plugins need.
//!
//! What the grants give and the wants ask for, in RBAC's words. A `*` is spelled out from what the cluster serves, since RBAC's
//! own has Secrets and every subresource in it; so are the types of an operator, where one of them may be deleted. Nothing is sent but
//! questions of discovery, and those only for these two.

mod manifests;
mod requests;
mod roles;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::roles::{Served, Subject};
use super::{Chosen, Stop, open_cache, runtime, said};
use crate::backend::cluster::{Cluster, Discovery};
use crate::config::{Config, Environment};
use crate::failure::chain;
use crate::plugin::Plugin;

/// Prints the least RBAC.
#[derive(Debug, clap::Args)]
pub(super) struct Rbac {
    #[command(flatten)]
    chosen: Chosen,
    /// Only for the plugin with this key.
    #[arg(long, value_name = "KEY")]
    plugin: Option<String>,
    /// Bind the roles to this user.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["group", "service_account"])]
    user: Option<String>,
    /// Bind the roles to this group.
    #[arg(long, value_name = "NAME", conflicts_with = "service_account")]
    group: Option<String>,
    /// Bind the roles to this service account, which must be there. Without any of the three: `bulkhead/bulkhead`, and its manifest is
    /// printed too.
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = service_account)]
    service_account: Option<Subject>,
}

pub(super) fn run(rbac: Rbac, environment: Environment) -> Result<(), Stop> {
    let mut config = rbac.chosen.load(&environment)?;
    if let Some(only) = &rbac.plugin {
        if !config.plugins.contains_key(only) {
            let names: Vec<&str> = config.plugins.keys().map(String::as_str).collect();
            return Err(anyhow::anyhow!(
                "there is no plugin `{only}` in `{}`: it has {}",
                config.path.display(),
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            )
            .into());
        }
        config.plugins.retain(|key, _| key == only);
    }
    let own = own_account();
    let named = rbac.user.map(Subject::User);
    let named = named.or_else(|| rbac.group.map(Subject::Group));
    let named = named.or(rbac.service_account);
    let account = named.is_none().then_some(&own);
    let subject = named.as_ref().unwrap_or(&own);
    runtime()?.block_on(print(&config, environment, subject, account))
}

fn own_account() -> Subject {
    Subject::ServiceAccount {
        namespace: "bulkhead".to_owned(),
        name: "bulkhead".to_owned(),
    }
}

fn service_account(text: &str) -> Result<Subject, String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok(Subject::ServiceAccount {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            })
        }
        _ => Err("write the namespace and the name, such as bulkhead/bulkhead".to_owned()),
    }
}

async fn print(
    config: &Config,
    environment: Environment,
    subject: &Subject,
    account: Option<&Subject>,
) -> Result<(), Stop> {
    let cache = open_cache(config)?;
    let mut plugins = Vec::new();
    for settings in config.plugins.values() {
        plugins.push(Plugin::load(settings.clone(), &cache).await.map_err(said)?);
    }
    let mut about = vec![
        format!(
            "The least RBAC for the plugins of {}; `kubectl apply -f` takes it. Its namespaces must be there.",
            config.path.display()
        ),
        "What each plugin may do is bounded by its grants too. Discovery and reviews of oneself are every user's by default."
            .to_owned(),
    ];
    let (mut roles, is_partial) = all(&plugins, None, subject);
    let mut incomplete = false;
    if is_partial {
        let cluster = Cluster::new(config.cluster.clone(), environment);
        match cluster.served().await {
            Ok(types) => (roles, _) = all(&plugins, Some(&served(&types)), subject),
            Err(failure) => {
                incomplete = true;
                eprintln!(
                    "bulkhead: what the cluster serves is not known, and a grant with resources = [\"*\"], or with `delete` of an operator's types, takes that: {}\n  fix: let the cluster be reached, or name the resources in place of the `*`",
                    chain(&failure)
                );
                about.push("INCOMPLETE: resources = [\"*\"] of a grant, or what goes with an operator's objects, could not be spelled out, since the cluster was not reached.".to_owned());
            }
        }
    }
    let deletes = |rule: &roles::Rule| rule.verbs.contains(&"delete");
    if roles.iter().flat_map(|role| &role.rules).any(deletes) {
        about.push("What a deletion takes with it is listed to be shown, but not Secrets and ConfigMaps: to list them is to read them.".to_owned());
    }
    print!("{}", manifests::text(&about, account, &roles));
    if incomplete { Err(Stop::Said) } else { Ok(()) }
}

/// The roles of the host and of all plugins, and whether a `*` is left out.
fn all(plugins: &[Plugin], served: Option<&Served>, subject: &Subject) -> (Vec<roles::Role>, bool) {
    let (mut of_plugins, mut is_partial, mut changes) = (Vec::new(), false, false);
    let mut acts_as = Vec::new();
    for plugin in plugins {
        let config = &plugin.config;
        acts_as.extend(&config.impersonate);
        let own = config.impersonate.as_ref().map(Subject::of);
        let needs = roles::of_plugin(
            &config.key,
            &config.grants,
            &plugin.manifest.wants,
            served,
            own.as_ref().unwrap_or(subject),
        );
        of_plugins.extend(needs.roles);
        is_partial |= needs.is_partial;
        changes |= needs.changes;
    }
    let mut roles = roles::of_host(changes, &acts_as, subject);
    roles.extend(of_plugins);
    (roles, is_partial)
}

fn served(types: &Arc<Discovery>) -> Served {
    let mut served = Served::default();
    for found in types.all() {
        let side = if found.namespaced {
            &mut served.namespaced
        } else {
            &mut served.of_cluster
        };
        side.push((found.resource.clone(), found.verbs.clone()));
    }
    served
}
