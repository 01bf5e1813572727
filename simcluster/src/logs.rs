//! Logs of containers, and the refusals of the API server and the kubelet in their words.
//!
//! A log is a text whose lines begin with their time, as a kubelet keeps them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cluster::Cluster;
use crate::load::Problem;
use crate::params::Params;
use crate::status::Refusal;
use crate::types::ResourceType;

/// One run of a container: the current one, or the one before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ContainerRun {
    pub(crate) namespace: String,
    pub(crate) pod: String,
    pub(crate) container: String,
    pub(crate) previous: bool,
}

/// A log, oldest line first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Vec<Line>);

#[derive(Debug, Clone)]
struct Line {
    at: Timestamp,
    /// As it was written, since a time can be written in many ways.
    stamp: String,
    text: String,
}

impl Log {
    /// # Errors
    /// If a line does not begin with an RFC 3339 time.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let line = |(index, line): (usize, &str)| {
            let (stamp, text) = line.split_once(' ').unwrap_or((line, ""));
            let at = stamp
                .parse()
                .map_err(|_| Problem::LogLine { line: index + 1 })?;
            Ok(Line {
                at,
                stamp: stamp.to_owned(),
                text: text.to_owned(),
            })
        };
        text.lines()
            .enumerate()
            .map(line)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn read(&self, options: &Options) -> Vec<u8> {
        let young = |line: &&Line| options.since.is_none_or(|since| line.at >= since);
        let lines: Vec<&Line> = self.0.iter().filter(young).collect();
        let skipped = options
            .tail_lines
            .map_or(0, |tail| lines.len().saturating_sub(tail));
        let mut text = String::new();
        for line in lines.into_iter().skip(skipped) {
            if options.timestamps {
                text.push_str(&line.stamp);
                text.push(' ');
            }
            text.push_str(&line.text);
            text.push('\n');
        }
        let mut bytes = text.into_bytes();
        // A kubelet cuts bytes, not characters.
        bytes.truncate(options.limit_bytes.unwrap_or(usize::MAX));
        bytes
    }
}

/// Which part of a log.
struct Options {
    tail_lines: Option<usize>,
    since: Option<Timestamp>,
    limit_bytes: Option<usize>,
    timestamps: bool,
}

impl Options {
    fn of_request(pod: &str, params: &Params) -> Result<Self, Refusal> {
        if params.flag("follow") {
            return Err(Refusal::not_implemented(
                "simcluster does not follow a log: ask without `follow`",
            ));
        }
        let count = |name: &str, least: i64, rule: &str| -> Result<Option<usize>, Refusal> {
            match params.integer(name)? {
                Some(value) if value < least => Err(Refusal::invalid(
                    "PodLogOptions",
                    pod,
                    name,
                    &format!("Invalid value: {value}: must be {rule}"),
                )),
                value => Ok(value.and_then(|value| usize::try_from(value).ok())),
            }
        };
        let seconds = count("sinceSeconds", 1, "greater than 0")?;
        let since_time = params.text("sinceTime").map(|time| {
            time.parse().map_err(|_| {
                Refusal::bad_request(format!("sinceTime `{time}` is not an RFC 3339 time"))
            })
        });
        let ago = |seconds| {
            Timestamp::now()
                .checked_sub(SignedDuration::from_secs(seconds))
                .ok()
        };
        Ok(Self {
            tail_lines: count("tailLines", 0, "greater than or equal to 0")?,
            since: match seconds.and_then(|seconds| i64::try_from(seconds).ok()) {
                Some(seconds) => ago(seconds),
                None => since_time.transpose()?,
            },
            limit_bytes: count("limitBytes", 1, "greater than 0")?,
            timestamps: params.flag("timestamps"),
        })
    }
}

