//! `docs/attainctl.md` shows the JSON of every verb, produced by running it on the sample company.
//! `ATTAIN_WRITE_DOCS=1 cargo test -p attain-client --test reference` writes it anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

#[path = "support/attainctl.rs"]
mod attainctl;

use std::fmt::Write;
use std::path::Path;

use attainctl::Home;
use serde_json::{Map, Value};

const INTRODUCTION: &str = "# attainctl

`attainctl [--home DIR] [--unlock keychain|env:VAR|file:PATH] [--as PERSON_ID] [--today DATE] [--lang zh-CN|en] [--json] NOUN VERB …`

Exit status: 0 done · 1 refused, or findings among rows · 2 usage · 3 cannot unlock · 4 damaged. With `--json` there is exactly one
document on standard output (also on status 1 of an import); an error is `{\"error\":{\"code\",\"message\",\"params\"}}` on standard error.
Without `--json` the same answer is printed as lines to read. `attainctl NOUN VERB --help` explains the arguments.

Money is `{\"amount\",\"currency\"}`, a rate `{\"num\",\"den\",\"percent\"}`, a count a number, no data `null`. Row numbers of findings count
the heading as row 1. Every look at somebody's pay or notes is recorded in the audit trail.

Below, each verb as it was run on the sample company. Lists are cut to their first entry (`…`), and what differs from run to run
(times, hashes, new ids) is shown as `…`.
";

