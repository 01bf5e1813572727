//! Where a call looks: a namespace, or all of them, and how it was chosen. An answer says so truthfully.

use crate::context;
use crate::kubernetes::{Query, ResourceType, Scope};

/// A namespace that was looked at, and how it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name; `*` is all namespaces.
    pub namespace: String,
    /// Such as `in namespace shop (of the context)`.
    pub words: String,
}

impl Place {
    /// A namespace, and how it was chosen: empty, or words such as ` (the default)`.
    pub fn new(namespace: &str, how: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            words: format!("in namespace {namespace}{how}"),
        }
    }

    /// Every namespace, as far as the grants go: a list of all needs a grant over `*`.
    pub fn everywhere() -> Self {
        Self {
            namespace: "*".to_owned(),
            words: "in all namespaces".to_owned(),
        }
    }

    /// The namespace that the caller named, else that of the kubeconfig's context.
    pub fn chosen(named: Option<&str>) -> Self {
        match named {
            Some(named) => Self::new(named, ""),
            None => Self::new(&context::default_namespace(), " (of the context)"),
        }
    }

    /// Whether it is all namespaces.
    pub fn is_everywhere(&self) -> bool {
        self.namespace == "*"
    }

    /// The objects of a type there.
    pub fn query(&self, of: ResourceType) -> Query {
        if self.is_everywhere() {
            return Query::new(of, Scope::AllNamespaces);
        }
        Query::in_namespace(of, &self.namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::kubernetes::{ResourceType, Scope};

    #[test]
    fn all_namespaces_are_asked_for_only_where_they_were_meant() {
        let of = || ResourceType::new("apps", "deployments");
        assert!(matches!(
            Place::everywhere().query(of()).scope,
            Scope::AllNamespaces
        ));
        let one = Place::chosen(Some("shop"));
        assert!(matches!(one.query(of()).scope, Scope::Namespace(name) if name == "shop"));
        assert_eq!(one.words, "in namespace shop");
    }
}
