//! Owns what happened: who bought from whom, when and for how much, built so that the facts of the sample company
//! hold exactly. Absent: the reckoning of those facts (see `check`), which reads only the files.
//!
//! The order of work, month by month for all reps together: who of the customers active in the last three months
//! orders again (retention), who is new, who orders twice (repurchase), on which days, and last how the month's
//! exact total falls onto the orders.

use super::calendar::{
    AUG26, Day, JAN26, JUL26, MONTHS, SEP26, day, days_between, iso, last_day, month_start, workdays,
};
use super::rng::{Rng, split};
use super::roster::{Pos, REPS, months26};

struct Customer {
    rep: usize,
    first: Day,
    first_month: usize,
    last_month: usize,
}

struct Order {
    customer: usize,
    rep: usize,
    day: Day,
    /// Whole yuan; 0 until the month's total has been split.
    amount: i64,
    refunded: Option<Day>,
    /// Set for orders that a fact names, so that nothing else happens to them.
    pinned: bool,
}

struct World {
    rng: Rng,
    customers: Vec<Customer>,
    /// Customers by rep.
    book: Vec<Vec<usize>>,
    orders: Vec<Order>,
    /// Refunds by rep and month: what a month must book beyond its net total.
    refunds: Vec<[i64; MONTHS]>,
}

/// A month of one rep, decided: who orders and how often.
#[derive(Default)]
struct Month {
    rep: usize,
    den: i64,
    num: i64,
    kept: Vec<usize>,
    back: Vec<usize>,
    fresh: i64,
    twice: i64,
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
                zhang_san(&mut w, month, m, net[month.rep][m])?;
            } else {
                schedule(&mut w, month, m);
                amounts(&mut w, month.rep, m, from, net[month.rep][m])?;
            }
            refund_some(&mut w, month.rep, m, from);
        }
    }
    write(&mut w)
}

// ---- money -----------------------------------------------------------------------------------------------------

/// Months whose net sales a fact fixes.
fn fixed_net(id: &str, m: usize) -> Option<i64> {
    const ZHANG: [i64; 9] = [338_000, 296_000, 341_000, 327_000, 334_000, 340_000, 371_000, 363_000, 161_700];
    Some(match (id, m) {
        ("zhang-san", _) if m >= JAN26 => ZHANG[m - JAN26],
        ("li-si", SEP26) => 100_000,
        ("wu-qian", AUG26) => 105_600,
        ("sun-li", AUG26) => 99_990,
        ("he-jing", AUG26) => 79_200,
        ("xu-lei", AUG26) => 202_400,
        ("feng-lei", JUL26) => 100_800,
        ("zheng-kai", JUL26 | AUG26) => 374_880,
        ("zheng-kai", SEP26) => 255_600,
        ("wu-qian", SEP26) => 76_200,
        ("he-jing", SEP26) => 72_600,
        ("sun-li", SEP26) => 68_900,
        ("guo-tao", SEP26) => 50_000,
        ("deng-min", SEP26) => 41_300,
        ("han-xue", SEP26) => 66_900,
        ("cao-yang", SEP26) => 65_600,
        ("peng-fei", SEP26) => 46_000,
        ("ye-qing", SEP26) => 42_500,
        ("su-yue", SEP26) => 56_700,
        ("feng-lei", SEP26) => 55_600,
        _ => return None,
    })
}

/// Net sales of 2026 up to the pinned date, by team.
const TO_DATE: [(&str, i64); 10] = [
    ("jia", 2_971_700),
    ("yi", 3_300_000),
    ("bing", 4_100_000),
    ("ding", 2_028_300),
    ("wu", 8_500_000),
    ("ji", 9_600_000),
    ("geng", 8_800_000),
    ("xin", 10_100_000),
    ("ren", 10_600_000),
    ("gui", 8_600_000),
];

/// January to August: the Spring Festival costs February eight working days.
const SEASON: [i64; 8] = [102, 84, 105, 101, 98, 103, 102, 103];

