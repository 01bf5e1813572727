//! What a list shows of each kind: columns, totals, and which objects are not well.
//!
//! A view names the paths that it needs, so that the host sends these and nothing else. Every list begins with the name and
//! ends with the age; a kind without a view of its own has only these.

mod node;
mod storage;
mod workload;

use crate::pod::{self, Pod};
use bulkhead_plugin_sdk::Time;
use bulkhead_plugin_sdk::kubernetes::{Count, ResourceType};
use serde_json::Value;

/// How the objects of a kind are shown.
pub(crate) struct View {
    /// Headings between NAME and AGE.
    pub(crate) columns: &'static [&'static str],
    /// What [`View::see`] reads.
    pub(crate) paths: &'static [&'static str],
    /// From the values at the paths to what is shown.
    pub(crate) see: fn(&[Value], Time) -> Seen,
    /// How the totals are made.
    pub(crate) tally: Option<Tally>,
}

/// What is shown of one object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// A cell per column.
    pub(crate) cells: Vec<String>,
    /// In a word, what is wrong with it; none where it is well.
    pub(crate) trouble: Option<String>,
}

/// How the objects of a kind are counted.
pub(crate) struct Tally {
    /// The values that tell the classes apart.
    pub(crate) by: &'static [&'static str],
    /// From these values to the class, such as `Running` or `ready`.
    pub(crate) class: fn(&[String]) -> String,
}

const PODS: View = View {
    columns: &["READY", "STATUS", "RESTARTS"],
    paths: &pod::PATHS,
    see: |values, _| {
        let pod = Pod::from_row(values);
        Seen {
            cells: vec![pod.ready(), pod.state(), pod.restarts().to_string()],
            trouble: pod.is_troubled().then(|| pod.state()),
        }
    },
    tally: Some(BY_PHASE),
};

const SERVICES: View = View {
    columns: &["TYPE", "CLUSTER-IP", "PORTS"],
    paths: &["spec.type", "spec.clusterIP", "spec.ports"],
    see: |values, _| {
        let ports = values
            .get(2)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let ports: Vec<_> = ports
            .map(|port| {
                let protocol = port
                    .get("protocol")
                    .and_then(Value::as_str)
                    .unwrap_or("TCP");
                format!("{}/{protocol}", cell(port.get("port")))
            })
            .collect();
        Seen {
            cells: vec![cell(values.first()), cell(values.get(1)), ports.join(",")],
            trouble: None,
        }
    },
    tally: None,
};

const NAMESPACES: View = View {
    columns: &["STATUS"],
    paths: &["status.phase"],
    see: first_cell,
    tally: Some(BY_PHASE),
};

/// Metadata is enough for these, so that the server sends no more.
const ANY: View = View {
    columns: &[],
    paths: &[],
    see: |_, _| Seen::default(),
    tally: None,
};

/// Custom resources mostly have a phase or a condition `Ready`.
const CUSTOM: View = View {
    columns: &["STATUS"],
    paths: &["status.phase", "status.conditions"],
    see: |values, _| {
        let conditions = values
            .get(1)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let mut ready = conditions.filter(|condition| cell(condition.get("type")) == "Ready");
        let of_condition =
            ready
                .next()
                .map(|condition| match cell(condition.get("status")).as_str() {
                    "True" => ("Ready".to_owned(), true),
                    _ => (
                        format!("NotReady: {}", cell(condition.get("reason"))),
                        false,
                    ),
                });
        let phase = cell(values.first());
        match of_condition {
            Some((state, well)) if phase.is_empty() || !well => Seen {
                trouble: (!well).then(|| state.clone()),
                cells: vec![state],
            },
            _ => Seen {
                cells: vec![phase],
                trouble: None,
            },
        }
    },
    tally: None,
};

const BY_PHASE: Tally = Tally {
    by: &["status.phase"],
    class: |key| {
        key.first()
            .filter(|phase| !phase.is_empty())
            .cloned()
            .unwrap_or_else(|| "Unknown".to_owned())
    },
};

