//! What a command answers: one JSON document, or readable lines.

use std::io::{self, Write};

use attain_client::domain::metric::{Figure, Metric, Unit};
use attain_client::domain::money::{Currency, Money, Ratio};
use serde_json::{Map, Value, json};

pub struct Answer {
    pub json: Value,
    /// `false`: done in part, with findings; the exit status says so.
    pub complete: bool,
}

impl From<Value> for Answer {
    fn from(json: Value) -> Self {
        Answer { json, complete: true }
    }
}

impl Answer {
    pub fn print(&self, as_json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json.is_null() {
            Ok(())
        } else if as_json {
            writeln!(out, "{}", self.json)
        } else {
            let mut text = String::new();
            lines(&self.json, 0, &mut text);
            out.write_all(text.as_bytes())
        }
    }
}

/// A value as one word or phrase, where it is one.
fn phrase(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("—".into()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::String(s) => Some(s.clone()),
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            match (text("amount"), text("currency"), text("percent"), map.len()) {
                (Some(amount), Some(currency), _, 2) => Some(format!("{amount} {currency}")),
                (_, _, Some(percent), 3) => Some(format!("{percent}%")),
                _ => None,
            }
        }
        Value::Array(items) if items.iter().all(|i| phrase(i).is_some()) => {
            Some(items.iter().filter_map(phrase).collect::<Vec<_>>().join(", "))
        }
        Value::Array(_) => None,
    }
}

fn lines(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), phrase(value)) {
                    ("items", _) => lines(value, depth, out),
                    (_, Some(text)) => out.push_str(&format!("{indent}{key}: {text}\n")),
                    _ => {
                        out.push_str(&format!("{indent}{key}:\n"));
                        lines(value, depth + 1, out);
                    }
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::Object(map) => {
                        let (short, long): (Vec<_>, Vec<_>) = map.iter().partition(|(_, v)| phrase(v).is_some());
                        let row: Vec<String> = short.iter().filter_map(|(_, v)| phrase(v)).collect();
                        out.push_str(&format!("{indent}{}\n", row.join("  ")));
                        // The sentences of a plan run say what its stages are.
                        for (_, value) in long.into_iter().filter(|(key, _)| *key != "stages") {
                            lines(value, depth + 1, out);
                        }
                    }
                    other => lines(other, depth, out),
                }
            }
        }
        other => out.push_str(&format!("{indent}{}\n", phrase(other).unwrap_or_default())),
    }
}

pub fn items(list: Vec<Value>) -> Value {
    json!({ "items": list })
}

pub fn money(minor: i64, currency: Currency) -> Value {
    json!(Money::new(minor, currency))
}

/// A target or other whole value of a metric, as its unit is written.
pub fn amount(metric: Metric, value: i64, currency: Currency) -> Value {
    match metric.unit() {
        Unit::Money => money(value, currency),
        Unit::Count => json!(value),
        Unit::Ratio => json!(Ratio { num: i128::from(value), den: 1_000_000 }.reduced()),
        Unit::Score => json!(metric.format(value, currency)),
    }
}

pub fn figure(metric: Metric, figure: Option<Figure>, currency: Currency) -> Value {
    match figure {
        None => Value::Null,
        Some(f) => match metric.unit() {
            Unit::Ratio => json!(Ratio { num: i128::from(f.num), den: i128::from(f.den) }),
            Unit::Score => {
                let hundredths =
                    attain_client::domain::money::round_half_away(i128::from(f.num), i128::from(f.den.max(1)));
                json!({ "score": metric.format(hundredths as i64, currency), "responses": f.den })
            }
            _ => amount(metric, f.num, currency),
        },
    }
}

/// Joins two objects.
pub fn with(base: Value, more: Value) -> Value {
    let (Value::Object(mut base), Value::Object(more)) = (base, more) else { return Value::Object(Map::new()) };
    base.extend(more);
    Value::Object(base)
}
