//! Where the real parts are, as `cargo xtask setup` wrote it down.
//!
//! A test whose part is missing is left out by `cargo xtask test`, which counts it. Run without xtask it fails and says why.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A real thing that some tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok.
    Cluster,
    /// Folder with Velero's CustomResourceDefinitions.
    Velero,
    /// Folder with CloudNativePG's CustomResourceDefinitions.
    Cnpg,
    /// A Python that can import the MCP SDK.
    Python,
    /// Folder with `node` and `mcp-inspector`.
    Inspector,
    /// Folder with the programs of PostgreSQL 15.
    Postgresql,
}

impl Part {
    /// The key in the file, and the word for the set-up's output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Velero => "velero",
            Self::Cnpg => "cnpg",
            Self::Python => "python",
            Self::Inspector => "inspector",
            Self::Postgresql => "postgresql",
        }
    }

    /// Returns the part's path.
    ///
    /// # Errors
    /// [`Missing`] where the set-up has not run, or found that this machine cannot have the part.
    pub fn find(self) -> Result<PathBuf, Missing> {
        let file = env::var_os("BULKHEAD_TEST_PARTS").map_or_else(
            || crate::built::target().join("test-parts.json"),
            PathBuf::from,
        );
        let text =
            std::fs::read_to_string(&file).map_err(|_| self.missing("the set-up has not run"))?;
        self.read(&text)
    }

    fn read(self, text: &str) -> Result<PathBuf, Missing> {
        let parts: Value =
            serde_json::from_str(text).map_err(|error| self.missing(&error.to_string()))?;
        let entry = &parts[self.name()];
        match entry["path"].as_str().map(Path::new) {
            Some(path) if path.exists() => Ok(path.to_owned()),
            Some(path) => Err(self.missing(&format!("`{}` is gone", path.display()))),
            None => Err(self.missing(
                entry["missing"]
                    .as_str()
                    .unwrap_or("the set-up does not know it"),
            )),
        }
    }

    fn missing(self, why: &str) -> Missing {
        Missing {
            part: self,
            why: why.to_owned(),
        }
    }
}

/// A part is not there. Debug is Display, because a failing test shows it by `unwrap`.
#[derive(Clone, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub part: Part,
    /// A fragment: what is wrong.
    pub why: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the real part `{}` is missing: {}; run `cargo xtask setup` first",
            self.part.name(),
            self.why
        )
    }
}

impl fmt::Debug for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Missing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_this_machine_cannot_have_is_missing_for_the_written_reason() {
        let missing = Part::Python
            .read(r#"{"python": {"missing": "no Python"}}"#)
            .unwrap_err();
        assert_eq!(
            missing.to_string(),
            "the real part `python` is missing: no Python; run `cargo xtask setup` first"
        );
    }

    #[test]
    fn a_part_that_was_removed_since_is_missing() {
        let missing = Part::Cluster
            .read(r#"{"cluster": {"path": "/no/such/folder"}}"#)
            .unwrap_err();
        assert_eq!(missing.why, "`/no/such/folder` is gone");
    }

    #[test]
    fn a_part_that_is_there_is_found() {
        let found = Part::Inspector.read(r#"{"inspector": {"path": "/"}}"#);
        assert_eq!(found, Ok(PathBuf::from("/")));
    }
}
