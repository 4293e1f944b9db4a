//! 工资单: a closed month as a table for payroll. Gross: tax and social insurance are payroll's.
//!
//! Owns: the fields a payslip has, and the mapping file that gives them payroll's names.
//! Absent on purpose: the figures (`pay`), the file formats (`export`).

use std::path::Path;

use attain_domain::access::Action;
use attain_domain::adjustment::{self, Kind};
use attain_domain::money::Money;
use attain_domain::period::Period;
use attain_domain::read::Read;

use crate::export::{Cell, Table};
use crate::pay::{self, Pay};
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Workspace;

/// The fields of a payslip, in their order.
pub const FIELDS: [&str; 13] = [
    "person_id",
    "name",
    "period",
    "plan",
    "currency",
    "base_salary",
    "payout",
    "adjustments",
    "clawbacks",
    "corrects",
    "pay_total",
    "score",
    "state",
];
/// What is written without a mapping.
const USUAL: [&str; 10] = [
    "person_id",
    "name",
    "period",
    "plan",
    "currency",
    "base_salary",
    "payout",
    "adjustments",
    "corrects",
    "pay_total",
];

/// Columns as payroll wants them: heading, and the field in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub columns: Vec<(String, String)>,
}

impl Mapping {
    /// Reads `[columns]`: payroll's heading = one of [`FIELDS`], in the order of the file.
    pub fn read(file: &Path) -> Result<Mapping> {
        let unreadable = |e: std::io::Error| Problem::usage("file_unreadable").with("file", file.display()).because(e);
        let wrong = |detail: String| Problem::refused("payslip_mapping").with("detail", detail);
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        let document = toml::de::DeTable::parse(&text).map_err(|e| wrong(e.message().to_string()))?;
        let section = document.get_ref().iter().find(|(name, _)| name.get_ref() == "columns");
        let columns =
            section.and_then(|(_, value)| value.get_ref().as_table()).ok_or_else(|| wrong("[columns]".to_string()))?;
        // In the order they are written, which is payroll's.
        let mut read: Vec<(usize, String, String)> = Vec::new();
        for (heading, value) in columns.iter() {
            let field = value.get_ref().as_str().unwrap_or("").to_string();
            if !FIELDS.contains(&field.as_str()) {
                return Err(wrong(format!("{field} ({})", FIELDS.join(", "))));
            }
            read.push((heading.span().start, heading.get_ref().to_string(), field));
        }
        read.sort();
        Ok(Mapping { columns: read.into_iter().map(|(_, heading, field)| (heading, field)).collect() })
    }
}

/// The payslips of a closed month, recorded as a look at them. Errors: the month is open; not finance or HR.
pub fn table(workspace: &mut Workspace, period: Period, mapping: Option<&Mapping>) -> Result<Table> {
    let viewer = workspace.viewer()?;
    if viewer.actor.widest(Action::SeePay) != Some(attain_domain::access::Reach::All) {
        return Err(Problem::refused("not_allowed"));
    }
    let Period::Month(month) = period else { return Err(Problem::usage("month_needed").with("text", period)) };
    if !Read::closed_months(&workspace.view())?.contains(&month) {
        return Err(Problem::refused("period_not_closed").with("month", month));
    }
    let list = pay::list(workspace, period)?;
    let language = viewer.language;
    let usual =
        || USUAL.iter().map(|f| (language.message(&format!("export.{}", label(f)), &[]), f.to_string())).collect();
    let columns: Vec<(String, String)> = mapping.map_or_else(usual, |mapping| mapping.columns.clone());
    let mut rows = Vec::new();
    for pay in &list.pays {
        let name = scope::name(workspace.view(), &viewer, &pay.person_id)?;
        rows.push(columns.iter().map(|(_, field)| cell(pay, &name, field)).collect());
    }
    Ok(Table { title: period.to_string(), headings: columns.into_iter().map(|(heading, _)| heading).collect(), rows })
}

fn label(field: &str) -> &str {
    if field == "person_id" { "person" } else { field }
}

fn cell(pay: &Pay, name: &str, field: &str) -> Cell {
    let money = |amount: Option<Money>| amount.map_or(Cell::Empty, |amount| Cell::Number(amount.amount()));
    let currency = pay.inputs.currency;
    let sum = |kind: Option<Kind>| {
        let of: Vec<_> = pay.adjustments.iter().filter(|a| kind.is_none_or(|kind| a.kind == kind)).cloned().collect();
        Some(adjustment::total(&of, currency))
    };
    match field {
        "person_id" => Cell::Text(pay.person_id.clone()),
        "name" => Cell::Text(name.to_string()),
        "period" => Cell::Text(pay.month.to_string()),
        "plan" => Cell::Text(format!("{} v{}", pay.plan.id, pay.plan.version)),
        "currency" => Cell::Text(currency.to_string()),
        "base_salary" => money(pay.inputs.base_salary),
        "payout" => money(pay.payout.amount),
        "adjustments" => money(sum(None)),
        "clawbacks" => money(sum(Some(Kind::Clawback))),
        "corrects" => {
            let months: std::collections::BTreeSet<String> =
                pay.adjustments.iter().map(|adjustment| adjustment.corrects.to_string()).collect();
            Cell::Text(months.into_iter().collect::<Vec<_>>().join(" "))
        }
        // Base, payout and adjustments together.
        "pay_total" => {
            let base = pay.inputs.base_salary.map_or(0, |salary| salary.minor);
            money(pay.total().map(|total| Money::new(total.minor.saturating_add(base), total.currency)))
        }
        "score" => pay.payout.score.map_or(Cell::Empty, |score| Cell::Number(score.to_string())),
        "state" => Cell::Text("closed".to_string()),
        _ => Cell::Empty,
    }
}
