//! A proposal as the person sees it who decides.
//!
//! Cluster and context come first, then who asks, what is claimed, what is at stake, and each change: what is sent, whole and
//! verbatim, and what the server says would come of it. Nothing is left out, however long. No text of a stranger can begin a
//! line, hide, or steer the terminal; [`foreign`] and [`page`] see to that.

mod foreign;
mod page;
mod tree;

#[cfg(test)]
pub(crate) mod fixtures;

use page::{Page, Style, host};

use crate::diff::Line;
use crate::proposal::{
    Binding, Change, Expected, Generated, PatchKind, Propagation, Proposal, Reason, Risk, Step,
    way_back,
};

/// Where it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    /// With ANSI colours.
    pub(crate) color: bool,
    /// In columns; at least 40 are used.
    pub(crate) width: usize,
}

/// The column that the words after a label begin in.
const LABEL: usize = 10;

/// Returns a stranger's text on one line, with nothing in it that misleads.
pub(crate) fn shown(text: &str) -> String {
    foreign::text(text)
}

/// Returns JSON text of the same value, with nothing in it that misleads.
pub(crate) fn shown_json(json: &str) -> String {
    foreign::json(json)
}

/// Returns the drawing of a proposal: lines that end in `\n`.
pub(crate) fn proposal(proposal: &Proposal, drawing: &Drawing) -> String {
    let mut page = Page::new(drawing.width, drawing.color);
    let id = page.foreign(&proposal.id, Style::Strong);
    page.marked("┌ ", &[host("proposal ", Style::Strong), id]);
    cluster(&mut page, &proposal.binding);
    page.line(&[]);
    asker(&mut page, &proposal.binding);
    claims(&mut page, proposal);
    page.line(&[]);
    risk(&mut page, proposal);
    warnings(&mut page, &proposal.warnings);
    for (index, step) in proposal.steps.iter().enumerate() {
        self::step(&mut page, step, index, proposal.steps.len());
    }
    page.marked("├ ", &[host("the whole proposal", Style::Strong)]);
    if let Some(change) = &proposal.rollback_of {
        let change = page.foreign(change, Style::Strong);
        page.line(&[label("undoes"), change]);
    }
    field(&mut page, "made", &proposal.created.to_string());
    field(&mut page, "expires", &proposal.expires.to_string());
    field(&mut page, "digest", &proposal.digest());
    page.marked(
        "└ ",
        &[host(
            "a decision is about exactly this digest",
            Style::Faint,
        )],
    );
    page.finish()
}

fn cluster(page: &mut Page, binding: &Binding) {
    let cluster = &binding.cluster;
    let context = page.foreign(&cluster.context, Style::Strong);
    page.line(&[label("cluster"), context]);
    page.oddities("  ");
    field(page, "server", &cluster.server);
    field(page, "as", &cluster.user);
    field(page, "uid", &cluster.uid);
    if cluster.ca.is_empty() {
        page.line(&[
            label("authority"),
            host("those that the system trusts", Style::Plain),
        ]);
    } else {
        field(page, "authority", &format!("sha256 {}", cluster.ca));
    }
}

fn asker(page: &mut Page, binding: &Binding) {
    let plugin = &binding.plugin;
    let short: String = plugin.digest.chars().take(12).collect();
    field(
        page,
        "plugin",
        &format!("{} {} (sha256 {short})", plugin.key, plugin.version),
    );
    field(page, "tool", &binding.tool);
    let arguments = page.json(&binding.arguments.to_string(), Style::Plain);
    page.line(&[label("arguments"), arguments]);
    page.oddities("  ");
    field(page, "caller", &binding.caller);
    match &binding.client {
        Some(client) => claim(page, "client", "calls itself", client),
        None => page.line(&[
            label("client"),
            host("does not say what it is", Style::Faint),
        ]),
    }
}

fn claims(page: &mut Page, proposal: &Proposal) {
    claim(page, "summary", "the plugin claims", &proposal.summary);
    if let Some(reason) = &proposal.reason {
        claim(page, "reason", "the caller claims", reason);
    }
}

