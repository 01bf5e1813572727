//! What a caller wants of the parameters, each checked by itself before anything is sent.
//!
//! All that is wrong is said at once. A name counts in any case, as PostgreSQL takes it, and stands in the patch as the cluster has
//! it already, else as PostgreSQL spells it: two spellings of one parameter would be two lines of its configuration file.

use crate::parameters::{self, Effect, NEWEST, Parameter, operator, value};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::document::listed;
use serde_json::{Map, Value};

/// A parameter, and what becomes of it.
#[derive(Debug)]
pub(super) struct Setting {
    /// As it stands in the patch.
    pub(super) name: String,
    /// None of an extension's parameter, and of one to remove that PostgreSQL does not have.
    pub(super) parameter: Option<Parameter>,
    /// What the cluster sets now; none where it sets nothing.
    pub(super) old: Option<String>,
    /// What it is to set; none where it is to set nothing.
    pub(super) new: Option<String>,
}

impl Setting {
    /// What holds afterwards, as far as that is said: the operator puts its default where nothing is set.
    pub(super) fn effective(&self) -> Option<&str> {
        self.new
            .as_deref()
            .or_else(|| operator::default_of(&self.name))
    }

    /// Whether anything is another than before.
    pub(super) fn is_change(&self) -> bool {
        let before = self.old.as_deref();
        before.or(operator::default_of(&self.name)) != self.effective()
    }
}

/// Reads the arguments `parameters` and `remove`. `current` is what the cluster sets.
///
/// # Errors
/// `Invalid` with all that is wrong, and where nothing is wanted.
pub(super) fn read(
    values: &Values,
    current: &Map<String, Value>,
    major: u64,
) -> Result<Vec<Setting>, Failure> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut problems = Vec::new();
    let removed = values.texts("remove");
    let removed = removed.iter().map(|name| (name.as_str(), ""));
    for (name, value) in values.pairs("parameters").into_iter().chain(removed) {
        let name = name.trim();
        let value = Some(value).filter(|value| !value.trim().is_empty());
        match setting(name, value, current, major) {
            Ok(setting) => {
                let same = |other: &Setting| other.name == setting.name;
                if settings.iter().any(same) {
                    problems.push(format!("`{name}` is named twice"));
                } else {
                    settings.push(setting);
                }
            }
            Err(problem) => problems.push(format!("`{}` {problem}", shown(name))),
        }
    }
    if let Some(failure) = refused(&problems) {
        return Err(failure);
    }
    if settings.is_empty() {
        return Err(Failure::invalid("no parameter is named").next_step(
            "give `parameters`, such as { \"work_mem\": \"64MB\" }, or names to `remove`",
        ));
    }
    Ok(settings)
}

/// Makes one failure of all problems; none where there are none.
pub(super) fn refused(problems: &[String]) -> Option<Failure> {
    let sentence = match problems {
        [] => return None,
        [one] => one.clone(),
        several => format!("{} things are wrong: {}", several.len(), several.join("; ")),
    };
    let next = "mend that and ask again; nothing was sent";
    Some(Failure::invalid(sentence).next_step(next))
}

fn setting(
    name: &str,
    new: Option<&str>,
    current: &Map<String, Value>,
    major: u64,
) -> Result<Setting, String> {
    if let Some(why) = operator::fixed(name) {
        return Err(format!("is not free, CloudNativePG sets it: {why}"));
    }
    let standing = current
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name));
    let parameter = parameters::find(name, major);
    match parameter {
        Some(parameter) if parameter.effect() == Effect::Never => {
            return Err(
                "cannot be set: it only tells something, or belongs to one transaction".to_owned(),
            );
        }
        Some(parameter) => {
            if let Some(why) = new.and_then(|new| value::refused(parameter, new)) {
                return Err(why);
            }
        }
        // What PostgreSQL does not have may always go.
        None if new.is_none() && standing.is_some() => {}
        None if is_of_extension(name) => {}
        None => return Err(unknown(name, major)),
    }
    if let Some(new) = new {
        writable(new)?;
    }
    let new = new.map(|new| {
        parameter
            .and_then(|it| value::spelt(it, new))
            .unwrap_or(new)
    });
    let spelt = match (standing, parameter) {
        (Some((standing, _)), _) => standing.as_str(),
        (None, Some(parameter)) => parameter.name,
        (None, None) => name,
    };
    Ok(Setting {
        name: spelt.to_owned(),
        parameter,
        old: standing
            .and_then(|(_, value)| value.as_str())
            .map(str::to_owned),
        new: new.map(str::to_owned),
    })
}

fn unknown(name: &str, major: u64) -> String {
    if let Some(versions) = parameters::versions(name) {
        return format!("is a parameter of PostgreSQL {versions}, and this cluster has {major}");
    }
    let near = match parameters::near(name, major) {
        names if names.is_empty() => String::new(),
        names => format!("; there is {}", listed(&names)),
    };
    let newer = if major > NEWEST {
        format!(" (known here up to {NEWEST})")
    } else {
        String::new()
    };
    format!("is no parameter of PostgreSQL {major}{newer}{near}")
}

/// Whether it can be an extension's parameter: names apart by dots (`valid_custom_variable_name` in `guc.c`).
fn is_of_extension(name: &str) -> bool {
    let begins = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    let goes_on = |letter: char| begins(letter) || letter.is_ascii_digit() || letter == '$';
    let is_name = |part: &str| part.starts_with(begins) && part.chars().all(goes_on);
    name.contains('.') && name.split('.').all(is_name)
}

