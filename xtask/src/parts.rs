//! The real parts that tests run against, and the file that tells the tests where they are.
//!
//! A part that is missing is written down with the reason and the way to get it. It never counts as passed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::workspace::Workspace;

/// A real thing that some tests need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
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
    /// The program that makes components smaller.
    Optimiser,
    /// Folder with the programs of PostgreSQL 15.
    Postgresql,
}

impl Part {
    pub(crate) const ALL: [Self; 7] = [
        Self::Cluster,
        Self::Velero,
        Self::Cnpg,
        Self::Python,
        Self::Inspector,
        Self::Optimiser,
        Self::Postgresql,
    ];

    /// The key in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Velero => "velero",
            Self::Cnpg => "cnpg",
            Self::Python => "python",
            Self::Inspector => "inspector",
            Self::Optimiser => "optimiser",
            Self::Postgresql => "postgresql",
        }
    }

    /// What the names of the tests that need it begin with. Where one begins with another's, both are needed.
    pub(crate) fn test_prefix(self) -> &'static str {
        match self {
            Self::Cluster => "real::",
            Self::Velero => "real::velero::",
            Self::Cnpg => "real::cnpg::",
            Self::Python => "python::",
            Self::Inspector => "inspector::",
            Self::Optimiser => "optimised::",
            Self::Postgresql => "postgresql::",
        }
    }
}

/// What came of looking for a part.
#[derive(Debug)]
pub(crate) enum Found {
    At(PathBuf),
    Missing {
        /// A fragment: what is not there.
        why: String,
        /// What a person can do about it.
        get: String,
    },
}

/// Every part, in the order of [`Part::ALL`].
pub(crate) struct Parts(pub(crate) Vec<(Part, Found)>);

impl Parts {
    /// The parts that are not there, with reason and remedy.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (Part, &str, &str)> {
        self.0.iter().filter_map(|(part, found)| match found {
            Found::At(_) => None,
            Found::Missing { why, get } => Some((*part, why.as_str(), get.as_str())),
        })
    }

    /// The same but for those whose tests another one's absence leaves out already.
    pub(crate) fn missing_apart(&self) -> impl Iterator<Item = (Part, &str, &str)> {
        let covers = |other: Part, part: Part| {
            other != part && part.test_prefix().starts_with(other.test_prefix())
        };
        self.missing()
            .filter(move |(part, ..)| !self.missing().any(|(other, ..)| covers(other, *part)))
    }

    /// Writes the file and returns its path.
    pub(crate) fn write(&self, workspace: &Workspace) -> Result<PathBuf> {
        let path = file(workspace);
        std::fs::create_dir_all(&workspace.target)?;
        std::fs::write(&path, self.json().to_string())
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(path)
    }

    fn json(&self) -> Value {
        let entries = self.0.iter().map(|(part, found)| {
            let value = match found {
                Found::At(path) => json!({ "path": path }),
                Found::Missing { why, get } => json!({ "missing": why, "get": get }),
            };
            (part.name().to_owned(), value)
        });
        Value::Object(entries.collect::<Map<_, _>>())
    }
}

/// Where a part was found when it was last looked for; none where it was not.
pub(crate) fn noted(workspace: &Workspace, part: Part) -> Option<PathBuf> {
    let text = std::fs::read_to_string(file(workspace)).ok()?;
    let parts: Value = serde_json::from_str(&text).ok()?;
    let path = PathBuf::from(parts.get(part.name())?.get("path")?.as_str()?);
    path.exists().then_some(path)
}

/// Where the tests look for it.
pub(crate) fn file(workspace: &Workspace) -> PathBuf {
    workspace.target.join("test-parts.json")
}

/// The folder outside the checkout that keeps what was downloaded or built for the tests.
pub(crate) fn cache() -> Result<PathBuf> {
    let from = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = from("BULKHEAD_CACHE_DIR") {
        return Ok(folder);
    }
    let base = from("XDG_CACHE_HOME").or_else(|| from("HOME").map(|home| home.join(".cache")));
    Ok(base
        .context("neither `HOME` nor `BULKHEAD_CACHE_DIR` is set")?
        .join("bulkhead-dev"))
}

/// A folder that is either whole or not there: `make` fills a temporary one, which is renamed when it succeeds.
pub(crate) fn cached(
    name: &str,
    key: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let cache = cache()?;
    let folder = cache.join(format!("{name}-{key}"));
    if folder.exists() {
        return Ok(folder);
    }
    let unfinished = cache.join(format!("{name}-{key}.unfinished-{}", std::process::id()));
    std::fs::create_dir_all(&unfinished)
        .with_context(|| format!("cannot create `{}`", unfinished.display()))?;
    if let Err(error) = make(&unfinished) {
        // The error of `make` is the one to report.
        std::fs::remove_dir_all(&unfinished).ok();
        return Err(error);
    }
    std::fs::rename(&unfinished, &folder)
        .with_context(|| format!("cannot rename to `{}`", folder.display()))?;
    Ok(folder)
}

/// A name for the inputs of what is kept: FNV-1a over them, 16 hex digits. It separates versions; it protects nothing. All but
/// the first input are texts.
pub(crate) fn key(inputs: &[impl AsRef<[u8]>]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for input in inputs {
        // A byte that no text holds keeps ["ab", "c"] and ["a", "bc"] apart, also behind a component.
        for byte in input.as_ref().iter().copied().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_depends_on_every_input_and_on_where_one_ends() {
        assert_eq!(key(&["ab", "c"]), key(&["ab", "c"]));
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_ne!(key(&["ab", "c"]), key(&["ab", "d"]));
    }

    #[test]
    fn a_missing_part_is_written_with_its_reason_and_remedy() {
        let missing = Found::Missing {
            why: "no Go".into(),
            get: "install Go".into(),
        };
        let parts = Parts(vec![
            (Part::Cluster, missing),
            (Part::Python, Found::At("/v/bin/python".into())),
        ]);
        assert_eq!(
            parts.json(),
            json!({"cluster": {"missing": "no Go", "get": "install Go"}, "python": {"path": "/v/bin/python"}})
        );
        let missing: Vec<_> = parts.missing().collect();
        assert_eq!(missing, [(Part::Cluster, "no Go", "install Go")]);
    }

    #[test]
    fn tests_that_need_two_missing_parts_are_left_out_once() {
        let missing = || Found::Missing {
            why: "no Go".into(),
            get: "install Go".into(),
        };
        let both = Parts(vec![(Part::Cluster, missing()), (Part::Velero, missing())]);
        let apart: Vec<_> = both.missing_apart().map(|(part, ..)| part).collect();
        assert_eq!(apart, [Part::Cluster]);
        let velero = Parts(vec![
            (Part::Cluster, Found::At("/bin".into())),
            (Part::Velero, missing()),
        ]);
        assert_eq!(velero.missing_apart().count(), 1);
    }
}
