//! Who is asking: passwords, laptops and their tokens.
//!
//! Owns: signing in, rotating tokens, revoking a laptop, and slowing down those who guess.
//! Absent on purpose: what somebody may see or do (the domain's table, through the person an account stands for).
//!
//! Guessing is slowed down for the pair of account and address it comes from, and never for a laptop the account knows:
//! nobody locks somebody else out by failing in their name.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use attain_sync::wire::{SignIn, Tokens};
use sha2::{Digest, Sha256};

use crate::db::{self, Account, AuthorityDb, DbError, Device, Token};

/// Why somebody is not let in. Outside it all reads the same: `sign_in_refused`, or `slow_down`.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    #[error("name, password or laptop do not fit")]
    Refused,
    #[error("too many tries; again in {0} s")]
    SlowDown(u64),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("no randomness: {0}")]
    Random(String),
}

const ACCESS_SECONDS: i64 = 3_600;
const REFRESH_SECONDS: i64 = 45 * 24 * 3_600;
/// Tries that cost nothing but their own time.
const FREE_TRIES: u32 = 5;
const LONGEST_WAIT: u64 = 900;
const REMEMBERED: usize = 100_000;
const LONGEST_PASSWORD: usize = 1_024;
const LONGEST_NAME: usize = 1_024;

pub struct Accounts {
    db: Arc<dyn AuthorityDb>,
    tries: Mutex<HashMap<(String, IpAddr), (u32, Instant)>>,
    now: fn() -> i64,
    /// What an unknown name is checked against, so that it takes as long as a known one.
    nobody: String,
}

fn argon2() -> Argon2<'static> {
    // 19 MiB, two passes, one lane.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).unwrap_or_default())
}

fn random() -> Result<[u8; 32], Denied> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Denied::Random(error.to_string()))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// A password as it is kept.
///
/// Errors: empty or longer than a kilobyte; no randomness.
pub fn hash(password: &str) -> Result<String, Denied> {
    if password.is_empty() || password.len() > LONGEST_PASSWORD {
        return Err(Denied::Refused);
    }
    let salt = SaltString::encode_b64(&random()?[..16]).map_err(|error| Denied::Random(error.to_string()))?;
    let hashed = argon2().hash_password(password.as_bytes(), &salt);
    Ok(hashed.map_err(|error| Denied::Random(error.to_string()))?.to_string())
}

fn fits(password: &str, hashed: &str) -> bool {
    password.len() <= LONGEST_PASSWORD
        && PasswordHash::new(hashed).is_ok_and(|hashed| argon2().verify_password(password.as_bytes(), &hashed).is_ok())
}

