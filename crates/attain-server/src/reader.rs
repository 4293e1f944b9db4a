//! Whom a row is for: its class and its readers, from the organisation of its own date.
//!
//! Owns: [`record`], which makes a record of a row, and [`follow`], the rows whose readers move with another.
//! Absent on purpose: who sees what readers say (attain-sync's `Scope`, by the domain's table).

use std::collections::BTreeSet;

use attain_domain::access::DataClass;
use attain_domain::goal::{Goal, Owner};
use attain_domain::mutation::Change;
use attain_domain::note::Visibility;
use attain_domain::period::{Month, Period};
use attain_store::StoreError;
use attain_store::connection::View;
use attain_store::facts::Base;
use attain_sync::record::{Reader, Record};
use chrono::NaiveDate;

type Result<T> = std::result::Result<T, StoreError>;

/// The unit a person was in on a day; of one who was in none then, the last or the first there is.
fn unit_of(view: View, person_id: &str, on: NaiveDate) -> Result<Option<String>> {
    if let Some(unit) = view.main_unit(person_id, on)? {
        return Ok(Some(unit));
    }
    let Some(person) = view.person_record(person_id)? else { return Ok(None) };
    let past = person.assignments.iter().filter(|a| a.from <= on).max_by_key(|a| a.from);
    Ok(past.or(person.assignments.first()).map(|a| a.unit_id.clone()))
}

fn about<'p>(view: View, people: impl IntoIterator<Item = &'p str>, on: NaiveDate) -> Result<Reader> {
    let (mut ids, mut unit_ids) = (Vec::new(), Vec::new());
    for person in people {
        if ids.iter().any(|id| id == person) {
            continue;
        }
        ids.push(person.to_owned());
        unit_ids.extend(unit_of(view, person, on)?);
    }
    unit_ids.sort();
    unit_ids.dedup();
    Ok(Reader::About { people: ids, unit_ids })
}

fn last_day(view: View, month: Month) -> Result<NaiveDate> {
    let until = view.fiscal()?.range(Period::Month(month)).until;
    Ok(until.pred_opt().unwrap_or(until))
}

/// Whom a goal is for: a unit's for those in and below it; a person's or seat's for them and those above the unit whose goal
/// it serves, and, as theirs, above the unit where they are now.
fn of_goal(view: View, owner: &Owner, parent_id: Option<&str>, today: NaiveDate) -> Result<Reader> {
    let served = match parent_id.map(|id| view.goal_by_id(id)).transpose()?.flatten() {
        Some(Goal { owner: Owner::Unit(unit_id), .. }) => Some(unit_id),
        _ => None,
    };
    Ok(match owner {
        Owner::Unit(id) => Reader::Unit { unit_id: id.clone() },
        Owner::Person(id) => match about(view, [id.as_str()], today)? {
            Reader::About { people, mut unit_ids } => {
                unit_ids.extend(served);
                unit_ids.sort();
                unit_ids.dedup();
                Reader::About { people, unit_ids }
            }
            other => other,
        },
        Owner::Seat(id) => {
            let own = view.seat_row(id)?.map(|seat| seat.unit_id);
            let mut unit_ids: Vec<String> = own.into_iter().chain(served).collect();
            unit_ids.sort();
            unit_ids.dedup();
            Reader::About { people: Vec::new(), unit_ids }
        }
    })
}

