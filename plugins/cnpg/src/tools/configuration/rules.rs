//! What the operator's webhook asks of all parameters together, and of what they need elsewhere in the spec: said here, with the
//! reason, before anything is sent.
//!
//! From `validateConfiguration`, `validateWalSizeConfiguration`, `validateWALLevelChange`, `validateResources`,
//! `validatePgFailoverSlots` and `validateSynchronizeLogicalDecoding` in `cluster_webhook.go` of 1.28. Only what a wanted change
//! touches is judged: what was wrong before is not its fault.

use super::wanted::Setting;
use crate::parameters::{self, number, operator, value};
use crate::quantity;
use bulkhead_plugin_sdk::Object;
use serde_json::Value;

/// `MAX_BACKENDS` less the one that PostgreSQL starts for itself.
const MOST_PROCESSES: i128 = 262_142;

/// The parameters of a cluster as they would be.
pub(super) struct Outcome<'a> {
    cluster: Object<'a>,
    settings: &'a [Setting],
    major: u64,
}

impl<'a> Outcome<'a> {
    pub(super) fn new(cluster: Object<'a>, settings: &'a [Setting], major: u64) -> Self {
        Self {
            cluster,
            settings,
            major,
        }
    }

    /// Returns what the operator would refuse, a sentence each.
    pub(super) fn problems(&self) -> Vec<String> {
        let rules = [
            self.connections(),
            self.wal_level(),
            self.wal_log_hints(),
            self.shared_buffers(),
            self.wal_sizes(),
            self.slots(),
        ];
        rules.into_iter().flatten().collect()
    }

    /// Whether the change is about one of these.
    fn touches(&self, names: &[&str]) -> bool {
        self.settings
            .iter()
            .any(|setting| names.contains(&setting.name.as_str()))
    }

