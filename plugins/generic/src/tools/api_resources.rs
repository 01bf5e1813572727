//! `k8s_api_resources`: which types the cluster serves.

use bulkhead_plugin_sdk::kubernetes::{self, ApiResource};
use bulkhead_plugin_sdk::{Failure, Output, Table, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// Only this API group; empty for the core group.
    group: Option<String>,
    /// Only kinds with namespaces, or only those without.
    namespaced: Option<bool>,
    /// Only types whose kind, plural or short name contains this.
    contains: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Served {
    /// How many types match.
    total: usize,
    #[serde(flatten)]
    table: Table,
}

pub(crate) fn tool() -> Tool {
    Tool::read(
        "k8s_api_resources",
        "Lists the types that the cluster serves, custom resources included, with short names, API version and kind. \
         Use it when a kind is not found, or to see what is installed. Narrow with `group` or `contains`. The host \
         remembers the answer.",
        api_resources,
    )
    .title("List resource types")
}

fn api_resources(arguments: Arguments) -> Result<Output<Served>, Failure> {
    let wanted = arguments
        .contains
        .map(|part| part.to_lowercase())
        .unwrap_or_default();
    let group = arguments
        .group
        .as_deref()
        .map(|group| if group == "core" { "" } else { group });
    let mut table = Table::new(&["NAME", "SHORT", "API VERSION", "KIND", "NAMESPACED"]);
    for resource in kubernetes::api_resources()? {
        let matches = group.is_none_or(|group| group == resource.of.group)
            && arguments
                .namespaced
                .is_none_or(|namespaced| namespaced == resource.namespaced)
            && is_called(&resource, &wanted);
        if matches {
            table.push(row(resource));
        }
    }
    let structured = Served {
        total: table.rows.len(),
        table,
    };
    let text = match structured.total {
        0 => "no type matches".to_owned(),
        total => format!("types that match: {total}\n{}", structured.table.text()),
    };
    Ok(Output { text, structured })
}

/// Whether one of its names contains the lower-case text.
fn is_called(resource: &ApiResource, wanted: &str) -> bool {
    let mut names = [&resource.of.plural, &resource.kind]
        .into_iter()
        .chain(&resource.short_names);
    names.any(|name| name.to_lowercase().contains(wanted))
}

fn row(resource: ApiResource) -> [String; 5] {
    let version = resource.of.version.unwrap_or_default();
    let api_version = match resource.of.group.as_str() {
        "" => version,
        group => format!("{group}/{version}"),
    };
    let namespaced = if resource.namespaced { "yes" } else { "no" }.to_owned();
    let short = resource.short_names.join(",");
    [
        resource.of.plural,
        short,
        api_version,
        resource.kind,
        namespaced,
    ]
}
