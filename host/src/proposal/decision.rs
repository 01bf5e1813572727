//! A decision on a proposal, in plain data: a row of the store.
//!
//! A row says what somebody claims to have decided. One of the console counts only with a signature over
//! [`Decision::signed_bytes`] by an approver of the configuration, any other with the host's seal over them; `approval` judges
//! that each time it reads the row.

use serde::{Deserialize, Serialize};

use super::Moment;

/// What [`Decision::signed_bytes`] begins with: a signature made for anything else is none.
const DOMAIN: &str = "bulkhead-decision-v1";

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may be applied.
    Approved,
    /// It may not.
    Declined,
}

/// The way by which a decision came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// A person at a terminal, with a key.
    Console,
    /// A person, as the client says.
    Elicitation,
    /// A rule of the operator's.
    Auto,
}

/// What was decided about one proposal, by whom and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The proposal's `id`.
    pub proposal: String,
    /// The proposal's digest, in hex: what was looked at.
    pub digest: String,
    /// Yes or no.
    pub verdict: Verdict,
    /// The way by which it came.
    pub channel: Channel,
    /// The fingerprint of the key at the console; elsewhere the client's or the rule's words.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, in the person's words.
    pub why: Option<String>,
    /// Over [`Decision::signed_bytes`], in base64: the approver's Ed25519 signature at the console, elsewhere the seal of the host
    /// that wrote it. Without either it is no decision.
    pub signature: Option<String>,
}

impl Verdict {
    /// Returns the word that people read and keys sign: `approved`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }
}

impl Channel {
    /// Returns the word that people read and keys sign: `console`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Elicitation => "elicitation",
            Self::Auto => "auto",
        }
    }
}

impl Decision {
    /// Returns all of the decision but its signature, so that no two decisions give the same bytes: each field stands behind its
    /// length.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let Self {
            proposal,
            digest,
            verdict,
            channel,
            by,
            at,
            why,
            signature: _,
        } = self;
        let at = at.0.to_be_bytes();
        let (has_why, why) = match why {
            Some(why) => ([1], why.as_str()),
            None => ([0], ""),
        };
        let fields: [&[u8]; 9] = [
            DOMAIN.as_bytes(),
            proposal.as_bytes(),
            digest.as_bytes(),
            verdict.as_str().as_bytes(),
            channel.as_str().as_bytes(),
            by.as_bytes(),
            &at,
            &has_why,
            why.as_bytes(),
        ];
        let mut bytes = Vec::new();
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_decision() -> impl Strategy<Value = Decision> {
        let texts = (".{0,3}", ".{0,3}", ".{0,3}", proptest::option::of(".{0,3}"));
        (texts, any::<bool>(), 0_usize..3, 0_u64..3).prop_map(
            |((proposal, digest, by, why), yes, channel, at)| Decision {
                proposal,
                digest,
                verdict: if yes {
                    Verdict::Approved
                } else {
                    Verdict::Declined
                },
                channel: [Channel::Console, Channel::Elicitation, Channel::Auto][channel],
                by,
                at: Moment(at),
                why,
                signature: None,
            },
        )
    }

    proptest! {
        #[test]
        fn two_decisions_never_give_the_same_bytes(one in any_decision(), other in any_decision()) {
            prop_assert_eq!(one == other, one.signed_bytes() == other.signed_bytes());
        }

        #[test]
        fn text_that_moves_between_two_fields_changes_the_bytes(one in any_decision()) {
            let mut other = one.clone();
            other.proposal = format!("{}{}", one.proposal, one.digest);
            other.digest = String::new();
            prop_assert_eq!(one == other, one.signed_bytes() == other.signed_bytes());
        }
    }

    #[test]
    fn no_reason_and_an_empty_one_differ() {
        let one = Decision {
            proposal: "c-1".to_owned(),
            digest: "00".to_owned(),
            verdict: Verdict::Declined,
            channel: Channel::Console,
            by: "ada".to_owned(),
            at: Moment(1),
            why: None,
            signature: None,
        };
        let other = Decision {
            why: Some(String::new()),
            ..one.clone()
        };
        assert_ne!(one.signed_bytes(), other.signed_bytes());
        assert!(
            one.signed_bytes()
                .starts_with(b"\0\0\0\0\0\0\0\x14bulkhead-decision-v1")
        );
    }
}