/// The operator writes a value between quotes into a file and doubles quotes in it, and nothing else
/// (`escapePostgresConfValue` in `configuration.go`). PostgreSQL reads a backslash there as an escape: a value that holds one could
/// end its quotes, and a line behind it would be another parameter, such as a command to run.
fn writable(value: &str) -> Result<(), String> {
    if value.contains('\\') {
        return Err("may hold no backslash: the operator would write it as an escape into PostgreSQL's file".to_owned());
    }
    if value.chars().any(char::is_control) {
        return Err("may hold no line break or other control character".to_owned());
    }
    Ok(())
}

/// A name that is wrong may be anything.
fn shown(name: &str) -> String {
    bulkhead_plugin_sdk::one_line(name)
}

#[cfg(test)]
mod tests {
    use super::{Setting, read};
    use bulkhead_plugin_sdk::arguments::Values;
    use serde_json::{Value, json};

    fn wanted(parameters: &Value, remove: &Value) -> Result<Vec<Setting>, String> {
        let current = json!({
            "Work_Mem": "4MB", "max_worker_processes": "32", "wal_keep_size": "1GB", "gone_since": "1", "pgaudit.log": "all",
        });
        let values = Values::of(json!({ "parameters": parameters, "remove": remove }));
        let current = current.as_object().expect("it is an object");
        read(&values, current, 16).map_err(|failure| failure.message().to_owned())
    }

    fn refusal(name: &str, value: &str) -> String {
        wanted(&json!({ name: value }), &json!([])).expect_err(name)
    }

    #[test]
    fn what_the_operator_fixes_is_refused_in_any_case_and_told_where_it_is_set() {
        let words = refusal("archive_command", "/bin/true");
        assert!(
            words.starts_with(
                "`archive_command` is not free, CloudNativePG sets it: it archives WAL itself"
            ),
            "{words}"
        );
        for name in [
            "Archive_Command",
            "SSL",
            "shared_preload_libraries",
            "cnpg.config_sha256",
            "archive_library",
            "port",
        ] {
            let words = refusal(name, "x");
            assert!(words.contains("CloudNativePG sets it"), "{words}");
        }
        let words = wanted(&json!({}), &json!(["Restore_Command"])).expect_err("it is fixed");
        assert!(words.contains("CloudNativePG sets it"), "{words}");
    }

    /// `application_name = '\''`, a line break, and whatever PostgreSQL is to run.
    #[test]
    fn a_value_cannot_end_its_quotes_in_the_file_that_the_operator_writes() {
        for value in [
            "\\'\narchive_command = '/bin/true",
            "\\",
            "a\nb",
            "a\u{0}b",
            "a\rb",
            "a\tb",
        ] {
            for name in ["application_name", "pgaudit.role"] {
                let words = refusal(name, value);
                assert!(words.contains("may hold no"), "{words}");
            }
        }
        assert!(wanted(&json!({ "application_name": "it's" }), &json!([])).is_ok());
    }

    #[test]
    fn a_parameter_has_one_spelling_that_of_the_cluster_before_that_of_postgresql() {
        let settings = wanted(
            &json!({ "WORK_MEM": "64MB", "timezone": "UTC" }),
            &json!([]),
        )
        .expect("they are free");
        let names: Vec<_> = settings
            .iter()
            .map(|setting| setting.name.as_str())
            .collect();
        assert_eq!(names, ["Work_Mem", "TimeZone"]);
        assert_eq!(settings[0].old.as_deref(), Some("4MB"));
        let words =
            wanted(&json!({ "work_mem": "64MB" }), &json!(["WORK_MEM"])).expect_err("it is both");
        assert!(words.contains("`WORK_MEM` is named twice"), "{words}");
    }

    #[test]
    fn an_unknown_name_is_refused_with_names_that_begin_alike_or_with_its_versions() {
        let words = refusal("max_conections", "5");
        assert!(
            words.starts_with(
                "`max_conections` is no parameter of PostgreSQL 16; there is max_connections, "
            ),
            "{words}"
        );
        let words = refusal("io_method", "sync");
        assert!(
            words.contains("is a parameter of PostgreSQL 18 and newer, and this cluster has 16"),
            "{words}"
        );
        assert!(refusal("server_version", "17").contains("cannot be set"));
        assert!(refusal("a b.c", "1").contains("is no parameter"));
        assert!(refusal("a..b", "1").contains("is no parameter"));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let words = wanted(
            &json!({ "work_mem": "1kB", "port": "1", "fsync": "on" }),
            &json!(["nothing"]),
        )
        .expect_err("three are");
        assert!(
            words.starts_with("3 things are wrong: `port` is"),
            "{words}"
        );
        assert!(
            words.contains("`work_mem` takes 64 to 2147483647 in kB, and `1kB` is 1 in kB"),
            "{words}"
        );
        assert!(words.contains("`nothing` is no parameter"), "{words}");
        assert!(
            wanted(&json!({}), &json!([]))
                .expect_err("nothing is named")
                .starts_with("no parameter is named")
        );
    }

    #[test]
    fn what_is_taken_out_falls_back_to_the_operators_default_and_is_no_change_where_that_stands_there()
     {
        let settings = wanted(
            &json!({ "wal_keep_size": "" }),
            &json!([
                "max_worker_processes",
                "gone_since",
                "work_mem",
                "wal_level"
            ]),
        )
        .expect("they are free");
        let changes: Vec<_> = settings
            .iter()
            .filter(|it| it.is_change())
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(changes, ["wal_keep_size", "gone_since", "Work_Mem"]);
        assert_eq!(settings[0].effective(), Some("512MB"));
    }
}
