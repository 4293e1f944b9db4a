//! What waits on a laptop whose person may be here no more: sealed to the company, then gone from the laptop (SYNC,
//! invariant 6).
//!
//! Owns: the box (X25519 and XSalsa20-Poly1305, to a public key, so that who sealed it cannot open it), and what is in it.
//! Absent on purpose: keeping and sending it.

use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::wire::{WireError, pack, unpack};

/// A change as its author's laptop had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrowed {
    pub name: String,
    pub version: u32,
    /// JSON.
    pub args: String,
    pub claimed_at: String,
    /// Of an import: its rows, each as JSON.
    pub rows: Vec<String>,
}

fn secret(tenant_key: &[u8; 32]) -> SecretKey {
    let mut hash = Sha256::new();
    hash.update(b"attain escrow 1");
    hash.update(tenant_key);
    SecretKey::from_bytes(hash.finalize().into())
}

/// The key that laptops seal to, from the tenant's own.
pub fn public_key(tenant_key: &[u8; 32]) -> [u8; 32] {
    *secret(tenant_key).public_key().as_bytes()
}

/// Errors: not a key.
pub fn seal(public_key: &[u8], changes: &[Escrowed]) -> Result<Vec<u8>, WireError> {
    let key: [u8; 32] = public_key.try_into().map_err(|_| unreadable("a public key has 32 bytes"))?;
    PublicKey::from_bytes(key).seal(&mut OsRng, &pack(&changes)?).map_err(|_| unreadable("sealing failed"))
}

/// Errors: sealed to another company, or changed on the way.
pub fn open(tenant_key: &[u8; 32], sealed: &[u8]) -> Result<Vec<Escrowed>, WireError> {
    unpack(&secret(tenant_key).unseal(sealed).map_err(|_| unreadable("the box does not open"))?)
}

fn unreadable(what: &str) -> WireError {
    WireError::Unreadable(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_opens_what_was_sealed_to_it_and_nobody_else_does() {
        let changes = vec![Escrowed {
            name: "write_note".into(),
            version: 2,
            args: r#"{"text":"客户要改期"}"#.into(),
            claimed_at: "2026-09-21T00:30:00.000Z".into(),
            rows: Vec::new(),
        }];
        let (ours, other) = ([7; 32], [8; 32]);
        let mut sealed = seal(&public_key(&ours), &changes).unwrap();
        assert_eq!(open(&ours, &sealed).unwrap(), changes);
        assert!(open(&other, &sealed).is_err());
        sealed[40] ^= 1;
        assert!(open(&ours, &sealed).is_err());
        assert!(seal(b"short", &changes).is_err());
    }
}