/// Title, arguments. A file argument names a file that the test writes.
const VERBS: &[(&str, &[&str])] = &[
    ("workspace status", &["workspace", "status"]),
    ("workspace check", &["workspace", "check"]),
    ("workspace rebuild", &["workspace", "rebuild"]),
    ("unit list", &["unit", "list"]),
    ("unit import", &["unit", "import", "FILE:units.csv"]),
    ("person list", &["person", "list"]),
    ("person import (with a finding)", &["person", "import", "FILE:people.csv"]),
    ("order import", &["order", "import", "FILE:orders.csv", "--source", "crm"]),
    ("order list", &["order", "list", "--period", "2026-09", "--person", "li-si"]),
    ("credit import", &["credit", "import", "FILE:credits.csv"]),
    ("metric import", &["metric", "import", "FILE:metrics.csv"]),
    ("rate import", &["rate", "import", "FILE:rates.csv"]),
    ("goal import", &["goal", "import", "FILE:goals.csv"]),
    ("goal tree", &["--as", "li-na", "goal", "tree", "--period", "2026-09"]),
    (
        "goal adjust --preview",
        &["goal", "adjust", "g26-jia", "--target", "4.4M", "--reading", "remaining-share", "--preview"],
    ),
    (
        "goal adjust",
        &["goal", "adjust", "g26-zhang-san", "--target", "35万", "--reading", "month", "--from", "2026-10"],
    ),
    ("goal lock", &["goal", "lock", "g26-zhang-san"]),
    ("goal unlock", &["goal", "unlock", "g26-zhang-san"]),
    (
        "goal allocate --preview",
        &["goal", "allocate", "g27-A", "--by", "headcount", "--reserve", "2%", "--rounding", "10000", "--preview"],
    ),
    ("goal profile list", &["goal", "profile", "list"]),
    (
        "goal profile apply --preview",
        &["goal", "profile", "apply", "g27-jia", "--profile", "spring_festival", "--below", "--preview"],
    ),
    ("unit seat add", &["unit", "seat", "add", "jia-3", "--unit", "jia", "--name", "甲三席"]),
    ("unit seat list", &["unit", "seat", "list", "--unit", "jia"]),
    (
        "goal move",
        &["--as", "li-na", "goal", "move", "g26-zhang-san", "g26-li-si", "--amount", "1万", "--month", "2026-11"],
    ),
    (
        "goal move --propose",
        &[
            "--as",
            "li-na",
            "goal",
            "move",
            "g26-zhang-san",
            "g26-li-si",
            "--amount",
            "5万",
            "--month",
            "2026-12",
            "--propose",
            "两家大客户转给李四",
        ],
    ),
    ("goal proposals", &["--as", "lin-zhiyuan", "goal", "proposals"]),
    ("goal history", &["goal", "history", "g26-zhang-san"]),
    ("goal diff", &["goal", "diff", "g26-zhang-san"]),
    ("goal as-of", &["goal", "as-of", "2026-09-20", "--period", "2026-10"]),
    ("goal unacknowledged", &["--as", "li-na", "goal", "unacknowledged", "--unit", "jia"]),
    ("goal acknowledge", &["--as", "zhang-san", "goal", "acknowledge", "g26-zhang-san"]),
    ("goal unplaced", &["goal", "unplaced"]),
    (
        "goal reassign --preview",
        &["goal", "reassign", "g26-li-si", "--to", "seat:jia-3", "--from", "2026-10", "--preview"],
    ),
    ("goal line-of-sight", &["goal", "line-of-sight", "zhang-san"]),
    ("goal export", &["goal", "export", "--period", "2026", "--out", "OUT:goals.xlsx"]),
    ("undo", &["undo"]),
    ("redo", &["redo"]),
    ("attainment list", &["--as", "li-na", "attainment", "list", "--period", "2026-09", "--unit", "jia"]),
    ("attainment show", &["attainment", "show", "zhang-san", "--period", "2026-09"]),
    ("attainment export", &["attainment", "export", "--period", "2026-09", "--out", "OUT:team.csv"]),
    ("today show", &["--as", "li-na", "today", "show"]),
    ("today snooze", &["--as", "li-na", "today", "snooze", "slipping/zhang-san", "--reason", "talked on Friday"]),
    ("plan list", &["plan", "list"]),
    ("plan check (with findings)", &["plan", "check", "FILE:broken.toml"]),
    ("plan import", &["plan", "import", "FILE:plan.toml"]),
    ("plan copy", &["plan", "copy", "new-business@2"]),
    ("plan set", &["plan", "set", "new-business-v3", "components[2].cap", "110 %"]),
    ("plan submit", &["plan", "submit", "new-business-v3", "--comment", "retention may exceed"]),
    ("plan approve", &["--as", "qian-wei", "plan", "approve", "new-business-v3"]),
    ("plan send-back", &["--as", "qian-wei", "plan", "send-back", "new-business-v3", "--comment", "only 105"]),
    ("plan draft", &["plan", "draft", "FILE:broken.toml", "--id", "next"]),
    ("plan show", &["plan", "show", "next"]),
    ("plan withdraw", &["plan", "withdraw", "next"]),
    ("plan list (with drafts)", &["plan", "list"]),
    ("plan publish", &["plan", "publish", "FILE:plan.toml"]),
    (
        "plan except",
        &["plan", "except", "li-si", "--from", "2026-09", "--base", "1.2万", "--reason", "ramp of the first year"],
    ),
    ("plan exceptions", &["plan", "exceptions"]),
    ("plan unexcept", &["plan", "unexcept", "li-si", "e1"]),
    ("payout list", &["payout", "list", "--period", "2026-08"]),
    ("payout explain", &["payout", "explain", "zhang-san", "--period", "2026-08"]),
    ("payout explain --orders", &["payout", "explain", "zhang-san", "--period", "2026-08", "--orders"]),
    (
        "payout what-if",
        &["payout", "what-if", "wu-qian", "--period", "2026-08", "--metric", "new_customers", "--actual", "12"],
    ),
    ("payout explain (running month)", &["payout", "explain", "wu-qian", "--period", "2026-09"]),
    ("payout replay", &["payout", "replay", "--period", "2026-08", "--person", "zhang-san"]),
    ("payslip export", &["payslip", "export", "--period", "2026-08", "--out", "OUT:payslips.csv"]),
    ("period list", &["period", "list"]),
    ("period preview", &["--today", "2026-10-05", "period", "preview"]),
    (
        "period close",
        &[
            "--today",
            "2026-10-05",
            "period",
            "close",
            "2026-09",
            "--accept",
            "data=joined in September",
            "--accept",
            "goal=joined in September",
        ],
    ),
    ("note add", &["--as", "li-na", "note", "add", "--about", "zhang-san", "--text", "周三走访三家酒店。"]),
    ("note list", &["--as", "li-na", "note", "list", "--about", "zhang-san", "--limit", "1"]),
    ("note search", &["--as", "li-na", "note", "search", "酒店"]),
    (
        "chart trend",
        &["chart", "trend", "--unit", "jia", "--metric", "sales_amount", "--period", "2026", "--out", "OUT:jia.svg"],
    ),
    ("search", &["search", "zs"]),
    ("setting list", &["setting", "list"]),
    ("setting set", &["setting", "set", "pace_behind", "65"]),
    ("audit list", &["audit", "list", "--limit", "1"]),
    ("audit verify", &["audit", "verify"]),
    ("sync status", &["sync", "status"]),
];

