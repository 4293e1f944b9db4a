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
        ("person,date,amount\na,2026-01-01,\"5\na\n", "inputs.unreadable_row", Some(2)),
        ("person,deal,date,amount\n\"a,D1,2025-07-01,1000\n", "inputs.unreadable_row", Some(2)),
        ("person,deal,date,amount\n\"a,D1,2025-07-01,1000\nb\",D2,2025-07-01,5\n", "inputs.unreadable_row", Some(2)),
        ("person,date,amount\r\na,2026-01-01,5\r\na,2026-01-02,1.2.3\r\n", "inputs.not_an_amount", Some(3)),
        ("person,date,amount\na,2026-01-01,100 USD\n", "inputs.other_currency", Some(2)),
        ("person,date,amount\na,2026-01-01,¥5\na,2026-01-02,€100\n", "inputs.other_currency", Some(3)),
        ("person,date,amount\na,2026-01-01,$100\n", "inputs.other_currency", Some(2)),
        ("person,period,metric,actual\na,2026-08,sales_amount,100 HKD\n", "inputs.other_currency", Some(2)),
        ("person,date,amount\na,2026-01-01,1.234\n", "inputs.too_precise", Some(2)),
        ("person,date,amount,share\na,2026-01-01,5,1.5\n", "inputs.not_a_share", Some(2)),
        ("person,date,amount,share\na,2026-01-01,5,50\n", "inputs.not_a_share", Some(2)),
        ("person,date,amount,share\na,2026-01-01,5,150 %\n", "inputs.not_a_share", Some(2)),
        ("person,from,fte\na,2026-01-01,1.5\n", "inputs.not_a_share", Some(2)),
        ("person,from,base_salary\na,2026-01-01,-5\n", "inputs.negative", Some(2)),
        ("person,draw_balance\na,-500\n", "inputs.negative", Some(2)),
        ("person,draw_balance\na,500\na,300\n", "inputs.given_twice", Some(3)),
        ("person,period,metric,actual\na,2026-08,new_customers,12.5\n", "inputs.not_whole", Some(2)),
        ("person,deal,date,amount\na,D,2026-01-01,5\na,D,2026-01-01,5.00\n", "inputs.twice", Some(3)),
        (
            "person,deal,date,event,amount\na,D,2026-07-10,booked,5\na,D,2026-06-30,refunded,3\n",
            "inputs.refund_before_sale",
            Some(3),
        ),
        (
            "person,deal,date,event,amount,share\na,D,2026-07-01,booked,9,50%\nb,D,2026-07-01,booked,9,50%\n\
             a,D,2026-08-01,refunded,3,\nb,D,2026-08-02,refunded,4,\n",
            "inputs.refunds_differ",
            Some(5),
        ),
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

/// Payouts by person and period, `—` while one waits.
fn paid(home: &Home, plan: &str, inputs: &str) -> Vec<String> {
    let (plan, inputs) = (home.write("plan.toml", plan), home.write("inputs.csv", inputs));
    let answer = home.ok(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]);
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_string();
            format!("{} {} {}", text("person"), text("period"), item["payout"]["amount"].as_str().unwrap_or("—"))
        })
        .collect()
}

const QUARTERS: &str = "period = \"quarter\"\n[score]\npays = \"score\"\n[[components]]\nweight = 100\n";

#[test]
fn months_make_a_quarter_only_when_none_lacks() {
    let home = Home::empty();
    let sales = format!("{HEAD}{QUARTERS}metric = \"sales_amount\"\ntarget = \"goal\"\n");
    let kept = format!("{HEAD}{QUARTERS}metric = \"retention_rate\"\ntarget = \"100 %\"\n");
    let head = "person,period,metric,actual,target,base_salary,from\na,2026-07,sales_amount,30,20,100,\n";
    let of = |more: &str| paid(&home, &sales, &format!("{head}{more}"));
    let waits = ["a 2026-Q3 —"];
    assert_eq!(of("a,2026-08,sales_amount,30,20,,\na,2026-09,sales_amount,0,20,,\n"), ["a 2026-Q3 100.00"]);
    assert_eq!(of("a,2026-08,sales_amount,30,20,,\na,2026-09,sales_amount,,20,,\n"), waits);
    assert_eq!(of("a,2026-08,sales_amount,30,20,,\na,2026-09,sales_amount,0,,,\n"), waits);
    assert_eq!(of("a,2026-09,sales_amount,30,20,,\n"), waits);
    let (plan, inputs) =
        (home.write("plan.toml", &sales), home.write("inputs.csv", format!("{head}a,2026-09,sales_amount,9,20,,\n")));
    let told = home.ok(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]);
    assert!(at(&told, "/items/0/missing/0/message").as_str().unwrap().contains("2026-08"), "{told}");
    assert!(at(&told, "/items/0/sentences").to_string().contains("2026-08"), "{told}");
    // Nothing is expected of the time before somebody joins.
    let joined = "person,period,metric,actual,target,base_salary,from\na,2026-08,sales_amount,20,20,100,\n\
                  a,2026-09,sales_amount,20,20,,\na,,,,,,2026-08-01\n";
    assert!(!paid(&home, &sales, joined)[0].ends_with('—'));
    let ratios = |rows: [&str; 3]| {
        let [a, b, c] = rows;
        format!(
            "person,period,metric,actual,base_salary\na,2026-07,retention_rate,{a},100\na,2026-08,retention_rate,{b},\na,2026-09,retention_rate,{c},\n"
        )
    };
    assert_eq!(paid(&home, &kept, &ratios(["10/20", "30/30", "0/0"])), ["a 2026-Q3 80.00"]);
    assert_eq!(paid(&home, &kept, &ratios(["1.25/2.5", "30/30", "0/0"])), ["a 2026-Q3 96.15"]);
    let cases = [
        (&kept, ratios(["50 %", "100 %", "100 %"]), "inputs.ratio_parts", 2),
        (&sales, format!("{head}a,2026-Q3,sales_amount,60,60,,\n"), "inputs.conflict", 3),
        (
            &sales,
            "person,period,metric,actual,target,deal,date,amount\na,2026-07,sales_amount,30,60,,,\na,,,,,D,2026-09-01,5\n"
                .to_string(),
            "inputs.figure_or_deals",
            2,
        ),
    ];
    for (plan, inputs, code, row) in cases {
        let (plan, inputs) = (home.write("plan.toml", plan), home.write("inputs.csv", inputs));
        let answer = home.findings(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]);
        assert_eq!(answer["findings"][0]["code"], code, "{answer}");
        assert_eq!(answer["findings"][0]["row"], row, "{answer}");
    }
}