    /// What would hold; none where that is PostgreSQL's default.
    fn value(&self, name: &str) -> Option<&'a str> {
        match self.settings.iter().find(|setting| setting.name == name) {
            Some(setting) => setting.effective(),
            None => self.standing(name).or_else(|| operator::default_of(name)),
        }
    }

    fn standing(&self, name: &str) -> Option<&'a str> {
        let parameters = self.cluster.part("/spec/postgresql/parameters");
        parameters.0.get(name).and_then(Value::as_str)
    }

    fn is_on(&self, name: &str) -> bool {
        self.value(name).and_then(value::boolean) == Some(true)
    }

    /// Whether any parameter of an extension would be set.
    pub(super) fn uses(&self, extension: &str) -> bool {
        let is_its = |name: &str| operator::managed_extension(name) == Some(extension);
        let parameters = self.cluster.part("/spec/postgresql/parameters").0;
        let standing = parameters.as_object().into_iter().flatten();
        let named = |name: &str| self.settings.iter().any(|setting| setting.name == name);
        let stays = standing
            .map(|(name, _)| name)
            .any(|name| is_its(name) && !named(name));
        let set = |setting: &Setting| setting.new.is_some() && is_its(&setting.name);
        stays || self.settings.iter().any(set)
    }

    /// What PostgreSQL itself asks of several parameters together, and does not start without (`PostmasterMain` in `postmaster.c`,
    /// `InitializeMaxBackends` in `postinit.c`; both seen on 15 and 18).
    fn connections(&self) -> Option<String> {
        let connections = ("max_connections", 100);
        let reserved = [
            ("superuser_reserved_connections", 3),
            ("reserved_connections", 0),
        ];
        // What runs the workers of autovacuum is the second one since 18.
        let workers = match self.major {
            ..18 => ("autovacuum_max_workers", 3),
            18.. => ("autovacuum_worker_slots", 16),
        };
        let others = [
            workers,
            ("max_worker_processes", 8),
            ("max_wal_senders", 10),
        ];
        let all = reserved.iter().chain(&others).chain([&connections]);
        if !all.into_iter().any(|(name, _)| self.touches(&[name])) {
            return None;
        }
        let number = |&(name, preset): &(&str, i128)| self.number(name).unwrap_or(preset);
        let connections = number(&connections);
        let kept: i128 = reserved.iter().map(number).sum();
        if kept >= connections {
            return Some(format!(
                "`max_connections` of {connections} has to be more than the {kept} that are kept free (superuser_reserved_connections, \
                 reserved_connections), or PostgreSQL does not start"
            ));
        }
        let processes = connections + others.iter().map(number).sum::<i128>();
        (processes >= MOST_PROCESSES).then(|| {
            let names = others.map(|(name, _)| name).join(", ");
            format!("`max_connections` and {names} are {processes} together and have to be less than {MOST_PROCESSES}, or PostgreSQL does not start")
        })
    }

    /// Returns a whole number that would hold; none where that is PostgreSQL's default, or the version has no such parameter.
    fn number(&self, name: &str) -> Option<i128> {
        let parameter = parameters::find(name, self.major)?;
        Some(value::number(parameter, self.value(name)?)? / number::ONE)
    }

    fn wal_level(&self) -> Option<String> {
        let minimal =
            |level: Option<&str>| level.is_some_and(|level| level.eq_ignore_ascii_case("minimal"));
        if !minimal(self.value("wal_level")) {
            return None;
        }
        if !minimal(self.standing("wal_level")) && self.touches(&["wal_level"]) {
            return Some("`wal_level` cannot become minimal in a cluster that exists, the operator refuses that".to_owned());
        }
        (self.touches(&["max_wal_senders"]) && self.value("max_wal_senders") != Some("0"))
            .then(|| "`max_wal_senders` has to be 0 while `wal_level` is minimal".to_owned())
    }

    fn wal_log_hints(&self) -> Option<String> {
        let needed = self.cluster.number("/spec/instances") > 1;
        (needed && self.touches(&["wal_log_hints"]) && !self.is_on("wal_log_hints")).then(|| {
            "`wal_log_hints` has to be on in a cluster of several instances: pg_rewind needs it"
                .to_owned()
        })
    }

    fn shared_buffers(&self) -> Option<String> {
        let value = self
            .value("shared_buffers")
            .filter(|_| self.touches(&["shared_buffers"]))?;
        let bare = value.trim().bytes().all(|byte| byte.is_ascii_digit());
        // The operator takes a number without unit for MB (`parsePostgresQuantityValue`), PostgreSQL for blocks of 8 kB.
        let bytes = if bare {
            quantity::bytes(value.trim())?.saturating_mul(1 << 20)
        } else {
            memory(value, self.major, "shared_buffers")?
        };
        let resources = self.cluster.part("/spec/resources");
        let requested =
            quantity::bytes(resources.text("/requests/memory")).filter(|bytes| *bytes > 0)?;
        let huge = |part: &str| {
            let amounts = resources.part(part).0.as_object().into_iter().flatten();
            amounts
                .filter(|(name, _)| name.starts_with("hugepages-"))
                .any(|(_, amount)| {
                    quantity::bytes(amount.as_str().unwrap_or_default())
                        .is_some_and(|huge| huge >= bytes)
                })
        };
        (bytes > requested && !huge("/requests") && !huge("/limits")).then(|| {
            format!(
                "`shared_buffers` of {value} is more than the memory that an instance asks for, {} (spec.resources.requests.memory)",
                resources.text("/requests/memory")
            )
        })
    }

    fn wal_sizes(&self) -> Option<String> {
        let names = ["min_wal_size", "max_wal_size"];
        if !self.touches(&names) {
            return None;
        }
        // The operator compares with these where nothing is set (`validateWalSizeConfiguration`).
        let [least, most] = [("min_wal_size", "80MB"), ("max_wal_size", "1GB")]
            .map(|(name, default)| (name, self.value(name).unwrap_or(default)));
        let bytes = |(name, value): (&str, &str)| memory(value, self.major, name);
        let (min, max) = (bytes(least)?, bytes(most)?);
        if min >= max {
            return Some(format!(
                "`min_wal_size` of {} has to be less than `max_wal_size`, which is {}",
                least.1, most.1
            ));
        }
        let size = self.cluster.text("/spec/walStorage/size");
        let volume = quantity::bytes(size)?;
        let (name, value) = if min >= volume { least } else { most };
        (max >= volume && self.value(name).is_some())
            .then(|| format!("`{name}` of {value} has to be less than the volume for WAL, which is {size} (spec.walStorage.size)"))
    }

    /// `pg_failover_slots`, and the slots for logical decoding that PostgreSQL itself carries over since 17.
    fn slots(&self) -> Option<String> {
        let feedback = "hot_standby_feedback";
        let failover = self.uses("pg_failover_slots");
        let own = ["sync_replication_slots", feedback];
        let touched = self.touches(&own)
            || self
                .settings
                .iter()
                .any(|it| operator::managed_extension(&it.name) == Some("pg_failover_slots"));
        if !touched {
            return None;
        }
        let availability = self.cluster.part("/spec/replicationSlots/highAvailability");
        if failover {
            if availability.flag("/enabled") == Some(false) {
                return Some(
                    "`pg_failover_slots` needs spec.replicationSlots.highAvailability.enabled"
                        .to_owned(),
                );
            }
            return (!self.is_on(feedback)).then(|| {
                format!("`{feedback}` has to be on while a parameter of pg_failover_slots is set")
            });
        }
        if availability.flag("/synchronizeLogicalDecoding") != Some(true) {
            return None;
        }
        let decoding =
            "while spec.replicationSlots.highAvailability.synchronizeLogicalDecoding is on";
        if self.major < 17 {
            return Some(format!(
                "a parameter of pg_failover_slots has to be set {decoding}, before PostgreSQL 17"
            ));
        }
        let missing = own.into_iter().find(|name| !self.is_on(name))?;
        Some(format!("`{missing}` has to be on {decoding}"))
    }
}

