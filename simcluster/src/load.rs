//! Manifests into a cluster.
//!
//! A folder holds `*.yaml`, `*.yml` and `*.json` (several documents, `List` kinds), at any depth, and logs as
//! `logs/NAMESPACE/POD/CONTAINER[.previous].log`. A document that cannot be used is an error that says where it
//! stands; nothing is skipped in silence.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cluster::Cluster;

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder that cannot be read.
    #[error("`{}` could not be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A document that is not what it should be.
    #[error("{}: document {document} is not usable", path.display())]
    Document {
        /// In which file; `<text>` for a text.
        path: PathBuf,
        /// Which, counted from 1.
        document: usize,
        /// Why.
        source: Problem,
    },
    /// A log file at the wrong place, or with a line that has no time.
    #[error("{} is not a log", path.display())]
    Log {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Problem,
    },
    /// An object given by a program.
    #[error("the object is not usable")]
    Object {
        /// Why.
        source: Problem,
    },
}

/// What is wrong with a manifest or a log.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Not YAML.
    #[error("not YAML")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// A field that every object has.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A type that is neither built in nor defined by a CRD.
    #[error(
        "no type `{kind}` in `{api_version}`: it is not built in, and no CRD among the manifests serves it"
    )]
    UnknownType {
        /// Such as `apps/v1`.
        api_version: String,
        /// Such as `Deployment`.
        kind: String,
    },
    /// An object of the cluster that claims a namespace.
    #[error("a `{kind}` has no namespace, but this one says `{namespace}`")]
    NoNamespace {
        /// Such as `Node`.
        kind: String,
        /// What it says.
        namespace: String,
    },
    /// A log file that is not where a container's log is looked for.
    #[error("a log's path is `logs/NAMESPACE/POD/CONTAINER[.previous].log`")]
    LogPath,
    /// A line of a log.
    #[error("line {line} does not begin with an RFC 3339 time")]
    LogLine {
        /// Counted from 1.
        line: usize,
    },
}

impl LoadError {
    pub(crate) fn object(source: Problem) -> Self {
        Self::Object { source }
    }
}

/// A document, with the place to name in an error.
struct Document {
    path: PathBuf,
    number: usize,
    object: Value,
}

impl Cluster {
    /// Loads a folder.
    ///
    /// # Errors
    /// If a file cannot be read, or a document or a log cannot be used; the error names file, document and reason.
    pub fn from_dir(dir: &Path) -> Result<Self, LoadError> {
        let (mut documents, mut logs) = (Vec::new(), Vec::new());
        for path in files(dir)? {
            let extension = path
                .extension()
                .and_then(|extension| extension.to_str())
                .unwrap_or_default();
            match extension {
                "yaml" | "yml" | "json" => documents.extend(parse(&path, &read(&path)?)?),
                "log" => logs.push(path),
                // Other files may stand beside the manifests: a README, a script.
                _ => {}
            }
        }
        let mut cluster = Self::new();
        cluster.put_all(documents)?;
        for path in logs {
            cluster.load_log(dir, &path)?;
        }
        Ok(cluster)
    }

    /// Loads a text of one or more documents.
    ///
    /// # Errors
    /// If a document cannot be used.
    pub fn from_manifests(yaml: &str) -> Result<Self, LoadError> {
        let mut cluster = Self::new();
        cluster.put_manifests("<text>", yaml)?;
        Ok(cluster)
    }

    /// Adds the documents of a text, which errors call `name`.
    pub(crate) fn put_manifests(&mut self, name: &str, yaml: &str) -> Result<(), LoadError> {
        self.put_all(parse(Path::new(name), yaml)?)
    }

    fn put_all(&mut self, documents: Vec<Document>) -> Result<(), LoadError> {
        // A CRD may stand in a later file than its objects.
        let (first, then): (Vec<_>, Vec<_>) = documents
            .into_iter()
            .partition(|document| document.object["kind"] == "CustomResourceDefinition");
        for Document {
            path,
            number,
            object,
        } in first.into_iter().chain(then)
        {
            self.put(object).map_err(|source| LoadError::Document {
                path,
                document: number,
                source,
            })?;
        }
        Ok(())
    }

