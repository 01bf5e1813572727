//! Of a log that is longer than the host reads, the newest lines come.

use crate::kubernetes::{self, LogQuery};
use crate::test_kit::Kit;
use crate::{Failure, Plugin, Tool, Want};
use serde_json::{Value, json};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Tail {
    lines: u32,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Seen {
    value: Value,
}

/// Says how many lines came, and the first word of the first and the last.
fn tail(of: Tail) -> Result<Seen, Failure> {
    let mut query = LogQuery::new("shop", "a", 32 * 1024 * 1024);
    query.tail_lines = Some(of.lines);
    let log = kubernetes::logs(&query)?;
    let words = |line: &str| line.split(' ').next().map(str::to_owned);
    Ok(Seen {
        value: json!([
            log.text.lines().count(),
            log.text.lines().next().and_then(words),
            log.text.lines().last().and_then(words),
            log.truncated,
        ]),
    })
}

fn describe() -> Plugin {
    Plugin::new("test", "0.1.0", "For the tests of the kit.")
        .wants(Want::cluster(&[""], &["pods/log"], &["get"], "To test."))
        .tool(Tool::read("tail", "Reads the end of a log.", tail))
}

/// The lines before those that are kept are read for cleaning alone: that they are left out shows in the number of the first.
#[test]
fn of_lines_that_are_more_than_is_read_the_newest_come_and_none_of_the_margin() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c, image: i}]}\n";
    let test = Kit::from_manifests(pod)
        .grant(r#"api_groups = [""], resources = ["pods/log"], verbs = ["get"], namespaces = ["shop"]"#)
        .run(describe);
    let long = "x ".repeat(4500);
    let log: String = (0..2000)
        .map(|at| format!("2026-01-01T00:00:00Z {at} {long}\n"))
        .collect();
    test.cluster().change(|cluster| {
        cluster
            .set_log("shop", "a", "c", false, &log)
            .expect("it is a log");
    });
    let seen = |lines: u32| {
        let answer = test.call("tail", json!({ "lines": lines }));
        answer.expect("it is read").structured.expect("a value")["value"].clone()
    };
    assert_eq!(seen(3), json!([3, "1997", "1999", false]));
    assert_eq!(seen(1500), json!([375, "1625", "1999", true]));
}
