//! The real kubectl on a cluster, as any of its users.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::{RealCluster, User};

impl RealCluster {
    /// Runs the real kubectl as an administrator and returns its standard output.
    ///
    /// # Errors
    /// Where kubectl fails: with its standard error.
    pub fn kubectl(&self, arguments: &[&str], stdin: Option<&str>) -> Result<String> {
        self.kubectl_as(User::Admin, arguments, stdin)
    }

    /// The same as another user.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn kubectl_as(
        &self,
        user: User,
        arguments: &[&str],
        stdin: Option<&str>,
    ) -> Result<String> {
        let mut command = Command::new(&self.kubectl);
        command
            .arg("--kubeconfig")
            .arg(self.kubeconfig_for(user))
            .args(arguments)
            // Its discovery cache would otherwise stand in the user's home.
            .env("KUBECACHEDIR", self.directory.join("kubectl-cache"))
            .stdin(if stdin.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start kubectl")?;
        let written = match (stdin, child.stdin.take()) {
            (Some(text), Some(mut pipe)) => std::io::Write::write_all(&mut pipe, text.as_bytes()),
            _ => Ok(()),
        };
        let output = child.wait_with_output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`kubectl {}` failed: {}",
            arguments.join(" "),
            stderr.trim()
        );
        written.context("kubectl did not read its input")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Applies manifests as YAML by server-side apply.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn apply(&self, manifests: &str) -> Result<()> {
        self.kubectl(&["apply", "--server-side", "--filename=-"], Some(manifests))?;
        Ok(())
    }

    /// Writes the status of one object, as a kubelet or a controller would: `status` is the whole object as YAML.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn apply_status(&self, manifest: &str) -> Result<()> {
        self.kubectl(
            &[
                "apply",
                "--server-side",
                "--subresource=status",
                "--force-conflicts",
                "--field-manager=kubelet",
                "--filename=-",
            ],
            Some(manifest),
        )?;
        Ok(())
    }
}
