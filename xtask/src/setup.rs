//! What a machine needs beyond rustup: the wasm target always; for the tests a real cluster and the types of operators, which Go
//! brings, and two real MCP clients, by pip and npm; for what is shipped `wasm-opt`, by npm.
//!
//! Only the wasm target is required. What else cannot be had is reported with its reason, never silently left out.

mod crds;
mod postgresql;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command,
    parts::{self, Found, Part, Parts},
    workspace::Workspace,
};

const TARGET: &str = "wasm32-wasip2";

/// `cargo xtask setup`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    wasm_target()?;
    let parts = parts(workspace)?;
    for (part, found) in &parts.0 {
        match found {
            Found::At(path) => println!("{}: {}", part.name(), path.display()),
            Found::Missing { why, get } => println!("{}: missing: {why}; {get}", part.name()),
        }
    }
    Ok(())
}

/// Makes sure that rustc can build components. Asks the network only if it cannot.
pub(crate) fn wasm_target() -> Result<()> {
    let libraries =
        command::output(Command::new("rustc").args(["--print=target-libdir", "--target", TARGET]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    // rust-toolchain.toml names the target, but with automatic installation off rustup does not look at it.
    command::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(|| {
        format!("the Rust target {TARGET} is missing; without rustup, install your distribution's")
    })
}

/// Looks for each real part, makes what is missing and can be made, and writes down for the tests where everything is.
pub(crate) fn parts(workspace: &Workspace) -> Result<Parts> {
    let found = Part::ALL.map(|part| {
        let made = match part {
            Part::Cluster => cluster(workspace),
            Part::Velero => crds::VELERO.crds(workspace),
            Part::Cnpg => crds::CNPG.crds(workspace),
            Part::Python => python(workspace),
            Part::Inspector => inspector(workspace),
            Part::Optimiser => optimiser(workspace),
            Part::Postgresql => postgresql::programs(),
        };
        let found = made.map_or_else(
            |error| Found::Missing {
                why: format!("{error:#}"),
                get: remedy(part).to_owned(),
            },
            Found::At,
        );
        (part, found)
    });
    let parts = Parts(found.into());
    parts.write(workspace)?;
    Ok(parts)
}

fn remedy(part: Part) -> &'static str {
    match part {
        Part::Cluster => {
            "install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, \
             kube-controller-manager, kube-scheduler, kubectl and kwok; then `cargo xtask setup`"
        }
        Part::Velero | Part::Cnpg => {
            "install Go 1.26 or newer, and let it reach its module proxy; then `cargo xtask setup`"
        }
        Part::Python => {
            "install Python 3.10 or newer with venv and pip, and let pip reach its index; then `cargo xtask setup`"
        }
        Part::Inspector | Part::Optimiser => {
            "install Node 20 or newer with npm, and let npm reach its registry; then `cargo xtask setup`"
        }
        Part::Postgresql => {
            "install PostgreSQL 15, on Debian 12 with `apt-get install postgresql-15`; then `cargo xtask setup`"
        }
    }
}

/// The programs of a cluster: the name, the Go module below `tests` that pins the sources, the package.
const PROGRAMS: [(&str, &str, &str); 6] = [
    ("etcd", "cluster", "go.etcd.io/etcd/server/v3"),
    (
        "kube-apiserver",
        "cluster",
        "k8s.io/kubernetes/cmd/kube-apiserver",
    ),
    (
        "kube-controller-manager",
        "cluster",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
    ),
    (
        "kube-scheduler",
        "cluster",
        "k8s.io/kubernetes/cmd/kube-scheduler",
    ),
    ("kubectl", "cluster", "k8s.io/kubernetes/cmd/kubectl"),
    // A module of its own: with Kubernetes in one module, either would change what the other is built from.
    ("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok"),
];

/// The folder with the programs of a cluster: the user's own, else built from the pinned sources, about ten minutes once.
fn cluster(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("KUBEBUILDER_ASSETS")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
    {
        return match PROGRAMS
            .iter()
            .find(|(program, ..)| !folder.join(program).is_file())
        {
            None => Ok(folder),
            Some((program, ..)) => bail!(
                "KUBEBUILDER_ASSETS is `{}`, which has no {program}",
                folder.display()
            ),
        };
    }
    let tests = workspace.root.join("tests");
    let module = |name: &str| tests.join(name);
    let go_mod = read(&module("cluster").join("go.mod"))?;
    let version = kubernetes_version(&go_mod)?;
    let flags = version_flags(version)?;
    // In the module's folder this is the toolchain that go.mod asks for, which Go may fetch.
    let go = command::output(
        Command::new("go")
            .args(["env", "GOVERSION"])
            .current_dir(module("cluster")),
    )
    .context("no Go that can build Kubernetes")?;
    let go_sum = read(&module("cluster").join("go.sum"))?;
    let kwok_mod = read(&module("kwok").join("go.mod"))?;
    let kwok_sum = read(&module("kwok").join("go.sum"))?;
    parts::cached(
        "cluster",
        &parts::key(&[&go_mod, &go_sum, &kwok_mod, &kwok_sum, &flags, &go]),
        |folder| {
            println!(
                "building etcd, Kubernetes {version} and kwok with {}: about ten minutes, once",
                go.trim()
            );
            for (program, pinned_by, package) in PROGRAMS {
                command::run(
                    Command::new("go")
                        .args(["build", "-ldflags", &flags, "-o"])
                        .arg(folder.join(program))
                        .arg(package)
                        .current_dir(module(pinned_by)),
                )?;
            }
            Ok(())
        },
    )
}

/// The version of Kubernetes that a go.mod requires: `1.36.3`.
fn kubernetes_version(go_mod: &str) -> Result<&str> {
    required(go_mod, "k8s.io/kubernetes")
        .and_then(|version| version.strip_prefix('v'))
        .context("tests/cluster/go.mod does not require k8s.io/kubernetes")
}

/// The version of a module that a go.mod requires: `v1.36.3`.
fn required<'a>(go_mod: &'a str, module: &str) -> Option<&'a str> {
    go_mod.lines().find_map(|line| {
        let mut words = line.trim().trim_start_matches("require ").split(' ');
        (words.next() == Some(module)).then(|| words.next())?
    })
}