/// Whose total a month belongs to: the team of that month, not today's.
fn team_in(r: usize, m: usize) -> &'static str {
    if REPS[r].id == "he-jing" && m < JAN26 + 4 { "ding" } else { REPS[r].team }
}

/// Net sales by rep and month, in yuan.
fn net_totals(rng: &mut Rng) -> Vec<[i64; MONTHS]> {
    let mut net = vec![[0i64; MONTHS]; REPS.len()];
    let mut weight = vec![[0i64; MONTHS]; REPS.len()];
    for (i, r) in REPS.iter().enumerate() {
        let goals = months26(r);
        for m in r.start..MONTHS {
            let noise = rng.range(900, 1100);
            let goal = if m < JAN26 { r.goal } else { goals[m - JAN26] };
            if let Some(v) = fixed_net(r.id, m) {
                net[i][m] = v;
            } else if m < JAN26 {
                net[i][m] = goal * 86 * r.form * noise / 1_000_000 / 100 / 10 * 10;
            } else if m == SEP26 {
                net[i][m] = goal * 15 * r.pace / 22 / 1000 / 100 * 100;
            } else {
                // A first month in the job sells little.
                let ramp = if r.start == m && m > JAN26 { 5 } else { 10 };
                let season = if r.team == "gui" { 100 } else { SEASON[m - JAN26] };
                let form = if team_in(i, m) == r.team { r.form } else { 1000 };
                weight[i][m] = goal * form * noise * ramp * season / 100_000_000;
            }
        }
    }
    for (team, total) in TO_DATE {
        let mut cells = Vec::new();
        let mut rest = total;
        for (i, row) in weight.iter().enumerate() {
            for m in JAN26..MONTHS {
                if team_in(i, m) != team {
                    continue;
                }
                if row[m] > 0 {
                    cells.push((i, m));
                } else {
                    rest -= net[i][m];
                }
            }
        }
        let weights: Vec<i64> = cells.iter().map(|(i, m)| weight[*i][*m]).collect();
        for ((i, m), v) in cells.iter().zip(split(rest, &weights)) {
            net[*i][*m] = v;
        }
    }
    net
}

// ---- who orders --------------------------------------------------------------------------------------------------

/// Customers active at the start of month `m`, by how long ago they ordered: last month, two, three, longer.
fn aged(w: &World, rep: usize, m: usize) -> [Vec<usize>; 4] {
    let mut out: [Vec<usize>; 4] = Default::default();
    for c in &w.book[rep] {
        out[(m - w.customers[*c].last_month - 1).min(3)].push(*c);
    }
    out
}

fn classes(w: &World, m: usize) -> Vec<Month> {
    let active = REPS.iter().enumerate().filter(|(_, r)| r.start <= m);
    active
        .map(|(rep, _)| {
            let [a, b, c, _] = aged(w, rep, m);
            Month { rep, den: (a.len() + b.len() + c.len()) as i64, ..Month::default() }
        })
        .collect()
}

/// Retained customers that a fact fixes.
fn fixed_kept(id: &str, m: usize) -> Option<i64> {
    Some(match (id, m) {
        ("zhang-san", AUG26) => 75,
        ("zhang-san", SEP26) => 48,
        ("wu-qian", AUG26) => 39,
        ("sun-li", AUG26) => 46,
        ("he-jing", AUG26) => 30,
        ("xu-lei", AUG26) => 30,
        ("feng-lei", JUL26) => 35,
        ("han-xue", AUG26) => 56,
        ("cao-yang" | "peng-fei" | "ye-qing", AUG26) => 55,
        ("su-yue", AUG26) => 84,
        _ => return None,
    })
}

