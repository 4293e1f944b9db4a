//! Tables of a plan file with their place, and the keys in them.

use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue};

use super::MAX_ENTRIES;
use super::finding::{Findings, shortened};
use super::values::*;

const MAX_TEXT: usize = 200;

/// A table of the file with its place, so that what is missing can be pointed at.
#[derive(Clone, Copy)]
pub(super) struct Section<'a, 'i> {
    pub(super) table: &'a DeTable<'i>,
    pub(super) path: &'a str,
    pub(super) at: usize,
}

impl<'a, 'i> Section<'a, 'i> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Value<'i>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn refuse_unknown_keys(&self, known: &[&str], out: &mut Findings) {
        for (name, _) in self.table.iter() {
            let key = name.get_ref().as_ref();
            if !known.contains(&key) {
                let key = shortened(key);
                out.add("plan.unknown_key", &self.path_of(&key), Some(name.span().start), &[("key", key.clone())]);
            }
        }
    }
}

pub(super) fn required<'a, 'i>(section: Section<'a, 'i>, key: &str, out: &mut Findings) -> Option<&'a Value<'i>> {
    let value = section.get(key);
    if value.is_none() {
        out.add("plan.missing_key", &section.path_of(key), Some(section.at), &[("key", key.to_string())]);
    }
    value
}

/// A section that may be left out, with the path it is known by.
pub(super) struct Named<'a, 'i> {
    pub(super) table: &'a DeTable<'i>,
    pub(super) path: String,
    pub(super) at: usize,
}

impl<'i> Named<'_, 'i> {
    pub(super) fn view(&self) -> Section<'_, 'i> {
        Section { table: self.table, path: &self.path, at: self.at }
    }
}

pub(super) fn optional_section<'a, 'i>(
    section: Section<'a, 'i>,
    key: &str,
    out: &mut Findings,
) -> Option<Named<'a, 'i>> {
    let value = section.get(key)?;
    let path = section.path_of(key);
    match value.get_ref() {
        DeValue::Table(table) => Some(Named { table, path, at: value.span().start }),
        other => {
            wrong_type("plan.type.section", other, &path, start(Some(value)), out);
            None
        }
    }
}

/// Reads each table of a list; `None` when it is no list or too long. An element that could not be read is `None`
/// beside its offset, after a finding.
pub(super) fn sections<T>(
    value: &Value,
    key: &str,
    out: &mut Findings,
    read: impl Fn(Section, &mut Findings) -> Option<T>,
) -> Option<Vec<(Option<T>, usize)>> {
    let at = start(Some(value));
    let DeValue::Array(list) = value.get_ref() else {
        wrong_type("plan.type.section_list", value.get_ref(), key, at, out);
        return None;
    };
    if list.len() > MAX_ENTRIES {
        let params = [("count", list.len().to_string()), ("limit", MAX_ENTRIES.to_string())];
        out.add("plan.too_many", key, at, &params);
        return None;
    }
    let read_one = |(index, element): (usize, &Value)| {
        let path = format!("{key}[{index}]");
        let at = element.span().start;
        let one = match element.get_ref() {
            DeValue::Table(table) => read(Section { table, path: &path, at }, out),
            other => {
                wrong_type("plan.type.section", other, &path, Some(at), out);
                None
            }
        };
        (one, at)
    };
    Some(list.iter().enumerate().map(read_one).collect())
}

pub(super) fn text_of(section: Section, key: &str, out: &mut Findings) -> Option<String> {
    let value = required(section, key, out)?;
    let (path, at) = (section.path_of(key), start(Some(value)));
    let Some(text) = value.get_ref().as_str() else {
        wrong_type("plan.type.text", value.get_ref(), &path, at, out);
        return None;
    };
    if text.trim().is_empty() {
        out.add("plan.empty_text", &path, at, &[]);
        return None;
    }
    if text.chars().count() > MAX_TEXT {
        out.add("plan.too_long", &path, at, &[("limit", MAX_TEXT.to_string())]);
        return None;
    }
    Some(text.trim().to_string())
}

pub(super) fn identifier(section: Section, key: &str, out: &mut Findings) -> Option<String> {
    let text = text_of(section, key, out)?;
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(valid) {
        return Some(text);
    }
    out.add("plan.invalid_id", &section.path_of(key), start(section.get(key)), &[("text", text)]);
    None
}

/// Outer `None`: the key is absent. Inner `None`: a finding.
pub(super) fn choice<T: Copy>(
    section: Section,
    key: &str,
    names: &[(&str, T)],
    out: &mut Findings,
) -> Option<Option<T>> {
    section.get(key)?;
    Some(text_of(section, key, out).and_then(|text| {
        let chosen = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let allowed = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let params = [("text", text), ("allowed", allowed)];
            out.add("plan.unknown_value", &section.path_of(key), start(section.get(key)), &params);
        }
        chosen
    }))
}

/// A multiple or factor: any decimal from 0.
pub(super) fn coefficient(section: Section, key: &str, negative: &str, out: &mut Findings) -> Option<Decimal> {
    let value = required(section, key, out)?;
    let path = section.path_of(key);
    let read = number(value, &path, out)?;
    if read < Decimal::ZERO {
        out.add(negative, &path, start(Some(value)), &[(key, read.to_string())]);
        return None;
    }
    Some(read)
}

/// `Some(None)` for a key that is absent, `None` for one that could not be read.
pub(super) fn optional<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(None) => None,
        Some(read) => Some(read),
    }
}

/// One of a type's named values; `Some(None)` when the key is absent, `None` after a finding.
pub(super) fn one_of<T: Copy>(
    section: Section,
    key: &str,
    all: &[T],
    name: fn(T) -> &'static str,
    out: &mut Findings,
) -> Option<Option<T>> {
    let names: Vec<(&str, T)> = all.iter().map(|value| (name(*value), *value)).collect();
    named(section, key, &names, out)
}

/// The same of values named here.
pub(super) fn named<T: Copy>(
    section: Section,
    key: &str,
    names: &[(&str, T)],
    out: &mut Findings,
) -> Option<Option<T>> {
    optional(choice(section, key, names, out))
}

/// Takes over what was stated.
pub(super) fn set<T>(place: &mut T, read: Option<Option<T>>) {
    if let Some(Some(value)) = read {
        *place = value;
    }
}
