//! From a path to what it means.
//!
//! Pure: it knows the shape of the API's URLs and no cluster. Segments are percent-decoded after the split, so an
//! encoded slash stays inside its segment.

use percent_encoding::percent_decode_str;

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/version`.
    Version,
    /// `/healthz`, `/livez`, `/readyz`.
    Health,
    /// `/api`.
    CoreVersions,
    /// `/apis`.
    Groups,
    /// `/apis/GROUP`.
    Group(String),
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    Resources { group: String, version: String },
    /// `/openapi/v3`.
    OpenApiIndex,
    /// `/openapi/v3/api/v1` or `/openapi/v3/apis/GROUP/VERSION`.
    OpenApi { group: String, version: String },
    /// Objects.
    Objects(Target),
    /// Nothing that the API has.
    Unknown,
}

/// Which objects a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    /// None is the cluster, or all namespaces.
    pub(crate) namespace: Option<String>,
    /// None is the collection.
    pub(crate) name: Option<String>,
    /// The rest, such as `log` or `proxy/index.html`.
    pub(crate) subresource: Option<String>,
}

/// Reads a path.
pub(crate) fn parse(path: &str) -> Route {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["version"] => Route::Version,
        ["healthz" | "livez" | "readyz", ..] => Route::Health,
        ["api"] => Route::CoreVersions,
        ["apis"] => Route::Groups,
        ["apis", group] => Route::Group((*group).to_owned()),
        ["api", version] => Route::Resources {
            group: String::new(),
            version: (*version).to_owned(),
        },
        ["apis", group, version] => Route::Resources {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
        },
        ["openapi", "v3"] => Route::OpenApiIndex,
        ["openapi", "v3", "api", version] => Route::OpenApi {
            group: String::new(),
            version: (*version).to_owned(),
        },
        ["openapi", "v3", "apis", group, version] => Route::OpenApi {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
        },
        ["api", version, rest @ ..] => Route::Objects(target("", version, rest)),
        ["apis", group, version, rest @ ..] => Route::Objects(target(group, version, rest)),
        _ => Route::Unknown,
    }
}

fn target(group: &str, version: &str, rest: &[&str]) -> Target {
    let (namespace, rest) = match rest {
        // Of the namespace itself, which is an object of the cluster.
        ["namespaces", _, "status" | "finalize"] => (None, rest),
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => {
            (Some((*namespace).to_owned()), rest)
        }
        _ => (None, rest),
    };
    Target {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: rest.first().map(ToString::to_string).unwrap_or_default(),
        namespace,
        name: rest.get(1).map(ToString::to_string),
        subresource: rest
            .get(2..)
            .filter(|rest| !rest.is_empty())
            .map(|rest| rest.join("/")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Route, Target, parse};

    fn objects(path: &str) -> (String, Option<String>, Option<String>, Option<String>) {
        match parse(path) {
            Route::Objects(Target {
                plural,
                namespace,
                name,
                subresource,
                ..
            }) => (plural, namespace, name, subresource),
            other => panic!("{path} is {other:?}"),
        }
    }

    #[test]
    fn a_namespace_is_an_object_and_a_place() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            objects("/api/v1/namespaces/shop"),
            ("namespaces".into(), None, some("shop"), None)
        );
        assert_eq!(
            objects("/api/v1/namespaces/shop/status"),
            ("namespaces".into(), None, some("shop"), some("status"))
        );
        assert_eq!(
            objects("/api/v1/namespaces/shop/pods"),
            ("pods".into(), some("shop"), None, None)
        );
        assert_eq!(
            objects("/api/v1/namespaces/shop/pods/a/log"),
            ("pods".into(), some("shop"), some("a"), some("log"))
        );
    }

    #[test]
    fn an_encoded_slash_stays_in_its_segment() {
        assert_eq!(
            objects("/api/v1/namespaces/a%2Fb/pods").1.as_deref(),
            Some("a/b")
        );
    }
}
