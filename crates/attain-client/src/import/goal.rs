//! Goals: a year's row is the total, a month's row one cell; the rows of one goal come in together or not at all.
//!
//! Owns: making a goal's twelve months from its rows, its place in the tree, months that are closed.
//! Absent on purpose: moving a goal and all below it (that is adjusting, not importing).

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::access::Actor;
use attain_domain::allocation::split;
use attain_domain::goal::{Goal, MonthSet, Owner, Weight};
use attain_domain::metric::{Metric, RollUp, Unit};
use attain_domain::money::Currency;
use attain_domain::mutation::{Now, imported};
use attain_domain::period::Period;
use attain_domain::read::Read;
use attain_store::connection::View;
use attain_store::facts::Base;

use super::ImportError;
use super::cell::{amount, scaled, yes};
use super::field::word;
use super::finding::Finding;
use super::table::Table;

/// One month's cell.
#[derive(Clone, Copy)]
struct Cell {
    target: i64,
    locked: bool,
    weight: Option<i64>,
}

/// A goal as its rows tell it.
struct Draft {
    rows: Vec<usize>,
    parent_id: Option<String>,
    owner: Owner,
    metric: Metric,
    year: i32,
    total: Option<Cell>,
    quarters: [Option<Cell>; 4],
    months: [Option<Cell>; 12],
}

pub(super) fn plan(view: View<'_>, table: &mut Table, actor: &Actor, now: &Now) -> Result<Vec<Base>, ImportError> {
    let currency = view.currency()?;
    let mut drafts = drafts(view, table, currency)?;
    for draft in drafts.values() {
        table.fail_rest(&draft.rows);
    }
    drafts.retain(|_, draft| draft.rows.iter().all(|i| table.is_good(*i)));
    let closed = view.closed_months().map_err(|e| attain_store::StoreError::Internal(e.0))?;
    let mut goals: BTreeMap<String, (Goal, Option<Goal>)> = BTreeMap::new();
    for (id, draft) in &drafts {
        let before = view.goal_by_id(id)?;
        let Some(goal) = goal_of(table, id, draft, before.as_ref()) else { continue };
        let was = before.as_ref().map_or([0; 12], |goal| goal.months);
        let moved = |m: usize| goal.months[m] != was[m];
        let shut = closed.iter().find(|month| month.year == draft.year && moved(month.month as usize - 1));
        match shut {
            Some(month) => refuse(table, draft, "period", "period_closed", &month.to_string()),
            None => {
                goals.insert(id.clone(), (goal, before));
            }
        }
    }
    check_tree(view, table, &drafts, &mut goals)?;
    let mut rows = Vec::new();
    for (id, (goal, before)) in goals {
        if before.as_ref() == Some(&goal) {
            continue;
        }
        drafts[&id].rows.iter().for_each(|i| table.changes(*i));
        rows.extend(imported(before.as_ref(), goal, &actor.person_id, now).map(|change| Base::Decision { change }));
    }
    Ok(rows)
}

/// Rejects a goal: the first row says why, the others that they go with it.
fn refuse(table: &mut Table, draft: &Draft, field: &str, code: &str, value: &str) {
    if let Some(i) = draft.rows.first() {
        let finding = Finding::cell(table.row(*i), field, code, value);
        table.fail(*i, finding);
    }
    table.fail_rest(&draft.rows);
}

