//! The units that a person's figures belong to, and their sums made anew when the organisation has moved.
//!
//! Owns: [`UnitChains`], [`rebuild_units`].
//! Absent on purpose: what enters the figures (`rollup.rs`).

use std::collections::HashMap;

use crate::connection::{OPEN, Result, StoreError, Tx};
use crate::rollup::sums::{Sums, put_sums};

/// Which units a person's figures belong to on a day: the main assignment's unit and all above it.
pub(crate) struct UnitChains {
    of_person: HashMap<u32, Vec<(i32, i32, u32)>>,
    above: HashMap<u32, Vec<u32>>,
}

/// The main assignment of a day: largest share of working time, then the latest begun.
pub(crate) const MAIN_ASSIGNMENT: &str = "fte_ppm DESC, since DESC, n";

impl UnitChains {
    pub(crate) fn load(tx: &Tx<'_>) -> Result<UnitChains> {
        let mut of_person: HashMap<u32, Vec<(i32, i32, u32)>> = HashMap::new();
        let mut statement = tx
            .db
            .prepare_cached(&format!("SELECT person, since, until, unit FROM assignment ORDER BY {MAIN_ASSIGNMENT}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            of_person.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?, row.get(3)?));
        }
        let mut parents: HashMap<u32, u32> = HashMap::new();
        let mut statement = tx.db.prepare_cached("SELECT unit, parent FROM unit_parent WHERE until = ?1")?;
        let mut rows = statement.query([OPEN])?;
        while let Some(row) = rows.next()? {
            parents.insert(row.get(0)?, row.get(1)?);
        }
        let mut above = HashMap::new();
        let mut statement = tx.db.prepare_cached("SELECT n FROM unit")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let unit: u32 = row.get(0)?;
            let mut chain = vec![unit];
            while let Some(parent) = chain.last().and_then(|u| parents.get(u)) {
                if chain.contains(parent) {
                    return Err(StoreError::Damaged("units form a circle".into()));
                }
                chain.push(*parent);
            }
            above.insert(unit, chain);
        }
        Ok(UnitChains { of_person, above })
    }

    pub(crate) fn chain(&self, person: u32, day: i32) -> &[u32] {
        let unit = self
            .of_person
            .get(&person)
            .and_then(|list| list.iter().find(|(since, until, _)| *since <= day && day < *until))
            .map(|(_, _, unit)| unit);
        unit.and_then(|unit| self.above.get(unit)).map_or(&[], |chain| chain.as_slice())
    }
}

/// Makes `unit_day` anew from `person_day`, after the organisation has changed.
pub(crate) fn rebuild_units(tx: &Tx<'_>) -> Result<()> {
    let units = UnitChains::load(tx)?;
    tx.db.execute("DELETE FROM unit_day", [])?;
    let mut of_units: HashMap<(u32, i32), Sums> = HashMap::new();
    let mut statement = tx.db.prepare_cached("SELECT * FROM person_day")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (person, day) = (row.get(0)?, row.get(1)?);
        let sums = Sums {
            booked: row.get(2)?,
            refunded: row.get(3)?,
            overlay: row.get(4)?,
            orders: row.get(5)?,
            new_customers: row.get(6)?,
            costed: row.get(7)?,
            cost: row.get(8)?,
        };
        for unit in units.chain(person, day) {
            of_units.entry((*unit, day)).or_default().add(&sums);
        }
    }
    let mut of_units: Vec<_> = of_units.into_iter().filter(|(_, sums)| *sums != Sums::default()).collect();
    of_units.sort_unstable_by_key(|(key, _)| *key);
    put_sums(tx, "unit_day", of_units.into_iter().map(|((unit, day), sums)| (unit, day, sums)))
}
