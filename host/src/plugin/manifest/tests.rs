//! A manifest as a stranger writes it: all that is wrong is named at once.

use super::*;

const OBJECT: &str = r#"{"type":"object"}"#;

fn tool(name: &str, input: &str) -> wit::Tool {
    wit::Tool {
        name: name.into(),
        title: String::new(),
        description: String::new(),
        input_schema: input.into(),
        output_schema: None,
        effect: wit::Effect::Read,
        destructive: false,
        idempotent: true,
    }
}

fn resource(uri: &str, name: &str) -> wit::ResourceEntry {
    wit::ResourceEntry {
        uri: uri.into(),
        name: name.into(),
        title: String::new(),
        description: String::new(),
        mime_type: "application/json".into(),
    }
}

fn template(uri_template: &str, name: &str) -> wit::TemplateEntry {
    wit::TemplateEntry {
        uri_template: uri_template.into(),
        name: name.into(),
        title: String::new(),
        description: String::new(),
        mime_type: String::new(),
    }
}

fn prompt(name: &str, arguments: &[&str]) -> wit::Prompt {
    let argument = |name: &&str| wit::PromptArgument {
        name: (*name).into(),
        description: String::new(),
        required: false,
    };
    wit::Prompt {
        name: name.into(),
        title: String::new(),
        description: String::new(),
        arguments: arguments.iter().map(argument).collect(),
    }
}

fn manifest() -> wit::Manifest {
    wit::Manifest {
        name: "test".into(),
        version: "1.0.0".into(),
        description: String::new(),
        wants: vec![],
        tools: vec![],
        resources: vec![],
        templates: vec![],
        prompts: vec![],
    }
}

fn faults(manifest: wit::Manifest) -> Vec<String> {
    Manifest::check(manifest).unwrap_err().0
}

#[test]
fn each_want_goes_to_its_power_with_its_reason_on_one_line() {
    let cluster = wit::ClusterWant {
        api_groups: vec![String::new()],
        resources: vec!["pods".into()],
        verbs: vec!["get".into()],
        secret_values: false,
    };
    let want = |power, reason: &str| wit::Want {
        power,
        reason: reason.into(),
    };
    let checked = Manifest::check(wit::Manifest {
        wants: vec![
            want(wit::Power::Prometheus, "To\nmeasure."),
            want(wit::Power::Cluster(cluster), "To look."),
        ],
        ..manifest()
    })
    .unwrap();
    assert_eq!(checked.prometheus, ["To measure."]);
    assert_eq!(checked.wants.len(), 1);
    assert_eq!(checked.wants[0].reason, "To look.");
    assert!(Manifest::check(manifest()).unwrap().prometheus.is_empty());
}

#[test]
fn each_list_is_sorted_whatever_the_plugins_order() {
    let checked = Manifest::check(wit::Manifest {
        tools: vec![tool("b", OBJECT), tool("a", OBJECT)],
        resources: vec![resource("x:b", "first"), resource("x:a", "second")],
        templates: vec![template("x:b/{n}", "third"), template("x:a/{n}", "fourth")],
        prompts: vec![prompt("b", &["z", "y"]), prompt("a", &[])],
        ..manifest()
    })
    .unwrap();
    let tools: Vec<_> = checked.tools.iter().map(|tool| &tool.name).collect();
    let uris: Vec<_> = checked.resources.iter().map(|entry| &entry.uri).collect();
    let templates = checked.templates.iter();
    let templates: Vec<_> = templates.map(|entry| entry.uri_template.as_str()).collect();
    let prompts: Vec<_> = checked.prompts.iter().map(|prompt| &prompt.name).collect();
    assert_eq!(tools, ["a", "b"]);
    assert_eq!(uris, ["x:a", "x:b"]);
    assert_eq!(templates, ["x:a/{n}", "x:b/{n}"]);
    assert_eq!(prompts, ["a", "b"]);
    // A form shows arguments as the plugin has them.
    let arguments = checked.prompts[1].arguments.iter();
    let arguments: Vec<_> = arguments.map(|argument| &argument.name).collect();
    assert_eq!(arguments, ["z", "y"]);
}