/// Stamps the version as Kubernetes' own build does: without it clients read `v0.0.0-master` and refuse.
fn version_flags(version: &str) -> Result<String> {
    let mut numbers = version.split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        bail!("`{version}` is not a version of Kubernetes");
    };
    let variable = "-X k8s.io/component-base/version.git";
    Ok(format!(
        "{variable}Version=v{version} {variable}Major={major} {variable}Minor={minor}"
    ))
}

/// A Python with the MCP SDK, in an environment of its own.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join("tests/clients/python/requirements.txt");
    let pinned = read(&requirements)?;
    let check = "import sys; assert sys.version_info >= (3, 10), 'Python is older than 3.10'; print(sys.version)";
    let version = command::output(Command::new("python3").args(["-c", check]))
        .context("no Python that will do")?;
    let folder = parts::cached("python", &parts::key(&[&pinned, &version]), |folder| {
        command::run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        command::run(
            Command::new(folder.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--require-hashes", "-r"])
                .arg(&requirements),
        )
    })?;
    Ok(folder.join("bin/python"))
}

/// The folder with the MCP Inspector and the Node that it needs, which is newer than many machines have.
fn inspector(workspace: &Workspace) -> Result<PathBuf> {
    npm("node", &workspace.root.join("tests/clients/node"))
}

/// The program that makes components smaller; see [`crate::shrink`].
fn optimiser(workspace: &Workspace) -> Result<PathBuf> {
    let program = npm("binaryen", &workspace.root.join("tests/binaryen"))?.join("wasm-opt");
    command::output(Command::new(&program).arg("--version")).context("it does not run")?;
    Ok(program)
}

/// The folder with the programs of the packages that a folder pins.
fn npm(name: &str, source: &Path) -> Result<PathBuf> {
    let files = ["package.json", "package-lock.json"];
    let contents = files.map(|file| read(&source.join(file)));
    let [Ok(package), Ok(lock)] = &contents else {
        bail!(
            "`{}` holds no {} and {}",
            source.display(),
            files[0],
            files[1]
        );
    };
    let npm = command::output(Command::new("npm").arg("--version")).context("no npm")?;
    let folder = parts::cached(name, &parts::key(&[package, lock, &npm]), |folder| {
        for file in files {
            std::fs::copy(source.join(file), folder.join(file))?;
        }
        command::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(folder),
        )
    })?;
    Ok(folder.join("node_modules").join(".bin"))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_kubernetes_is_read_from_go_mod_and_stamped() {
        let go_mod = "module m\n\nrequire (\n\tk8s.io/kube-openapi v0.1.0\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n";
        let version = kubernetes_version(go_mod).unwrap();
        assert_eq!(version, "1.36.3");
        assert_eq!(
            version_flags(version).unwrap(),
            "-X k8s.io/component-base/version.gitVersion=v1.36.3 \
             -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
        );
    }

    #[test]
    fn a_go_mod_without_kubernetes_is_an_error() {
        assert!(kubernetes_version("module m\n").is_err());
    }
}
