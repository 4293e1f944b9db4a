//! What may not stay on a laptop: changes of somebody who may be here no more, and pay after its lease.
//!
//! Owns: sealing them up, erasing, and the boxes until the server has them.
//! Absent on purpose: making a box (attain-sync), when a lease ends (attain-client).

use std::collections::HashSet;

use rusqlite::OptionalExtension;

use super::{APPLIED, IMPORT, WAITING, Waiting};
use crate::connection::{Result, Store, StoreError, Tx, View};
use crate::facts::Base;
use crate::journal::WriteError;

impl View<'_> {
    /// Changes that were sealed to the company because their author was nobody there any more.
    pub fn escrowed(&self) -> Result<u64> {
        Ok(self.setting("escrowed")?.and_then(|number| number.parse().ok()).unwrap_or(0))
    }
}

impl Store {
    /// What waits, with the rows of imports; then it is nowhere here but in the box that `seal` makes of it, and nothing
    /// that was refused either. For somebody who may be here no more: after a [`Store::purge`].
    pub fn seal_up<E: From<StoreError>>(
        &mut self,
        seal: impl FnOnce(Vec<(Waiting, Vec<Base>)>) -> std::result::Result<Vec<u8>, E>,
    ) -> std::result::Result<(), E> {
        self.write(|tx| {
            let all = tx.waiting(
                "SELECT mid, coalesce(wire, 0), name, version, args, claimed_at FROM mutation
                 WHERE state = ?1 ORDER BY mid LIMIT ?2",
                i64::MAX,
            )?;
            let mut changes = Vec::with_capacity(all.len());
            for waiting in all {
                let rows = if waiting.name == IMPORT { tx.view().rows_to_send(waiting.mid)? } else { Vec::new() };
                changes.push((waiting, rows));
            }
            if !changes.is_empty() {
                tx.escrow(changes, seal)?;
            }
            tx.db
                .execute_batch("DELETE FROM mutation; DELETE FROM attention; DELETE FROM kept_rows; DELETE FROM undo;")
                .map_err(StoreError::from)?;
            Ok::<_, E>(())
        })?;
        Ok(self.truncate_log()?)
    }

    /// Erases what is of the pay class, and has everything served anew. What waits and says something of pay goes into the
    /// box that `seal` makes, and its effect out of the tables. Afterwards nothing here is sealed under the pay key.
    pub fn erase_pay<E: From<StoreError> + From<WriteError>>(
        &mut self,
        seal: impl FnOnce(Vec<(Waiting, Vec<Base>)>) -> std::result::Result<Vec<u8>, E>,
    ) -> std::result::Result<(), E> {
        self.write(|tx| {
            let of_pay = tx.waiting(
                "SELECT m.mid, coalesce(m.wire, 0), m.name, m.version, m.args, m.claimed_at FROM mutation m
                 LEFT JOIN undo u ON u.mid = m.mid LEFT JOIN kept_rows k ON k.mid = m.mid
                 WHERE m.state = ?1 AND (u.sealed IS NOT NULL OR k.sealed IS NOT NULL) ORDER BY m.mid LIMIT ?2",
                i64::MAX,
            )?;
            if !of_pay.is_empty() {
                let unsettled = tx.unsettled(0)?;
                for one in unsettled.iter().rev() {
                    tx.unmake(one.mid, &HashSet::new())?;
                }
                let mut changes = Vec::with_capacity(of_pay.len());
                for waiting in of_pay {
                    let rows = if waiting.name == IMPORT { tx.view().rows_to_send(waiting.mid)? } else { Vec::new() };
                    changes.push((waiting, rows));
                }
                let gone: Vec<i64> = changes.iter().map(|(waiting, _)| waiting.mid).collect();
                tx.escrow(changes, seal)?;
                for mid in &gone {
                    tx.db.execute("DELETE FROM mutation WHERE mid = ?1", [mid]).map_err(StoreError::from)?;
                    tx.db.execute("DELETE FROM kept_rows WHERE mid = ?1", [mid]).map_err(StoreError::from)?;
                }
                for one in unsettled.iter().filter(|one| matches!(one.state, WAITING | APPLIED)) {
                    if !gone.contains(&one.mid) {
                        tx.replay(one)?;
                    }
                }
            }
            tx.db
                .execute_batch(
                    "DELETE FROM sealed;
                     UPDATE mutation SET undoable = 0 WHERE mid IN (SELECT mid FROM undo WHERE sealed IS NOT NULL);
                     UPDATE undo SET sealed = NULL; DELETE FROM setting WHERE key = 'compared';",
                )
                .map_err(StoreError::from)?;
            tx.set_setting("cursor", r#"{"seq":0,"scope":"astray"}"#)?;
            tx.set_setting("pay_erased", "1")?;
            Ok::<_, E>(())
        })?;
        Ok(self.truncate_log()?)
    }

    /// Everything has been served again after [`Store::erase_pay`].
    pub fn pay_is_back(&mut self) -> Result<()> {
        self.write(|tx| {
            tx.db.prepare_cached("DELETE FROM setting WHERE key = 'pay_erased'")?.execute([])?;
            Ok(())
        })
    }

    /// The oldest box that the server does not have.
    pub fn sealed(&self) -> Result<Option<Vec<u8>>> {
        let found = self.db.query_row("SELECT sealed FROM escrow ORDER BY n LIMIT 1", [], |r| r.get(0));
        Ok(found.optional()?)
    }

    /// The server has the oldest box.
    pub fn handed_over(&mut self) -> Result<()> {
        self.write(|tx| {
            tx.db.execute("DELETE FROM escrow WHERE n = (SELECT min(n) FROM escrow)", [])?;
            Ok(())
        })
    }
}

impl Tx<'_> {
    fn escrow<E: From<StoreError>>(
        &self,
        changes: Vec<(Waiting, Vec<Base>)>,
        seal: impl FnOnce(Vec<(Waiting, Vec<Base>)>) -> std::result::Result<Vec<u8>, E>,
    ) -> std::result::Result<(), E> {
        let number = changes.len() as u64 + self.view().escrowed()?;
        self.set_setting("escrowed", &number.to_string())?;
        let sealed = seal(changes)?;
        self.db.execute("INSERT INTO escrow (sealed) VALUES (?1)", [sealed]).map_err(StoreError::from)?;
        Ok(())
    }
}
