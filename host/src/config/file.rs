//! The configuration as it is written: the shape of the file, with the place of each value, before anything is checked.
//!
//! The JSON Schema is made from these types, so their documentation is what an editor shows to an operator.

mod approval;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

pub(super) use self::approval::{Approval, ApprovalRule, Approver, Changes};
use super::limits::{self, Limits as Limit};
use super::problem::{At, Place};
use super::units::{ByteSize, duration_text};
use super::{ClusterConfig, PrometheusConfig, RuntimeConfig};

pub(super) const DURATION: &str = "^[0-9]+(ms|s|m|h)$";
pub(super) const SIZE: &str = "^[0-9]+(B|KiB|MiB|GiB)$";
const SETTING: &str = "^[A-Za-z_][A-Za-z0-9_-]{0,63}$";
const VARIABLE: &str = "^[A-Za-z_][A-Za-z0-9_]{0,127}$";

/// The configuration of bulkhead.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Configuration of bulkhead")]
pub(super) struct File {
    /// How the cluster is reached.
    pub(super) cluster: Option<Cluster>,
    /// How Prometheus is reached.
    pub(super) prometheus: Option<Prometheus>,
    /// What bounds all plugins together.
    pub(super) runtime: Option<Runtime>,
    /// Where the host keeps files of its own.
    pub(super) directories: Option<Directories>,
    /// Who decides on changes, and how they are asked.
    pub(super) approval: Option<Approval>,
    /// What bounds proposals.
    pub(super) changes: Option<Changes>,
    /// The enabled plugins by their key, `[a-z][a-z0-9-]{0,31}`.
    #[schemars(with = "Option<BTreeMap<String, Plugin>>")]
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9-]{0,31}$" }))]
    pub(super) plugins: Vec<(At<String>, Plugin)>,
}

/// How the cluster is reached.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Cluster {
    /// The kubeconfig file, relative to this one. Without it: in-cluster (unless `context` is set), $KUBECONFIG, ~/.kube/config.
    #[schemars(length(min = 1))]
    pub(super) kubeconfig: Option<At<String>>,
    /// The context of the kubeconfig. Without it: its current one.
    #[schemars(length(min = 1))]
    pub(super) context: Option<At<String>>,
    /// How long the API server may take to answer one request; 1s to 5m.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(ClusterConfig::default().request_timeout)))]
    pub(super) request_timeout: Option<At<String>>,
    /// How often a failed GET is tried again; no other method ever is.
    #[schemars(range(min = *limits::RETRIES.start(), max = *limits::RETRIES.end()), extend("default" = ClusterConfig::default().retries))]
    pub(super) retries: Option<At<i64>>,
}

/// How Prometheus is reached.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Prometheus {
    /// Its address, `http://` or `https://`, with the path below which `/api/v1/query` stands, if any. Without it: there is none.
    #[schemars(regex(pattern = "^https?://[^/@?#]+(/[^?#]*)?$"))]
    pub(super) url: Option<At<String>>,
    /// A file with the bearer token to send, relative to this one. Read again while the host runs.
    #[schemars(length(min = 1))]
    pub(super) bearer_token_file: Option<At<String>>,
    /// A file with the certificates, as PEM, that the server's is checked against. Without it: the system's.
    #[schemars(length(min = 1))]
    pub(super) ca_file: Option<At<String>>,
    /// How long one answer may take; 1s to 5m.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(PrometheusConfig::TIMEOUT)))]
    pub(super) timeout: Option<At<String>>,
}

/// What bounds all plugins together.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Runtime {
    /// How long compiling one component may take; 1s to 10m.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(RuntimeConfig::default().compile_timeout)))]
    pub(super) compile_timeout: Option<At<String>>,
    /// How many calls run at once, over all plugins.
    #[schemars(range(min = *limits::MAX_CALLS.start(), max = *limits::MAX_CALLS.end()), extend("default" = RuntimeConfig::default().max_calls))]
    pub(super) max_calls: Option<At<i64>>,
    /// The largest arguments of one call, as JSON text; 1KiB to 16MiB.
    #[schemars(regex(pattern = SIZE), extend("default" = RuntimeConfig::default().arguments.to_string()))]
    pub(super) arguments: Option<At<String>>,
}

