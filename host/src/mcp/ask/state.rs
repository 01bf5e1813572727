//! The `requestState` of a question: what a client of the stateless era brings back together with the person's answer.
//!
//! The client can read it and send it as often as it likes, so it holds nothing secret, approves nothing by itself, opens only
//! for the same tool, arguments and caller, and for ten minutes. What it cannot know is whether it was used before: its nonce is
//! for [`super::Answers`] to take once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rmcp::model::{RequestStateCodec, SealOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Question;
use crate::digest::{digest_of, hex};
use crate::failure::{Failure, Kind};
use crate::proposal::Moment;
use crate::random;

/// How long a person may take to answer.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// What a state is sealed for. Another purpose of the same key must have another word.
const PURPOSE: &str = "bulkhead-question-v1";

/// Seals and opens states.
pub(super) struct Seal(RequestStateCodec);

/// The call that a question belongs to, and its answer with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mcp) struct Bound {
    tool: String,
    arguments_digest: String,
    caller: String,
}

/// What a state says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// The proposal's id.
    pub(super) proposal: String,
    /// The proposal's digest.
    pub(super) digest: String,
    /// Random: to be taken once.
    pub(super) nonce: String,
    /// From when on it is refused.
    pub(super) expires: Moment,
}

impl Bound {
    pub(in crate::mcp) fn new(tool: &str, arguments: &Value, caller: &str) -> Self {
        Self {
            tool: tool.to_owned(),
            arguments_digest: digest_of(arguments),
            caller: caller.to_owned(),
        }
    }

    /// Returns it as one text, which no other call has.
    fn text(&self) -> String {
        json!([PURPOSE, self.tool, self.arguments_digest, self.caller]).to_string()
    }
}

impl Seal {
    pub(super) fn new(key: [u8; 32]) -> Self {
        // The type says how long the key is.
        Self(RequestStateCodec::new_unchecked(key))
    }

    /// Seals a question for the call that it came up in.
    ///
    /// # Errors
    /// `Bug` where the system gives no random bytes.
    pub(super) fn seal(
        &self,
        question: &Question,
        bound: &Bound,
        now: Moment,
    ) -> Result<String, Failure> {
        let mut nonce = [0_u8; 16];
        random::fill(&mut nonce)?;
        let state = State {
            proposal: question.proposal.clone(),
            digest: question.digest.clone(),
            nonce: hex(&nonce),
            expires: now.plus(LIFETIME),
        };
        let text = bound.text();
        self.0
            .seal_json_with(&state, &SealOptions::new().associated_data(text.as_bytes()))
            .map_err(|error| {
                Failure::new(Kind::Bug, "failed to write a `requestState`").source(error)
            })
    }

    /// Opens what a client brought back.
    ///
    /// # Errors
    /// `Invalid` where it was not sealed here for this very call, or is too old; in the same words, so that nobody learns which.
    pub(super) fn open(&self, sealed: &str, bound: &Bound, now: Moment) -> Result<State, Failure> {
        let state: State = self
            .0
            .open_json_with(sealed, bound.text().as_bytes())
            .map_err(|error| {
                tracing::info!("a `requestState` was refused: {error}");
                refused()
            })?;
        if now >= state.expires {
            tracing::info!("a `requestState` was refused: it has expired");
            return Err(refused());
        }
        Ok(state)
    }
}

fn refused() -> Failure {
    Failure::new(
        Kind::Invalid,
        "the `requestState` was not given for this call (tool, arguments and caller), or is older than ten minutes",
    )
    .fix("call the tool again without `requestState` and `inputResponses`; the person is asked anew")
}

