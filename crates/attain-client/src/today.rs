//! What needs the viewer today: people whose figure slips, actions that are due, goals that changed, proposals and plans to decide.
//!
//! Owns: what is on the list and in which order. Absent on purpose: sentences (the UI's messages).

use attain_domain::attainment::Status;
use attain_domain::goal::agreement::ProposalState;
use attain_domain::note::{Note, NoteAction};
use attain_domain::period::Period;
use attain_store::connection::View;
use attain_store::queries::org::UnitRow;
use chrono::Days;

use crate::goals::agreement::{self, Proposed, Unacknowledged};
use crate::notes;
use crate::performance::{self, Frame, PersonStanding, Standing};
use crate::plans::drafts::{self, Drafted};
use crate::problem::Result;
use crate::scope;
use crate::week::{WeekTable, week_table};
use crate::workspace::Viewer;

/// The viewer's people together.
pub struct TeamLine {
    pub units: Vec<UnitRow>,
    pub people: Vec<PersonStanding>,
    pub standing: Standing,
    /// Σ planned − actual of those behind.
    pub at_risk: i64,
}

impl TeamLine {
    pub fn count(&self, status: Status) -> usize {
        self.people.iter().filter(|p| p.standing.status == status).count()
    }

    pub fn behind(&self) -> usize {
        self.count(Status::Behind) + self.count(Status::FarBehind)
    }
}

/// A row of the list; its id is stable so that it can be put off.
pub struct Attention {
    pub id: String,
    pub row: PersonStanding,
    pub week: Option<WeekTable>,
}

pub struct Today {
    pub period: Period,
    pub team: Option<TeamLine>,
    /// The viewer's own line, when they carry a goal.
    pub own: Option<PersonStanding>,
    /// Most money at risk first.
    pub attention: Vec<Attention>,
    /// Actions due within a week or overdue, that are the viewer's or about people in scope.
    pub actions: Vec<(Note, NoteAction)>,
    /// The viewer's own goals that others have changed since they last took note.
    pub changed_goals: Vec<Unacknowledged>,
    /// Proposals of goals that wait for the viewer: to be decided, or sent back.
    pub proposals: Vec<Proposed>,
    /// Drafts of plans that wait for the viewer: to be approved, mended or published.
    pub plans: Vec<Drafted>,
}

pub fn today(view: View, viewer: &Viewer) -> Result<Today> {
    let frame = Frame::load(view, viewer.today)?;
    let period = Period::Month(frame.time.fiscal.month_of(viewer.today));
    let units = scope::top_units(view, viewer)?;
    let mut team = None;
    let mut attention = Vec::new();
    if !units.is_empty() {
        let people = performance::team(view, viewer, Some(scope::MINE), period)?;
        let standing = frame.together(period, people.iter().map(|p| &p.standing));
        let snoozed = view.snoozed(viewer.id(), viewer.today)?;
        let behind = |p: &&PersonStanding| matches!(p.standing.status, Status::Behind | Status::FarBehind);
        let at_risk = people.iter().filter(behind).filter_map(|p| p.standing.gap).sum();
        let mut slow: Vec<&PersonStanding> =
            people.iter().filter(|p| behind(p) && p.standing.gap.is_some_and(|g| g > 0)).collect();
        slow.sort_by_key(|p| (std::cmp::Reverse(p.standing.gap), p.person.id.clone()));
        for row in slow {
            let id = format!("{}/{}", if row.slipping { "slipping" } else { "behind" }, row.person.id);
            if !snoozed.contains(&id) {
                attention.push(Attention {
                    id,
                    week: week_table(view, &row.person.id, viewer.today)?,
                    row: row.clone(),
                });
            }
        }
        team = Some(TeamLine { units, people, standing, at_risk });
    }
    let own = match view.person_row(viewer.id(), viewer.today)? {
        Some(row) if row.position.sells() => Some(performance::person_standing(view, viewer, &frame, row, period)?),
        _ => None,
    };
    let until = viewer.today + Days::new(7);
    let mut actions = Vec::new();
    for note in notes::peek(view, viewer, None, 1000)? {
        for action in &note.actions {
            if !action.done && action.due.is_some_and(|due| due <= until) {
                actions.push((note.clone(), action.clone()));
            }
        }
    }
    actions.sort_by_key(|(_, a)| a.due);
    let changed_goals = agreement::to_acknowledge(view, viewer, period.year())?;
    let mut proposals = agreement::proposals(view, viewer)?;
    proposals.retain(|p| p.mine_to_decide || (p.mine && p.proposal.state == ProposalState::SentBack));
    let plans = drafts::waiting(view, viewer)?;
    Ok(Today { period, team, own, attention, actions, changed_goals, proposals, plans })
}
