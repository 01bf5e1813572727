//! Where a request goes.

use crate::gate::Reach;

/// A path with a query, made only of checked parts.
#[derive(Debug, Clone)]
pub(super) struct Url {
    pub(super) path: String,
    query: Vec<(&'static str, String)>,
}

impl Url {
    /// A fixed path, such as `/version`.
    pub(super) fn fixed(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            query: Vec::new(),
        }
    }

    /// The collection of a resource type in reach. The parts were checked by `names`.
    pub(super) fn collection(group: &str, version: &str, plural: &str, reach: &Reach) -> Self {
        let root = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        let path = match reach {
            Reach::Namespace(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            Reach::Cluster | Reach::AllNamespaces => format!("{root}/{plural}"),
        };
        Self {
            path,
            query: Vec::new(),
        }
    }

    /// Goes one step down.
    pub(super) fn join(mut self, segment: &str) -> Self {
        self.path.push('/');
        self.path.push_str(segment);
        self
    }

    /// Adds a parameter, which is encoded.
    pub(super) fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Adds a parameter where there is one.
    pub(super) fn with_some(self, key: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The path with the encoded query.
    pub(super) fn text(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.query)
            .finish();
        format!("{}?{query}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_encodes_what_stands_in_its_query() {
        let url = Url::collection(
            "apps",
            "v1",
            "deployments",
            &Reach::Namespace("shop".into()),
        )
        .with("labelSelector", "app in (a,b)&limit=0")
        .with_some("continue", None::<String>);
        assert_eq!(
            url.text(),
            "/apis/apps/v1/namespaces/shop/deployments?labelSelector=app+in+%28a%2Cb%29%26limit%3D0"
        );
    }
}
