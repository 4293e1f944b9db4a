//! Sealing the bodies of sensitive classes under their own key, inside the encrypted store.
//!
//! Owns: XChaCha20-Poly1305 with the row's address as associated data, so that a body cannot be moved to another row.
//! Absent on purpose: who may read a body (access), where keys live.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{AeadCore, Key, XChaCha20Poly1305, XNonce};
use rusqlite::{OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::connection::{Keys, Result, StoreError, Tx, View};

const NONCE: usize = 24;
/// The class that salaries, payouts and what derives from them belong to.
pub const PAY: &str = "pay";

fn cipher(keys: &Keys) -> Result<XChaCha20Poly1305> {
    let key = keys.pay.as_ref().ok_or(StoreError::PayKeyMissing)?;
    Ok(XChaCha20Poly1305::new(Key::from_slice(key)))
}

/// Encrypts a body for one address.
pub fn seal(keys: &Keys, address: &str, body: &[u8]) -> Result<Vec<u8>> {
    let nonce = XChaCha20Poly1305::generate_nonce(&mut chacha20poly1305::aead::OsRng);
    let sealed = cipher(keys)?
        .encrypt(&nonce, Payload { msg: body, aad: address.as_bytes() })
        .map_err(|_| StoreError::Internal("sealing failed".into()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The inverse of [`seal`]; a body that was altered or moved is damage.
pub fn open(keys: &Keys, address: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let damaged = || StoreError::Damaged(format!("sealed body {address}"));
    let (nonce, body) = sealed.split_at_checked(NONCE).ok_or_else(damaged)?;
    cipher(keys)?
        .decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad: address.as_bytes() })
        .map_err(|_| damaged())
}

fn address(kind: &str, id: &str) -> String {
    format!("{PAY}/{kind}/{id}")
}

impl Tx<'_> {
    /// Puts (or with `None` removes) a pay-class body; returns the one that stood there.
    pub(crate) fn put_sealed<T: Serialize + DeserializeOwned>(
        &self,
        kind: &str,
        id: &str,
        body: Option<&T>,
    ) -> Result<Option<T>> {
        let before = self.view().sealed(kind, id)?;
        match body {
            Some(body) => {
                let sealed = seal(self.keys, &address(kind, id), &serde_json::to_vec(body)?)?;
                self.db
                    .prepare_cached("INSERT INTO sealed VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET body = ?4")?
                    .execute(params![PAY, kind, id, sealed])?;
            }
            None => {
                self.db
                    .prepare_cached("DELETE FROM sealed WHERE class = ?1 AND kind = ?2 AND id = ?3")?
                    .execute(params![PAY, kind, id])?;
            }
        }
        Ok(before)
    }
}

impl View<'_> {
    pub(crate) fn sealed<T: DeserializeOwned>(&self, kind: &str, id: &str) -> Result<Option<T>> {
        let body: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT body FROM sealed WHERE class = ?1 AND kind = ?2 AND id = ?3")?
            .query_row(params![PAY, kind, id], |row| row.get(0))
            .optional()?;
        match body {
            None => Ok(None),
            Some(body) => Ok(Some(serde_json::from_slice(&open(self.keys, &address(kind, id), &body)?)?)),
        }
    }

    /// Whether the pay class can be read at all: its key is here, and what it seals was not erased since the server was last
    /// reached.
    pub fn has_pay_key(&self) -> bool {
        self.keys.pay.is_some() && matches!(self.setting("pay_erased"), Ok(None))
    }
}
