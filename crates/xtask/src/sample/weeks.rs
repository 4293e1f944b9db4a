//! Owns Zhang San's orders from July 2026 on, which facts fix by week and by customer type. Absent: everyone else.

use super::buyers::{Month, fixed_fresh};
use super::calendar::{AUG26, Day, JUL26, day, days_between};
use super::orders::{World, new_customer, order, weights};
use super::rng::split;

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
pub fn choose(w: &mut World, x: &mut Month, m: usize, aged: [Vec<usize>; 3]) -> Result<(), String> {
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

pub fn schedule(w: &mut World, x: &Month, m: usize, net: i64) -> Result<(), String> {
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
