//! Plans on the command line: what is asked about one, what two say differently, what a draft would have paid, and what
//! is wrong with the inputs of a run.

#![allow(clippy::unwrap_used)]

#[path = "support/attainctl.rs"]
mod attainctl;

use attainctl::{Home, at};
use serde_json::Value;

const V2: &str = include_str!("../../../assets/sample/plans/new-business-v2.toml");

const HEAD: &str = "id = \"p\"\nname = { zh = \"p\", en = \"p\" }\nversion = 1\nposition = \"rep\"\ncurrency = \"CNY\"\neffective_from = 2020-01-01\n";

fn commission(more: &str) -> String {
    format!("{HEAD}{more}\n[[commissions]]\nid = \"c\"\nof = \"deals\"\nrate = \"10 %\"\n")
}

#[test]
fn inputs_that_cannot_be_right_are_found_by_row_and_column() {
    let home = Home::empty();
    let plan = home.write("plan.toml", commission("[deals]\nsplits = \"whole\""));
    let cases = [
        ("person,amount,shoe_size\na,1,42\n", "inputs.unknown_column", Some(1)),
        ("amount\n1\n", "inputs.column_missing", Some(1)),
        ("person,date,amount\na,2026-13-01,5\n", "inputs.not_a_date", Some(2)),
        ("person,date,amount\na,2026-01-01,1.2.3\n", "inputs.not_an_amount", Some(2)),
        ("person,date,amount\na,2026-01-01,\"5\na\n", "inputs.not_an_amount", Some(2)),
        ("person,date,amount,event\na,2026-01-01,5,lost\n", "inputs.unknown_event", Some(2)),
        ("person,amount\na,5\n", "inputs.missing", Some(2)),
        ("person,period,metric,actual\na,2026-08,shoes,5\n", "inputs.unknown_metric", Some(2)),
        ("person,period,metric,actual\na,August,sales_amount,5\n", "inputs.not_a_period", Some(2)),
        ("person,period,metric,actual\na,2026-08,retention_rate,83\n", "inputs.not_a_ratio", Some(2)),
        (
            "person,period,metric,actual\na,2026-08,sales_amount,5\na,2026-08,sales_amount,6\n",
            "inputs.conflict",
            Some(3),
        ),
        (
            "person,deal,date,amount,share\na,1,2026-01-01,5,50%\nb,1,2026-01-01,5,40%\n",
            "inputs.shares_not_whole",
            Some(3),
        ),
        ("person,date,amount,refund_of\na,2026-02-01,5,9\n", "inputs.refund_without_sale", Some(2)),
        (
            "person,deal,date,event,amount\na,1,2026-01-01,booked,5\na,1,2026-02-01,refunded,5\na,1,2026-02-02,refunded,5\n",
            "inputs.refunded_twice",
            Some(4),
        ),
        ("person,date,amount\n", "inputs.no_rows", None),
    ];
    for (text, code, row) in cases {
        let inputs = home.write("inputs.csv", text);
        let answer = home.findings(&["plan", "run", &plan, "--inputs", &inputs]);
        let finding = &answer["findings"][0];
        assert_eq!(finding["code"], code, "{text}: {answer}");
        assert_eq!(finding["row"].as_u64(), row, "{text}: {answer}");
        assert_eq!(answer["items"], Value::Array(Vec::new()));
        for language in ["zh-CN", "en"] {
            let told = home.findings(&["plan", "run", &plan, "--inputs", &inputs, "--lang", language]);
            let message = at(&told, "/findings/0/message").as_str().unwrap().to_string();
            assert!(!message.starts_with("inputs.") && !message.contains('{'), "{message}");
        }
    }
}

