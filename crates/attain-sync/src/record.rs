//! Records: base rows as the server keeps and sends them, and which of them a viewer may have.
//!
//! Owns: the columns that are clear on the server, and [`Scope`], which judges them.
//! Absent on purpose: what a body says; roles (attain-domain's table decides).

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::access::{Action, Actor, DataClass, Reach};
use serde::{Deserialize, Serialize};

/// One base row. Kind and id name it; a later record of the same name replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub kind: String,
    pub id: String,
    pub class: DataClass,
    pub reader: Reader,
    /// Whom it was for before: those who may not have it any more are told that it is gone.
    #[serde(default)]
    pub formerly: Vec<Reader>,
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
    /// About people, in the units they were in at its date: an order, a metric value, a person's goal, pay.
    About { people: Vec<String>, unit_ids: Vec<String> },
    /// A unit's own row, for those in it or below it too: its goal, on their line of sight.
    Unit { unit_id: String },
    /// What orders say that are not here: for those who hold some of them, and not for those who hold all.
    Partial { people: Vec<String>, unit_ids: Vec<String> },
    /// A unit's sums, for those in it or below it whose roles do not reach it.
    Sight { unit_id: String },
    /// These people and no others, whatever their role: a note between two, a snooze.
    Only { people: Vec<String> },
    /// What those above a person say of them: its author, and those whose role reaches the person, but not the person.
    Above { author: String, person: String, unit_ids: Vec<String> },
}

/// What of the records a viewer may have today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    actor: Actor,
    /// The units the viewer is in, and all above them: the line of sight.
    above: BTreeSet<String>,
    /// For each class, the units in which the viewer's roles reach, and all below them.
    under: BTreeMap<DataClass, BTreeSet<String>>,
}

impl Scope {
    /// `above`: every unit the viewer is assigned to today, with all units above each. `below` answers all units under one.
    pub fn new(actor: Actor, above: BTreeSet<String>, below: impl Fn(&str) -> Vec<String>) -> Scope {
        let mut under = BTreeMap::new();
        for class in DataClass::ALL {
            let mut reached = BTreeSet::new();
            for unit in actor.units(action(*class)) {
                reached.insert(unit.to_owned());
                reached.extend(below(unit));
            }
            under.insert(*class, reached);
        }
        Scope { actor, above, under }
    }

    pub fn person_id(&self) -> &str {
        &self.actor.person_id
    }

    /// Whether the viewer may have this record.
    pub fn sees(&self, record: &Record) -> bool {
        self.is_one(record.class, &record.reader)
    }

    /// Whether the viewer may have had it once, and may not now.
    pub fn lost(&self, record: &Record) -> bool {
        !self.sees(record) && record.formerly.iter().any(|reader| self.is_one(record.class, reader))
    }

    fn is_one(&self, class: DataClass, reader: &Reader) -> bool {
        let me = &self.actor.person_id;
        let all = self.actor.widest(action(class)) == Some(Reach::All);
        let reaches = |units: &[String]| {
            all || self.under.get(&class).is_some_and(|under| units.iter().any(|unit| under.contains(unit)))
        };
        match reader {
            Reader::Everyone => true,
            Reader::Only { people } => people.contains(me),
            Reader::About { people, unit_ids } => people.contains(me) || reaches(unit_ids),
            Reader::Partial { people, unit_ids } => !all && (people.contains(me) || reaches(unit_ids)),
            Reader::Sight { unit_id } => self.above.contains(unit_id) && !reaches(std::slice::from_ref(unit_id)),
            Reader::Above { author, person, unit_ids } => author == me || (person != me && reaches(unit_ids)),
            Reader::Unit { unit_id } => self.above.contains(unit_id) || reaches(std::slice::from_ref(unit_id)),
        }
    }

