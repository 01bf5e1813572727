//! `bulkhead doctor`: what would not work, and why.
//!
//! Each check prints a line: `ok`, `warn` or `FAIL`, the thing, and the next step. It goes on where it can, so that one run
//! shows everything.

mod changes;
mod grants;
mod prometheus;

use std::path::{Path, PathBuf};

use super::{Chosen, Stop, open_cache, runtime};
use crate::backend::cluster::{Cluster, Target};
use crate::config::{Config, Environment};
use crate::failure::chain;
use crate::plugin::{Manifest, Plugin, private_folder};
use crate::redact;

/// Where desktop clients look for programs: they do not read a shell's profile.
const DESKTOP_PATH: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"];

pub(super) fn run(chosen: &Chosen, environment: Environment) -> Result<(), Stop> {
    let config = chosen.load(&environment)?;
    let mut report = Report::default();
    report.ok(format!("configuration `{}`", config.path.display()));
    runtime()?.block_on(look(&config, &environment, &mut report))?;
    println!(
        "{} ok, {} warnings, {} failures",
        report.oks, report.warnings, report.failures
    );
    if report.failures == 0 {
        Ok(())
    } else {
        Err(Stop::Said)
    }
}

async fn look(config: &Config, environment: &Environment, report: &mut Report) -> Result<(), Stop> {
    folders(config, report);
    plugins(config, report).await?;
    changes::check(config, report).await;
    prometheus::check(config, environment, report).await;
    let cluster = Cluster::new(config.cluster.clone(), environment.clone());
    let target = match cluster.target() {
        Ok(target) => target,
        Err(error) => {
            report.fail(chain(error), "set `cluster.kubeconfig` and `cluster.context` in the configuration, or `$KUBECONFIG`");
            return Ok(());
        }
    };
    kubeconfig(target, report);
    proxy(target, environment, report);
    exec_program(target, environment, report);
    match cluster.version().await {
        Ok(version) => report.ok(format!(
            "cluster `{}` answers, version {version}",
            target.name
        )),
        Err(failure) => {
            report.fail(
                chain(&failure),
                failure
                    .fix
                    .as_deref()
                    .unwrap_or("look whether the cluster runs"),
            );
            return Ok(());
        }
    }
    changes::in_cluster(config, &cluster, report).await;
    for plugin in config.plugins.values() {
        grants::check(&cluster, plugin, report).await;
    }
    Ok(())
}

#[derive(Default)]
struct Report {
    oks: usize,
    warnings: usize,
    failures: usize,
}

impl Report {
    fn ok(&mut self, what: impl std::fmt::Display) {
        self.oks += 1;
        println!("ok    {what}");
    }

    fn warn(&mut self, what: impl std::fmt::Display, fix: &str) {
        self.warnings += 1;
        println!("warn  {what}\n      fix: {fix}");
    }

    fn fail(&mut self, what: impl std::fmt::Display, fix: &str) {
        self.failures += 1;
        println!(
            "FAIL  {}\n      fix: {fix}",
            redact::text(&what.to_string())
        );
    }
}

fn folders(config: &Config, report: &mut Report) {
    for folder in [&config.directories.cache, &config.directories.state] {
        match private_folder(folder) {
            Ok(()) => report.ok(format!("private folder `{}`", folder.display())),
            Err(failure) => report.fail(
                chain(&failure),
                "chmod 0700 it, or set `directories` in the configuration",
            ),
        }
    }
}

async fn plugins(config: &Config, report: &mut Report) -> Result<(), Stop> {
    let Ok(cache) = open_cache(config) else {
        return Ok(());
    };
    for settings in config.plugins.values() {
        let loaded = Plugin::load(settings.clone(), &cache).await;
        let loaded = match loaded {
            Ok(plugin) => plugin.ready(&cache).await.map(|_| ()).map(|()| plugin),
            Err(failure) => Err(failure),
        };
        match loaded {
            Ok(plugin) => {
                let Manifest { name, version, .. } = &plugin.manifest;
                let has = counted(&plugin.manifest);
                report.ok(format!(
                    "plugin `{}`: {name} {version}, {has}",
                    settings.key
                ));
            }
            Err(failure) => report.fail(
                format!("plugin `{}`: {}", settings.key, chain(&failure)),
                failure.fix.as_deref().unwrap_or("look at its `source`"),
            ),
        }
    }
    Ok(())
}

/// What a plugin has, in numbers.
fn counted(manifest: &Manifest) -> String {
    let counts = [
        (manifest.tools.len(), "tools"),
        (manifest.resources.len(), "resources"),
        (manifest.templates.len(), "templates"),
        (manifest.prompts.len(), "prompts"),
    ];
    let counts: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if counts.is_empty() {
        "nothing to offer".to_owned()
    } else {
        counts.join(", ")
    }
}

fn proxy(target: &Target, environment: &Environment, report: &mut Report) {
    let in_a_pod = target.files.is_empty();
    let server = target.server.parse().ok();
    let named = server.and_then(|server| environment.proxies.towards(&server));
    if in_a_pod || named.is_none() {
        return;
    }
    report.warn(
        "a proxy is set in the environment: requests to the cluster go through it, unless the kubeconfig's `proxy-url` names another",
        "if the API server is reached directly, name its host in NO_PROXY",
    );
}

fn kubeconfig(target: &Target, report: &mut Report) {
    if target.files.is_empty() {
        report.ok(format!(
            "in a cluster, as the pod's service account, default namespace `{}`",
            target.default_namespace
        ));
        return;
    }
    let files: Vec<_> = target
        .files
        .iter()
        .map(|file| format!("`{}`", file.display()))
        .collect();
    report.ok(format!(
        "context `{}` of {} at `{}`, default namespace `{}`",
        target.name,
        files.join(", "),
        target.server,
        target.default_namespace
    ));
    if target.server.starts_with("http://")
        && !target.server.contains("127.0.0.1")
        && !target.server.contains("localhost")
    {
        report.warn(
            format!("`{}` is not encrypted", target.server),
            "use https, unless this is a tunnel of your own",
        );
    }
}

fn exec_program(target: &Target, environment: &Environment, report: &mut Report) {
    let Some(program) = &target.exec else { return };
    if program.contains('/') {
        if Path::new(program).exists() {
            report.ok(format!("credentials come from `{program}`"));
        } else {
            report.fail(
                format!("credentials come from `{program}`, which does not exist"),
                "install it, or correct the kubeconfig",
            );
        }
        return;
    }
    let here = environment
        .path
        .as_ref()
        .and_then(|path| found(program, std::env::split_paths(path)));
    let at_the_desk = found(program, DESKTOP_PATH.iter().map(PathBuf::from));
    match (here, at_the_desk) {
        (_, Some(path)) => report.ok(format!("credentials come from `{program}` (`{}`)", path.display())),
        (Some(path), None) => report.warn(
            format!("credentials come from `{}`, which a desktop client does not find: its PATH is short", path.display()),
            &format!("write `command: {}` in the kubeconfig, or set PATH in the client's configuration", path.display()),
        ),
        (None, None) => report.fail(
            format!("credentials come from `{program}`, which is not on the PATH"),
            "install it, or write its whole path in the kubeconfig",
        ),
    }
}

fn found(program: &str, mut folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    folders.find_map(|folder| Some(folder.join(program)).filter(|path| path.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_it_stands() {
        assert_eq!(
            found("sh", ["/nowhere", "/bin"].iter().map(PathBuf::from)),
            Some(PathBuf::from("/bin/sh"))
        );
        assert_eq!(
            found("no-such-program", [PathBuf::from("/bin")].into_iter()),
            None
        );
    }
}
