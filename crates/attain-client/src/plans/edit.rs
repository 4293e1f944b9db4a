//! Changing a plan file field by field: comments, order and everything that is not touched stay as they are.
//!
//! Absent on purpose: whether the outcome holds together; what is written wrong is kept for the checker to find.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::form::{Key, Kind, SHAPES, Shape};

/// One change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// What a field states; empty takes it away.
    Set { path: String, value: String },
    /// One more at the end of a list.
    Add { path: String },
    /// Takes one of a list away.
    Remove { path: String },
}

/// The file is not TOML, or has no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchPlace;

type Done<T> = Result<T, NoSuchPlace>;

/// `components[1]` or `weight`.
struct Step<'p> {
    name: &'p str,
    index: Option<usize>,
}

fn step(text: &str) -> Done<Step<'_>> {
    let Some((name, rest)) = text.split_once('[') else { return Ok(Step { name: text, index: None }) };
    let index = rest.strip_suffix(']').and_then(|n| n.parse().ok()).ok_or(NoSuchPlace)?;
    Ok(Step { name, index: Some(index) })
}

fn steps(path: &str) -> Done<Vec<Step<'_>>> {
    path.split('.').map(step).collect()
}

/// The text after a change.
pub fn edited(source: &str, edit: &Edit) -> Done<String> {
    let mut document = DocumentMut::from_str(source.trim_start_matches('\u{feff}')).map_err(|_| NoSuchPlace)?;
    let root: &mut dyn TableLike = document.as_table_mut();
    match edit {
        Edit::Set { path, value } => set(root, path, value)?,
        Edit::Add { path } => add(root, path)?,
        Edit::Remove { path } => remove(root, path)?,
    }
    Ok(document.to_string())
}

/// The row of a list at an index, however the list is written.
fn at(item: &mut Item, index: usize) -> Done<&mut dyn TableLike> {
    let table = match item {
        Item::ArrayOfTables(list) => list.get_mut(index).map(|table| table as &mut dyn TableLike),
        Item::Value(Value::Array(list)) => {
            list.get_mut(index).and_then(Value::as_inline_table_mut).map(|table| table as &mut dyn TableLike)
        }
        _ => None,
    };
    table.ok_or(NoSuchPlace)
}

/// The table that a place lies in; a section that is not there yet is made.
fn inside<'t>(mut table: &'t mut dyn TableLike, path: &[Step<'_>], make: bool) -> Done<&'t mut dyn TableLike> {
    for step in path {
        if make && step.index.is_none() && !table.contains_key(step.name) {
            table.insert(step.name, Item::Table(Table::new()));
        }
        let item = table.get_mut(step.name).ok_or(NoSuchPlace)?;
        table = match step.index {
            Some(index) => at(item, index)?,
            None => item.as_table_like_mut().ok_or(NoSuchPlace)?,
        };
    }
    Ok(table)
}

/// The key of the language at a path.
fn key_at(path: &str) -> Option<&'static Key> {
    let plain: String = {
        let mut depth = 0;
        let kept = path.chars().filter(|c| {
            depth += i32::from(*c == '[');
            let keep = depth == 0;
            depth -= i32::from(*c == ']');
            keep
        });
        kept.collect()
    };
    fn find(shapes: &'static [Shape], path: &str) -> Option<&'static Key> {
        shapes.iter().find_map(|shape| {
            let rest = match shape.name {
                "" => path,
                name => path.strip_prefix(name)?.strip_prefix('.')?,
            };
            shape.keys.iter().find(|key| key.name == rest).or_else(|| find(shape.within, rest))
        })
    }
    find(SHAPES, &plain)
}

fn set(root: &mut dyn TableLike, path: &str, value: &str) -> Done<()> {
    let kind = key_at(path).ok_or(NoSuchPlace)?.kind;
    let mut steps = steps(path)?;
    let last = steps.pop().ok_or(NoSuchPlace)?;
    let table = inside(root, &steps, !value.trim().is_empty())?;
    if value.trim().is_empty() {
        table.remove(last.name);
        // A section that states nothing goes with its last key.
        if let ([only], true) = (steps.as_slice(), table.is_empty())
            && only.index.is_none()
        {
            root.remove(only.name);
        }
        return Ok(());
    }
    let mut written = written(kind, value.trim());
    match table.get_mut(last.name) {
        Some(Item::Value(there)) => {
            // What stands around it on its line stays: a comment, its indentation.
            *written.decor_mut() = there.decor().clone();
            *there = written;
        }
        _ => {
            table.insert(last.name, Item::Value(written));
        }
    }
    Ok(())
}

/// A value as the file has it: what cannot be read as its kind stays as typed, in quotes, for the checker to find.
fn written(kind: Kind, text: &str) -> Value {
    let bare = |text: &str| text.parse::<Value>().ok();
    let number = |text: &str| {
        let plain = text.replace(',', "");
        Decimal::from_str(&plain).ok().and_then(|_| bare(&plain))
    };
    let quoted = || Value::from(text);
    match kind {
        Kind::Number => number(text).unwrap_or_else(quoted),
        Kind::Figure => number(text).unwrap_or_else(quoted),
        Kind::Percent => match number(text) {
            Some(_) => Value::from(format!("{text} %")),
            None => Value::from(text.replace('％', "%")),
        },
        Kind::Date => match text.parse::<NaiveDate>() {
            Ok(day) => bare(&day.to_string()).unwrap_or_else(quoted),
            Err(_) => quoted(),
        },
        Kind::YesNo => bare(text).filter(Value::is_bool).unwrap_or_else(quoted),
        Kind::Words => {
            let words = text.split([',', '，', '、']).map(str::trim).filter(|word| !word.is_empty());
            Value::Array(words.collect::<Array>())
        }
        Kind::Text | Kind::Choice(_) | Kind::Metric | Kind::Position => quoted(),
    }
}

fn shape_at(path: &str) -> Option<&'static Shape> {
    let names: Vec<&str> = path.split('.').map(|step| step.split('[').next().unwrap_or(step)).collect();
    let mut shapes = SHAPES;
    let mut found = None;
    for name in names {
        let shape = shapes.iter().find(|shape| shape.name == name)?;
        (found, shapes) = (Some(shape), shape.within);
    }
    found.filter(|shape| shape.list)
}

