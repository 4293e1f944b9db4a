//! What the company keeps that is no record: refused changes, boxes of those who are here no more, laptops' trails.
//!
//! Owns: taking boxes and trails, noticing a trail that does not go on from where it was (SYNC, invariant 12), and reading
//! all of it back for whoever runs the server. Absent on purpose: refusing (`authority.rs`), records.

use attain_store::audit;
use attain_sync::escrow;
use attain_sync::wire::{self, Escrow, Pushed, Trail, TrailEntry, TrailTaken, Verdict};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::authority::{Authority, Failure};
use crate::db::{Boxed, Device, Linked};

type Result<T> = std::result::Result<T, Failure>;

impl Authority {
    /// Keeps a box; the same again is nothing new.
    pub fn take_escrow(&self, device: &Device, escrow: &Escrow) -> Result<()> {
        let hash = wire::chunk_hash(&escrow.sealed);
        let (device, at, body) = (device.device.clone(), self.at(), escrow.sealed.clone());
        Ok(self.db.put_escrow(&self.tenant, &Boxed { hash, device, at, body })?)
    }

    /// The key that laptops seal to.
    pub fn escrow_key(&self) -> [u8; 32] {
        escrow::public_key(self.key.bytes())
    }

    /// The changes in every box, oldest first. Errors: a box that does not open.
    pub fn escrow(&self) -> Result<Vec<Value>> {
        let boxes = self.db.escrow(&self.tenant)?;
        boxes.iter().map(|boxed| self.unboxed(boxed)).collect()
    }

    fn unboxed(&self, boxed: &Boxed) -> Result<Value> {
        let changes = escrow::open(self.key.bytes(), &boxed.body)?.into_iter().map(|change| {
            let rows: Vec<Value> = change.rows.iter().map(|row| told(row)).collect();
            json!({ "name": change.name, "version": change.version, "args": told(&change.args),
                    "claimed_at": change.claimed_at, "rows": rows })
        });
        Ok(json!({ "device": boxed.device, "at": boxed.at, "changes": changes.collect::<Vec<_>>() }))
    }

    pub(crate) fn refusal_of(&self, device: &Device, pushed: &Pushed, verdict: &Verdict) -> Result<Option<Vec<u8>>> {
        if matches!(verdict, Verdict::Applied { .. }) {
            return Ok(None);
        }
        Ok(Some(self.key.seal(&self.kept_at("refused", device, pushed.mid), &wire::pack(pushed)?)?))
    }

    /// Every refused change as it was pushed, with why.
    pub fn refused(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for device in self.db.devices(&self.tenant)? {
            for (epoch, kept) in self.db.refused(&self.tenant, &device.device)? {
                let device = Device { epoch, ..device.clone() };
                let open = |what, sealed: &[u8]| self.key.open(&self.kept_at(what, &device, kept.mid), sealed);
                let verdict: Verdict = wire::unpack(&open("outcome", &kept.outcome)?)?;
                let pushed: Pushed = wire::unpack(&open("refused", kept.refused.as_deref().unwrap_or_default())?)?;
                let code = match &verdict {
                    Verdict::Rejected { code, .. } => code.as_str(),
                    Verdict::PreviewChanged { .. } => "preview_changed",
                    Verdict::Applied { .. } => continue,
                };
                all.push(json!({ "device": device.device, "user": device.user, "person_id": device.person_id,
                    "epoch": epoch, "mid": kept.mid, "code": code, "name": pushed.name,
                    "args": told(&String::from_utf8_lossy(&pushed.args)), "claimed_at": pushed.claimed_at }));
            }
        }
        Ok(all)
    }

    /// Takes the next entries of a laptop's trail. One that does not go on from the last is kept all the same, and noted in
    /// the server's own: the laptop's store was put back, or its trail was cut. `None`: one that is not what its hash says.
    pub fn take_trail(&self, device: &Device, trail: &Trail) -> Result<Option<TrailTaken>> {
        let mut links = Vec::new();
        let (mut seq, mut hash) = self.db.trail_head(&self.tenant, &device.device)?.unwrap_or((0, vec![0; 32]));
        for entry in &trail.entries {
            if !genuine(entry) {
                self.note(&device.device, "trail_forged", entry.seq)?;
                return Ok(None);
            }
            let known = entry.seq <= seq && self.db.trail_has(&self.tenant, &device.device, &entry.hash)?;
            if known {
                continue;
            }
            let fits = entry.seq == seq + 1 && entry.before == hash;
            if !fits {
                self.note(&device.device, "trail_broken", entry.seq)?;
            }
            let body = self.key.seal(&self.linked_at(&device.device, &entry.hash), &wire::pack(entry)?)?;
            links.push(Linked { device: device.device.clone(), seq: entry.seq, hash: entry.hash.clone(), fits, body });
            (seq, hash) = (entry.seq, entry.hash.clone());
        }
        self.db.add_links(&self.tenant, &links)?;
        Ok(Some(TrailTaken { seq: trail.entries.last().map_or(seq, |entry| entry.seq) }))
    }

    /// What is on record of laptops, in the order it came; of one of them, or of all.
    pub fn trail(&self, device: Option<&str>) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for link in self.db.trail(&self.tenant, device)? {
            let body = self.key.open(&self.linked_at(&link.device, &link.hash), &link.body)?;
            let entry: TrailEntry = wire::unpack(&body)?;
            all.push(json!({ "device": link.device, "seq": link.seq, "fits": link.fits, "at": entry.at,
                "person_id": entry.actor_id, "action": entry.action, "class": entry.class,
                "subjects": told(&entry.subjects), "detail": told(&entry.detail) }));
        }
        Ok(all)
    }

    /// Notes in the server's own trail that somebody who runs it has read what it keeps.
    pub fn read_by_operator(&self, what: &str) -> Result<()> {
        Ok(self.db.audit(&self.tenant, &self.at(), "operator", what, "")?)
    }

    fn note(&self, device: &str, action: &str, seq: u64) -> Result<()> {
        tracing::warn!(action, seq, "a laptop's trail");
        Ok(self.db.audit(&self.tenant, &self.at(), device, action, &seq.to_string())?)
    }

    fn linked_at(&self, device: &str, hash: &[u8]) -> String {
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}/trail/{device}/{hash}", self.tenant)
    }

    fn at(&self) -> String {
        (self.clock)().to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

fn genuine(entry: &TrailEntry) -> bool {
    let TrailEntry { at, actor_id, action, class, subjects, detail, .. } = entry;
    let seq = i64::try_from(entry.seq);
    seq.is_ok_and(|seq| audit::hash(&entry.before, seq, [at, actor_id, action, class, subjects, detail]) == *entry.hash)
}

/// JSON as what it says; anything else as text.
fn told(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
