//! `bench-run`: one workload of the yardstick, measured by its own clock and answered as one `@@{…}` line.
//!
//! Owns: preparing each workload through the ordinary import and timing it through the ordinary calls.
//! Absent on purpose: comparing (xtask), workloads whose feature does not exist yet.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use attain_client::domain::access::DataClass;
use attain_client::domain::goal::{Adjustment, GoalTree, Reading, cascade};
use attain_client::domain::money::{Currency, parse_scaled};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Month;
use attain_client::import::{self, Input, Kind, Mapping, Report, Request};
use attain_client::keys::{self, Unlock};
use attain_client::problem::{Problem, Result};
use attain_client::store::Store;
use attain_client::store::queries::figure::Whose;
use attain_client::workspace::{NewWorkspace, Workspace, store_file};
use attain_reports::chart::daily::{DailyChart, DailyWords, daily_svg};
use attain_reports::chart::{Scale, Size};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use crate::answer::Answer;

mod payslips;
mod sync;

const PASSPHRASE: &str = "a passphrase for the yardstick";
const ORDERS: &str = include_str!("../../../../../assets/mappings/bench-orders.toml");
/// What everybody is paid by where the effect of a goal on pay is measured.
const PLAN: &str = r#"
id = "yardstick"
name = { zh = "Yardstick", en = "Yardstick" }
version = 1
position = "new_business"
currency = "CNY"
effective_from = 2025-01-01
[[components]]
metric = "sales_amount"
weight = 100
target = "goal"
cap = "100 %"
[[bands]]
at_least = 95
multiple = 1.25
[[bands]]
at_least = 70
multiple = 0.70
[[accelerators]]
when = "attainment(sales_amount) >= 120 %"
factor = 1.20
"#;
const GOALS: &str = include_str!("../../../../../assets/mappings/bench-goals.toml");

pub fn run(home: &Path, workload: &str, data: &Path) -> Result<Answer> {
    let figures = match workload {
        "W1" => orders(home, data, &Unlock::Passphrase(PASSPHRASE.to_string().into()))?,
        "W4" => orders(home, data, &Unlock::Keychain)?,
        "W2" => payslips::run(home, data)?,
        "W3" | "W9" => goals(home, data, workload == "W9")?,
        "W5" => charts(home)?,
        "W7" => sync::run(home, data).inspect_err(|problem| eprintln!("{:?}", problem.cause))?,
        _ => return Err(Problem::usage("unknown_workload").with("text", workload)),
    };
    println!("@@{figures}");
    Ok(Value::Null.into())
}

fn fresh(home: &Path, unlock: &Unlock) -> Result<Workspace> {
    if let Some((path, id)) = store_file(home) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
        keys::erase(home, &id);
    }
    let new = NewWorkspace {
        company: "Yardstick".into(),
        currency: Currency::CNY,
        owner_id: "owner".into(),
        owner_name: "Owner".into(),
    };
    Workspace::create(home, unlock, &new)
}

fn import(workspace: &mut Workspace, kind: Kind, input: Input, mapping: Option<&str>) -> Result<Report> {
    let mapping = mapping.map(Mapping::parse).transpose().map_err(Problem::from)?;
    let request = Request { mapping, ..Request::of(kind, input) };
    let (viewer, now) = (workspace.viewer()?, workspace.now()?);
    let report = import::run(&mut workspace.store, &viewer.actor, &request, &now, &mut |_| ControlFlow::Continue(()))
        .map_err(Problem::from)?;
    match report.findings.first() {
        Some(finding) => Err(Problem::internal(format!("row {}: {}", finding.row, finding.code))),
        None => Ok(report),
    }
}

fn memory(name: &str, text: String) -> Input {
    Input::Memory { name: name.into(), bytes: text.into_bytes() }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| Problem::usage("file_unreadable").with("file", path.display()).because(e))
}

