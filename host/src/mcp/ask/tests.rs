//! Both eras over the wire: a server with one tool that asks, and a client that says what it is told to.

use std::collections::BTreeSet;
use std::sync::Mutex;

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, ContentBlock, ErrorData, ServerCapabilities, ServerConfig,
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

use super::*;
use crate::tasks::{Task, spawn};

const PROPOSAL: &str = "c-k3v9x2m7qa";
const MESSAGE: &str = "cluster prod\n~ spec.replicas: 3 -> 5";

/// Writes answers down in memory, and takes each nonce once.
#[derive(Default)]
struct Book {
    nonces: Mutex<BTreeSet<String>>,
    rows: Mutex<Vec<(String, String, Asked)>>,
}

impl Book {
    fn rows(&self) -> Vec<(String, String, Asked)> {
        self.rows.lock().unwrap().clone()
    }
}

impl Answers for Book {
    fn key(&self) -> BoxFuture<'_, Result<[u8; 32], Failure>> {
        Box::pin(async { Ok([7; 32]) })
    }

    fn take<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            if !self.nonces.lock().unwrap().insert(answer.nonce.clone()) {
                return Err(Failure::new(Kind::Invalid, "the answer was used before"));
            }
            assert_eq!(answer.client.as_deref(), Some("t 1"));
            let (proposal, digest) = (answer.proposal.clone(), answer.digest.clone());
            let row = (proposal, digest, answer.asked.clone());
            self.rows.lock().unwrap().push(row);
            Ok(())
        })
    }
}

/// `ask` asks and says what became of it; `leave` asks and does not wait.
struct Asking {
    answers: Arc<dyn Answers>,
}

impl ServerHandler for Asking {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let bound = Bound::new(&request.name, &arguments, "uid 1000");
        let brought = Brought {
            responses: request.input_responses,
            state: request.request_state,
        };
        let call = async |ask: Arc<dyn Ask>| {
            let question = Question {
                proposal: PROPOSAL.to_owned(),
                digest: arguments["digest"].as_str().unwrap_or("d1").to_owned(),
                message: MESSAGE.to_owned(),
            };
            let asked = match request.name.as_ref() {
                "leave" => futures::FutureExt::now_or_never(ask.ask(question)),
                _ => Some(ask.ask(question).await),
            };
            CallToolResult::success(vec![ContentBlock::text(format!("{asked:?}"))])
        };
        Ok(run(&*self.answers, &context, &bound, brought, call).await)
    }
}

/// The other end of the wire.
struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    out: WriteHalf<DuplexStream>,
    capabilities: Value,
    modern: bool,
    _serving: Task<()>,
}

impl Client {
    async fn of(era: Era, capabilities: Value, book: &Arc<Book>) -> Self {
        let server = Asking {
            answers: Arc::clone(book) as Arc<dyn Answers>,
        };
        let (near, far) = tokio::io::duplex(1 << 20);
        let serving = spawn(async move {
            if let Ok(running) = rmcp::serve_server(server, far).await {
                drop(running.waiting().await);
            }
        });
        let (input, out) = tokio::io::split(near);
        let mut client = Self {
            lines: BufReader::new(input).lines(),
            out,
            capabilities: capabilities.clone(),
            modern: matches!(era, Era::Modern),
            _serving: serving,
        };
        if !client.modern {
            let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": { "name": "t", "version": "1" } });
            client.request(0, "initialize", params).await;
            client.next().await;
            client
                .send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
                .await;
        }
        client
    }

    async fn send(&mut self, message: Value) {
        let line = format!("{message}\n");
        self.out.write_all(line.as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        let line = self.lines.next_line().await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    async fn request(&mut self, id: u64, method: &str, mut params: Value) {
        if self.modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
            });
        }
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await;
    }

    /// Calls and returns the result, which must be what comes next.
    async fn call(&mut self, params: Value) -> Value {
        self.request(1, "tools/call", params).await;
        let answer = self.next().await;
        assert_eq!(answer["id"], 1, "{answer}");
        answer["result"].clone()
    }
}