impl Accounts {
    pub fn new(db: Arc<dyn AuthorityDb>) -> Result<Accounts, Denied> {
        let now = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
        };
        Ok(Accounts { db, tries: Mutex::default(), now, nobody: hash(&hex(&random()?))? })
    }

    /// Lets somebody in on a laptop: a known one of theirs begins a new epoch, any other is registered.
    pub fn sign_in(&self, asked: &SignIn, from: IpAddr) -> Result<(Device, Tokens), Denied> {
        // No name has a NUL in it, and not every database can be asked for one.
        let named = |name: &str| !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains('\0');
        let account = if named(&asked.user) { self.db.account(&asked.user)? } else { None };
        let known = match (&account, asked.device.as_ref().filter(|device| named(device))) {
            (Some(account), Some(device)) => {
                self.db.device(&account.tenant, device)?.filter(|d| d.user == account.user && !d.revoked)
            }
            _ => None,
        };
        // Remembered by its digest: names that somebody makes up may be long.
        let pair = (hex(&digest(&asked.user)), from);
        if known.is_none() {
            self.wait(&pair)?;
        }
        let hashed = account.as_ref().map_or(self.nobody.as_str(), |account| &account.password);
        let good = fits(&asked.password, hashed);
        let Some(account) = account.clone().filter(|account| good && !account.disabled) else {
            if let Some(account) = account {
                self.trail(&account.tenant, &account.user, "sign_in_refused", "")?;
            }
            self.failed(pair);
            return Err(Denied::Refused);
        };
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(&pair);
        let device = match known {
            Some(device) => Device { epoch: device.epoch + 1, last_mid: 0, person_id: account.person_id, ..device },
            None => Device {
                tenant: account.tenant,
                device: hex(&random()?[..16]),
                user: account.user,
                person_id: account.person_id,
                name: asked.device_name.chars().filter(|c| !c.is_control()).take(100).collect(),
                epoch: 1,
                last_mid: 0,
                revoked: false,
            },
        };
        self.db.put_device(&device)?;
        self.db.end_device(&device.tenant, &device.device)?;
        self.trail(&device.tenant, &device.user, "sign_in", &device.device)?;
        let tokens = self.tokens(&device, &hex(&random()?[..16]))?;
        Ok((device, tokens))
    }

    fn tokens(&self, device: &Device, family: &str) -> Result<Tokens, Denied> {
        let mut made = [String::new(), String::new()];
        for (at, secret) in made.iter_mut().enumerate() {
            *secret = hex(&random()?);
            let lasts = if at == 1 { REFRESH_SECONDS } else { ACCESS_SECONDS };
            self.db.add_token(&Token {
                digest: digest(secret),
                tenant: device.tenant.clone(),
                device: device.device.clone(),
                family: family.to_owned(),
                refresh: at == 1,
                expires: (self.now)().saturating_add(lasts),
                used: false,
                attempt: None,
            })?;
        }
        let [access, refresh] = made;
        Ok(Tokens { access, refresh })
    }

    /// New tokens for a refresh token. Used a second time, it ends all of its sign-in: one of the two holders stole it.
    /// Only the same try, which a thief cannot name, may come again: its answer was lost.
    pub fn refresh(&self, secret: &str, attempt: &str) -> Result<Tokens, Denied> {
        let known = || self.db.token(&digest(secret));
        let found = known()?.filter(|token| token.refresh).ok_or(Denied::Refused)?;
        let attempt = digest(attempt);
        let again = || -> Result<bool, Denied> {
            Ok(attempt != digest("") && known()?.is_some_and(|token| token.attempt.as_ref() == Some(&attempt)))
        };
        if !self.db.use_token(&found.digest, &attempt)? && !again()? {
            self.db.end_family(&found.tenant, &found.family)?;
            return Err(Denied::Refused);
        }
        let device = self.db.device(&found.tenant, &found.device)?;
        let device = device.filter(|device| !device.revoked && found.expires > (self.now)()).ok_or(Denied::Refused)?;
        self.tokens(&device, &found.family)
    }

    /// The laptop that an access token speaks for.
    pub fn device(&self, secret: &str) -> Result<Device, Denied> {
        let found = self.db.token(&digest(secret))?.ok_or(Denied::Refused)?;
        if found.refresh || found.expires <= (self.now)() {
            return Err(Denied::Refused);
        }
        let device = self.db.device(&found.tenant, &found.device)?.ok_or(Denied::Refused)?;
        let account = self.db.account(&device.user)?.filter(|account| !account.disabled);
        if device.revoked || account.is_none_or(|account| account.person_id != device.person_id) {
            return Err(Denied::Refused);
        }
        Ok(device)
    }

    /// Takes a laptop's access away. `false` when there is none of that id.
    pub fn revoke(&self, tenant: &str, device: &str) -> db::Result<bool> {
        let Some(known) = self.db.device(tenant, device)? else { return Ok(false) };
        self.db.put_device(&Device { revoked: true, ..known })?;
        self.db.end_device(tenant, device)?;
        self.trail(tenant, "", "revoke", device)?;
        Ok(true)
    }

    /// Makes an account, or gives one another password, person or state: its laptops then sign in again.
    pub fn set(&self, account: &Account) -> db::Result<()> {
        let Account { tenant, user, .. } = account;
        if self.db.set_account(account)? {
            for device in self.db.devices(tenant)?.into_iter().filter(|device| device.user == *user) {
                self.db.end_device(tenant, &device.device)?;
            }
        } else {
            self.db.add_account(account)?;
        }
        self.trail(tenant, "", "set_account", user)
    }

    /// The server's own trail: who came and who was let in. Whoever runs the server has no name here.
    fn trail(&self, tenant: &str, actor: &str, action: &str, detail: &str) -> db::Result<()> {
        let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        self.db.audit(tenant, &at, actor, action, detail)
    }

    /// Forgets what has ended.
    pub fn tidy(&self) -> db::Result<()> {
        self.db.forget_tokens((self.now)())
    }

    fn wait(&self, pair: &(String, IpAddr)) -> Result<(), Denied> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((failed, last)) = tries.get(pair) else { return Ok(()) };
        if *failed < FREE_TRIES {
            return Ok(());
        }
        let wait = Duration::from_secs((1u64 << (failed - FREE_TRIES).min(20)).min(LONGEST_WAIT));
        match wait.checked_sub(last.elapsed()) {
            Some(left) if !left.is_zero() => Err(Denied::SlowDown(left.as_secs() + 1)),
            _ => Ok(()),
        }
    }

    fn failed(&self, pair: (String, IpAddr)) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= REMEMBERED {
            tries.retain(|_, (_, last)| last.elapsed().as_secs() < LONGEST_WAIT);
        }
        let entry = tries.entry(pair).or_insert((0, Instant::now()));
        *entry = (entry.0.saturating_add(1), Instant::now());
    }
}
