//! Proposals for tests.

use serde_json::json;

use crate::diff::Line;
use crate::proposal::{
    Binding, Change, ClusterIdentity, Expected, Generated, Moment, PatchKind, PluginIdentity,
    Propagation, Proposal, Reason, Risk, Step, Target,
};

/// A line of a diff.
pub(crate) fn line(path: &str, before: Option<&str>, after: Option<&str>) -> Line {
    Line {
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

pub(crate) fn target(group: &str, plural: &str, namespace: Option<&str>, name: &str) -> Target {
    Target {
        group: group.to_owned(),
        version: None,
        plural: plural.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    }
}

fn reason(risk: Risk, path: Option<&str>, say: &str) -> Reason {
    Reason {
        risk,
        path: path.map(str::to_owned),
        say: say.to_owned(),
    }
}

/// A proposal of these steps.
pub(crate) fn of(steps: Vec<Step>) -> Proposal {
    Proposal {
        id: "c-7h2kq4m9xz".to_owned(),
        token: "t-secret-of-the-plugin".to_owned(),
        binding: Binding {
            cluster: ClusterIdentity {
                context: "prod-eu".to_owned(),
                server: "https://10.0.0.1:6443".to_owned(),
                uid: "6f1c0f5e-0000-4000-8000-3f0d7a1b2c3d".to_owned(),
                ca: "ab".repeat(32),
                user: "ada@example.com".to_owned(),
            },
            caller: "uid 1000 over stdio".to_owned(),
            client: Some("Desk 1.2".to_owned()),
            plugin: PluginIdentity {
                key: "generic".to_owned(),
                version: "0.1.0".to_owned(),
                digest: "cd".repeat(32),
            },
            tool: "k8s_patch".to_owned(),
            arguments_digest: "ef".repeat(32),
            arguments: json!({"name": "web", "namespace": "shop", "replicas": 5}),
            ordinal: 0,
            config: "01".repeat(32),
            policy: "23".repeat(32),
        },
        created: Moment(1_795_258_028_000),
        expires: Moment(1_795_259_828_000),
        summary: "scale web to 5".to_owned(),
        reason: Some("the queue is full".to_owned()),
        steps,
        warnings: Vec::new(),
        rollback_of: None,
    }
}

/// A step of a change that exists before and after.
pub(crate) fn step(change: Change, target: Target, action: &str) -> Step {
    Step {
        change,
        target,
        action: action.to_owned(),
        uid: Some("0d9f3c52-1111-4222-8333-444455556666".to_owned()),
        resource_version: Some("48151".to_owned()),
        diff: Vec::new(),
        reasons: Vec::new(),
        warnings: Vec::new(),
        after: None,
        items: Vec::new(),
        dependents: Vec::new(),
        for_model: String::new(),
    }
}

/// One change of low risk.
pub(crate) fn scaled() -> Proposal {
    let web = target("apps", "deployments", Some("shop"), "web");
    of(vec![Step {
        diff: vec![line("spec.replicas", Some("3"), Some("5"))],
        ..step(Change::Scale { replicas: 5 }, web, "scale")
    }])
}

/// One step of each kind, with everything that a proposal can hold.
pub(crate) fn everything() -> Proposal {
    let shop = Some("shop");
    let web = || target("apps", "deployments", shop, "web");
    let config = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n";
    let changed = config.replace("f = 6", "f = 7");
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let settings = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"app.conf": changed},
    });
    let generate = vec![Generated {
        key: "password".to_owned(),
        characters: 32,
    }];
    let steps = vec![
        Step {
            diff: vec![
                line(
                    "spec.template.spec.containers[0].image",
                    Some("\"shop/web:1.26\""),
                    Some("\"shop/web:1.27\""),
                ),
                line("spec.template.spec.containers[0].tty", Some("true"), None),
            ],
            reasons: vec![
                reason(
                    Risk::High,
                    Some("spec.template.spec.containers[0].image"),
                    "another image runs",
                ),
                reason(Risk::Low, None, "the object changes"),
            ],
            warnings: vec!["spec.template: `tty` is deprecated".to_owned()],
            ..step(
                Change::Patch {
                    how: PatchKind::Strategic,
                    body: json!({"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "shop/web:1.27"}]}}}}),
                    expected_version: Some("48151".to_owned()),
                },
                Target {
                    version: Some("v1".to_owned()),
                    ..web()
                },
                "patch",
            )
        },
        Step {
            diff: vec![line(
                "data['app.conf']",
                Some(&text(config)),
                Some(&text(&changed)),
            )],
            reasons: vec![reason(Risk::Medium, None, "a configuration changes")],
            ..step(
                Change::Apply { object: settings },
                target("", "configmaps", shop, "settings"),
                "apply",
            )
        },
        Step {
            diff: vec![
                line(
                    "data.password",
                    None,
                    Some("\"<made by the host: 32 characters>\""),
                ),
                line("metadata.name", None, Some("\"login\"")),
            ],
            uid: None,
            resource_version: None,
            ..step(
                Change::CreateSecret {
                    object: json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}}),
                    generate: generate.clone(),
                },
                target("", "secrets", shop, "login"),
                "create",
            )
        },
        Step {
            diff: vec![line(
                "data.password",
                Some("\"<32 characters, 8f3a11>\""),
                Some("\"<made by the host: 32 characters>\""),
            )],
            ..step(
                Change::RotateSecret { generate },
                target("", "secrets", shop, "db"),
                "patch",
            )
        },
        Step {
            uid: None,
            resource_version: None,
            after: Some(2),
            diff: vec![line("metadata.name", None, Some("\"job\""))],
            ..step(
                Change::Create {
                    object: json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}}),
                },
                target("batch", "jobs", shop, "job"),
                "create",
            )
        },
        Step {
            diff: vec![line("metadata.name", Some("\"old\""), None)],
            reasons: vec![reason(Risk::High, None, "its data is lost")],
            ..step(
                Change::Delete {
                    propagation: Propagation::Foreground,
                },
                target("", "persistentvolumeclaims", shop, "old"),
                "delete",
            )
        },
        step(Change::Evict, target("", "pods", shop, "web-1"), "evict"),
    ];
    Proposal {
        warnings: vec!["7 changes of 7 objects".to_owned()],
        rollback_of: Some("c-0000000001".to_owned()),
        ..of(steps)
    }
}

