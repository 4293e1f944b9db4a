//! What good rows leave in the store.

use attain_domain::goal::{Goal, MonthSet, Owner};
use attain_domain::org::Role;
use attain_domain::period::Period;

use super::super::{ImportError, Kind, Mapping, Request, run};
use super::{Company, ORDERS, PEOPLE, UNITS, actor, hr, memory, now};

#[test]
fn importing_again_changes_nothing() {
    let mut company = Company::selling();
    let credits = "order_id,person_id,share,role\nO1,zhang,0.5,revenue\nO1,wu,50%,revenue\nO1,li,0.2,overlay\n";
    let goals = "goal_id,parent_id,owner_id,metric,period,target,locked\ng,,co,sales_amount,2026,1200,true\nh,g,A,sales_amount,2026-09,50,true\n";
    let metrics = "person_id,metric,period,numerator,denominator\nzhang,teamwork_score,2026-Q3,20.5,5\n";
    let rates = "currency,date,rate\nUSD,2026-01-01,7.10\n";
    let files = [
        (Kind::Credit, credits),
        (Kind::Goal, goals),
        (Kind::Metric, metrics),
        (Kind::Rate, rates),
        (Kind::Unit, UNITS),
        (Kind::Person, PEOPLE),
        (Kind::Order, ORDERS),
    ];
    for (kind, text) in files {
        company.takes(kind, text);
    }
    let before = company.figures();
    let undo = company.store.view().next_undo("owner").unwrap();
    for (kind, text) in files {
        let report = company.import(kind, text);
        assert_eq!((report.imported, report.unchanged, report.rejected), (0, report.rows, 0), "{kind:?}");
    }
    assert_eq!(company.figures(), before);
    // Nor is there anything new to take back.
    assert_eq!(company.store.view().next_undo("owner").unwrap(), undo);
    assert_eq!(
        company
            .store
            .view()
            .metric_value("zhang", attain_domain::metric::Metric::TeamworkScore, "2026-09".parse().unwrap())
            .unwrap(),
        Some((2050, 5))
    );
}

#[test]
fn the_root_names_the_company() {
    let mut company = Company::new();
    assert_eq!(company.store.view().setting("company").unwrap().as_deref(), Some("Qinghe"));
    // A new name, a new team below a new region, children before parents.
    let text = "Unit ID , Name,PARENT_ID,kind\nbing,Bing,B,团队\nB,South,co,区域\nco,青禾,,公司\n";
    assert_eq!(company.takes(Kind::Unit, text), 3);
    assert_eq!(company.store.view().setting("company").unwrap().as_deref(), Some("青禾"));
    assert_eq!(company.store.view().units().unwrap().len(), 6);
    company.store.undo(&hr(), &now()).unwrap();
    assert_eq!(company.store.view().setting("company").unwrap().as_deref(), Some("Qinghe"));
    assert_eq!(company.store.view().units().unwrap().len(), 4);
}

#[test]
fn a_repeated_person_is_another_assignment() {
    let mut company = Company::new();
    let header = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on,fte";
    let text = format!(
        "{header}\nzhang,张三,jia,new_business,rep,12000,2023-03-06,2026-04-30,\nzhang,张三,yi,new_business,rep,13000,2026-05-01,,0.5\n"
    );
    assert_eq!(company.takes(Kind::Person, text), 2);
    let view = company.store.view();
    let person = view.person_record("zhang").unwrap().unwrap();
    let units: Vec<_> = person.assignments.iter().map(|a| (a.unit_id.as_str(), a.fte_ppm)).collect();
    assert_eq!(units, [("jia", 1_000_000), ("yi", 500_000)]);
    let pay: Vec<i64> = view.salaries("zhang").unwrap().unwrap().iter().map(|s| s.amount.minor).collect();
    assert_eq!(pay, [1_200_000, 1_300_000]);
    company.store.undo(&hr(), &now()).unwrap();
    let view = company.store.view();
    assert_eq!(view.person_record("zhang").unwrap().unwrap().assignments.len(), 1);
    assert_eq!(view.salaries("zhang").unwrap().unwrap().len(), 1);
}