/// Class and readers of a row. Of one that goes, those of the row as it was: pass that.
fn read_by(view: View, row: &Base, today: NaiveDate) -> Result<(DataClass, Reader)> {
    let core = DataClass::Core;
    let nobody = || StoreError::Internal(format!("{:?} is no record", row.name()));
    Ok(match row {
        Base::Unit { .. } | Base::Person { .. } | Base::Rate { .. } => (core, Reader::Everyone),
        Base::Salaries { person_id, .. } => (DataClass::Pay, about(view, [person_id.as_str()], today)?),
        Base::Credits { order_id, to } => {
            let own = view.people_of_order(order_id)?;
            let credited = to.iter().flatten().map(|credit| credit.person_id.as_str());
            let people = own.iter().map(|(person, _)| person.as_str()).chain(credited);
            let on = own.iter().map(|(_, on)| *on).min().unwrap_or(today);
            (core, about(view, people, on)?)
        }
        Base::Order { key, to } => {
            let own = to.as_ref().map(|fact| fact.person_id.clone());
            let credits = view.credits(&key.order_id)?;
            let people = own.iter().map(String::as_str).chain(credits.iter().map(|credit| credit.person_id.as_str()));
            (core, about(view, people, key.date)?)
        }
        Base::MetricValue { person_id, month, .. } => {
            (core, about(view, [person_id.as_str()], last_day(view, *month)?)?)
        }
        Base::Decision { change } => match change {
            Change::Goal { to: Some(goal), .. } => {
                (core, of_goal(view, &goal.owner, goal.parent_id.as_deref(), today)?)
            }
            Change::GoalVersion { to: Some(version), .. } => {
                let Some(stood) = version.after.as_ref().or(version.before.as_ref()) else { return Err(nobody()) };
                // As the goal's: who sees it sees what became of it.
                let goal = view.goal_by_id(&version.goal_id)?;
                let (owner, parent_id) = match &goal {
                    Some(goal) => (&goal.owner, goal.parent_id.as_deref()),
                    None => (&stood.owner, stood.parent_id.as_deref()),
                };
                (core, of_goal(view, owner, parent_id, today)?)
            }
            Change::Acknowledgement { goal_id, person_id, .. } => {
                let parent_id = view.goal_by_id(goal_id)?.and_then(|goal| goal.parent_id);
                (core, of_goal(view, &Owner::Person(person_id.clone()), parent_id.as_deref(), today)?)
            }
            Change::Proposal { to: Some(proposal), .. } => {
                let (author, unit_ids) = (proposal.author_id.clone(), proposal.unit_id.iter().cloned().collect());
                (core, Reader::Above { author, person: String::new(), unit_ids })
            }
            // For those whose role shows them everyone's pay, and its author.
            Change::PlanDraft { to: Some(draft), .. } => {
                let (author, person) = (draft.author_id.clone(), String::new());
                (DataClass::Pay, Reader::Above { author, person, unit_ids: Vec::new() })
            }
            Change::Note { to: Some(note), .. } => {
                let reader = match note.visibility {
                    Visibility::Author => Reader::Only { people: vec![note.author_id.clone()] },
                    Visibility::Pair => Reader::Only { people: vec![note.author_id.clone(), note.about_id.clone()] },
                    Visibility::Managers => Reader::Above {
                        author: note.author_id.clone(),
                        person: note.about_id.clone(),
                        unit_ids: unit_of(view, &note.about_id, today)?.into_iter().collect(),
                    },
                };
                (DataClass::Notes, reader)
            }
            Change::PlanException { person_id, .. } => (DataClass::Pay, about(view, [person_id.as_str()], today)?),
            Change::Payout { person_id, month, .. } => {
                (DataClass::Pay, about(view, [person_id.as_str()], last_day(view, *month)?)?)
            }
            Change::Snooze { person_id, .. } => (core, Reader::Only { people: vec![person_id.clone()] }),
            Change::Plan { .. } | Change::Period { .. } | Change::Setting { .. } | Change::Seat { .. } => {
                (core, Reader::Everyone)
            }
            Change::Goal { to: None, .. }
            | Change::GoalVersion { to: None, .. }
            | Change::Proposal { to: None, .. }
            | Change::PlanDraft { to: None, .. }
            | Change::Note { to: None, .. } => return Err(nobody()),
        },
        Base::CustomerHistory { customer_id, .. } => {
            let (mut people, mut unit_ids) = (BTreeSet::new(), BTreeSet::new());
            for (person, on) in view.people_of_customer(customer_id)? {
                unit_ids.extend(unit_of(view, &person, on)?);
                people.insert(person);
            }
            let (people, unit_ids) = (people.into_iter().collect(), unit_ids.into_iter().collect());
            (core, Reader::Partial { people, unit_ids })
        }
        Base::UnitFigure { unit_id, .. } => (core, Reader::Sight { unit_id: unit_id.clone() }),
        Base::OrderBatch { .. } => return Err(nobody()),
    })
}

/// The record of a row as it is after a change; `before` says who may learn that it went.
pub fn record(view: View, before: &Base, after: &Base, today: NaiveDate) -> Result<Record> {
    let gone = after.is_gone();
    let (class, reader) = read_by(view, if gone { before } else { after }, today)?;
    let (kind, id) = after.name();
    let body = serde_json::to_vec(after)?;
    Ok(Record { kind: kind.to_owned(), id, class, reader, formerly: Vec::new(), gone, body })
}

/// Rows that stay as they are but are for others now, since a row they lean on has changed: an order with its credits;
/// a person's salary, goals and what managers say of them, with the person; a goal's versions, and what serves it, with the
/// goal.
pub fn follow(view: View, before: &Base, after: &Base) -> Result<Vec<Base>> {
    Ok(match after {
        Base::Credits { order_id, .. } => view.order_events_of(order_id)?,
        Base::Person { id, .. } => view.rows_about(id)?,
        Base::Decision { change: Change::Seat { id, .. } } => view.goal_rows_of(id)?,
        Base::Decision { change: Change::Goal { id, to: Some(goal) } } => match before {
            Base::Decision { change: Change::Goal { to: Some(was), .. } } if !was.same_place(goal) => {
                view.rows_of_goal(id)?
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    })
}