#[test]
fn a_sum_to_date_waits_for_its_earlier_months() {
    let home = Home::empty();
    let plan = |by: &str| {
        format!(
            "{HEAD}[[commissions]]\nid = \"c\"\nof = \"sales_amount\"\nmethod = \"marginal\"\ncumulate = \"year-to-date\"\n{by}\n"
        )
    };
    let amounts = plan("tiers = [{ from = 0, rate = \"5 %\" }, { from = 10000, rate = \"7 %\" }]");
    let goals = plan(
        "tiers_by = \"attainment\"\ntiers = [{ from = \"0 %\", rate = \"4 %\" }, { from = \"100 %\", rate = \"6 %\" }]",
    );
    let head = "person,period,metric,actual,target\n";
    let august = "a,2026-08,sales_amount,12000,10000\n";
    let both = |row: &str| format!("{head}{row}{august}");
    let empty = both("a,2026-07,sales_amount,,10000\n");
    assert_eq!(paid(&home, &amounts, &empty), ["a 2026-07 —", "a 2026-08 —"]);
    assert_eq!(paid(&home, &amounts, &both("")), ["a 2026-08 640.00"]);
    let gap = both("a,2026-06,sales_amount,100,10000\n");
    assert_eq!(paid(&home, &amounts, &gap), ["a 2026-06 5.00", "a 2026-07 —", "a 2026-08 —"]);
    let no_goal = both("a,2026-07,sales_amount,15000,\n");
    assert_eq!(paid(&home, &goals, &no_goal), ["a 2026-07 —", "a 2026-08 —"]);
    assert!(!paid(&home, &amounts, &no_goal).concat().contains('—'));
}

#[test]
fn what_belongs_to_a_deal_holds_for_all_its_rows() {
    let home = Home::empty();
    let plan = commission("");
    // A refund without a share is everyone's who shares the deal.
    let split = "person,deal,date,event,amount,share\na,D,2026-07-01,booked,1000,50 %\nb,D,2026-07-01,booked,1000,50 %\na,D,2026-08-02,refunded,,\n";
    let both = ["a 2026-07 50.00", "a 2026-08 -50.00", "b 2026-07 50.00", "b 2026-08 -50.00"];
    assert_eq!(paid(&home, &plan, split), both);
    assert_eq!(paid(&home, &plan, &format!("{split}b,D,2026-08-02,refunded,,\n")), both);
    let products = format!(
        "{HEAD}[[commissions]]\nid = \"c\"\nof = \"deals\"\nbasis = \"collected\"\nrates = [{{ product = \"x\", rate = \"10 %\" }}]\n"
    );
    let rows = "person,deal,date,event,amount,product\na,D,2026-07-05,booked,1000,x\na,D,2026-08-05,collected,1000,\n";
    assert_eq!(paid(&home, &products, rows), ["a 2026-07 0.00", "a 2026-08 100.00"]);
    let margin = format!(
        "{HEAD}[[commissions]]\nid = \"c\"\nof = \"deals\"\ncounts = \"margin\"\nbasis = \"collected\"\nrate = \"10 %\"\n"
    );
    let rows = "person,deal,date,event,amount,cost\na,D,2026-07-05,booked,1000,600\na,D,2026-08-05,collected,500,\na,D,2026-09-05,collected,500,\n";
    assert_eq!(paid(&home, &margin, rows), ["a 2026-07 0.00", "a 2026-08 20.00", "a 2026-09 20.00"]);
}

#[test]
fn a_plan_without_a_currency_takes_amounts_of_one() {
    let home = Home::empty();
    let plan = home.write("plan.toml", commission("").replace("currency = \"CNY\"\n", ""));
    let run = |rows: &str| {
        let inputs = home.write("inputs.csv", format!("person,date,amount\n{rows}"));
        home.run(&["plan", "run", &plan, "--inputs", &inputs, "--lang", "en"]).json()
    };
    assert_eq!(at(&run("a,2026-07-01,100 USD\na,2026-07-02,$50\n"), "/items/0/payout/currency"), "USD");
    assert_eq!(at(&run("a,2026-07-01,100\n"), "/items/0/payout/currency"), "CNY");
    assert_eq!(at(&run("a,2026-07-01,100 USD\na,2026-07-02,€50\n"), "/findings/0/code"), "inputs.other_currency");
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