#[test]
fn a_later_file_revises_orders() {
    let mut company = Company::selling();
    let before = company.figures();
    let revised = ORDERS.replace("O2,C1,returning,zhang,2026-09-01,500.00", "O2,C1,returning,wu,2026-09-01,700.00");
    let report = company.import(Kind::Order, &revised);
    assert_eq!((report.imported, report.unchanged), (1, 3));
    assert_ne!(company.figures(), before);
    let lines =
        company.store.view().orders(None, "2026-09-01".parse().unwrap(), "2026-09-02".parse().unwrap(), 9).unwrap();
    assert_eq!((lines[0].revision, lines[0].amount.minor, lines[0].person_id.as_str()), (2, 70_000, "wu"));
    company.store.undo(&hr(), &now()).unwrap();
    assert_eq!(company.figures(), before);
    // Another source's orders are other orders.
    let request = super::super::Request { source: Some("erp".into()), ..memory(Kind::Order, ORDERS) };
    assert_eq!(company.try_request(&request).unwrap().imported, 4);
    company.figures();
}

#[test]
fn credits_share_an_order() {
    let mut company = Company::selling();
    company.takes(
        Kind::Credit,
        "order_id,person_id,share,role\nO1,zhang,0.333333333,revenue\nO1,wu,0.666666667,revenue\n",
    );
    let view = company.store.view();
    let august = Period::Month("2026-08".parse().unwrap());
    let sales = |person: &str| {
        view.person_figure(person, attain_domain::metric::Metric::SalesAmount, august).unwrap().map(|f| f.num)
    };
    assert_eq!((sales("zhang"), sales("wu")), (Some(33_333), Some(66_667)));
    company.figures();
}

fn goal(company: &Company, id: &str) -> Goal {
    company.store.view().goal_by_id(id).unwrap().unwrap()
}

const GOALS: &str = "goal_id,parent_id,owner_id,metric,period,target,locked";

