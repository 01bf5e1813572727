//! Resources, templates, the prompt and completion, in both eras.

use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::{Era, McpClient},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::{config, shipped_with_examples, sim};
use crate::sim::Sim;

fn client(sim: &Sim, era: Era) -> (McpClient, HostConfig) {
    let config = config(sim);
    (McpClient::serve(&config.path(), era).unwrap(), config)
}

/// What each item of a list has under a key.
fn listed(client: &mut McpClient, method: &str, items: &str, key: &str) -> Vec<String> {
    let result = client.request(method, json!({})).unwrap().unwrap();
    let items = result[items].as_array().unwrap().iter();
    items
        .filter_map(|item| item[key].as_str().map(str::to_owned))
        .collect()
}

/// The one text of a resource, as JSON.
fn read(client: &mut McpClient, uri: &str) -> Value {
    let result = client.request("resources/read", json!({ "uri": uri }));
    let result = result.unwrap().unwrap();
    let contents = &result["contents"][0];
    assert_eq!(contents["mimeType"], "application/json", "{result}");
    serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
}

/// Between two answers a second may pass.
fn ageless(value: &Value) -> String {
    let text = value.to_string();
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn completed(client: &mut McpClient, of: &Value, argument: &str, typed: &str) -> Vec<String> {
    let argument = json!({ "name": argument, "value": typed });
    let params = json!({ "ref": of, "argument": argument });
    let result = client.request("completion/complete", params);
    let result = result.unwrap().unwrap();
    let values = result["completion"]["values"].as_array().unwrap().iter();
    values
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

#[rstest]
fn resources_and_templates_are_those_of_the_origin_and_say_what_the_tools_say(
    #[values(Era::LEGACY, Era::MODERN)] era: Era,
) {
    let sim = sim();
    let (mut client, _config) = client(&sim, era);
    assert_eq!(
        listed(&mut client, "resources/list", "resources", "uri"),
        ["velero://backups", "velero://schedules"]
    );
    assert_eq!(
        listed(
            &mut client,
            "resources/templates/list",
            "resourceTemplates",
            "uriTemplate"
        ),
        ["velero://backups/{name}", "velero://schedules/{name}"]
    );
    for (uri, tool, arguments) in [
        ("velero://backups", "list_velero_backups", json!({})),
        ("velero://schedules", "list_velero_schedules", json!({})),
        (
            "velero://backups/shop-stuck",
            "get_velero_backup",
            json!({ "name": "shop-stuck" }),
        ),
    ] {
        let said = client.call_tool(tool, arguments).unwrap().unwrap();
        let said = ageless(&said["structuredContent"]);
        assert_eq!(ageless(&read(&mut client, uri)), said, "{uri}");
    }
    let schedule = read(&mut client, "velero://schedules/legacy-nightly");
    assert!(schedule.to_string().contains("aused"), "{schedule:#}");
    let missing = json!({ "uri": "velero://backups/shop-stucc" });
    let error = client.request("resources/read", missing).unwrap();
    let error = error.unwrap_err();
    assert!(error.message.contains("shop-stuck"), "{error:?}");
}

#[test]
fn names_are_completed_the_newest_first() {
    let sim = sim();
    let (mut client, _config) = client(&sim, Era::LEGACY);
    let template =
        |of: &str| json!({ "type": "ref/resource", "uri": format!("velero://{of}/{{name}}") });
    let names = completed(&mut client, &template("backups"), "name", "apps-daily-");
    assert_eq!(names.len(), 90);
    let mut sorted = names.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!(names, sorted);
    assert_eq!(
        completed(&mut client, &template("schedules"), "name", "leg"),
        ["legacy-nightly"]
    );
    let prompt = json!({ "type": "ref/prompt", "name": "velero_restore_runbook" });
    assert_eq!(completed(&mut client, &prompt, "lost", "sh"), ["shop"]);
}

/// It leads an agent through tools that there are.
#[rstest]
fn the_prompt_names_tools_of_the_plugin(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = sim();
    // With the changes that it leads to.
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let text = format!("{cluster}{}", shipped_with_examples());
    let config = HostConfig::with_text(&text).unwrap();
    let mut client = McpClient::serve(&config.path(), era).unwrap();
    assert_eq!(
        listed(&mut client, "prompts/list", "prompts", "name"),
        ["velero_restore_runbook"]
    );
    let params = json!({ "name": "velero_restore_runbook", "arguments": { "lost": "shop", "restore_to": "shop-copy" } });
    let result = client.request("prompts/get", params).unwrap().unwrap();
    let messages = result["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1, "{result}");
    let text = messages[0]["content"]["text"].as_str().unwrap();
    assert!(text.contains("shop-copy"), "{text}");
    let tools: Vec<String> = client
        .list_tools()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let named: Vec<_> = words.filter(|word| word.contains("_velero_")).collect();
    assert!(named.len() >= 4, "{text}");
    for name in named {
        assert!(tools.iter().any(|tool| tool == name), "`{name}`: {text}");
    }
}
