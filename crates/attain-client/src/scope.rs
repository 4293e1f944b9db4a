//! What a viewer may look at: people, units and their goals (the decision itself is `attain-domain`'s access table).

use std::collections::BTreeSet;

use attain_domain::access::{Action, Reach, Subject};
use attain_domain::org::UnitKind;
use attain_domain::period::DateRange;
use attain_store::connection::View;
use attain_store::queries::order::OrderLine;
use attain_store::queries::org::{PersonRow, UnitRow};

use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

/// Stands for all units where the viewer is a manager, together.
pub const MINE: &str = "mine";

/// Whether the viewer may do something about a person today.
pub fn may_about(view: View, viewer: &Viewer, action: Action, person_id: &str) -> Result<bool> {
    let units = match view.main_unit(person_id, viewer.today)? {
        Some(unit) => view.chain_of(&unit)?,
        None => Vec::new(),
    };
    Ok(viewer.actor.may(action, Subject::Person { id: person_id, unit_ids: &units }))
}

/// Refuses, with the same answer for "forbidden" and "absent".
pub fn require_about(view: View, viewer: &Viewer, action: Action, person_id: &str) -> Result<()> {
    if view.person_number(person_id)?.is_some() && may_about(view, viewer, action, person_id)? {
        Ok(())
    } else {
        Err(Problem::not_found().with("noun", "person").with("id", person_id))
    }
}

pub fn may_see_unit(view: View, viewer: &Viewer, unit_id: &str) -> Result<bool> {
    let chain = view.chain_of(unit_id)?;
    Ok(!chain.is_empty() && viewer.actor.may(Action::SeeTeam, Subject::Unit { unit_ids: &chain }))
}

/// Units whose teams the viewer may see, in tree order.
pub fn units(view: View, viewer: &Viewer) -> Result<Vec<UnitRow>> {
    let mut visible = Vec::new();
    for unit in view.units()? {
        if may_see_unit(view, viewer, &unit.id)? {
            visible.push(unit);
        }
    }
    Ok(visible)
}

/// The highest units of the viewer's scope: where their own screens start.
pub fn top_units(view: View, viewer: &Viewer) -> Result<Vec<UnitRow>> {
    let visible = units(view, viewer)?;
    Ok(visible
        .iter()
        .filter(|u| u.parent_id.as_ref().is_none_or(|p| !visible.iter().any(|v| v.id == *p)))
        .cloned()
        .collect())
}

/// The units a name of a unit (or [`MINE`]) stands for; refuses what is out of scope.
pub fn resolve_unit(view: View, viewer: &Viewer, unit_id: &str) -> Result<Vec<String>> {
    if unit_id == MINE {
        return Ok(top_units(view, viewer)?.into_iter().map(|u| u.id).collect());
    }
    if may_see_unit(view, viewer, unit_id)? {
        Ok(vec![unit_id.to_string()])
    } else {
        Err(Problem::not_found().with("noun", "unit").with("id", unit_id))
    }
}

/// Who carries customers in some units: the people of a team table.
pub fn sellers(view: View, viewer: &Viewer, units: &[String]) -> Result<Vec<PersonRow>> {
    let (mut people, mut known) = (Vec::new(), BTreeSet::new());
    for unit in units {
        for person in view.people_of_unit(unit, viewer.today)? {
            if person.position.sells() && known.insert(person.id.clone()) {
                people.push(person);
            }
        }
    }
    Ok(people)
}

/// People whose figures the viewer may see: a unit's, or everyone in scope.
pub fn people(view: View, viewer: &Viewer, unit_id: Option<&str>) -> Result<Vec<PersonRow>> {
    match unit_id {
        Some(unit) => sellers(view, viewer, &resolve_unit(view, viewer, unit)?),
        None => {
            let mut visible = sellers(view, viewer, &resolve_unit(view, viewer, MINE)?)?;
            if !visible.iter().any(|p| p.id == viewer.id()) {
                visible.extend(view.person_row(viewer.id(), viewer.today)?.filter(|p| p.position.sells()));
            }
            Ok(visible)
        }
    }
}

/// Order events the viewer may see, newest first: of a person, or without one of everybody in scope (units keep the
/// orders of whoever was in them on the day).
pub fn orders(
    view: View,
    viewer: &Viewer,
    person_id: Option<&str>,
    range: DateRange,
    limit: u32,
) -> Result<Vec<OrderLine>> {
    let (from, until) = (range.from, range.until);
    if let Some(person_id) = person_id {
        require_about(view, viewer, Action::SeeFigures, person_id)?;
        return Ok(view.orders(Some(person_id), from, until, limit)?);
    }
    Ok(match viewer.actor.widest(Action::SeeFigures) {
        Some(Reach::All) => view.orders(None, from, until, limit)?,
        Some(Reach::Units) => {
            let units: Vec<&str> = viewer.actor.units(Action::SeeFigures).into_iter().collect();
            view.orders_of_units(&units, viewer.id(), from, until, limit)?
        }
        Some(Reach::Own) | None => view.orders(Some(viewer.id()), from, until, limit)?,
    })
}

/// The name of a person or unit in the viewer's language.
pub fn name(view: View, viewer: &Viewer, id: &str) -> Result<String> {
    let (name, name_en) = view.name_of(id)?;
    Ok(viewer.language.pick(&name, name_en.as_deref()).to_string())
}

/// The company's unit: the root of the tree.
pub fn company_unit(view: View) -> Result<Option<UnitRow>> {
    Ok(view.units()?.into_iter().find(|u| u.parent_id.is_none() && u.kind == UnitKind::Company))
}
