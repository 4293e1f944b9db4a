//! Goals to the full, through `attainctl` on the sample company: divided, moved, agreed on, acknowledged, looked back at.
#![allow(clippy::unwrap_used)]

#[path = "support/attainctl.rs"]
mod attainctl;

use attainctl::{Home, at, find};

const WISH: [&str; 2] = ["goal", "move"];

fn refused(home: &Home, arguments: &[&str]) -> String {
    let run = home.run(arguments);
    assert_eq!(run.code, 1, "{arguments:?}: {} {}", run.stdout, run.stderr);
    at(&run.error(), "/error/code").as_str().unwrap().to_owned()
}

#[test]
fn a_manager_shifts_within_the_freedom_and_proposes_what_goes_beyond() {
    let home = Home::sample();
    let li_na = |rest: &[&str]| home.ok(&[&["--as", "li-na"], rest].concat());
    let shift = |amount: &'static str| {
        [&WISH[..], &["g26-zhang-san", "g26-li-si", "--month", "2026-10", "--amount", amount]].concat()
    };
    // Ten per cent of Li Si's 160 000 are 16 000.
    let free = li_na(&shift("1.5万"));
    assert_eq!((&free["saved"], &free["publishing"]["how"]), (&true.into(), &"free".into()));
    // What was shifted counts: another 15 000 would be 30 000 together.
    assert_eq!(refused(&home, &[&["--as", "li-na"][..], &shift("1.5万")].concat()), "needs_approval");
    let proposed = li_na(&[&shift("50000")[..], &["--propose", "十月有两家大客户归李四跟"]].concat());
    let id = proposed["proposal_id"].as_str().unwrap();
    let tree = home.ok(&["goal", "tree", "--period", "2026-10"]);
    assert_eq!(find(&tree, "goal_id", "g26-li-si").unwrap()["target"]["amount"], "175000.00", "nothing moves yet");

    // Only who stands above decides, and not its author.
    assert_eq!(refused(&home, &["--as", "li-na", "goal", "approve", id]), "not_allowed");
    assert_eq!(refused(&home, &["--as", "zhang-san", "goal", "proposal", id]), "not_found");
    let seen = home.ok(&["--as", "lin-zhiyuan", "goal", "proposal", id]);
    assert_eq!(seen["mine_to_decide"], true);
    assert_eq!(find(&seen["preview"], "goal_id", "g26-li-si").unwrap()["open_after"]["amount"], "225000.00");
    home.ok(&["--as", "lin-zhiyuan", "goal", "send-back", id, "--comment", "四万就够"]);
    assert_eq!(refused(&home, &["--as", "lin-zhiyuan", "goal", "approve", id]), "proposal_settled");
    let again = li_na(&[&shift("40000")[..], &["--propose", "改为四万", "--again", id]].concat());
    assert_eq!(again["proposal_id"], id);
    let digest = again["digest"].as_str().unwrap();
    assert_eq!(refused(&home, &["--as", "lin-zhiyuan", "goal", "approve", id, "--seen", "other"]), "preview_changed");
    let done = home.ok(&["--as", "lin-zhiyuan", "goal", "approve", id, "--comment", "好", "--seen", digest]);
    assert_eq!(done["state"], "approved");
    assert_eq!(done["steps"].as_array().unwrap().len(), 4);
    let tree = home.ok(&["goal", "tree", "--period", "2026-10"]);
    assert_eq!(find(&tree, "goal_id", "g26-li-si").unwrap()["target"]["amount"], "215000.00");

    // Versions tell who, why, from what to what.
    let history = home.ok(&["goal", "history", "g26-li-si"]);
    let last = &history["items"][0];
    assert_eq!(
        (&last["change"], &last["person_id"], &last["why"]),
        (&"shift_goal".into(), &"lin-zhiyuan".into(), &"改为四万".into())
    );
    let versions = last["version"].as_u64().unwrap();
    let diff = home.ok(&["goal", "diff", "g26-li-si", "--from", "1", "--to", &versions.to_string()]);
    assert_eq!(diff["differences"]["2026-10"]["amount"], "55000.00");
    assert_eq!(refused(&home, &["goal", "diff", "g26-li-si", "--to", "99"]), "version_unknown");
    let then = home.ok(&["goal", "as-of", "2026-09-20", "--period", "2026-10"]);
    assert_eq!(find(&then, "goal_id", "g26-li-si").unwrap()["target"]["amount"], "160000.00", "as it was imported");
    let before = home.ok(&["goal", "as-of", "2026-09-19", "--period", "2026-10"]);
    assert!(find(&before, "goal_id", "g26-li-si").is_none(), "it was not there yet");

    // Who carries a changed goal takes note of it, and the manager sees who has.
    let open = home.ok(&["--as", "li-na", "goal", "unacknowledged", "--unit", "jia"]);
    assert!(find(&open, "person_id", "li-si").is_some() && find(&open, "person_id", "zhang-san").is_some());
    assert_eq!(refused(&home, &["--as", "li-na", "goal", "acknowledge", "g26-li-si"]), "not_allowed");
    let own = home.ok(&["--as", "li-si", "goal", "unacknowledged"]);
    assert_eq!(find(&own, "goal_id", "g26-li-si").unwrap()["before"]["months"]["2026-10"]["amount"], "160000.00");
    home.ok(&["--as", "li-si", "goal", "acknowledge", "g26-li-si"]);
    let open = home.ok(&["--as", "li-na", "goal", "unacknowledged", "--unit", "jia"]);
    assert!(find(&open, "person_id", "li-si").is_none() && find(&open, "person_id", "zhang-san").is_some());
}

