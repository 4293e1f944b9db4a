//! Where the keys of a store live: the system's keychain, or a passphrase that wraps them in the file `keys`.
//!
//! Owns: making, keeping, finding and erasing keys. There is no silent fallback between the two, and never a new key
//! while a store exists.
//! Absent on purpose: using the keys (attain-store).

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use attain_store::Keys;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use keyring::v1::Entry;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::problem::{Kind, Problem, Result};

/// How a store is to be unlocked.
#[derive(Clone)]
pub enum Unlock {
    Keychain,
    Passphrase(Zeroizing<String>),
}

const SERVICE: &str = "attain";
const CLASSES: [&str; 2] = ["core", "pay"];

fn cannot(code: &'static str) -> Problem {
    Problem::new(Kind::CannotUnlock, code)
}

fn keychain_problem(error: keyring::v1::Error) -> Problem {
    let code = match error {
        keyring::v1::Error::NoDefaultStore => "no_keychain",
        keyring::v1::Error::NoEntry => "key_missing",
        _ => "keychain_locked",
    };
    cannot(code).because(error)
}

/// Whether this computer's keychain can keep a secret: tested by a write, a read and a removal.
pub fn keychain_usable() -> Result<()> {
    let probe = Entry::new(SERVICE, &format!("probe-{}", random_hex(8)?)).map_err(keychain_problem)?;
    probe.set_secret(b"probe").map_err(keychain_problem)?;
    let read = probe.get_secret().map_err(keychain_problem);
    let removed = probe.delete_credential().map_err(keychain_problem);
    if read? != b"probe" {
        return Err(cannot("no_keychain"));
    }
    removed
}

pub fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(Problem::internal)
}

/// Random hexadecimal digits, two a byte.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0u8; bytes];
    random(&mut buffer)?;
    Ok(buffer.iter().map(|b| format!("{b:02x}")).collect())
}

fn new_keys() -> Result<Keys> {
    let (mut core, mut pay) = ([0u8; 32], [0u8; 32]);
    random(&mut core)?;
    random(&mut pay)?;
    Ok(Keys { core, pay: Some(pay) })
}

/// Makes the keys of a new store and keeps them the chosen way.
pub fn create(home: &Path, store_id: &str, unlock: &Unlock) -> Result<Keys> {
    let keys = new_keys()?;
    match unlock {
        Unlock::Keychain => {
            keychain_usable()?;
            for (class, key) in CLASSES.iter().zip([Some(&keys.core), keys.pay.as_ref()]) {
                if let Some(key) = key {
                    entry(store_id, class)?.set_secret(key).map_err(keychain_problem)?;
                }
            }
        }
        Unlock::Passphrase(passphrase) => write_key_file(home, store_id, passphrase, &keys)?,
    }
    Ok(keys)
}

/// Finds the keys of an existing store. Pay may be missing (dropped); core may not.
pub fn find(home: &Path, store_id: &str, unlock: &Unlock) -> Result<Keys> {
    match unlock {
        Unlock::Keychain if key_file(home).exists() => Err(cannot("passphrase_needed")),
        Unlock::Keychain => {
            let core = secret(store_id, "core")?.ok_or_else(|| cannot("key_missing"))?;
            Ok(Keys { core, pay: secret(store_id, "pay")? })
        }
        Unlock::Passphrase(_) if !key_file(home).exists() => {
            // The store was made with the keychain: a passphrase cannot open it.
            Err(cannot("key_file_missing"))
        }
        Unlock::Passphrase(passphrase) => read_key_file(home, store_id, passphrase),
    }
}

/// Replaces the pay key by a new one: what the old one sealed is erased with it.
pub fn renew_pay(home: &Path, store_id: &str, unlock: &Unlock, core: [u8; 32]) -> Result<Keys> {
    let keys = Keys { core, pay: new_keys()?.pay };
    match unlock {
        Unlock::Keychain => {
            if let Some(pay) = &keys.pay {
                entry(store_id, "pay")?.set_secret(pay).map_err(keychain_problem)?;
            }
        }
        Unlock::Passphrase(passphrase) => write_key_file(home, store_id, passphrase, &keys)?,
    }
    Ok(keys)
}

/// Whether the store here is opened by a passphrase.
pub fn needs_passphrase(home: &Path) -> bool {
    key_file(home).exists()
}

/// Forgets the keys of a store that is being removed.
pub fn erase(home: &Path, store_id: &str) {
    let _ = std::fs::remove_file(key_file(home));
    for class in CLASSES {
        if let Ok(entry) = entry(store_id, class) {
            let _ = entry.delete_credential();
        }
    }
}

fn entry(store_id: &str, class: &str) -> Result<Entry> {
    Entry::new(SERVICE, &format!("{store_id}/{class}")).map_err(keychain_problem)
}