/// Gathers the rows of each goal. With a fold, month rows name their goal as their parent and come in order of id.
fn drafts(view: View<'_>, table: &mut Table, currency: Currency) -> Result<BTreeMap<String, Draft>, ImportError> {
    let fold = table.columns.fold.clone();
    let is_month = |table: &Table, i: usize| fold.as_ref().is_some_and(|(at, mark)| table.column(i, *at) == mark);
    let (months, goals): (Vec<usize>, Vec<usize>) = (0..table.len()).partition(|i| is_month(table, *i));
    let mut owners: BTreeMap<String, Option<Owner>> = BTreeMap::new();
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let wholes = wholes(table, &goals);
    for i in goals {
        let Some(mut id) = table.text(i, "goal_id") else { continue };
        let owner = match table.text(i, "owner_id") {
            Some(owner) => find_owner(view, &mut owners, &owner)?,
            None => None,
        };
        if owner.is_none() && table.is_good(i) {
            table.wrong(i, "owner_id", "unknown_owner");
        }
        let metric = table.must(i, "metric", |text| word::<Metric>(text).ok_or("unknown_metric"));
        let period = table.must(i, "period", |text| text.parse::<Period>().map_err(|_| "bad_period"));
        read_currency(table, i, currency);
        let cell = metric.and_then(|metric| read_cell(table, i, metric, currency));
        let mut parent_id = Some(table.cell(i, "parent_id").to_string()).filter(|p| !p.is_empty());
        // A month under the quarter of the same goal, or a quarter under its year, is a part of that goal.
        if let Some(whole) = wholes.get(&i) {
            if let Some(period) = period
                && !whole
                    .periods
                    .iter()
                    .all(|of| of.first_month() <= period.first_month() && period.last_month() <= of.last_month())
            {
                let of = whole.periods.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let finding = Finding::cell(table.row(i), "period", "outside_parent", table.cell(i, "period"));
                table.fail(i, finding.with("parent", of));
            }
            id.clone_from(&whole.goal_id);
            parent_id = Some(table.cell(whole.row, "parent_id").to_string()).filter(|p| !p.is_empty());
        }
        let (Some(owner), Some(metric), Some(period)) = (owner, metric, period) else {
            // A row that does not read well takes its goal with it.
            if let Some(draft) = drafts.get_mut(&id) {
                draft.rows.push(i);
            } else {
                drafts.insert(id, Draft::broken(i));
            }
            continue;
        };
        let draft = drafts.entry(id).or_insert_with(|| Draft {
            rows: Vec::new(),
            parent_id: parent_id.clone(),
            owner: owner.clone(),
            metric,
            year: period.year(),
            total: None,
            quarters: [None; 4],
            months: [None; 12],
        });
        let first = draft.rows.first().copied();
        draft.rows.push(i);
        if draft.is_broken() {
            continue;
        }
        let differs = if draft.parent_id != parent_id {
            Some("parent_id")
        } else if draft.owner != owner {
            Some("owner_id")
        } else if draft.metric != metric {
            Some("metric")
        } else if draft.year != period.year() {
            Some("period")
        } else {
            None
        };
        if let (Some(field), Some(first)) = (differs, first) {
            let row = table.row(first);
            let finding = Finding::cell(table.row(i), field, "differs_from_row", table.cell(i, field));
            table.fail(i, finding.with("row", row));
        }
        let place = match period {
            Period::Month(month) => &mut draft.months[month.month as usize - 1],
            Period::Quarter(_, quarter) => &mut draft.quarters[quarter as usize - 1],
            Period::Year(_) => &mut draft.total,
        };
        if place.is_some() {
            table.wrong(i, "period", "duplicate");
        } else {
            *place = cell;
        }
    }
    fold_months(table, months, &mut drafts, currency);
    Ok(drafts)
}

/// The goal that a row is a part of, by the row that heads it, and the periods it must lie in.
struct Whole {
    goal_id: String,
    row: usize,
    periods: Vec<Period>,
}

/// Rows that hang below a year or quarter of the same owner and metric: parts of that goal, not goals of their own.
fn wholes(table: &Table, rows: &[usize]) -> BTreeMap<usize, Whole> {
    let mut heads: BTreeMap<&str, (usize, Period)> = BTreeMap::new();
    for i in rows {
        if let Ok(period @ (Period::Year(_) | Period::Quarter(..))) = table.cell(*i, "period").parse() {
            heads.entry(table.cell(*i, "goal_id")).or_insert((*i, period));
        }
    }
    let same = |a: usize, b: usize| ["owner_id", "metric"].iter().all(|f| table.cell(a, f) == table.cell(b, f));
    let mut wholes = BTreeMap::new();
    for i in rows {
        let (mut at, mut periods) = (*i, Vec::new());
        while let Some((head, period)) = heads.get(table.cell(at, "parent_id")) {
            if *head == at || !same(*head, at) || periods.len() > 2 {
                break;
            }
            periods.push(*period);
            at = *head;
        }
        if at != *i {
            wholes.insert(*i, Whole { goal_id: table.cell(at, "goal_id").to_owned(), row: at, periods });
        }
    }
    wholes
}

