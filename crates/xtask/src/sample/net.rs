//! Owns how much each rep sells, net of refunds, in each month: the totals that facts fix, and the rest of a team's year
//! to date shared out over its people. Absent: the orders that make up a total.

use super::calendar::{AUG26, JAN26, JUL26, MONTHS, SEP26};
use super::rng::{Rng, split};
use super::roster::{REPS, months26};

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
pub fn net_totals(rng: &mut Rng) -> Vec<[i64; MONTHS]> {
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
