//! Records as people read them: every line begins with the host's own words, and a stranger's stay on their line.

use serde_json::Value;

use crate::approval::draw::shown_json;
use crate::audit::{Approver, Record};
use crate::escape;
use crate::store::Entry;

pub(super) const HEADINGS: &str =
    "SEQ      TIME                  KIND      OUTCOME   PLUGIN/TOOL, CHANGE, AND WHAT ABOUT";

/// A line for a record.
pub(super) fn row(seq: u64, record: &Record) -> String {
    let mut about: Vec<String> = Vec::new();
    let plugin = record.plugin.as_ref().map(|plugin| plugin.key.as_str());
    about.extend(match (plugin, &record.tool) {
        (Some(plugin), Some(tool)) => Some(format!("{plugin}/{tool}")),
        (Some(plugin), None) => Some(plugin.to_owned()),
        (None, Some(tool)) => Some(tool.clone()),
        (None, None) => None,
    });
    about.extend(record.change.clone());
    about.extend(record.object.clone().or_else(|| record.detail.clone()));
    if let Some(Approver { channel, by }) = &record.approver {
        about.push(format!("by {by} ({})", channel.as_str()));
    }
    about.extend(record.count.map(|count| format!("×{count}")));
    format!(
        "{seq:<7}  {:<20}  {:<8}  {:<8}  {}",
        record.time.to_string(),
        record.kind.as_str(),
        escape::line(record.outcome.as_deref().unwrap_or("-")),
        escape::line(&about.join("  "))
    )
}

/// Every field of a record, a line each, and its place in the chain.
pub(super) fn whole(entry: &Entry, record: &Record) -> String {
    let mut lines = vec![format!("record     {}\n", entry.seq)];
    let mut line = |name: &str, value: Option<String>| {
        let text = value.map(|value| format!("{name:<10} {}\n", escape::line(&value)));
        lines.extend(text);
    };
    let Record {
        kind,
        time,
        caller,
        client,
        plugin,
        tool,
        arguments,
        rule,
        object,
        change,
        digest,
        approver,
        audit_id,
        duration_ms,
        outcome,
        detail,
        missing_grant,
        count,
    } = record;
    line("kind", Some(kind.as_str().to_owned()));
    line("time", Some(time.to_string()));
    line("outcome", outcome.clone());
    line(
        "caller",
        Some(caller.clone()).filter(|caller| !caller.is_empty()),
    );
    line(
        "client",
        client
            .as_ref()
            .map(|client| format!("calls itself {client}")),
    );
    line(
        "plugin",
        plugin.as_ref().map(|plugin| {
            format!(
                "{} {} (sha256 {})",
                plugin.key, plugin.version, plugin.digest
            )
        }),
    );
    line("tool", tool.clone());
    line("arguments", arguments.as_ref().map(json));
    line("rule", rule.clone());
    line("object", object.clone());
    line("change", change.clone());
    line("digest", digest.clone());
    line(
        "approver",
        approver
            .as_ref()
            .map(|Approver { channel, by }| format!("{by} ({})", channel.as_str())),
    );
    line("audit-id", audit_id.clone());
    line("took", duration_ms.map(|took| format!("{took} ms")));
    line("count", count.map(|count| count.to_string()));
    line("detail", detail.clone());
    line("hash", Some(entry.hash.clone()));
    // To be pasted, so each of its lines is one here.
    for text in missing_grant.iter().flat_map(|grant| grant.lines()) {
        lines.push(format!("grant      {}\n", escape::line(text)));
    }
    lines.concat()
}

fn json(value: &Value) -> String {
    shown_json(&value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit::Kind;
    use crate::proposal::{Channel, Moment, PluginIdentity};
    use crate::store::{Columns, GENESIS};

    fn record() -> Record {
        Record {
            time: Moment(1_795_258_028_000),
            caller: "uid 1000".to_owned(),
            client: Some("\u{1b}[2Jgood\nrecord     2".to_owned()),
            plugin: Some(PluginIdentity {
                key: "generic".to_owned(),
                version: "0.1.0".to_owned(),
                digest: "ab12".to_owned(),
            }),
            tool: Some("k8s_patch".to_owned()),
            arguments: Some(json!({ "name": "web\u{202e}", "text": "a\nb" })),
            object: Some("deployments.apps/web in namespace shop".to_owned()),
            change: Some("c-abc".to_owned()),
            approver: Some(Approver {
                channel: Channel::Console,
                by: "ed25519:ab".to_owned(),
            }),
            duration_ms: Some(12),
            outcome: Some("applied".to_owned()),
            missing_grant: Some("[[plugins.generic.grants]]\nverbs = [\"get\"]".to_owned()),
            count: Some(3),
            ..Record::new(Kind::Outcome)
        }
    }

    #[test]
    fn a_row_says_when_what_and_about_what() {
        insta::assert_snapshot!(row(12, &record()), @"12       2026-11-21T10:47:08Z  outcome   applied   generic/k8s_patch  c-abc  deployments.apps/web in namespace shop  by ed25519:ab (console)  ×3");
        let bare = row(1, &Record::new(Kind::Lost));
        insta::assert_snapshot!(bare, @"1        1970-01-01T00:00:00Z  lost      -         ");
    }

    #[test]
    fn a_record_shown_whole_has_no_line_of_a_stranger() {
        let entry = Entry {
            seq: 12,
            columns: Columns::default(),
            body: String::new(),
            hash: GENESIS.to_owned(),
        };
        insta::assert_snapshot!(whole(&entry, &record()), @r#"
        record     12
        kind       outcome
        time       2026-11-21T10:47:08Z
        outcome    applied
        caller     uid 1000
        client     calls itself \u{1b}[2Jgood\nrecord     2
        plugin     generic 0.1.0 (sha256 ab12)
        tool       k8s_patch
        arguments  {"name":"web\u202e","text":"a\nb"}
        object     deployments.apps/web in namespace shop
        change     c-abc
        approver   ed25519:ab (console)
        took       12 ms
        count      3
        hash       0000000000000000000000000000000000000000000000000000000000000000
        grant      [[plugins.generic.grants]]
        grant      verbs = ["get"]
        "#);
    }
}