/// A goal is in the company's currency; a row that says another is no goal of ours.
fn read_currency(table: &mut Table, i: usize, currency: Currency) {
    if !matches!(table.cell(i, "currency"), "" | "¥" | "元") && table.cell(i, "currency") != currency.code() {
        let finding = Finding::cell(table.row(i), "currency", "currency_mismatch", table.cell(i, "currency"));
        table.fail(i, finding.with("currency", currency.code()));
    }
}

impl Draft {
    /// A goal whose first row does not read well; it is on its way out.
    fn broken(i: usize) -> Draft {
        Draft {
            rows: vec![i],
            parent_id: None,
            owner: Owner::Unit(String::new()),
            metric: Metric::SalesAmount,
            year: 0,
            total: None,
            quarters: [None; 4],
            months: [None; 12],
        }
    }

    fn is_broken(&self) -> bool {
        self.year == 0
    }
}

fn fold_months(table: &mut Table, rows: Vec<usize>, drafts: &mut BTreeMap<String, Draft>, currency: Currency) {
    let mut of_goal: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    for i in rows {
        let Some(id) = table.text(i, "goal_id") else { continue };
        let goal_id = table.cell(i, "parent_id").to_string();
        if drafts.contains_key(&goal_id) {
            of_goal.entry(goal_id).or_default().push((id, i));
        } else {
            table.wrong(i, "parent_id", "unknown_parent");
        }
    }
    for (goal_id, mut months) in of_goal {
        months.sort_by(|a, b| attain_domain::allocation::id_order(&a.0, &b.0));
        let Some(draft) = drafts.get_mut(&goal_id) else { continue };
        for (at, (_, i)) in months.into_iter().enumerate() {
            draft.rows.push(i);
            match draft.months.get_mut(at) {
                Some(place) => *place = read_cell(table, i, draft.metric, currency),
                None => table.wrong(i, "parent_id", "duplicate"),
            }
        }
    }
}

fn read_cell(table: &mut Table, i: usize, metric: Metric, currency: Currency) -> Option<Cell> {
    let comma = table.columns.decimal_comma;
    let target = table.must(i, "target", |text| {
        let value = match metric.unit() {
            Unit::Money => amount(text, currency.digits(), comma)?,
            unit if text.contains(',') && !comma => scaled(&text.replace(',', ""), unit.digits(currency), comma)?,
            unit => scaled(text, unit.digits(currency), comma)?,
        };
        match value {
            negative if negative < 0 => Err("negative_amount"),
            absurd if absurd > i64::MAX / 1024 => Err("too_large"),
            value => Ok(value),
        }
    });
    let locked = table.read(i, "locked", yes).unwrap_or(false);
    let weight = table.read(i, "weight", |text| match scaled(text, 0, comma)? {
        weight @ 0..=1_000_000_000_000 => Ok(weight),
        _ => Err("bad_value"),
    });
    target.map(|target| Cell { target, locked, weight })
}

fn find_owner(
    view: View<'_>,
    owners: &mut BTreeMap<String, Option<Owner>>,
    id: &str,
) -> Result<Option<Owner>, ImportError> {
    if let Some(known) = owners.get(id) {
        return Ok(known.clone());
    }
    let found = if view.unit_number(id)?.is_some() {
        Some(Owner::Unit(id.to_string()))
    } else if view.person_number(id)?.is_some() {
        Some(Owner::Person(id.to_string()))
    } else {
        None
    };
    owners.insert(id.to_string(), found.clone());
    Ok(found)
}

