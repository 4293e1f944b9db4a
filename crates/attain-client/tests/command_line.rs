//! `attainctl` as scripts use it: a process, its JSON, its exit status (CONTRACTS).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

#[path = "support/attainctl.rs"]
mod attainctl;

use attainctl::{Home, at, find};
use serde_json::{Value, json};

#[test]
fn one_order_of_100_000_against_160_000_is_62_5_percent() {
    let home = Home::company();
    home.write("units.csv", "unit_id,name,parent_id,kind\nco,Acme,,company\nr,North,co,region\nt,One,r,team\n");
    home.write(
        "people.csv",
        "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\nann,Ann,t,new_business,rep,10000.00,2026-01-01,\n",
    );
    home.write(
        "goals.csv",
        "goal_id,parent_id,owner_id,metric,period,target,locked\ng,,ann,sales_amount,2026-09,160000.00,false\n",
    );
    home.write(
        "orders.csv",
        "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
         o1,c1,new,ann,2026-09-02,100000.00,60000.00,CNY,booked,beans\n",
    );
    for noun in ["unit", "person", "goal", "order"] {
        let file = home.path(&format!("{}.csv", if noun == "person" { "people".into() } else { format!("{noun}s") }));
        let answer = home.ok(&[noun, "import", &file]);
        assert_eq!(answer["rejected"], 0, "{noun}: {answer}");
    }
    let shown = home.ok(&["--today", "2026-09-21", "attainment", "show", "ann", "--period", "2026-09"]);
    assert_eq!(shown["attainment"], json!({ "num": "10000000", "den": "16000000", "percent": "62.5" }));
    assert_eq!(shown["actual"], json!({ "amount": "100000.00", "currency": "CNY" }));

    let again = home.ok(&["order", "import", &home.path("orders.csv")]);
    assert_eq!(
        (at(&again, "/rows"), at(&again, "/unchanged"), at(&again, "/imported")),
        (1.into(), 1.into(), 0.into())
    );

    // A new revision in a later file changes the figure; taking it back restores it.
    home.write(
        "later.csv",
        "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
         o1,c1,new,ann,2026-09-02,120000.00,60000.00,CNY,booked,beans\n",
    );
    let later = home.ok(&["order", "import", &home.path("later.csv")]);
    assert_eq!(later["imported"], 1);
    let percent = || {
        home.ok(&["--today", "2026-09-21", "attainment", "show", "ann", "--period", "2026-09"])["attainment"]["percent"]
            .clone()
    };
    assert_eq!(percent(), "75.0");
    home.ok(&["undo"]);
    assert_eq!(percent(), "62.5");
    assert_eq!(home.ok(&["workspace", "rebuild"])["same"], true);

    // No data is no data, not zero.
    let before = home.ok(&["--today", "2026-09-21", "attainment", "show", "ann", "--period", "2025-09"]);
    assert_eq!((at(&before, "/actual"), at(&before, "/attainment")), (Value::Null, Value::Null));
}

