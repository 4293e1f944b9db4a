//! A mapping file: which of their columns is which of our fields, and what their values mean.
//!
//! Owns: reading it (`docs/import.md` describes the format).
//! Absent on purpose: finding the columns in a file (`field.rs`).

use std::collections::BTreeMap;

use super::cell::DateOrder;
use super::{ImportError, Kind, field};

/// How a file's columns and values become ours. The empty one leaves everything to the headers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    pub(super) kind: Option<Kind>,
    /// Whether columns that are not named here stay out, instead of being recognised by their headers.
    pub(super) complete: bool,
    /// Field → their header.
    pub(super) columns: BTreeMap<String, String>,
    /// Field → the value of every row (where a column is mapped too: of rows whose cell is empty).
    pub(super) constants: BTreeMap<String, String>,
    /// Field → theirs → ours.
    pub(super) values: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) date: DateOrder,
    pub(super) decimal_comma: bool,
    pub(super) encoding: Option<&'static encoding_rs::Encoding>,
    pub(super) delimiter: Option<u8>,
    pub(super) fold: Option<Fold>,
}

/// Rows of a goals file that are months of the goal they name as their parent, in order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fold {
    /// Their column that tells a month's row from a goal's.
    pub column: String,
    /// What stands there in a month's row.
    pub month: String,
}

fn invalid(message: impl ToString) -> ImportError {
    ImportError::MappingInvalid { message: message.to_string() }
}

impl Mapping {
    /// Reads a mapping. Errors: not TOML, unknown sections, fields the kind does not have.
    pub fn parse(text: &str) -> Result<Mapping, ImportError> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| invalid(e.message()))?;
        let mut mapping = Mapping::default();
        for (section, value) in &table {
            match section.as_str() {
                "kind" => {
                    let name = value.as_str().unwrap_or_default();
                    mapping.kind = Some(name.parse().map_err(|()| invalid(format!("kind = {name:?}")))?);
                }
                "columns" => mapping.columns = texts(section, value)?,
                "constants" => mapping.constants = texts(section, value)?,
                "values" => {
                    for (field, values) in value.as_table().ok_or_else(|| invalid(section))? {
                        mapping.values.insert(field.clone(), texts(field, values)?);
                    }
                }
                "format" => mapping.read_format(value.as_table().ok_or_else(|| invalid(section))?)?,
                "fold" => {
                    let text = |key: &str| value.get(key).and_then(toml::Value::as_str).map(String::from);
                    let (Some(column), Some(month)) = (text("column"), text("month")) else {
                        return Err(invalid("[fold] needs column and month, both texts"));
                    };
                    mapping.fold = Some(Fold { column, month });
                }
                other => return Err(invalid(format!("[{other}]"))),
            }
        }
        if let Some(kind) = mapping.kind {
            mapping.check(kind)?;
        }
        Ok(mapping)
    }

    /// A mapping from pairs of their header and our field, as a person has put them together on the screen.
    /// It is complete: a column that was left out there does not come in by its header.
    pub fn of_columns(pairs: impl IntoIterator<Item = (String, String)>) -> Mapping {
        let columns = pairs.into_iter().map(|(header, field)| (field, header)).collect();
        Mapping { columns, complete: true, ..Mapping::default() }
    }

    /// That every field exists in what the file holds.
    pub(super) fn check(&self, kind: Kind) -> Result<(), ImportError> {
        if let Some(found) = self.kind.filter(|found| *found != kind) {
            return Err(ImportError::MappingOfOtherKind { found: field::plural(found).into() });
        }
        let known = field::fields(kind);
        let named = self.columns.keys().chain(self.constants.keys()).chain(self.values.keys());
        match named.into_iter().find(|name| !known.iter().any(|field| field.name == name.as_str())) {
            Some(field) => Err(ImportError::UnknownMappingField { field: field.clone() }),
            None => Ok(()),
        }
    }

    fn read_format(&mut self, table: &toml::Table) -> Result<(), ImportError> {
        for (key, value) in table {
            let text = value.as_str().unwrap_or_default();
            let wrong = || invalid(format!("{key} = {value}"));
            match key.as_str() {
                "date" => self.date = DateOrder::parse(text).ok_or_else(wrong)?,
                "decimal_comma" => self.decimal_comma = value.as_bool().ok_or_else(wrong)?,
                "encoding" => {
                    self.encoding = Some(encoding_rs::Encoding::for_label(text.as_bytes()).ok_or_else(wrong)?);
                }
                "delimiter" => match text.as_bytes() {
                    [byte] if byte.is_ascii() => self.delimiter = Some(*byte),
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            }
        }
        Ok(())
    }
}

fn texts(section: &str, value: &toml::Value) -> Result<BTreeMap<String, String>, ImportError> {
    let table = value.as_table().ok_or_else(|| invalid(section))?;
    let text = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::String(text) => Ok((key.clone(), text.clone())),
        toml::Value::Integer(number) => Ok((key.clone(), number.to_string())),
        toml::Value::Boolean(yes) => Ok((key.clone(), yes.to_string())),
        other => Err(invalid(format!("{key} = {other} in [{section}]"))),
    };
    table.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_mappings_are_right() {
        for (text, kind) in [
            (include_str!("../../../../assets/mappings/bench-orders.toml"), Kind::Order),
            (include_str!("../../../../assets/mappings/bench-goals.toml"), Kind::Goal),
            (include_str!("../../../../assets/mappings/crm-orders-zh.toml"), Kind::Order),
        ] {
            assert_eq!(Mapping::parse(text).unwrap().kind, Some(kind));
        }
    }

    #[test]
    fn a_wrong_mapping_says_what_is_wrong() {
        for (text, code) in [
            ("kind = \"order\"\n[columns]\nammount = \"x\"", "unknown_mapping_field"),
            ("kind = \"orders\"", "mapping_invalid"),
            ("[colums]\n", "mapping_invalid"),
            ("[format]\ndate = \"ISO\"", "mapping_invalid"),
            ("[format]\ndelimiter = \"\"", "mapping_invalid"),
            ("kind = ", "mapping_invalid"),
            ("[fold]\ncolumn = \"level\"", "mapping_invalid"),
        ] {
            assert_eq!(Mapping::parse(text).unwrap_err().code(), code, "{text}");
        }
        let units = Mapping::parse("kind = \"unit\"").unwrap();
        assert_eq!(units.check(Kind::Order).unwrap_err().code(), "mapping_of_other_kind");
    }
}
