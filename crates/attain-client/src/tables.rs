//! Screens as tables, for XLSX and CSV: the same columns from the window and from `attainctl`.

use attain_domain::metric::Metric;
use attain_domain::money::{Currency, Ratio};
use attain_domain::period::{Month, Period};
use attain_store::connection::View;

use crate::export::{Cell, Table};
use crate::goals::GoalNode;
use crate::performance::PersonStanding;
use crate::problem::Result;
use crate::scope;
use crate::workspace::Viewer;

fn headings(viewer: &Viewer, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|k| viewer.language.message(&format!("export.{k}"), &[])).collect()
}

fn number(metric: Metric, value: Option<i64>, currency: Currency) -> Cell {
    value.map_or(Cell::Empty, |v| Cell::Number(metric.format(v, currency)))
}

fn percent(ratio: Option<Ratio>, digits: u32) -> Cell {
    ratio.map_or(Cell::Empty, |r| Cell::Percent(r.percent(digits), digits))
}

/// The goal tree, owners indented by depth; of a longer period its months too, each under its name (`2026-09`).
pub fn goals(viewer: &Viewer, currency: Currency, nodes: &[GoalNode], period: Period) -> Table {
    let say = |key: &str| viewer.language.message(key, &[]);
    let months: Vec<Month> = if matches!(period, Period::Month(_)) { Vec::new() } else { period.months().collect() };
    let row = |n: &GoalNode| {
        let metric = n.goal.metric;
        let fixed = vec![
            Cell::Text(n.goal.id.clone()),
            Cell::Text(format!("{}{}", "  ".repeat(n.depth as usize), n.owner_name)),
            number(metric, n.standing.target, currency),
            number(metric, n.standing.actual.map(|f| f.num), currency),
            percent(n.standing.attainment, 1),
            percent(n.standing.pace, 0),
            Cell::Text(say(&format!("status.{}", n.standing.status.name()))),
            number(metric, n.reserve, currency),
            Cell::Text(if n.goal.locked { say("export.yes") } else { String::new() }),
        ];
        let target = |month: &Month| number(metric, Some(n.goal.months[month.month as usize - 1]), currency);
        fixed.into_iter().chain(months.iter().map(target)).collect()
    };
    let fixed = ["goal", "owner", "target", "actual", "attainment", "pace", "status", "reserve", "locked"];
    Table {
        title: period.to_string(),
        headings: headings(viewer, &fixed).into_iter().chain(months.iter().map(Month::to_string)).collect(),
        rows: nodes.iter().map(row).collect(),
    }
}

/// The team table.
pub fn team(view: View, viewer: &Viewer, people: &[PersonStanding], period: Period) -> Result<Table> {
    let currency = view.currency()?;
    let say = |key: &str| viewer.language.message(key, &[]);
    let mut rows = Vec::new();
    for p in people {
        let (s, metric) = (&p.standing, p.standing.metric);
        rows.push(vec![
            Cell::Text(p.person.id.clone()),
            Cell::Text(scope::name(view, viewer, &p.person.id)?),
            Cell::Text(scope::name(view, viewer, &p.person.unit_id)?),
            number(metric, s.target, currency),
            number(metric, s.actual.map(|f| f.num), currency),
            percent(s.attainment, 1),
            percent(s.pace, 0),
            Cell::Text(say(&format!("status.{}", s.status.name()))),
            number(metric, s.gap.map(|g| -g), currency),
            number(metric, p.forecast.map(|f| f.expected), currency),
            p.last_talk.as_ref().map_or(Cell::Empty, |t| Cell::Text(t.chars().take(10).collect())),
        ]);
    }
    let keys =
        ["person", "name", "unit", "target", "actual", "attainment", "pace", "status", "gap", "forecast", "last_talk"];
    Ok(Table { title: period.to_string(), headings: headings(viewer, &keys), rows })
}