/// The size of a rep's active book that the start of month `m` should find. Exact where `strict`.
fn book_target(rep: usize, m: usize) -> i64 {
    let r = &REPS[rep];
    let end = if r.id == "feng-lei" { JUL26 } else { AUG26 };
    let counted = is_counted(r.id);
    let growth = match r.id {
        "zhang-san" => 30,
        "wu-qian" => 22,
        "jiang-bo" | "cai-yun" | "pan-long" => return r.seats * (m as i64 - r.start as i64).clamp(0, 3) / 3,
        _ if r.pos == Pos::Am => 3,
        _ if r.team == "bing" => 6,
        _ => 7,
    };
    // A little below the path until the month that is counted, so that it can be met from below.
    let slack = if counted && m < end { 4 } else { 0 };
    r.seats - slack - growth * (end as i64 - m as i64) / 10
}

fn is_counted(id: &str) -> bool {
    id == "feng-lei" || fixed_kept(id, AUG26).is_some()
}

fn strict(rep: usize, m: usize) -> bool {
    match REPS[rep].id {
        "feng-lei" => m == JUL26,
        id => m == AUG26 && fixed_kept(id, AUG26).is_some(),
    }
}

/// How many of the active customers order again.
fn decide_kept(rng: &mut Rng, months: &mut [Month], m: usize, sum: &mut [i64; 2]) {
    let mut free = Vec::new();
    let (mut den, mut num) = (0, 0);
    for (k, x) in months.iter_mut().enumerate() {
        let r = &REPS[x.rep];
        let lean = r.form.clamp(900, 1080) - 1000;
        let mut own = None;
        let rate = if r.pos == Pos::Am {
            let base = if r.id == "su-yue" { 800 } else { 880 };
            base + lean / 3 + rng.range(-20, 20)
        } else if r.team == "bing" {
            let rate = if m < JAN26 + 3 { 640 } else { 690 } + rng.range(-8, 8);
            own = Some(rate);
            rate
        } else if r.id == "zhang-san" {
            let rate = if m < JAN26 + 3 { 730 } else { 785 };
            own = Some(rate);
            rate
        } else if r.start > 0 {
            own = Some(740);
            740
        } else if ["feng-lei", "wu-qian"].contains(&r.id) {
            let rate = if r.id == "feng-lei" { 700 } else { 725 };
            own = Some(rate);
            rate
        } else {
            740 + lean / 2 + rng.range(-20, 20)
        };
        let rate = if m == SEP26 { rate * 74 / 100 } else { rate };
        let fixed = fixed_kept(r.id, m);
        x.num = fixed.unwrap_or((x.den * rate + 500) / 1000).min(x.den);
        if r.pos == Pos::Nb {
            den += x.den;
            num += x.num;
            if fixed.is_none() && own.is_none() && x.den > 0 {
                free.push(k);
            }
        }
    }
    if !(JAN26..=AUG26).contains(&m) {
        return;
    }
    // New-business reps together: 71 % in January to March, 78 % in April to August (the rule changed on 1 April).
    if m == JAN26 || m == JAN26 + 3 {
        *sum = [0, 0];
    }
    let want = match m {
        _ if m < JAN26 + 3 => ((sum[1] + den) * 710 + 500) / 1000 - sum[0],
        AUG26 => ((sum[1] + den) * 780 + 500) / 1000 - sum[0],
        _ => ((sum[1] + den) * 786 + 500) / 1000 - sum[0],
    };
    rng.shuffle(&mut free);
    let mut stuck = 0;
    let mut turn = 0;
    while num != want && stuck < free.len() {
        let x = &mut months[free[turn % free.len()]];
        turn += 1;
        if num < want && x.num * 100 < x.den * 94 {
            x.num += 1;
            num += 1;
            stuck = 0;
        } else if num > want && x.num * 100 > x.den * 40 {
            x.num -= 1;
            num -= 1;
            stuck = 0;
        } else {
            stuck += 1;
        }
    }
    sum[0] += num;
    sum[1] += den;
}

