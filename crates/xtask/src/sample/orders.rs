//! Owns what happened: who bought from whom, when and for how much, built so that the facts of the sample company
//! hold exactly. Absent: the reckoning of those facts (see `check`), which reads only the files.
//!
//! The order of work, month by month for all reps together: who of the customers active in the last three months
//! orders again (retention), who is new, who orders twice (repurchase), on which days, and last how the month's
//! exact total falls onto the orders.

use super::buyers::{Month, choose, classes, decide_kept, decide_twice};
use super::calendar::{Day, JUL26, MONTHS, SEP26, day, iso, last_day, month_start, workdays};
use super::net::net_totals;
use super::rng::{Rng, split};
use super::roster::REPS;
use super::weeks;

pub struct Customer {
    pub rep: usize,
    pub first: Day,
    pub first_month: usize,
    pub last_month: usize,
}

pub struct Order {
    pub customer: usize,
    pub rep: usize,
    pub day: Day,
    /// Whole yuan; 0 until the month's total has been split.
    pub amount: i64,
    pub refunded: Option<Day>,
    /// Set for orders that a fact names, so that nothing else happens to them.
    pub pinned: bool,
}

pub struct World {
    pub rng: Rng,
    pub customers: Vec<Customer>,
    /// Customers by rep.
    pub book: Vec<Vec<usize>>,
    pub orders: Vec<Order>,
    /// Refunds by rep and month: what a month must book beyond its net total.
    pub refunds: Vec<[i64; MONTHS]>,
}

pub struct Files {
    pub orders: String,
    pub credits: String,
}

pub fn generate(seed: u64) -> Result<Files, String> {
    let mut w = World {
        rng: Rng(seed),
        customers: Vec::new(),
        book: vec![Vec::new(); REPS.len()],
        orders: Vec::new(),
        refunds: vec![[0; MONTHS]; REPS.len()],
    };
    let net = net_totals(&mut w.rng);
    let mut sum = [0i64; 2];
    #[allow(clippy::needless_range_loop)]
    for m in 0..MONTHS {
        let mut months = classes(&w, m);
        decide_kept(&mut w.rng, &mut months, m, &mut sum);
        for month in &mut months {
            choose(&mut w, month, m)?;
        }
        decide_twice(&mut w.rng, &mut months, m);
        for month in &months {
            let from = w.orders.len();
            if REPS[month.rep].id == "zhang-san" && m >= JUL26 {
                weeks::schedule(&mut w, month, m, net[month.rep][m])?;
            } else {
                schedule(&mut w, month, m);
                amounts(&mut w, month.rep, m, from, net[month.rep][m])?;
            }
            refund_some(&mut w, month.rep, m, from);
        }
    }
    write(&mut w)
}

pub fn new_customer(w: &mut World, rep: usize, m: usize, first: Day) -> usize {
    w.customers.push(Customer { rep, first, first_month: m, last_month: m });
    w.book[rep].push(w.customers.len() - 1);
    w.customers.len() - 1
}

pub fn order(w: &mut World, customer: usize, m: usize, day: Day) {
    let rep = w.customers[customer].rep;
    w.customers[customer].last_month = m;
    w.orders.push(Order { customer, rep, day, amount: 0, refunded: None, pinned: false });
}

fn schedule(w: &mut World, x: &Month, m: usize) {
    let days = workdays(m);
    if REPS[x.rep].id == "li-si" {
        let d = day(2026, 9, 16);
        let c = new_customer(w, x.rep, m, d);
        order(w, c, m, d);
        return;
    }
    for (k, c) in x.kept.iter().chain(&x.back).enumerate() {
        let mut times = if (k as i64) < x.twice { 2 } else { 1 };
        if times == 2 && w.rng.range(0, 5) == 0 {
            times = 3;
        }
        let mut free = days.clone();
        w.rng.shuffle(&mut free);
        for d in free.into_iter().take(times) {
            order(w, *c, m, d);
        }
    }
    for _ in 0..x.fresh {
        let d = days[w.rng.range(0, days.len() as i64 - 1) as usize];
        let c = new_customer(w, x.rep, m, d);
        order(w, c, m, d);
    }
}

