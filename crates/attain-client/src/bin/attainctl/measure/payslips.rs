//! W2: twelve payslips for everybody, from all orders, by plans in the plan language; and one changed order to its payslip.
//!
//! Owns: the yardstick's rule as plans (its rounding at each step included), figures from its files, writing payslips back.
//! Absent on purpose: paying (attain-domain). Discounts are no column of an order here, so figures are summed up from the
//! file within the clock, where peers have them in a table.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Instant;

use attain_client::domain::money::{Currency, Ratio, parse_scaled};
use attain_client::domain::mutation::{Change, FrozenPayout, Mutation};
use attain_client::domain::payout::record::{Measured, Record};
use attain_client::domain::payout::{Inputs, payout};
use attain_client::domain::period::{Month, Period};
use attain_client::domain::plan::Plan;
use attain_client::domain::read::Read;
use attain_client::import::Kind;
use attain_client::keys::Unlock;
use attain_client::problem::{Problem, Result};
use attain_client::store::facts::Base;
use attain_client::workspace::{Workspace, store_file};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{ORDERS, PASSPHRASE, fresh, import, memory, read};

/// The rule: five attainments to a millionth, each at most 200 %, weighted; the score to a millionth; nothing below 0.6, the
/// score itself up to 1, from there 1.5 for each point more, from 1.2 on 2, at most 2.0, to a millionth; × the quarter.
const RULE: &str = r#"
name = { zh = "标尺", en = "Yardstick" }
version = 1
position = "new_business"
currency = "CNY"
effective_from = 2025-01-01
[[metrics]]
id = "revenue"
unit = "money"
[[metrics]]
id = "orders"
unit = "count"
[[metrics]]
id = "customers"
unit = "count"
[[metrics]]
id = "full_price"
unit = "ratio"
[[metrics]]
id = "manual"
unit = "ratio"
[score]
round = 4
pays = "interpolated"
[[bands]]
at_least = 155
multiple = 2
[[bands]]
at_least = 120
multiple = 1.3
[[bands]]
at_least = 100
multiple = 1
[[bands]]
at_least = 60
multiple = 0.6
[base]
of = "target-incentive"
[rounding]
attainment = 4
multiple = 6
[quarter_multipliers]
q2 = 0.95
q3 = 1.10
q4 = 1.20
"#;
/// What each component's target is; weights are the position's.
const PARTS: [(&str, &str); 5] = [
    ("revenue", "target = \"goal\"\nfloor = \"0 %\""),
    ("orders", "target = \"goal\""),
    ("customers", "target = \"goal\""),
    ("full_price", "target = \"90 %\""),
    ("manual", "target = \"100 %\""),
];
const WEIGHTS: [(&str, [u32; 5]); 5] = [
    ("AE", [60, 10, 10, 10, 10]),
    ("AM", [40, 20, 20, 10, 10]),
    ("SDR", [20, 40, 20, 10, 10]),
    ("CSM", [30, 10, 40, 10, 10]),
    ("TL", [50, 15, 15, 10, 10]),
];
/// What pays for the order that is changed.
const EDITED: &str = r#"
id = "edited"
name = { zh = "改一单", en = "One changed order" }
version = 1
position = "new_business"
currency = "CNY"
effective_from = 2025-01-01
[[components]]
metric = "sales_amount"
weight = 100
target = "10000"
cap = "200 %"
[[bands]]
at_least = 0
multiple = 1
"#;

fn plans() -> Result<BTreeMap<&'static str, Plan>> {
    let plan = |(position, weights): &(&'static str, [u32; 5])| {
        let mut source = format!("id = \"w2-{}\"\n{RULE}", position.to_lowercase());
        for ((metric, target), weight) in PARTS.iter().zip(weights) {
            source += &format!("[[components]]\nmetric = \"{metric}\"\nweight = {weight}\ncap = \"200 %\"\n{target}\n");
        }
        Plan::parse(&source).map(|plan| (*position, plan)).map_err(|found| Problem::internal(format!("{found:?}")))
    };
    WEIGHTS.iter().map(plan).collect()
}