enum Era {
    Legacy,
    Modern,
}

fn elicits() -> Value {
    json!({ "elicitation": {} })
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

/// The call that comes back with an answer.
fn again(first: &Value, answer: Value) -> Value {
    json!({ "name": "ask", "inputResponses": { PROPOSAL: answer }, "requestState": first["requestState"] })
}

fn yes() -> Value {
    json!({ "action": "accept", "content": { "decision": "apply this change" } })
}

#[rstest]
#[case::yes(json!({ "result": yes() }), "Some(Approved)")]
#[case::no(json!({ "result": { "action": "decline" } }), "Some(Declined)")]
#[case::away(json!({ "result": { "action": "cancel" } }), "Some(Cancelled)")]
#[case::blind(json!({ "result": { "action": "accept" } }), "Some(Cancelled)")]
#[case::nonsense(json!({ "result": { "approved": true } }), "Some(CannotAsk(\"what the client answered is no answer to a question\"))")]
#[case::error(
    json!({ "error": { "code": -32603, "message": "no window\u{1b}[2J" } }),
    "Some(CannotAsk(\"the client answered with an error instead: no window\\\\u{1b}[2J\"))"
)]
#[tokio::test]
async fn with_a_handshake_the_person_is_asked_while_the_call_runs(
    #[case] answer: Value,
    #[case] asked: &str,
) {
    let book = Arc::default();
    let mut client = Client::of(Era::Legacy, elicits(), &book).await;
    client
        .request(1, "tools/call", json!({ "name": "ask" }))
        .await;
    let question = client.next().await;
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], MESSAGE);
    let mut reply = answer;
    reply["jsonrpc"] = json!("2.0");
    reply["id"] = question["id"].clone();
    client.send(reply).await;
    let result = client.next().await["result"].clone();
    assert_eq!(text(&result), asked);
    assert_eq!(
        book.rows(),
        [],
        "an answer within the call is the call's own"
    );
}

#[rstest]
#[case::none(json!({}))]
#[case::url_only(json!({ "elicitation": { "url": {} } }))]
#[case::sampling(json!({ "sampling": {} }))]
#[tokio::test]
async fn a_client_without_forms_cannot_ask(
    #[values(Era::Legacy, Era::Modern)] era: Era,
    #[case] capabilities: Value,
) {
    let mut client = Client::of(era, capabilities, &Arc::default()).await;
    let result = client.call(json!({ "name": "ask" })).await;
    assert!(
        text(&result).contains("does not declare MCP's capability `elicitation`"),
        "{result}"
    );
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_is_taken_back() {
    let mut client = Client::of(Era::Legacy, elicits(), &Arc::default()).await;
    client
        .request(1, "tools/call", json!({ "name": "leave" }))
        .await;
    let mut messages = [
        client.next().await,
        client.next().await,
        client.next().await,
    ];
    messages.sort_by_key(|message| message["method"].as_str().unwrap_or_default().to_owned());
    let [result, question, notice] = messages;
    assert_eq!(text(&result["result"]), "None");
    assert_eq!(notice["method"], "notifications/cancelled");
    assert_eq!(notice["params"]["requestId"], question["id"]);
}

#[tokio::test]
async fn without_a_handshake_the_result_asks_and_the_next_call_brings_the_answer() {
    let book = Arc::default();
    let mut client = Client::of(Era::Modern, elicits(), &book).await;
    let first = client.call(json!({ "name": "ask" })).await;
    assert_eq!(first["resultType"], "input_required");
    let question = &first["inputRequests"][PROPOSAL];
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], MESSAGE);
    assert_eq!(book.rows(), []);
    let second = client.call(again(&first, yes())).await;
    assert_eq!(text(&second), "Some(Approved)");
    let row = (PROPOSAL.to_owned(), "d1".to_owned(), Asked::Approved);
    assert_eq!(book.rows(), [row]);
}

