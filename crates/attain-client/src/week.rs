//! The last whole week of a person by customer type, against the eight weeks before it.
//!
//! Owns: the table, which row is odd, and what share of a fall it explains.

use attain_domain::calendar::week_end;
use attain_domain::money::{Ratio, round_half_away};
use attain_store::connection::View;
use chrono::{Days, NaiveDate};

use crate::problem::Result;

/// One customer type in the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekRow {
    pub customer_type: String,
    pub orders: i64,
    pub amount: i64,
    /// Mean of the eight weeks before; `None` without any figures in them.
    pub mean_orders: Option<Ratio>,
    pub mean_amount: Option<i64>,
    /// This row explains the week: at least half of a fall.
    pub odd: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekTable {
    pub start: NaiveDate,
    pub end: NaiveDate,
    pub rows: Vec<WeekRow>,
    pub total: WeekRow,
    /// The odd row's share of the fall of all falling rows.
    pub explains: Option<(String, Ratio)>,
    /// Eight weeks ending with this one, oldest first: start, end, amount by customer type in the order of `rows`.
    pub bars: Vec<(NaiveDate, NaiveDate, Vec<i64>)>,
}

const WEEKS_BEFORE: u64 = 8;

/// `None` when the person has no orders in these weeks.
pub fn week_table(view: View, person_id: &str, today: NaiveDate) -> Result<Option<WeekTable>> {
    let sunday = week_end(today) - Days::new(7);
    let ranges: Vec<(NaiveDate, NaiveDate)> = (0..=WEEKS_BEFORE)
        .rev()
        .map(|back| (sunday - Days::new(7 * back + 6), sunday - Days::new(7 * back) + Days::new(1)))
        .collect();
    let weeks = view.sums_by_type(person_id, &ranges)?;
    let mut types: Vec<String> = weeks.iter().flat_map(|w| w.keys().cloned()).collect();
    types.sort();
    types.dedup();
    if types.is_empty() {
        return Ok(None);
    }
    let (this, before) = (&weeks[WEEKS_BEFORE as usize], &weeks[..WEEKS_BEFORE as usize]);
    let history = before.iter().any(|w| !w.is_empty());
    let row = |name: &str,
               pick: &dyn Fn(
        &std::collections::BTreeMap<String, attain_store::queries::order::TypeSums>,
    ) -> (i64, i64)| {
        let (orders, amount) = pick(this);
        let (past_orders, past_amount) = before.iter().map(pick).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let weeks = WEEKS_BEFORE as i128;
        WeekRow {
            customer_type: name.to_string(),
            orders,
            amount,
            mean_orders: history.then_some(Ratio { num: i128::from(past_orders), den: weeks }),
            mean_amount: history.then(|| round_half_away(i128::from(past_amount), weeks) as i64),
            odd: false,
        }
    };
    let mut rows: Vec<WeekRow> =
        types.iter().map(|t| row(t, &|w| w.get(t).map_or((0, 0), |s| (s.orders, s.amount)))).collect();
    let total = row("total", &|w| w.values().fold((0, 0), |a, s| (a.0 + s.orders, a.1 + s.amount)));
    let fall = |r: &WeekRow| r.mean_amount.map_or(0, |mean| mean - r.amount);
    let mut explains = None;
    let whole = fall(&total);
    // A fall worth a word: at least a tenth of the usual week.
    if let Some(mean) = total.mean_amount.filter(|mean| whole > 0 && whole * 10 >= *mean)
        && let Some(worst) = rows.iter_mut().max_by_key(|r| fall(r))
    {
        let share = Ratio { num: i128::from(fall(worst)), den: i128::from(whole) };
        if share >= (Ratio { num: 1, den: 2 }) && mean > 0 {
            worst.odd = true;
            explains = Some((worst.customer_type.clone(), share));
        }
    }
    let bars = ranges[1..]
        .iter()
        .zip(&weeks[1..])
        .map(|((start, until), sums)| {
            (*start, *until - Days::new(1), types.iter().map(|t| sums.get(t).map_or(0, |s| s.amount)).collect())
        })
        .collect();
    let (start, until) = ranges[WEEKS_BEFORE as usize];
    Ok(Some(WeekTable { start, end: until - Days::new(1), rows, total, explains, bars }))
}