/// The goal as it is to be; `None` when its rows do not fit together.
fn goal_of(table: &mut Table, id: &str, draft: &Draft, before: Option<&Goal>) -> Option<Goal> {
    let quarters = match draft.metric.roll_up() {
        RollUp::Sum => fill_quarters(table, draft)?,
        RollUp::RatioOfSums => draft.by_quarter(),
    };
    let draft = &Draft {
        months: quarters,
        rows: draft.rows.clone(),
        owner: draft.owner.clone(),
        parent_id: draft.parent_id.clone(),
        ..*draft
    };
    let months = match (draft.metric.roll_up(), draft.total) {
        (RollUp::RatioOfSums, total) => ratio_months(draft, total, before),
        (RollUp::Sum, None) => {
            std::array::from_fn(|m| draft.months[m].map_or(before.map_or(0, |g| g.months[m]), |c| c.target))
        }
        (RollUp::Sum, Some(total)) => {
            let given: i64 = draft.months.iter().flatten().map(|cell| cell.target).sum();
            let free: Vec<usize> = (0..12).filter(|m| draft.months[*m].is_none()).collect();
            let rest = total.target - given;
            if rest < 0 || (free.is_empty() && rest != 0) {
                let i = year_row(table, draft);
                let finding = Finding::cell(table.row(i), "target", "months_not_total", table.cell(i, "target"));
                table.fail(i, finding);
                table.fail_rest(&draft.rows);
                return None;
            }
            // A total that stands already is no reason to flatten the months it has.
            let keeps = before.filter(|g| free.len() == 12 && g.months.iter().sum::<i64>() == total.target);
            let flat = split(rest, &vec![1; free.len()], 1);
            let mut months: [i64; 12] = std::array::from_fn(|m| draft.months[m].map_or(0, |cell| cell.target));
            free.iter().zip(flat).for_each(|(m, part)| months[*m] = part);
            keeps.map_or(months, |g| g.months)
        }
    };
    let (has_locks, has_weights) = (table.columns.has("locked"), table.columns.has("weight"));
    let mut locked_months = before.map_or(0, |g| g.locked_months);
    let mut month_weights = before.and_then(|g| g.month_weights);
    for (m, cell) in draft.months.iter().enumerate() {
        let Some(cell) = cell else { continue };
        if has_locks {
            locked_months = locked_months & !(1 << m) | (u16::from(cell.locked) << m);
        }
        if let Some(weight) = cell.weight.filter(|_| has_weights) {
            month_weights.get_or_insert([0; 12])[m] = weight;
        }
    }
    let moved = before.is_some_and(|g| g.months != months);
    let own_weight = draft.total.and_then(|cell| cell.weight).filter(|_| has_weights);
    let mut goal = match before {
        Some(before) => before.clone(),
        None => Goal::new(id.to_string(), None, draft.owner.clone(), draft.metric, draft.year),
    };
    goal.parent_id.clone_from(&draft.parent_id);
    goal.owner.clone_from(&draft.owner);
    (goal.metric, goal.year, goal.months, goal.locked_months) = (draft.metric, draft.year, months, locked_months);
    // Shares kept from an earlier adjustment say nothing about figures that have been given anew.
    goal.weight = match own_weight {
        Some(share) => Some(Weight { share, months: MonthSet::ALL }),
        None => goal.weight.filter(|_| !moved),
    };
    goal.month_weights = if has_weights { month_weights } else { month_weights.filter(|_| !moved) };
    if let Some(cell) = draft.total.filter(|_| has_locks) {
        goal.locked = cell.locked;
    }
    if let Some(before) = before {
        goal.agree(&before.months);
    }
    Some(goal)
}

impl Draft {
    /// The months, where they have no cell of their own that of their quarter.
    fn by_quarter(&self) -> [Option<Cell>; 12] {
        std::array::from_fn(|m| self.months[m].or(self.quarters[m / 3]))
    }
}

/// The months with what their quarters leave them; `None` when a quarter's months are not its total.
fn fill_quarters(table: &mut Table, draft: &Draft) -> Option<[Option<Cell>; 12]> {
    let mut months = draft.months;
    for (quarter, cell) in draft.quarters.iter().enumerate() {
        let Some(total) = cell else { continue };
        let of = quarter * 3..quarter * 3 + 3;
        let given: i64 = of.clone().filter_map(|m| months[m]).map(|cell| cell.target).sum();
        let free: Vec<usize> = of.filter(|m| months[*m].is_none()).collect();
        let rest = total.target - given;
        if rest < 0 || (free.is_empty() && rest != 0) {
            let wanted = Period::Quarter(draft.year, quarter as u32 + 1);
            let is_it = |i: &&usize| table.cell(**i, "period").parse() == Ok(wanted);
            let i = draft.rows.iter().find(is_it).or(draft.rows.first()).copied().unwrap_or(0);
            let finding = Finding::cell(table.row(i), "target", "months_not_total", table.cell(i, "target"));
            table.fail(i, finding);
            table.fail_rest(&draft.rows);
            return None;
        }
        for (m, part) in free.iter().zip(split(rest, &vec![1; free.len()], 1)) {
            months[*m] = Some(Cell { target: part, locked: false, weight: None });
        }
    }
    Some(months)
}

