//! The keys of the plan language as a form: what a file states, field by field, each under the path that findings use.
//!
//! Owns: which keys stand where and what one may write in each. Absent on purpose: what they mean and whether they hold
//! together (attain-domain reads the text), writing them back (`edit.rs`).

use attain_domain::metric::Metric;
use attain_domain::org::Position;
use toml_edit::{DocumentMut, Item, TableLike, Value};

/// What is written in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Bare in the file.
    Number,
    /// Quoted, with its sign.
    Percent,
    /// A number, a percentage, or a word such as `goal`.
    Figure,
    /// Without quotes; a period stands in quotes.
    Date,
    YesNo,
    Choice(&'static [&'static str]),
    Metric,
    Position,
    /// Texts with commas between them.
    Words,
}

/// One key of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

/// A section of the file, or a list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Empty for the head of the file.
    pub name: &'static str,
    pub list: bool,
    pub keys: &'static [Key],
    /// Lists within each of them.
    pub within: &'static [Shape],
    /// What a new one states.
    pub fresh: &'static str,
}

const fn must(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, required: false }
}

const BOUNDARY: Kind = Kind::Choice(&["upper", "lower"]);
const BASIS: Kind = Kind::Choice(&["booked", "invoiced", "collected"]);
const PART: Kind = Kind::Choice(&["all", "score", "commission"]);

