//! Writes the sample company 青禾商用咖啡 / Qinghe Coffee Supply into `assets/sample`: people, goals, orders, credits,
//! notes; the same bytes every run. `roster` says who and what was planned, `orders` what happened (with `net`, `buyers`
//! and `weeks`), `notes` what people wrote, and `check` reckons the promised facts from the finished files. Absent:
//! plans, payouts, courses and the calibration session, which are not facts that came in.

use std::path::Path;

mod buyers;
mod calendar;
mod check;
mod net;
mod notes;
mod orders;
mod rng;
mod roster;
mod weeks;

const SEED: u64 = 20_260_921;

type File = (&'static str, String);

fn build() -> Result<Vec<File>, String> {
    let o = orders::generate(SEED)?;
    Ok(vec![
        ("units.csv", roster::units_csv()),
        ("people.csv", roster::people_csv()),
        ("goals.csv", roster::goals_csv()),
        ("orders.csv", o.orders),
        ("credits.csv", o.credits),
        ("metrics.csv", notes::metrics_csv()),
        ("notes.csv", notes::notes_csv()),
    ])
}

/// Writes all files into `out`; an error lists every fact of the sample company that the files do not reproduce.
pub fn run(out: &Path) -> Result<(), String> {
    let files = build()?;
    std::fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
    for (name, text) in &files {
        let path = out.join(name);
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let findings = check::verify(&files)?;
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_files_reproduce_every_fact_and_are_the_same_each_time() {
        let files = super::build().unwrap();
        assert_eq!(super::check::verify(&files).unwrap(), Vec::<String>::new());
        assert!(files == super::build().unwrap());
    }

    #[test]
    fn a_missing_order_is_found() {
        let mut files = super::build().unwrap();
        for (name, text) in &mut files {
            if *name == "orders.csv" {
                text.truncate(text.trim_end().rfind('\n').unwrap() + 1);
            }
        }
        assert!(!super::check::verify(&files).unwrap().is_empty());
    }
}
