//! Which major version of PostgreSQL a cluster's parameters are for.

use crate::image::Image;
use bulkhead_plugin_sdk::Object;

/// Returns the major version that the operator reads from the spec (`GetPostgresqlMajorVersion` in `cluster_funcs.go`), else that of
/// the data that it last saw. None where neither says it.
pub(super) fn major(cluster: Object<'_>) -> Option<u64> {
    let of_image = |at: &str| {
        Image::of(cluster.text(at))
            .version()
            .map(|version| u64::from(version.major))
    };
    let number = |at: &str| Some(cluster.number(at)).filter(|major| *major > 0);
    number("/spec/imageCatalogRef/major")
        .or_else(|| of_image("/spec/imageName"))
        .or_else(|| number("/status/pgDataImageInfo/majorVersion"))
        .or_else(|| of_image("/status/image"))
}

#[cfg(test)]
mod tests {
    use super::major;
    use bulkhead_plugin_sdk::Object;
    use serde_json::{Value, json};

    fn of(cluster: &Value) -> Option<u64> {
        major(Object(cluster))
    }

    #[test]
    fn the_version_is_that_of_the_catalogue_else_of_the_tag_else_of_the_data() {
        let image = |image: &str| json!({ "spec": { "imageName": image } });
        let mut cluster = image("registry:5000/cloudnative-pg/postgresql:16.4-3@sha256:0a1");
        assert_eq!(of(&cluster), Some(16));
        cluster["spec"]["imageCatalogRef"] = json!({ "major": 17 });
        assert_eq!(of(&cluster), Some(17));
        assert_eq!(
            of(&image(
                "ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie"
            )),
            Some(18)
        );
        let mut cluster = image("registry:5000/postgresql@sha256:0a1");
        assert_eq!(of(&cluster), None);
        cluster["status"] = json!({ "image": "postgresql:14" });
        assert_eq!(of(&cluster), Some(14));
        cluster["status"]["pgDataImageInfo"] = json!({ "majorVersion": 15 });
        assert_eq!(of(&cluster), Some(15));
    }
}