/// The whole language, in the order in which the form shows it.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "",
        list: false,
        keys: &[
            must("id", Kind::Text),
            must("name.zh", Kind::Text),
            must("name.en", Kind::Text),
            must("version", Kind::Number),
            must("position", Kind::Position),
            must("effective_from", Kind::Date),
            may("effective_until", Kind::Date),
            may("currency", Kind::Text),
            may("period", Kind::Choice(&["month", "quarter", "year"])),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "components",
        list: true,
        keys: &[
            must("metric", Kind::Metric),
            must("weight", Kind::Number),
            may("target", Kind::Figure),
            may("cap", Kind::Percent),
            may("floor", Kind::Percent),
            may("scoring", Kind::Choice(&["linear", "steps", "interpolated", "inverse", "mirror"])),
            may("of", Kind::Choice(&["attainment", "actual"])),
            may("boundary", BOUNDARY),
            may("below", Kind::Choice(&["nothing", "first"])),
            may("without_data", Kind::Choice(&["no-payout"])),
        ],
        within: &[Shape {
            name: "table",
            list: true,
            keys: &[must("at_least", Kind::Figure), must("counts", Kind::Percent)],
            within: &[],
            fresh: "at_least = \"100 %\"\ncounts = \"100 %\"",
        }],
        fresh: "metric = \"gross_margin\"\nweight = 0\ntarget = \"goal\"\ncap = \"100 %\"",
    },
    Shape {
        name: "bands",
        list: true,
        keys: &[must("at_least", Kind::Number), must("multiple", Kind::Number)],
        within: &[],
        fresh: "at_least = 0\nmultiple = 0",
    },
    Shape {
        name: "accelerators",
        list: true,
        keys: &[must("when", Kind::Text), must("factor", Kind::Number), may("of", PART)],
        within: &[],
        fresh: "when = \"attainment(sales_amount) >= 120 %\"\nfactor = 1.1",
    },
    Shape {
        name: "gates",
        list: true,
        keys: &[must("when", Kind::Text), may("otherwise", Kind::Percent), may("of", PART)],
        within: &[],
        fresh: "when = \"attainment(sales_amount) >= 50 %\"\notherwise = \"0 %\"",
    },
    Shape {
        name: "commissions",
        list: true,
        keys: &[
            must("id", Kind::Text),
            must("of", Kind::Text),
            may("counts", Kind::Choice(&["amount", "units", "margin", "number"])),
            may("basis", BASIS),
            may("products", Kind::Words),
            may("customer_types", Kind::Words),
            may("rate", Kind::Percent),
            may("per_unit", Kind::Number),
            may("amount", Kind::Number),
            may("tiers_by", Kind::Choice(&["amount", "attainment"])),
            may("target", Kind::Figure),
            may("attainment_of", Kind::Text),
            may("method", Kind::Choice(&["whole", "marginal", "interpolated"])),
            may("boundary", BOUNDARY),
            may("cumulate", Kind::Choice(&["deal", "period", "quarter-to-date", "year-to-date"])),
            may("applies_to", Kind::Choice(&["period", "to-date"])),
            may("precedence", Kind::Choice(&["product", "customer_type", "first"])),
            may("cap", Kind::Number),
            may("floor", Kind::Number),
        ],
        within: &[
            Shape {
                name: "tiers",
                list: true,
                keys: &[
                    must("from", Kind::Figure),
                    may("rate", Kind::Percent),
                    may("per_unit", Kind::Number),
                    may("amount", Kind::Number),
                    may("share", Kind::Percent),
                    may("factor", Kind::Number),
                ],
                within: &[],
                fresh: "from = 0\nrate = \"1 %\"",
            },
            Shape {
                name: "rates",
                list: true,
                keys: &[may("product", Kind::Text), may("customer_type", Kind::Text), must("rate", Kind::Percent)],
                within: &[],
                fresh: "rate = \"1 %\"",
            },
        ],
        fresh: "id = \"commission\"\nof = \"deals\"\nrate = \"1 %\"",
    },
    Shape {
        name: "base",
        list: false,
        keys: &[
            may("of", Kind::Choice(&["salary", "target-incentive", "per-unit"])),
            may("times", Kind::Number),
            may("amount", Kind::Number),
            may("metric", Kind::Metric),
            may("changes", Kind::Choice(&["last-day", "by-days"])),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "score",
        list: false,
        keys: &[
            may("round", Kind::Number),
            may("pays", Kind::Choice(&["bands", "interpolated", "score"])),
            may("boundary", BOUNDARY),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "payout",
        list: false,
        keys: &[
            may("round", Kind::Choice(&["minor-unit", "whole-unit"])),
            may("factors", Kind::Choice(&["multiply", "highest", "first"])),
            may("cap", Kind::Figure),
            may("floor", Kind::Figure),
            may("cap_year", Kind::Number),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "deals",
        list: false,
        keys: &[may("basis", BASIS), may("splits", Kind::Choice(&["any", "whole"]))],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "quarter_multipliers",
        list: false,
        keys: &[may("q1", Kind::Number), may("q2", Kind::Number), may("q3", Kind::Number), may("q4", Kind::Number)],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "guarantee",
        list: false,
        keys: &[may("at_least", Kind::Figure), may("months", Kind::Number), may("until", Kind::Date)],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "draw",
        list: false,
        keys: &[
            may("amount", Kind::Number),
            may("recoverable", Kind::YesNo),
            may("recover_from", Kind::Date),
            may("recover_share", Kind::Percent),
            may("until", Kind::Date),
            may("limit", Kind::Number),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "clawback",
        list: false,
        keys: &[
            may("basis", Kind::Choice(&["sale-period", "own-period", "ignored"])),
            may("within_days", Kind::Number),
            may("share", Kind::Percent),
            may("later", Kind::Choice(&["own-period", "ignored"])),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "proration",
        list: false,
        keys: &[
            may("by", Kind::Choice(&["calendar-days", "weekdays", "none"])),
            may("of", Kind::Words),
            may("leave", Kind::Choice(&["excluded", "counted"])),
            may("fte", Kind::Choice(&["counted", "ignored"])),
            may("plan_change", Kind::Choice(&["last-day", "by-days"])),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "rounding",
        list: false,
        keys: &[
            may("attainment", Kind::Number),
            may("points", Kind::Number),
            may("rate", Kind::Number),
            may("multiple", Kind::Number),
            may("base", Kind::Number),
            may("commission", Kind::Number),
            may("deal", Kind::Number),
            may("proration", Kind::Number),
        ],
        within: &[],
        fresh: "",
    },
    Shape {
        name: "metrics",
        list: true,
        keys: &[must("id", Kind::Text), must("unit", Kind::Choice(&["money", "count", "ratio", "score"]))],
        within: &[],
        fresh: "id = \"complaints\"\nunit = \"count\"",
    },
];

/// One field with what the file states; empty where it states nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As findings name it: `components[1].weight`.
    pub path: String,
    pub key: Key,
    pub value: String,
    /// What one may choose; empty where one writes.
    pub choices: Vec<String>,
}

/// A section, with a row for each of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub name: &'static str,
    pub path: String,
    pub list: bool,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub path: String,
    pub fields: Vec<Field>,
    pub within: Vec<Section>,
}

/// A plan file as a form; `None` when it is not TOML at all.
pub fn of(source: &str) -> Option<Vec<Section>> {
    let document: DocumentMut = source.trim_start_matches('\u{feff}').parse().ok()?;
    let own = own_metrics(&document);
    Some(SHAPES.iter().map(|shape| section(document.as_table(), "", shape, &own)).collect())
}

fn own_metrics(document: &DocumentMut) -> Vec<String> {
    let id = |row: &dyn TableLike| row.get("id").map(shown);
    rows_of(document.get("metrics")).into_iter().filter_map(id).collect()
}

/// The tables of a list, however it is written.
fn rows_of(item: Option<&Item>) -> Vec<&dyn TableLike> {
    match item {
        Some(Item::ArrayOfTables(list)) => list.iter().map(|table| table as &dyn TableLike).collect(),
        Some(Item::Value(Value::Array(list))) => {
            list.iter().filter_map(|value| value.as_inline_table().map(|table| table as &dyn TableLike)).collect()
        }
        _ => Vec::new(),
    }
}

fn join(path: &str, name: &str) -> String {
    match (path.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (false, true) => path.to_owned(),
        (false, false) => format!("{path}.{name}"),
    }
}

fn section(within: &dyn TableLike, above: &str, shape: &Shape, own: &[String]) -> Section {
    let path = join(above, shape.name);
    let rows = if shape.list {
        let rows = rows_of(within.get(shape.name));
        rows.into_iter().enumerate().map(|(i, table)| row(Some(table), &format!("{path}[{i}]"), shape, own)).collect()
    } else if shape.name.is_empty() {
        vec![row(Some(within), "", shape, own)]
    } else {
        vec![row(within.get(shape.name).and_then(Item::as_table_like), &path, shape, own)]
    };
    Section { name: shape.name, path, list: shape.list, rows }
}

fn row(table: Option<&dyn TableLike>, path: &str, shape: &Shape, own: &[String]) -> Row {
    let fields = shape.keys.iter().map(|key| {
        let stated = table.and_then(|table| match key.name.split_once('.') {
            Some((outer, inner)) => table.get(outer).and_then(Item::as_table_like).and_then(|t| t.get(inner)),
            None => table.get(key.name),
        });
        Field {
            path: join(path, key.name),
            key: *key,
            value: stated.map(shown).unwrap_or_default(),
            choices: choices(key.kind, own),
        }
    });
    let fields = fields.collect();
    let within = match table {
        Some(table) => shape.within.iter().map(|inner| section(table, path, inner, own)).collect(),
        None => Vec::new(),
    };
    Row { path: path.to_owned(), fields, within }
}

fn choices(kind: Kind, own: &[String]) -> Vec<String> {
    match kind {
        Kind::Choice(list) => list.iter().map(|word| (*word).to_owned()).collect(),
        Kind::YesNo => vec!["true".to_owned(), "false".to_owned()],
        Kind::Metric => Metric::ALL.iter().map(|m| m.name().to_owned()).chain(own.iter().cloned()).collect(),
        Kind::Position => Position::ALL.iter().map(|p| p.name().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A value as one reads it, without quotes.
fn shown(item: &Item) -> String {
    match item {
        Item::Value(Value::String(text)) => text.value().clone(),
        Item::Value(Value::Array(list)) => {
            let words = list.iter().map(|value| match value {
                Value::String(text) => text.value().clone(),
                other => other.to_string().trim().to_owned(),
            });
            words.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string().trim().to_owned(),
    }
}
