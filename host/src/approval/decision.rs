//! Signing a decision at the console, and judging one that was read.

use super::{ApproverKey, PublicKey};
use crate::proposal::{Channel, Decision, Moment, Proposal, Verdict};

impl Decision {
    /// Returns the decision of the key's owner on exactly this proposal.
    #[must_use]
    pub fn signed(
        proposal: &Proposal,
        verdict: Verdict,
        why: Option<String>,
        at: Moment,
        key: &ApproverKey,
    ) -> Self {
        let mut decision = Self {
            proposal: proposal.id.clone(),
            digest: proposal.digest(),
            verdict,
            channel: Channel::Console,
            by: key.public().fingerprint(),
            at,
            why,
            signature: None,
        };
        decision.signature = Some(key.sign(&decision.signed_bytes()));
        decision
    }

    /// Whether one of these keys signed it at the console. Anything else that says it came from the console is no decision.
    #[must_use]
    pub fn verify(&self, keys: &[PublicKey]) -> bool {
        let Some(signature) = &self.signature else {
            return false;
        };
        self.channel == Channel::Console
            && keys.iter().any(|key| {
                key.fingerprint() == self.by && key.verifies(&self.signed_bytes(), signature)
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::approval::draw::fixtures::scaled;

    fn key(seed: u8) -> ApproverKey {
        ApproverKey::from_seed(&[seed; 32]).unwrap()
    }

    fn approved() -> Decision {
        let why = Some("as agreed".to_owned());
        Decision::signed(&scaled(), Verdict::Approved, why, Moment(1_000), &key(1))
    }

    #[test]
    fn a_decision_counts_for_its_key_and_its_proposal() {
        let decision = approved();
        assert!(decision.verify(&[key(1).public()]));
        assert!(decision.verify(&[key(2).public(), key(1).public()]));
        assert_eq!(decision.proposal, scaled().id);
        assert_eq!(decision.digest, scaled().digest());
    }

    #[test]
    fn a_decision_counts_for_no_other_key() {
        assert!(!approved().verify(&[]));
        assert!(!approved().verify(&[key(2).public()]));
        // Who signs with a key of their own in the name of an approver.
        let mut decision = approved();
        decision.signature = Some(key(2).sign(&decision.signed_bytes()));
        assert!(!decision.verify(&[key(1).public(), key(2).public()]));
    }

    #[test]
    fn with_any_field_changed_it_is_no_decision() {
        type Change = fn(&mut Decision);
        let changes: [(&str, Change); 10] = [
            ("proposal", |decision| decision.proposal.push('x')),
            ("digest", |decision| decision.digest = "0".repeat(64)),
            ("verdict", |decision| decision.verdict = Verdict::Declined),
            ("channel", |decision| {
                decision.channel = Channel::Elicitation;
            }),
            ("channel", |decision| decision.channel = Channel::Auto),
            ("by", |decision| decision.by = key(2).public().fingerprint()),
            ("at", |decision| decision.at.0 += 1),
            ("why", |decision| decision.why = None),
            ("why", |decision| decision.why = Some(String::new())),
            ("signature", |decision| decision.signature = None),
        ];
        let keys = [key(1).public(), key(2).public()];
        assert!(approved().verify(&keys));
        for (field, change) in changes {
            let mut decision = approved();
            change(&mut decision);
            assert!(!decision.verify(&keys), "{field}");
        }
    }

    #[test]
    fn a_row_survives_the_store() {
        let text = serde_json::to_string(&approved()).unwrap();
        let read: Decision = serde_json::from_str(&text).unwrap();
        assert_eq!(read, approved());
        assert!(read.verify(&[key(1).public()]));
    }

    proptest! {
        #[test]
        fn no_other_signature_fits(at in 0_usize..64, bit in 0_u8..8) {
            use base64::{Engine as _, engine::general_purpose::STANDARD};
            let mut decision = approved();
            let mut bytes = STANDARD.decode(decision.signature.as_ref().unwrap()).unwrap();
            bytes[at] ^= 1 << bit;
            decision.signature = Some(STANDARD.encode(bytes));
            prop_assert!(!decision.verify(&[key(1).public()]));
        }

        #[test]
        fn no_text_is_a_signature(text in ".{0,90}") {
            let decision = Decision { signature: Some(text), ..approved() };
            prop_assert!(!decision.verify(&[key(1).public()]));
        }

        #[test]
        fn a_signature_is_about_its_own_words(words in ".{0,20}", other in ".{0,20}", at: u64) {
            let sign = |why: &str| Decision::signed(&scaled(), Verdict::Declined, Some(why.to_owned()), Moment(at), &key(1));
            let mut decision = sign(&words);
            prop_assert!(decision.verify(&[key(1).public()]));
            decision.why = Some(other.clone());
            prop_assert_eq!(decision.verify(&[key(1).public()]), words == other);
        }
    }
}