#[test]
fn the_sample_company_reproduces_the_worked_examples() {
    let home = Home::sample();

    let explained = home.ok(&["payout", "explain", "zhang-san", "--period", "2026-08"]);
    assert_eq!(explained["amount"], json!({ "amount": "18000.00", "currency": "CNY" }));
    assert_eq!(explained["score"], "95.00");
    assert_eq!(explained["state"], "closed");
    let words = explained["sentences"].to_string();
    assert!(words.contains("12,000.00 × 1.25 × 1.2"), "{words}");

    for (person, amount, score) in
        [("sun-li", "12937.50", "95.60"), ("wu-qian", "10000.00", "92.20"), ("feng-lei", "", "")]
    {
        let pay = home.ok(&["payout", "explain", person, "--period", "2026-08"]);
        if !amount.is_empty() {
            assert_eq!((at(&pay, "/amount/amount"), at(&pay, "/score")), (amount.into(), score.into()), "{person}");
        }
    }
    let july = home.ok(&["payout", "explain", "feng-lei", "--period", "2026-07"]);
    assert_eq!(july["score"], "86.20");
    let more = home.ok(&["payout", "explain", "wu-qian", "--period", "2026-08"]);
    assert_eq!(more["one_more"]["amount"]["amount"], "12000.00");
    let what_if = home.ok(&[
        "payout",
        "what-if",
        "wu-qian",
        "--period",
        "2026-08",
        "--metric",
        "new_customers",
        "--actual",
        "12",
    ]);
    assert_eq!(what_if["amount"]["amount"], "12000.00");

    let li_si = home.ok(&["attainment", "show", "li-si", "--period", "2026-09"]);
    assert_eq!(li_si["attainment"]["percent"], "62.5");
    assert_eq!(li_si["status"], "on_pace");
    let zhang = home.ok(&["attainment", "show", "zhang-san", "--period", "2026-09"]);
    assert_eq!(
        (at(&zhang, "/attainment/percent"), at(&zhang, "/status"), at(&zhang, "/gap/amount"), at(&zhang, "/slipping")),
        ("49.0".into(), "behind".into(), "63300.00".into(), true.into())
    );
    let new = zhang["week"]["rows"].as_array().unwrap().iter().find(|r| r["customer_type"] == "new").unwrap().clone();
    assert_eq!(
        (at(&new, "/orders"), at(&new, "/amount/amount"), at(&new, "/mean_orders"), at(&new, "/mean_amount/amount")),
        (1.into(), "3800.00".into(), "4.0".into(), "37000.00".into())
    );
    assert_eq!(new["odd"], true);
    assert_eq!(zhang["week"]["explains"]["share"]["percent"], "82.0");
    let sight: Vec<String> = zhang["line_of_sight"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| format!("{} {}", s["unit_id"].as_str().unwrap(), s["share"]["percent"].as_str().unwrap()))
        .collect();
    assert_eq!(sight, ["jia 99.0", "A 19.8", "company 4.0"]);
}

#[test]
fn the_sample_company_stands_as_its_table_says() {
    let home = Home::sample();
    let tree = home.ok(&["goal", "tree", "--period", "2026"]);
    for (owner, target, percent, pace, status) in [
        ("company", "100000000.00", "68.6", "95", "on_pace"),
        ("A", "20000000.00", "62.0", "86", "behind"),
        ("B", "36000000.00", "74.7", "103", "on_pace"),
        ("C", "42000000.00", "69.8", "96", "on_pace"),
        ("jia", "4000000.00", "74.3", "103", "on_pace"),
        ("yi", "6000000.00", "55.0", "76", "behind"),
        ("bing", "5200000.00", "78.8", "109", "ahead"),
        ("ding", "4600000.00", "44.1", "61", "far_behind"),
        ("zhang-san", "3960000.00", "72.5", "100", "on_pace"),
    ] {
        let goal = find(&tree, "owner_id", owner).unwrap_or_else(|| panic!("{owner}"));
        assert_eq!(goal["target"]["amount"], target, "{owner}");
        assert_eq!(goal["attainment"]["percent"], percent, "{owner}");
        let whole = goal["pace"]["percent"].as_str().unwrap().parse::<f64>().unwrap().round() as i64;
        assert_eq!(whole.to_string(), pace, "{owner}");
        assert_eq!(goal["status"], status, "{owner}");
    }
    assert_eq!(find(&tree, "owner_id", "jia").unwrap()["reserve"]["amount"], "-600000.00");
    assert_eq!(find(&tree, "owner_id", "company").unwrap()["reserve"]["amount"], "2000000.00");

    let today = home.ok(&["--as", "li-na", "today", "show"]);
    assert_eq!((at(&today, "/team/people"), at(&today, "/team/behind")), (12.into(), 5.into()));
    assert_eq!(today["team"]["at_risk"]["amount"], "116000.00");
    assert_eq!(today["team"]["attainment"]["percent"], "60.0");
    assert_eq!(today["attention"][0]["person_id"], "zhang-san");
}

