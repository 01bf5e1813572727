//! `get_velero_status`: the first question of whoever is on call. What is wrong comes first.

mod installation;
mod namespaces;

use crate::backup::{self, Backup};
use crate::kinds::velero;
use crate::location;
use crate::phase::{Meaning, shown};
use crate::place::{self, NAMESPACE};
use crate::row;
use crate::schedule::{self, Histories, State};
use crate::stuck::Work;
use bulkhead_plugin_sdk::arguments::{Argument, Given, Takes};
use bulkhead_plugin_sdk::document::{Document, listed};
use bulkhead_plugin_sdk::kubernetes::Query;
use bulkhead_plugin_sdk::listing::{Total, sort, tally};
use bulkhead_plugin_sdk::{Failure, Output, Row, Time, Tool, context, order};

/// The most schedules and namespaces that are named; the others are counted.
const MOST: usize = 12;

/// The most stuck objects of a type that are named.
const MOST_STUCK: usize = 8;

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE];
}

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "get_velero_status",
        "Says how an installation of Velero is, what is wrong first: storage locations, schedules that fail, are late or paused, \
         what is stuck, the newest good backup of each namespace with the oldest first, the server's version. Call it first; then \
         check_velero_coverage for what is not backed up. Reads all backups, field by field.",
        get,
    )
    .title("Velero's status")
}

fn get(given: Given<Arguments>) -> Result<Output<Document>, Failure> {
    let place = place::choose(given.values.text("namespace"))?;
    let now = context::now()?;
    let mut found = Found {
        document: Document::new(crate::kinds::GROUP.to_owned(), "status", &place),
        namespace: &place.namespace,
        now,
        summary: Vec::new(),
    };
    found.locations()?;
    let Backups {
        histories,
        totals,
        stuck,
        deleting,
    } = found.backups()?;
    found.schedules(&histories)?;
    found.stuck(stuck, deleting)?;
    found.namespaces()?;
    found.document.section("backups");
    for total in &totals {
        let objects = total.objects.to_string();
        found.document.fact(&total.phase, objects);
    }
    found.installation()?;
    found.document.note("check_velero_coverage says what is not backed up often enough and why; get_velero_backup and get_velero_restore tell more of one");
    let summary = found.summary.join("; ");
    found.document.summary(summary);
    Ok(found.document.in_words())
}

/// What was found so far.
struct Found<'a> {
    document: Document,
    namespace: &'a str,
    now: Time,
    summary: Vec<String>,
}

/// What one pass over all backups finds.
struct Backups {
    histories: Histories,
    /// How many are in which phase.
    totals: Vec<Total>,
    stuck: Few,
    /// The names of those that are `Deleting`.
    deleting: Vec<String>,
}

/// Names and what is so of them; those that are too many are counted.
struct Few {
    shown: Vec<(String, String)>,
    room: usize,
    others: usize,
}

impl Few {
    fn new(room: usize) -> Self {
        Self {
            shown: Vec::new(),
            room,
            others: 0,
        }
    }

    /// Makes room for so many more, of whatever comes next.
    fn make_room(&mut self, room: usize) {
        self.room = room;
    }

    fn add(&mut self, name: String, words: String) {
        match self.room {
            0 => self.others += 1,
            room => {
                self.room = room - 1;
                self.shown.push((name, words));
            }
        }
    }

    fn count(&self) -> usize {
        self.shown.len() + self.others
    }

    fn tell(self, document: &mut Document) {
        for (name, words) in self.shown {
            document.fact(&name, words);
        }
        if self.others > 0 {
            document.fact("others", self.others.to_string());
        }
    }
}

