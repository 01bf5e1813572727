//! The volumes: what each instance has, and which claims are odd.

use super::View;
use crate::claims;
use crate::phase::NO_SPACE;
use bulkhead_plugin_sdk::Failure;

/// Says it, with the claims where they may be read.
pub(super) fn say(view: &mut View<'_>) -> Result<(), Failure> {
    let (cluster, document) = (view.cluster, &mut view.document);
    document.section("storage");
    let wal = match cluster.wal_size() {
        "" => String::new(),
        wal => format!(", {wal} of WAL"),
    };
    document.fact(
        "per instance",
        format!("{} of data{wal}", cluster.storage_size()),
    );
    if cluster
        .object()
        .text("/spec/storage/storageClass")
        .is_empty()
    {
        document.fact("class", "the default one");
    } else {
        document.fact("class", cluster.object().text("/spec/storage/storageClass"));
    }
    let mut found = Vec::new();
    let read = claims::of(cluster).map(|claims| found = claims);
    if document.known("its claims", read)? {
        let mut odd = 0;
        for claim in &found {
            let words = claim.odd(cluster);
            if !words.is_empty() {
                odd += 1;
                document.fact(&claim.name, format!("{}: {words}", claim.words()));
            } else if view.detailed {
                document.fact(&claim.name, claim.words());
            }
        }
        let well = found.len() - odd;
        document.fact(
            "claims",
            match odd {
                0 => format!("{well}, each Bound and of the size that is asked for"),
                odd => format!("{}, of them {odd} odd", found.len()),
            },
        );
    }
    document.fact("use", if cluster.phase() == NO_SPACE {
        "full: the operator found no space on the volume of an instance"
    } else {
        "how full the volumes are is not in the Kubernetes API; get_postgres_metrics has it where Prometheus scrapes the kubelets"
    });
    Ok(())
}