#[test]
fn every_fault_is_named_at_once() {
    let error = Manifest::check(wit::Manifest {
        tools: vec![
            tool("a", OBJECT),
            tool("a", OBJECT),
            tool("Shouts", OBJECT),
            tool("broken", "{"),
            tool("list", r#"{"type":"array"}"#),
            tool(
                "odd",
                r#"{"type":"object","properties":{"x":{"type":"no-such-type"}}}"#,
            ),
        ],
        resources: vec![
            resource("x:a", "pods"),
            resource("x:a", "nodes"),
            resource("http://x", "Page"),
        ],
        templates: vec![template("x:{a}{b}", "pods"), template("x:{+a}", "plus")],
        prompts: vec![
            prompt("p", &["a", "a", "B"]),
            prompt("p", &[]),
            prompt("in two words", &[]),
        ],
        ..manifest()
    })
    .unwrap_err()
    .to_string();
    for part in [
        "tool `a` twice",
        "`Shouts`",
        "`broken` is not JSON",
        "`list` is not of type",
        "`odd` is no JSON Schema",
        "it has the resource `x:a` twice",
        "it names two resources or templates `pods`",
        "resource URI `http://x` has the scheme `http`",
        "resource name `Page`",
        "URI template `x:{a}{b}` has two variables side by side",
        "URI template `x:{+a}` has `{+a}`",
        "prompt `p` names the argument `a` twice",
        "argument name `B`",
        "it names the prompt `p` twice",
        "prompt name `in two words`",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[test]
fn what_a_client_would_show_in_masses_is_bounded() {
    let many = |kind: &str| -> Vec<String> { (0..129).map(|n| format!("{kind}{n}")).collect() };
    let found = faults(wit::Manifest {
        tools: many("t").iter().map(|name| tool(name, OBJECT)).collect(),
        resources: many("r")
            .iter()
            .map(|name| resource(&format!("x:{name}"), name))
            .collect(),
        templates: many("f")
            .iter()
            .map(|name| template(&format!("x:{name}/{{n}}"), name))
            .collect(),
        prompts: many("p").iter().map(|name| prompt(name, &[])).collect(),
        ..manifest()
    });
    assert_eq!(
        found,
        [
            "it has 129 tools, more than 128",
            "it has 129 resources, more than 128",
            "it has 129 templates, more than 128",
            "it has 129 prompts, more than 128",
        ]
    );
    let arguments: Vec<String> = many("a");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found = faults(wit::Manifest {
        prompts: vec![prompt("p", &arguments)],
        ..manifest()
    });
    assert_eq!(found, ["prompt `p` has 129 arguments, more than 32"]);
    let mut wordy = resource("x:a", "wordy");
    wordy.description = "x".repeat(4097);
    let found = faults(wit::Manifest {
        resources: vec![wordy],
        ..manifest()
    });
    assert_eq!(
        found,
        ["the description of resource `wordy` is longer than 4096 bytes"]
    );
}

#[test]
fn a_mime_type_is_one_or_is_left_out() {
    let of = |mime_type: &str| {
        let mut entry = resource("x:a", "a");
        entry.mime_type = mime_type.into();
        let resources = vec![entry];
        Manifest::check(wit::Manifest {
            resources,
            ..manifest()
        })
    };
    for right in ["", "text/plain", "text/plain;charset=utf-8"] {
        assert!(of(right).is_ok(), "{right}");
    }
    for wrong in ["json", "/json", "text/", "text/pl ain", "text/\u{7}"] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_uri_belongs_to_its_resource_and_else_to_the_first_template_of_the_plugins_order() {
    let checked = Manifest::check(wit::Manifest {
        resources: vec![resource("x:pods/all", "everything")],
        templates: vec![
            template("x:{kind}/{name}", "any"),
            template("x:pods/{name}", "pod"),
        ],
        ..manifest()
    })
    .unwrap();
    assert_eq!(checked.entry_of("x:pods/all"), Some("everything"));
    // `any` stands first, though `pod` would say more.
    assert_eq!(checked.entry_of("x:pods/web"), Some("any"));
    assert_eq!(checked.entry_of("x:pods"), None);
}

#[test]
fn what_is_kept_is_read_again_as_it_was_and_what_another_format_kept_is_not() {
    let checked = Manifest::check(wit::Manifest {
        templates: vec![template("x:pods/{name}", "pod")],
        prompts: vec![prompt("p", &["a"])],
        ..manifest()
    })
    .unwrap();
    let kept = serde_json::to_value(&checked).unwrap();
    assert_eq!(
        serde_json::from_value::<Manifest>(kept.clone()).unwrap(),
        checked
    );
    for key in ["resources", "templates", "prompts"] {
        let mut older = kept.clone();
        older.as_object_mut().unwrap().remove(key);
        assert!(serde_json::from_value::<Manifest>(older).is_err(), "{key}");
    }
}