fn secret(store_id: &str, class: &str) -> Result<Option<[u8; 32]>> {
    match entry(store_id, class)?.get_secret() {
        Ok(mut bytes) => {
            let key = bytes.as_slice().try_into().map_err(|_| cannot("key_missing"));
            bytes.zeroize();
            Ok(Some(key?))
        }
        Err(keyring::v1::Error::NoEntry) => Ok(None),
        Err(error) => Err(keychain_problem(error)),
    }
}

fn key_file(home: &Path) -> PathBuf {
    home.join("keys")
}

/// The file `keys`: each class's key wrapped by a key derived from the passphrase, with its own salt.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    version: u32,
    store: String,
    argon2id: Cost,
    keys: Vec<WrappedKey>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

#[derive(Serialize, Deserialize)]
struct WrappedKey {
    class: String,
    salt: String,
    nonce: String,
    key: String,
}

/// Argon2id at the strength OWASP names for memory-rich machines; about 150 ms here.
const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

fn wrapping_key(passphrase: &str, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0u8; 32]);
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| cannot("keys_damaged"))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(Problem::internal)?;
    Ok(key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let damaged = || Problem::new(Kind::Damaged, "keys_damaged");
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(damaged());
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).map_err(|_| damaged())).collect()
}

fn write_key_file(home: &Path, store_id: &str, passphrase: &str, keys: &Keys) -> Result<()> {
    if passphrase.chars().count() < 8 {
        return Err(Problem::refused("passphrase_short").with("least", 8));
    }
    let mut wrapped = Vec::new();
    for (class, key) in CLASSES.iter().zip([Some(&keys.core), keys.pay.as_ref()]) {
        let Some(key) = key else { continue };
        let (mut salt, mut nonce) = ([0u8; 16], [0u8; 24]);
        random(&mut salt)?;
        random(&mut nonce)?;
        let wrapping = wrapping_key(passphrase, &salt, COST)?;
        let address = format!("{store_id}/{class}");
        let sealed = XChaCha20Poly1305::new(Key::from_slice(wrapping.as_ref()))
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: key, aad: address.as_bytes() })
            .map_err(Problem::internal)?;
        wrapped.push(WrappedKey { class: class.to_string(), salt: hex(&salt), nonce: hex(&nonce), key: hex(&sealed) });
    }
    let file = KeyFile { version: 1, store: store_id.to_string(), argon2id: COST, keys: wrapped };
    let json = serde_json::to_vec_pretty(&file).map_err(Problem::internal)?;
    let unwritable = |e: std::io::Error| Problem::refused("home_not_writable").with("path", home.display()).because(e);
    // Under another name first: cut short, the keys there were are still there.
    let new = home.join("keys.new");
    std::fs::write(&new, json).map_err(unwritable)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).map_err(unwritable)?;
    }
    std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(unwritable)?;
    std::fs::rename(new, key_file(home)).map_err(unwritable)
}

fn read_key_file(home: &Path, store_id: &str, passphrase: &str) -> Result<Keys> {
    let damaged = |cause: String| Problem::new(Kind::Damaged, "keys_damaged").because(cause);
    let bytes = std::fs::read(key_file(home)).map_err(|e| damaged(e.to_string()))?;
    let file: KeyFile = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
    if file.version != 1
        || file.store != store_id
        || file.argon2id.memory_kib > 1024 * 1024
        || file.argon2id.passes > 64
    {
        return Err(damaged("the file belongs to another store or version".into()));
    }
    let mut keys = Keys { core: [0; 32], pay: None };
    let mut found = false;
    for wrapped in &file.keys {
        let wrapping = wrapping_key(passphrase, &unhex(&wrapped.salt)?, file.argon2id)?;
        let address = format!("{store_id}/{}", wrapped.class);
        let (nonce, sealed) = (unhex(&wrapped.nonce)?, unhex(&wrapped.key)?);
        if nonce.len() != 24 {
            return Err(damaged("nonce".into()));
        }
        let key = XChaCha20Poly1305::new(Key::from_slice(wrapping.as_ref()))
            .decrypt(XNonce::from_slice(&nonce), Payload { msg: &sealed, aad: address.as_bytes() })
            .map(Zeroizing::new)
            .map_err(|_| cannot("wrong_passphrase"))?;
        let key: [u8; 32] = key.as_slice().try_into().map_err(|_| damaged("key length".into()))?;
        match wrapped.class.as_str() {
            "core" => (keys.core, found) = (key, true),
            "pay" => keys.pay = Some(key),
            _ => {}
        }
    }
    if found { Ok(keys) } else { Err(damaged("no core key".into())) }
}
