//! The person at the client: says what a test told them to, in the way of the client's era.

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::{Answer, McpClient};

/// More rounds of questions than any call may have.
const ROUNDS: usize = 8;

/// What the person says to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// Apply this change.
    Yes,
    /// Do not.
    No,
    /// Nothing: the dialog is put away.
    Away,
    /// What the client sends in place of an answer.
    Words(Value),
}

impl Says {
    /// The result of `elicitation/create`.
    #[must_use]
    pub fn result(&self) -> Value {
        match self {
            Self::Yes => {
                json!({ "action": "accept", "content": { "decision": "apply this change" } })
            }
            Self::No => json!({ "action": "decline" }),
            Self::Away => json!({ "action": "cancel" }),
            Self::Words(words) => words.clone(),
        }
    }
}

impl McpClient {
    /// There is a person who can be asked: to be said before the handshake.
    pub fn has_person(&mut self) {
        self.capabilities = json!({ "elicitation": {} });
    }

    /// What the person says to the next question that has no answer yet.
    pub fn person_says(&mut self, says: Says) {
        self.says.push_back(says);
    }

    /// The person says nothing to questions that are still to come, whatever was planned.
    pub fn person_says_nothing(&mut self) {
        self.says.clear();
    }

    /// The parameters of every question that the person answered, oldest first.
    #[must_use]
    pub fn questions(&self) -> &[Value] {
        &self.questions
    }

    /// Calls a tool, and again with the person's answer as long as the result asks for one.
    ///
    /// # Errors
    /// As [`McpClient::request`], and where the person has nothing to say, or is asked for ever.
    pub fn call_tool_with_person(&mut self, name: &str, arguments: &Value) -> Result<Answer> {
        let mut params = json!({ "name": name, "arguments": arguments });
        for _ in 0..ROUNDS {
            let answer = self.request("tools/call", params.clone())?;
            let Ok(result) = &answer else {
                return Ok(answer);
            };
            if result["resultType"] != "input_required" {
                return Ok(answer);
            }
            let requests = result["inputRequests"]
                .as_object()
                .context("`input_required` without requests")?;
            let mut responses = Map::new();
            for (key, request) in requests {
                let says = self.says.pop_front().with_context(|| {
                    format!("the person has nothing to say to `{key}`: {request}")
                })?;
                self.questions.push(request["params"].clone());
                responses.insert(key.clone(), says.result());
            }
            params["inputResponses"] = Value::Object(responses);
            params["requestState"] = result["requestState"].clone();
        }
        bail!("the person was asked {ROUNDS} times in one call")
    }

    /// Answers a question that came as a request; false where it is none, or the person has nothing to say.
    pub(super) fn answers(&mut self, message: &Value) -> Result<bool> {
        if message["method"] != "elicitation/create" {
            return Ok(false);
        }
        let Some(says) = self.says.pop_front() else {
            return Ok(false);
        };
        self.questions.push(message["params"].clone());
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": says.result() }))?;
        Ok(true)
    }
}