/// A proposal in which every text of a stranger is `text`.
pub(crate) fn told(text: &str) -> Proposal {
    let mut proposal = everything();
    let own = || text.to_owned();
    let json = serde_json::Value::from(text);
    proposal.summary = own();
    proposal.reason = Some(own());
    proposal.warnings = vec![own()];
    proposal.rollback_of = Some(own());
    proposal.id = own();
    let binding = &mut proposal.binding;
    binding.client = Some(own());
    binding.caller = own();
    binding.tool = own();
    binding.arguments = json!({ text: text });
    binding.cluster.context = own();
    binding.cluster.server = own();
    binding.cluster.user = own();
    binding.cluster.uid = own();
    binding.cluster.ca = own();
    binding.plugin.key = own();
    binding.plugin.version = own();
    binding.plugin.digest = own();
    for step in &mut proposal.steps {
        step.action = own();
        step.uid = Some(own());
        step.resource_version = Some(own());
        step.warnings = vec![own()];
        step.reasons = vec![reason(Risk::Low, Some(text), text)];
        step.target = Target {
            group: own(),
            version: Some(own()),
            plural: own(),
            namespace: Some(own()),
            name: own(),
        };
        step.diff = vec![
            line(text, Some(&json.to_string()), Some("1")),
            line(text, Some(text), Some(text)),
            line(&format!("data['{text}']"), None, Some(&json.to_string())),
        ];
        match &mut step.change {
            Change::Create { object }
            | Change::CreateSecret { object, .. }
            | Change::Apply { object } => {
                *object = json!({ text: {text: [text, text]} });
            }
            Change::RotateSecret { generate } => generate[0].key = own(),
            Change::Patch {
                body,
                expected_version,
                ..
            } => {
                *body = json!([{ text: text }]);
                *expected_version = Some(own());
            }
            Change::PatchStatus { body, expected } => {
                *body = json!({ text: text });
                *expected = vec![Expected {
                    at: own(),
                    value: json.clone(),
                }];
            }
            Change::Scale { .. } | Change::Delete { .. } | Change::Evict => {}
        }
    }
    proposal
}
