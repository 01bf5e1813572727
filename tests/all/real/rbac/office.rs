//! A cluster of its own with something to look at and to change, and a host that has no right there but those that
//! `bulkhead rbac` printed.

use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::HostConfig,
    mcp_client::{Era, McpClient},
    real_cluster::{Controllers, RealCluster, User},
};
use serde_json::{Value, json};

use super::{calls::Outcome, rights::Given};
use crate::session::{Ran, Said, bulkhead};

/// What the operator's changes are about, as an administrator makes it. `metrics.k8s.io` is made of two custom resources: there
/// are no kubelets to measure anything.
const OBJECTS: &str = include_str!("objects.yaml");

/// Where what the operator may uncomment begins that is about changes.
const CHANGES: &str = "# From here on: changes.";

/// kubectl's words to wait until `web` runs as it is to.
pub(super) const ROLLED_OUT: &str = "rollout status deployment/web --namespace=shop --timeout=60s";

pub(super) struct Office {
    pub(super) cluster: RealCluster,
    config: HostConfig,
    client: McpClient,
}

/// A tool that the host lists.
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) changes: bool,
}

impl Office {
    /// Starts all of it, and gives `rbac-user` what `bulkhead rbac` prints.
    pub(super) fn open() -> Self {
        let cluster = RealCluster::start(Controllers::AndNodes).unwrap();
        let (types, objects) = OBJECTS.split_once("\n# Objects.\n").unwrap();
        cluster.apply(types).unwrap();
        kubectl(
            &cluster,
            "wait --for=condition=Established crd --all --timeout=60s",
        );
        cluster.apply(objects).unwrap();
        // A second revision, to go back from.
        kubectl(&cluster, ROLLED_OUT);
        kubectl(
            &cluster,
            "set image deployment/web web=registry.example/web:2 --namespace=shop",
        );
        kubectl(&cluster, ROLLED_OUT);

        let text = shipped_with_changes(&cluster);
        let config = HostConfig::with_text(&text).unwrap();
        let printed = Ran::of(
            bulkhead(config.folder())
                .args(["rbac", "--user", User::Rbac.name(), "--config"])
                .arg(config.path()),
        );
        assert_eq!(
            (printed.code, printed.stderr.as_str()),
            (Some(0), ""),
            "{printed:?}"
        );
        let dry = ["apply", "--server-side", "--dry-run=server", "--filename=-"];
        cluster.kubectl(&dry, Some(&printed.stdout)).unwrap();
        cluster.apply(&printed.stdout).unwrap();
        for given in [
            Given::new(None, "", "nodes", "list"),
            Given::new(Some("shop"), "apps", "deployments", "patch"),
            Given::new(Some("shop-test"), "apps", "deployments", "patch"),
        ] {
            cluster
                .wait_until_allowed(User::Rbac, &given.attributes())
                .unwrap();
        }
        let client = McpClient::serve(&config.path(), Era::LEGACY).unwrap();
        Self {
            cluster,
            config,
            client,
        }
    }

    pub(super) fn tools(&mut self) -> Vec<Tool> {
        let tools = self.client.list_tools().unwrap().into_iter();
        tools
            .map(|tool| Tool {
                name: tool["name"].as_str().unwrap().to_owned(),
                changes: tool["annotations"]["readOnlyHint"] == false,
            })
            .collect()
    }

    pub(super) fn call(&mut self, tool: &str, arguments: &Value) -> Answer {
        let answer = self.client.call_tool(tool, arguments.clone()).unwrap();
        let result = answer.unwrap_or_else(|error| panic!("{tool}: {error:?}"));
        let failed = result["isError"] == true;
        let text = Said::of(result).text;
        Answer {
            called: format!("{tool} {arguments}"),
            failed,
            text,
        }
    }

    /// Proposes a change, and returns its id.
    pub(super) fn propose(&mut self, tool: &str, arguments: &Value) -> String {
        self.call(tool, arguments).proposed()
    }

    /// A person decides at the terminal, and the change is applied.
    pub(super) fn approve_and_apply(&mut self, id: &str) {
        let shown = Approver::shared()
            .unwrap()
            .approve(&self.config, id)
            .unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
        let said = self.call("change_apply", &json!({ "id": id }));
        let applied = format!("change {id}: applied");
        assert!(
            !said.failed && said.text.contains(&applied),
            "{}",
            said.text
        );
    }

    /// Runs kubectl as an administrator, and returns the lines that it prints.
    pub(super) fn kubectl(&self, arguments: &str) -> Vec<String> {
        kubectl(&self.cluster, arguments)
    }

    /// One of the pods of `web`, once its rollout has ended.
    pub(super) fn pod(&self) -> String {
        self.kubectl(ROLLED_OUT);
        let running =
            "get pods --namespace=shop --selector=app=web --field-selector=status.phase=Running";
        let names = self.kubectl(&format!(
            "{running} --output=jsonpath={{.items[*].metadata.name}}"
        ));
        let first = names.first().and_then(|names| names.split(' ').next());
        first.unwrap().to_owned()
    }
}

/// The words of `arguments` have no spaces.
fn kubectl(cluster: &RealCluster, arguments: &str) -> Vec<String> {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let text = cluster.kubectl(&arguments, None).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The shipped configuration with all its grants of changes, for `rbac-user` and with a person who decides.
fn shipped_with_changes(cluster: &RealCluster) -> String {
    let shipped = std::fs::read_to_string(built::workspace().join("config.toml")).unwrap();
    // `generic` alone: that printed roles suffice for the other plugins, `real::velero` and `real::cnpg` show with grants of their own.
    let (shipped, _) = shipped.split_once("\n[plugins.cnpg]\n").unwrap();
    let (reading, changes) = shipped.split_once(CHANGES).unwrap();
    let changes = changes.replace("\n#> ", "\n");
    let quoted = |path: std::path::PathBuf| json!(path).to_string();
    let kubeconfig = quoted(cluster.kubeconfig_for(User::Rbac));
    let replaced = [
        (
            "[cluster]\n",
            format!("[cluster]\nkubeconfig = {kubeconfig}\n"),
        ),
        ("[approval]\n", Approver::shared().unwrap().table()),
        // The test's own folders come behind.
        ("[directories]\n", String::new()),
        ("\"plugins/generic.wasm\"", quoted(built::plugin("generic"))),
    ];
    let mut text = format!("{reading}{CHANGES}{changes}");
    for (from, to) in replaced {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, &to);
    }
    text
}

/// The result of a call.
pub(super) struct Answer {
    called: String,
    pub(super) failed: bool,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn comes_to(&self, outcome: Outcome) {
        let is_so = match outcome {
            Outcome::Succeeds => !self.failed,
            Outcome::Denied => self.failed && self.text.starts_with("denied: "),
            Outcome::NoKubelet => {
                self.failed && self.text.starts_with("upstream: ") && self.text.contains("10250")
            }
        };
        assert!(is_so, "{} is not {outcome:?}: {}", self.called, self.text);
    }

    /// Returns the id of what was proposed.
    pub(super) fn proposed(&self) -> String {
        self.proposed_but("")
    }

    /// The same where the text names another change too.
    pub(super) fn proposed_but(&self, other: &str) -> String {
        assert!(!self.failed, "{}: {}", self.called, self.text);
        let words = self
            .text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let mut ids =
            words.filter(|word| word.len() == 12 && word.starts_with("c-") && *word != other);
        let id = ids
            .next()
            .unwrap_or_else(|| panic!("{} proposes nothing: {}", self.called, self.text));
        id.to_owned()
    }
}