#[test]
fn raising_the_company_changes_the_months_of_zhang_san() {
    let home = Home::sample();
    for (goal, reading, amount, month) in [
        ("g27-company", "year-total", "396000.00", "2027-05"),
        ("g26-company", "remaining-share", "396000.00", "2026-10"),
        ("g26-company", "year-total", "528000.00", "2026-10"),
    ] {
        let preview = home.ok(&["goal", "adjust", goal, "--target", "120000000", "--reading", reading, "--preview"]);
        let item = find(&preview, "owner_id", "zhang-san").unwrap();
        assert_eq!(item["months_after"][month]["amount"], amount, "{goal} {reading}");
        assert_eq!(preview["saved"], false);
    }
    home.ok(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share"]);
    let tree = home.ok(&["goal", "tree", "--period", "2026-10"]);
    assert_eq!(find(&tree, "owner_id", "zhang-san").unwrap()["target"]["amount"], "396000.00");
    let august = home.ok(&["goal", "tree", "--period", "2026-08"]);
    assert_eq!(find(&august, "owner_id", "zhang-san").unwrap()["target"]["amount"], "330000.00", "closed months stay");
    let history = home.ok(&["goal", "history", "g26-zhang-san"]);
    assert_eq!(history["items"][0]["change"], "adjust_goal");
    home.ok(&["undo"]);
    let tree = home.ok(&["goal", "tree", "--period", "2026-10"]);
    assert_eq!(find(&tree, "owner_id", "zhang-san").unwrap()["target"]["amount"], "330000.00");
    home.ok(&["redo"]);
    let tree = home.ok(&["goal", "tree", "--period", "2026-10"]);
    assert_eq!(find(&tree, "owner_id", "zhang-san").unwrap()["target"]["amount"], "396000.00");

    let stale =
        home.run(&["goal", "adjust", "g26-company", "--target", "130M", "--reading", "year-total", "--seen", "0123"]);
    assert_eq!((stale.code, at(&stale.error(), "/error/code")), (1, "preview_changed".into()));
    for (target, code) in
        [("-5", "target_negative"), ("abc", "not_a_number"), ("1e9", "not_a_number"), ("1000", "below_done")]
    {
        let refused =
            home.run(&["goal", "adjust", "g26-company", &format!("--target={target}"), "--reading", "year-total"]);
        assert_eq!((refused.code, at(&refused.error(), "/error/code")), (1, code.into()), "{target}");
    }
}

#[test]
fn a_changed_order_changes_the_figures_of_the_sample() {
    let home = Home::sample();
    home.write(
        "more.csv",
        "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
         X1,C-new,new,li-si,2026-09-18,60000.00,,CNY,booked,beans-house\n",
    );
    home.ok(&["order", "import", &home.path("more.csv"), "--source", "crm"]);
    let li_si = home.ok(&["attainment", "show", "li-si", "--period", "2026-09"]);
    assert_eq!(li_si["attainment"]["percent"], "100.0");
    let tree = home.ok(&["goal", "tree", "--period", "2026"]);
    assert_eq!(find(&tree, "owner_id", "company").unwrap()["actual"]["amount"], "68660000.00");
    // A closed month's pay stays what it was.
    home.write(
        "late.csv",
        "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
         X2,C-late,new,zhang-san,2026-08-20,500000.00,,CNY,booked,beans-house\n",
    );
    home.ok(&["order", "import", &home.path("late.csv"), "--source", "crm"]);
    let explained = home.ok(&["payout", "explain", "zhang-san", "--period", "2026-08"]);
    assert_eq!(explained["amount"]["amount"], "18000.00");
}

#[test]
fn everyone_sees_what_is_theirs_to_see() {
    let home = Home::sample();
    let refused = |viewer: &str, arguments: &[&str]| {
        let run = home.run(&[&["--as", viewer], arguments].concat());
        (run.code, run.error()["error"]["code"].as_str().unwrap_or_default().to_string())
    };
    let explain = |person: &'static str| ["payout", "explain", person, "--period", "2026-08"];
    assert_eq!(home.ok(&[&["--as", "wu-qian"], &explain("wu-qian")[..]].concat())["amount"]["amount"], "10000.00");
    assert_eq!(refused("wu-qian", &explain("zhang-san")), (1, "not_found".into()));
    assert_eq!(refused("wu-qian", &explain("nobody")), (1, "not_found".into()));
    assert_eq!(refused("zhou-tao", &explain("zhang-san")), (1, "not_found".into()));
    assert_eq!(home.ok(&[&["--as", "li-na"], &explain("zhang-san")[..]].concat())["amount"]["amount"], "18000.00");
    assert_eq!(refused("chen-gang", &explain("zhang-san")), (1, "not_found".into()));
    assert_eq!(
        refused("wu-qian", &["attainment", "show", "zhang-san", "--period", "2026-09"]),
        (1, "not_found".into())
    );
    assert_eq!(refused("wu-qian", &["audit", "list"]), (1, "not_allowed".into()));
    assert_eq!(
        refused("wu-qian", &["goal", "adjust", "g26-wu-qian", "--target", "1", "--reading", "year-total"]),
        (1, "not_allowed".into())
    );
    assert_eq!(refused("wu-qian", &["order", "import", "x.csv"]).0, 1);
    assert_eq!(
        refused("li-na", &["goal", "adjust", "g26-jia", "--target", "5M", "--reading", "year-total"]),
        (1, "not_allowed".into())
    );

    let ids = |answer: Value, key: &str| -> Vec<String> {
        answer["items"].as_array().unwrap().iter().map(|i| i[key].as_str().unwrap().to_string()).collect()
    };
    let own = home.ok(&["--as", "wu-qian", "attainment", "list", "--period", "2026-09"]);
    assert_eq!(ids(own, "person_id"), ["wu-qian"]);
    let team = home.ok(&["--as", "li-na", "attainment", "list", "--period", "2026-09"]);
    assert_eq!(team["items"].as_array().unwrap().len(), 12);
    let all = home.ok(&["attainment", "list", "--period", "2026-09"]);
    assert_eq!(all["items"].as_array().unwrap().len(), 45);
    let orders = home.ok(&["--as", "wu-qian", "order", "list", "--period", "2026-09"]);
    assert!(orders["items"].as_array().unwrap().iter().all(|o| o["person_id"] == "wu-qian"));

    let whose = |viewer: &str| -> std::collections::BTreeSet<String> {
        ids(home.ok(&["--as", viewer, "order", "list", "--period", "2026-09", "--limit", "100000"]), "person_id")
            .into_iter()
            .collect()
    };
    assert_eq!(whose("li-na"), ids(team, "person_id").into_iter().collect());
    assert_eq!(whose("wang-fang"), ids(all, "person_id").into_iter().collect());

    // Only talks that a viewer may read are dated for them.
    let talk = |viewer: &str| {
        home.ok(&["--as", viewer, "attainment", "show", "zhang-san", "--period", "2026-09"])["last_talk"].clone()
    };
    let before = talk("wang-fang");
    home.ok(&["--as", "li-na", "note", "add", "--about", "zhang-san", "--text", "between the two of us"]);
    assert_eq!(talk("wang-fang"), before);
    assert_ne!(talk("li-na"), before);

    // Every look at pay is in the trail, and the trail holds together.
    let trail = home.ok(&["audit", "list", "--person", "zhang-san"]);
    let looks: Vec<_> =
        trail["items"].as_array().unwrap().iter().filter(|e| e["class"] == "pay" && e["action"] == "view").collect();
    assert!(looks.iter().any(|e| e["person_id"] == "li-na"), "{trail}");
    assert!(!trail.to_string().contains("18000"), "the trail names whose, never what");
    assert_eq!(home.ok(&["audit", "verify"])["ok"], true);
}

#[test]
fn notes_are_found_in_chinese_and_english_by_those_who_may_read_them() {
    let home = Home::sample();
    let text = "周三走访了三家酒店,复购意愿强。Follow up with the Hilton buyer.";
    let add = ["--as", "li-na", "note", "add", "--about", "zhang-san", "--visibility", "managers", "--text", text];
    let made = home.ok(&add);
    let id = made["id"].as_str().unwrap().to_string();
    for query in ["酒店", "复购意愿", "hilton", "Hilt", "走访 buyer"] {
        let found = home.ok(&["--as", "li-na", "note", "search", query]);
        assert!(find(&found, "id", &id).is_some(), "{query}: {found}");
    }
    for viewer in ["zhang-san", "chen-gang", "zhou-tao", "wu-qian"] {
        let found = home.ok(&["--as", viewer, "note", "search", "Hilton"]);
        assert!(find(&found, "id", &id).is_none(), "{viewer}");
        assert_eq!(home.run(&["--as", viewer, "note", "show", &id]).code, 1);
    }
    let edited = home.ok(&["--as", "li-na", "note", "edit", &id, "--text", "改约周五,见采购。"]);
    assert!(edited["edited_at"].is_string());
    assert!(find(&home.ok(&["--as", "li-na", "note", "search", "Hilton"]), "id", &id).is_none());
    home.ok(&["--as", "li-na", "undo"]);
    assert!(find(&home.ok(&["--as", "li-na", "note", "search", "Hilton"]), "id", &id).is_some());
    let empty = home.run(&["--as", "li-na", "note", "add", "--about", "zhang-san", "--text", "  "]);
    assert_eq!((empty.code, at(&empty.error(), "/error/code")), (1, "empty_text".into()));
}

#[test]
fn plans_and_periods_say_why_not() {
    let home = Home::sample();
    home.write(
        "broken.toml",
        "id = \"x\"\nname = { zh = \"甲\", en = \"X\" }\nversion = 1\nposition = \"new_business\"\n",
    );
    let run = home.run(&["plan", "import", &home.path("broken.toml")]);
    assert_eq!(run.code, 1);
    assert!(!run.json()["findings"].as_array().unwrap().is_empty());
    assert_eq!(home.ok(&["plan", "list"])["items"].as_array().unwrap().len(), 3);

    for (period, code, exit) in
        [("2026-08", "period_closed", 1), ("2026-09", "period_not_over", 1), ("2026-Q3", "month_needed", 2)]
    {
        let run = home.run(&["period", "close", period]);
        assert_eq!((run.code, at(&run.error(), "/error/code")), (exit, code.into()), "{period}");
    }
    let later = home.run(&["--today", "2026-11-02", "period", "close", "2026-10"]);
    assert_eq!(at(&later.error(), "/error/code"), "earlier_month_open");
    // Who lacks something is named with the way forward; closed is what is complete or accepted for a reason.
    let preview = home.ok(&["--today", "2026-10-05", "--lang", "en", "period", "preview"]);
    let open = preview["findings"].as_array().unwrap();
    assert!(!open.is_empty() && open.iter().all(|one| !one["ids"].as_array().unwrap().is_empty()), "{preview}");
    assert!(open.iter().all(|one| one["way"].as_str().is_some_and(|way| !way.starts_with("period."))), "{preview}");
    let refused = home.run(&["--today", "2026-10-05", "payout", "close", "2026-09"]);
    assert_eq!((refused.code, at(&refused.error(), "/error/code")), (1, "close_findings".into()));
    let wrong = home.run(&["--today", "2026-10-05", "payout", "close", "2026-09", "--accept", "figures=never mind"]);
    assert_eq!((wrong.code, at(&wrong.error(), "/error/code")), (2, "accept_what".into()));
    let mut args = vec!["--today".to_string(), "2026-10-05".into(), "period".into(), "close".into(), "2026-09".into()];
    for one in open {
        args.extend(["--accept".into(), format!("{}=joined in September", one["check"].as_str().unwrap())]);
    }
    let closed = home.ok(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((&closed["people"], &closed["provisional"]), (&45.into(), &false.into()));
    let month = home.ok(&["payout", "list", "--period", "2026-09"]);
    assert!(month["items"].as_array().unwrap().iter().all(|p| p["state"] == "closed"));
}

/// One without a base salary, one whose salary is beyond reckoning: both rows say why and what to do, and the third is paid.
#[test]
fn a_list_of_pay_says_who_has_no_amount_and_why() {
    let home = Home::company();
    let file = |name: &str, text: &str| home.write(name, text);
    home.ok(&["unit", "import", &file("u.csv", "unit_id,name,parent_id,kind\nacme,Acme,,company\n")]);
    let people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
        a,Ann,acme,new_business,rep,8000,2026-01-01,\nb,Bo,acme,new_business,rep,,2026-01-01,\n\
        c,Cy,acme,new_business,rep,90000000000000000,2026-01-01,\n";
    home.ok(&["person", "import", &file("p.csv", people)]);
    let goals = "goal_id,parent_id,owner_id,metric,period,target,locked\n\
        ga,,a,sales_amount,2026,1200000,\ngb,,b,sales_amount,2026,1200000,\ngc,,c,sales_amount,2026,1200000,\n";
    home.ok(&["goal", "import", &file("g.csv", goals)]);
    let orders = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
        1,x,new,a,2026-08-03,100000,,CNY,booked,\n2,y,new,b,2026-08-03,100000,,CNY,booked,\n\
        3,z,new,c,2026-08-03,100000,,CNY,booked,\n";
    home.ok(&["order", "import", &file("o.csv", orders)]);
    let plan = "id = \"sales\"\nname = { zh = \"销售\", en = \"Sales\" }\nversion = 1\nposition = \"new_business\"\n\
        currency = \"CNY\"\neffective_from = 2026-01-01\n[[components]]\nmetric = \"sales_amount\"\nweight = 100\n\
        target = \"goal\"\n[[bands]]\nat_least = 90\nmultiple = 1.25\n";
    home.ok(&["plan", "import", &file("plan.toml", plan)]);
    let list = ["--today", "2026-09-02", "--lang", "en", "payout", "list", "--period", "2026-08"];
    let listed = home.findings(&list);
    let rows = listed["items"].as_array().unwrap();
    let row = |id: &str| rows.iter().find(|row| row["person_id"] == id).unwrap();
    assert_eq!(rows.iter().map(|row| row["person_id"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!((&row("a")["amount"]["amount"], &row("a")["findings"]), (&"10000.00".into(), &serde_json::json!([])));
    assert_eq!((&row("b")["amount"], &row("b")["missing"][0]), (&Value::Null, &"payout.missing_base_salary".into()));
    assert_eq!(row("b")["findings"][0]["way"], "Import a people file with base_salary.");
    assert_eq!((&row("c")["amount"], &row("c")["state"]), (&Value::Null, &"open".into()));
    assert_eq!(at(row("c"), "/findings/0/code"), "payout.error_overflow");
    assert_eq!(at(row("c"), "/findings/0/check"), "figures");
    // Every row has the same fields.
    let fields = |id: &str| row(id).as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(fields("a") == fields("b") && fields("a") == fields("c"));
    let chinese = home.findings(&["--today", "2026-09-02", "--lang", "zh-CN", "payout", "list", "--period", "2026-08"]);
    assert_eq!(at(&chinese, "/items/1/findings/0/way"), "导入带 base_salary 的人员文件。");
    // Once it is put right, the list is complete.
    home.ok(&["person", "import", &file("c.csv", &people.replace("90000000000000000", "9000"))]);
    assert_eq!(at(&home.ok(&list), "/items/2/amount/amount"), "11250.00");
}

#[test]
fn charts_and_exports_are_written() {
    let home = Home::sample();
    let svg = home.path("jia.svg");
    home.ok(&[
        "--lang",
        "zh-CN",
        "chart",
        "trend",
        "--unit",
        "jia",
        "--metric",
        "sales_amount",
        "--period",
        "2026",
        "--out",
        &svg,
    ]);
    let picture = std::fs::read_to_string(&svg).unwrap();
    assert!(
        picture.starts_with("<svg")
            && picture.contains("chart-actual")
            && picture.contains("chart-target")
            && picture.contains("万元")
    );
    home.ok(&[
        "chart",
        "trend",
        "--person",
        "zhang-san",
        "--metric",
        "retention_rate",
        "--period",
        "2026-08",
        "--out",
        &home.path("r.svg"),
    ]);
    for file in ["goals.xlsx", "goals.csv"] {
        home.ok(&["goal", "export", "--period", "2026", "--out", &home.path(file)]);
    }
    let csv = std::fs::read(home.path("goals.csv")).unwrap();
    assert!(csv.starts_with(&[0xEF, 0xBB, 0xBF]), "spreadsheets need the mark to read UTF-8");
    let csv = String::from_utf8_lossy(&csv);
    let months: Vec<String> = (1..=12).map(|month| format!("2026-{month:02}")).collect();
    assert!(csv.lines().next().unwrap().ends_with(&months.join(",")), "{csv}");
    let his = csv.lines().find(|line| line.starts_with("g26-zhang-san,")).unwrap();
    assert!(his.contains("3960000.00") && his.ends_with(&["330000.00"; 12].join(",")), "{his}");
    home.ok(&["attainment", "export", "--period", "2026-09", "--out", &home.path("team.xlsx")]);
}

#[test]
fn usage_and_language() {
    let home = Home::sample();
    assert_eq!(home.run(&["goal", "tree"]).code, 2);
    assert_eq!(home.run(&["goal", "tree", "--period", "2026-13"]).code, 2);
    assert_eq!(home.run(&["nonsense"]).code, 2);
    let english = home.run(&["--lang", "en", "payout", "explain", "nobody", "--period", "2026-08"]).error();
    let chinese = home.run(&["--lang", "zh-CN", "payout", "explain", "nobody", "--period", "2026-08"]).error();
    assert_eq!(english["error"]["code"], chinese["error"]["code"]);
    assert_ne!(english["error"]["message"], chinese["error"]["message"]);
    let found = home.ok(&["search", "zs"]);
    assert!(find(&found, "id", "zhang-san").is_some(), "pinyin initials find people: {found}");
    let status = home.ok(&["workspace", "status"]);
    assert_eq!(
        (at(&status, "/sample"), at(&status, "/today"), at(&status, "/person_id")),
        (true.into(), "2026-09-21".into(), "wang-fang".into())
    );
}

#[test]
fn pace_bounds_are_one_change_and_keep_their_order() {
    let home = Home::company();
    let bounds = || {
        let list = home.ok(&["setting", "list"]);
        let value = |i: usize| at(&list, &format!("/items/{i}/value"));
        [value(0), value(1), value(2)]
    };
    let untouched = bounds();
    home.ok(&["setting", "set", "pace_bounds", "120/95/60"]);
    assert_eq!(bounds(), ["120", "95", "60"].map(serde_json::Value::from));
    home.ok(&["undo"]);
    assert_eq!(bounds(), untouched);
    for [key, value] in [["pace_bounds", "90/105/70"], ["pace_on_pace", "105"], ["pace_behind", "0"]] {
        let refused = home.run(&["setting", "set", key, value]);
        assert_eq!(
            (refused.code, at(&refused.error(), "/error/code")),
            (1, "pace_bounds_order".into()),
            "{key} {value}"
        );
    }
    home.ok(&["setting", "set", "pace_on_pace", "95"]);
}
