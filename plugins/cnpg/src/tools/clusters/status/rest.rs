//! Certificates, version and what is pending, roles, conditions.

use super::View;
use crate::certificate;
use crate::image::Image;
use crate::instances::Instance;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::when;

pub(super) fn certificates(view: &mut View<'_>) {
    let certificates = certificate::of(view.cluster);
    let (document, now) = (&mut view.document, view.now);
    document.section("certificates");
    // They come by their time: the first is enough where nothing is wrong, and what is wrong has a note.
    let shown = if view.detailed { certificates.len() } else { 1 };
    for certificate in certificates.iter().take(shown) {
        document.fact(&certificate.secret, certificate.words(now));
    }
    if certificates.len() > shown {
        let more = certificates.len() - shown;
        document.fact(
            "more",
            format!("{more} that expire later; list_postgres_certificates"),
        );
    }
}

pub(super) fn version(view: &mut View<'_>, instances: Option<&[Instance]>) {
    let (cluster, document) = (view.cluster, &mut view.document);
    let object = cluster.object();
    document.section("version");
    document.fact(
        "PostgreSQL",
        cluster
            .version()
            .map_or_else(|| "not in the image's tag".to_owned(), |it| it.to_string()),
    );
    document.fact("image", cluster.image());
    let catalogue = object.part("/spec/imageCatalogRef");
    if !catalogue.0.is_null() {
        document.fact(
            "from",
            format!(
                "{} {}, major version {}",
                catalogue.text("/kind"),
                catalogue.text("/name"),
                catalogue.number("/major")
            ),
        );
    }
    if let Some((wanted, data)) = cluster.major().zip(cluster.data_major())
        && wanted != data
    {
        document.fact(
            "pending",
            format!("the data is of major version {data}, an upgrade to {wanted} is not done"),
        );
    }
    let instances = instances.unwrap_or_default();
    let other: Vec<_> = instances
        .iter()
        .filter(|one| {
            !one.image.is_empty() && one.image != cluster.image() && !cluster.image().is_empty()
        })
        .map(|one| match Image::of(&one.image).version() {
            Some(version) => format!("{} ({version})", one.name),
            None => one.name.clone(),
        })
        .collect();
    if !other.is_empty() {
        document.fact("on another image", listed(&other));
    }
    // `checkClusterHasDifferentRestartAnnotation` of the operator's rollout.
    let asked = object.text("/metadata/annotations/kubectl.kubernetes.io~1restartedAt");
    let waiting: Vec<_> = instances
        .iter()
        .filter(|one| one.restarted_at != asked && !asked.is_empty())
        .map(|one| one.name.clone())
        .collect();
    if !waiting.is_empty() {
        document.fact(
            "restart pending",
            format!("asked for at {asked}: {}", listed(&waiting)),
        );
    }
    let operator = object.text("/status/cloudNativePGCommitHash");
    if view.detailed {
        document.fact(
            "pending parameters",
            "whether a changed parameter waits for a restart is known to the instances alone, and not in the Kubernetes API",
        );
        document.fact("operator's commit", operator);
        document.fact(
            "primary is updated",
            format!(
                "{} by {}",
                object.text("/spec/primaryUpdateStrategy"),
                object.text("/spec/primaryUpdateMethod")
            ),
        );
    }
}

pub(super) fn roles(view: &mut View<'_>) {
    let (cluster, document) = (view.cluster, &mut view.document);
    document.section("roles");
    for (role, why) in cluster.cannot_reconcile() {
        document.fact(&role, why);
    }
    let states = cluster.object().part("/status/managedRolesStatus/byStatus");
    document.fact(
        "not there yet",
        listed(&states.texts("/pending-reconciliation")),
    );
    if view.detailed {
        document.fact("as they are written", listed(&states.texts("/reconciled")));
        document.fact("not managed", listed(&states.texts("/not-managed")));
    }
}

/// Those that are false, or all of them.
pub(super) fn conditions(view: &mut View<'_>) {
    let (now, document) = (view.now, &mut view.document);
    document.section("conditions");
    for condition in view.cluster.object().items("/status/conditions") {
        let status = condition.text("/status");
        if status == "True" && !view.detailed {
            continue;
        }
        let since = when::from(now, condition.time("/lastTransitionTime"));
        let words = format!(
            "{status}, {}, {since}: {}",
            condition.text("/reason"),
            condition.text("/message")
        );
        document.fact(condition.text("/type"), words);
    }
}
