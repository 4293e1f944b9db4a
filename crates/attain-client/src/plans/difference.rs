//! What two plans say differently, place by place, from the text of their files.

use attain_domain::plan::Plan;
use serde::Serialize;
use toml::Value;

/// One thing that two plans say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: components, bands and commissions by what names them, e.g. `components[retention_rate].weight`.
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The differences of two plan files that can be read, in the order of the first.
pub fn between(before: &str, after: &str) -> Vec<Difference> {
    let read = |text: &str| {
        Plan::parse(text).ok().and_then(|_| text.trim_start_matches('\u{feff}').parse::<toml::Table>().ok())
    };
    let (Some(before), Some(after)) = (read(before), read(after)) else { return Vec::new() };
    let mut found = Vec::new();
    compare("", Some(&Value::Table(before)), Some(&Value::Table(after)), &mut found);
    found
}

/// What names an element of a list.
fn name(value: &Value, index: usize) -> String {
    let key = ["id", "metric", "when", "at_least", "from", "product", "customer_type"]
        .iter()
        .find_map(|key| value.get(key))
        .map(shown);
    key.unwrap_or_else(|| index.to_string())
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (a, b) if a == b => {}
        (Some(Value::Table(_)) | None, Some(Value::Table(_)) | None) => {
            let table = |value: Option<&Value>| value.and_then(Value::as_table).cloned().unwrap_or_default();
            let (a, b) = (table(before), table(after));
            let mut keys: Vec<&String> = a.keys().collect();
            keys.extend(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, a.get(key), b.get(key), found);
            }
        }
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
            let named = |list: &[Value]| -> Vec<(String, Value)> {
                list.iter().enumerate().map(|(index, value)| (name(value, index), value.clone())).collect()
            };
            let (a, b) = (named(&list(before)), named(&list(after)));
            for (key, value) in &a {
                let other = b.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                compare(&format!("{path}[{key}]"), Some(value), other, found);
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.iter().any(|(name, _)| name == key)) {
                compare(&format!("{path}[{key}]"), None, Some(value), found);
            }
        }
        (before, after) => {
            found.push(Difference { path: path.to_string(), before: before.map(shown), after: after.map(shown) })
        }
    }
}
