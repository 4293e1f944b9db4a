//! Owns the check of the written files against the facts of the sample company (`docs`: "Sample company"). It reads
//! only the files and reckons by the product's rules. Absent: anything the generator knows.
//!
//! Where a fact names no period, this is the one meant: scores and new customers of item 4 to 7, He Jing's 84.10 and
//! Xu Lei's 84.60, and team Bing's 128 % and 305/500 are of August 2026; Zheng Kai's 142 % holds in July, August
//! and, against the plan to date, in September; item 10 compares January–March with April–August 2026 over all
//! new-business reps, ratio of sums; item 11 compares January–March with May–August, Geng's four account managers
//! with the nine of Wu, Ji, Xin and Ren.

use std::collections::{BTreeMap, BTreeSet};

struct Row {
    order: String,
    customer: String,
    kind: String,
    person: String,
    date: String,
    fen: i64,
    booked: bool,
}

struct Books {
    orders: Vec<Row>,
    /// Revenue shares in thousandths by order; orders not named belong to their person.
    credits: BTreeMap<String, Vec<(String, i64)>>,
    /// person, unit, from, to (inclusive, empty when open).
    assignments: Vec<[String; 4]>,
    base: BTreeMap<String, i64>,
    position: BTreeMap<String, String>,
    parent: BTreeMap<String, String>,
    /// goal id and period.
    targets: BTreeMap<(String, String), i64>,
    goal_parent: BTreeMap<String, String>,
    names: BTreeSet<String>,
    /// Booked orders of each customer: date, order id, credited person.
    history: BTreeMap<String, Vec<(String, String, String)>>,
}

fn table(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).map(|l| l.split(',').collect()).collect()
}

/// `12.5` with `digits` 2 is 1250.
fn fixed(s: &str, digits: usize) -> Result<i64, String> {
    let (whole, part) = s.split_once('.').unwrap_or((s, ""));
    let part = format!("{part:0<digits$}");
    if part.len() != digits {
        return Err(format!("number {s}"));
    }
    format!("{whole}{part}").parse().map_err(|_| format!("number {s}"))
}