/// First orders that a fact fixes.
fn fixed_fresh(id: &str, m: usize) -> Option<i64> {
    Some(match (id, m) {
        ("zhang-san", AUG26) => 13,
        ("zhang-san", SEP26) => 5,
        ("li-si", SEP26) => 1,
        ("wu-qian", AUG26) => 11,
        ("wu-qian", SEP26) => 7,
        ("he-jing", AUG26) => 5,
        ("xu-lei", AUG26) => 4,
        ("feng-lei", JUL26) => 6,
        ("sun-li", AUG26) => 2,
        ("han-xue", AUG26) => 9,
        ("cao-yang" | "peng-fei", AUG26) => 8,
        ("ye-qing", AUG26) => 7,
        ("su-yue", AUG26) => 0,
        _ => return None,
    })
}

fn choose(w: &mut World, x: &mut Month, m: usize) -> Result<(), String> {
    let r = &REPS[x.rep];
    let [mut a, mut b, mut c, mut dormant] = aged(w, x.rep, m);
    for v in [&mut a, &mut b, &mut c, &mut dormant] {
        w.rng.shuffle(v);
    }
    if r.id == "zhang-san" && m >= AUG26 {
        return choose_zhang_san(w, x, m, [a, b, c]);
    }
    let (na, nb, nc) = (a.len() as i64, b.len() as i64, c.len() as i64);
    let next = book_target(x.rep, m + 1);
    // Until three months of history exist, everyone looks new: the customers the company already had.
    let opening = r.start == 0 && m < 3;
    let usual = if r.pos == Pos::Am {
        if r.start > 0 { w.rng.range(3, 5) } else { w.rng.range(0, 2) }
    } else {
        (r.new_goal * w.rng.range(70, 125) + 50) / 100
    };
    let usual = if r.id == "wu-qian" { w.rng.range(5, 7) } else { usual };
    let usual = if m == SEP26 { usual * 68 / 100 } else { usual };
    let fixed = fixed_fresh(r.id, m);
    x.fresh = match (opening, fixed) {
        (_, Some(v)) => v,
        (true, _) => {
            let share = [60, 88, 100][m];
            (book_target(x.rep, 3) * share / 100 - na - nb - nc).max(1)
        }
        _ => usual,
    };
    if x.num > x.den {
        return Err(format!("{} month {m}: {} of {} retained", r.id, x.num, x.den));
    }
    let mut back = if opening || m < 4 { 0 } else { w.rng.range(0, if r.team == "bing" { 4 } else { 2 }) };
    if r.id == "sun-li" && m == AUG26 {
        back = 2;
    }
    back = back.min(dormant.len() as i64);
    let exact = strict(x.rep, m + 1);
    let mut c_order = next - na - nb - x.fresh - back;
    if !opening && m < SEP26 && !strict(x.rep, m) {
        if c_order > nc.min(x.num) {
            let more = (c_order - nc.min(x.num)).min(dormant.len() as i64 - back).max(0);
            let more = if exact { more } else { more.min(3) };
            back += more;
            c_order -= more;
            if c_order > nc.min(x.num) && fixed.is_none() {
                let more = c_order - nc.min(x.num);
                let more = if exact { more } else { more.min(2) };
                x.fresh += more;
                c_order -= more;
            }
        }
        if c_order < 0 {
            let less = (-c_order).min(back);
            back -= less;
            c_order += less;
            let loose = if is_counted(r.id) { 0 } else { 8 };
            if c_order + loose < 0 && fixed.is_none() && r.start == 0 {
                let floor = if r.pos == Pos::Am || exact { 0 } else { (r.new_goal * 7 / 10).max(1) };
                let less = (-c_order).min((x.fresh - floor).max(0));
                x.fresh -= less;
                c_order += less;
            }
        }
        if exact && (c_order < 0 || c_order > nc.min(x.num)) {
            return Err(format!("{} month {m}: book {na}+{nb}+{nc} cannot reach {next} with {} new", r.id, x.fresh));
        }
    }
    let mut c_order = c_order.clamp(0, nc.min(x.num));
    // Enough of the two-months-old stay away, so that the next month can let go of some.
    let leave = x.fresh + 2;
    let mut b_order = (nb - leave).clamp(0, x.num - c_order);
    let mut a_order = x.num - c_order - b_order;
    if a_order > na {
        let more = (a_order - na).min(nb - b_order);
        b_order += more;
        a_order -= more;
    }
    if a_order > na {
        let more = (a_order - na).min(nc - c_order);
        if exact && more > 0 {
            return Err(format!("{} month {m}: retained {} needs the lapsing", r.id, x.num));
        }
        c_order += more;
        a_order -= more;
    }
    x.kept.extend(a.into_iter().take(a_order as usize));
    x.kept.extend(b.into_iter().take(b_order as usize));
    x.kept.extend(c.into_iter().take(c_order as usize));
    w.rng.shuffle(&mut x.kept);
    x.back.extend(dormant.into_iter().take(back as usize));
    Ok(())
}