/// Returns the bytes that a parameter's value is. A number without unit is one of the parameter's own.
fn memory(value: &str, major: u64, name: &str) -> Option<u64> {
    let parameter = parameters::find(name, major)?;
    let parameters::Takes::Integer(range) = parameter.takes else {
        return None;
    };
    let bytes = number::bytes(value::number(parameter, value)?, range.unit)?;
    u64::try_from(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::tools::configuration::wanted;
    use bulkhead_plugin_sdk::Object;
    use bulkhead_plugin_sdk::arguments::Values;
    use serde_json::{Map, Value, json};

    /// What would be refused of a cluster of two instances, in PostgreSQL 16.
    fn refused(spec: &Value, parameters: &Value) -> String {
        refused_in(16, spec, parameters)
    }

    fn refused_in(major: u64, spec: &Value, parameters: &Value) -> String {
        let mut cluster = json!({ "spec": { "instances": 2 } });
        for (name, value) in spec.as_object().into_iter().flatten() {
            cluster["spec"][name] = value.clone();
        }
        let current = cluster
            .pointer("/spec/postgresql/parameters")
            .and_then(Value::as_object);
        let values = Values::of(json!({ "parameters": parameters }));
        let current = current.cloned().unwrap_or_else(Map::new);
        let settings = wanted::read(&values, &current, major).expect("each is fine by itself");
        Outcome::new(Object(&cluster), &settings, major)
            .problems()
            .join("; ")
    }

    fn with(parameters: &Value) -> Value {
        json!({ "postgresql": { "parameters": parameters } })
    }

    #[test]
    fn connections_are_more_than_those_kept_free_and_fewer_than_there_can_be() {
        let none = json!({});
        let words = "`max_connections` of 3 has to be more than the 3 that are kept free";
        assert!(refused(&none, &json!({ "max_connections": "3" })).starts_with(words));
        assert_eq!(refused(&none, &json!({ "max_connections": "4" })), "");
        let standing =
            with(&json!({ "max_connections": "20", "superuser_reserved_connections": "10" }));
        assert!(
            refused(&standing, &json!({ "reserved_connections": "10" }))
                .contains("the 20 that are kept free")
        );
        assert_eq!(
            refused_in(
                15,
                &standing,
                &json!({ "superuser_reserved_connections": "19" })
            ),
            ""
        );
        // With 3 workers of autovacuum, the operator's 32 workers and 10 senders.
        assert_eq!(refused(&none, &json!({ "max_connections": "262096" })), "");
        let many = refused(&none, &json!({ "max_connections": "262097" }));
        assert!(many.contains("are 262142 together"), "{many}");
    }

    #[test]
    fn minimal_wal_is_refused_where_it_was_not_minimal_before() {
        let words =
            "`wal_level` cannot become minimal in a cluster that exists, the operator refuses that";
        assert_eq!(
            refused(&json!({}), &json!({ "wal_level": "Minimal" })),
            words
        );
        let minimal = with(&json!({ "wal_level": "minimal", "max_wal_senders": "0" }));
        assert_eq!(refused(&minimal, &json!({ "work_mem": "8MB" })), "");
        assert!(refused(&minimal, &json!({ "max_wal_senders": "5" })).contains("has to be 0"));
    }

    #[test]
    fn hints_stay_on_in_a_cluster_of_several() {
        assert!(refused(&json!({}), &json!({ "wal_log_hints": "off" })).contains("pg_rewind"));
        assert_eq!(
            refused(
                &json!({ "instances": 1 }),
                &json!({ "wal_log_hints": "off" })
            ),
            ""
        );
    }

    #[test]
    fn shared_buffers_fit_into_the_memory_that_is_asked_for() {
        let resources = |requests: Value| json!({ "resources": { "requests": requests } });
        let small = resources(json!({ "memory": "1Gi" }));
        let words = "`shared_buffers` of 2GB is more than the memory that an instance asks for, 1Gi (spec.resources.requests.memory)";
        assert_eq!(refused(&small, &json!({ "shared_buffers": "2GB" })), words);
        assert_eq!(refused(&small, &json!({ "shared_buffers": "1GB" })), "");
        assert_eq!(refused(&json!({}), &json!({ "shared_buffers": "2GB" })), "");
        let huge = resources(json!({ "memory": "1Gi", "hugepages-2Mi": "4Gi" }));
        assert_eq!(refused(&huge, &json!({ "shared_buffers": "2GB" })), "");
    }

    #[test]
    fn sizes_of_wal_are_in_order_and_fit_the_volume() {
        let none = json!({});
        assert!(
            refused(&none, &json!({ "min_wal_size": "1GB" }))
                .contains("less than `max_wal_size`, which is 1GB")
        );
        assert!(refused(&none, &json!({ "max_wal_size": "64MB" })).contains("which is 64MB"));
        assert_eq!(
            refused(
                &none,
                &json!({ "min_wal_size": "1GB", "max_wal_size": "4GB" })
            ),
            ""
        );
        let volume = json!({ "walStorage": { "size": "3Gi" } });
        let words = refused(&volume, &json!({ "max_wal_size": "4GB" }));
        assert_eq!(
            words,
            "`max_wal_size` of 4GB has to be less than the volume for WAL, which is 3Gi (spec.walStorage.size)"
        );
        assert_eq!(refused(&volume, &json!({ "max_wal_size": "2GB" })), "");
    }

    #[test]
    fn slots_that_survive_a_failover_need_what_the_operator_says() {
        let none = json!({});
        let slots = json!({ "pg_failover_slots.synchronize_slot_names": "name_like:%" });
        assert!(refused(&none, &slots).contains("`hot_standby_feedback` has to be on"));
        let fed = with(&json!({ "hot_standby_feedback": "on" }));
        assert_eq!(refused(&fed, &slots), "");
        let decoding = json!({ "replicationSlots": { "highAvailability": { "synchronizeLogicalDecoding": true } } });
        let both = json!({ "hot_standby_feedback": "on", "sync_replication_slots": "on" });
        assert_eq!(refused_in(17, &decoding, &both), "");
        let off = json!({ "hot_standby_feedback": "on", "sync_replication_slots": "off" });
        assert!(refused_in(17, &decoding, &off).contains("`sync_replication_slots` has to be on"));
        assert!(
            refused(&decoding, &json!({ "hot_standby_feedback": "on" }))
                .contains("before PostgreSQL 17")
        );
    }
}
