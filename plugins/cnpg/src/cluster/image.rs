//! Which PostgreSQL a cluster runs: by the image that its pods get, where the operator has said it, else by what was asked for.
//!
//! The version is in the image's tag (`version.FromTag` of the operator's machinery); an image without one, or named by its digest
//! only, tells none.

use super::Cluster;

impl Cluster {
    /// The image that its pods get; empty where neither status nor spec name one, as with a catalogue that has not been read yet.
    pub(crate) fn image(&self) -> &str {
        match self.object().text("/status/image") {
            "" => self.object().text("/spec/imageName"),
            image => image,
        }
    }

    /// The version, such as `17.7`; empty where no image tells it.
    pub(crate) fn version(&self) -> &str {
        version_of(self.image())
    }

    /// The major version that it is to have; none where nothing tells it.
    pub(crate) fn major(&self) -> Option<u64> {
        match self.object().number("/spec/imageCatalogRef/major") {
            0 => major_of(self.image()).or_else(|| self.data_major()),
            major => Some(major),
        }
    }

    /// The major version that its data directory has; none before the first image ran on it.
    pub(crate) fn data_major(&self) -> Option<u64> {
        let major = self.object().number("/status/pgDataImageInfo/majorVersion");
        (major > 0).then_some(major)
    }
}

/// Returns the version in an image's tag, such as `17.7` of `…/postgresql:17.7-system-trixie@sha256:…`; empty where there is none.
pub(crate) fn version_of(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    // A port of the registry is before a slash, a tag is not.
    let name = image.rsplit('/').next().unwrap_or_default();
    let Some((_, tag)) = name.split_once(':') else {
        return "";
    };
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.');
    let version = end.and_then(|end| tag.get(..end)).unwrap_or(tag);
    version.trim_end_matches('.')
}

/// Returns the major version in an image's tag.
pub(crate) fn major_of(image: &str) -> Option<u64> {
    version_of(image).split('.').next()?.parse().ok()
}