/// The wall clock.
pub(super) fn now() -> Moment {
    // A clock before 1970 makes every state look new; each can be used once all the same.
    Moment::default().plus(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn question() -> Question {
        Question {
            proposal: "c-k3v9x2m7qa".to_owned(),
            digest: "ab".repeat(32),
            message: "scale web from 3 to 5".to_owned(),
        }
    }

    fn call() -> Bound {
        Bound::new(
            "k8s_scale",
            &json!({ "name": "web", "replicas": 5 }),
            "uid 1000",
        )
    }

    fn kind(opened: Result<State, Failure>) -> Kind {
        opened.unwrap_err().kind
    }

    #[test]
    fn a_state_opens_for_its_own_call_and_says_which_proposal() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal(&question(), &call(), NOW).unwrap();
        let state = seal.open(&sealed, &call(), NOW).unwrap();
        assert_eq!(
            (state.proposal, state.digest),
            (question().proposal, question().digest)
        );
        assert_eq!(state.nonce.len(), 32);
    }

    #[test]
    fn the_order_of_the_arguments_does_not_matter() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal(&question(), &call(), NOW).unwrap();
        let other: Value = serde_json::from_str(r#"{"replicas":5,"name":"web"}"#).unwrap();
        let other = Bound::new("k8s_scale", &other, "uid 1000");
        assert!(seal.open(&sealed, &other, NOW).is_ok());
    }

    #[test]
    fn each_state_has_its_own_nonce() {
        let seal = Seal::new([7; 32]);
        let nonce = || {
            let sealed = seal.seal(&question(), &call(), NOW).unwrap();
            seal.open(&sealed, &call(), NOW).unwrap().nonce
        };
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn a_state_of_another_tool_argument_caller_or_key_is_refused() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal(&question(), &call(), NOW).unwrap();
        let arguments = json!({ "name": "web", "replicas": 5 });
        for other in [
            Bound::new("k8s_delete", &arguments, "uid 1000"),
            Bound::new(
                "k8s_scale",
                &json!({ "name": "web", "replicas": 6 }),
                "uid 1000",
            ),
            Bound::new(
                "k8s_scale",
                &json!({ "name": "web", "replicas": "5" }),
                "uid 1000",
            ),
            Bound::new("k8s_scale", &json!({}), "uid 1000"),
            Bound::new("k8s_scale", &arguments, "uid 1001"),
            Bound::new("k8s_scale", &arguments, ""),
        ] {
            assert_eq!(
                kind(seal.open(&sealed, &other, NOW)),
                Kind::Invalid,
                "{other:?}"
            );
        }
        assert_eq!(
            kind(Seal::new([8; 32]).open(&sealed, &call(), NOW)),
            Kind::Invalid
        );
    }

    #[test]
    fn a_state_with_any_character_changed_is_refused() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal(&question(), &call(), NOW).unwrap();
        for at in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                kind(seal.open(&changed, &call(), NOW)),
                Kind::Invalid,
                "character {at}"
            );
        }
        for other in [
            "",
            ".",
            "rs1",
            "rs1..",
            "rs2.YQ.YQ.YQ",
            "c-k3v9x2m7qa",
            "💥",
        ] {
            assert_eq!(kind(seal.open(other, &call(), NOW)), Kind::Invalid);
        }
    }

    #[test]
    fn a_state_lives_ten_minutes() {
        let seal = Seal::new([7; 32]);
        let sealed = seal.seal(&question(), &call(), NOW).unwrap();
        let last = Moment(NOW.0 + 10 * 60 * 1000 - 1);
        assert!(seal.open(&sealed, &call(), last).is_ok());
        let late = seal.open(&sealed, &call(), last.plus(Duration::from_millis(1)));
        assert_eq!(kind(late), Kind::Invalid);
    }

    #[test]
    fn a_state_of_another_purpose_of_the_key_is_refused() {
        let seal = Seal::new([7; 32]);
        let state = json!({ "proposal": "c-1", "digest": "", "nonce": "", "expires": u64::MAX });
        for bound in [String::new(), json!(["other", "k8s_scale"]).to_string()] {
            let options = SealOptions::new().associated_data(bound.as_bytes());
            let sealed = seal.0.seal_json_with(&state, &options).unwrap();
            assert_eq!(kind(seal.open(&sealed, &call(), NOW)), Kind::Invalid);
        }
    }
}
