//! Which PostgreSQL a cluster runs: by the image that its pods get, where the operator has said it, else by what was asked for.

use super::Cluster;
use crate::image::{Image, Version};

impl Cluster {
    /// The image that its pods get; empty where neither status nor spec name one, as with a catalogue that has not been read yet.
    pub(crate) fn image(&self) -> &str {
        match self.object().text("/status/image") {
            "" => self.object().text("/spec/imageName"),
            image => image,
        }
    }

    /// The image that its data was last written under: another one than its pods get where a major upgrade has not happened yet, or has
    /// failed (`reconcileImage`, `internal/controller/cluster_image.go`).
    pub(crate) fn data_image(&self) -> &str {
        match self.object().text("/status/pgDataImageInfo/image") {
            "" => self.image(),
            image => image,
        }
    }

    /// The version that the tag of its image says; none where it says nothing.
    pub(crate) fn version(&self) -> Option<Version> {
        Image::of(self.image()).version()
    }

    /// The major version that it is to have; none where nothing tells it.
    pub(crate) fn major(&self) -> Option<u64> {
        match self.object().number("/spec/imageCatalogRef/major") {
            0 => match self.version() {
                Some(version) => Some(u64::from(version.major)),
                None => self.data_major(),
            },
            major => Some(major),
        }
    }

    /// The major version that its data directory has; none before the first image ran on it.
    pub(crate) fn data_major(&self) -> Option<u64> {
        let major = self.object().number("/status/pgDataImageInfo/majorVersion");
        (major > 0).then_some(major)
    }
}