fn add(root: &mut dyn TableLike, path: &str) -> Done<()> {
    let shape = shape_at(path).ok_or(NoSuchPlace)?;
    let fresh = DocumentMut::from_str(shape.fresh).map_err(|_| NoSuchPlace)?;
    let mut steps = steps(path)?;
    let last = steps.pop().ok_or(NoSuchPlace)?;
    let top = steps.is_empty();
    let table = inside(root, &steps, false)?;
    match table.get_mut(last.name) {
        Some(Item::ArrayOfTables(list)) => list.push(fresh.as_table().clone()),
        Some(Item::Value(Value::Array(list))) => list.push(Value::InlineTable(inline(fresh))),
        Some(_) => return Err(NoSuchPlace),
        None if top => {
            let mut list = ArrayOfTables::new();
            list.push(fresh.as_table().clone());
            table.insert(last.name, Item::ArrayOfTables(list));
        }
        None => {
            let list: Array = [Value::InlineTable(inline(fresh))].into_iter().collect();
            table.insert(last.name, Item::Value(Value::Array(list)));
        }
    }
    Ok(())
}

fn inline(fresh: DocumentMut) -> InlineTable {
    let mut table = fresh.as_table().clone().into_inline_table();
    table.fmt();
    table
}

fn remove(root: &mut dyn TableLike, path: &str) -> Done<()> {
    let mut steps = steps(path)?;
    let last = steps.pop().ok_or(NoSuchPlace)?;
    let index = last.index.ok_or(NoSuchPlace)?;
    let table = inside(root, &steps, false)?;
    let left = match table.get_mut(last.name) {
        Some(Item::ArrayOfTables(list)) if index < list.len() => {
            list.remove(index);
            list.len()
        }
        Some(Item::Value(Value::Array(list))) if index < list.len() => {
            list.remove(index);
            list.len()
        }
        _ => return Err(NoSuchPlace),
    };
    if left == 0 {
        table.remove(last.name);
    }
    Ok(())
}

