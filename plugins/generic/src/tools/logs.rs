//! `k8s_pod_logs`: the newest lines of a pod's container, or of every pod that a selector matches.

use crate::budget::ANSWER_BYTES;
use crate::place::Place;
use bulkhead_plugin_sdk::kubernetes::{self, LogQuery, Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Text, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most pods that a selector reads.
const MOST_PODS: u32 = 10;
/// How far back lines are looked through for a match.
const SEARCHED_LINES: u32 = 10_000;
/// The most that is read of one container.
const READ_BYTES: u32 = 1024 * 1024;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    #[serde(flatten)]
    place: Place,
    /// The pod's name; or give `label_selector`.
    name: Option<String>,
    /// Every pod with these labels, at most ten: `app=checkout`.
    label_selector: Option<String>,
    /// Needed where a pod has several and no default one.
    container: Option<String>,
    /// How many lines to give, from the end.
    #[serde(default = "default_tail")]
    #[schemars(range(min = 1, max = 10_000))]
    tail_lines: u32,
    /// Of the run before the last restart: what a crashed container said.
    #[serde(default)]
    previous: bool,
    /// Only lines not older than this.
    since_seconds: Option<u32>,
    /// Only lines that contain this; `*` stands for anything, case does not matter.
    #[serde(rename = "match")]
    pattern: Option<String>,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_pod_logs",
        "Reads the newest log lines of a pod, or of up to ten pods by `label_selector`. For a container that crashes use \
         previous=true. `match` keeps only lines that contain a text, of the last 10000. Credentials are masked. One \
         request per pod.",
        pod_logs,
    )
    .title("Read pod logs")
}

fn default_tail() -> u32 {
    100
}

fn pod_logs(arguments: Arguments) -> Result<Text, Failure> {
    let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
    let chosen = arguments.place.choose(true);
    let pods = match (given(&arguments.name), given(&arguments.label_selector)) {
        (Some(name), None) => vec![name],
        (None, Some(selector)) => pods(&chosen.scope, &selector, &chosen.words)?,
        (None, None) | (Some(_), Some(_)) => {
            return Err(
                Failure::invalid("either `name` or `label_selector` says which pods")
                    .next_step("k8s_list of pods finds names and k8s_describe shows labels"),
            );
        }
    };
    let Scope::Namespace(namespace) = &chosen.scope else {
        return Err(Failure::internal("pods have a namespace"));
    };
    let bytes_each = ANSWER_BYTES / pods.len();
    let mut parts = Vec::new();
    let mut failed = Vec::new();
    for pod in &pods {
        match read(&arguments, namespace, pod) {
            Ok(lines) => parts.push(words(&arguments, pod, &chosen.words, lines, bytes_each)),
            Err(failure) => failed.push((pod, failure)),
        }
    }
    if parts.is_empty()
        && let Some((_, failure)) = failed.pop()
    {
        return Err(failure);
    }
    parts.extend(
        failed
            .iter()
            .map(|(pod, failure)| format!("# pod {pod} could not be read: {failure}")),
    );
    Ok(Text(parts.join("\n")))
}

fn pods(scope: &Scope, selector: &str, words: &str) -> Result<Vec<String>, Failure> {
    let query = Query::new(ResourceType::new("", "pods"), scope.clone()).label_selector(selector);
    let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], MOST_PODS, None)?;
    if page.items.is_empty() {
        return Err(
            Failure::not_found(format!("no pod {words} has labels `{selector}`"))
                .next_step("k8s_list of pods shows which there are"),
        );
    }
    Ok(page.items.into_iter().map(|(name,)| name).collect())
}

/// The lines to show, and of how many they were chosen.
struct Lines {
    shown: Vec<String>,
    looked_at: usize,
}

fn read(arguments: &Arguments, namespace: &str, pod: &str) -> Result<Lines, Failure> {
    let mut query = LogQuery::new(namespace, pod, READ_BYTES);
    query.container.clone_from(&arguments.container);
    query.previous = arguments.previous;
    query.since_seconds = arguments.since_seconds;
    let pattern = arguments
        .pattern
        .as_deref()
        .filter(|pattern| !pattern.is_empty());
    query.tail_lines = Some(if pattern.is_some() {
        SEARCHED_LINES
    } else {
        arguments.tail_lines
    });
    let log = kubernetes::logs(&query)?;
    let lines: Vec<_> = log.text.lines().collect();
    let matching = lines
        .iter()
        .filter(|line| pattern.is_none_or(|pattern| matches(pattern, line)));
    let mut shown: Vec<_> = matching.map(|line| (*line).to_owned()).collect();
    let tail = usize::try_from(arguments.tail_lines).unwrap_or(usize::MAX);
    shown.drain(..shown.len().saturating_sub(tail));
    Ok(Lines {
        shown,
        looked_at: lines.len(),
    })
}

fn words(arguments: &Arguments, pod: &str, place: &str, lines: Lines, most_bytes: usize) -> String {
    let Lines {
        mut shown,
        looked_at,
    } = lines;
    let found = shown.len();
    // The end of a log says more than its beginning.
    let mut bytes: usize = shown.iter().map(|line| line.len() + 1).sum();
    let fits_from = shown
        .iter()
        .position(|line| {
            let fits = bytes <= most_bytes;
            bytes -= line.len() + 1;
            fits
        })
        .unwrap_or(shown.len());
    shown.drain(..fits_from);
    let container = arguments
        .container
        .as_ref()
        .map_or_else(String::new, |name| format!(", container {name}"));
    let previous = if arguments.previous {
        ", the run before the last restart"
    } else {
        ""
    };
    let chosen = match &arguments.pattern {
        Some(pattern) => format!("{found} lines that match `{pattern}`, of the last {looked_at}"),
        None if found == 0 => "no lines".to_owned(),
        None => format!("the last {found} lines"),
    };
    let cut = if fits_from > 0 {
        format!("; the first {fits_from} of them left out")
    } else {
        String::new()
    };
    let heading = format!("# pod {pod}{container} {place}{previous}: {chosen}{cut}");
    [heading]
        .into_iter()
        .chain(shown)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether the parts between the `*` of the pattern stand in the line, in this order.
fn matches(pattern: &str, line: &str) -> bool {
    let line = line.to_lowercase();
    let pattern = pattern.to_lowercase();
    let mut rest = line.as_str();
    pattern.split('*').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => part.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Lines, matches, words};
    use serde_json::json;

    #[test]
    fn a_pattern_is_a_text_in_any_case_with_stars_for_anything() {
        assert!(matches("error", "an ERROR came"));
        assert!(matches("conn*refused", "connection to db refused"));
        assert!(!matches("refused*conn", "connection to db refused"));
        assert!(matches("*", "anything"));
        assert!(!matches("warn", "an error came"));
    }

    #[test]
    fn what_does_not_fit_is_left_out_at_the_beginning_and_counted() {
        let arguments: Arguments =
            serde_json::from_value(json!({ "name": "a" })).expect("these are arguments");
        let lines = Lines {
            shown: ["one", "two", "six"].map(str::to_owned).to_vec(),
            looked_at: 3,
        };
        let text = words(&arguments, "a", "in namespace shop", lines, 8);
        assert_eq!(
            text,
            "# pod a in namespace shop: the last 3 lines; the first 1 of them left out\ntwo\nsix"
        );
    }
}
