//! Owns who orders in a month: customers retained, new and won back, and who orders twice. Absent: days and amounts.

use super::calendar::{AUG26, JAN26, JUL26, SEP26};
use super::orders::World;
use super::rng::Rng;
use super::roster::{Pos, REPS};
use super::weeks;

/// A month of one rep, decided: who orders and how often.
#[derive(Default)]
pub struct Month {
    pub rep: usize,
    pub den: i64,
    pub num: i64,
    pub kept: Vec<usize>,
    pub back: Vec<usize>,
    pub fresh: i64,
    pub twice: i64,
}

/// Customers active at the start of month `m`, by how long ago they ordered: last month, two, three, longer.
fn aged(w: &World, rep: usize, m: usize) -> [Vec<usize>; 4] {
    let mut out: [Vec<usize>; 4] = Default::default();
    for c in &w.book[rep] {
        out[(m - w.customers[*c].last_month - 1).min(3)].push(*c);
    }
    out
}

pub fn classes(w: &World, m: usize) -> Vec<Month> {
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
pub fn decide_kept(rng: &mut Rng, months: &mut [Month], m: usize, sum: &mut [i64; 2]) {
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
pub fn fixed_fresh(id: &str, m: usize) -> Option<i64> {
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

pub fn choose(w: &mut World, x: &mut Month, m: usize) -> Result<(), String> {
    let r = &REPS[x.rep];
    let [mut a, mut b, mut c, mut dormant] = aged(w, x.rep, m);
    for v in [&mut a, &mut b, &mut c, &mut dormant] {
        w.rng.shuffle(v);
    }
    if r.id == "zhang-san" && m >= AUG26 {
        return weeks::choose(w, x, m, [a, b, c]);
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
pub fn decide_twice(rng: &mut Rng, months: &mut [Month], m: usize) {
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