/// What a rep sold in a month.
#[derive(Default)]
struct Sold {
    revenue: i64,
    orders: i64,
    customers: Vec<u32>,
    discount_bp: i64,
}

/// A rep: position, monthly target incentive, and for each month the three targets and the manual score.
struct Rep<'t> {
    id: &'t str,
    position: &'t str,
    incentive: i64,
    months: Vec<[i64; 4]>,
}

fn cents(text: &str) -> Result<i64> {
    parse_scaled(text, 2).map_err(Problem::internal)
}

fn whole(text: &str) -> Result<i64> {
    text.parse().map_err(Problem::internal)
}

fn reps<'t>(reps: &'t str, targets: &'t str) -> Result<Vec<Rep<'t>>> {
    let mut all = Vec::new();
    let mut place = HashMap::new();
    for line in reps.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, _, _, position, incentive] = cells.as_slice() else { continue };
        place.insert(*id, all.len());
        all.push(Rep { id, position, incentive: cents(incentive)?, months: Vec::with_capacity(12) });
    }
    for line in targets.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, _, revenue, orders, customers, manual] = cells.as_slice() else { continue };
        let rep = place.get(id).and_then(|at| all.get_mut(*at)).ok_or_else(|| Problem::internal("rep"))?;
        rep.months.push([cents(revenue)?, whole(orders)?, whole(customers)?, whole(manual)?]);
    }
    Ok(all)
}

/// Sold by rep and month.
fn sold(orders: &str, reps: &[Rep]) -> Result<Vec<[Sold; 12]>> {
    let place: HashMap<&str, usize> = reps.iter().enumerate().map(|(at, rep)| (rep.id, at)).collect();
    let mut all: Vec<[Sold; 12]> = reps.iter().map(|_| Default::default()).collect();
    for line in orders.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [_, date, rep, customer, _, _, _, discount, amount, status, ..] = cells.as_slice() else { continue };
        let month: usize = date.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(0);
        let sold = place.get(rep).and_then(|at| all[*at].get_mut(month.wrapping_sub(1)));
        let sold = sold.ok_or_else(|| Problem::internal(line))?;
        match *status {
            "paid" => {
                sold.revenue += cents(amount)?;
                sold.orders += 1;
                sold.customers.push(whole(customer.trim_start_matches(|c: char| !c.is_ascii_digit()))? as u32);
                sold.discount_bp += whole(discount)?;
            }
            "returned" => sold.revenue -= cents(amount)?,
            _ => {}
        }
    }
    Ok(all)
}

/// Half up, of what is not negative.
fn divided(a: i64, b: i64) -> i64 {
    (2 * a + b) / (2 * b)
}

fn inputs(rep: &Rep, month: Month, sold: &mut Sold, targets: [i64; 4]) -> Inputs {
    let [revenue, orders, customers, manual] = targets;
    sold.customers.sort_unstable();
    sold.customers.dedup();
    let full_price = match sold.orders {
        0 => 0,
        orders => 1_000_000 - divided(100 * sold.discount_bp, orders),
    };
    let ratio = |num: i64, den: i128| Ratio { num: i128::from(num), den };
    let figures = [
        ("revenue", ratio(sold.revenue, 100), Some(ratio(revenue, 100))),
        ("orders", ratio(sold.orders, 1), Some(ratio(orders, 1))),
        ("customers", ratio(sold.customers.len() as i64, 1), Some(ratio(customers, 1))),
        ("full_price", ratio(full_price, 1_000_000), None),
        ("manual", ratio(manual, 1_000_000), None),
    ];
    let mut record = Record::empty(rep.id, Currency::CNY);
    let measured = |(name, actual, target): (&str, Ratio, Option<Ratio>)| {
        (name.to_string(), Measured { actual: Some(actual), target })
    };
    record.measures.insert(Period::Month(month), figures.into_iter().map(measured).collect());
    record.target_incentive.insert(NaiveDate::MIN, ratio(rep.incentive, 100));
    let (person, record) = (rep.id.to_string(), Some(Box::new(record)));
    let (period, currency, base_salary, metrics) = (month, Currency::CNY, None, BTreeMap::new());
    Inputs { person, period, currency, base_salary, metrics, record, exception: None }
}