fn file<'a>(files: &'a [(&'static str, String)], name: &str) -> Result<&'a str, String> {
    files.iter().find(|f| f.0 == name).map(|f| f.1.as_str()).ok_or_else(|| format!("no {name}"))
}

impl Books {
    fn read(files: &[(&'static str, String)]) -> Result<Books, String> {
        let mut b = Books {
            orders: Vec::new(),
            credits: BTreeMap::new(),
            assignments: Vec::new(),
            base: BTreeMap::new(),
            position: BTreeMap::new(),
            parent: BTreeMap::new(),
            targets: BTreeMap::new(),
            goal_parent: BTreeMap::new(),
            names: BTreeSet::new(),
            history: BTreeMap::new(),
        };
        for r in table(file(files, "units.csv")?) {
            b.parent.insert(r[0].into(), r[3].into());
        }
        for r in table(file(files, "people.csv")?) {
            b.assignments.push([r[0].into(), r[3].into(), r[7].into(), r[8].into()]);
            b.base.insert(r[0].into(), fixed(r[6], 2)?);
            b.position.insert(r[0].into(), r[4].into());
            b.names.insert(r[0].into());
        }
        for r in table(file(files, "goals.csv")?) {
            b.targets.insert((r[0].into(), r[4].into()), fixed(r[5], 2)?);
            b.goal_parent.insert(r[0].into(), r[1].into());
        }
        for r in table(file(files, "credits.csv")?) {
            if r[3] == "revenue" {
                b.credits.entry(r[0].into()).or_default().push((r[1].into(), fixed(r[2], 3)?));
            }
        }
        for r in table(file(files, "orders.csv")?) {
            b.orders.push(Row {
                order: r[0].into(),
                customer: r[1].into(),
                kind: r[2].into(),
                person: r[3].into(),
                date: r[4].into(),
                fen: fixed(r[5], 2)?,
                booked: r[8] == "booked",
            });
        }
        for o in b.orders.iter().filter(|o| o.booked) {
            let who = match b.credits.get(&o.order) {
                // The largest share; the order's own person when two are equal.
                Some(shares) => match shares.iter().max_by_key(|s| (s.1, s.0 == o.person)) {
                    Some(s) => s.0.clone(),
                    None => o.person.clone(),
                },
                None => o.person.clone(),
            };
            b.history.entry(o.customer.clone()).or_default().push((o.date.clone(), o.order.clone(), who));
        }
        b.history.values_mut().for_each(|h| h.sort());
        Ok(b)
    }

    fn under(&self, unit: &str, top: &str) -> bool {
        let mut at = unit;
        loop {
            if at == top {
                return true;
            }
            match self.parent.get(at) {
                Some(p) if !p.is_empty() => at = p,
                _ => return false,
            }
        }
    }

    fn member(&self, person: &str, unit: &str, date: &str) -> bool {
        self.assignments.iter().any(|[p, u, from, to]| {
            p == person && self.under(u, unit) && from.as_str() <= date && (to.is_empty() || date <= to.as_str())
        })
    }

    /// Net credited amount in thousandths of a fen of the orders that `take` accepts (person, row).
    fn net(&self, from: &str, to: &str, take: impl Fn(&str, &Row) -> bool) -> i64 {
        let mut sum = 0;
        for o in self.orders.iter().filter(|o| o.date.as_str() >= from && o.date.as_str() <= to) {
            let sign = if o.booked { 1 } else { -1 };
            let own = vec![(o.person.clone(), 1000)];
            for (person, share) in self.credits.get(&o.order).unwrap_or(&own) {
                if take(person, o) {
                    sum += sign * o.fen * share;
                }
            }
        }
        sum / 1000
    }

    /// Sales of a person in fen; dates inclusive.
    fn sales(&self, person: &str, from: &str, to: &str) -> i64 {
        self.net(from, to, |p, _| p == person)
    }

    fn unit_sales(&self, unit: &str, from: &str, to: &str) -> i64 {
        self.net(from, to, |p, o| self.member(p, unit, &o.date))
    }

    fn fresh(&self, person: &str, from: &str, to: &str) -> i64 {
        let first = |h: &&Vec<(String, String, String)>| {
            h.first().is_some_and(|f| f.2 == person && f.0.as_str() >= from && f.0.as_str() <= to)
        };
        self.history.values().filter(first).count() as i64
    }

    fn retention(&self, person: &str, from: &str, to: &str) -> (i64, i64) {
        let window = back3(from);
        let (mut num, mut den) = (0, 0);
        for h in self.history.values() {
            let before: Vec<_> = h.iter().filter(|o| o.0.as_str() < from).collect();
            let Some(last) = before.last() else { continue };
            if last.2 == person && last.0.as_str() >= window.as_str() {
                den += 1;
                num += i64::from(h.iter().any(|o| o.0.as_str() >= from && o.0.as_str() <= to));
            }
        }
        (num, den)
    }

    fn repurchase(&self, person: &str, from: &str, to: &str) -> (i64, i64) {
        let (mut num, mut den) = (0, 0);
        for h in self.history.values() {
            let n = h.iter().filter(|o| o.2 == person && o.0.as_str() >= from && o.0.as_str() <= to).count();
            den += i64::from(n > 0);
            num += i64::from(n > 1);
        }
        (num, den)
    }

    fn target(&self, goal: &str, period: &str) -> i64 {
        self.targets.get(&(goal.into(), period.into())).copied().unwrap_or(0)
    }

    fn month_goal(&self, owner: &str, month: &str) -> i64 {
        self.target(&format!("g26-{owner}"), month)
    }

    /// Planned to date of the year 2026 on 21 September, times 22.
    fn planned22(&self, owner: &str) -> i64 {
        let done: i64 = (1..=8).map(|m| self.month_goal(owner, &format!("2026-{m:02}"))).sum();
        done * 22 + self.month_goal(owner, "2026-09") * 15
    }

    fn reps(&self, position: &str) -> Vec<&str> {
        self.position.iter().filter(|p| p.1 == position).map(|p| p.0.as_str()).collect()
    }
}

fn back3(from: &str) -> String {
    let y: i64 = from[..4].parse().unwrap_or(0);
    let m: i64 = from[5..7].parse().unwrap_or(0);
    let k = y * 12 + m - 1 - 3;
    format!("{:04}-{:02}-01", k / 12, k % 12 + 1)
}

/// Percent with two digits, half away from zero, as hundredths.
fn pct(num: i64, den: i64) -> i64 {
    if den == 0 { 0 } else { (num as i128 * 20_000 / den as i128 + 1).div_euclid(2) as i64 }
}

fn whole(num: i64, den: i64) -> i64 {
    (pct(num, den) + 50) / 100
}

/// Weight × capped attainment in hundredths of a point.
fn points(parts: &[(i64, i64, i64)]) -> i64 {
    let mut sum = 0i128;
    for (weight, num, den) in parts {
        let (n, d) = if num > den { (1, 1) } else { (*num, (*den).max(1)) };
        // Kept to nine digits; every component here ends before that.
        sum += i128::from(*weight) * i128::from(n) * 1_000_000_000 / i128::from(d);
    }
    ((sum + 5_000_000) / 10_000_000) as i64
}

struct Findings(Vec<String>);

impl Findings {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, got: T, want: T) {
        if got != want {
            self.0.push(format!("{what}: {got:?}, should be {want:?}"));
        }
    }

    fn holds(&mut self, what: &str, ok: bool) {
        if !ok {
            self.0.push(what.into());
        }
    }
}

const AUG: (&str, &str) = ("2026-08-01", "2026-08-31");
const YEAR: (&str, &str) = ("2026-01-01", "2026-09-20");
const SEP: (&str, &str) = ("2026-09-01", "2026-09-20");
const YUAN: i64 = 100;

/// Every fact that does not hold.
pub fn verify(files: &[(&'static str, String)]) -> Result<Vec<String>, String> {
    let b = Books::read(files)?;
    let mut f = Findings(Vec::new());
    shape(&b, files, &mut f)?;
    goals(&b, &mut f);
    units(&b, &mut f);
    zhang_san(&b, &mut f);
    scores(&b, &mut f);
    today(&b, &mut f);
    groups(&b, &mut f);
    Ok(f.0)
}

fn shape(b: &Books, files: &[(&'static str, String)], f: &mut Findings) -> Result<(), String> {
    f.same("people", b.names.len(), 60);
    f.same("new-business reps", b.reps("new_business").len(), 25);
    f.same("account managers", b.reps("account_manager").len(), 20);
    for (unit, n) in [("A", 17), ("B", 14), ("C", 14), ("jia", 2), ("yi", 5), ("bing", 5), ("ding", 5)] {
        let rep = |p: &&String| ["new_business", "account_manager"].contains(&b.position[*p].as_str());
        let here = b.names.iter().filter(rep).filter(|p| b.member(p, unit, "2026-09-21")).count();
        f.same(&format!("reps in {unit}"), here, n);
    }
    let mut seen = BTreeSet::new();
    let mut last = (String::new(), String::new());
    for o in &b.orders {
        f.holds(&format!("{} twice", o.order), seen.insert((&o.order, o.booked, &o.date)));
        let key = (o.date.clone(), o.order.clone());
        f.holds(&format!("{} out of order", o.order), last < key);
        last = key;
        f.holds(&format!("{} not positive", o.order), o.fen > 0);
        f.holds(&format!("{} by unknown {}", o.order, o.person), b.names.contains(&o.person));
        f.holds(&format!("{} outside employment", o.order), b.member(&o.person, "company", &o.date));
    }
    let range = (b.orders.first().map(|o| o.date.as_str()), b.orders.last().map(|o| o.date.as_str()));
    f.same("dates", range, (Some("2025-04-01"), Some("2026-09-20")));
    for (order, shares) in &b.credits {
        f.same(&format!("credits of {order}"), shares.iter().map(|s| s.1).sum::<i64>(), 1000);
    }
    for h in b.history.values() {
        let kind = |id: &str| b.orders.iter().find(|o| o.order == id).map(|o| o.kind.clone());
        if h.len() == 1 && h[0].0.as_str() > "2026-09-18" {
            f.same("a first order's customer type", kind(&h[0].1), Some("new".into()));
        }
    }
    for name in ["notes.csv", "metrics.csv"] {
        for r in table(file(files, name)?) {
            let who: &[&str] = if name == "notes.csv" { &r[1..3] } else { &r[..1] };
            for p in who {
                f.holds(&format!("{name}: unknown {p}"), b.names.contains(*p));
            }
        }
    }
    let kai = file(files, "metrics.csv")?.lines().any(|l| l == "zheng-kai,teamwork_score,2026-Q3,12.6,6");
    f.holds("Zheng Kai's teamwork is 12.6 of 6", kai);
    Ok(())
}

fn goals(b: &Books, f: &mut Findings) {
    for ((id, period), total) in b.targets.iter().filter(|t| t.0.1.len() == 4) {
        let months: Vec<i64> = (1..=12).map(|m| b.target(id, &format!("{period}-{m:02}"))).collect();
        if id.ends_with("-repurchase_rate") {
            f.holds(&format!("{id} months"), months.iter().all(|m| m == total));
        } else {
            f.same(&format!("{id} months"), months.iter().sum::<i64>(), *total);
        }
    }
    for (tag, year) in [("g26", "2026"), ("g27", "2027")] {
        let children = |parent: &str| -> i64 {
            let of = |g: &(&String, &String)| g.1 == &format!("{tag}-{parent}");
            b.goal_parent.iter().filter(of).map(|g| b.target(g.0, year)).sum()
        };
        let own = |o: &str| b.target(&format!("{tag}-{o}"), year);
        for (owner, goal, reserve) in [
            ("company", 100_000_000, 2_000_000),
            ("A", 20_000_000, 200_000),
            ("B", 36_000_000, 0),
            ("C", 42_000_000, -400_000),
            ("jia", 4_000_000, -600_000),
        ] {
            f.same(&format!("{tag}-{owner}"), own(owner), goal * YUAN);
            f.same(&format!("{tag}-{owner} reserve"), own(owner) - children(owner), reserve * YUAN);
        }
        for (team, goal) in [("yi", 600), ("bing", 520), ("ding", 460), ("wu", 1100), ("ji", 1300), ("geng", 1200)] {
            f.same(&format!("{tag}-{team}"), own(team), goal * 10_000 * YUAN);
        }
    }
    f.same("2027 Zhang San", b.target("g27-zhang-san", "2027-05"), 330_000 * YUAN);
    f.same("Gui February", b.month_goal("gui", "2026-02") * 100, b.month_goal("gui", "2026") * 4);
    f.same("Gui November", b.month_goal("gui", "2026-11") * 100, b.month_goal("gui", "2026") * 12);
}

fn units(b: &Books, f: &mut Findings) {
    for (unit, yuan, pace) in [
        ("company", 68_600_000, 95),
        ("A", 12_400_000, 86),
        ("B", 26_900_000, 103),
        ("C", 29_300_000, 96),
        ("jia", 2_971_700, 103),
        ("yi", 3_300_000, 76),
        ("bing", 4_100_000, 109),
        ("ding", 2_028_300, 61),
    ] {
        let got = b.unit_sales(unit, YEAR.0, YEAR.1);
        f.same(&format!("{unit} to date"), got, yuan * YUAN);
        f.same(&format!("{unit} pace"), whole(got * 22, b.planned22(unit)), pace);
    }
}

fn zhang_san(b: &Books, f: &mut Findings) {
    let z = "zhang-san";
    f.same("Zhang San January to August", b.sales(z, "2026-01-01", AUG.1), 2_710_000 * YUAN);
    f.same("Zhang San August", b.sales(z, AUG.0, AUG.1), 363_000 * YUAN);
    f.same("Zhang San August new", b.fresh(z, AUG.0, AUG.1), 13);
    f.same("Zhang San August retention", b.retention(z, AUG.0, AUG.1), (75, 90));
    f.same("Zhang San September new", b.fresh(z, SEP.0, SEP.1), 5);
    for (from, to, yuan) in
        [("2026-09-01", "2026-09-06", 74_000), ("2026-09-07", "2026-09-13", 46_200), ("2026-09-14", SEP.1, 41_500)]
    {
        f.same(&format!("Zhang San week to {to}"), b.sales(z, from, to), yuan * YUAN);
    }
    let by_kind = |from: &str, to: &str, kind: &str| {
        let mut n = 0;
        for o in &b.orders {
            let dated = o.date.as_str() >= from && o.date.as_str() <= to;
            n += i64::from(o.person == z && dated && o.kind == kind && o.booked);
        }
        (n, b.net(from, to, |p, o| p == z && o.kind == kind) / YUAN)
    };
    f.same("Zhang San last week new", by_kind("2026-09-14", SEP.1, "new"), (1, 3_800));
    f.same("Zhang San last week returning", by_kind("2026-09-14", SEP.1, "returning"), (16, 37_700));
    f.same("Zhang San eight weeks new", by_kind("2026-07-20", "2026-09-13", "new"), (32, 29_6000));
    f.same("Zhang San eight weeks returning", by_kind("2026-07-20", "2026-09-13", "returning"), (144, 360_000));
    let year = b.sales(z, YEAR.0, YEAR.1);
    f.same("Zhang San year pace", whole(year * 22, b.planned22(z)), 100);
    f.same("Zhang San year attainment", (pct(year, b.month_goal(z, "2026")) + 5) / 10, 725);
}

fn scores(b: &Books, f: &mut Findings) {
    let new_business = |p: &str, month: &str, to: &str, back: i64| {
        let from = format!("{month}-01");
        let (kept, of) = b.retention(p, &from, to);
        points(&[
            (40, b.fresh(p, &from, to), b.target(&format!("g26-{p}-new_customers"), month) / 100),
            (30, b.sales(p, &from, to) - back, b.month_goal(p, month)),
            (30, kept, of),
        ])
    };
    for (p, base, score, fresh) in [
        ("zhang-san", 12_000, 9_500, (13, 10)),
        ("wu-qian", 10_000, 9_220, (11, 10)),
        ("he-jing", 10_500, 8_410, (5, 5)),
        ("xu-lei", 11_000, 8_460, (4, 5)),
    ] {
        f.same(&format!("{p} base"), b.base[p], base * YUAN);
        f.same(&format!("{p} August score"), new_business(p, "2026-08", AUG.1, 0), score);
        let goal = b.target(&format!("g26-{p}-new_customers"), "2026-08") / 100;
        f.same(&format!("{p} August new"), (b.fresh(p, AUG.0, AUG.1), goal), fresh);
    }
    let share = |p: &str| pct(b.sales(p, AUG.0, AUG.1), b.month_goal(p, "2026-08"));
    f.same("Wu Qian August sales", share("wu-qian"), 9_600);
    f.same("Wu Qian August retention", b.retention("wu-qian", AUG.0, AUG.1), (39, 50));

    let s = "sun-li";
    let (kept, twice) = (b.retention(s, AUG.0, AUG.1), b.repurchase(s, AUG.0, AUG.1));
    f.same("Sun Li base", b.base[s], 9_000 * YUAN);
    f.same("Sun Li August retention", kept, (46, 50));
    f.same("Sun Li August repurchase", twice, (24, 50));
    f.same("Sun Li August sales", share(s), 10_100);
    let goal = b.target("g26-sun-li-repurchase_rate", "2026-08");
    let sales = (30, b.sales(s, AUG.0, AUG.1), b.month_goal(s, "2026-08"));
    f.same("Sun Li August score", points(&[(40, kept.0, kept.1), (30, twice.0 * 100, twice.1 * goal), sales]), 9_560);

    let l = "feng-lei";
    f.same("Feng Lei base", b.base[l], 11_000 * YUAN);
    f.same("Feng Lei July goal", b.month_goal(l, "2026-07"), 120_000 * YUAN);
    f.same("Feng Lei July score", new_business(l, "2026-07", "2026-07-31", 0), 8_620);
    f.same("Feng Lei July score after the refund", new_business(l, "2026-07", "2026-07-31", 8_400 * YUAN), 8_410);
    let back: Vec<_> = b.orders.iter().filter(|o| o.person == l && !o.booked).map(|o| (&o.date[..], o.fen)).collect();
    f.same("Feng Lei's refunds", back, vec![("2026-09-08", 8_400 * YUAN)]);
    let sold = |o: &&Row| o.person == l && o.booked && o.date.starts_with("2026-07") && o.fen == 8_400 * YUAN;
    f.same("Feng Lei's refunded order in July", b.orders.iter().filter(sold).count(), 1);

    let k = "zheng-kai";
    f.same("Zheng Kai August sales", share(k), 14_200);
    let july = pct(b.sales(k, "2026-07-01", "2026-07-31"), b.month_goal(k, "2026-07"));
    f.same("Zheng Kai July sales", july, 14_200);
    f.same("Zheng Kai September", pct(b.sales(k, SEP.0, SEP.1) * 22, b.month_goal(k, "2026-09") * 15), 14_200);
}

fn today(b: &Books, f: &mut Findings) {
    let team: Vec<&String> = b
        .names
        .iter()
        .filter(|p| b.position[*p] != "team_lead")
        .filter(|p| ["jia", "yi", "bing"].iter().any(|u| b.member(p, u, "2026-09-21")))
        .collect();
    f.same("Li Na's people", team.len(), 12);
    let (mut actual, mut goal, mut gap22) = (0, 0, 0);
    let mut status = [0; 4];
    let mut largest = (0, String::new());
    for p in &team {
        let (a, g) = (b.sales(p, SEP.0, SEP.1), b.month_goal(p, "2026-09"));
        actual += a;
        goal += g;
        let pace = pct(a * 22, g * 15);
        let k = [7_000, 9_000, 10_500].iter().filter(|x| pace >= **x).count();
        status[k] += 1;
        // Slipping: behind in the last two weeks running, and nobody else is.
        let weeks = [("2026-09-07", "2026-09-13", 5), ("2026-09-14", SEP.1, 6)];
        let slow = |w: &&(&str, &str, i64)| pct(b.sales(p, w.0, w.1) * 22, g * w.2) < 9_000;
        f.same(&format!("{p} slipping"), weeks.iter().filter(slow).count() == 2, k < 2);
        if k < 2 {
            gap22 += g * 15 - a * 22;
            largest = largest.max((g * 15 - a * 22, p.to_string()));
        }
    }
    f.same("Li Na's September", (pct(actual, goal) + 5) / 10, 600);
    f.same("Li Na's statuses", status, [0, 5, 5, 2]);
    f.same("Li Na's money at risk", gap22, 116_000 * YUAN * 22);
    f.same("Li Na's largest", largest, (63_300 * YUAN * 22, "zhang-san".into()));
    let l = b.sales("li-si", SEP.0, SEP.1);
    f.same("Li Si September", l, 100_000 * YUAN);
    f.same("Li Si orders", b.orders.iter().filter(|o| o.person == "li-si").count(), 1);
    f.same("Li Si pace", whole(l * 22, b.month_goal("li-si", "2026-09") * 15), 92);
    f.same("Zhang San September", b.sales("zhang-san", SEP.0, SEP.1), 161_700 * YUAN);
    let disputed: Vec<_> = b.orders.iter().filter(|o| o.fen == 60_000 * YUAN && o.person == "lv-ting").collect();
    let split = disputed.iter().any(|o| b.credits.get(&o.order).is_some_and(|c| c.len() == 2));
    f.holds("Lü Ting's 60,000 are split", split);
}

fn groups(b: &Books, f: &mut Findings) {
    let bing: Vec<&String> = b.names.iter().filter(|p| b.member(p, "bing", "2026-08-15")).collect();
    let (mut fresh, mut goal, mut kept, mut of) = (0, 0, 0, 0);
    for p in bing {
        fresh += b.fresh(p, AUG.0, AUG.1);
        goal += b.target(&format!("g26-{p}-new_customers"), "2026-08") / 100;
        let r = b.retention(p, AUG.0, AUG.1);
        kept += r.0;
        of += r.1;
    }
    f.same("Bing August new", pct(fresh, goal), 12_800);
    f.same("Bing August retention", (kept, of), (305, 500));

    let pooled = |people: &[&str], months: std::ops::RangeInclusive<i64>, repurchase: bool| {
        let (mut n, mut d) = (0, 0);
        for m in months {
            let (from, to) = (format!("2026-{m:02}-01"), format!("2026-{m:02}-31"));
            for p in people {
                let r = if repurchase { b.repurchase(p, &from, &to) } else { b.retention(p, &from, &to) };
                n += r.0;
                d += r.1;
            }
        }
        whole(n, d)
    };
    let reps = b.reps("new_business");
    f.same("retention before the rule change", pooled(&reps, 1..=3, false), 71);
    f.same("retention after the rule change", pooled(&reps, 4..=8, false), 78);
    let managers = b.reps("account_manager");
    let of = |teams: &[&str]| -> Vec<&str> {
        managers.iter().copied().filter(|p| teams.iter().any(|t| b.member(p, t, "2026-09-21"))).collect()
    };
    let (four, nine) = (of(&["geng"]), of(&["wu", "ji", "xin", "ren"]));
    f.same("trained and comparable", (four.len(), nine.len()), (4, 9));
    f.same("trained before", pooled(&four, 1..=3, true), 41);
    f.same("trained after", pooled(&four, 5..=8, true), 52);
    f.same("comparable before", pooled(&nine, 1..=3, true), 42);
    f.same("comparable after", pooled(&nine, 5..=8, true), 44);
}