/// Weights of order sizes: most small, some three times as large, first orders larger.
pub fn weights(w: &mut World, from: usize, m: usize) -> Vec<i64> {
    (from..w.orders.len())
        .map(|k| {
            let first = w.customers[w.orders[k].customer].first_month == m;
            // Some customers are large, and stay so.
            let large = 60 + (w.orders[k].customer as i64 * 7919) % 101;
            let size = w.rng.range(40, 130) * large / 10 * if w.rng.range(0, 9) == 0 { 3 } else { 1 };
            if first { size * 17 / 10 } else { size }
        })
        .collect()
}

fn amounts(w: &mut World, rep: usize, m: usize, from: usize, net: i64) -> Result<(), String> {
    let id = REPS[rep].id;
    let mut total = net + w.refunds[rep][m];
    let mut open: Vec<usize> = (from..w.orders.len()).collect();
    match (id, m) {
        ("feng-lei", JUL26) => {
            let twice = |k: usize| open.iter().filter(|j| w.orders[**j].customer == w.orders[k].customer).count() > 1;
            let Some(k) = open.iter().copied().find(|k| twice(*k)) else {
                return Err("feng-lei: nobody ordered twice in July".into());
            };
            pin(w, &mut open, k, 8_400);
            w.orders[k].refunded = Some(day(2026, 9, 8));
            w.refunds[rep][SEP26] += 8_400;
            total -= 8_400;
        }
        ("lv-ting", SEP26) => {
            let old = |k: &usize| w.customers[w.orders[*k].customer].first_month < SEP26;
            let Some(k) = open.iter().copied().find(old) else {
                return Err("lv-ting: no order in September".into());
            };
            pin(w, &mut open, k, 60_000);
            w.orders[k].day = day(2026, 9, 10);
            total -= 30_000;
        }
        ("tang-wei", SEP26) => total -= 30_000,
        _ => {}
    }
    let sizes = weights(w, from, m);
    if open.len() as i64 * 100 > total && id != "li-si" {
        return Err(format!("{id} month {m}: {total} on {} orders", open.len()));
    }
    let sizes: Vec<i64> = open.iter().map(|k| sizes[k - from]).collect();
    let mut parts = split(total, &sizes);
    if m == SEP26 && id != "lv-ting" && id != "li-si" {
        // September's weeks follow the month's pace, so that only who is behind looks behind.
        let starts = [day(2026, 9, 7), day(2026, 9, 14)];
        let week = |k: usize| starts.iter().filter(|d| w.orders[k].day >= **d).count();
        let tilt = w.rng.range(-30, 30);
        let plan = split(total, &[4 * (1000 - tilt), 5 * (1000 + tilt), 6 * 1000]);
        let weeks: Vec<Vec<usize>> =
            (0..3).map(|i| (0..open.len()).filter(|j| week(open[*j]) == i).collect()).collect();
        if weeks.iter().all(|v| !v.is_empty()) {
            for (members, sum) in weeks.iter().zip(plan) {
                let sizes: Vec<i64> = members.iter().map(|j| sizes[*j]).collect();
                for (j, v) in members.iter().zip(split(sum, &sizes)) {
                    parts[*j] = v;
                }
            }
        }
    }
    for (k, v) in open.into_iter().zip(parts) {
        w.orders[k].amount = v;
    }
    Ok(())
}

fn pin(w: &mut World, open: &mut Vec<usize>, k: usize, amount: i64) {
    w.orders[k].amount = amount;
    w.orders[k].pinned = true;
    open.retain(|j| *j != k);
}

