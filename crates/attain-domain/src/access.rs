//! Who may see or do what, decided here and nowhere else (ARCHITECTURE, invariant 4).
//!
//! Owns: the table of role × action × scope, and the abilities a screen may ask for.
//! Absent on purpose: which units a role covers on a date (asked through `Read`); accounts.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::org::{Role, UnknownName, named};

named! {
    /// What data is about, from the least to the most sensitive.
    DataClass { Core "core", Notes "notes", Calibration "calibration", Pay "pay", }
}

named! {
    /// What one can do. The UI receives these, never roles.
    Action {
        SeeFigures "see_figures", SeeGoals "see_goals", SeeTeam "see_team", EditGoals "edit_goals",
        SeeNotes "see_notes", WriteNotes "write_notes", SeePay "see_pay", PublishPlans "publish_plans",
        ApprovePlans "approve_plans", ClosePeriods "close_periods", ImportFacts "import_facts", ImportOrganisation "import_organisation",
        EditSettings "edit_settings", SeeAudit "see_audit",
    }
}

/// How far an action reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// One's own data.
    Own,
    /// The units where one has the role, and all below.
    Units,
    /// Everyone.
    All,
}

/// The table (DOMAIN, roles). `pay_to_managers` is the company's choice, on by default.
pub fn reach(role: Role, action: Action, pay_to_managers: bool) -> Option<Reach> {
    use Action::*;
    use Reach::*;
    Some(match (role, action) {
        (Role::Rep, SeeFigures | SeeGoals | SeeNotes | SeePay) => Own,
        (Role::Manager, SeeFigures | SeeGoals | SeeTeam | EditGoals | SeeNotes | WriteNotes) => Units,
        (Role::Manager, SeePay) if pay_to_managers => Units,
        (Role::Manager, SeePay) => Own,
        (Role::Hr, _) => All,
        (Role::Finance, SeeFigures | SeeGoals | SeeTeam | SeePay | ApprovePlans | ClosePeriods) => All,
        (Role::Admin, SeeFigures | SeeGoals | SeeTeam | EditGoals) => All,
        (Role::Admin, ImportFacts | ImportOrganisation | EditSettings) => All,
        (Role::Auditor, SeeAudit) => All,
        _ => return None,
    })
}

/// A role somebody holds today: company-wide ones have no unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Role,
    pub unit_id: String,
}

/// Who acts or looks: a person with the roles of that day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub person_id: String,
    pub grants: Vec<Grant>,
    pub pay_to_managers: bool,
}

/// Whom an action would touch.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A person, with the ids of the unit they are in and all above it.
    Person { id: &'a str, unit_ids: &'a [String] },
    /// A unit, with its own id and all above it.
    Unit { unit_ids: &'a [String] },
    /// The company as a whole.
    Company,
}

impl Actor {
    /// Whether one may do this to that. One's own goals, figures, shared notes and pay are always one's own to see.
    pub fn may(&self, action: Action, subject: Subject) -> bool {
        let own = matches!(subject, Subject::Person { id, .. } if id == self.person_id);
        self.grants.iter().any(|grant| match reach(grant.role, action, self.pay_to_managers) {
            None => false,
            Some(Reach::All) => true,
            Some(Reach::Own) => own,
            Some(Reach::Units) => {
                own && matches!(action, Action::SeePay | Action::SeeNotes | Action::SeeFigures | Action::SeeGoals)
                    || match subject {
                        // One is managed by those above: own pay and goals are not one's own to change.
                        Subject::Person { unit_ids, .. } => !own && unit_ids.contains(&grant.unit_id),
                        Subject::Unit { unit_ids } => unit_ids.contains(&grant.unit_id),
                        Subject::Company => false,
                    }
            }
        }) || (own && matches!(action, Action::SeeFigures | Action::SeeGoals | Action::SeeNotes | Action::SeePay))
    }

    /// How far an action reaches for this actor; `None` when nowhere.
    pub fn widest(&self, action: Action) -> Option<Reach> {
        self.grants.iter().filter_map(|g| reach(g.role, action, self.pay_to_managers)).max()
    }

    /// The units in which an action reaches by unit.
    pub fn units(&self, action: Action) -> BTreeSet<&str> {
        self.grants
            .iter()
            .filter(|g| reach(g.role, action, self.pay_to_managers) == Some(Reach::Units))
            .map(|g| g.unit_id.as_str())
            .collect()
    }

    /// Everything this actor can do somewhere, by name.
    pub fn abilities(&self) -> Vec<&'static str> {
        Action::ALL.iter().filter(|a| self.widest(**a).is_some()).map(|a| a.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(person: &str, role: Role, unit: &str) -> Actor {
        Actor { person_id: person.into(), grants: vec![Grant { role, unit_id: unit.into() }], pay_to_managers: true }
    }

    #[test]
    fn a_rep_sees_own_data_a_manager_the_teams_hr_all() {
        let jia: Vec<String> = ["jia", "A", "company"].map(String::from).into();
        let yi: Vec<String> = ["yi", "A", "company"].map(String::from).into();
        let zhang = Subject::Person { id: "zhang-san", unit_ids: &jia };
        let wu = Subject::Person { id: "wu-qian", unit_ids: &yi };
        for (who, action, subject, allowed) in [
            (actor("zhang-san", Role::Rep, "jia"), Action::SeePay, zhang, true),
            (actor("zhang-san", Role::Rep, "jia"), Action::SeePay, wu, false),
            (actor("zhang-san", Role::Rep, "jia"), Action::WriteNotes, wu, false),
            (actor("li-na", Role::Manager, "jia"), Action::SeePay, zhang, true),
            (actor("li-na", Role::Manager, "jia"), Action::SeeFigures, wu, false),
            (actor("li-na", Role::Manager, "jia"), Action::ImportFacts, Subject::Company, false),
            (actor("wang-fang", Role::Hr, "company"), Action::SeePay, wu, true),
            (actor("zhou-tao", Role::Admin, "company"), Action::SeePay, wu, false),
            (actor("zhou-tao", Role::Admin, "company"), Action::SeeNotes, wu, false),
            (actor("zhou-tao", Role::Admin, "company"), Action::ImportFacts, Subject::Company, true),
            (actor("qian-wei", Role::Finance, "company"), Action::SeePay, wu, true),
            (actor("qian-wei", Role::Finance, "company"), Action::SeeNotes, wu, false),
        ] {
            assert_eq!(who.may(action, subject), allowed, "{who:?} {action:?} {subject:?}");
        }
        let mut closed = actor("li-na", Role::Manager, "jia");
        closed.pay_to_managers = false;
        assert!(!closed.may(Action::SeePay, zhang));
    }
}
