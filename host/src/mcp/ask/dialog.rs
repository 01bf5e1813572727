//! The dialog that a client shows, and what its answer means.
//!
//! Only one answer approves: the dialog was accepted and the word that applies was chosen in it. A client that accepts without
//! showing a choice, or answers anything else, has not asked.

use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    EnumSchema,
};
use serde_json::Value;

use crate::call::Asked;

const DECISION: &str = "decision";
const APPLY: &str = "apply this change";
const LEAVE: &str = "do not apply";

/// Returns the request that shows a message and asks for a decision.
pub(super) fn request(message: String) -> ElicitRequest {
    // No default, and the harmless word first: some clients choose the first by themselves.
    let choice = EnumSchema::builder(vec![LEAVE.to_owned(), APPLY.to_owned()])
        .title("Decision")
        .description("Applies exactly what is shown above, once.")
        .build();
    let requested_schema = ElicitationSchema::builder()
        .required_enum_schema(DECISION, choice)
        .build_unchecked();
    ElicitRequest::new(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema,
    })
}

/// Returns what an answer says.
pub(super) fn decision(answer: &ElicitResult) -> Asked {
    let chosen = answer
        .content
        .as_ref()
        .and_then(|content| content.get(DECISION))
        .and_then(Value::as_str);
    match (&answer.action, chosen) {
        (ElicitationAction::Accept, Some(APPLY)) => Asked::Approved,
        (ElicitationAction::Accept, Some(LEAVE)) | (ElicitationAction::Decline, _) => {
            Asked::Declined
        }
        // Accepted without a choice, put away, or an action of a later protocol.
        _ => Asked::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn says(answer: Value) -> Asked {
        decision(&serde_json::from_value(answer).unwrap())
    }

    #[test]
    fn only_an_accepted_dialog_with_the_word_that_applies_approves() {
        assert_eq!(
            says(json!({ "action": "accept", "content": { "decision": "apply this change" } })),
            Asked::Approved
        );
        for content in [
            json!(null),
            json!({}),
            json!(true),
            json!("apply this change"),
            json!(["apply this change"]),
            json!({ "decision": true }),
            json!({ "decision": "" }),
            json!({ "decision": "yes" }),
            json!({ "decision": "Apply this change" }),
            json!({ "decision": "apply this change " }),
            json!({ "decision": ["apply this change"] }),
            json!({ "Decision": "apply this change" }),
            json!({ "content": { "decision": "apply this change" } }),
        ] {
            assert_eq!(
                says(json!({ "action": "accept", "content": content })),
                Asked::Cancelled,
                "{content}"
            );
        }
    }

    #[test]
    fn a_no_is_a_no_in_every_form() {
        for answer in [
            json!({ "action": "decline" }),
            json!({ "action": "decline", "content": { "decision": "apply this change" } }),
            json!({ "action": "accept", "content": { "decision": "do not apply" } }),
        ] {
            assert_eq!(says(answer), Asked::Declined);
        }
    }

    #[test]
    fn a_dialog_that_is_put_away_is_no_answer() {
        for answer in [
            json!({ "action": "cancel" }),
            json!({ "action": "cancel", "content": { "decision": "apply this change" } }),
        ] {
            assert_eq!(says(answer), Asked::Cancelled);
        }
    }

    #[test]
    fn the_dialog_is_a_form_with_one_required_choice_and_no_default() {
        insta::assert_snapshot!(
            serde_json::to_string_pretty(&request("scale web".to_owned())).unwrap(),
            @r#"
        {
          "method": "elicitation/create",
          "params": {
            "message": "scale web",
            "mode": "form",
            "requestedSchema": {
              "properties": {
                "decision": {
                  "description": "Applies exactly what is shown above, once.",
                  "enum": [
                    "do not apply",
                    "apply this change"
                  ],
                  "title": "Decision",
                  "type": "string"
                }
              },
              "required": [
                "decision"
              ],
              "type": "object"
            }
          }
        }
        "#
        );
    }
}