fn risk(page: &mut Page, proposal: &Proposal) {
    page.line(&[
        label("risk"),
        host(
            proposal.risk().to_string().to_uppercase(),
            style(proposal.risk()),
        ),
    ]);
    let many = proposal.steps.len() > 1;
    let mut reasons: Vec<(usize, &Reason)> = proposal
        .steps
        .iter()
        .enumerate()
        .flat_map(|(index, step)| step.reasons.iter().map(move |reason| (index, reason)))
        .collect();
    if reasons.is_empty() {
        page.line(&[host(
            "  nothing in the policy speaks against it",
            Style::Faint,
        )]);
    }
    reasons.sort_by_key(|(index, reason)| (std::cmp::Reverse(reason.risk), *index));
    for (index, reason) in reasons {
        let mut pieces = vec![host(
            format!("  {:<8}", reason.risk.to_string()),
            style(reason.risk),
        )];
        if many {
            pieces.push(host(format!("step {}: ", index + 1), Style::Faint));
        }
        if let Some(path) = &reason.path {
            pieces.push(page.path(path, Style::Plain));
            pieces.push(host(": ", Style::Plain));
        }
        pieces.push(page.foreign(&reason.say, Style::Plain));
        page.line(&pieces);
        page.oddities("    ");
    }
}

fn step(page: &mut Page, step: &Step, index: usize, of: usize) {
    let place = host(format!("step {} of {of}: ", index + 1), Style::Strong);
    let action = page.foreign(&step.action, style(step.risk()));
    let target = page.foreign(&step.target.to_string(), Style::Strong);
    page.marked("├ ", &[place, action, host(" ", Style::Plain), target]);
    page.oddities("  ");
    object(page, step);
    sends(page, &step.change);
    changes(page, step);
    // An index names no item, and a count no object.
    each(page, "items", &step.items);
    each(page, "goes too", &step.dependents);
    warnings(page, &step.warnings);
    let back = way_back(step).map_or_else(|why| format!("none: {why}"), str::to_owned);
    page.line(&[label("way back"), host(back, Style::Plain)]);
}

/// Texts below each other, all of them.
fn each(page: &mut Page, name: &'static str, texts: &[String]) {
    let mut name = name;
    for text in texts {
        field(page, name, text);
        name = "";
    }
}

/// Which object, exactly.
fn object(page: &mut Page, step: &Step) {
    if let Some(version) = &step.target.version {
        field(page, "version", version);
    }
    if let Some(uid) = &step.uid {
        field(page, "uid", uid);
    }
    if let Some(version) = &step.resource_version {
        field(page, "seen at", &format!("resourceVersion {version}"));
    }
    if let Some(earlier) = step.after {
        page.line(&[
            label("preview"),
            host(
                format!("the server could not run this dry before step {} is done: what comes out may be more than is shown", earlier + 1),
                Style::Caution,
            ),
        ]);
    }
}

/// What is sent, verbatim.
fn sends(page: &mut Page, change: &Change) {
    let mut sends = |what: &str| page.line(&[label("sends"), host(what, Style::Plain)]);
    match change {
        Change::Create { object } => {
            sends("a new object");
            tree::object(page, object, 0);
        }
        Change::CreateSecret { object, generate } => {
            sends("a new Secret, with values that the host makes and nobody is shown");
            tree::object(page, object, 0);
            generated(page, generate);
        }
        Change::RotateSecret { generate } => {
            sends("new values, which the host makes and nobody is shown");
            generated(page, generate);
        }
        Change::Apply { object } => {
            sends("a server-side apply");
            tree::object(page, object, 0);
        }
        Change::Patch {
            how,
            body,
            expected_version,
        } => {
            sends(match how {
                PatchKind::Merge => "a merge patch (null removes, a list replaces the whole list)",
                PatchKind::JsonPatch => "a JSON patch",
                PatchKind::Strategic => "a strategic merge patch",
            });
            tree::object(page, body, 0);
            if let Some(version) = expected_version {
                field(page, "based on", &format!("resourceVersion {version}"));
            }
        }
        Change::PatchStatus { body, expected } => {
            sends("a merge patch of its status, which others act on");
            tree::object(page, body, 0);
            let mut name = "only while";
            for Expected { at, value } in expected {
                field(page, name, &format!("{at} = {value}"));
                name = "";
            }
        }
        Change::Scale { replicas } => sends(&format!("replicas: {replicas}")),
        Change::Delete { propagation } => sends(match propagation {
            Propagation::Background => "a deletion: what the object owns goes after it",
            Propagation::Foreground => "a deletion: what the object owns goes before it",
            Propagation::Orphan => "a deletion: what the object owns stays",
        }),
        Change::Evict => sends("an eviction, as the disruption budgets allow"),
    }
    page.oddities("  ");
}

