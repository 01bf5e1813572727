//! Continue tokens of a list of which only a part may be seen.
//!
//! The API server's token holds the name of the next object in plain sight, covered or not; and whoever writes one himself begins
//! the list where he likes. So where a permit judges each object, a token crosses sealed: nobody but this process reads or
//! makes one, and it fits one list only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::failure::{Failure, Kind};
use crate::random::{self, NoRandom};

/// Seals and opens tokens, with a key of this process alone.
pub(super) struct Tokens {
    /// None where the system gave no random bytes: then no token can be sealed.
    key: Option<LessSafeKey>,
}

impl Tokens {
    /// Makes a key.
    pub(super) fn new() -> Self {
        let mut bytes = [0; 32];
        let key = random::fill(&mut bytes)
            .ok()
            .and_then(|()| UnboundKey::new(&AES_256_GCM, &bytes).ok())
            .map(LessSafeKey::new);
        Self { key }
    }

    /// Seals a token of the API server for the list at `url`.
    ///
    /// # Errors
    /// `Bug` where the system gave no random bytes, or no token has such a length.
    pub(super) fn seal(&self, token: &str, url: &str) -> Result<String, Failure> {
        let key = self.key.as_ref().ok_or(NoRandom)?;
        let mut nonce = [0; NONCE_LEN];
        random::fill(&mut nonce)?;
        let mut sealed = token.as_bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(url),
            &mut sealed,
        )
        .map_err(|_| Failure::new(Kind::Bug, "a continue token is too long to be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a token that [`Self::seal`] gave for the same list.
    ///
    /// # Errors
    /// `Conflict` for any other: one of another list, of a host that has ended, or of somebody's own making.
    pub(super) fn open(&self, sealed: &str, url: &str) -> Result<String, Failure> {
        self.opened(sealed, url).ok_or_else(|| {
            Failure::new(
                Kind::Conflict,
                "the continue token belongs to another list, or to a Bulkhead that has ended since",
            )
            .fix("start the list again without one")
        })
    }

    fn opened(&self, sealed: &str, url: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let token = self
            .key
            .as_ref()?
            .open_in_place(nonce, Aad::from(url), &mut rest)
            .ok()?;
        String::from_utf8(token.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_nothing_and_fits_its_own_list_only() {
        let tokens = Tokens::new();
        let sealed = tokens
            .seal("{\"start\":\"vault-7\"}", "/api/v1/secrets")
            .unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("vault"));
        assert_eq!(
            tokens.open(&sealed, "/api/v1/secrets").unwrap(),
            "{\"start\":\"vault-7\"}"
        );
        for (tokens, sealed, url) in [
            (&tokens, sealed.as_str(), "/api/v1/pods"),
            (&Tokens::new(), &sealed, "/api/v1/secrets"),
            (&tokens, "eyJzdGFydCI6ImEifQ", "/api/v1/secrets"),
            (&tokens, "", "/api/v1/secrets"),
            (&tokens, "?", "/api/v1/secrets"),
        ] {
            let failure = tokens.open(sealed, url).unwrap_err();
            assert_eq!(failure.kind, Kind::Conflict, "{sealed} {url}");
        }
    }
}