fn year_row(table: &Table, draft: &Draft) -> usize {
    let is_year = |i: &&usize| matches!(table.cell(**i, "period").parse(), Ok(Period::Year(_)));
    draft.rows.iter().find(is_year).or(draft.rows.first()).copied().unwrap_or(0)
}

/// A ratio holds for every month that has no cell of its own: the year's, otherwise that of the month before it.
fn ratio_months(draft: &Draft, total: Option<Cell>, before: Option<&Goal>) -> [i64; 12] {
    let first = draft.months.iter().flatten().next().map_or(0, |cell| cell.target);
    let mut last = first;
    std::array::from_fn(|m| {
        match (draft.months[m], total, before) {
            (Some(cell), ..) => last = cell.target,
            (None, Some(total), _) => last = total.target,
            (None, None, Some(before)) => last = before.months[m],
            (None, None, None) => {}
        }
        last
    })
}

/// Parents exist, measure the same in the same year, and no goal serves itself.
fn check_tree(
    view: View<'_>,
    table: &mut Table,
    drafts: &BTreeMap<String, Draft>,
    goals: &mut BTreeMap<String, (Goal, Option<Goal>)>,
) -> Result<(), ImportError> {
    let mut there: BTreeMap<String, Option<Goal>> = BTreeMap::new();
    let mut look = |id: &str| -> Result<Option<Goal>, ImportError> {
        if let Some(known) = there.get(id) {
            return Ok(known.clone());
        }
        let found = view.goal_by_id(id)?;
        there.insert(id.to_string(), found.clone());
        Ok(found)
    };
    for id in circles(goals, &mut look)? {
        goals.remove(&id);
        refuse(table, &drafts[&id], "parent_id", "cycle", &id);
    }
    loop {
        let mut wrong: Vec<(String, &str)> = Vec::new();
        for (id, (goal, _)) in goals.iter() {
            let Some(parent_id) = &goal.parent_id else { continue };
            let stored;
            let parent = match goals.get(parent_id) {
                Some((parent, _)) => Some(parent),
                None => {
                    stored = look(parent_id)?;
                    stored.as_ref()
                }
            };
            match parent {
                None => wrong.push((id.clone(), "unknown_parent")),
                Some(p) if p.metric != goal.metric || p.year != goal.year => {
                    wrong.push((id.clone(), "parent_mismatch"))
                }
                Some(_) => {}
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        for (id, code) in wrong {
            let parent = goals.remove(&id).and_then(|(goal, _)| goal.parent_id).unwrap_or_default();
            refuse(table, &drafts[&id], "parent_id", code, &parent);
        }
    }
}

/// Goals of the file that stand in a circle of parents.
fn circles(
    goals: &BTreeMap<String, (Goal, Option<Goal>)>,
    look: &mut impl FnMut(&str) -> Result<Option<Goal>, ImportError>,
) -> Result<Vec<String>, ImportError> {
    let mut sound: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    for id in goals.keys() {
        let mut path: Vec<String> = vec![id.clone()];
        while let Some(last) = path.last().filter(|last| !sound.contains(*last)) {
            let above = match goals.get(last) {
                Some((goal, _)) => goal.parent_id.clone(),
                None => look(last)?.and_then(|goal| goal.parent_id),
            };
            let Some(above) = above else { break };
            if above == *id {
                found.push(id.clone());
                break;
            }
            if path.contains(&above) {
                break;
            }
            path.push(above);
        }
        if found.last() != Some(id) {
            sound.extend(path);
        }
    }
    Ok(found)
}