/// A plan as its next version from a day on.
pub fn next_version(source: &str, version: u32, from: NaiveDate) -> Done<String> {
    let set = |source: String, path: &str, value: String| edited(&source, &Edit::Set { path: path.to_owned(), value });
    let text = set(source.to_owned(), "version", version.to_string())?;
    let text = set(text, "effective_from", from.to_string())?;
    set(text, "effective_until", String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "# why\nid = \"p\" # own\nversion = 1\neffective_from = 2026-01-01\neffective_until = 2026-07-01\n\n\
        [[components]]\nmetric = \"sales_amount\"\nweight = 100 # all of it\n\n\
        [[commissions]]\nid = \"c\"\ntiers = [{ from = 0, rate = \"1 %\" }]\n\n[draw]\namount = 5\n";

    fn set(path: &str, value: &str) -> Done<String> {
        edited(PLAN, &Edit::Set { path: path.into(), value: value.into() })
    }

    #[test]
    fn a_field_changes_and_everything_else_stays() {
        for (path, value, before, after) in [
            ("components[0].weight", "60", "weight = 100 # all of it", "weight = 60 # all of it"),
            ("components[0].cap", "120", "", "cap = \"120 %\""),
            ("components[0].target", "goal", "", "target = \"goal\""),
            ("commissions[0].tiers[0].rate", "2.5 %", "rate = \"1 %\"", "rate = \"2.5 %\""),
            ("commissions[0].products", "beans，cups", "", "products = [\"beans\", \"cups\"]"),
            ("effective_from", "2026-04-01", "effective_from = 2026-01-01", "effective_from = 2026-04-01"),
            ("version", "two", "version = 1", "version = \"two\""),
            ("draw.recoverable", "true", "", "recoverable = true"),
            ("base.of", "salary", "", "[base]\nof = \"salary\""),
            ("draw.amount", "", "\n[draw]\namount = 5\n", ""),
        ] {
            let text = set(path, value).unwrap();
            assert!(text.contains(after), "{path}: {text}");
            let kept = PLAN.replacen(before, after, 1);
            assert!(before.is_empty() || text.trim() == kept.trim(), "{path}: {text}");
        }
        for path in ["shoes", "components[7].weight", "components.weight", "commissions[0].tiers[x].rate", ""] {
            assert_eq!(set(path, "1"), Err(NoSuchPlace), "{path}");
        }
    }

    #[test]
    fn lists_grow_and_shrink_however_they_are_written() {
        let add = |text: &str, path: &str| edited(text, &Edit::Add { path: path.into() }).unwrap();
        let remove = |text: &str, path: &str| edited(text, &Edit::Remove { path: path.into() }).unwrap();
        let two = add(PLAN, "commissions[0].tiers");
        assert!(two.contains("{ from = 0, rate = \"1 %\" }, { from = 0, rate = \"1 %\" }"), "{two}");
        assert_eq!(remove(&two, "commissions[0].tiers[1]"), PLAN);
        let gated = add(PLAN, "gates");
        assert!(gated.contains("[[gates]]\nwhen = "), "{gated}");
        assert!(!remove(&gated, "gates[0]").contains("gates"));
        assert_eq!(edited(PLAN, &Edit::Remove { path: "gates[0]".into() }), Err(NoSuchPlace));
        assert_eq!(edited("not = [toml", &Edit::Add { path: "gates".into() }), Err(NoSuchPlace));
    }

    #[test]
    fn a_next_version_begins_later_and_has_no_end() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
        let text = next_version(PLAN, 3, day).unwrap();
        assert!(text.contains("version = 3\neffective_from = 2026-10-01\n\n[[components]]"), "{text}");
    }

    #[test]
    fn every_field_of_the_form_is_a_key_of_the_language() {
        fn all(shape: &Shape, path: &str, found: &mut Vec<String>) {
            let own = if path.is_empty() { shape.name.to_owned() } else { format!("{path}.{}", shape.name) };
            let own = if shape.list { format!("{own}[0]") } else { own };
            found.extend(
                shape
                    .keys
                    .iter()
                    .map(|key| if own.is_empty() { key.name.to_owned() } else { format!("{own}.{}", key.name) }),
            );
            shape.within.iter().for_each(|inner| all(inner, &own, found));
        }
        for shape in SHAPES {
            let mut paths = Vec::new();
            all(shape, "", &mut paths);
            let mut text = PLAN.to_owned();
            if shape.list {
                text = edited(&text, &Edit::Add { path: shape.name.into() }).unwrap();
                for inner in shape.within {
                    text = edited(&text, &Edit::Add { path: format!("{}[0].{}", shape.name, inner.name) }).unwrap();
                }
            }
            for path in paths {
                text = edited(&text, &Edit::Set { path: path.clone(), value: "1".into() })
                    .unwrap_or_else(|_| panic!("{path}"));
            }
            let findings = attain_domain::plan::Plan::parse(&text).err().unwrap_or_default();
            let unknown: Vec<_> = findings.iter().filter(|f| f.code == "plan.unknown_key").collect();
            assert!(unknown.is_empty(), "{unknown:?}");
        }
    }
}
