//! What an upgrade writes: the name of an image, or the number in a reference to a catalogue.

use super::super::unchanged;
use crate::cluster::Cluster;
use crate::image::{Image, Version, own};
use crate::kinds::cnpg;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use bulkhead_plugin_sdk::{Failure, Object, Place, Row};
use serde_json::{Value, json};

/// What is to be written, and what comes of it.
pub(super) struct Step {
    /// A JSON patch of the number or the name of the image, with a test of what stands there.
    pub(super) patch: Value,
    /// The image that instances will run; none where the catalogue could not be read.
    pub(super) image: Option<String>,
    /// Whether it would take back a major upgrade that has not happened.
    pub(super) goes_back: bool,
    /// What to know of the image.
    pub(super) notes: Vec<String>,
}

impl Step {
    /// From where a cluster is to a version.
    ///
    /// # Errors
    /// `Invalid` for a way back, for an image that is not the operator's own, and for what a catalogue does not have; `Conflict` where
    /// nothing would change.
    pub(super) fn to(place: &Place, cluster: &Cluster, version: Version) -> Result<Self, Failure> {
        if is_named(cluster.object()) {
            by_image(place, cluster, version)
        } else {
            by_catalogue(place, cluster, version)
        }
    }
}

/// Whether the spec is to name the image, and no catalogue.
pub(super) fn is_named(cluster: Object<'_>) -> bool {
    cluster.part("/spec/imageCatalogRef").0.is_null()
}

/// The major version of the data; of a cluster whose operator does not say it, that of its image.
pub(super) fn data_major(cluster: Object<'_>) -> u64 {
    match cluster.number("/status/pgDataImageInfo/majorVersion") {
        0 => Image::of(image_of(cluster))
            .version()
            .map_or(0, |version| version.major.into()),
        major => major,
    }
}

/// The image that was asked for, else the one that the operator has chosen.
fn image_of(cluster: Object<'_>) -> &str {
    match cluster.text("/spec/imageName") {
        "" => cluster.text("/status/image"),
        image => image,
    }
}

fn by_image(place: &Place, found: &Cluster, version: Version) -> Result<Step, Failure> {
    let (name, cluster) = (found.name(), found.object());
    let current = image_of(cluster);
    let image = Image::of(current);
    let refused = |why: &str| {
        let what = format!("cluster `{name}` {} runs `{current}`, {why}", place.words);
        Failure::invalid(what).next_step(
            "tell the user: which image holds another version, a person decides, in spec.imageName",
        )
    };
    if !image.is_own() {
        return Err(refused("which is not one of the operator's own images"));
    }
    let now = image
        .version()
        .ok_or_else(|| refused("whose tag says no version"))?;
    if image.build().is_empty() {
        return Err(refused(
            "whose tag names no distribution: on another one text may sort otherwise, which breaks indexes",
        ));
    }
    let wanted = own(version, image.build());
    if wanted == current {
        return Err(unchanged(
            place,
            name,
            &format!("runs PostgreSQL {version}"),
        ));
    }
    refuse_older(cluster, now, version)?;
    let is_unknown = now.major == version.major && now.minor.is_none() && version.minor.is_some();
    let note = "not known: whether that is an older minor version: its image's tag names none";
    let notes = is_unknown.then(|| note.to_owned());
    let patch = replaced("/spec/imageName", cluster, &json!(wanted));
    Ok(Step {
        patch,
        image: Some(wanted),
        goes_back: now.major > version.major,
        notes: notes.into_iter().collect(),
    })
}

/// Refuses a version before the one that the data has, and a minor one before that of the image.
fn refuse_older(cluster: Object<'_>, now: Version, version: Version) -> Result<(), Failure> {
    let data = data_major(cluster);
    let is_older_minor = now.major == version.major && version.minor.is_some() && version < now;
    if u64::from(version.major) >= data && !is_older_minor {
        return Ok(());
    }
    let from = if is_older_minor {
        now.to_string()
    } else {
        data.to_string()
    };
    let name = cluster.text("/metadata/name");
    let what =
        format!("cluster `{name}` has PostgreSQL {from}, and there is no way back to {version}");
    Err(Failure::invalid(what).next_step(
        "restore_postgres_cluster makes a new cluster from an older backup, if there is one",
    ))
}

