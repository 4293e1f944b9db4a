//! Plans of other kinds than the sample's in a company: by the quarter, with a draw, on a team's deals; from the orders to
//! the closed month.

#![allow(clippy::unwrap_used)]

#[path = "support/attainctl.rs"]
mod attainctl;

use attainctl::Home;
use serde_json::Value;

const UNITS: &str = "unit_id,name,parent_id,kind\nco,Acme,,company\nt,One,co,team\n";
const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on
ann,Ann,t,new_business,rep,8000,2026-01-01,
ben,Ben,t,account_manager,rep,8000,2026-01-01,
lee,Lee,t,team_lead,manager,15000,2026-01-01,
";
const ORDERS: &str = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product
a1,c1,new,ann,2026-04-10,100000,,CNY,booked,p
a2,c2,new,ann,2026-05-11,50000,,CNY,booked,p
a3,c3,new,ann,2026-06-12,80000,,CNY,booked,p
b1,c4,new,ben,2026-04-20,20000,,CNY,booked,p
b2,c5,new,ben,2026-05-20,60000,,CNY,booked,p
";

fn plan(id: &str, position: &str, rules: &str) -> String {
    format!(
        "id = \"{id}\"\nname = {{ zh = \"{id}\", en = \"{id}\" }}\nversion = 1\nposition = \"{position}\"\ncurrency = \"CNY\"\n\
         effective_from = 2026-04-01\n{rules}"
    )
}

/// Marginal over the quarter's sales: 5 % up to 200,000, 8 % above.
const BY_QUARTER: &str = "period = \"quarter\"\n[[commissions]]\nid = \"sales\"\nof = \"sales_amount\"\nmethod = \"marginal\"\n\
    tiers = [{ from = 0, rate = \"5 %\" }, { from = 200000, rate = \"8 %\" }]\n";
const DRAW: &str = "[[commissions]]\nid = \"deals\"\nof = \"deals\"\nrate = \"10 %\"\n\
    [draw]\namount = 4000\nrecoverable = true\n";
const TEAM: &str = "[[commissions]]\nid = \"team\"\nof = \"team-deals\"\nrate = \"2 %\"\n";

fn company() -> Home {
    let home = Home::empty();
    home.ok(&["workspace", "create", "--company", "Acme"]);
    home.ok(&["unit", "import", &home.write("units.csv", UNITS)]);
    home.ok(&["person", "import", &home.write("people.csv", PEOPLE)]);
    home.ok(&["order", "import", &home.write("orders.csv", ORDERS)]);
    for (id, position, rules) in
        [("quarterly", "new_business", BY_QUARTER), ("drawn", "account_manager", DRAW), ("team", "team_lead", TEAM)]
    {
        home.ok(&["plan", "import", &home.write("plan.toml", plan(id, position, rules))]);
    }
    home
}

/// Who is paid what in a month, on the second day of the month after it.
fn paid(home: &Home, month: &str, today: &str) -> Vec<(String, String)> {
    let list = home.ok(&["--today", today, "payout", "list", "--period", month]);
    let row = |row: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
        (text(&row["person_id"]), text(&row["amount"]["amount"]))
    };
    list["items"].as_array().unwrap().iter().map(row).collect()
}

fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(person, amount)| (person.to_string(), amount.to_string())).collect()
}

#[test]
fn a_quarter_a_draw_and_a_teams_deals_are_paid_month_by_month() {
    let home = company();
    // The draw makes up 2,000 of 4,000; the team's 120,000 pay 2 %. A plan by the quarter pays in its last month alone.
    assert_eq!(paid(&home, "2026-04", "2026-05-02"), rows(&[("ben", "4000.00"), ("lee", "2400.00")]));
    home.ok(&["--today", "2026-05-02", "payout", "close", "--period", "2026-04"]);
    // 6,000 earned, 2,000 of it owed.
    assert_eq!(paid(&home, "2026-05", "2026-06-02"), rows(&[("ben", "4000.00"), ("lee", "2200.00")]));
    home.ok(&["--today", "2026-06-02", "payout", "close", "--period", "2026-05"]);
    // 200,000 × 5 % + 30,000 × 8 %.
    assert_eq!(
        paid(&home, "2026-06", "2026-07-02"),
        rows(&[("ann", "12400.00"), ("ben", "4000.00"), ("lee", "1600.00")])
    );
    home.ok(&["--today", "2026-07-02", "payout", "close", "--period", "2026-06"]);
    for month in ["2026-04", "2026-05", "2026-06"] {
        let again = home.ok(&["--today", "2026-07-02", "payout", "replay", "--period", month]);
        assert!(again["items"].as_array().unwrap().iter().all(|row| row["frozen_digest"] == row["digest"]), "{again}");
    }
}

#[test]
fn two_plans_do_not_claim_one_position() {
    let home = company();
    let file = home.write("second.toml", plan("second", "team_lead", TEAM));
    let refused = home.run(&["plan", "import", &file, "--lang", "en"]);
    assert_eq!(refused.code, 1);
    let error = &refused.error()["error"];
    assert_eq!(error["code"], "position_claimed", "{error}");
    assert!(error["message"].as_str().unwrap().contains("team"), "{error}");
    let plans = home.ok(&["plan", "list"]);
    assert_eq!(plans["items"].as_array().unwrap().len(), 3);
}