#[tokio::test]
async fn a_question_that_was_put_away_is_not_asked_again_in_the_same_call() {
    let mut client = Client::of(Era::Modern, elicits(), &Arc::default()).await;
    let first = client.call(json!({ "name": "ask" })).await;
    let second = client
        .call(again(&first, json!({ "action": "cancel" })))
        .await;
    assert_eq!(text(&second), "Some(Cancelled)");
}

#[tokio::test]
async fn an_answer_counts_once() {
    let book = Arc::default();
    let mut client = Client::of(Era::Modern, elicits(), &book).await;
    let first = client.call(json!({ "name": "ask" })).await;
    client
        .call(again(&first, json!({ "action": "decline" })))
        .await;
    let replayed = client.call(again(&first, yes())).await;
    assert_eq!(replayed["isError"], true);
    assert_eq!(text(&replayed), "invalid: the answer was used before");
    assert_eq!(book.rows().len(), 1);
    assert_eq!(book.rows()[0].2, Asked::Declined);
}

#[rstest]
#[case::answer_without_state(|call: &mut Value| { call.as_object_mut().unwrap().remove("requestState"); }, "without the `requestState`")]
#[case::no_answers(|call: &mut Value| { call.as_object_mut().unwrap().remove("inputResponses"); }, "without `inputResponses`")]
#[case::other_arguments(|call: &mut Value| call["arguments"] = json!({ "digest": "d2" }), "not given for this call")]
#[case::other_tool(|call: &mut Value| call["name"] = json!("leave"), "not given for this call")]
#[case::own_state(|call: &mut Value| call["requestState"] = json!("rs1.e30.e30"), "not given for this call")]
#[case::id_as_state(|call: &mut Value| call["requestState"] = json!(PROPOSAL), "not given for this call")]
#[case::other_proposal(|call: &mut Value| call["inputResponses"] = json!({ "c-aaaaaaaaaa": yes() }), "has no answer for `c-k3v9x2m7qa`")]
#[case::nothing_answered(|call: &mut Value| call["inputResponses"] = json!({}), "has no answer for `c-k3v9x2m7qa`")]
#[case::no_result(|call: &mut Value| call["inputResponses"][PROPOSAL] = json!({ "approved": true }), "no result of `elicitation/create`")]
#[case::own_action(|call: &mut Value| call["inputResponses"][PROPOSAL]["action"] = json!("approve"), "no result of `elicitation/create`")]
#[tokio::test]
async fn an_answer_that_was_not_asked_for_is_invalid_and_not_written_down(
    #[case] forge: fn(&mut Value),
    #[case] words: &str,
) {
    let book = Arc::default();
    let mut client = Client::of(Era::Modern, elicits(), &book).await;
    let first = client.call(json!({ "name": "ask" })).await;
    let mut call = again(&first, yes());
    forge(&mut call);
    let refused = client.call(call).await;
    assert_eq!(refused["isError"], true, "{refused}");
    assert!(text(&refused).starts_with("invalid: "), "{refused}");
    assert!(text(&refused).contains(words), "{refused}");
    assert_eq!(book.rows(), []);
    // Nothing of it was used up.
    let second = client.call(again(&first, yes())).await;
    assert_eq!(text(&second), "Some(Approved)");
}

#[tokio::test]
async fn an_answer_of_the_wrong_era_or_of_a_client_that_asks_nobody_is_invalid() {
    let book = Arc::default();
    let mut modern = Client::of(Era::Modern, elicits(), &book).await;
    let first = modern.call(json!({ "name": "ask" })).await;
    let mut legacy = Client::of(Era::Legacy, elicits(), &book).await;
    let refused = legacy.call(again(&first, yes())).await;
    assert!(
        text(&refused).contains("belong to protocol 2026-07-28"),
        "{refused}"
    );
    modern.capabilities = json!({});
    let refused = modern.call(again(&first, yes())).await;
    assert!(text(&refused).contains("has asked nobody"), "{refused}");
    assert_eq!(book.rows(), []);
}