fn by_catalogue(place: &Place, found: &Cluster, version: Version) -> Result<Step, Failure> {
    let (name, cluster) = (found.name(), found.object());
    let reference = cluster.part("/spec/imageCatalogRef");
    let (kind, catalogue) = (reference.text("/kind"), reference.text("/name"));
    let from = reference.number("/major");
    if version.minor.is_some() {
        return Err(Failure::invalid(format!(
            "cluster `{name}` {} takes its images from {kind} `{catalogue}`, which decides on minor versions",
            place.words
        ))
        .next_step("give a major version alone, or have a person change the catalogue"));
    }
    if u64::from(version.major) == from {
        let how = format!("follows {kind} `{catalogue}` for PostgreSQL {version}");
        return Err(unchanged(place, name, &how));
    }
    let now = Version {
        major: u32::try_from(from).unwrap_or_default(),
        minor: None,
    };
    refuse_older(cluster, now, version)?;
    let of = match kind {
        "ClusterImageCatalog" => ObjectRef::of_cluster(cnpg("clusterimagecatalogs"), catalogue),
        _ => ObjectRef::in_namespace(cnpg("imagecatalogs"), &place.namespace, catalogue),
    };
    let mut notes = Vec::new();
    let image = match kubernetes::get_fields(&of, &["spec.images[*].major", "spec.images[*].image"])
    {
        Ok(images) => Some(image_in(&Row::of(images), kind, catalogue, version)?),
        Err(Failure::Denied(_)) => {
            notes.push(format!(
                "not known: whether {kind} `{catalogue}` has PostgreSQL {version} (denied)"
            ));
            None
        }
        Err(other) => return Err(other),
    };
    if let Some(image) = &image {
        notes.push(format!("{kind} `{catalogue}` has `{image}` for it"));
    }
    let patch = replaced(
        "/spec/imageCatalogRef/major",
        cluster,
        &version.major.into(),
    );
    Ok(Step {
        patch,
        image,
        goes_back: now.major > version.major,
        notes,
    })
}

/// Finds the image of a major version among the two lists of a catalogue.
fn image_in(
    images: &Row,
    kind: &str,
    catalogue: &str,
    version: Version,
) -> Result<String, Failure> {
    let majors = images.value(0).as_array().into_iter().flatten();
    let majors: Vec<_> = majors
        .map(|major| major.as_u64().unwrap_or_default())
        .collect();
    let found = majors
        .iter()
        .position(|major| *major == u64::from(version.major));
    let image = found.and_then(|at| images.texts(1).into_iter().nth(at));
    image.ok_or_else(|| {
        let majors: Vec<_> = majors.iter().map(u64::to_string).collect();
        let what = format!("{kind} `{catalogue}` has no image of PostgreSQL {version}");
        Failure::invalid(what).next_step(&format!("name one of {}", majors.join(", ")))
    })
}

/// Writes a value in place of the one that was looked at.
fn replaced(path: &str, cluster: Object<'_>, value: &Value) -> Value {
    let now = cluster.part(path).0;
    if now.is_null() {
        return json!([{ "op": "add", "path": path, "value": value }]);
    }
    json!([
        { "op": "test", "path": path, "value": now },
        { "op": "replace", "path": path, "value": value },
    ])
}

#[cfg(test)]
mod tests {
    use super::{Version, refuse_older};
    use bulkhead_plugin_sdk::Object;
    use serde_json::json;

    fn refused(data: u64, image: &str, to: &str) -> bool {
        let cluster = json!({
            "metadata": { "name": "orders" }, "status": { "pgDataImageInfo": { "majorVersion": data } },
        });
        let version = |text| Version::parse(text).expect("it is one");
        refuse_older(Object(&cluster), version(image), version(to)).is_err()
    }

    #[test]
    fn there_is_no_way_back_but_from_an_upgrade_that_has_not_happened() {
        assert!(refused(17, "17.6", "16.10"));
        assert!(refused(17, "17.6", "17.5"));
        assert!(!refused(17, "17.6", "17.7"));
        assert!(!refused(17, "17.6", "18.1"));
        assert!(
            !refused(17, "17.6", "17"),
            "the tag that moves is the newest"
        );
        assert!(!refused(17, "18.1", "17.6"), "the data is still of 17");
        assert!(refused(18, "18.1", "17.6"));
    }
}