/// Who orders twice in the month.
fn decide_twice(rng: &mut Rng, months: &mut [Month], m: usize) {
    let geng = |id: &str| ["xia-he", "zhong-hua", "tian-tian", "wang-lei"].contains(&id);
    for group in 0..2 {
        // Geng's four were trained in April; the nine others of Wu, Ji, Xin and Ren were not.
        let want = match (group, m) {
            (0, 0..=11) => 410,
            (0, 12) => 460,
            (0, _) => 520,
            (_, 0..=11) => 420,
            (_, 12) => 430,
            _ => 440,
        };
        let mut members = Vec::new();
        let (mut all, mut two) = (0, 0);
        for (k, x) in months.iter_mut().enumerate() {
            let r = &REPS[x.rep];
            let nine = ["wu", "ji", "xin", "ren"].contains(&r.team);
            if r.pos != Pos::Am || !((group == 0 && geng(r.id)) || (group == 1 && nine)) {
                continue;
            }
            let d = x.num + x.fresh + x.back.len() as i64;
            x.twice = ((d * (want + rng.range(-40, 40)) + 500) / 1000).min(x.num);
            all += d;
            two += x.twice;
            members.push(k);
        }
        let want = (all * want + 500) / 1000;
        for turn in 0..400 {
            let x = &mut months[members[turn % members.len()]];
            if two < want && x.twice < x.num {
                x.twice += 1;
                two += 1;
            } else if two > want && x.twice > 0 {
                x.twice -= 1;
                two -= 1;
            }
        }
    }
    for x in months.iter_mut() {
        let r = &REPS[x.rep];
        let d = x.num + x.fresh + x.back.len() as i64;
        let rate = match (r.id, r.pos, r.team) {
            ("sun-li", _, _) => 470 + rng.range(-10, 10),
            (_, Pos::Am, "yi" | "ding" | "gui") => 450 + rng.range(-40, 50),
            (_, Pos::Am, "bing") => 300 + rng.range(-20, 20),
            (_, Pos::Am, _) => continue,
            (_, _, "bing") => 110 + rng.range(-20, 20),
            _ => 190 + rng.range(-30, 30),
        };
        let rate = if m == SEP26 && r.pos == Pos::Am { rate * 70 / 100 } else { rate };
        x.twice = ((d * rate + 500) / 1000).min(x.num);
        if r.id == "sun-li" && m == AUG26 {
            x.twice = 24;
        }
        if r.id == "feng-lei" && m == JUL26 {
            x.twice = x.twice.max(3);
        }
    }
}

// ---- when and how much -------------------------------------------------------------------------------------------

fn new_customer(w: &mut World, rep: usize, m: usize, first: Day) -> usize {
    w.customers.push(Customer { rep, first, first_month: m, last_month: m });
    w.book[rep].push(w.customers.len() - 1);
    w.customers.len() - 1
}