/// Answers `GET pods/NAME/log`; none is a pod that runs nowhere yet, which has no log and no error.
///
/// # Errors
/// 404 without such a pod, 400 for a container that it does not have or that has no log, 422 for numbers out of range.
pub(crate) fn read(
    cluster: &Cluster,
    of: &ResourceType,
    namespace: &str,
    name: &str,
    params: &Params,
) -> Result<Option<Vec<u8>>, Refusal> {
    let pod = cluster
        .object(of, Some(namespace), name)
        .ok_or_else(|| Refusal::no_object(of, name))?;
    let options = Options::of_request(name, params)?;
    let container = choose_container(pod, name, params.text("container"))?;
    let previous = params.flag("previous");
    let run = ContainerRun {
        namespace: namespace.to_owned(),
        pod: name.to_owned(),
        container,
        previous,
    };
    if let Some(log) = cluster.log(&run) {
        return Ok(Some(log.read(&options)));
    }
    if pod
        .pointer("/spec/nodeName")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        return Ok(None);
    }
    without_file(cluster, pod, &run, &options).map(Some)
}

/// The API server's part: a container that the pod has.
fn choose_container(pod: &Value, pod_name: &str, asked: Option<&str>) -> Result<String, Refusal> {
    let names = |pointer: &str| -> Vec<String> {
        let containers = pod
            .pointer(pointer)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        containers
            .filter_map(|container| container["name"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let (init, main) = (names("/spec/initContainers"), names("/spec/containers"));
    let ephemeral = names("/spec/ephemeralContainers");
    match (asked, main.as_slice()) {
        (Some(asked), _)
            if [&init, &main, &ephemeral]
                .into_iter()
                .flatten()
                .any(|name| name == asked) =>
        {
            Ok(asked.to_owned())
        }
        (Some(asked), _) => Err(Refusal::bad_request(format!(
            "container {asked} is not valid for pod {pod_name}"
        ))),
        (None, [only]) => Ok(only.clone()),
        (None, _) => {
            let all = [init, main, ephemeral].concat().join(" ");
            Err(Refusal::bad_request(format!(
                "a container name must be specified for pod {pod_name}, choose one of: [{all}]"
            )))
        }
    }
}

/// The kubelet's part: what a container says of which the manifests hold no log, by its status.
fn without_file(
    cluster: &Cluster,
    pod: &Value,
    run: &ContainerRun,
    options: &Options,
) -> Result<Vec<u8>, Refusal> {
    let ContainerRun {
        container,
        pod: name,
        ..
    } = run;
    let statuses = [
        "/status/containerStatuses",
        "/status/initContainerStatuses",
        "/status/ephemeralContainerStatuses",
    ];
    let status = statuses
        .iter()
        .filter_map(|pointer| pod.pointer(pointer).and_then(Value::as_array))
        .flatten()
        .find(|status| status["name"] == container.as_str());
    let quoted = format!("container \"{container}\" in pod \"{name}\"");
    let Some(status) = status else {
        return Err(Refusal::bad_request(format!("{quoted} is not available")));
    };
    let ended_before = status.pointer("/lastState/terminated").is_some();
    if run.previous {
        return if ended_before {
            Ok(Vec::new())
        } else {
            Err(Refusal::bad_request(format!(
                "previous terminated {quoted} not found"
            )))
        };
    }
    let state = &status["state"];
    if state.get("running").is_some() || state.get("terminated").is_some() {
        return Ok(Vec::new());
    }
    if ended_before {
        // Between two runs the log is the last one's.
        let last = ContainerRun {
            previous: true,
            ..run.clone()
        };
        return Ok(cluster
            .log(&last)
            .map(|log| log.read(options))
            .unwrap_or_default());
    }
    let reason = state.pointer("/waiting/reason").and_then(Value::as_str);
    Err(Refusal::bad_request(match reason {
        Some("ErrImagePull") => format!("{quoted} is waiting to start: image can't be pulled"),
        Some("ImagePullBackOff") => {
            format!("{quoted} is waiting to start: trying and failing to pull image")
        }
        Some(reason) => format!("{quoted} is waiting to start: {reason}"),
        None => format!("{quoted} is waiting to start - no logs yet"),
    }))
}
