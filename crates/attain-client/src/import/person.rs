//! People: a row is an assignment; several rows with one id are one person with several.

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::money::{Currency, Money};
use attain_domain::org::{Assignment, BaseSalary, Person, Position, Role};
use attain_store::StoreError;
use attain_store::connection::View;
use attain_store::facts::Base;

use super::ImportError;
use super::cell::{amount, date, scaled};
use super::field::word;
use super::finding::Finding;
use super::table::Table;

/// A row that reads well.
struct Line {
    i: usize,
    name: String,
    assignment: Assignment,
    salary: Option<i64>,
}

pub(super) fn plan(view: View<'_>, table: &mut Table) -> Result<Vec<Base>, ImportError> {
    let currency = view.currency()?;
    let units: BTreeMap<String, Option<String>> = view.org_units()?.into_iter().map(|u| (u.id, u.parent_id)).collect();
    let mut people: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for i in 0..table.len() {
        let Some((id, line)) = read(table, i, &units, currency) else { continue };
        let lines = people.entry(id).or_default();
        let clash = lines.iter().find_map(|other| {
            let field = if (&other.assignment.unit_id, other.assignment.from)
                == (&line.assignment.unit_id, line.assignment.from)
            {
                return Some(("unit_id", "duplicate", other.i));
            } else if other.name != line.name {
                "name"
            } else if other.assignment.from == line.assignment.from
                && other.salary.zip(line.salary).is_some_and(|(a, b)| a != b)
            {
                "base_salary"
            } else {
                return None;
            };
            Some((field, "differs_from_row", other.i))
        });
        match clash {
            Some((field, code, other)) => {
                let other = table.row(other);
                let value = if field == "base_salary" { "" } else { table.cell(i, field) };
                let finding = Finding::cell(table.row(i), field, code, value).with("row", other);
                table.fail(i, finding);
            }
            None => lines.push(line),
        }
    }
    check_managers(view, table, &units, &mut people)?;
    let mut rows = Vec::new();
    let mut salaries = Vec::new();
    // People are shown in the order in which they were entered: that of the file.
    let mut people: Vec<(String, Vec<Line>)> = people.into_iter().filter(|(_, lines)| !lines.is_empty()).collect();
    people.sort_by_key(|(_, lines)| lines.first().map(|line| line.i));
    for (id, lines) in people {
        let before = view.person_record(&id)?;
        let mut after = before.clone().unwrap_or_else(|| Person {
            id: id.clone(),
            name: String::new(),
            name_en: None,
            roles: Vec::new(),
            assignments: Vec::new(),
        });
        let mut pay = if lines.iter().any(|line| line.salary.is_some()) {
            if !view.has_pay_key() {
                return Err(StoreError::PayKeyMissing.into());
            }
            view.salaries(&id)?.unwrap_or_default()
        } else {
            Vec::new()
        };
        let pay_before = pay.clone();
        for line in &lines {
            let mut changes = after.name != line.name;
            after.name.clone_from(&line.name);
            if table.columns.has("name_en") {
                let name_en = Some(table.cell(line.i, "name_en").to_string()).filter(|n| !n.is_empty());
                changes |= name_en != after.name_en;
                after.name_en = name_en;
            }
            let same = |a: &&mut Assignment| (&a.unit_id, a.from) == (&line.assignment.unit_id, line.assignment.from);
            match after.assignments.iter_mut().find(same) {
                Some(known) => {
                    let mut now = line.assignment.clone();
                    if !table.columns.has("fte") {
                        now.fte_ppm = known.fte_ppm;
                    }
                    changes |= *known != now;
                    *known = now;
                }
                None => {
                    changes = true;
                    after.assignments.push(line.assignment.clone());
                }
            }
            if let Some(minor) = line.salary {
                let salary = BaseSalary { from: line.assignment.from, amount: Money::new(minor, currency) };
                match pay.iter_mut().find(|known| known.from == salary.from) {
                    Some(known) => {
                        changes |= *known != salary;
                        *known = salary;
                    }
                    None => {
                        changes = true;
                        pay.push(salary);
                    }
                }
            }
            if changes {
                table.changes(line.i);
            }
        }
        after.assignments.sort_by_key(|a| a.from);
        pay.sort_by_key(|salary| salary.from);
        if before.as_ref() != Some(&after) {
            rows.push(Base::Person { id: id.clone(), to: Some(after) });
        }
        if pay != pay_before {
            salaries.push(Base::Salaries { person_id: id, to: Some(pay) });
        }
    }
    rows.extend(salaries);
    Ok(rows)
}