impl Found<'_> {
    fn query(&self, plural: &str) -> Query {
        Query::in_namespace(velero(plural), self.namespace)
    }

    fn locations(&mut self) -> Result<(), Failure> {
        let mut locations = Vec::new();
        let read = location::all(self.namespace).map(|read| locations = read);
        if !self.document.known("storage locations", read)? {
            return Ok(());
        }
        let mut troubles = Few::new(MOST);
        for location in &locations {
            if let Some(trouble) = location.trouble(self.now) {
                troubles.add(location.name.clone(), trouble);
            }
        }
        self.summary.push(format!(
            "{} storage locations, {} in trouble",
            locations.len(),
            troubles.count()
        ));
        self.document.section("storage locations in trouble");
        troubles.tell(&mut self.document);
        Ok(())
    }

    /// One pass over all backups: what became of each schedule's, how many are in which phase, and which are stuck.
    fn backups(&mut self) -> Result<Backups, Failure> {
        let mut histories = Histories::default();
        let mut totals = Vec::new();
        let mut stuck = Few::new(MOST_STUCK);
        let mut deleting = Vec::new();
        let mut paths = backup::PATHS.to_vec();
        let others = paths.len();
        paths.push("spec.itemOperationTimeout");
        let now = self.now;
        row::each(&backup::query(self.namespace, None)?, &paths, &mut |row| {
            let backup = Backup::read(&row);
            tally(&mut totals, shown(&backup.phase));
            let work = Work {
                phase: &backup.phase,
                asked: backup.asked,
                began: backup.began,
                timeout: row.text(others),
            };
            if let Some(why) = work.stuck(now) {
                stuck.add(format!("backup {}", backup.name), why);
            }
            if backup.meaning() == Meaning::Deleting {
                deleting.push(backup.name.clone());
            }
            histories.add(backup);
            Ok(())
        })?;
        sort(&mut totals);
        let count: usize = totals.iter().map(|total: &Total| total.objects).sum();
        self.summary.push(format!("{count} backups"));
        Ok(Backups {
            histories,
            totals,
            stuck,
            deleting,
        })
    }

    fn schedules(&mut self, histories: &Histories) -> Result<(), Failure> {
        let mut schedules = Vec::new();
        let read = schedule::all(self.namespace).map(|read| schedules = read);
        if !self.document.known("schedules", read)? {
            return Ok(());
        }
        let state =
            |schedule: &schedule::Schedule| schedule.state(histories.of(&schedule.name), self.now);
        order::by(&mut schedules, state);
        let bad = schedules
            .iter()
            .filter(|one| state(one) < State::Paused)
            .count();
        let paused = schedules
            .iter()
            .filter(|one| state(one) == State::Paused)
            .count();
        self.summary.push(format!(
            "{} schedules, {bad} in trouble, {paused} paused",
            schedules.len()
        ));
        let mut troubles = Few::new(MOST);
        for schedule in &schedules {
            let history = histories.of(&schedule.name);
            if let Some(trouble) = schedule.trouble(history, self.now) {
                let words = format!("{}: {trouble}", state(schedule).words());
                troubles.add(schedule.name.clone(), words);
            }
        }
        self.document.section("schedules in trouble or paused");
        troubles.tell(&mut self.document);
        Ok(())
    }

    /// Restores and requests to delete a backup can be stuck as backups can. A backup whose deletion failed stays `Deleting`, and
    /// its request is gone after a day.
    fn stuck(&mut self, mut stuck: Few, mut deleting: Vec<String>) -> Result<(), Failure> {
        let paths = [
            "metadata.name",
            "metadata.creationTimestamp",
            "status.phase",
            "status.startTimestamp",
            "spec.itemOperationTimeout",
            "spec.backupName",
            "status.errors",
        ];
        let now = self.now;
        stuck.make_room(MOST_STUCK);
        let read = row::each(&self.query("restores"), &paths, &mut |row| {
            if let Some(why) = work(&row).stuck(now) {
                stuck.add(format!("restore {}", row.text(0)), why);
            }
            Ok(())
        });
        self.document.known("restores", read)?;
        stuck.make_room(MOST_STUCK);
        let deletions = self.query("deletebackuprequests");
        let read = row::each(&deletions, &paths, &mut |row| {
            deleting.retain(|backup| backup != row.text(5));
            let errors = row.texts(6);
            let why = match errors.is_empty() {
                true => work(&row).stuck_deletion(now),
                false => Some(format!("failed: {}", listed(&errors))),
            };
            if let Some(why) = why {
                stuck.add(format!("deletion of backup {}", row.text(5)), why);
            }
            Ok(())
        });
        if self.document.known("requests to delete backups", read)? {
            for backup in deleting {
                let why = "Deleting, and there is no request to delete it: that has failed; delete_velero_backup proposes another";
                stuck.add(format!("backup {backup}"), why.to_owned());
            }
        }
        if stuck.count() > 0 {
            self.summary.push(format!("{} stuck", stuck.count()));
        }
        self.document.section("stuck");
        stuck.tell(&mut self.document);
        Ok(())
    }
}

fn work(row: &Row) -> Work<'_> {
    Work {
        phase: row.text(2),
        asked: row.time(1),
        began: row.time(3),
        timeout: row.text(4),
    }
}