/// A few orders come back in the next month.
fn refund_some(w: &mut World, rep: usize, m: usize, from: usize) {
    let named = ["zhang-san", "li-si", "wu-qian", "sun-li", "he-jing", "xu-lei", "feng-lei", "zheng-kai", "lv-ting"];
    if named.contains(&REPS[rep].id) || !(2..SEP26).contains(&m) || w.rng.range(0, 7) != 0 {
        return;
    }
    let total: i64 = w.orders[from..].iter().map(|o| o.amount).sum();
    let k = w.rng.range(from as i64, w.orders.len() as i64 - 1) as usize;
    let o = &w.orders[k];
    let later = w.orders[from..].iter().any(|p| p.customer == o.customer && p.day != o.day);
    if o.amount * 25 > total || !later || w.customers[o.customer].first_month == m {
        return;
    }
    let days = workdays(m + 1);
    let d = days[w.rng.range(0, days.len() as i64 / 2) as usize];
    w.refunds[rep][m + 1] += w.orders[k].amount;
    w.orders[k].refunded = Some(d);
}

const GOODS: [&str; 6] = ["beans-house", "beans-dark", "beans-single", "drip-bags", "syrup", "cups-lids"];

fn write(w: &mut World) -> Result<Files, String> {
    let mut by_day: Vec<usize> = (0..w.orders.len()).collect();
    by_day.sort_by_key(|k| (w.orders[*k].day, w.orders[*k].rep, *k));
    let mut names = vec![0usize; w.customers.len()];
    let mut seen = 0;
    let mut rows: Vec<(Day, usize, String)> = Vec::new();
    let mut credits = Vec::new();
    let machine_from = 15_000;
    for (n, k) in by_day.iter().enumerate() {
        let n = n + 1;
        let o = &w.orders[*k];
        if o.amount < 20 {
            return Err(format!("an order of {} on {} is worth {} yuan", REPS[o.rep].id, iso(o.day), o.amount));
        }
        if names[o.customer] == 0 {
            seen += 1;
            names[o.customer] = seen;
        }
        let kind = if o.day <= w.customers[o.customer].first + 30 { "new" } else { "returning" };
        let product = match o.amount {
            a if a >= machine_from => "machine",
            a if a >= 6_000 && w.rng.range(0, 2) == 0 => "grinder",
            _ => GOODS[w.rng.range(0, 5) as usize],
        };
        let margin = if product == "machine" { w.rng.range(660, 740) } else { w.rng.range(530, 680) };
        let cost = if w.rng.range(0, 13) == 0 { String::new() } else { format!("{}.00", o.amount * margin / 1000) };
        let who = REPS[o.rep].id;
        let row = |date: Day, event: &str| {
            format!(
                "Q{n:06},C{:05},{kind},{who},{},{}.00,{cost},CNY,{event},{product}\n",
                names[o.customer],
                iso(date),
                o.amount
            )
        };
        rows.push((o.day, n, row(o.day, "booked")));
        if let Some(d) = o.refunded.filter(|d| *d <= last_day()) {
            rows.push((d, n, row(d, "refunded")));
        }
        if who == "lv-ting" && o.pinned {
            credits.push(format!("Q{n:06},lv-ting,0.5,revenue\nQ{n:06},tang-wei,0.5,revenue\n"));
        }
        // Overlays: a colleague who helped to sell a machine in autumn 2025 is named, without a share of the revenue.
        let autumn = (month_start(6)..month_start(9)).contains(&o.day);
        if autumn && product == "machine" && credits.len() < 6 && ["tang-wei", "du-juan", "shen-yu"].contains(&who) {
            let helper = match who {
                "tang-wei" => "shi-lei",
                "du-juan" => "ren-jie",
                _ => "fan-li",
            };
            credits.push(format!("Q{n:06},{who},1,revenue\nQ{n:06},{helper},0.2,overlay\n"));
        }
    }
    rows.sort();
    let mut orders =
        String::from("order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n");
    orders.extend(rows.into_iter().map(|r| r.2));
    let mut text = String::from("order_id,person_id,share,role\n");
    text.extend(credits);
    Ok(Files { orders, credits: text })
}