#[test]
fn next_year_is_divided_by_last_year_with_a_reserve_a_season_and_a_seat() {
    let home = Home::sample();
    home.ok(&["unit", "seat", "add", "jia-3", "--unit", "jia", "--name", "甲三席", "--from", "2026-09-01"]);
    let divide = [
        "goal",
        "allocate",
        "g27-company",
        "--by",
        "last-year,headcount,equal",
        "--reserve",
        "2%",
        "--rounding",
        "10000",
        "--season",
        "spring_festival",
    ];
    let preview = home.ok(&[&divide[..], &["--preview"]].concat());
    let digest = preview["digest"].as_str().unwrap();
    let company = find(&preview["reserves"], "goal_id", "g27-company").unwrap();
    assert_eq!(company["after"]["amount"], "2000000.00", "two per cent of a hundred million");
    home.ok(&[&divide[..], &["--seen", digest, "--why", "2027 年分解"]].concat());
    let tree = home.ok(&["goal", "tree", "--period", "2027"]);
    let cents = |goal: &str| -> i64 {
        let amount = find(&tree, "goal_id", goal).unwrap()["target"]["amount"].as_str().unwrap().replace('.', "");
        amount.parse().unwrap()
    };
    assert_eq!(cents("g27-A") + cents("g27-B") + cents("g27-C"), 9_800_000_000);
    let seat = find(&tree, "goal_id", "g27-jia-3").unwrap();
    assert_eq!((&seat["owner_kind"], &seat["name"]), (&"seat".into(), &"甲三席".into()));
    let months = find(&tree, "goal_id", "g27-zhang-san").unwrap()["months"].clone();
    let minor = |value: &serde_json::Value| value["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert!(minor(&months["2027-02"]) * 2 < minor(&months["2027-12"]), "February is short: {months}");

    // Somebody sits down: the goal follows, and a newcomer's grows.
    let people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
                  hu-ke,胡可,jia,new_business,rep,9000.00,2027-03-01,\n";
    home.ok(&["person", "import", &home.write("people.csv", people)]);
    home.ok(&["unit", "seat", "fill", "jia-3", "--person", "hu-ke", "--from", "2027-03", "--ramp", "newcomer"]);
    let tree = home.ok(&["goal", "tree", "--period", "2027"]);
    let (left, new) = (find(&tree, "goal_id", "g27-jia-3").unwrap(), find(&tree, "goal_id", "g27-hu-ke").unwrap());
    assert_eq!(left["months"]["2027-06"]["amount"], "0.00");
    assert_eq!(new["months"]["2027-06"], seat["months"]["2027-06"], "all of it from the fourth month on");
    let quarter =
        |value: &serde_json::Value| value["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    assert_eq!(quarter(&new["months"]["2027-03"]) * 4, quarter(&seat["months"]["2027-03"]));
    assert_eq!(refused(&home, &["unit", "seat", "fill", "jia-3", "--person", "hu-ke"]), "seat_taken");
}

#[test]
fn what_cannot_be_is_refused_in_both_languages_and_nothing_is_saved() {
    let home = Home::sample();
    let fix = |parts: &[&'static str]| {
        let mut all = vec!["goal", "allocate", "g27-A", "--by", "fixed"];
        parts.iter().for_each(|part| all.extend(["--fix", *part]));
        all
    };
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (fix(&["jia=60%", "yi=30%", "bing=20%", "ding=10%"]), "shares_over"),
        (fix(&["jia=60%"]), "part_not_given"),
        (fix(&["jia=1亿", "yi=1", "bing=1", "ding=1"]), "fixed_over"),
        (fix(&["jia=abc", "yi=1", "bing=1", "ding=1"]), "not_a_number"),
        (fix(&["jia=USD 100", "yi=1", "bing=1", "ding=1"]), "currency_mismatch"),
        (vec!["goal", "allocate", "g27-A", "--by", "equal", "--fix", "geng=1"], "owner_not_below"),
        (vec!["goal", "allocate", "g27-A", "--by", "copy"], "ratio_never_split"),
        (vec!["goal", "allocate", "g27-A", "--by", "equal", "--reserve", "200%"], "reserve_absurd"),
        (vec!["goal", "allocate", "g27-A", "--by", "equal", "--season", "nowhere"], "profile_unknown"),
        (vec!["goal", "allocate", "g27-zhang-san", "--by", "equal"], "nobody_below"),
        (vec!["goal", "move", "g26-zhang-san", "g26-sun-li", "--amount", "1", "--month", "2026-10"], "not_siblings"),
        (
            vec!["goal", "move", "g26-zhang-san", "g26-li-si", "--amount", "9M", "--month", "2026-10"],
            "month_carries_less",
        ),
        (vec!["goal", "move", "g26-zhang-san", "g26-li-si", "--amount", "1", "--month", "2026-08"], "no_open_months"),
        (vec!["goal", "profile", "put", "x", "--name", "甲", "--name-en", "A", "--season", "1,2,3"], "setting_invalid"),
    ];
    for (arguments, code) in cases {
        for language in ["zh-CN", "en"] {
            let run = home.run(&[&["--lang", language][..], &arguments].concat());
            let error = run.error();
            assert_eq!((run.code, at(&error, "/error/code")), (1, code.into()), "{arguments:?} {}", run.stdout);
            let message = at(&error, "/error/message").as_str().unwrap().to_owned();
            assert!(!message.contains('{') && !message.starts_with("problem."), "{message}");
        }
    }
    home.ok(&["goal", "lock", "g26-jia"]);
    home.ok(&["goal", "lock", "g26-yi"]);
    let run = home.run(&[
        "--lang",
        "zh-CN",
        "goal",
        "allocate",
        "g26-A",
        "--by",
        "fixed",
        "--fix",
        "bing=4.4M",
        "--fix",
        "ding=3M",
    ]);
    let error = run.error();
    assert_eq!(at(&error, "/error/code"), "fixed_over");
    assert!(at(&error, "/error/message").as_str().unwrap().contains("CNY"), "{error}");
}

#[test]
fn a_raise_shows_both_readings_by_name_with_pay_caps_and_locks() {
    let home = Home::sample();
    home.ok(&["goal", "lock", "g26-sun-li"]);
    let preview =
        home.ok(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share", "--preview"]);
    let readings = preview["readings"].as_array().unwrap();
    for (reading, month) in readings.iter().zip(["528000.00", "396000.00"]) {
        assert_eq!(find(&reading["people"], "goal_id", "g26-zhang-san").unwrap()["month_after"]["amount"], month);
    }
    assert_eq!(find(&preview["locked"], "goal_id", "g26-sun-li").unwrap()["carried"]["amount"], "396000.00");
    let zhang = find(&preview["items"], "goal_id", "g26-zhang-san").unwrap();
    assert_eq!(zhang["open_before"]["amount"], "1320000.00");
    // The company's cents were never whole months: its share of the raise is a cent short of the fifth.
    assert_eq!(zhang["open_after"]["amount"], "1583999.99");
    assert!(zhang["pay"]["effect"]["amount"].is_string(), "{zhang}");
    assert!(zhang["attainment_before"]["percent"].is_string());
    // A rep sees the own line, and cannot raise the company.
    assert_eq!(
        refused(&home, &["--as", "li-si", "goal", "adjust", "g26-company", "--target", "1", "--reading", "year-total"]),
        "not_found"
    );
}

#[test]
fn who_moves_in_october_leaves_the_months_and_takes_the_same_along() {
    let home = Home::sample();
    let people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
                  li-si,李四,jia,new_business,rep,10000.00,2026-09-01,2026-09-18\n\
                  li-si,李四,yi,new_business,rep,10000.00,2026-09-19,\n";
    home.ok(&["person", "import", &home.write("people.csv", people)]);
    let open = home.ok(&["goal", "unplaced"]);
    let li_si = find(&open, "goal_id", "g26-li-si").unwrap();
    assert_eq!((&li_si["cause"]["what"], &li_si["cause"]["goal_id"]), (&"moved".into(), &"g26-yi".into()));
    home.ok(&["goal", "reassign", "g26-li-si", "--to", "reserve", "--take", "g26-yi", "--from", "2026-10"]);
    let tree = home.ok(&["goal", "tree", "--period", "2026"]);
    let of = |goal: &str, month: &str| find(&tree, "goal_id", goal).unwrap()["months"][month]["amount"].clone();
    assert_eq!((of("g26-li-si", "2026-09"), of("g26-li-si", "2026-10")), ("160000.00".into(), "0.00".into()));
    assert_eq!(of("g26-li-si-yi", "2026-10"), "160000.00");
    assert!(find(&home.ok(&["goal", "unplaced"]), "goal_id", "g26-li-si").is_none());
    let sight = home.ok(&["--lang", "zh-CN", "goal", "line-of-sight", "li-si"]);
    assert_eq!(sight["goal_id"], "g26-li-si-yi");
    assert!(sight["sentence"].as_str().unwrap().contains('乙'), "{sight}");
}

/// The last of a team go in September: its goal is named from October on, and the region's other teams take it.
#[test]
fn a_team_that_closes_hands_its_months_on() {
    let home = Home::sample();
    let people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
                  zhang-san,张三,jia,new_business,rep,12000.00,2023-03-06,2026-09-15\n\
                  li-si,李四,jia,new_business,rep,10000.00,2026-09-01,2026-09-18\n\
                  li-na,李娜,jia,team_lead,manager,20000.00,2019-02-18,2026-09-10\n";
    assert!(find(&home.ok(&["goal", "unplaced"]), "goal_id", "g26-jia").is_none());
    home.ok(&["person", "import", &home.write("people.csv", people)]);
    let open = home.ok(&["goal", "unplaced"]);
    let team = find(&open, "goal_id", "g26-jia").unwrap();
    assert_eq!((&team["cause"]["what"], &team["from"]), (&"closed".into(), &"2026-10".into()), "{open}");
    let before = home.ok(&["goal", "tree", "--period", "2026"]);
    home.ok(&["goal", "reassign", "g26-jia", "--to", "siblings", "--from", "2026-10"]);
    let after = home.ok(&["goal", "tree", "--period", "2026"]);
    let of = |tree: &serde_json::Value, goal: &str, month: &str| -> i64 {
        let goal = find(tree, "goal_id", goal).unwrap();
        goal["months"][month]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
    };
    for (month, moves) in [("2026-09", false), ("2026-10", true)] {
        let [jia, person, region] = ["g26-jia", "g26-zhang-san", "g26-A"].map(|goal| of(&after, goal, month));
        assert_eq!((jia == 0, person == 0), (moves, moves), "{month}");
        assert_eq!(region, of(&before, "g26-A", month));
    }
    assert!(of(&after, "g26-yi", "2026-10") > of(&before, "g26-yi", "2026-10"));
    assert!(find(&home.ok(&["goal", "unplaced"]), "goal_id", "g26-jia").is_none());
}

#[test]
fn who_works_half_for_two_teams_counts_half_in_each() {
    let home = Home::sample();
    let people = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on,fte\n\
                  hu-ke,胡可,jia,new_business,rep,9000.00,2026-01-01,,0.5\n\
                  hu-ke,胡可,yi,new_business,rep,9000.00,2026-01-01,,0.5\n";
    home.ok(&["person", "import", &home.write("people.csv", people)]);
    for team in ["g27-jia", "g27-yi"] {
        home.ok(&["goal", "allocate", team, "--by", "headcount"]);
    }
    let tree = home.ok(&["goal", "tree", "--period", "2027"]);
    let minor = |goal: &str| -> i64 {
        let goal = find(&tree, "goal_id", goal).unwrap();
        goal["target"]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
    };
    assert!((minor("g27-zhang-san") - 2 * minor("g27-hu-ke")).abs() <= 2, "half of a whole colleague's");
    assert!((minor("g27-wu-qian") - 2 * minor("g27-hu-ke-yi")).abs() <= 2);
    assert_eq!(find(&tree, "goal_id", "g27-jia").unwrap()["reserve"]["amount"], "0.00");
}
