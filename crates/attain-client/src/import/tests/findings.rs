//! Every code of a finding: bytes in, findings out, in both languages.

use attain_domain::mutation::{Change, ClosedPeriod};
use attain_domain::period::Month;
use attain_store::StoreError;
use attain_store::facts::{Base, Batch};

use super::super::{FINDINGS_KEPT, Kind, Request};
use super::{Company, ORDERS, hr, memory, now};
use crate::language::Language;

/// Findings as `row column code`, one a line.
fn found(company: &mut Company, kind: Kind, header: &str, rows: &[&str]) -> Vec<String> {
    let report = company.import(kind, format!("{header}\n{}\n", rows.join("\n")));
    assert_eq!(report.rows, rows.len() as u64);
    assert_eq!(report.findings_total, report.findings.len() as u64);
    for finding in &report.findings {
        for language in [Language::Chinese, Language::English] {
            let message = finding.message(language);
            assert!(!message.contains(['{', '}', '@']) && !message.starts_with("finding."), "{message}");
        }
    }
    report.findings.iter().map(|f| format!("{} {} {}", f.row, f.column.as_deref().unwrap_or("-"), f.code)).collect()
}

#[test]
fn units() {
    let header = "unit_id,name,parent_id,kind";
    for (rows, expected) in [
        (vec!["x,X,nowhere,team"], vec!["2 parent_id unknown_parent"]),
        (vec!["x,X,A,team", "x,X2,A,team"], vec!["3 unit_id duplicate"]),
        (vec!["x,X,,company"], vec!["2 parent_id not_one_root"]),
        (vec!["x,X,A,gang"], vec!["2 kind bad_value"]),
        (vec!["x,,A,team"], vec!["2 name missing_value"]),
        (vec![",X,A,team"], vec!["2 unit_id missing_value"]),
        (vec!["x,X,y,team", "y,Y,x,team"], vec!["2 parent_id cycle", "3 parent_id cycle"]),
        (vec!["x,X,x,team"], vec!["2 parent_id cycle"]),
        // Moving the region below its own team closes a circle with what the store has.
        (vec!["A,East,jia,region"], vec!["2 parent_id cycle"]),
        (vec!["x,X,y,team", "y,Y,A,gang"], vec!["2 parent_id unknown_parent", "3 kind bad_value"]),
        (vec!["x,X,A,team,too,many"], vec!["2 - too_many_cells"]),
        (vec!["co,Qinghe,jia,company"], vec!["2 parent_id cycle"]),
    ] {
        assert_eq!(found(&mut Company::new(), Kind::Unit, header, &rows), expected, "{rows:?}");
    }
    let two = ["a,A,,company", "b,B,,company", "c,C,a,team"];
    let expected = ["2 parent_id not_one_root", "3 parent_id not_one_root", "4 parent_id unknown_parent"];
    assert_eq!(found(&mut Company::empty(), Kind::Unit, header, &two), expected);
    let long = format!("x,{},A,team", "长".repeat(100));
    assert_eq!(found(&mut Company::new(), Kind::Unit, header, &[&long]), ["2 name too_long"]);
}

