//! What comes of new parameters: which instances restart and how, what is only reloaded, and what else a person should know.

use super::rules::Outcome;
use super::wanted::Setting;
use crate::parameters::{Effect, Takes, operator, value};
use crate::telling;
use bulkhead_plugin_sdk::Object;
use bulkhead_plugin_sdk::document::listed;
use std::cmp::Ordering;

/// Returns what comes of the settings, a sentence each, the gravest first. The summary gets what there is room for, and that instances
/// restart in any case.
pub(super) fn notes(
    cluster: Object<'_>,
    settings: &[&Setting],
    outcome: &Outcome<'_>,
    summary: &mut String,
) -> Vec<String> {
    let mut notes = Vec::new();
    let restarting = of(settings, Effect::Restart);
    let libraries = libraries(cluster, settings, outcome);
    let lowered = sensitive(settings, Ordering::Less);
    let has_standbys = cluster.number("/spec/instances") > 1;
    if !restarting.is_empty() || !libraries.is_empty() {
        let mut what = Vec::new();
        if !restarting.is_empty() {
            what.push(format!(
                "{} count only from a start of PostgreSQL",
                listed(&restarting)
            ));
        }
        what.extend(libraries);
        let how = match (has_standbys, lowered.is_empty()) {
            (false, _) => "the only instance restarts, and the database is away meanwhile",
            (true, true) => rollout(cluster),
            (true, false) => rollout_of_less(cluster),
        };
        let restart = format!("restart: {}; {how}", what.join("; "));
        let shorter = [restart.as_str(), how, "its instances restart"];
        shorter.iter().find(|text| telling::person(summary, text));
        notes.push(restart);
    }
    let told = notes.len();
    if has_standbys && !lowered.is_empty() {
        notes.push(format!(
            "less than before: {}; a standby may not have less of these than its primary, so it restarts after it",
            listed(&lowered)
        ));
        let raised = sensitive(settings, Ordering::Greater);
        if !raised.is_empty() {
            notes.push(format!(
                "more than before: {}; better in another change: the primary restarts first, and a standby that still has less stops \
                 to follow it",
                listed(&raised)
            ));
        }
    }
    notes.extend(settings.iter().filter_map(|setting| may_not_start(setting)));
    telling::all(summary, notes.get(told..).unwrap_or_default());
    for (effect, words) in [
        (
            Effect::Reload,
            "no restart: instances reload their configuration for",
        ),
        (
            Effect::NewSessions,
            "no restart: only sessions that begin afterwards have",
        ),
    ] {
        let names = of(settings, effect);
        if !names.is_empty() {
            notes.push(format!("{words} {}", listed(&names)));
        }
    }
    notes.extend(settings.iter().filter_map(|setting| removed(setting)));
    notes.extend(settings.iter().filter_map(|setting| without_unit(setting)));
    notes.extend(unchecked(settings));
    notes
}

/// Returns the settings of a kind, with the value before where the cluster sets one: `work_mem = 64MB (was 4MB)`.
fn of(settings: &[&Setting], effect: Effect) -> Vec<String> {
    let its = settings
        .iter()
        .filter(|it| it.parameter.map(crate::parameters::Parameter::effect) == Some(effect));
    its.map(|setting| described(setting)).collect()
}

fn described(setting: &Setting) -> String {
    let name = &setting.name;
    let new = setting.effective().unwrap_or("PostgreSQL's default");
    match &setting.old {
        Some(old) => format!("{name} = {new} (was {old})"),
        None => format!("{name} = {new}"),
    }
}

