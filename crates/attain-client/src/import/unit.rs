//! Units: a tree with exactly one root, the company.

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::mutation::Change;
use attain_domain::org::{OrgUnit, UnitKind};
use attain_store::connection::View;
use attain_store::facts::Base;

use super::ImportError;
use super::field::word;
use super::finding::Finding;
use super::table::Table;

pub(super) fn plan(view: View<'_>, table: &mut Table) -> Result<Vec<Base>, ImportError> {
    let there: BTreeMap<String, OrgUnit> = view.org_units()?.into_iter().map(|u| (u.id.clone(), u)).collect();
    let mut units: BTreeMap<String, (usize, OrgUnit)> = BTreeMap::new();
    for i in 0..table.len() {
        let (id, name) = (table.text(i, "unit_id"), table.text(i, "name"));
        let kind = table.must(i, "kind", |text| word::<UnitKind>(text).ok_or("bad_value"));
        let parent_id = Some(table.cell(i, "parent_id").to_string()).filter(|p| !p.is_empty());
        let (Some(id), Some(name), Some(kind)) = (id, name, kind) else { continue };
        let name_en = if table.columns.has("name_en") {
            Some(table.cell(i, "name_en").to_string()).filter(|n| !n.is_empty())
        } else {
            there.get(&id).and_then(|unit| unit.name_en.clone())
        };
        if let Some((first, _)) = units.get(&id) {
            let first = table.row(*first);
            let finding = Finding::cell(table.row(i), "unit_id", "duplicate", &id).with("row", first);
            table.fail(i, finding);
            continue;
        }
        if table.is_good(i) {
            units.insert(id.clone(), (i, OrgUnit { id, name, name_en, kind, parent_id }));
        }
    }
    one_root(table, &there, &mut units);
    refuse_cycles(table, &there, &mut units);
    refuse_orphans(table, &there, &mut units);

    let mut rows = Vec::new();
    let mut waiting: BTreeSet<String> = units.keys().cloned().collect();
    while !waiting.is_empty() {
        // Parents before children; circles are gone by now.
        let mut ready: Vec<String> = waiting
            .iter()
            .filter(|id| units[*id].1.parent_id.as_ref().is_none_or(|parent| !waiting.contains(parent)))
            .cloned()
            .collect();
        if ready.is_empty() {
            break;
        }
        // Siblings are shown in the order in which they were entered: that of the file.
        ready.sort_by_key(|id| units[id].0);
        for id in ready {
            waiting.remove(&id);
            let (i, unit) = &units[&id];
            if there.get(&id) == Some(unit) {
                continue;
            }
            table.changes(*i);
            rows.push(Base::Unit { id, to: Some(unit.clone()) });
        }
    }
    if let Some((_, root)) = units.values().find(|(_, unit)| unit.parent_id.is_none())
        && view.setting("company")?.as_deref() != Some(root.name.as_str())
    {
        let change = Change::Setting { key: "company".into(), to: Some(root.name.clone()) };
        rows.push(Base::Decision { change });
    }
    Ok(rows)
}

type Units = BTreeMap<String, (usize, OrgUnit)>;

/// Exactly one root: what the store has stays, unless the file puts it below another.
fn one_root(table: &mut Table, there: &BTreeMap<String, OrgUnit>, units: &mut Units) {
    let known = there.values().find(|u| u.parent_id.is_none()).map(|u| u.id.clone());
    let stays = known.filter(|id| units.get(id).is_none_or(|(_, unit)| unit.parent_id.is_none()));
    let roots: Vec<String> =
        units.iter().filter(|(_, (_, unit))| unit.parent_id.is_none()).map(|(id, _)| id.clone()).collect();
    let wrong: Vec<String> = match &stays {
        Some(root) => roots.into_iter().filter(|id| id != root).collect(),
        None if roots.len() > 1 => roots,
        None => Vec::new(),
    };
    for id in wrong {
        if let Some((i, _)) = units.remove(&id) {
            let finding = Finding::cell(table.row(i), "parent_id", "not_one_root", &id);
            table.fail(i, finding);
        }
    }
}

/// Rows whose parents lead back to themselves.
fn refuse_cycles(table: &mut Table, there: &BTreeMap<String, OrgUnit>, units: &mut Units) {
    let parent = |units: &Units, id: &str| match units.get(id) {
        Some((_, unit)) => unit.parent_id.clone(),
        None => there.get(id).and_then(|unit| unit.parent_id.clone()),
    };
    let ids: Vec<String> = units.keys().cloned().collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for id in ids {
        let mut path = vec![id.clone()];
        while let Some(above) = path.last().and_then(|last| parent(units, last)) {
            if above == id {
                circles.push(path.clone());
                break;
            }
            if path.contains(&above) {
                break;
            }
            path.push(above);
        }
    }
    for circle in circles {
        let rows: Vec<usize> = circle.iter().filter_map(|id| units.get(id)).map(|(i, _)| *i).collect();
        let Some(i) = rows.first().copied() else { continue };
        let mut named: Vec<u64> = rows.iter().map(|i| table.row(*i)).collect();
        named.sort_unstable();
        let named = named.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let finding = Finding::cell(table.row(i), "parent_id", "cycle", &circle.join(" → ")).with("rows", named);
        table.fail(i, finding);
    }
    units.retain(|_, (i, _)| table.is_good(*i));
}

/// Rows whose parent is nowhere, or was rejected; and so on down.
fn refuse_orphans(table: &mut Table, there: &BTreeMap<String, OrgUnit>, units: &mut Units) {
    loop {
        let lost: Vec<String> = units
            .iter()
            .filter(|(_, (_, unit))| {
                unit.parent_id.as_ref().is_some_and(|p| !units.contains_key(p) && !there.contains_key(p))
            })
            .map(|(id, _)| id.clone())
            .collect();
        if lost.is_empty() {
            return;
        }
        for id in lost {
            if let Some((i, _)) = units.remove(&id) {
                table.wrong(i, "parent_id", "unknown_parent");
            }
        }
    }
}