#[test]
fn people() {
    let header = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on,fte,manager_id";
    for (rows, expected) in [
        (vec!["p,P,nowhere,new_business,rep,1,2024-01-01,,,"], vec!["2 unit_id unknown_unit"]),
        (vec!["p,P,jia,boss,rep,1,2024-01-01,,,"], vec!["2 position unknown_position"]),
        (vec!["p,P,jia,new_business,king,1,2024-01-01,,,"], vec!["2 role unknown_role"]),
        (vec!["p,P,jia,new_business,rep,lots,2024-01-01,,,"], vec!["2 base_salary bad_amount"]),
        (vec!["p,P,jia,new_business,rep,-1,2024-01-01,,,"], vec!["2 base_salary negative_amount"]),
        (vec!["p,P,jia,new_business,rep,1.005,2024-01-01,,,"], vec!["2 base_salary too_precise"]),
        (vec!["p,P,jia,new_business,rep,1,,,,"], vec!["2 joined_on missing_value"]),
        (vec!["p,P,jia,new_business,rep,1,2024-02-30,,,"], vec!["2 joined_on bad_date"]),
        (vec!["p,P,jia,new_business,rep,1,2024-02-03,2024-02-02,,"], vec!["2 left_on left_before_joined"]),
        (vec!["p,P,jia,new_business,rep,1,2024-01-01,,1.5,"], vec!["2 fte bad_value"]),
        (vec!["p,P,jia,new_business,rep,1,2024-01-01,,half,"], vec!["2 fte bad_number"]),
        (vec!["p,P,jia,new_business,rep,1,2024-01-01,,,li-na"], vec![]),
        (vec!["p,P,yi,new_business,rep,1,2024-01-01,,,li-na"], vec!["2 manager_id manager_mismatch"]),
        (vec!["p,P,jia,new_business,rep,1,2024-01-01,,,nobody"], vec!["2 manager_id unknown_person"]),
        (
            vec!["p,P,jia,new_business,rep,1,2024-01-01,,,", "p,P,jia,new_business,rep,1,2024-01-01,,,"],
            vec!["3 unit_id duplicate"],
        ),
        (
            vec!["p,P,jia,new_business,rep,1,2024-01-01,,,", "p,Q,yi,new_business,rep,1,2024-01-01,,,"],
            vec!["3 name differs_from_row"],
        ),
        (
            vec!["p,P,jia,new_business,rep,1,2024-01-01,,,", "p,P,yi,new_business,rep,2,2024-01-01,,,"],
            vec!["3 base_salary differs_from_row"],
        ),
    ] {
        assert_eq!(found(&mut Company::new(), Kind::Person, header, &rows), expected, "{rows:?}");
    }
}

/// A second refund in a later file is refused and changes no figure; the first one again is unchanged, and a larger revision
/// of it is refused too.
#[test]
fn a_second_refund_of_an_order_is_refused() {
    let header = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product";
    let mut company = Company::new();
    let sold = "O,C,new,zhang,2026-09-01,100,,CNY,booked,p";
    let back = "O,C,new,zhang,2026-09-02,100,,CNY,refunded,p";
    assert_eq!(found(&mut company, Kind::Order, header, &[sold, back]), [""; 0]);
    let before = company.figures();
    for again in ["O,C,new,zhang,2026-09-03,100,,CNY,refunded,p", "O,C,new,zhang,2026-09-02,101,,CNY,refunded,p"] {
        let report = company.import(Kind::Order, format!("{header}\n{again}\n{back}\n"));
        let twice = again.contains("-02,");
        assert_eq!((report.rejected, report.imported), (1 + u64::from(twice), 0), "{again}: {:?}", report.findings);
        assert_eq!(report.findings[0].code, "refund_beyond_order");
    }
    assert_eq!(company.figures(), before);
    let same = company.import(Kind::Order, format!("{header}\n{back}\n"));
    assert_eq!((same.rejected, same.unchanged), (0, 1));
}

