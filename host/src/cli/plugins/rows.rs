//! The plugins of a configuration as a table.

use std::sync::Arc;

use crate::escape;
use crate::plugin::Plugin;
use crate::registry::Offer;

/// Characters of a digest that tell components apart at a glance; `inspect` has all of them.
const SHORT_DIGEST: usize = 12;

const HEADINGS: [&str; 6] = ["KEY", "PLUGIN", "TOOLS", "RESOURCES", "PROMPTS", "SHA256"];

/// One plugin.
pub(super) enum Row {
    /// Its cells; numbers are what is offered, of what there is.
    Cells([String; 6]),
    /// Its key, and why it cannot be used.
    Broken(String, String),
}

impl Row {
    pub(super) fn of(plugin: &Arc<Plugin>) -> Self {
        let offer = Offer::of(plugin);
        let manifest = &plugin.manifest;
        let of = |offered: usize, all: usize| format!("{offered}/{all}");
        let resources = offer.resources().count() + offer.templates().count();
        let digest = plugin.digest.chars().take(SHORT_DIGEST).collect();
        Self::Cells([
            plugin.config.key.clone(),
            format!("{} {}", manifest.name, manifest.version),
            of(offer.tools().count(), manifest.tools.len()),
            of(
                resources,
                manifest.resources.len() + manifest.templates.len(),
            ),
            of(offer.prompts().count(), manifest.prompts.len()),
            digest,
        ])
    }

    pub(super) fn broken(key: &str, why: &str) -> Self {
        Self::Broken(key.to_owned(), why.to_owned())
    }
}

/// Returns the table; each column as wide as its widest cell.
pub(super) fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 6]> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Cells(cells) => Some(cells.each_ref().map(|cell| escape::line(cell))),
            Row::Broken(..) => None,
        })
        .collect();
    let headings = HEADINGS.map(str::to_owned);
    let all = || cells.iter().chain([&headings]);
    let width = |column: usize| all().map(|row| row[column].len()).max().unwrap_or(0);
    let line = |row: &[String; 6]| {
        let cells = row.iter().enumerate();
        let cells: Vec<_> = cells
            .map(|(column, cell)| format!("{cell:<width$}", width = width(column)))
            .collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = String::new();
    if !cells.is_empty() {
        text.push_str(&line(&headings));
        text.extend(cells.iter().map(line));
    }
    for row in rows {
        if let Row::Broken(key, why) = row {
            text.push_str(&escape::line(&format!("{key} cannot be used: {why}")));
            text.push('\n');
        }
    }
    text
}
