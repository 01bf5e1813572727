//! `list_postgres_certificates`: the certificates of one cluster or of all there, the first to expire first.

use crate::certificate::{self, Certificate, Validity};
use crate::cluster::Cluster;
use crate::format::{self, FORMAT};
use crate::place::{self, EVERYWHERE, NAMESPACE};
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Time, Tool, context, when};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME_OR_ALL, NAMESPACE, EVERYWHERE, FORMAT, PAGE];
}

const NAME_OR_ALL: &[Argument] = &[Argument::text(
    "cluster_name",
    "Only those of this cluster.",
)];

/// The most notes about what to do.
const MOST_NOTES: usize = 5;

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_certificates",
        "Lists the certificates of PostgreSQL clusters of CloudNativePG: Secret, what it is for, when it expires, and who renews it: \
         the operator its own, a person those that the spec names. The first to expire comes first.",
        list,
    )
    .title("List certificates of PostgreSQL")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let limit = values.count("limit");
    let mut first = First::new(limit, values.text("continue"))?;
    let mut totals: Vec<Total> = Vec::new();
    let mut next: Vec<String> = Vec::new();
    let now = context::now()?;
    let mut add = |cluster: &Cluster| {
        for certificate in certificate::of(cluster) {
            tally(&mut totals, state(&certificate, now));
            // Ten digits hold every time that a certificate has; what has none comes last.
            let expires = certificate.expires.map_or(9_999_999_999, Time::seconds);
            let key = format!(
                "{expires:010}/{}/{}/{}",
                cluster.namespace(),
                cluster.name(),
                certificate.secret
            );
            let step = certificate.next_step(now);
            if !step.is_empty() {
                next.push(format!(
                    "{} of {}: {step}",
                    certificate.secret,
                    cluster.name()
                ));
            }
            first.add(key, || cells(cluster, &certificate, now));
        }
    };
    let place = match values.text("cluster_name") {
        Some(name) => {
            if values.is_on("all_namespaces") {
                let what = "`cluster_name` names one cluster, and `all_namespaces` is set";
                return Err(Failure::invalid(what).next_step("leave one of them out"));
            }
            let place = place::choose(&values);
            add(&Cluster::find(&place, name)?);
            place
        }
        None => {
            let place = place::choose_wide(&values)?;
            Cluster::each(&place, &mut |cluster| {
                add(&cluster);
                Ok(())
            })?;
            place
        }
    };
    let columns = [
        "CLUSTER",
        "NAMESPACE",
        "SECRET",
        "FOR",
        "EXPIRES",
        "STATE",
        "RENEWED BY",
    ];
    let mut listing = Listing::new("certificates", &place, totals, &columns, limit);
    let page = first.page();
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    for step in next.iter().take(MOST_NOTES) {
        listing.note(step.as_str());
    }
    format::answer(&values, listing.in_words())
}

fn cells(cluster: &Cluster, certificate: &Certificate, now: Time) -> Vec<String> {
    let expires = when::at(now, certificate.expires);
    vec![
        cluster.name().to_owned(),
        cluster.namespace().to_owned(),
        certificate.secret.clone(),
        certificate.purposes.join(", "),
        if expires.is_empty() {
            "not known".to_owned()
        } else {
            expires
        },
        state(certificate, now).to_owned(),
        if certificate.is_provided {
            "a person"
        } else {
            "the operator"
        }
        .to_owned(),
    ]
}

fn state(certificate: &Certificate, now: Time) -> &'static str {
    let is_over = certificate.expires.is_some_and(|expires| expires <= now);
    match certificate.validity(now) {
        Validity::Urgent if is_over => "Expired",
        Validity::Urgent | Validity::Soon => "Expiring",
        Validity::Renewing => "Renewing",
        Validity::Good => "Valid",
        Validity::Unknown => "Unknown",
    }
}