/// How the operator restarts instances (`rolling_update.md`, `cluster_upgrade.go`).
fn rollout(cluster: Object<'_>) -> &'static str {
    if is_supervised(cluster) {
        return "the operator restarts the standbys one by one and then waits, until a person has the primary restarted or another \
                one promoted (primaryUpdateStrategy supervised)";
    }
    match cluster.text("/spec/primaryUpdateMethod") {
        "switchover" => {
            "the operator restarts the standbys one by one, then another instance becomes the primary (primaryUpdateMethod \
             switchover); connections to each break"
        }
        _ => {
            "the operator restarts the standbys one by one, then the primary where it is (primaryUpdateMethod restart); connections \
             to each break"
        }
    }
}

/// The same for less of what a standby needs (`processConfigReloadAndManageRestart` in `instance_controller.go`).
fn rollout_of_less(cluster: Object<'_>) -> &'static str {
    if is_supervised(cluster) {
        return "the operator waits until a person has the primary restarted (primaryUpdateStrategy supervised), and restarts the \
                standbys then";
    }
    "the primary restarts first, where it is, and the standbys once the new values have reached them; connections to each break"
}

fn is_supervised(cluster: Object<'_>) -> bool {
    cluster.text("/spec/primaryUpdateStrategy") == "supervised"
}

/// Returns which libraries the operator loads, or no longer loads: a start too.
fn libraries(cluster: Object<'_>, settings: &[&Setting], outcome: &Outcome<'_>) -> Vec<String> {
    let mut extensions: Vec<&str> = Vec::new();
    for extension in settings
        .iter()
        .filter_map(|it| operator::managed_extension(&it.name))
    {
        if !extensions.contains(&extension) {
            extensions.push(extension);
        }
    }
    let before = Outcome::new(cluster, &[], 0);
    let words = extensions.into_iter().filter_map(|extension| {
        let [was, is] = [before.uses(extension), outcome.uses(extension)];
        match (was, is) {
            (false, true) => Some(format!("the operator loads {extension} from now on")),
            (true, false) => Some(format!("the operator loads {extension} no longer")),
            (true, true) | (false, false) => None,
        }
    });
    words.collect()
}

/// Returns the settings of which a standby needs as much as its primary, and that become less or more than they are.
fn sensitive(settings: &[&Setting], than_before: Ordering) -> Vec<String> {
    let changed = settings.iter().filter_map(|setting| {
        let preset = operator::sensitive(&setting.name)?;
        let parameter = setting.parameter?;
        let number = |text: &str| value::number(parameter, text);
        let old = setting.old.as_deref().unwrap_or(preset);
        let new = setting.effective().unwrap_or(preset);
        (number(new)?.cmp(&number(old)?) == than_before)
            .then(|| format!("{} ({new} after {old})", setting.name))
    });
    changed.collect()
}

/// What depends on more than the configuration, and keeps PostgreSQL from starting (`RestoreSlotFromDisk` in `slot.c`,
/// `huge_pages` in its documentation).
fn may_not_start(setting: &Setting) -> Option<String> {
    let new = setting.effective().unwrap_or_default();
    let less = |old: &str| {
        let parameter = setting.parameter?;
        Some(value::number(parameter, new)? < value::number(parameter, old)?)
    };
    let old = setting
        .old
        .as_deref()
        .or_else(|| operator::default_of(&setting.name));
    let there = match setting.name.as_str() {
        "wal_level" if !new.eq_ignore_ascii_case("logical") => {
            "there is a slot for logical replication"
        }
        "max_replication_slots" if old.and_then(less) == Some(true) => {
            "there are more slots than that"
        }
        "huge_pages" if value::boolean(new) == Some(true) => {
            "its node has not enough huge pages for it"
        }
        _ => return None,
    };
    Some(format!(
        "with {} = {new} PostgreSQL does not start where {there}",
        setting.name
    ))
}

fn removed(setting: &Setting) -> Option<String> {
    let old = setting.old.as_ref().filter(|_| setting.new.is_none())?;
    let name = &setting.name;
    Some(match operator::default_of(name) {
        Some(default) => format!("{name} = {old} is taken out; the operator then sets {default}"),
        None => format!("{name} = {old} is taken out; PostgreSQL's default counts then"),
    })
}

/// The operator warns of `shared_buffers` without a unit, and reads it as MB where PostgreSQL reads blocks of 8 kB.
fn without_unit(setting: &Setting) -> Option<String> {
    let new = setting.new.as_deref()?;
    let (Takes::Integer(range) | Takes::Real(range)) = setting.parameter?.takes else {
        return None;
    };
    let bare = new.trim().bytes().all(|byte| byte.is_ascii_digit());
    // Zero is the same in every unit, and often means never.
    let counts = bare && !range.unit.is_empty() && new.trim() != "0";
    counts.then(|| {
        let operators = match setting.name.as_str() {
            "shared_buffers" => {
                ", the operator takes it for MB where it compares it with the memory"
            }
            _ => "",
        };
        format!(
            "{} = {new} has no unit: PostgreSQL counts it in {}{operators}",
            setting.name, range.unit
        )
    })
}

/// What only the server can judge: a text, and what an extension takes.
fn unchecked(settings: &[&Setting]) -> Option<String> {
    let open = |setting: &&&Setting| {
        let is_text = setting
            .parameter
            .is_none_or(|it| matches!(it.takes, Takes::Text));
        is_text && setting.new.is_some()
    };
    let names: Vec<_> = settings
        .iter()
        .filter(open)
        .map(|it| it.name.clone())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "not checked here, since only the server can: {}; afterwards get_postgres_logs shows whether PostgreSQL took it, and with a \
             value that it does not take it would not start again",
            listed(&names)
        )
    })
}
