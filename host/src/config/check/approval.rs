//! `[approval]`: every approver a key of their own, and every rule as narrow as its channel demands.
//!
//! What a rule may never say is refused here, so that nobody believes it; the host's policy holds it all the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::approval::{
    ApprovalConfig, ApprovalRule, Approver, Channel, ResourcePattern, RiskLevel,
};
use super::super::file;
use super::super::glob::Glob;
use super::super::grant::Verb;
use super::super::limits;
use super::super::problem::{At, Place, Report};
use super::super::small_order::is_of_small_order;
use super::super::suggest::did_you_mean;
use super::not_empty;
use super::pattern::{NamesOf, patterns};
use super::quantity::duration;

type Texts = At<Vec<At<String>>>;

const ALL: &str = "leave the key out for all";

pub(super) fn approval(file: file::Approval, report: &mut Report<'_>) -> ApprovalConfig {
    let default = ApprovalConfig::default();
    let mut approvers: Vec<Approver> = Vec::new();
    for one in file.approvers {
        let place = one.place.clone();
        let Some(one) = approver(one, report) else {
            continue;
        };
        if approvers.iter().any(|other| other.name == one.name) {
            let message = format!("there is another approver `{}`", one.name);
            report.add(
                &place,
                message,
                "the audit tells approvers apart by name: use another",
            );
        }
        if let Some(other) = approvers.iter().find(|other| other.key == one.key) {
            let message = format!("`{}` and `{}` have one key", other.name, one.name);
            report.add(
                &place,
                message,
                "each approver makes a key by `bulkhead approver init`",
            );
        }
        approvers.push(one);
    }
    ApprovalConfig {
        approvers,
        rules: file
            .rules
            .into_iter()
            .filter_map(|file| rule(file, report))
            .collect(),
        wait: duration(file.wait, limits::WAIT, default.wait, report),
    }
}

fn approver(file: file::Approver, report: &mut Report<'_>) -> Option<Approver> {
    const KEY: &str = "write the line that `bulkhead approver init` printed: key = \"ed25519:…\"";
    let name = required(file.name, &file.place, "name", "name = \"ada\"", report);
    let name = name.and_then(|text| not_empty(Some(text), "name the approver", report));
    let text = required(file.key, &file.place, "key", "key = \"ed25519:…\"", report)?;
    let key = text
        .value
        .strip_prefix("ed25519:")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let wrong = match key {
        None => Some("this is not an approver's public key"),
        Some(key) if is_of_small_order(&key) => {
            Some("anybody can sign for this key: it is a placeholder, not an approver's")
        }
        Some(_) => None,
    };
    if let Some(message) = wrong {
        report.add(&text.place, message, KEY);
        return None;
    }
    Some(Approver {
        name: name?.value,
        key: key?,
    })
}

fn rule(file: file::ApprovalRule, report: &mut Report<'_>) -> Option<ApprovalRule> {
    let example = "channel = \"console\"";
    let channel = required(file.channel, &file.place, "channel", example, report)
        .and_then(|text| word(&text, Channel::ALL, Channel::as_str, "a channel", report));
    let mut globs = |texts: Option<Texts>, of| {
        texts
            .map(|texts| patterns(texts, of, ALL, report))
            .unwrap_or_default()
    };
    let plugins = globs(file.plugins, NamesOf::Plugins);
    let tools = globs(file.tools, NamesOf::Tools);
    let namespaces = globs(file.namespaces, NamesOf::Namespaces);
    let resources = each(file.resources, report, |text, report| {
        let fix = "write a plural, such as \"pods\", \"deployments.apps\", \"*.example.com\" or \"deployments/scale\"";
        let parsed = text.value.parse::<ResourcePattern>();
        parsed
            .map_err(|error| report.add(&text.place, error.to_string(), fix))
            .ok()
    });
    let verbs = each(file.verbs, report, |text, report| {
        let changing = [Verb::Create, Verb::Patch, Verb::Delete];
        word(text, changing, Verb::as_str, "a verb that changes", report)
    });
    let place_of_risk = file.risk.as_ref().map(|texts| texts.place.clone());
    let risk = each(file.risk, report, |text, report| {
        word(text, RiskLevel::ALL, RiskLevel::as_str, "a risk", report)
    });
    let rule = ApprovalRule {
        plugins,
        tools,
        verbs,
        resources,
        namespaces,
        risk,
        channel: channel?,
    };
    check_narrow(&rule, &file.place, report);
    if let Some(place) = place_of_risk {
        check_risk(&rule, &place, report);
    }
    Some(rule)
}

/// What nobody looks at must say what it is.
fn check_narrow(rule: &ApprovalRule, place: &Place, report: &mut Report<'_>) {
    if rule.channel != Channel::Auto {
        return;
    }
    let every = |globs: &[Glob]| globs.is_empty() || globs.iter().any(Glob::is_all);
    let wide = [
        ("plugins", every(&rule.plugins)),
        ("verbs", rule.verbs.is_empty()),
        (
            "resources",
            rule.resources.is_empty() || rule.resources.iter().any(ResourcePattern::is_all),
        ),
        ("namespaces", every(&rule.namespaces)),
    ];
    for (key, _) in wide.iter().filter(|(_, wide)| *wide) {
        // A list that could not be read is empty for another reason.
        if !report.knows(&place.below(key).key) {
            let message =
                format!("a rule with channel \"auto\" must say which `{key}`, and `*` does not");
            let fix = format!("name the {key}, or use another channel");
            report.add(place, message, fix);
        }
    }
}

fn check_risk(rule: &ApprovalRule, place: &Place, report: &mut Report<'_>) {
    let high = rule.risk.contains(&RiskLevel::High);
    if high && matches!(rule.channel, Channel::Auto | Channel::Elicitation) {
        let message = format!(
            "risk \"high\" is never decided by channel \"{}\"",
            rule.channel
        );
        report.add(
            place,
            message,
            "remove \"high\", or use channel = \"console\"",
        );
    }
}

fn required(
    given: Option<At<String>>,
    table: &Place,
    key: &str,
    example: &str,
    report: &mut Report<'_>,
) -> Option<At<String>> {
    let place = table.below(key);
    if given.is_none() && !report.knows(&place.key) {
        report.add(
            &place,
            format!("`{key}` is missing"),
            format!("add it, such as {example}"),
        );
    }
    given
}

/// Reads each text of a list, which is not empty where it is given.
fn each<T>(
    texts: Option<Texts>,
    report: &mut Report<'_>,
    read: impl Fn(&At<String>, &mut Report<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(texts) = texts else {
        return Vec::new();
    };
    if texts.value.is_empty() {
        report.add(
            &texts.place,
            "the list is empty, so it matches nothing",
            ALL,
        );
    }
    let read = |text| read(text, report);
    texts.value.iter().filter_map(read).collect()
}

/// Finds what a word names.
fn word<T: Copy, const N: usize>(
    text: &At<String>,
    all: [T; N],
    name: fn(T) -> &'static str,
    what: &str,
    report: &mut Report<'_>,
) -> Option<T> {
    let known = all.into_iter().find(|one| name(*one) == text.value);
    if known.is_none() {
        let words = all.map(name);
        let hint = did_you_mean(&text.value, words);
        report.add(
            &text.place,
            format!("`{}` is not {what}", text.value),
            format!("use one of {}{hint}", words.join(", ")),
        );
    }
    known
}
