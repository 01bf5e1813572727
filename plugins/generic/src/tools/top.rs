//! `k8s_top`: how much CPU and memory pods or nodes use right now.

use crate::place::Place;
use crate::quantity;
use bulkhead_plugin_sdk::kubernetes::{self, Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Read in pages of this many objects, so that the largest are found wherever they stand.
const PAGE: u32 = 500;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// `pods` or `nodes`.
    #[serde(default)]
    of: Of,
    #[serde(flatten)]
    place: Place,
    /// Pods of every namespace at once; needs a grant for it.
    #[serde(default)]
    all_namespaces: bool,
    /// As `kubectl -l`.
    label_selector: Option<String>,
    /// What the largest comes first by.
    #[serde(default)]
    sort_by: SortBy,
    /// The most rows to give.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    #[default]
    Pods,
    Nodes,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SortBy {
    #[default]
    Cpu,
    Memory,
}

#[derive(Serialize, JsonSchema)]
struct Usage {
    /// Where it was looked.
    scope: String,
    /// How many pods or nodes were measured.
    total: usize,
    /// CPU of all of them, in thousandths of a core.
    cpu_milli_cores: u64,
    /// Memory of all of them.
    memory_bytes: u64,
    /// The largest first.
    #[serde(flatten)]
    table: Table,
}

/// One pod or node.
struct Measured {
    namespace: Option<String>,
    name: String,
    milli_cores: u64,
    bytes: u64,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_top",
        "Says how much CPU and memory pods or nodes use right now, the largest first, with the sum. Needs \
         metrics-server in the cluster. For limits and requests read the object. Reads the whole collection.",
        top,
    )
    .title("Show usage")
}

fn default_limit() -> usize {
    20
}

fn top(arguments: Arguments) -> Result<Output<Usage>, Failure> {
    let plural = match arguments.of {
        Of::Pods => "pods",
        Of::Nodes => "nodes",
    };
    let (scope, words) = if arguments.all_namespaces && arguments.of == Of::Pods {
        (Scope::AllNamespaces, "in all namespaces".to_owned())
    } else {
        let chosen = arguments.place.choose(arguments.of == Of::Pods);
        (chosen.scope, chosen.words)
    };
    let mut query = Query::new(ResourceType::new("metrics.k8s.io", plural), scope);
    query.label_selector = arguments
        .label_selector
        .filter(|selector| !selector.is_empty());
    let mut measured = read(&query, arguments.of).map_err(|failure| match failure {
        Failure::NotFound(_) => failure.next_step(
            "the cluster has no metrics-server that answers; read requests and limits with k8s_get, path \
             spec.containers[*].resources",
        ),
        other => other,
    })?;
    match arguments.sort_by {
        SortBy::Cpu => measured.sort_by_key(|it| Reverse(it.milli_cores)),
        SortBy::Memory => measured.sort_by_key(|it| Reverse(it.bytes)),
    }
    let everywhere = query.scope == Scope::AllNamespaces;
    let columns: &[&str] = if everywhere {
        &["NAMESPACE", "NAME", "CPU", "MEMORY"]
    } else {
        &["NAME", "CPU", "MEMORY"]
    };
    let mut table = Table::new(columns);
    for it in measured.iter().take(arguments.limit) {
        let namespace = it.namespace.clone().filter(|_| everywhere);
        let usage = [
            it.name.clone(),
            format!("{}m", it.milli_cores),
            quantity::mebibytes(it.bytes),
        ];
        table.push(namespace.into_iter().chain(usage));
    }
    let structured = Usage {
        scope: words,
        total: measured.len(),
        cpu_milli_cores: measured.iter().map(|it| it.milli_cores).sum(),
        memory_bytes: measured.iter().map(|it| it.bytes).sum(),
        table,
    };
    Ok(Output {
        text: say(&structured, plural),
        structured,
    })
}

fn read(query: &Query, of: Of) -> Result<Vec<Measured>, Failure> {
    let paths = match of {
        Of::Pods => [
            "metadata.namespace",
            "metadata.name",
            "containers[*].usage.cpu",
            "containers[*].usage.memory",
        ],
        Of::Nodes => [
            "metadata.namespace",
            "metadata.name",
            "usage.cpu",
            "usage.memory",
        ],
    };
    let mut measured = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let page = kubernetes::list_fields::<Row>(query, &paths, PAGE, token.as_deref())?;
        measured.extend(
            page.items
                .into_iter()
                .map(|Row(namespace, name, cpu, memory)| Measured {
                    namespace,
                    name,
                    milli_cores: cpu.sum(quantity::milli_cores),
                    bytes: memory.sum(quantity::bytes),
                }),
        );
        token = page.continue_token;
        if token.is_none() {
            return Ok(measured);
        }
    }
}

#[derive(Deserialize)]
struct Row(Option<String>, String, Quantities, Quantities);

/// One for a node, one per container for a pod.
#[derive(Deserialize)]
#[serde(untagged)]
enum Quantities {
    One(String),
    Each(Vec<String>),
    None(()),
}

impl Quantities {
    fn sum(&self, read: fn(&str) -> Option<u64>) -> u64 {
        match self {
            Self::One(text) => read(text).unwrap_or(0),
            Self::Each(texts) => texts.iter().filter_map(|text| read(text)).sum(),
            Self::None(()) => 0,
        }
    }
}

fn say(usage: &Usage, plural: &str) -> String {
    let memory = quantity::mebibytes(usage.memory_bytes);
    let heading = format!(
        "{} {plural} {}: {}m CPU and {memory} memory in all",
        usage.total, usage.scope, usage.cpu_milli_cores
    );
    if usage.table.rows.is_empty() {
        heading
    } else {
        format!("{heading}\n{}", usage.table.text())
    }
}