/// Where the host keeps files of its own.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Directories {
    /// Compiled components; can be deleted at any time. Empty: $XDG_CACHE_HOME/bulkhead, else ~/.cache/bulkhead.
    #[schemars(extend("default" = ""))]
    pub(super) cache: Option<At<String>>,
    /// What must outlive a restart. Empty: $XDG_STATE_HOME/bulkhead, else ~/.local/state/bulkhead.
    #[schemars(extend("default" = ""))]
    pub(super) state: Option<At<String>>,
}

/// One enabled plugin.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Plugin {
    /// Where the table stands.
    #[schemars(skip)]
    pub(super) place: Place,
    /// The component's file, relative to this one.
    #[schemars(required, length(min = 1))]
    pub(super) source: Option<At<String>>,
    /// The component's SHA-256 as 64 hex digits; any other component is refused.
    #[schemars(regex(pattern = "^[0-9A-Fa-f]{64}$"))]
    pub(super) sha256: Option<At<String>>,
    /// Which of its tools are offered: names, `*` for any run of characters.
    #[schemars(length(min = 1), extend("default" = ["*"]))]
    pub(super) tools: Option<At<Vec<At<String>>>>,
    /// Which of its resources and resource templates are offered, by their names: `*` for any run of characters. An empty list
    /// offers none.
    #[schemars(extend("default" = ["*"]))]
    pub(super) resources: Option<At<Vec<At<String>>>>,
    /// Which of its prompts are offered: names, `*` for any run of characters. An empty list offers none.
    #[schemars(extend("default" = ["*"]))]
    pub(super) prompts: Option<At<Vec<At<String>>>>,
    /// What stands before the name of each of its tools and prompts.
    #[schemars(regex(pattern = "^([a-z][a-z0-9_]{0,31})?$"), extend("default" = ""))]
    pub(super) prefix: Option<At<String>>,
    /// What one call may use. Going over one ends that call alone.
    pub(super) limits: Option<Limits>,
    /// Handed to the plugin as JSON; its own documentation says what it knows.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub(super) settings: serde_json::Map<String, Value>,
    /// Settings that an environment variable of the host gives, where it is set and `settings` does not name the key: the key, and
    /// the variable's name.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    #[schemars(extend("propertyNames" = { "pattern": SETTING }, "additionalProperties" = { "type": "string", "pattern": VARIABLE }))]
    pub(super) settings_from_environment: Vec<(At<String>, At<String>)>,
    /// As whom it acts in the cluster. Without it: the host's own identity.
    pub(super) impersonate: Option<Impersonate>,
    /// Whether it may ask Prometheus for any metric; only with a `url` under `[prometheus]`, and for a plugin that asks for it.
    #[schemars(extend("default" = false))]
    pub(super) prometheus: Option<At<bool>>,
    /// What the plugin may do in the cluster. Without any: nothing.
    #[schemars(with = "Option<Vec<Grant>>")]
    pub(super) grants: Vec<Grant>,
}

/// As whom a plugin acts in the cluster; the host's own identity must be allowed to impersonate it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Impersonate {
    /// Where the table stands.
    #[schemars(skip)]
    pub(super) place: Place,
    /// The user, such as `system:serviceaccount:bulkhead:generic`.
    #[schemars(required, length(min = 1))]
    pub(super) user: Option<At<String>>,
    /// Its groups. Never `system:masters`.
    #[schemars(inner(length(min = 1)))]
    pub(super) groups: Option<At<Vec<At<String>>>>,
}