#[test]
fn orders() {
    let header = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product";
    for (rows, expected) in [
        (vec![",C,new,zhang,2026-09-01,1,,CNY,booked,p"], vec!["2 order_id missing_value"]),
        (vec!["O,,new,zhang,2026-09-01,1,,CNY,booked,p"], vec!["2 customer_id missing_value"]),
        (vec!["O,C,new,nobody,2026-09-01,1,,CNY,booked,p"], vec!["2 person_id unknown_person"]),
        (vec!["O,C,new,,2026-09-01,1,,CNY,booked,p"], vec!["2 person_id missing_value"]),
        (vec!["O,C,new,zhang,2026-13-01,1,,CNY,booked,p"], vec!["2 date bad_date"]),
        (vec!["O,C,new,zhang,,1,,CNY,booked,p"], vec!["2 date missing_value"]),
        (vec!["O,C,new,zhang,2026-09-01,-1,,CNY,booked,p"], vec!["2 amount negative_amount"]),
        (vec!["O,C,new,zhang,2026-09-01,much,,CNY,booked,p"], vec!["2 amount bad_amount"]),
        (vec!["O,C,new,zhang,2026-09-01,1.005,,CNY,booked,p"], vec!["2 amount too_precise"]),
        (vec!["O,C,new,zhang,2026-09-01,99999999999999,,CNY,booked,p"], vec!["2 amount too_large"]),
        (vec!["O,C,new,zhang,2026-09-01,1,-1,CNY,booked,p"], vec!["2 cost negative_amount"]),
        (vec!["O,C,new,zhang,2026-09-01,1,,yuan,booked,p"], vec!["2 currency bad_currency"]),
        (vec!["O,C,new,zhang,2026-09-01,1,,USD,booked,p"], vec!["2 currency unknown_currency"]),
        (vec!["O,C,new,zhang,2026-09-01,1,,CNY,sold,p"], vec!["2 event unknown_event"]),
        (vec!["O,C,new,zhang,2026-09-01,1,,CNY,,p"], vec!["2 event missing_value"]),
        (vec!["O,C,new,zhang,2026-09-01,1,,CNY,booked,p,1"], vec!["2 - too_many_cells"]),
        (
            vec!["O,C,new,zhang,2026-09-01,1,,CNY,booked,p", "O,C,new,zhang,2026-09-01,2,,CNY,booked,p"],
            vec!["3 order_id duplicate"],
        ),
        // Parts of an order come back until it is all back; then no more, whatever the order of the rows.
        (
            vec![
                "O,C,new,zhang,2026-09-02,60,,CNY,refunded,p",
                "O,C,new,zhang,2026-09-01,100,,CNY,booked,p",
                "O,C,new,zhang,2026-09-03,40,,CNY,refunded,p",
                "O,C,new,zhang,2026-09-04,100,,CNY,refunded,p",
                "O,C,new,zhang,2026-09-05,0.01,,CNY,refunded,p",
            ],
            vec!["5 order_id refund_beyond_order", "6 order_id refund_beyond_order"],
        ),
        // Of an order that is not here nothing can be said, and another currency is not compared.
        (vec!["X,C,new,zhang,2026-09-02,60,,CNY,refunded,p"], vec![]),
        (
            vec!["O,C,new,nobody,bad,-1,,CNY,booked,p", "O,C,new,zhang,2026-09-01,2,,CNY,booked,p"],
            vec!["2 date bad_date", "2 amount negative_amount"],
        ),
    ] {
        let mut company = Company::new();
        assert_eq!(found(&mut company, Kind::Order, header, &rows), expected, "{rows:?}");
        company.figures();
    }
}

#[test]
fn credits() {
    let header = "order_id,person_id,share,role";
    for (rows, expected) in [
        (vec!["O9,zhang,1,revenue"], vec!["2 order_id unknown_order"]),
        (vec!["O1,nobody,1,revenue"], vec!["2 person_id unknown_person"]),
        (vec!["O1,zhang,0.6,revenue", "O1,wu,0.5,revenue"], vec!["2 share shares_not_one", "3 share shares_not_one"]),
        (vec!["O1,zhang,0.5,overlay"], vec!["2 share shares_not_one"]),
        (vec!["O1,zhang,0,revenue"], vec!["2 share bad_share"]),
        (vec!["O1,zhang,-1,revenue"], vec!["2 share bad_share"]),
        (vec!["O1,zhang,all,revenue"], vec!["2 share bad_number"]),
        (vec!["O1,zhang,0.1234567891,revenue"], vec!["2 share too_precise"]),
        (vec!["O1,zhang,1,friend"], vec!["2 role bad_value"]),
        (vec!["O1,zhang,0.5,revenue", "O1,zhang,0.5,revenue"], vec!["2 - rejected_together", "3 person_id duplicate"]),
        (
            vec!["O1,zhang,1,revenue", "O1,nobody,0.2,overlay"],
            vec!["2 - rejected_together", "3 person_id unknown_person"],
        ),
        // One order's trouble is not the other's.
        (vec!["O1,zhang,2,revenue", "O2,wu,100%,revenue"], vec!["2 share shares_not_one"]),
    ] {
        let mut company = Company::selling();
        assert_eq!(found(&mut company, Kind::Credit, header, &rows), expected, "{rows:?}");
        company.figures();
    }
}

