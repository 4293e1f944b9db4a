//! Bodies at rest: every tenant has a key of its own, which lies in the database under the server's master key.
//!
//! Owns: making, wrapping and using tenant keys (XChaCha20-Poly1305, a fresh nonce for each body).
//! Absent on purpose: where the master key comes from (the command line).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, ZeroizeOnDrop};

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

/// A body that does not open: another key, or bytes that were changed or moved to another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed body does not open")]
pub struct Unsealable;

const NONCE: usize = 24;

impl SecretKey {
    pub fn new(bytes: [u8; 32]) -> SecretKey {
        SecretKey(bytes)
    }

    /// Errors: the system has no randomness to give.
    pub fn random() -> Result<SecretKey, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(SecretKey(bytes))
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&self.0))
    }

    /// Seals a body to its place: elsewhere it does not open.
    pub fn seal(&self, place: &str, body: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let mut sealed = vec![0; NONCE];
        getrandom::fill(&mut sealed).map_err(|_| Unsealable)?;
        let payload = Payload { msg: body, aad: place.as_bytes() };
        let body = self.cipher().encrypt(XNonce::from_slice(&sealed), payload).map_err(|_| Unsealable)?;
        sealed.extend(body);
        Ok(sealed)
    }

    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(Unsealable)?;
        let payload = Payload { msg: body, aad: place.as_bytes() };
        self.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_| Unsealable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_in_its_place_with_its_key_and_nowhere_else() {
        let (key, other) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
        let sealed = key.seal("goal/g26-jia", b"4000000").unwrap();
        assert_eq!(key.open("goal/g26-jia", &sealed).unwrap(), b"4000000");
        assert_eq!(key.open("goal/g26-yi", &sealed), Err(Unsealable));
        assert_eq!(other.open("goal/g26-jia", &sealed), Err(Unsealable));
        assert_eq!(key.open("goal/g26-jia", b"short"), Err(Unsealable));
    }
}