/// Returns the view of a type.
pub(crate) fn of(of: &ResourceType) -> &'static View {
    match (of.group.as_str(), of.plural.as_str()) {
        ("", "pods") => &PODS,
        ("", "nodes") => &node::NODES,
        ("", "services") => &SERVICES,
        ("", "namespaces") => &NAMESPACES,
        ("", "persistentvolumeclaims") => &storage::CLAIMS,
        ("", "persistentvolumes") => &storage::VOLUMES,
        ("apps", "deployments") => &workload::DEPLOYMENTS,
        ("apps", "statefulsets" | "replicasets") | ("", "replicationcontrollers") => {
            &workload::REPLICATED
        }
        ("apps", "daemonsets") => &workload::DAEMON_SETS,
        ("batch", "jobs") => &workload::JOBS,
        ("batch", "cronjobs") => &workload::CRON_JOBS,
        (group, _) if group.contains('.') && !group.ends_with(".k8s.io") => &CUSTOM,
        _ => &ANY,
    }
}

impl Tally {
    /// Adds the host's counts up by class, most frequent first.
    pub(crate) fn add_up(&self, counts: &[Count]) -> Vec<(String, u32)> {
        let mut classes: Vec<(String, u32)> = Vec::new();
        for count in counts {
            let class = (self.class)(&count.key);
            match classes.iter_mut().find(|(have, _)| *have == class) {
                Some((_, objects)) => *objects += count.objects,
                None => classes.push((class, count.objects)),
            }
        }
        classes.sort_by(|(a, a_objects), (b, b_objects)| b_objects.cmp(a_objects).then(a.cmp(b)));
        classes
    }
}

/// Returns a value as it stands in a cell; empty where there is none.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn first_cell(values: &[Value], _: Time) -> Seen {
    Seen {
        cells: vec![cell(values.first())],
        trouble: None,
    }
}

/// Returns a number; zero where there is none, since the API leaves zeros out.
fn number(value: Option<&Value>) -> u64 {
    value.and_then(Value::as_u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{BY_PHASE, CUSTOM, SERVICES, Seen};
    use bulkhead_plugin_sdk::Time;
    use bulkhead_plugin_sdk::kubernetes::Count;
    use serde_json::json;

    fn now() -> Time {
        Time::parse("2026-11-21T12:00:00Z").expect("that is a time")
    }

    #[test]
    fn counts_of_one_class_are_added_up() {
        let count = |phase: &str, objects| Count {
            key: vec![phase.to_owned()],
            objects,
        };
        let classes = BY_PHASE.add_up(&[count("Running", 3), count("", 1), count("Pending", 5)]);
        let expected = [("Pending", 5), ("Running", 3), ("Unknown", 1)];
        assert_eq!(
            classes,
            expected.map(|(class, objects)| (class.to_owned(), objects))
        );
    }

    #[test]
    fn the_ports_of_a_service_stand_with_their_protocols() {
        let ports = json!([{ "port": 80 }, { "port": 53, "protocol": "UDP" }]);
        let seen = (SERVICES.see)(&[json!("ClusterIP"), json!("10.0.0.1"), ports], now());
        assert_eq!(seen.cells, ["ClusterIP", "10.0.0.1", "80/TCP,53/UDP"]);
    }

    #[test]
    fn a_custom_resource_shows_its_phase_or_whether_it_is_ready() {
        let see = |phase, conditions| (CUSTOM.see)(&[phase, conditions], now());
        let ready =
            |status: &str| json!([{ "type": "Ready", "status": status, "reason": "Waiting" }]);
        assert_eq!(see(json!("Completed"), json!(null)).cells, ["Completed"]);
        assert_eq!(see(json!(null), ready("True")).cells, ["Ready"]);
        let not_ready = "NotReady: Waiting".to_owned();
        let expected = Seen {
            cells: vec![not_ready.clone()],
            trouble: Some(not_ready),
        };
        assert_eq!(see(json!("Creating"), ready("False")), expected);
    }
}