#[test]
fn goals() {
    let header = "goal_id,parent_id,owner_id,metric,period,target,locked";
    let year = "g,,co,sales_amount,2026,1200,false";
    for (rows, expected) in [
        (vec!["g,,nobody,sales_amount,2026,1,"], vec!["2 owner_id unknown_owner"]),
        (vec!["g,,co,happiness,2026,1,"], vec!["2 metric unknown_metric"]),
        (vec!["g,,co,sales_amount,2026-Q5,1,"], vec!["2 period bad_period"]),
        (vec!["g,,co,sales_amount,someday,1,"], vec!["2 period bad_period"]),
        (vec!["g,,co,sales_amount,2026,-1,"], vec!["2 target negative_amount"]),
        (vec!["g,,co,sales_amount,2026,,"], vec!["2 target missing_value"]),
        (vec!["g,,co,sales_amount,2026,1.005,"], vec!["2 target too_precise"]),
        (vec!["g,,co,new_customers,2026,1.5,"], vec!["2 target too_precise"]),
        (vec!["g,,co,sales_amount,2026,99999999999999999,"], vec!["2 target too_large"]),
        (vec!["g,,co,sales_amount,2026,1,maybe"], vec!["2 locked bad_value"]),
        (vec!["g,nowhere,co,sales_amount,2026,1,"], vec!["2 parent_id unknown_parent"]),
        (vec![year, "h,g,A,new_customers,2026,1,"], vec!["3 parent_id parent_mismatch"]),
        (vec![year, "h,g,A,sales_amount,2027,1,"], vec!["3 parent_id parent_mismatch"]),
        (
            vec!["g,h,co,sales_amount,2026,1,", "h,g,A,sales_amount,2026,1,"],
            vec!["2 parent_id cycle", "3 parent_id cycle"],
        ),
        (vec![year, year], vec!["2 - rejected_together", "3 period duplicate"]),
        (vec![year, "g,,co,sales_amount,2026-01,1201,"], vec!["2 target months_not_total", "3 - rejected_together"]),
        (vec![year, "g,,A,sales_amount,2026-01,100,"], vec!["2 - rejected_together", "3 owner_id differs_from_row"]),
        (vec![year, "g,,co,sales_amount,2027-01,100,"], vec!["2 - rejected_together", "3 period differs_from_row"]),
        // A month hangs under the quarter it is in, and a quarter is the sum of its months.
        (
            vec![year, "q3,g,co,sales_amount,2026-Q3,300,", "m,q3,co,sales_amount,2026-10,100,"],
            vec!["2 - rejected_together", "3 - rejected_together", "4 period outside_parent"],
        ),
        (
            vec![year, "q3,g,co,sales_amount,2026-Q3,300,", "m,q3,co,sales_amount,2026-08,301,"],
            vec!["2 - rejected_together", "3 target months_not_total", "4 - rejected_together"],
        ),
        // What hangs below a rejected goal hangs nowhere.
        (
            vec!["g,,nobody,sales_amount,2026,1,", "h,g,A,sales_amount,2026,1,"],
            vec!["2 owner_id unknown_owner", "3 parent_id unknown_parent"],
        ),
    ] {
        assert_eq!(found(&mut Company::new(), Kind::Goal, header, &rows), expected, "{rows:?}");
    }
    let other = "goal_id,parent_id,owner_id,metric,period,target,currency";
    let row = "g,,co,sales_amount,2026,1200,USD";
    assert_eq!(found(&mut Company::new(), Kind::Goal, other, &[row]), ["2 currency currency_mismatch"]);
    let months: Vec<String> = (1..=12).map(|m| format!("g,,co,sales_amount,2026-{m:02},100,")).collect();
    let mut rows: Vec<&str> = vec!["g,,co,sales_amount,2026,1201,"];
    rows.extend(months.iter().map(String::as_str));
    let report = found(&mut Company::new(), Kind::Goal, header, &rows);
    assert_eq!(report[0], "2 target months_not_total");
    assert_eq!(report.len(), 13);
}

#[test]
fn a_closed_month_keeps_its_goal() {
    let mut company = Company::new();
    let header = "goal_id,parent_id,owner_id,metric,period,target,locked";
    company.takes(Kind::Goal, format!("{header}\ng,,co,sales_amount,2026,1200,\n"));
    let month = Month { year: 2026, month: 3 };
    let closed = ClosedPeriod { closed_by: "owner".into(), closed_at: now().at, seq: None };
    let close = Base::Decision { change: Change::Period { month, to: Some(closed) } };
    company.store.import::<StoreError>(&hr(), &now(), |_| Ok((vec![close], Batch::default())), |_| Ok(())).unwrap();
    for (row, expected) in [
        ("g,,co,sales_amount,2026-03,101,", vec!["2 period period_closed"]),
        ("g,,co,sales_amount,2026-03,100,", vec![]),
        ("g,,co,sales_amount,2026-04,101,", vec![]),
        ("h,g,A,sales_amount,2026,1200,", vec!["2 period period_closed"]),
    ] {
        assert_eq!(found(&mut company, Kind::Goal, header, &[row]), expected, "{row}");
    }
}

