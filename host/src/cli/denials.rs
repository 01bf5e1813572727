//! `bulkhead denials`: what the gate refused, each with the grant that would allow it.

use super::audit::{Which, denials, find, read};
use super::{Chosen, Stop};
use crate::audit::Record;
use crate::change::records::MORE_DENIALS;
use crate::config::Environment;
use crate::escape;
use crate::proposal::Moment;
use crate::store::Filter;

/// So many records are looked through; what is alike in them is shown once.
const RECORDS: u32 = 10_000;

#[derive(Debug, clap::Args)]
pub(super) struct Denials {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    chosen: Chosen,
}

pub(super) fn run(asked: &Denials, environment: &Environment) -> Result<(), Stop> {
    let filter = Filter {
        kind: denials(),
        ..asked.which.filter(RECORDS)
    };
    let found = find(&asked.chosen, environment, filter)?;
    let records: Vec<Record> = found.iter().rev().map(read).collect::<Result<_, _>>()?;
    if records.is_empty() {
        println!("nothing was denied");
    }
    for denied in together(records) {
        println!("{}", drawn(&denied));
    }
    Ok(())
}

/// What was denied, as often as it was.
struct Denied {
    record: Record,
    times: u64,
    last: Moment,
}

/// Counts what is alike, in the order in which each was seen last.
fn together(records: Vec<Record>) -> Vec<Denied> {
    let mut all: Vec<Denied> = Vec::new();
    for record in records {
        let alike = all.iter().position(|denied| {
            let one = &denied.record;
            (&one.plugin, &one.tool, &one.detail, &one.missing_grant)
                == (
                    &record.plugin,
                    &record.tool,
                    &record.detail,
                    &record.missing_grant,
                )
        });
        let before = alike.map_or(0, |at| all.remove(at).times);
        all.push(Denied {
            times: before + record.count.unwrap_or(1),
            last: record.time,
            record,
        });
    }
    all
}

fn drawn(denied: &Denied) -> String {
    let record = &denied.record;
    let times = match denied.times {
        1 => String::new(),
        times => format!(" ({times} times, the last one then)"),
    };
    let plugin = record.plugin.as_ref().map_or("-", |plugin| &plugin.key);
    let tool = record.tool.as_deref().unwrap_or("-");
    let said = record.detail.as_deref().or(record.object.as_deref());
    let mut lines = vec![
        format!(
            "{}  {}{times}",
            denied.last,
            escape::line(&format!("{plugin}/{tool}"))
        ),
        format!("  {}", escape::line(said.unwrap_or("denied"))),
    ];
    match &record.missing_grant {
        Some(grant) => {
            lines.push("  to allow it, add to config.toml and send the host SIGHUP:".to_owned());
            lines.extend(
                grant
                    .lines()
                    .map(|line| format!("    {}", escape::line(line))),
            );
        }
        None if said == Some(MORE_DENIALS) => {}
        None => lines.push("  no grant would allow it".to_owned()),
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Kind;
    use crate::proposal::PluginIdentity;

    fn denial(object: &str, time: u64, count: Option<u64>) -> Record {
        Record {
            time: Moment(time),
            plugin: Some(PluginIdentity {
                key: "generic".to_owned(),
                version: "0.1.0".to_owned(),
                digest: "ab".to_owned(),
            }),
            tool: Some("list_pods".to_owned()),
            detail: Some(format!("plugin `generic` may not get `{object}`")),
            missing_grant: Some("[[plugins.generic.grants]]\nverbs = [\"get\"]".to_owned()),
            count,
            ..Record::new(Kind::Denial)
        }
    }

    #[test]
    fn what_is_alike_is_shown_once_with_its_grant() {
        let mut hostile = denial("x\u{1b}[2J\nplugin", 3_000, None);
        hostile.missing_grant = None;
        let mut more = denial("", 5_000, Some(36));
        more.detail = Some(MORE_DENIALS.to_owned());
        more.missing_grant = None;
        let records = vec![
            denial("secrets/a", 1_000, Some(40)),
            denial("pods/b", 2_000, None),
            hostile,
            denial("secrets/a", 4_000, None),
            more,
        ];
        let all: Vec<String> = together(records).iter().map(drawn).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        1970-01-01T00:00:02Z  generic/list_pods
          plugin `generic` may not get `pods/b`
          to allow it, add to config.toml and send the host SIGHUP:
            [[plugins.generic.grants]]
            verbs = ["get"]

        1970-01-01T00:00:03Z  generic/list_pods
          plugin `generic` may not get `x\u{1b}[2J\nplugin`
          no grant would allow it

        1970-01-01T00:00:04Z  generic/list_pods (41 times, the last one then)
          plugin `generic` may not get `secrets/a`
          to allow it, add to config.toml and send the host SIGHUP:
            [[plugins.generic.grants]]
            verbs = ["get"]

        1970-01-01T00:00:05Z  generic/list_pods (36 times, the last one then)
          refusals of one call behind the first, which are kept one by one
        "#);
    }
}