/// W1: the organisation from reps.csv, then the orders, on the clock until they are durable in the file.
fn orders(home: &Path, data: &Path, unlock: &Unlock) -> Result<Value> {
    let mut workspace = fresh(home, unlock)?;
    let reps = read(&data.join("reps.csv"))?;
    let mut units = String::from("unit_id,name,parent_id,kind\ncompany,Yardstick,,company\n");
    let mut people = String::from("person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n");
    let mut seen = std::collections::BTreeSet::new();
    for line in reps.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [rep, team, region, ..] = cells.as_slice() else { continue };
        for (unit, parent, kind) in [(*region, "company", "region"), (*team, *region, "team")] {
            if seen.insert(unit) {
                let _ = writeln!(units, "{unit},{unit},{parent},{kind}");
            }
        }
        let _ = writeln!(people, "{rep},{rep},{team},new_business,rep,10000.00,2024-01-01,");
    }
    import(&mut workspace, Kind::Unit, memory("units.csv", units), None)?;
    import(&mut workspace, Kind::Person, memory("people.csv", people), None)?;
    workspace.store.truncate_log()?;
    let start = Instant::now();
    let report = import(&mut workspace, Kind::Order, Input::File(data.join("orders.csv")), Some(ORDERS))?;
    workspace.store.truncate_log()?;
    let whole = start.elapsed().as_secs_f64();
    let figures = report.figures_ms as f64 / 1000.0;
    let (count, sum) = workspace.view().order_totals()?;
    workspace.lock()?;
    Ok(json!({ "t": whole - figures, "figures_t": figures, "with_figures_t": whole, "check": [count, sum] }))
}

/// W3 and W9: the goal tree, moved from 100M to 120M, durable with its audit entry.
fn goals(home: &Path, data: &Path, events: bool) -> Result<Value> {
    let home = home.join("goals");
    let unlock = Unlock::Passphrase(PASSPHRASE.to_string().into());
    let mut workspace = fresh(&home, &unlock)?;
    let text = read(&data.join("goals.csv"))?;
    let mut units = String::from("unit_id,name,parent_id,kind\n");
    let mut people = String::from("person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n");
    let mut nodes: Vec<(u64, u64, u8)> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, parent, level, ..] = cells.as_slice() else { continue };
        let level: u8 = level.parse().unwrap_or(0);
        let kind = ["company", "region", "team"].get(level as usize);
        if let Some(kind) = kind {
            let _ = writeln!(units, "{id},{id},{},{kind}", if level == 0 { "" } else { parent });
        } else if level == 3 {
            let _ = writeln!(people, "{id},{id},{parent},new_business,rep,10000.00,2024-01-01,");
        }
        nodes.push((id.parse().unwrap_or(0), parent.parse().unwrap_or(0), level));
    }
    import(&mut workspace, Kind::Unit, memory("units.csv", units), None)?;
    import(&mut workspace, Kind::Person, memory("people.csv", people), None)?;
    import(&mut workspace, Kind::Goal, memory("goals.csv", text), Some(GOALS))?;
    let (path, id) = store_file(&home).ok_or_else(|| Problem::internal("no store"))?;
    let (viewer, now) = (workspace.viewer()?, workspace.now()?);
    workspace.lock()?;
    let keys = keys::find(&home, &id, &unlock)?;

    let target = parse_scaled("120000000.00", 2).map_err(Problem::internal)?;
    let year = Month { year: 2025, month: 1 };
    let wish = Adjustment { goal_id: "0".into(), target, reading: Reading::YearTotal, from: year };
    // What a preview costs once the tree is on the screen.
    let store = Store::open(&path, keys.clone())?;
    let tree = GoalTree::new(store.view().goal_tree(attain_client::domain::metric::Metric::SalesAmount, 2025)?.goals)?;
    let start = Instant::now();
    cascade(&tree, &wish, &[])?;
    let preview_ms = start.elapsed().as_secs_f64() * 1000.0;
    drop(store);

    let pay_ms = effect_on_pay(&home, &unlock, &wish)?;

    let start = Instant::now();
    let mut store = Store::open(&path, keys)?;
    let change =
        Mutation::AdjustGoal { goal_id: "0".into(), target, reading: Reading::YearTotal, from: year, seen: None };
    let changed = store.mutate(&viewer.actor, &change, &now)?;
    store.truncate_log()?;
    let t = start.elapsed().as_secs_f64();

    let after = store.view().goal_tree(attain_client::domain::metric::Metric::SalesAmount, 2025)?;
    let check = checksum(&after, &nodes);
    let mut out = json!({ "t": t, "check": check, "preview_ms": preview_ms, "pay_ms": pay_ms, "rows": changed.rows });
    if events {
        let mut times = Vec::new();
        for i in 0..2000 {
            let start = Instant::now();
            let entry = attain_client::store::audit::Entry {
                at: &now.at,
                actor_id: "owner",
                action: "view",
                class: DataClass::Pay,
                subjects: &[format!("{i}")],
                detail: json!({ "screen": "pay" }),
            };
            store.disclose(&entry, None)?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        times.sort_by(f64::total_cmp);
        out["event_ms"] = json!(times[times.len() / 2]);
        if let Some(map) = out.as_object_mut() {
            map.remove("check");
        }
    }
    Ok(out)
}

