//! What a laptop that holds nothing yet is served first, so that its window can open: the company's frame, and what is
//! about its person and the units they are in.
//!
//! Owns: [`Authority::first`], and the rows that those of a page lean on.
//! Absent on purpose: everything else, which follows by number from the beginning, these rows among it. A cursor thus
//! never stands above a record that was not sent (SYNC, invariant 9).

use std::collections::VecDeque;

use attain_store::connection::View;
use attain_sync::record::{Reader, Record, Scope};
use attain_sync::wire;
use std::sync::PoisonError;

use super::{Authority, Result, Seen};
use crate::db::Row;

/// Facts of the own units that come first; of more, the latest written.
const FACTS_AT_MOST: usize = 20_000;

/// What rows lean on: without its person an order cannot be put, without its unit an assignment.
const LEANT_ON: [&str; 2] = ["unit", "person"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Near {
    Frame,
    Own,
    Far,
}

fn near(scope: &Scope, own: &[String], record: &Record) -> Near {
    let me = scope.person_id();
    let of = |people: &[String], units: &[String]| {
        let mine = people.iter().any(|person| person == me) || units.iter().any(|unit| own.contains(unit));
        if mine { Near::Own } else { Near::Far }
    };
    match &record.reader {
        Reader::Everyone | Reader::Unit { .. } | Reader::Sight { .. } | Reader::Only { .. } => Near::Frame,
        Reader::About { people, unit_ids } | Reader::Partial { people, unit_ids } => of(people, unit_ids),
        Reader::Above { author, unit_ids, .. } => of(std::slice::from_ref(author), unit_ids),
    }
}

impl Authority {
    /// The units that somebody is in today.
    pub(super) fn own_units(&self, view: View, person_id: &str) -> Result<Vec<String>> {
        let today = self.today(view)?;
        let assignments = view.person_record(person_id)?.map(|person| person.assignments).unwrap_or_default();
        let now = assignments.into_iter().filter(|a| a.from <= today && a.to.is_none_or(|to| to >= today));
        Ok(now.map(|assignment| assignment.unit_id).collect())
    }

    /// Units and people that stand above the last row of a page, some of whose rows may be theirs.
    pub(super) fn leant_on(&self, page: &[Row]) -> Result<Vec<Row>> {
        match page.last() {
            Some(last) if page.len() >= self.page => Ok(self.db.kinds_after(&self.tenant, LEANT_ON, last.seq)?),
            _ => Ok(Vec::new()),
        }
    }

    /// What comes first of what a scope sees up to a place in the order, and how many records it sees in all.
    pub(super) fn first(&self, scope: &Scope, name: &str, own: &[String], upto: u64) -> Result<(Vec<wire::Row>, u64)> {
        let ledger = self.ledger();
        // Reading all of it once tells what the scope must hold, too.
        let mut seen = Seen::default();
        let (mut frame, mut facts) = (Vec::new(), VecDeque::new());
        loop {
            let rows = self.db.rows_after(&self.tenant, seen.seq, self.page)?;
            let Some(last) = rows.last().map(|row| row.seq) else { break };
            for row in &rows {
                let record = ledger.open(row)?;
                seen.take(scope, &record);
                if row.seq > upto || record.gone || !scope.sees(&record) {
                    continue;
                }
                let near = near(scope, own, &record);
                let Record { kind, id, gone, body, .. } = record;
                let said = wire::Row { kind, id, gone, body };
                match near {
                    Near::Frame => frame.push(said),
                    Near::Own => facts.push_back(said),
                    Near::Far => {}
                }
                if facts.len() > FACTS_AT_MOST {
                    facts.pop_front();
                }
            }
            seen.seq = last;
        }
        let awaited = seen.whole.records;
        let followed = self.followed(name);
        let mut followed = followed.lock().unwrap_or_else(PoisonError::into_inner);
        if followed.seq < seen.seq {
            *followed = seen;
        }
        frame.extend(facts);
        Ok((frame, awaited))
    }
}