    fn load_log(&mut self, dir: &Path, path: &Path) -> Result<(), LoadError> {
        let parts: Option<Vec<&str>> = path
            .strip_prefix(dir)
            .ok()
            .and_then(|path| path.iter().map(|part| part.to_str()).collect());
        let wrong = |source| LoadError::Log {
            path: path.to_owned(),
            source,
        };
        let Some(["logs", namespace, pod, file]) = parts.as_deref() else {
            return Err(wrong(Problem::LogPath));
        };
        let container = file.strip_suffix(".log").unwrap_or(file);
        let (container, previous) = container
            .strip_suffix(".previous")
            .map_or((container, false), |container| (container, true));
        self.set_log(namespace, pod, container, previous, &read(path)?)
            .map_err(|error| match error {
                LoadError::Object { source } => wrong(source),
                other => other,
            })
    }
}

/// Every file under `dir`, sorted by path, so that loading is the same everywhere.
fn files(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let wrong = |source| LoadError::Read {
        path: dir.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The objects of a text. A document that holds only comments is none; a `List` is its items.
fn parse(path: &Path, text: &str) -> Result<Vec<Document>, LoadError> {
    let mut documents = Vec::new();
    for (index, text) in split(text).into_iter().enumerate() {
        let number = index + 1;
        let parsed: Option<Value> =
            serde_saphyr::from_str(&text).map_err(|error| LoadError::Document {
                path: path.to_owned(),
                document: number,
                source: Problem::Yaml(Box::new(error)),
            })?;
        let objects = match parsed {
            None | Some(Value::Null) => Vec::new(),
            Some(mut list) if list["kind"] == "List" => match list["items"].take() {
                Value::Array(items) => items,
                _ => Vec::new(),
            },
            Some(object) => vec![object],
        };
        documents.extend(objects.into_iter().map(|object| Document {
            path: path.to_owned(),
            number,
            object,
        }));
    }
    Ok(documents)
}

/// Splits at `---` lines, as kubectl does, so that an error can say which document it means.
fn split(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.lines() {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else if let Some(document) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    // A file that begins with a separator does not begin with an empty document.
    if documents.len() > 1
        && documents
            .first()
            .is_some_and(|document| document.trim().is_empty())
    {
        documents.remove(0);
    }
    documents
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use crate::Cluster;

    fn failure(yaml: &str) -> String {
        let error = Cluster::from_manifests(yaml).expect_err("the manifest is broken");
        format!(
            "{error}: {}",
            error.source().expect("a load error has a cause")
        )
    }

    #[test]
    fn an_error_names_file_document_and_reason() {
        let good = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        assert_eq!(
            failure(&format!(
                "---\n{good}---\n# nothing here\n---\napiVersion: v1\nkind: Pud\nmetadata: {{name: b}}\n"
            )),
            "<text>: document 3 is not usable: no type `Pud` in `v1`: it is not built in, and no CRD among the manifests serves it"
        );
        assert!(
            failure("apiVersion: v1\nkind: Pod\nmetadata: {}\n")
                .ends_with("`metadata.name` is missing")
        );
        assert!(
            failure("apiVersion: [v1\n").starts_with("<text>: document 1 is not usable: not YAML")
        );
        let node = "apiVersion: v1\nkind: Node\nmetadata: {name: one, namespace: x}\n";
        assert!(failure(node).ends_with("a `Node` has no namespace, but this one says `x`"));
    }

    #[test]
    fn an_object_may_stand_before_its_crd() {
        let yaml = "apiVersion: e.x/v1\nkind: W\nmetadata: {name: a}\n---\napiVersion: apiextensions.k8s.io/v1\n\
            kind: CustomResourceDefinition\nmetadata: {name: ws.e.x}\nspec: {group: e.x, scope: Namespaced, \
            names: {plural: ws, kind: W}, versions: [{name: v1, served: true, storage: true}]}\n";
        let cluster = Cluster::from_manifests(yaml).expect("a CRD defines the type");
        let of = cluster
            .types()
            .find("e.x", "v1", "ws")
            .expect("the type is served");
        assert!(cluster.object(of, Some("default"), "a").is_some());
    }
}
