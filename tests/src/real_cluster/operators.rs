//! Operators' own types on a cluster; the operators themselves do not run there.

use anyhow::{Context as _, Result};

use super::RealCluster;
use crate::parts::Part;

impl RealCluster {
    /// Has the cluster serve Velero's types, as `velero install` does, and waits until it does.
    ///
    /// # Errors
    /// Where they are missing ([`crate::parts::Missing`]); as [`RealCluster::kubectl`].
    pub fn serve_velero(&self) -> Result<()> {
        self.serve(Part::Velero)
    }

    /// The same with CloudNativePG's types.
    ///
    /// # Errors
    /// As [`RealCluster::serve_velero`].
    pub fn serve_cnpg(&self) -> Result<()> {
        self.serve(Part::Cnpg)
    }

    fn serve(&self, types: Part) -> Result<()> {
        let folder = types.find()?;
        let folder = folder.to_str().context("a path that is no text")?;
        self.kubectl(&["apply", "--server-side", "--filename", folder], None)?;
        let established = [
            "wait",
            "--for=condition=Established",
            "crd",
            "--all",
            "--timeout=60s",
        ];
        self.kubectl(&established, None)?;
        Ok(())
    }
}
