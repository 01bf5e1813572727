//! Velero's CustomResourceDefinitions, out of its own Go module: pinned and checked by tests/velero, never part of this repository.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use super::{read, required};
use crate::{command, parts, workspace::Workspace};

const MODULE: &str = "github.com/vmware-tanzu/velero";

/// Where they stand in the module, and that there are some of each version.
const FOLDERS: [&str; 2] = ["config/crd/v1/bases", "config/crd/v2alpha1/bases"];

/// The folder with a YAML file for each.
pub(super) fn crds(workspace: &Workspace) -> Result<PathBuf> {
    let pinned_by = workspace.root.join("tests/velero");
    let go_mod = read(&pinned_by.join("go.mod"))?;
    let go_sum = read(&pinned_by.join("go.sum"))?;
    let version = required(&go_mod, MODULE)
        .with_context(|| format!("tests/velero/go.mod does not require {MODULE}"))?;
    parts::cached("velero", &parts::key(&[&go_mod, &go_sum]), |folder| {
        // By its version, so that Go asks for this module alone; in this folder, so that go.sum has to agree.
        let downloaded = command::output(
            Command::new("go")
                .args(["mod", "download", "-json", &format!("{MODULE}@{version}")])
                .current_dir(&pinned_by),
        )
        .context("no Go that can download Velero")?;
        let module: serde_json::Value = serde_json::from_str(&downloaded)?;
        let module = module["Dir"].as_str().context("Go names no folder")?;
        FOLDERS
            .iter()
            .try_for_each(|bases| copy(&Path::new(module).join(bases), folder))
    })
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
