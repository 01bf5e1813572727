//! `bulkhead audit`: what happened, and whether the record of it still holds.
//!
//! Everything in a record may be a stranger's: it is escaped before a terminal sees it.

mod drawn;

use std::time::Duration;

use super::{Chosen, Stop, runtime, said};
use crate::approval::draw::shown_json;
use crate::audit::{Kind, Record, verify};
use crate::config::{Environment, parse_duration};
use crate::failure::{self, Failure, chain};
use crate::proposal::Moment;
use crate::store::{Clock, Entry, Filter, Head, SqliteStore, Store as _, StoreError};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// List records, the newest last.
    List(List),
    /// Show one record whole.
    Show(Show),
    /// Walk the whole chain, and say where it does not hold.
    Verify(Verify),
    /// Print the head of the chain: keep it elsewhere, and give it to `verify` later.
    Head(Chosen),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    which: Which,
    /// With this outcome, such as `ok`, `denied`, `approved`, `applied`.
    #[arg(long, value_name = "WORD")]
    outcome: Option<String>,
    /// About this change.
    #[arg(long, value_name = "ID")]
    change: Option<String>,
    /// Of this kind.
    #[arg(long, value_parser = ["call", "denial", "proposal", "decision", "intent", "outcome", "lost"])]
    kind: Option<String>,
    /// At most so many, the newest.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: u32,
    /// A line of JSON for each record, as it is kept.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    chosen: Chosen,
}

/// What `list` and `denials` have in common.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// Not older than this: `30m`, `2h`, `7d`, `2026-11-21` or `2026-11-21T10:00:00Z`.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Since>,
    /// Of the plugin with this key.
    #[arg(long, value_name = "KEY")]
    plugin: Option<String>,
    /// Of this tool.
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// The record's number.
    seq: u64,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// A head that was printed before: finds also a chain that was cut or rewritten whole.
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<Head>,
    #[command(flatten)]
    chosen: Chosen,
}

/// A time that is given by itself or by how long ago it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Ago(Duration),
    At(Moment),
}

impl Which {
    /// Returns what asks the store for these.
    pub(super) fn filter(&self, limit: u32) -> Filter {
        let since = self.since.map(|since| match since {
            Since::At(time) => time,
            Since::Ago(ago) => {
                let now = Clock::system().wall();
                Moment(0).plus(now.since(Moment(0)).saturating_sub(ago))
            }
        });
        Filter {
            plugin: self.plugin.clone(),
            tool: self.tool.clone(),
            since,
            limit,
            ..Filter::default()
        }
    }
}

pub(super) fn run(audit: Audit, environment: &Environment) -> Result<(), Stop> {
    match audit {
        Audit::List(asked) => list(asked, environment),
        Audit::Show(asked) => show(&asked, environment),
        Audit::Verify(asked) => walk(&asked, environment),
        Audit::Head(chosen) => {
            let store = open(&chosen, environment)?;
            let head = runtime()?.block_on(store.head()).map_err(broken)?;
            println!("{head}");
            Ok(())
        }
    }
}

fn list(asked: List, environment: &Environment) -> Result<(), Stop> {
    let filter = Filter {
        outcome: asked.outcome,
        change: asked.change,
        kind: asked.kind,
        ..asked.which.filter(asked.limit)
    };
    let found = find(&asked.chosen, environment, filter)?;
    if !asked.json {
        println!("{}", drawn::HEADINGS);
    }
    for entry in found.iter().rev() {
        if asked.json {
            println!("{}", shown_json(&entry.body));
        } else {
            println!("{}", drawn::row(entry.seq, &read(entry)?));
        }
    }
    Ok(())
}

fn show(asked: &Show, environment: &Environment) -> Result<(), Stop> {
    let store = open(&asked.chosen, environment)?;
    let before = asked.seq.saturating_sub(1);
    let found = runtime()?
        .block_on(store.entries(before, 1))
        .map_err(broken)?;
    let Some(entry) = found.first().filter(|entry| entry.seq == asked.seq) else {
        return Err(said(
            Failure::new(
                failure::Kind::NotFound,
                format!("there is no record {}", asked.seq),
            )
            .fix("`bulkhead audit list` lists the newest ones"),
        ));
    };
    print!("{}", drawn::whole(entry, &read(entry)?));
    Ok(())
}

fn walk(asked: &Verify, environment: &Environment) -> Result<(), Stop> {
    let store = open(&asked.chosen, environment)?;
    let found = runtime()?
        .block_on(verify(&store, asked.head.as_ref()))
        .map_err(broken)?;
    if found.faults.is_empty() {
        println!("{} records, and the chain holds", found.records);
        println!("head {}", found.head);
        return Ok(());
    }
    for fault in &found.faults {
        println!("{fault}");
    }
    Err(said(
        Failure::new(
            failure::Kind::Conflict,
            format!("the audit of {} records does not hold", found.records),
        )
        .fix("keep the state folder as it is, as evidence, and find out who wrote to it"),
    ))
}

/// Asks the store for records, the newest first.
pub(super) fn find(
    chosen: &Chosen,
    environment: &Environment,
    filter: Filter,
) -> Result<Vec<Entry>, Stop> {
    let store = open(chosen, environment)?;
    runtime()?.block_on(store.find(&filter)).map_err(broken)
}

/// Reads a record out of its text.
pub(super) fn read(entry: &Entry) -> Result<Record, Stop> {
    serde_json::from_str(&entry.body).map_err(|_| {
        said(
            Failure::new(
                failure::Kind::Conflict,
                format!("record {} cannot be read", entry.seq),
            )
            .fix("`bulkhead audit verify` says whether it was tampered with"),
        )
    })
}

/// Of a kind that `denials` asks for.
pub(super) fn denials() -> Option<String> {
    Some(Kind::Denial.as_str().to_owned())
}

fn open(chosen: &Chosen, environment: &Environment) -> Result<SqliteStore, Stop> {
    let config = chosen.load(environment)?;
    Ok(SqliteStore::new(&config.directories.state, Clock::system()))
}

/// Nobody wanted a change here, so nothing is said of one.
fn broken(error: StoreError) -> Stop {
    said(Failure::new(failure::Kind::Upstream, chain(&error)).fix(error.fix()))
}

fn since(text: &str) -> Result<Since, String> {
    let days = text.strip_suffix('d').map(str::parse::<u16>);
    if let Some(Ok(days)) = days {
        return Ok(Since::Ago(Duration::from_hours(24 * u64::from(days))));
    }
    if let Ok(ago) = parse_duration(text) {
        return Ok(Since::Ago(ago));
    }
    let midnight = format!("{text}T00:00:00Z");
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| midnight.parse())
        .map_err(|_| {
            "write how long ago (`30m`, `2h`, `7d`) or when (`2026-11-21`, `2026-11-21T10:00:00Z`)"
                .to_owned()
        })?;
    let milliseconds = u64::try_from(time.as_millisecond()).unwrap_or(0);
    Ok(Since::At(Moment(milliseconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_given_as_a_date_or_as_how_long_ago() {
        for (text, meant) in [
            ("30m", Since::Ago(Duration::from_secs(1_800))),
            ("2h", Since::Ago(Duration::from_secs(7_200))),
            ("7d", Since::Ago(Duration::from_secs(604_800))),
            ("1970-01-02", Since::At(Moment(86_400_000))),
            ("1970-01-01T00:00:01Z", Since::At(Moment(1_000))),
            ("1969-01-01", Since::At(Moment(0))),
        ] {
            assert_eq!(since(text), Ok(meant), "{text}");
        }
        for wrong in ["", "yesterday", "2", "d", "-1d", "2026-13-01"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
