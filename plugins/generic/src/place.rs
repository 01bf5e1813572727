//! Where a call looks. A namespace always, for kinds that have one: the answer says which, also where nobody named it.

use crate::kind::Resolved;
use bulkhead_plugin_sdk::kubernetes::{ObjectRef, Query, Scope};
use bulkhead_plugin_sdk::{Failure, context};
use schemars::JsonSchema;
use serde::Deserialize;

/// The argument that says where one object is.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Place {
    /// Namespace; the default one where left out. Kinds without namespaces need none.
    pub(crate) namespace: Option<String>,
}

/// The arguments that say where to look for objects, and for which.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Selection {
    #[serde(flatten)]
    place: Place,
    /// Every namespace at once; needs a grant for it.
    #[serde(default)]
    all_namespaces: bool,
    /// As `kubectl -l`: `app=cart,tier!=cache`.
    label_selector: Option<String>,
    /// As `kubectl --field-selector`: `status.phase=Pending`.
    field_selector: Option<String>,
}

/// Where to look, and the words for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) scope: Scope,
    /// Such as `in namespace shop (the default)`.
    pub(crate) words: String,
}

impl Place {
    /// Returns the namespace and the words for it; none for a kind of the cluster, whatever was given.
    pub(crate) fn choose(&self, namespaced: bool) -> Chosen {
        if !namespaced {
            return Chosen {
                scope: Scope::Cluster,
                words: "in the cluster".to_owned(),
            };
        }
        match self.namespace.as_deref() {
            None | Some("") => {
                let namespace = context::default_namespace();
                Chosen {
                    words: format!("in namespace {namespace} (the default)"),
                    scope: Scope::Namespace(namespace),
                }
            }
            Some(namespace) => Chosen {
                words: format!("in namespace {namespace}"),
                scope: Scope::Namespace(namespace.to_owned()),
            },
        }
    }

    /// Returns the object of that name, and the words for where it is.
    pub(crate) fn object(&self, resolved: &Resolved, name: &str) -> (ObjectRef, String) {
        let Chosen { scope, words } = self.choose(resolved.namespaced);
        let object = match scope {
            Scope::Namespace(namespace) => {
                ObjectRef::in_namespace(resolved.of.clone(), namespace, name)
            }
            Scope::Cluster | Scope::AllNamespaces => {
                ObjectRef::of_cluster(resolved.of.clone(), name)
            }
        };
        (object, words)
    }
}

impl Selection {
    /// Returns the objects to look at, and the words for where they are.
    ///
    /// # Errors
    /// `Invalid` where one namespace and all of them are asked for.
    pub(crate) fn query(&self, resolved: &Resolved) -> Result<(Query, String), Failure> {
        let Chosen { scope, words } = if self.all_namespaces && resolved.namespaced {
            if let Some(namespace) = self
                .place
                .namespace
                .as_deref()
                .filter(|namespace| !namespace.is_empty())
            {
                return Err(Failure::invalid(format!(
                    "both `namespace` {namespace} and `all_namespaces` were given"
                ))
                .next_step("leave one of them out"));
            }
            Chosen {
                scope: Scope::AllNamespaces,
                words: "in all namespaces".to_owned(),
            }
        } else {
            self.place.choose(resolved.namespaced)
        };
        let query = Query {
            label_selector: self
                .label_selector
                .clone()
                .filter(|selector| !selector.is_empty()),
            field_selector: self
                .field_selector
                .clone()
                .filter(|selector| !selector.is_empty()),
            ..Query::new(resolved.of.clone(), scope)
        };
        let words = [
            query.label_selector.as_deref(),
            query.field_selector.as_deref(),
        ]
        .into_iter()
        .flatten()
        .fold(words, |words, selector| format!("{words}, {selector}"));
        Ok((query, words))
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Selection};
    use crate::kind::Resolved;
    use bulkhead_plugin_sdk::Failure;
    use bulkhead_plugin_sdk::kubernetes::{ResourceType, Scope};

    fn resolved(namespaced: bool) -> Resolved {
        Resolved {
            of: ResourceType::new("", "things"),
            kind: "Thing".to_owned(),
            namespaced,
            note: None,
        }
    }

    fn selection(namespace: Option<&str>, all_namespaces: bool) -> Selection {
        let place = Place {
            namespace: namespace.map(str::to_owned),
        };
        Selection {
            place,
            all_namespaces,
            label_selector: Some("a=b".to_owned()),
            field_selector: None,
        }
    }

    #[test]
    fn a_namespace_that_nobody_named_is_the_default_one_and_the_words_say_so() {
        let (query, words) = selection(None, false)
            .query(&resolved(true))
            .expect("that is valid");
        assert_eq!(query.scope, Scope::Namespace("default".to_owned()));
        assert_eq!(words, "in namespace default (the default), a=b");
    }

    #[test]
    fn a_kind_of_the_cluster_ignores_a_namespace() {
        let (query, _) = selection(Some("shop"), true)
            .query(&resolved(false))
            .expect("that is valid");
        assert_eq!(query.scope, Scope::Cluster);
    }

    #[test]
    fn one_namespace_and_all_of_them_contradict_each_other() {
        let failure = selection(Some("shop"), true)
            .query(&resolved(true))
            .expect_err("that is a contradiction");
        assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
    }
}