fn generated(page: &mut Page, generate: &[Generated]) {
    for Generated { key, characters } in generate {
        let key = page.foreign(key, Style::Plain);
        page.line(&[
            host("    data.", Style::Plain),
            key,
            host(format!(": {characters} random characters"), Style::Plain),
        ]);
    }
}

/// What comes of it, a line a path; and as a tree where something is there before and after.
fn changes(page: &mut Page, step: &Step) {
    if step.diff.is_empty() {
        page.line(&[
            label("changes"),
            host("nothing, as the server says", Style::Caution),
        ]);
        return;
    }
    page.line(&[
        label("changes"),
        host("path by path, as the server says", Style::Plain),
    ]);
    for line in &step.diff {
        changed(page, line);
    }
    let one_way = step.diff.iter().all(|line| line.before.is_none())
        || step.diff.iter().all(|line| line.after.is_none());
    if !one_way {
        page.line(&[
            label("unified"),
            host("the same, below each other", Style::Plain),
        ]);
        tree::unified(page, &step.diff, 0);
    }
    page.oddities("  ");
}

fn changed(page: &mut Page, line: &Line) {
    let path = page.path(&line.path, Style::Strong);
    let mut value = |json: &str, style| page.json(json, style);
    let pieces = match (&line.before, &line.after) {
        (Some(before), Some(after)) => vec![
            host("  ~ ", Style::Caution),
            path,
            host(": ", Style::Plain),
            value(before, Style::Danger),
            host(" → ", Style::Plain),
            value(after, Style::Good),
        ],
        (None, Some(after)) => vec![
            host("  + ", Style::Good),
            path,
            host(": ", Style::Plain),
            value(after, Style::Good),
        ],
        (Some(before), None) => vec![
            host("  - ", Style::Danger),
            path,
            host(": ", Style::Plain),
            value(before, Style::Danger),
        ],
        (None, None) => vec![host("  ? ", Style::Caution), path],
    };
    page.line(&pieces);
}

fn warnings(page: &mut Page, warnings: &[String]) {
    for warning in warnings {
        let warning = page.foreign(warning, Style::Caution);
        page.line(&[
            host(format!("{:<LABEL$}", "warning"), Style::Caution),
            warning,
        ]);
        page.oddities("  ");
    }
}

/// A fact that the host vouches for, though the words may be a stranger's.
fn field(page: &mut Page, name: &str, text: &str) {
    let text = page.foreign(text, Style::Plain);
    page.line(&[label(name), text]);
    page.oddities("  ");
}

/// What somebody says and the host cannot know: in quotes.
fn claim(page: &mut Page, name: &str, who: &str, text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    let text = page.json(&quoted, Style::Plain);
    page.line(&[label(name), host(format!("{who} "), Style::Faint), text]);
    page.oddities("  ");
}

fn label(name: &str) -> page::Piece {
    host(format!("{name:<LABEL$}"), Style::Faint)
}

fn style(risk: Risk) -> Style {
    match risk {
        Risk::Low => Style::Good,
        Risk::Medium => Style::Caution,
        Risk::High => Style::Danger,
        Risk::Blocked => Style::Alarm,
    }
}

#[cfg(test)]
mod tests;