pub fn run(home: &Path, data: &Path) -> Result<Value> {
    let plans = plans()?;
    let (people, targets) = (read(&data.join("reps.csv"))?, read(&data.join("targets.csv"))?);
    let reps = reps(&people, &targets)?;
    let mut workspace = fresh(&home.join("payslips"), &Unlock::Passphrase(PASSPHRASE.to_string().into()))?;
    workspace.store.truncate_log()?;

    let start = Instant::now();
    let orders = read(&data.join("orders.csv"))?;
    let mut sold = sold(&orders, &reps)?;
    let summed_t = start.elapsed().as_secs_f64();
    let (mut slips, mut sum) = (0i64, 0i64);
    workspace.store.write(|tx| -> Result<()> {
        for (rep, sold) in reps.iter().zip(&mut sold) {
            let plan = plans.get(rep.position).ok_or_else(|| Problem::internal(rep.position))?;
            for (at, (sold, targets)) in sold.iter_mut().zip(&rep.months).enumerate() {
                let month = Month { year: 2025, month: at as u32 + 1 };
                let inputs = inputs(rep, month, sold, *targets);
                let paid = payout(plan, &inputs).map_err(Problem::internal)?;
                let amount = paid.amount.ok_or_else(|| Problem::internal(format!("{:?}", paid.missing)))?;
                (slips, sum) = (slips + 1, sum + amount.minor);
                let to = FrozenPayout { inputs, payout: paid, adjustments: Vec::new(), accepted: Vec::new() };
                let change = Change::Payout { person_id: rep.id.to_string(), month, to: Some(to) };
                tx.apply(&Base::Decision { change })?;
            }
        }
        Ok(())
    })?;
    workspace.store.truncate_log()?;
    let t = start.elapsed().as_secs_f64();
    workspace.lock()?;
    let mut found = json!({ "t": t, "summed_t": summed_t, "check": [slips, sum] });
    if store_file(home).is_some() {
        found["edit_ms"] = json!(edited(home, &orders)?);
    }
    Ok(found)
}

/// From a changed order's row to its person's new payout, durable; the median of several.
fn edited(home: &Path, orders: &str) -> Result<f64> {
    let mut workspace = Workspace::open(home, &Unlock::Passphrase(PASSPHRASE.to_string().into()))?;
    let (viewer, now) = (workspace.viewer()?, workspace.now()?);
    workspace.store.mutate(&viewer.actor, &Mutation::PublishPlan { source: EDITED.into() }, &now)?;
    let plans = Read::plans(&workspace.view())?;
    let header = orders.lines().next().unwrap_or_default();
    let mut times = Vec::new();
    for line in orders.lines().skip(1).filter(|line| line.contains(",paid,")).step_by(997).take(21) {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let (Some(date), Some(person), Some(amount)) = (cells.get(1).cloned(), cells.get(2).cloned(), cells.get_mut(8))
        else {
            continue;
        };
        *amount = format!("{}1.00", amount.split('.').next().unwrap_or_default());
        let month: Month = date.get(..7).unwrap_or_default().parse().map_err(|_| Problem::internal(&date))?;
        let file = memory("orders.csv", format!("{header}\n{}\n", cells.join(",")));
        let start = Instant::now();
        import(&mut workspace, Kind::Order, file, Some(ORDERS))?;
        let payee =
            workspace.view().payee(&plans, &person, month)?.ok_or_else(|| Problem::internal("nobody is paid"))?;
        let paid = payout(&payee.plan, &payee.inputs).map_err(Problem::internal)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        paid.amount.ok_or_else(|| Problem::internal(format!("{:?}", paid.missing)))?;
    }
    workspace.lock()?;
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().ok_or_else(|| Problem::internal("no order was changed"))
}
