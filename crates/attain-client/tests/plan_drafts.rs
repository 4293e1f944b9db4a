//! The life of a plan on the command line: drafted, checked, approved by somebody else, published; and what stands in its way.

#![allow(clippy::unwrap_used)]

#[path = "support/attainctl.rs"]
mod attainctl;

use attainctl::{Home, at};
use serde_json::{Value, json};

const V2: &str = include_str!("../../../assets/sample/plans/new-business-v2.toml");

fn refused(home: &Home, arguments: &[&str]) -> Value {
    let run = home.run(arguments);
    assert_eq!(run.code, 1, "{arguments:?}: {} {}", run.stdout, run.stderr);
    at(&run.error(), "/error/code")
}

#[test]
fn a_draft_is_mended_approved_by_somebody_else_and_published() {
    let home = Home::sample();
    let hr = |arguments: &[&str]| home.ok(arguments);
    let draft = hr(&["plan", "copy", "new-business@2"]);
    let id = "new-business-v3";
    assert_eq!((&draft["id"], &draft["effective_from"]), (&json!(id), &json!("2026-10-01")));
    assert_eq!((&draft["state"], &draft["checked"]), (&json!("drafting"), &json!(true)));
    // Comments and order stay: only what was touched is another.
    assert!(at(&draft, "/source").as_str().unwrap().contains("# New-business reps from April 2026"));

    // Retention counts 40 instead of 30: the weights are 110 until new customers give way.
    let wrong = hr(&["plan", "set", id, "components[2].weight", "40", "--lang", "en"]);
    assert_eq!(at(&wrong, "/findings/0/code"), "plan.weights_not_100");
    let told = home.findings(&["plan", "submit", id]);
    assert_eq!(at(&told, "/findings/0/code"), "plan.weights_not_100");
    assert_eq!(at(&home.ok(&["plan", "list"]), "/drafts/0/checked"), false);
    let mended = hr(&["plan", "set", id, "components[0].weight", "30"]);
    assert_eq!(mended["findings"], json!([]));

    assert_eq!(refused(&home, &["plan", "publish", id]), "not_approved");
    hr(&["plan", "submit", id, "--comment", "留存更重要"]);
    assert_eq!(refused(&home, &["plan", "approve", id]), "own_draft");
    // It waits with finance, and managers do not know of it.
    let waits = home.ok(&["--as", "qian-wei", "today", "show"]);
    assert_eq!((at(&waits, "/plans/0/id"), at(&waits, "/plans/0/mine_to_decide")), (json!(id), json!(true)));
    assert_eq!(refused(&home, &["--as", "li-na", "plan", "show", id]), "not_found");
    assert_eq!(home.ok(&["--as", "li-na", "plan", "list"])["drafts"], json!([]));
    assert_eq!(refused(&home, &["--as", "qian-wei", "plan", "send-back", id, "--comment", " "]), "empty_text");
    home.ok(&["--as", "qian-wei", "plan", "send-back", id, "--comment", "销售的权重呢？"]);
    let back = home.ok(&["today", "show"]);
    assert_eq!(at(&back, "/plans/0/state"), "sent_back");

    hr(&["plan", "submit", id]);
    let digest = at(&home.ok(&["--as", "qian-wei", "plan", "show", id]), "/digest");
    home.ok(&["--as", "qian-wei", "plan", "approve", id, "--digest", digest.as_str().unwrap()]);
    // What was approved is that text: another one is approved anew.
    hr(&["plan", "set", id, "bands[0].multiple", "1.30"]);
    assert_eq!(refused(&home, &["plan", "publish", id]), "not_approved");
    hr(&["plan", "submit", id]);
    let stale = ["--as", "qian-wei", "plan", "approve", id, "--digest", digest.as_str().unwrap()];
    assert_eq!(refused(&home, &stale), "draft_changed");
    hr(&["plan", "withdraw", id]);
    assert_eq!(refused(&home, &["plan", "submit", id]), "draft_settled");

    let again = hr(&["plan", "copy", "new-business@2"]);
    let id = again["id"].as_str().unwrap().to_owned();
    assert_ne!(id, "new-business-v3");
    hr(&["plan", "submit", &id]);
    assert_eq!(refused(&home, &["--as", "qian-wei", "plan", "publish", &id]), "not_allowed");
    home.ok(&["--as", "qian-wei", "plan", "approve", &id]);
    let done = hr(&["plan", "publish", &id]);
    assert_eq!((&done["state"], &done["approved_by"]), (&json!("published"), &json!("qian-wei")));
    let list = home.ok(&["plan", "list"]);
    let plans = list["items"].as_array().unwrap();
    let published = plans.iter().find(|plan| plan["id"] == "new-business" && plan["version"] == 3).unwrap();
    assert_eq!((&published["approved_by"], &published["effective_from"]), (&json!("qian-wei"), &json!("2026-10-01")));
    assert_eq!(list["drafts"], json!([]));
    // Closed months keep theirs.
    let august = home.ok(&["payout", "explain", "zhang-san", "--period", "2026-08"]);
    assert_eq!((&august["plan_version"], at(&august, "/amount/amount")), (&json!(2), json!("18000.00")));
}