#[test]
fn no_data_is_said_and_is_not_zero() {
    let home = Home::empty();
    let plan = home.write("plan.toml", V2);
    let inputs = home.write(
        "inputs.csv",
        "人员,期间,指标,实际,目标,基本工资\n张三,2026-08,新客户数,13,10,\n张三,2026-08,销售额,36.3万,330000,\n张三,2026-08,留存率,0/0,,\n",
    );
    let answer = home.ok(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "zh-CN"]);
    let item = &answer["items"][0];
    assert!(item["payout"].is_null());
    let codes: Vec<&str> = item["missing"].as_array().unwrap().iter().map(|m| m["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["payout.lack_actual", "payout.lack_salary"]);
    let inputs = home.write(
        "inputs.csv",
        "person;period;metric;actual;target;base_salary\nzhang-san;2026-08;new_customers;13;10;12000\nzhang-san;2026-08;sales_amount;363,000.00;330000;\nzhang-san;2026-08;retention_rate;75/90;;\n",
    );
    let answer = home.ok(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]);
    assert_eq!(at(&answer, "/items/0/payout/amount"), "18000.00");
    assert_eq!(at(&answer, "/items/0/score"), "95.00");
    assert_eq!(at(&answer, "/items/0/recomputed"), true);
}

#[test]
fn a_plan_is_checked_without_a_workspace_and_a_large_file_is_refused() {
    let home = Home::empty();
    let plan = home.write("plan.toml", V2);
    let answer = home.ok(&["plan", "check", &plan, "--lang", "en"]);
    let told = answer["warnings"].to_string();
    assert!(told.contains("120 %") && told.contains("16.7 %"), "{told}");
    let large = home.write("large.toml", format!("{V2}\n# {}\n", "x".repeat(10_000_000)));
    let answer = home.findings(&["plan", "check", &large]);
    assert_eq!(at(&answer, "/findings/0/code"), "plan.too_large");
    let huge = home.write("huge.toml", vec![b'#'; 20_000_000]);
    assert_eq!(home.run(&["plan", "check", &huge]).error()["error"]["code"], "plan_too_large");
}

#[test]
fn a_draft_shows_who_wins_and_loses_before_it_is_published() {
    let home = Home::sample();
    let draft = V2
        .replace("version = 2", "version = 3")
        .replace("2026-04-01", "2026-10-01")
        .replacen("weight = 40", "weight = 30", 1)
        .replacen("metric = \"retention_rate\"\nweight = 30", "metric = \"retention_rate\"\nweight = 40", 1);
    let draft = home.write("draft.toml", draft);
    let difference = home.ok(&["plan", "diff", "new-business@2", &draft]);
    let paths: Vec<&str> =
        difference["items"].as_array().unwrap().iter().map(|d| d["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"components[retention_rate].weight") && paths.contains(&"version"), "{difference}");

    let checked = home.ok(&["plan", "check", &draft, "--lang", "en"]);
    assert!(checked["warnings"].as_array().unwrap().iter().any(|w| w["code"] == "plan.warn_near"), "{checked}");

    let out = home.path("what-if.xlsx");
    let found = home.ok(&["plan", "simulate", &draft, "--periods", "2026-Q2", "--budget", "100万", "--out", &out]);
    assert_eq!(found["months"], serde_json::json!(["2026-04", "2026-05", "2026-06"]));
    let cents = |value: &Value| value["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let people = found["items"].as_array().unwrap();
    assert!(people.len() > 20 && found["losers"].as_u64().unwrap() > 0);
    assert_eq!(people.iter().map(|one| cents(&one["difference"])).sum::<i64>(), cents(&found["difference"]));
    assert_eq!(cents(&found["draft"]) - cents(&found["paid"]), cents(&found["difference"]));
    let loser = people.last().unwrap();
    assert!(cents(&loser["difference"]) < 0 && !loser["largest"].is_null(), "{loser}");
    assert!(std::path::Path::new(&out).exists());
    // The version in force over its own months changes nothing.
    let same = home.write("same.toml", V2);
    let found = home.ok(&["plan", "simulate", &same, "--periods", "2026-Q2"]);
    assert_eq!(cents(&found["difference"]), 0);
}
