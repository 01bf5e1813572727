//! Storage classes: which is the default one, which can grow, and what becomes of a volume whose claim is gone.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Row, row};

const PATHS: [&str; 6] = [
    "metadata.name",
    "metadata.annotations['storageclass.kubernetes.io/is-default-class']",
    "metadata.creationTimestamp",
    "allowVolumeExpansion",
    "reclaimPolicy",
    // Still counts (`IsDefaultAnnotation`, `pkg/volume/util/storageclass.go` of Kubernetes).
    "metadata.annotations['storageclass.beta.kubernetes.io/is-default-class']",
];

/// A storage class.
pub(crate) struct StorageClass {
    pub(crate) name: String,
    /// Whether claims can be made larger.
    pub(crate) expands: bool,
    /// Whether a volume goes with its claim.
    pub(crate) deletes: bool,
    is_default: bool,
    created: String,
}

impl StorageClass {
    fn read(row: &Row) -> Self {
        Self {
            name: row.text(0).to_owned(),
            expands: row.flag(3) == Some(true),
            // What Kubernetes sets where nothing is said.
            deletes: matches!(row.text(4), "" | "Delete"),
            is_default: [row.text(1), row.text(5)].contains(&"true"),
            created: row.text(2).to_owned(),
        }
    }

    /// Says whether it can grow.
    pub(crate) fn growth(&self) -> &'static str {
        if self.expands {
            "its volumes can grow later"
        } else {
            "its volumes can never grow"
        }
    }
}

/// Reads all of the cluster's.
///
/// # Errors
/// As [`row::all`].
pub(crate) fn all() -> Result<Vec<StorageClass>, Failure> {
    let of = ResourceType::new("storage.k8s.io", "storageclasses");
    let rows = row::all(&Query::new(of, Scope::Cluster), &PATHS)?;
    Ok(rows.iter().map(StorageClass::read).collect())
}

/// Finds the one of a name, or, where no name was given, the one that claims get by themselves: the newest of the default ones.
///
/// # Errors
/// `NotFound` and `Invalid` where there is none, with those that there are.
pub(crate) fn find<'a>(
    classes: &'a [StorageClass],
    name: Option<&str>,
) -> Result<&'a StorageClass, Failure> {
    let found = match name {
        Some(name) => classes.iter().find(|class| class.name == name),
        None => {
            let defaults = classes.iter().filter(|class| class.is_default);
            // Times of one form: the later is the greater text.
            defaults.max_by_key(|class| class.created.as_str())
        }
    };
    found.ok_or_else(|| {
        let names: Vec<_> = classes.iter().map(|class| class.name.clone()).collect();
        let names = listed(&names);
        match name {
            Some(name) => Failure::not_found(format!(
                "there is no storage class `{name}`; there is {names}"
            ))
            .next_step("name one of these, or leave storage_class out"),
            None => Failure::invalid(format!(
                "no storage class is the default one; there is {names}"
            ))
            .next_step("name one as storage_class"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{StorageClass, find};
    use bulkhead_plugin_sdk::Failure;

    #[test]
    fn without_a_class_and_without_a_default_one_no_volume_could_be_made() {
        let classes: Vec<StorageClass> = Vec::new();
        assert!(matches!(find(&classes, None), Err(Failure::Invalid(_))));
        assert!(matches!(
            find(&classes, Some("fast")),
            Err(Failure::NotFound(_))
        ));
    }
}
