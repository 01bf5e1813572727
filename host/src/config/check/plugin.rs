//! One plugin: its key, its component, what of it is offered, its settings and its limits.

use std::path::PathBuf;

use super::super::file;
use super::super::glob::Glob;
use super::super::limits::{self, Limits};
use super::super::problem::{At, Place, Report};
use super::super::units::{ByteSize, duration_text};
use super::super::{Impersonation, PluginConfig};
use super::grant::grant;
use super::pattern::{NamesOf, patterns, patterns_or_none};
use super::quantity::{count, duration, size};
use super::setting::settings;
use super::{Base, Sources, not_empty};

pub(super) fn plugin(
    key: At<String>,
    file: file::Plugin,
    base: &Base<'_>,
    sources: Sources,
    report: &mut Report<'_>,
) -> PluginConfig {
    if !is_name(&key.value, '-') {
        let message = format!("`{}` cannot be the key of a plugin", key.value);
        let fix = "begin with a small letter; small letters, digits and `-`; at most 32 characters";
        report.add(&key.place, message, fix);
    }
    let every_tool = "leave the key out to offer every tool, or remove the plugin";
    PluginConfig {
        source: source(file.source, &file.place, base, sources, report),
        sha256: file.sha256.and_then(|text| sha256(&text, report)),
        tools: match file.tools {
            Some(tools) => patterns(tools, NamesOf::Tools, every_tool, report),
            None => vec![Glob::all()],
        },
        resources: offered(file.resources, NamesOf::Resources, report),
        prompts: offered(file.prompts, NamesOf::Prompts, report),
        prefix: file
            .prefix
            .map(|text| prefix(text, report))
            .unwrap_or_default(),
        limits: limits(file.limits.unwrap_or_default(), report),
        settings: settings(
            file.settings,
            file.settings_from_environment,
            base.environment,
            report,
        ),
        impersonate: file
            .impersonate
            .and_then(|file| impersonation(file, report)),
        prometheus: file.prometheus.is_some_and(|flag| flag.value),
        grants: file
            .grants
            .into_iter()
            .map(|file| grant(file, report))
            .collect(),
        key: key.value,
    }
}

/// What is offered beside tools: all of it where nothing is said.
fn offered(given: Option<At<Vec<At<String>>>>, of: NamesOf, report: &mut Report<'_>) -> Vec<Glob> {
    match given {
        Some(texts) => patterns_or_none(texts, of, report),
        None => vec![Glob::all()],
    }
}

fn source(
    given: Option<At<String>>,
    plugin: &Place,
    base: &Base<'_>,
    sources: Sources,
    report: &mut Report<'_>,
) -> PathBuf {
    const FIX: &str = "name the component's file, such as \"plugins/generic.wasm\"";
    let Some(given) = given else {
        let place = plugin.below("source");
        if !report.knows(&place.key) {
            report.add(&place, "`source` is missing", FIX);
        }
        return PathBuf::new();
    };
    let Some(text) = not_empty(Some(given), FIX, report) else {
        return PathBuf::new();
    };
    if text.value.contains("://") {
        let message = format!(
            "`{}` is a URL, and this release loads files only",
            text.value
        );
        report.add(
            &text.place,
            message,
            "fetch the component and name its file",
        );
        return PathBuf::new();
    }
    let path = base.resolve(&text.value);
    if sources == Sources::MustExist && !path.is_file() {
        let message = format!("there is no file `{}`", path.display());
        report.add(
            &text.place,
            message,
            "build the plugins with `cargo xtask build`, or correct the path",
        );
    }
    path
}

fn sha256(text: &At<String>, report: &mut Report<'_>) -> Option<[u8; 32]> {
    let digest = hex32(&text.value);
    if digest.is_none() {
        let message = format!("`{}` is not a SHA-256", text.value);
        report.add(
            &text.place,
            message,
            "write the 64 hex digits that `sha256sum` prints for the component",
        );
    }
    digest
}

fn hex32(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let nibble = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?))
        .collect();
    bytes?.try_into().ok()
}

fn prefix(text: At<String>, report: &mut Report<'_>) -> String {
    if !text.value.is_empty() && !is_name(&text.value, '_') {
        let message = format!("`{}` cannot be a prefix", text.value);
        report.add(
            &text.place,
            message,
            "begin with a small letter; small letters, digits and `_`; at most 32 characters",
        );
    }
    text.value
}

/// Whether a text is `[a-z][a-z0-9]{0,31}`, where `joint` is allowed too, but not first.
fn is_name(text: &str, joint: char) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
        && text.len() <= 32
}

fn impersonation(file: file::Impersonate, report: &mut Report<'_>) -> Option<Impersonation> {
    const FIX: &str = "name the user, such as \"system:serviceaccount:bulkhead:generic\"";
    let user = match file.user {
        Some(user) => identity(user, FIX, report),
        None => {
            let place = file.place.below("user");
            if !report.knows(&place.key) {
                report.add(&place, "`user` is missing", FIX);
            }
            None
        }
    };
    let groups = file.groups.map(|texts| texts.value).unwrap_or_default();
    let groups = groups.into_iter().filter_map(|text| {
        if text.value == "system:masters" {
            let message =
                "`system:masters` is above all RBAC, so nothing would bound the plugin there";
            report.add(&text.place, message, "name a group of your own");
            return None;
        }
        identity(text, "name a group, or leave the key out", report)
    });
    let groups = groups.collect();
    Some(Impersonation {
        user: user?,
        groups,
    })
}

/// A name that fits into a header of HTTP as it stands.
fn identity(text: At<String>, fix: &str, report: &mut Report<'_>) -> Option<String> {
    let text = not_empty(Some(text), fix, report)?;
    if !text.value.bytes().all(|c| c.is_ascii_graphic()) {
        let message = "a name that is impersonated has printable ASCII and no spaces";
        report.add(&text.place, message, fix);
    }
    Some(text.value)
}

fn limits(file: file::Limits, report: &mut Report<'_>) -> Limits {
    let default = Limits::default();
    // Only where one of them is given can they be at odds.
    let times = file
        .cpu
        .as_ref()
        .or(file.wall.as_ref())
        .map(|text| text.place.clone());
    let mut bytes =
        |given, bounds, default| size(given, bounds, ByteSize::new(default), report).bytes();
    let memory = bytes(file.memory, limits::MEMORY, default.memory);
    let crossing = bytes(file.crossing, limits::CROSSING, default.crossing);
    let output = bytes(file.output, limits::OUTPUT, default.output);
    let limits = Limits {
        memory,
        crossing,
        output,
        table_elements: count(
            file.table_elements,
            limits::TABLE_ELEMENTS,
            default.table_elements,
            report,
        ),
        cpu: duration(file.cpu, limits::CPU, default.cpu, report),
        wall: duration(file.wall, limits::WALL, default.wall, report),
        host_calls: count(
            file.host_calls,
            limits::HOST_CALLS,
            default.host_calls,
            report,
        ),
        concurrent: count(
            file.concurrent,
            limits::CONCURRENT,
            default.concurrent,
            report,
        ),
    };
    if let Some(place) = times.filter(|place| limits.cpu > limits.wall && !report.knows(&place.key))
    {
        let (cpu, wall) = (duration_text(limits.cpu), duration_text(limits.wall));
        let message =
            format!("`cpu` is {cpu} and `wall` is {wall}: it would end before `cpu` is used up");
        report.add(
            &place,
            message,
            format!("set cpu to {wall} or less, or wall to {cpu} or more"),
        );
    }
    limits
}