    /// Names this scope: two that read the same are the same. A laptop whose scope has another name than the one it was
    /// served under has lost or gained something.
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let reaches: Vec<bool> =
            DataClass::ALL.iter().map(|class| self.actor.widest(action(*class)) == Some(Reach::All)).collect();
        let text = format!("{:?}", (&self.actor.person_id, reaches, &self.above, &self.under));
        Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What one must be allowed, to have records of a class.
fn action(class: DataClass) -> Action {
    match class {
        DataClass::Core => Action::SeeFigures,
        DataClass::Notes => Action::SeeNotes,
        DataClass::Calibration | DataClass::Pay => Action::SeePay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attain_domain::access::Grant;
    use attain_domain::org::Role;

    fn scope(person: &str, role: Role, unit: &str, above: &[&str]) -> Scope {
        let actor = Actor {
            person_id: person.into(),
            grants: vec![Grant { role, unit_id: unit.into() }],
            pay_to_managers: true,
        };
        let below = |unit: &str| match unit {
            "company" => vec!["A".into(), "jia".into(), "yi".into()],
            "A" => vec!["jia".into(), "yi".into()],
            _ => Vec::new(),
        };
        Scope::new(actor, above.iter().map(|unit| unit.to_string()).collect(), below)
    }

    fn record(class: DataClass, reader: Reader) -> Record {
        Record {
            kind: "row".into(),
            id: "1".into(),
            class,
            reader,
            formerly: Vec::new(),
            gone: false,
            body: Vec::new(),
        }
    }

    #[test]
    fn a_rep_has_own_rows_a_manager_the_teams_hr_all_and_a_note_between_two_is_theirs() {
        let zhang = scope("zhang-san", Role::Rep, "jia", &["jia", "A", "company"]);
        let li_na = scope("li-na", Role::Manager, "jia", &["jia", "A", "company"]);
        let wang = scope("wang-fang", Role::Hr, "company", &["company"]);
        let zhou = scope("zhou-tao", Role::Admin, "company", &["company"]);
        let about =
            |person: &str, unit: &str| Reader::About { people: vec![person.into()], unit_ids: vec![unit.into()] };
        use DataClass::{Core, Notes, Pay};
        for (what, row, seen) in [
            ("own order", record(Core, about("zhang-san", "jia")), [true, true, true, true]),
            ("order elsewhere", record(Core, about("wu-qian", "yi")), [false, false, true, true]),
            ("own pay", record(Pay, about("zhang-san", "jia")), [true, true, true, false]),
            ("goal of the own team", record(Core, Reader::Unit { unit_id: "jia".into() }), [true, true, true, true]),
            ("goal of another team", record(Core, Reader::Unit { unit_id: "yi".into() }), [false, false, true, true]),
            (
                "a customer's past",
                record(Core, Reader::Partial { people: vec!["zhang-san".into()], unit_ids: vec!["jia".into()] }),
                [true, true, false, false],
            ),
            (
                "sums of the company",
                record(Core, Reader::Sight { unit_id: "company".into() }),
                [true, true, false, false],
            ),
            (
                "sums of the own team",
                record(Core, Reader::Sight { unit_id: "jia".into() }),
                [true, false, false, false],
            ),
            (
                "between two",
                record(Notes, Reader::Only { people: vec!["li-na".into(), "zhang-san".into()] }),
                [true, true, false, false],
            ),
            (
                "what managers say",
                record(
                    Notes,
                    Reader::Above { author: "li-na".into(), person: "zhang-san".into(), unit_ids: vec!["jia".into()] },
                ),
                [false, true, true, false],
            ),
        ] {
            let sees = [&zhang, &li_na, &wang, &zhou].map(|scope| scope.sees(&row));
            assert_eq!(sees, seen, "{what}");
        }
    }

    #[test]
    fn who_may_not_have_a_row_any_more_is_told_so_and_a_stranger_is_not() {
        let jia = scope("li-na", Role::Manager, "jia", &["jia", "A", "company"]);
        let yi = scope("chen-gang", Role::Manager, "yi", &["yi", "A", "company"]);
        let reader = |unit: &str| Reader::About { people: vec!["zhang-san".into()], unit_ids: vec![unit.into()] };
        let mut moved = record(DataClass::Pay, reader("B"));
        moved.formerly = vec![reader("jia"), reader("elsewhere")];
        assert!(jia.lost(&moved) && !yi.lost(&moved));
    }

    #[test]
    fn a_scope_has_another_name_once_it_reaches_elsewhere() {
        let before = scope("li-na", Role::Manager, "jia", &["jia", "A", "company"]);
        assert_eq!(before.digest(), scope("li-na", Role::Manager, "jia", &["jia", "A", "company"]).digest());
        assert_ne!(before.digest(), scope("li-na", Role::Manager, "A", &["jia", "A", "company"]).digest());
        assert_ne!(before.digest(), scope("li-na", Role::Manager, "jia", &["jia", "company"]).digest());
    }
}