fn read(
    table: &mut Table,
    i: usize,
    units: &BTreeMap<String, Option<String>>,
    currency: Currency,
) -> Option<(String, Line)> {
    let (order, comma) = (table.columns.date, table.columns.decimal_comma);
    let (id, name) = (table.text(i, "person_id"), table.text(i, "name"));
    let unit_id = table.text(i, "unit_id");
    if unit_id.as_ref().is_some_and(|unit| !units.contains_key(unit)) {
        table.wrong(i, "unit_id", "unknown_unit");
    }
    let position = table.must(i, "position", |text| word::<Position>(text).ok_or("unknown_position"));
    let role = table.must(i, "role", |text| word::<Role>(text).ok_or("unknown_role"));
    let salary = table.read(i, "base_salary", |text| match amount(text, currency.digits(), comma)? {
        negative if negative < 0 => Err("negative_amount"),
        minor => Ok(minor),
    });
    let from = table.must(i, "joined_on", |text| date(text, order));
    let to = table.read(i, "left_on", |text| date(text, order));
    let fte_ppm = table
        .read(i, "fte", |text| match scaled(text, 6, comma)? {
            ppm @ 1..=1_000_000 => Ok(ppm as u32),
            _ => Err("bad_value"),
        })
        .unwrap_or(1_000_000);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        table.wrong(i, "left_on", "left_before_joined");
    }
    if !table.is_good(i) {
        return None;
    }
    let assignment = Assignment { unit_id: unit_id?, position: position?, role: role?, fte_ppm, from: from?, to };
    Some((id?, Line { i, name: name?, assignment, salary }))
}

/// `manager_id` is checked, not believed: whoever it names manages the row's unit, or one above it.
fn check_managers(
    view: View<'_>,
    table: &mut Table,
    units: &BTreeMap<String, Option<String>>,
    people: &mut BTreeMap<String, Vec<Line>>,
) -> Result<(), ImportError> {
    if !table.columns.has("manager_id") {
        return Ok(());
    }
    let managed = |assignments: &mut dyn Iterator<Item = &Assignment>| -> BTreeSet<String> {
        assignments.filter(|a| a.role == Role::Manager).map(|a| a.unit_id.clone()).collect()
    };
    let in_file: BTreeMap<String, BTreeSet<String>> = people
        .iter()
        .map(|(id, lines)| (id.clone(), managed(&mut lines.iter().map(|line| &line.assignment))))
        .collect();
    for lines in people.values_mut() {
        for line in lines.iter() {
            let manager = table.cell(line.i, "manager_id").to_string();
            if manager.is_empty() {
                continue;
            }
            let known = view.person_record(&manager)?;
            if known.is_none() && !in_file.contains_key(&manager) {
                table.wrong(line.i, "manager_id", "unknown_person");
                continue;
            }
            let mut theirs = known.map(|p| managed(&mut p.assignments.iter())).unwrap_or_default();
            theirs.extend(in_file.get(&manager).into_iter().flatten().cloned());
            let mut unit = Some(&line.assignment.unit_id);
            let mut above = false;
            while let Some(id) = unit {
                above |= theirs.contains(id);
                unit = units.get(id).and_then(Option::as_ref);
            }
            if !above {
                table.wrong(line.i, "manager_id", "manager_mismatch");
            }
        }
        lines.retain(|line| table.is_good(line.i));
    }
    Ok(())
}