/// What the preview of the same wish costs with its effect on everybody's pay, in a running month in which all have sold.
fn effect_on_pay(home: &Path, unlock: &Unlock, wish: &Adjustment) -> Result<f64> {
    let mut workspace = Workspace::open(home, unlock)?;
    workspace.set_today(NaiveDate::from_ymd_opt(2025, 6, 16));
    let (viewer, now) = (workspace.viewer()?, workspace.now()?);
    let mut orders = String::from("order_id,customer_id,person_id,date,amount,currency\n");
    for person in workspace.view().people(viewer.today)?.iter().filter(|person| person.id != viewer.id()) {
        let _ = writeln!(orders, "{0},{0},{0},2025-06-10,1000.00,CNY", person.id);
    }
    import(&mut workspace, Kind::Order, memory("orders.csv", orders), None)?;
    workspace.store.mutate(&viewer.actor, &Mutation::PublishPlan { source: PLAN.into() }, &now)?;
    let view = workspace.view();
    let start = Instant::now();
    let found =
        attain_client::goals::preview(view, &viewer, &wish.goal_id, "120000000", wish.reading, Some(wish.from))?;
    let told = attain_client::pay::effects_of_goals(view, &viewer, &found.after)?;
    let pay_ms = start.elapsed().as_secs_f64() * 1000.0;
    if !told.iter().any(Option::is_some) {
        return Err(Problem::internal("nobody's pay was worked out"));
    }
    workspace.lock()?;
    Ok(pay_ms)
}

/// The peers' check: root, parents whose children do not add up, Σ id × amount mod 2⁶¹ − 1 over all nodes, months too.
fn checksum(tree: &GoalTree, nodes: &[(u64, u64, u8)]) -> Value {
    const M: i128 = (1 << 61) - 1;
    let by_id: BTreeMap<u64, usize> =
        tree.goals.iter().enumerate().filter_map(|(i, g)| Some((g.id.parse().ok()?, i))).collect();
    let mut month_of: BTreeMap<u64, usize> = BTreeMap::new();
    let (mut sum, mut root) = (0i128, 0i64);
    for (id, parent, level) in nodes {
        let amount = if *level == 4 {
            let month = month_of.entry(*parent).or_default();
            *month += 1;
            by_id.get(parent).map_or(0, |g| tree.goals[*g].months[*month - 1])
        } else {
            by_id.get(id).map_or(0, |g| tree.goals[*g].months.iter().sum())
        };
        if *level == 0 {
            root = amount;
        }
        sum = (sum + i128::from(*id) * i128::from(amount)) % M;
    }
    let period = attain_client::domain::period::Period::Year(2025);
    let bad = (0..tree.goals.len()).filter(|i| tree.reserve(*i, period).is_some_and(|r| r != 0)).count();
    json!([root, bad, sum as i64])
}

/// W5: 365 days and their average as SVG, of fifty teams and of the company, from the store W1 left.
fn charts(home: &Path) -> Result<Value> {
    let workspace = Workspace::open(home, &Unlock::Passphrase(PASSPHRASE.to_string().into()))?;
    let store = workspace.reader()?;
    let from = NaiveDate::from_ymd_opt(2025, 1, 1).ok_or_else(|| Problem::internal("date"))?;
    let chart = |unit: &str| -> Result<usize> {
        let mut values = vec![0i64; 365];
        for (day, sums) in store.view().day_sums(Whose::Unit(unit), from, from + Days::new(365))? {
            values[(day - from).num_days() as usize] = sums.sales;
        }
        let picture = daily_svg(&DailyChart {
            size: Size { width: 800, height: 300 },
            start: from,
            values,
            window: 28,
            running_from: None,
            scale: Scale { unit: "¥K".into(), minor_per_unit: 100_000, decimals: 2 },
            date_ticks: Vec::new(),
            words: DailyWords::default(),
        })
        .map_err(Problem::internal)?;
        Ok(picture.svg.len())
    };
    let mut times = Vec::new();
    for k in 0..51 {
        let start = Instant::now();
        chart(&format!("T{:03}", k * 9 % 500))?;
        times.push(start.elapsed().as_secs_f64());
    }
    let mut times = times.split_off(1);
    times.sort_by(f64::total_cmp);
    let start = Instant::now();
    let bytes = chart("company")?;
    Ok(
        json!({ "t": times[25], "p95_ms": times[47] * 1000.0, "company_t": start.elapsed().as_secs_f64(), "svg_bytes": bytes }),
    )
}