fn files(home: &Home) {
    home.write("units.csv", "unit_id,name,parent_id,kind\nzi,子队,B,team\n");
    home.write(
        "people.csv",
        "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
         hu-ke,胡可,zi,new_business,rep,9000.00,2026-09-01,\nhu-yi,胡一,nowhere,new_business,rep,9000.00,2026-09-01,\n",
    );
    home.write(
        "orders.csv",
        "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
         N1,C-1,new,hu-ke,2026-09-18,12000.00,7000.00,CNY,booked,beans-house\n",
    );
    home.write("credits.csv", "order_id,person_id,share,role\nN1,hu-ke,0.6,revenue\nN1,li-si,0.4,revenue\n");
    home.write("metrics.csv", "person_id,metric,period,numerator,denominator\nhu-ke,teamwork_score,2026-09,8.4,2\n");
    home.write("rates.csv", "currency,date,rate\nUSD,2026-01-01,7.02\n");
    home.write(
        "goals.csv",
        "goal_id,parent_id,owner_id,metric,period,target,locked\ng26-hu-ke,,hu-ke,sales_amount,2026-10,90000.00,false\n",
    );
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample/plans");
    let plan = std::fs::read_to_string(plans.join("account-manager.toml")).unwrap();
    home.write("broken.toml", plan.replacen("weight = 40", "weight = 35", 1));
    let next = plan.replacen("version = 1", "version = 2", 1);
    let line = next.lines().find(|l| l.starts_with("effective_from")).unwrap().to_string();
    home.write("plan.toml", next.replace(&line, "effective_from = 2027-01-01"));
}

/// Cuts lists to their first entry and hides what differs from run to run.
fn steady(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut list: Vec<Value> =
                items.iter().take(if items.iter().all(|i| !i.is_object()) { 12 } else { 1 }).map(steady).collect();
            if list.len() < items.len() {
                list.push("…".into());
            }
            Value::Array(list)
        }
        Value::Object(map) => {
            let hidden = ["at", "hash", "head", "digest", "home", "file", "before_digest", "changed_at", "proposal_id"];
            let mut out = Map::new();
            for (k, v) in map {
                let varies = hidden.contains(&k.as_str()) && !v.is_null()
                    || (k == "id" && v.as_str().is_some_and(|s| s.starts_with("n-") || s.starts_with("p-")));
                let digest = matches!(k.as_str(), "before" | "after") && v.as_str().is_some_and(|s| s.len() == 64);
                out.insert(k.clone(), if varies || digest { "…".into() } else { steady(v) });
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

#[test]
fn the_reference_shows_what_every_verb_answers() {
    let home = Home::sample();
    files(&home);
    let mut text = INTRODUCTION.to_string();
    for (title, arguments) in VERBS {
        let real: Vec<String> = arguments
            .iter()
            .map(|a| match a.split_once(':') {
                Some(("FILE" | "OUT", name)) => home.path(name),
                _ => a.to_string(),
            })
            .collect();
        let mut real: Vec<&str> = real.iter().map(String::as_str).collect();
        real.extend(["--lang", "en"]);
        let run = home.run(&real);
        assert!(run.code == 0 || title.contains("finding"), "{title}: {} {}", run.stdout, run.stderr);
        let shown: Vec<String> = arguments
            .iter()
            .map(|a| a.split_once(':').map_or(a.to_string(), |(_, name)| name.to_string()))
            .map(|a| if a.contains(' ') { format!("\"{a}\"") } else { a })
            .collect();
        let json = serde_json::to_string_pretty(&steady(&run.json())).unwrap();
        let _ = write!(text, "\n## {title}\n\n`attainctl --json {}`", shown.join(" "));
        let _ = write!(text, "{}\n\n```json\n{json}\n```\n", if run.code == 1 { " (status 1)" } else { "" });
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/attainctl.md");
    if std::env::var_os("ATTAIN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    if written != text {
        let differs = written.lines().zip(text.lines()).find(|(a, b)| a != b);
        panic!("docs/attainctl.md is not what the verbs answer (run with ATTAIN_WRITE_DOCS=1): {differs:?}");
    }
}