#[test]
fn metrics_and_rates() {
    let header = "person_id,metric,period,numerator,denominator";
    for (rows, expected) in [
        (vec!["nobody,teamwork_score,2026-08,20,5"], vec!["2 person_id unknown_person"]),
        (vec!["zhang,happiness,2026-08,20,5"], vec!["2 metric unknown_metric"]),
        (vec!["zhang,sales_amount,2026-08,20,5"], vec!["2 metric metric_derived"]),
        (vec!["zhang,teamwork_score,2026,20,5"], vec!["2 period bad_period"]),
        (vec!["zhang,teamwork_score,2026-08,20.555,5"], vec!["2 numerator too_precise"]),
        (vec!["zhang,teamwork_score,2026-08,-1,5"], vec!["2 numerator negative_amount"]),
        (vec!["zhang,teamwork_score,2026-08,20,0"], vec!["2 denominator bad_value"]),
        (vec!["zhang,teamwork_score,2026-Q3,20,5", "zhang,teamwork_score,2026-09,21,5"], vec!["3 period duplicate"]),
    ] {
        assert_eq!(found(&mut Company::new(), Kind::Metric, header, &rows), expected, "{rows:?}");
    }
    let header = "currency,date,rate";
    for (rows, expected) in [
        (vec!["yuan,2026-01-01,7"], vec!["2 currency bad_currency"]),
        (vec!["CNY,2026-01-01,1"], vec!["2 currency own_currency"]),
        (vec!["USD,2026-01-32,7"], vec!["2 date bad_date"]),
        (vec!["USD,2026-01-01,0"], vec!["2 rate bad_value"]),
        (vec!["USD,2026-01-01,0.12345678901"], vec!["2 rate too_precise"]),
        (vec!["USD,2026-01-01,7.1", "USD,2026-01-01,7.2"], vec!["3 date duplicate"]),
    ] {
        assert_eq!(found(&mut Company::new(), Kind::Rate, header, &rows), expected, "{rows:?}");
    }
}

#[test]
fn good_rows_stay_and_rejected_ones_can_be_mended() {
    let mut company = Company::new();
    let rejects = company.dir.path().join("rejected.csv");
    let text = format!(
        "{ORDERS}O4,C3,new,=nobody,2026-09-01,7.00,,CNY,booked,\"a \"\"b\"\"\"\nO5,C3,new,zhang,2026-09-01,x,,CNY,booked,p\n"
    );
    let request = Request { rejects: Some(rejects.clone()), language: Language::Chinese, ..memory(Kind::Order, text) };
    let report = company.try_request(&request).unwrap();
    assert_eq!((report.rows, report.imported, report.rejected), (6, 4, 2));
    let written = std::fs::read_to_string(&rejects).unwrap();
    assert!(written.starts_with("\u{feff}\"order_id\","), "{written}");
    assert!(written.contains("\"'=nobody\"") && written.contains("\"a \"\"b\"\"\"") && written.contains("没有编号为"));
    let mended = written.replace("'=nobody", "wu").replace("\"x\"", "\"8.00\"");
    let request = Request { rejects: Some(rejects.clone()), ..memory(Kind::Order, mended) };
    let report = company.try_request(&request).unwrap();
    assert_eq!((report.rows, report.imported, report.rejected), (2, 2, 0));
    assert_eq!(report.findings, []);
    // Rejected again, the reason is not added beside the earlier one.
    let report = company.try_request(&Request { rejects: Some(rejects.clone()), ..memory(Kind::Order, &written) });
    assert_eq!(report.unwrap().rejected, 2);
    let header = |text: &str| text.lines().next().unwrap().matches(',').count();
    assert_eq!(header(&std::fs::read_to_string(&rejects).unwrap()), header(&written));
}

#[test]
fn findings_are_kept_up_to_a_bound_and_counted_beyond() {
    let mut text = String::from("order_id,customer_id,person_id,date,amount\n");
    for i in 0..FINDINGS_KEPT + 500 {
        text.push_str(&format!("O{i},C,nobody,2026-09-01,1\n"));
    }
    let report = Company::new().import(Kind::Order, text);
    assert_eq!((report.findings.len(), report.findings_total), (FINDINGS_KEPT, FINDINGS_KEPT as u64 + 500));
    assert_eq!(report.rejected, report.rows);
}