#[test]
fn whoever_is_alone_publishes_and_a_finished_file_is_taken_as_it_is() {
    let home = Home::company();
    let file = home.write("plan.toml", V2);
    let draft = home.ok(&["plan", "draft", &file]);
    assert_eq!((&draft["id"], &draft["publishable"]), (&json!("new-business-v2"), &json!(true)));
    let done = home.ok(&["plan", "publish", "new-business-v2"]);
    assert_eq!((&done["state"], &done["approved_by"]), (&json!("published"), &Value::Null));
    let next = home.write("next.toml", V2.replace("version = 2", "version = 3").replace("2026-04-01", "2027-04-01"));
    assert_eq!(home.ok(&["plan", "import", &next])["published"], true);
    assert_eq!(home.ok(&["plan", "publish", &next])["published"], false);
    assert_eq!(home.ok(&["plan", "list"])["items"].as_array().unwrap().len(), 2);
    // Undo takes a draft back to what it said before.
    home.ok(&["plan", "copy", "new-business@3", "--from", "2028-01-01", "--id", "x"]);
    home.ok(&["plan", "set", "x", "name.en", "Another"]);
    home.ok(&["undo"]);
    assert!(!at(&home.ok(&["plan", "show", "x"]), "/source").as_str().unwrap().contains("Another"));
}

#[test]
fn what_cannot_be_right_is_told_with_the_way_forward() {
    let home = Home::sample();
    let tiers = "\n[[commissions]]\nid = \"c\"\nof = \"deals\"\nmethod = \"whole\"\ntiers = [{ from = 0, rate = \"1 %\" }, { from = 0, rate = \"2 %\" }]\n";
    let cases = [
        (format!("{V2}{tiers}"), "plan.tiers_overlap"),
        (V2.replace("metric = \"new_customers\"", "metric = \"charm\""), "plan.unknown_metric"),
        (V2.replace("target = \"100 %\"", "target = \"0 %\""), "plan.target_not_positive"),
        (format!("{V2}\n# {}", "x".repeat(10_000_000)), "plan.too_large"),
        ("not = [toml".to_owned(), "plan.syntax"),
    ];
    for (text, code) in cases {
        let file = home.write("bad.toml", &text);
        for language in ["zh-CN", "en"] {
            let told = home.findings(&["plan", "check", &file, "--lang", language]);
            let finding = told["findings"].as_array().unwrap().iter().find(|f| f["code"] == code);
            let message = finding.unwrap_or_else(|| panic!("{code}: {told}"))["message"].as_str().unwrap().to_owned();
            assert!(!message.starts_with("plan.") && !message.contains('{'), "{message}");
        }
    }
    // Two plans of one position: refused with the other's name, as a draft too.
    let rival = V2.replace("id = \"new-business\"", "id = \"rival\"").replace("2026-04-01", "2026-10-01");
    let rival = home.write("rival.toml", rival);
    assert_eq!(refused(&home, &["plan", "import", &rival]), "position_claimed");
    home.ok(&["plan", "draft", &rival, "--id", "rival"]);
    assert_eq!(refused(&home, &["plan", "submit", "rival"]), "position_claimed");
    // A draft within closed months.
    home.ok(&["plan", "copy", "new-business@2", "--from", "2026-08-01", "--id", "late"]);
    assert_eq!(refused(&home, &["plan", "submit", "late"]), "plan_reaches_closed_period");
    assert_eq!(home.run(&["plan", "copy", "new-business"]).code, 2);
    assert_eq!(home.run(&["plan", "set", "late", "shoes[1].size", "42"]).code, 2);
    // A month of a quarter.
    home.ok(&["plan", "copy", "new-business@2", "--from", "2026-11-16", "--id", "half"]);
    let half = home.ok(&["plan", "show", "half", "--lang", "en"])["meets"].to_string();
    assert!(half.contains("2026-11") && half.contains("last day"), "{half}");
    home.ok(&["plan", "copy", "new-business@2", "--from", "2026-11-01", "--id", "month"]);
    let month = home.ok(&["plan", "show", "month", "--lang", "en"])["meets"].to_string();
    assert!(month.contains("2026-Q4 has two halves") && month.contains("2026-11 – 2026-12"), "{month}");
}