fn order(w: &mut World, customer: usize, m: usize, day: Day) {
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
fn weights(w: &mut World, from: usize, m: usize) -> Vec<i64> {
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

// ---- Zhang San's weeks -------------------------------------------------------------------------------------------

/// A stretch of days with its orders: first day, last day, of customers in their first 30 days (how many of them
/// first orders, how many second ones, yuan), of others (how many, yuan).
struct Stretch {
    from: Day,
    to: Day,
    firsts: usize,
    seconds: usize,
    new_yuan: i64,
    old: usize,
    old_yuan: i64,
}

fn stretches(m: usize) -> Vec<Stretch> {
    let s = |a: (i64, i64), b: (i64, i64), n: [i64; 5]| Stretch {
        from: day(2026, a.0, a.1),
        to: day(2026, b.0, b.1),
        firsts: n[0] as usize,
        seconds: n[1] as usize,
        new_yuan: n[2],
        old: n[3] as usize,
        old_yuan: n[4],
    };
    match m {
        JUL26 => vec![s((7, 20), (7, 24), [3, 1, 37_500, 19, 48_900]), s((7, 27), (7, 31), [3, 1, 39_000, 18, 47_400])],
        AUG26 => vec![
            s((8, 3), (8, 7), [4, 1, 43_000, 17, 43_000]),
            s((8, 10), (8, 14), [3, 1, 38_000, 18, 45_000]),
            s((8, 17), (8, 21), [3, 1, 37_000, 19, 47_000]),
            s((8, 24), (8, 28), [3, 1, 38_000, 18, 47_000]),
            s((8, 31), (8, 31), [0, 1, 9_500, 5, 15_500]),
        ],
        _ => vec![
            s((9, 1), (9, 4), [3, 1, 37_000, 14, 37_000]),
            s((9, 7), (9, 11), [1, 1, 17_000, 16, 29_200]),
            s((9, 14), (9, 20), [1, 0, 3_800, 16, 37_700]),
        ],
    }
}

/// Customers of Zhang San whose first order fell between two days.
fn firsts_in(w: &World, rep: usize, from: Day, to: Day) -> Vec<usize> {
    w.book[rep].iter().copied().filter(|c| (from..=to).contains(&w.customers[*c].first)).collect()
}

/// August and September: the customers whose second order still counts as new come first in `kept`, in the order
/// in which the stretches need them; then those for the other orders.
fn choose_zhang_san(w: &mut World, x: &mut Month, m: usize, aged: [Vec<usize>; 3]) -> Result<(), String> {
    let rep = x.rep;
    let (y, d) = (2026, day);
    let need = if m == AUG26 {
        let week3 = firsts_in(w, rep, d(y, 7, 20), d(y, 7, 24));
        let week4 = firsts_in(w, rep, d(y, 7, 27), d(y, 7, 31));
        vec![week3.first().copied(), week3.get(1).copied(), week4.first().copied()]
    } else {
        let a = firsts_in(w, rep, d(y, 8, 17), d(y, 8, 21));
        let b = firsts_in(w, rep, d(y, 8, 24), d(y, 8, 28));
        vec![a.first().copied(), b.first().copied()]
    };
    let need: Vec<usize> = need.into_iter().flatten().collect();
    let want = x.num as usize - need.len();
    // In August those first seen early in July are old enough from the 18th on: they go last, into the late weeks.
    let young = if m == AUG26 { d(y, 7, 1) } else { d(y, 8, 1) };
    let mut others: Vec<usize> = aged.concat();
    others.retain(|c| w.customers[*c].first < young);
    let mut late = if m == AUG26 { firsts_in(w, rep, d(y, 7, 1), d(y, 7, 17)) } else { Vec::new() };
    late.truncate(6);
    if others.len() + late.len() < want {
        return Err(format!("zhang-san month {m}: only {} + {} to retain", others.len(), late.len()));
    }
    others.truncate(want - late.len());
    x.fresh = fixed_fresh("zhang-san", m).unwrap_or(0);
    x.kept = need;
    x.kept.extend(others);
    x.kept.extend(late);
    Ok(())
}

fn zhang_san(w: &mut World, x: &Month, m: usize, net: i64) -> Result<(), String> {
    let parts = stretches(m);
    let rep = x.rep;
    let olds: usize = parts.iter().map(|s| s.old).sum();
    let mut old = Vec::new();
    let mut seconds = Vec::new();
    if m == JUL26 {
        let (ripe, young): (Vec<usize>, Vec<usize>) =
            x.kept.iter().partition(|c| w.customers[**c].first < day(2026, 6, 18));
        if ripe.len() < olds {
            return Err(format!("zhang-san July: {} of {olds} ripe customers", ripe.len()));
        }
        old.extend(&ripe[..olds]);
        // The first half of July: everyone else, some of them twice, and the other new customers.
        let days = days_between(day(2026, 7, 1), day(2026, 7, 17));
        let from = w.orders.len();
        let spread: i64 = parts.iter().map(|s| s.new_yuan + s.old_yuan).sum();
        for _ in 0..(x.fresh - 6).max(2) {
            let d = days[w.rng.range(0, days.len() as i64 - 1) as usize];
            let c = new_customer(w, rep, m, d);
            order(w, c, m, d);
            seconds.push(c);
        }
        let early = ripe[olds..].iter().chain(&young).chain(&x.back).chain(&ripe[..9]);
        for c in early.copied().collect::<Vec<_>>() {
            let d = days[w.rng.range(0, days.len() as i64 - 1) as usize];
            order(w, c, m, d);
        }
        let sizes = weights(w, from, m);
        for (k, v) in split(net - spread, &sizes).into_iter().enumerate() {
            w.orders[from + k].amount = v;
        }
    } else {
        let needed = if m == AUG26 { 3 } else { 2 };
        seconds.extend(&x.kept[..needed]);
        let rest = &x.kept[needed..];
        // Repeats: those at the front, once more in the last stretches before the late ones.
        let extra = olds - rest.len().min(olds);
        let late = if m == AUG26 { 6 } else { 0 };
        let (front, tail) = rest.split_at(rest.len() - late);
        old.extend(front);
        old.extend(&front[..extra]);
        old.extend(tail);
    }
    let mut old = old.into_iter();
    let mut fresh_by_stretch: Vec<Vec<usize>> = Vec::new();
    for (i, s) in parts.iter().enumerate() {
        let days = days_between(s.from, s.to);
        let pick = |w: &mut World, k: usize| days[(k + w.rng.range(0, 1) as usize) % days.len()];
        let from = w.orders.len();
        let mut fresh = Vec::new();
        for k in 0..s.firsts {
            let d = pick(w, k * 2);
            let c = new_customer(w, rep, m, d);
            order(w, c, m, d);
            fresh.push(c);
        }
        fresh_by_stretch.push(fresh);
        for k in 0..s.seconds {
            // In late August the first customers of the same month come again.
            let c = match (m, i) {
                (AUG26, 3) => fresh_by_stretch[0].first().copied(),
                (AUG26, 4) => fresh_by_stretch[1].first().copied(),
                _ if seconds.is_empty() => None,
                _ => Some(seconds.remove(0)),
            };
            let Some(c) = c else { return Err(format!("zhang-san month {m}: nobody for a second order")) };
            let d = pick(w, k + 3);
            order(w, c, m, d);
        }
        let sizes: Vec<i64> = (from..w.orders.len()).map(|_| w.rng.range(60, 140)).collect();
        for (k, v) in split(s.new_yuan, &sizes).into_iter().enumerate() {
            w.orders[from + k].amount = v;
        }
        let from = w.orders.len();
        for k in 0..s.old {
            let Some(c) = old.next() else { return Err(format!("zhang-san month {m}: too few returning")) };
            let d = pick(w, k);
            order(w, c, m, d);
        }
        let sizes: Vec<i64> = (from..w.orders.len()).map(|_| w.rng.range(50, 150)).collect();
        for (k, v) in split(s.old_yuan, &sizes).into_iter().enumerate() {
            w.orders[from + k].amount = v;
        }
    }
    Ok(())
}

// ---- files -------------------------------------------------------------------------------------------------------

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