/// What one call may use.
#[derive(Debug, Default, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Limits {
    /// Linear memory; 1MiB to 256MiB.
    #[schemars(regex(pattern = SIZE), extend("default" = ByteSize::new(Limit::default().memory).to_string()))]
    pub(super) memory: Option<At<String>>,
    /// Elements of all tables.
    #[schemars(range(min = *limits::TABLE_ELEMENTS.start(), max = *limits::TABLE_ELEMENTS.end()))]
    #[schemars(extend("default" = Limit::default().table_elements))]
    pub(super) table_elements: Option<At<i64>>,
    /// Time on a processor; waiting does not count. 10ms to 1m, and never more than `wall`.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(Limit::default().cpu)))]
    pub(super) cpu: Option<At<String>>,
    /// Time on the clock, waiting for the cluster included, for a person not; 100ms to 10m.
    #[schemars(regex(pattern = DURATION), extend("default" = duration_text(Limit::default().wall)))]
    pub(super) wall: Option<At<String>>,
    /// Calls of the host, refused and cached ones too: about the cluster, changes and the plugin's own records. Each expression for
    /// Prometheus and each report of progress counts as one.
    #[schemars(range(min = *limits::HOST_CALLS.start(), max = *limits::HOST_CALLS.end()))]
    #[schemars(extend("default" = Limit::default().host_calls))]
    pub(super) host_calls: Option<At<i64>>,
    /// What calls of the host hand to the plugin, all together, and what each of them may hand to the host; 64KiB to 1GiB.
    #[schemars(regex(pattern = SIZE), extend("default" = ByteSize::new(Limit::default().crossing).to_string()))]
    pub(super) crossing: Option<At<String>>,
    /// The answer to the client; 1KiB to 1MiB.
    #[schemars(regex(pattern = SIZE), extend("default" = ByteSize::new(Limit::default().output).to_string()))]
    pub(super) output: Option<At<String>>,
    /// Calls of this plugin that run at once.
    #[schemars(range(min = *limits::CONCURRENT.start(), max = *limits::CONCURRENT.end()))]
    #[schemars(extend("default" = Limit::default().concurrent))]
    pub(super) concurrent: Option<At<i64>>,
}

/// One part of the Kubernetes API that the plugin may use. Exactly one of `namespaces` and `scope` is given.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["namespaces"] }, { "required": ["scope"] }]))]
pub(super) struct Grant {
    /// Where the table stands.
    #[schemars(skip)]
    pub(super) place: Place,
    /// Names of API groups; the core group is the empty text, `*` is every group.
    #[schemars(required, length(min = 1))]
    pub(super) api_groups: Option<At<Vec<At<String>>>>,
    /// Plurals, and `pods/log`, `pods/eviction`, `*/status`, `*/scale`. `*` is every resource but secrets, configmaps and subresources.
    #[schemars(required, length(min = 1))]
    pub(super) resources: Option<At<Vec<At<String>>>>,
    /// `get`, `list`, `watch`; `create`, `patch`, `delete`, which propose changes that a person decides on; `use`, to refer to it.
    #[schemars(
        required,
        length(min = 1),
        inner(pattern("^(get|list|watch|create|patch|delete|use)$"))
    )]
    pub(super) verbs: Option<At<Vec<At<String>>>>,
    /// Namespaces of the objects: names, `*` for any run of characters.
    #[schemars(length(min = 1))]
    pub(super) namespaces: Option<At<Vec<At<String>>>>,
    /// `cluster` for objects that have no namespace.
    #[schemars(regex(pattern = "^cluster$"))]
    pub(super) scope: Option<At<String>>,
    /// Names of the objects, `*` for any run of characters. Without it: every name.
    #[schemars(length(min = 1))]
    pub(super) names: Option<At<Vec<At<String>>>>,
    /// What the objects' labels must match, as for `kubectl -l`.
    #[schemars(length(min = 1))]
    pub(super) label_selector: Option<At<String>>,
    /// Paths that a create, an apply or a patch may set, with everything below them. Without it: every field.
    #[schemars(length(min = 1))]
    pub(super) fields: Option<At<Vec<At<String>>>>,
    /// The most objects that one call may read and change by this grant; of several grants that cover them, the largest bound counts.
    #[schemars(range(min = *limits::MAX_OBJECTS.start(), max = *limits::MAX_OBJECTS.end()))]
    pub(super) max_objects: Option<At<i64>>,
    /// Whether values of Secrets are shown to a plugin that asks for them, and not only their keys and sizes.
    #[schemars(extend("default" = false))]
    pub(super) secret_values: Option<At<bool>>,
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Returns the JSON Schema of the configuration file, for editors.
pub fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<File>();
    RecursiveTransform(without_null).transform(&mut schema);
    schema.to_value()
}

/// TOML has no null: an optional key is left out.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [name] = &types[..] {
            let name = name.clone();
            schema.insert("type".to_owned(), name);
        }
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf")
        && let [Value::Object(only), null] = &choices[..]
        && null["type"] == "null"
    {
        let only = only.clone();
        schema.remove("anyOf");
        schema.ensure_object().extend(only);
    }
}
