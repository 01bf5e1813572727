//! The client against a shell that plays the server.

use super::*;

/// Answers the first two requests, with a progress notification before the second answer, then ends at end of input.
const SERVER: &str = r#"
read -r _; echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25"}}'
read -r _; read -r line; echo "$line" >&2
echo '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1}}'
echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"ping"}]}}'
read -r _
exit 7
"#;

fn server(era: Era) -> McpClient {
    McpClient::connect(Command::new("sh").args(["-c", SERVER]), era).unwrap()
}

#[test]
fn an_answer_is_found_behind_notifications_which_are_kept() {
    let mut client = server(Era::LEGACY);
    assert_eq!(client.server()["protocolVersion"], "2025-11-25");
    assert_eq!(client.list_tools().unwrap()[0]["name"], "ping");
    let progress = client.take_notifications("notifications/progress");
    assert_eq!(progress[0]["params"]["progressToken"], 2);
    assert!(
        client
            .take_notifications("notifications/progress")
            .is_empty()
    );
}

#[test]
fn closing_the_input_ends_the_server_with_its_own_status() {
    let mut client = server(Era::LEGACY);
    client.list_tools().unwrap();
    assert_eq!(client.close_stdin_and_wait().unwrap().code(), Some(7));
}

#[test]
fn a_server_that_ends_is_an_error_with_what_it_wrote_to_stderr() {
    let mut command = Command::new("sh");
    let error = McpClient::connect(
        command.args(["-c", "echo no config >&2; read -r _; exec >&-; exec 2>&-"]),
        Era::MODERN,
    );
    let error = error.err().unwrap();
    assert!(
        format!("{error:#}").contains("the server ended"),
        "{error:#}"
    );
}

#[test]
fn a_stateless_request_says_who_asks_and_what_it_can() {
    let client = McpClient::start(&mut Command::new("true"), Era::MODERN).unwrap();
    let params = client.with_meta(json!({ "name": "ping" }), 3);
    assert_eq!(
        params,
        json!({ "name": "ping", "_meta": {
            "progressToken": 3,
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "bulkhead-tests", "version": env!("CARGO_PKG_VERSION") },
            "io.modelcontextprotocol/clientCapabilities": {},
        }})
    );
}

/// Asks in the middle of the first call, and says how it was answered.
const ASKS: &str = r#"
read -r _; echo '{"jsonrpc":"2.0","id":1,"result":{}}'
read -r _; read -r _
echo '{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"apply?"}}'
read -r line; echo '{"jsonrpc":"2.0","id":2,"result":{"heard":'"$line"'}}'
read -r _
"#;

#[test]
fn the_person_answers_a_question_that_comes_while_a_call_runs() {
    let mut command = Command::new("sh");
    let mut client = McpClient::start(command.args(["-c", ASKS]), Era::LEGACY).unwrap();
    client.has_person();
    client.handshake().unwrap();
    client.person_says(Says::No);
    let result = client.call_tool_with_person("k8s_delete", &json!({}));
    assert_eq!(client.questions(), [json!({ "message": "apply?" })]);
    assert_eq!(
        result.unwrap().unwrap()["heard"],
        json!({ "jsonrpc": "2.0", "id": "q", "result": { "action": "decline" } })
    );
}

/// Asks in the result of the first call, and repeats what the second brings.
const ASKS_LAST: &str = r#"
read -r _; echo '{"jsonrpc":"2.0","id":1,"result":{}}'
read -r _
echo '{"jsonrpc":"2.0","id":2,"result":{"resultType":"input_required","requestState":"s","inputRequests":{"c-1":{"method":"elicitation/create","params":{"message":"apply?"}}}}}'
read -r line; echo '{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","heard":'"$line"'}}'
read -r _
"#;

#[test]
fn the_person_answers_a_question_that_is_the_result_of_a_call() {
    let mut command = Command::new("sh");
    let mut client = McpClient::start(command.args(["-c", ASKS_LAST]), Era::MODERN).unwrap();
    client.has_person();
    client.handshake().unwrap();
    client.person_says(Says::Yes);
    let result = client.call_tool_with_person("k8s_delete", &json!({ "name": "web" }));
    assert_eq!(client.questions(), [json!({ "message": "apply?" })]);
    let result = result.unwrap().unwrap();
    let params = &result["heard"]["params"];
    assert_eq!(params["arguments"], json!({ "name": "web" }));
    assert_eq!(params["requestState"], "s");
    assert_eq!(
        params["inputResponses"],
        json!({ "c-1": Says::Yes.result() })
    );
    let capabilities = &params["_meta"]["io.modelcontextprotocol/clientCapabilities"];
    assert_eq!(capabilities, &json!({ "elicitation": {} }));
}
