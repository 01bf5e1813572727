//! The CustomResourceDefinitions of an operator, out of its own Go module: pinned and checked by a folder of `tests`, never part of
//! this repository.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use super::{read, required};
use crate::{command, parts, workspace::Workspace};

/// An operator whose types some tests apply.
pub(super) struct Operator {
    /// The folder of `tests` whose `go.mod` names the version, and what the kept folder is called.
    name: &'static str,
    module: &'static str,
    /// Where the definitions stand in the module; there are some in each.
    folders: &'static [&'static str],
}

pub(super) const VELERO: Operator = Operator {
    name: "velero",
    module: "github.com/vmware-tanzu/velero",
    folders: &["config/crd/v1/bases", "config/crd/v2alpha1/bases"],
};

/// CloudNativePG.
pub(super) const CNPG: Operator = Operator {
    name: "cnpg",
    module: "github.com/cloudnative-pg/cloudnative-pg",
    folders: &["config/crd/bases"],
};

impl Operator {
    /// The folder with a YAML file for each.
    pub(super) fn crds(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self {
            name,
            module,
            folders,
        } = self;
        let pinned_by = workspace.root.join("tests").join(name);
        let go_mod = read(&pinned_by.join("go.mod"))?;
        let go_sum = read(&pinned_by.join("go.sum"))?;
        let version = required(&go_mod, module)
            .with_context(|| format!("tests/{name}/go.mod does not require {module}"))?;
        parts::cached(name, &parts::key(&[&go_mod, &go_sum]), |folder| {
            // By its version, so that Go asks for this module alone; in this folder, so that go.sum has to agree.
            let downloaded = command::output(
                Command::new("go")
                    .args(["mod", "download", "-json", &format!("{module}@{version}")])
                    .current_dir(&pinned_by),
            )
            .with_context(|| format!("no Go that can download {module}"))?;
            let module: serde_json::Value = serde_json::from_str(&downloaded)?;
            let module = module["Dir"].as_str().context("Go names no folder")?;
            folders
                .iter()
                .try_for_each(|bases| copy(&Path::new(module).join(bases), folder))
        })
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let entries =
        std::fs::read_dir(from).with_context(|| format!("cannot list `{}`", from.display()))?;
    let mut copied = 0;
    for entry in entries {
        let entry = entry?;
        // Not `copy`, which keeps that the module's files may not be written.
        std::fs::write(to.join(entry.file_name()), read(&entry.path())?)?;
        copied += 1;
    }
    ensure!(copied > 0, "`{}` is empty", from.display());
    Ok(())
}
