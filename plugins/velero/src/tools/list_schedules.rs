//! `list_velero_schedules`: each schedule with what became of its backups, what is in trouble first.

use crate::phase::shown;
use crate::place::{self, NAMESPACE};
use crate::schedule::{Histories, History, Schedule, State, all};
use crate::spec;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::listing::{Listing, Total, tally};
use bulkhead_plugin_sdk::paging::First;
use bulkhead_plugin_sdk::{Failure, Output, Time, Tool, context, order, when};

/// The most schedules in trouble that are explained.
const MOST_NOTES: usize = 5;

pub(crate) enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, PAGE];
}

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "list_velero_schedules",
        "Lists Velero's schedules: cron expression, whether paused, failing or late, when the next backup is due, which \
         namespaces, the newest backup of each and the newest good one. What is in trouble comes first. Reads all schedules \
         and all backups.",
        list,
    )
    .title("List schedules")
}

pub(crate) fn list(given: Given<Arguments>) -> Result<Output<Listing>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let limit = values.count("limit");
    let mut first = First::new(limit, values.text("continue"))?;
    let schedules = all(&place.namespace)?;
    let histories = Histories::read(&place.namespace)?;
    let now = context::now()?;
    let mut totals: Vec<Total> = Vec::new();
    let mut notes = Vec::new();
    for schedule in &schedules {
        let history = histories.of(&schedule.name);
        let state = schedule.state(history, now);
        tally(&mut totals, state.words());
        let key = format!("{}/{}", state.rank(), schedule.name);
        first.add(key, || cells(schedule, state, history, now));
        if state < State::Paused
            && let Some(trouble) = schedule.trouble(history, now)
        {
            notes.push((state, format!("{}: {trouble}", schedule.name)));
        }
    }
    let columns = [
        "NAME",
        "STATE",
        "SCHEDULE",
        "NEXT",
        "NAMESPACES",
        "WITHOUT",
        "LOCATION",
        "TTL",
        "LAST",
        "LAST BACKUP",
        "PHASE",
        "LAST GOOD",
        "LAST GOOD BACKUP",
        "SKIPPED",
    ];
    let mut listing = Listing::new(
        crate::kinds::named("schedules"),
        &place,
        totals,
        &columns,
        limit,
    );
    let page = first.page();
    for (token, cells) in page.rows {
        listing.row(token, cells);
    }
    listing.follow(page.remaining);
    order::by(&mut notes, |(state, _)| *state);
    let more = notes.len().saturating_sub(MOST_NOTES);
    for (_, note) in notes.into_iter().take(MOST_NOTES) {
        listing.note(note);
    }
    if more > 0 {
        listing.note(format!("{more} more are in trouble, see STATE"));
    }
    Ok(listing.in_words())
}

fn cells(schedule: &Schedule, state: State, history: Option<&History>, now: Time) -> Vec<String> {
    let newest = history.map(|history| &history.newest);
    let good = history.and_then(|history| history.good.as_ref());
    let other = good.filter(|good| newest.is_some_and(|newest| newest.name != good.name));
    let next = match state {
        State::Late => "late".to_owned(),
        State::Invalid => String::new(),
        State::Failing | State::PartiallyFailing | State::Paused | State::New | State::Enabled => {
            when::from(now, schedule.next())
        }
    };
    vec![
        schedule.name.clone(),
        state.words().to_owned(),
        schedule.cron.clone(),
        next,
        spec::all_or(&schedule.included),
        listed(&schedule.excluded),
        schedule.location.clone(),
        schedule.ttl.clone(),
        when::from(now, schedule.last_backup),
        newest.map(|newest| newest.name.clone()).unwrap_or_default(),
        newest
            .map(|newest| shown(&newest.phase).to_owned())
            .unwrap_or_default(),
        when::from(now, other.and_then(|good| good.began)),
        other.map(|good| good.name.clone()).unwrap_or_default(),
        when::from(now, schedule.last_skipped),
    ]
}
