//! Units a viewer may choose, and their names.

use crate::desk::{Question, Result};
use crate::views::team::UnitRef;
use crate::views::workspace::UnitChoice;
use attain_client::scope;

/// Units in the viewer's scope, tree order. Several at the top come under one choice that stands for all of them.
pub fn choices(question: &Question) -> Result<Vec<UnitChoice>> {
    let (view, viewer) = (question.view, question.viewer);
    let units = scope::units(view, viewer)?;
    let tops = scope::top_units(view, viewer)?;
    let mut choices = Vec::with_capacity(units.len() + 1);
    if tops.len() > 1 {
        choices.push(UnitChoice {
            unit_id: scope::MINE.to_owned(),
            name: name(question, scope::MINE)?,
            kind: tops[0].kind.name().to_owned(),
            depth: 0,
        });
    }
    let below = u32::from(tops.len() > 1);
    let top_depth = |id: &str| {
        let mut at = units.iter().find(|unit| unit.id == id);
        let mut depth = 0;
        while let Some(parent) = at.and_then(|unit| unit.parent_id.as_deref()) {
            at = units.iter().find(|unit| unit.id == parent);
            depth += u32::from(at.is_some());
        }
        depth
    };
    for unit in &units {
        choices.push(UnitChoice {
            unit_id: unit.id.clone(),
            name: viewer.language.pick(&unit.name, unit.name_en.as_deref()).to_owned(),
            kind: unit.kind.name().to_owned(),
            depth: top_depth(&unit.id) + below,
        });
    }
    Ok(choices)
}

/// The name of a unit; of several together, all of theirs.
pub fn name(question: &Question, unit_id: &str) -> Result<String> {
    let (view, viewer) = (question.view, question.viewer);
    if unit_id != scope::MINE {
        return scope::name(view, viewer, unit_id);
    }
    let tops = scope::top_units(view, viewer)?;
    let names: Vec<&str> = tops.iter().map(|unit| viewer.language.pick(&unit.name, unit.name_en.as_deref())).collect();
    // One-character team names read as one word: 甲乙丙.
    let short = names.iter().all(|name| name.chars().count() == 1);
    Ok(names.join(if short { "" } else { ", " }))
}

/// From the top of the viewer's scope down to a unit.
pub fn path(question: &Question, unit_id: &str) -> Result<Vec<UnitRef>> {
    let (view, viewer) = (question.view, question.viewer);
    let mut path = Vec::new();
    if unit_id == scope::MINE {
        path.push(UnitRef { unit_id: unit_id.to_owned(), name: name(question, unit_id)? });
        return Ok(path);
    }
    for id in view.chain_of(unit_id)? {
        if scope::may_see_unit(view, viewer, &id)? {
            path.push(UnitRef { name: scope::name(view, viewer, &id)?, unit_id: id });
        }
    }
    path.reverse();
    Ok(path)
}
