//! `list_postgres_scheduled_backups`: each schedule with what became of its backups, what is in trouble first.

use super::has_cluster;
use crate::cron::is_short;
use crate::kinds::{self, clusters};
use crate::place::{self, EVERYWHERE, NAMESPACE};
use crate::row;
use crate::schedule::{self, Histories, History, Schedule, State};
use crate::telling::known;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Place, Row, Time, Tool, context, order, when};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[OWN, NAMESPACE, EVERYWHERE, PAGE];
}

const OWN: &[Argument] = &[Argument::text(
    "cluster_name",
    "Only schedules of this cluster.",
)];

/// The most schedules in trouble that are explained.
const MOST_NOTES: usize = 5;

const COLUMNS: [&str; 12] = [
    "NAMESPACE",
    "NAME",
    "STATE",
    "CLUSTER",
    "SCHEDULE",
    "RUNS",
    "NEXT",
    "METHOD",
    "OWNER",
    "LAST",
    "PHASE",
    "LAST GOOD",
];

pub(super) fn tool() -> Tool {
    Tool::read_stored(
        "list_postgres_scheduled_backups",
        "Lists scheduled backups of CloudNativePG: cluster, the cron expression of six fields and what it means, whether suspended, \
         failing or late, when the next backup is due, and what became of the newest one. What is in trouble comes first, with the reason.",
        list,
    )
    .title("List scheduled backups")
}

fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose_wide(&values)?;
    let of = values.text("cluster_name");
    let limit = values.count("limit");
    let mut first = First::new(limit, values.text("continue"))?;
    let mut schedules = Vec::new();
    schedule::each(&place, &mut |schedule| {
        if of.is_none_or(|of| of == schedule.cluster) {
            schedules.push(schedule);
        }
    })?;
    let mut notes = Vec::new();
    let histories = known(
        &mut notes,
        "what became of their backups",
        Histories::read(&place),
    )?;
    let histories = histories.unwrap_or_default();
    let clusters = known(
        &mut notes,
        "whether their clusters are there",
        clusters_of(&place),
    )?;
    let now = context::now()?;
    let mut totals: Vec<Total> = Vec::new();
    let mut troubles = Vec::new();
    for schedule in &schedules {
        let history = histories.of(&schedule.namespace, &schedule.name);
        let has_cluster = clusters.as_deref().map(|all| {
            let mut all = all.iter();
            all.any(|row| row.text(0) == schedule.namespace && row.text(1) == schedule.cluster)
        });
        let state = schedule.state(history, has_cluster, now);
        tally(&mut totals, state.words());
        let key = format!("{}/{}/{}", state.rank(), schedule.namespace, schedule.name);
        first.add(key, || cells(schedule, state, history, &place, now));
        if let Some(trouble) = trouble(schedule, state, history, now) {
            troubles.push((state, format!("{}: {trouble}", schedule.name)));
        }
    }
    let named = kinds::named("scheduledbackups");
    let mut listing = Listing::new(named, &place, totals, &COLUMNS, limit);
    let page = first.page();
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    order::by(&mut troubles, |(state, _)| *state);
    let more = troubles.len().saturating_sub(MOST_NOTES);
    for (_, trouble) in troubles.into_iter().take(MOST_NOTES) {
        listing.note(trouble);
    }
    if more > 0 {
        listing.note(format!("{more} more are in trouble, see STATE"));
    }
    for note in notes {
        listing.note(note);
    }
    if let Some(name) = of
        && schedules.is_empty()
        && has_cluster(&place, name)?
    {
        listing.note("the cluster has no schedule; create_postgres_scheduled_backup proposes one");
    }
    Ok(listing.in_words())
}

/// Reads which clusters there are: namespace and name.
fn clusters_of(place: &Place) -> Result<Vec<Row>, Failure> {
    row::all(
        &place.query(clusters()),
        &["metadata.namespace", "metadata.name"],
    )
}

fn cells(
    schedule: &Schedule,
    state: State,
    history: Option<&History>,
    place: &Place,
    now: Time,
) -> Vec<String> {
    let namespace = if place.is_everywhere() {
        schedule.namespace.as_str()
    } else {
        ""
    };
    let next = match state {
        State::Late => "late".to_owned(),
        State::Invalid | State::NoCluster => String::new(),
        State::Failing | State::Suspended | State::New | State::Active => {
            when::from(now, schedule.next())
        }
    };
    let method = match schedule.plugin.as_str() {
        "" => schedule.method.clone(),
        plugin => format!("plugin {plugin}"),
    };
    let runs = match state {
        State::Invalid => String::new(),
        State::NoCluster
        | State::Failing
        | State::Late
        | State::Suspended
        | State::New
        | State::Active => schedule.words(),
    };
    vec![
        namespace.to_owned(),
        schedule.name.clone(),
        state.words().to_owned(),
        schedule.cluster.clone(),
        schedule.cron.clone(),
        runs,
        next,
        method,
        schedule.owner.clone(),
        when::from(now, schedule.last),
        history
            .map(|history| history.phase().to_owned())
            .unwrap_or_default(),
        history
            .map(|history| history.last_good(now))
            .unwrap_or_default(),
    ]
}

/// Returns what a person should know of it; none where all is well.
fn trouble(
    schedule: &Schedule,
    state: State,
    history: Option<&History>,
    now: Time,
) -> Option<String> {
    let of_backups =
        || history.map_or_else(|| "it has made no backup".to_owned(), |it| it.words(now));
    let words = match state {
        State::Invalid => format!("it makes no backup: {}", schedule.fault()),
        State::NoCluster => format!(
            "there is no cluster `{}`: each of its backups waits for it",
            schedule.cluster
        ),
        State::Failing => of_backups(),
        State::Late => format!(
            "it should have made a backup {} ago: the operator does not run, or finds no CRD of volume snapshots; {}",
            schedule
                .next()
                .map(|next| now.age(next))
                .unwrap_or_default(),
            of_backups()
        ),
        State::Suspended => format!("it is suspended; {}", of_backups()),
        State::New | State::Active if is_short(&schedule.cron) => format!(
            "`{}` has five fields: the operator takes the first one as seconds, so it runs {}",
            schedule.cron,
            schedule.words()
        ),
        State::New | State::Active => return None,
    };
    Some(words)
}