#[test]
fn goals_from_years_and_months() {
    let mut company = Company::new();
    let rows = [
        "flat,,co,sales_amount,2026,100.00,false",
        "some,flat,A,sales_amount,2026,100.00,true",
        "some,flat,A,sales_amount,2026-01,89.00,true",
        "months,flat,zhang,sales_amount,2026-02,5.00,",
        "ratio,,zhang,retention_rate,2026,50 %,",
        "ratio,,zhang,retention_rate,2026-06,0.75,",
        "count,,zhang,new_customers,2026,\"1,200\",",
    ];
    company.takes(Kind::Goal, format!("{GOALS}\n{}\n", rows.join("\n")));
    let flat = goal(&company, "flat");
    assert_eq!(flat.months, [834, 834, 834, 834, 833, 833, 833, 833, 833, 833, 833, 833]);
    let some = goal(&company, "some");
    assert_eq!((some.months[0], some.months[1], some.months.iter().sum::<i64>()), (8_900, 100, 10_000));
    assert_eq!((some.locked, some.locked_months, &some.owner), (true, 1, &Owner::Unit("A".into())));
    assert_eq!(goal(&company, "months").months, [0, 500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let ratio = goal(&company, "ratio").months;
    assert_eq!((ratio[4], ratio[5], ratio[11]), (500_000, 750_000, 500_000));
    assert_eq!(goal(&company, "count").months[0], 100);
    // A month's cell on its own leaves the others, and takes its lock away when it says so.
    company.takes(Kind::Goal, format!("{GOALS}\nsome,flat,A,sales_amount,2026-01,88.00,false\n"));
    let some = goal(&company, "some");
    assert_eq!((some.months[0], some.months[1], some.locked, some.locked_months), (8_800, 100, true, 0));
    // The year's total on its own, when it is what the months come to already, leaves them as they are.
    company.takes(Kind::Goal, format!("{GOALS}\nsome,flat,A,sales_amount,2026,99.00,true\n"));
    assert_eq!(goal(&company, "some").months, some.months);
}

#[test]
fn month_nodes_fold_into_their_goal() {
    let mut company = Company::new();
    let mapping = include_str!("../../../../../assets/mappings/bench-goals.toml")
        .replace("owner_id = \"id\"", "owner_id = \"owner\"");
    let mut text =
        String::from("id,parent_id,level,weight,locked,amount,owner\n1,-1,2,5,0,78.00,jia\n2,1,3,7,1,78.00,zhang\n");
    for m in 1..=12 {
        text.push_str(&format!("{},2,4,{},{},{m}.00,\n", 2 + m, 10 * m, u8::from(m == 3)));
    }
    let report = company.mapped(Kind::Goal, &mapping, &text);
    assert_eq!((report.findings.as_slice(), report.imported), (&[][..], 14));
    let leaf = goal(&company, "2");
    assert_eq!(leaf.months, std::array::from_fn(|m| (m as i64 + 1) * 100));
    assert_eq!(leaf.month_weights, Some(std::array::from_fn(|m| (m as i64 + 1) * 10)));
    assert_eq!(
        (leaf.locked, leaf.locked_months, leaf.weight.map(|w| (w.share, w.months))),
        (true, 4, Some((7, MonthSet::ALL)))
    );
    assert_eq!(company.mapped(Kind::Goal, &mapping, &text).unchanged, 14);
    let report = company.mapped(Kind::Goal, &mapping, text.replace("14,2,4,120,0,12.00", "14,2,4,120,0,13.00"));
    assert_eq!(report.findings[0].code, "months_not_total");
}

#[test]
fn who_may_import_what() {
    for (role, kind, may) in [
        (Role::Admin, Kind::Unit, true),
        (Role::Admin, Kind::Person, true),
        (Role::Admin, Kind::Order, true),
        (Role::Admin, Kind::Goal, true),
        (Role::Manager, Kind::Order, false),
        (Role::Manager, Kind::Goal, false),
        (Role::Rep, Kind::Order, false),
        (Role::Finance, Kind::Person, false),
        (Role::Auditor, Kind::Rate, false),
    ] {
        let text = match kind {
            Kind::Unit => UNITS,
            Kind::Person => PEOPLE,
            Kind::Goal => "goal_id,parent_id,owner_id,metric,period,target,locked\ng,,co,sales_amount,2026,1,\n",
            _ => ORDERS,
        };
        let mut company = Company::new();
        let done = run(&mut company.store, &actor(role), &memory(kind, text), &now(), &mut |_| {
            std::ops::ControlFlow::Continue(())
        });
        assert_eq!(!matches!(done, Err(ImportError::Forbidden)), may, "{role:?} {kind:?}");
    }
}

#[test]
fn the_sample_comes_in_whole() {
    let mut company = Company::empty();
    let files: [(Kind, &[u8]); 6] = [
        (Kind::Unit, include_bytes!("../../../../../assets/sample/units.csv")),
        (Kind::Person, include_bytes!("../../../../../assets/sample/people.csv")),
        (Kind::Order, include_bytes!("../../../../../assets/sample/orders.csv")),
        (Kind::Credit, include_bytes!("../../../../../assets/sample/credits.csv")),
        (Kind::Goal, include_bytes!("../../../../../assets/sample/goals.csv")),
        (Kind::Metric, include_bytes!("../../../../../assets/sample/metrics.csv")),
    ];
    for (kind, bytes) in files {
        assert!(company.takes(kind, bytes) > 0, "{kind:?}");
        assert_eq!(company.takes(kind, bytes), 0, "{kind:?} again");
    }
    company.figures();
}

#[test]
fn a_column_left_out_on_the_screen_stays_out() {
    let mut company = Company::empty();
    company.takes(Kind::Unit, UNITS);
    let fields = ["person_id", "name", "unit_id", "position", "role", "joined_on", "left_on"];
    let mapping = |fields: &[&str]| Mapping::of_columns(fields.iter().map(|f| (f.to_string(), f.to_string())));
    let request = |mapping| Request { mapping: Some(mapping), ..memory(Kind::Person, PEOPLE) };
    let report = company.try_request(&request(mapping(&fields))).unwrap();
    assert_eq!((report.findings, report.rejected), (vec![], 0));
    assert_eq!(company.store.view().salaries("zhang").unwrap(), None, "the salary was left out");
    // What is needed cannot be left out.
    let missing = company.try_request(&request(mapping(&fields[1..]))).unwrap_err();
    assert_eq!(missing.code(), "missing_columns");
    // A file without such a choice is read by its headers.
    company.takes(Kind::Person, PEOPLE);
    assert!(company.store.view().salaries("zhang").unwrap().is_some());
}

#[test]
fn a_quarter_is_divided_among_its_months_and_a_month_under_it_keeps_its_own() {
    let mut company = Company::new();
    let header = "goal_id,parent_id,owner_id,metric,period,target,locked";
    let rows =
        ["g,,co,sales_amount,2026,1200,", "q3,g,co,sales_amount,2026-Q3,600,", "m,q3,co,sales_amount,2026-08,300,"];
    let text = format!("{header}\n{}\n", rows.join("\n"));
    assert_eq!(company.import(Kind::Goal, &text).findings, []);
    let months = goal(&company, "g").months;
    assert_eq!(months[6..9], [15_000, 30_000, 15_000]);
    assert_eq!(months.iter().sum::<i64>(), 120_000);
}