#[test]
fn one_person_is_paid_otherwise_for_a_reason_and_closed_months_keep_theirs() {
    let home = Home::sample();
    let september = |person: &str| home.ok(&["payout", "explain", person, "--period", "2026-09", "--lang", "en"]);
    let before = september("li-si");
    assert_eq!(before["exception"], Value::Null);
    fn except<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["plan", "except", "li-si", "--from", "2026-09"], more].concat()
    }
    for (more, code) in [
        (&["--reason", "loan"][..], "exception_says_nothing"),
        (&["--base", "20000", "--reason", " "], "empty_text"),
        (&["--plan", "nowhere", "--reason", "loan"], "not_found"),
        (&["--base", "20000", "--until", "2026-08", "--reason", "loan"], "exception_says_nothing"),
    ] {
        assert_eq!(refused(&home, &except(more)), code, "{more:?}");
    }
    let own = ["plan", "except", "wang-fang", "--from", "2026-09", "--base", "1", "--reason", "mine"];
    assert_eq!(refused(&home, &own), "own_exception");
    let closed = ["plan", "except", "li-si", "--from", "2026-08", "--base", "1", "--reason", "late"];
    assert_eq!(refused(&home, &closed), "period_closed");
    let manager = ["--as", "li-na", "plan", "except", "li-si", "--from", "2026-09", "--base", "1", "--reason", "x"];
    assert_eq!(refused(&home, &manager), "not_allowed");

    let list = home.ok(&except(&["--base", "2万", "--until", "2026-10", "--reason", "on loan to the project"]));
    assert_eq!((at(&list, "/items/0/id"), at(&list, "/items/0/base/amount")), (json!("e1"), json!("20000.00")));
    let told = september("li-si");
    assert_eq!(at(&told, "/base_salary/amount"), "20000.00");
    let words = told["sentences"].to_string();
    assert!(words.contains("on loan to the project") && words.contains("20000.00"), "{words}");
    let october = home.ok(&["--today", "2026-12-01", "payout", "explain", "li-si", "--period", "2026-11"]);
    assert_ne!(at(&october, "/base_salary/amount"), "20000.00");
    assert_eq!(refused(&home, &except(&["--base", "3", "--reason", "again"])), "exception_overlaps");

    // By another position's plan.
    home.ok(&["plan", "except", "zhang-san", "--from", "2026-09", "--plan", "account-manager", "--reason", "covers"]);
    assert_eq!(september("zhang-san")["plan_id"], "account-manager");
    assert_eq!(at(&home.ok(&["payout", "explain", "zhang-san", "--period", "2026-08"]), "/amount/amount"), "18000.00");
    // A close freezes it with its reason, and it can then only be ended later.
    let accepted = ["--accept", "goal=paid by another plan", "--accept", "data=joined in September"];
    home.ok(&[&["--today", "2026-10-05", "period", "close", "2026-09"][..], &accepted].concat());
    assert_eq!(at(&september("zhang-san"), "/exception/reason"), "covers");
    assert_eq!(refused(&home, &["plan", "unexcept", "zhang-san", "e1"]), "period_closed");
    let ended = "plan except zhang-san --id e1 --from 2026-09 --until 2026-09 --plan account-manager --reason covered";
    home.ok(&ended.split(' ').collect::<Vec<_>>());
    assert!(
        home.ok(&["payout", "replay", "--period", "2026-09"])["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["same"] == true)
    );
    // On record like any look at or change of pay, and taken back by undo.
    let trail = home.ok(&["audit", "list", "--person", "zhang-san", "--action", "put_plan_exception"]);
    assert_eq!(trail["items"].as_array().unwrap().len(), 2);
    assert_eq!(home.ok(&["--as", "wu-qian", "plan", "exceptions"])["items"], json!([]));
}
