//! Records: base rows as the server keeps and sends them, and which of them a viewer may have.
//!
//! Owns: the columns that are clear on the server, and [`Scope`], which judges them.
//! Absent on purpose: what a body says; roles (attain-domain's table decides).

use std::collections::BTreeSet;

use attain_domain::access::{Action, Actor, DataClass, Reach};
use serde::{Deserialize, Serialize};

/// One base row. Kind and id name it; a later record of the same name replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub kind: String,
    pub id: String,
    pub class: DataClass,
    pub reader: Reader,
    /// The row went: its body then only says so.
    pub gone: bool,
    /// The row as JSON, as its author's laptop or the server wrote it.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// Whom a record is for, besides those whose role reaches everyone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// The company's frame that everybody's figures stand on: units, people's names and assignments, calendars, rates,
    /// settings, published plans, closed months.
    Everyone,
    /// About people, in the units they were in at its date: a goal, an order, a metric value, pay.
    About { people: Vec<String>, unit_ids: Vec<String> },
    /// A unit's own row, for those in it or below it too: its goal, its line of sight.
    Unit { unit_ids: Vec<String> },
    /// These people and no others, whatever their role: a note between two, a snooze.
    Only { people: Vec<String> },
    /// What those above a person say of them: its author, and those whose role reaches the person, but not the person.
    Above { author: String, person: String, unit_ids: Vec<String> },
    /// Those whose role imports facts or sees everyone: rows without anyone in them.
    Importers,
}

/// What of the records a viewer may have today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    actor: Actor,
    /// The units the viewer is in, and all above them: the line of sight.
    above: BTreeSet<String>,
}

impl Scope {
    /// `above`: every unit the viewer is assigned to today, with all units above each.
    pub fn new(actor: Actor, above: impl IntoIterator<Item = String>) -> Scope {
        Scope { actor, above: above.into_iter().collect() }
    }

    pub fn person_id(&self) -> &str {
        &self.actor.person_id
    }

    fn action(class: DataClass) -> Action {
        match class {
            DataClass::Core => Action::SeeFigures,
            DataClass::Notes => Action::SeeNotes,
            DataClass::Calibration | DataClass::Pay => Action::SeePay,
        }
    }

    /// Whether the viewer may have this record.
    pub fn sees(&self, record: &Record) -> bool {
        let action = Scope::action(record.class);
        let all = self.actor.widest(action) == Some(Reach::All);
        match &record.reader {
            Reader::Everyone => true,
            Reader::Only { people } => people.contains(&self.actor.person_id),
            Reader::Importers => all || self.actor.widest(Action::ImportFacts) == Some(Reach::All),
            Reader::About { people, unit_ids } => {
                let own = people.contains(&self.actor.person_id);
                let managed = self.actor.units(action);
                all || own || unit_ids.iter().any(|unit| managed.contains(unit.as_str()))
            }
            Reader::Above { author, person, unit_ids } => {
                let managed = self.actor.units(action);
                *author == self.actor.person_id
                    || (*person != self.actor.person_id
                        && (all || unit_ids.iter().any(|unit| managed.contains(unit.as_str()))))
            }
            Reader::Unit { unit_ids } => {
                let managed = self.actor.units(action);
                all || unit_ids.first().is_some_and(|unit| self.above.contains(unit))
                    || unit_ids.iter().any(|unit| managed.contains(unit.as_str()))
            }
        }
    }

    /// Names this scope: two that read the same are the same. A laptop whose scope has another name than the one it was
    /// served under has lost or gained something.
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut text = format!("{}|{}", self.actor.person_id, self.actor.pay_to_managers);
        let mut grants: Vec<String> =
            self.actor.grants.iter().map(|grant| format!("{}@{}", grant.role.name(), grant.unit_id)).collect();
        grants.sort();
        for part in grants.into_iter().chain(self.above.iter().cloned()) {
            text.push('|');
            text.push_str(&part);
        }
        Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
