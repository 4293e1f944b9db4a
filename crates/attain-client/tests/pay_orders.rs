//! The orders behind a line of pay: they come to its figure, and where they no longer do, that is said.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use attain_client::domain::closing::Acceptance;
use attain_client::domain::metric::Metric;
use attain_client::domain::mutation::{Mutation, Now};
use attain_client::domain::period::{Month, Period};
use attain_client::import::{self, Input, Kind, Request};
use attain_client::keys::Unlock;
use attain_client::store::queries::counted::Counts;
use attain_client::{Workspace, pay, sample};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn company() -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    let unlock = Unlock::Passphrase("correct horse battery".to_string().into());
    let workspace = sample::create(&dir.path().join("home"), &unlock).unwrap();
    (dir, workspace)
}

/// Every open line of the checklist, accepted.
fn accept(shown: &pay::Closing) -> Vec<Acceptance> {
    let open = shown.outlook.open(&[]);
    open.iter().map(|found| Acceptance { check: found.check, reason: "joined in September".into() }).collect()
}

fn import_orders(workspace: &mut Workspace, rows: &str) {
    let viewer = workspace.viewer().unwrap();
    let input = Input::Memory { name: "late.csv".into(), bytes: rows.as_bytes().to_vec() };
    let now = Now { today: viewer.today, at: "2026-10-02T08:00:00+08:00".into() };
    let request = Request::of(Kind::Order, input);
    let actor = viewer.actor;
    let report = import::run(&mut workspace.store, &actor, &request, &now, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((report.imported, report.rejected), (1, 0), "{:?}", report.findings);
}

/// Every figure that pay is reckoned with is the orders listed under it, to the cent, in closed months as in the running one.
#[test]
fn the_orders_behind_a_component_come_to_its_figure() {
    let (_dir, mut workspace) = company();
    let viewer = workspace.viewer().unwrap();
    let (mut lines, mut clawed) = (0, 0);
    for text in ["2026-05", "2026-08", "2026-09"] {
        for pay in pay::list(&mut workspace, Period::Month(month(text))).unwrap().pays {
            for line in pay::lines_of(&pay) {
                let pay::LineOf::Metric(metric) = line else { panic!("{line:?}") };
                let found = pay::behind(workspace.view(), &viewer, &pay, &line).unwrap();
                let told = || format!("{text} {} {metric}: {found:?}", pay.person_id);
                assert!(found.adds_up(), "{}", told());
                let Some(figure) = found.figure else {
                    assert!(found.lines.is_empty(), "{}", told());
                    continue;
                };
                let of = |counts: &[Counts]| -> i64 {
                    let customers = found.lines.iter().filter(|line| counts.contains(&line.counts));
                    customers.filter_map(|line| line.customer_id.clone()).collect::<BTreeSet<_>>().len() as i64
                };
                let counted = found.lines.iter().filter(|line| line.counts == Counts::Counted);
                match metric {
                    Metric::SalesAmount => {
                        let sum: i64 = counted.filter_map(|line| line.amount).map(|amount| amount.minor).sum();
                        assert_eq!(sum, figure.num, "{}", told());
                    }
                    Metric::NewCustomers => assert_eq!(counted.count() as i64, figure.num, "{}", told()),
                    Metric::RetentionRate => {
                        let kept = of(&[Counts::Counted, Counts::Elsewhere]);
                        assert_eq!((kept, kept + of(&[Counts::Lost])), (figure.num, figure.den), "{}", told());
                    }
                    Metric::RepurchaseRate => {
                        let again = of(&[Counts::Counted]);
                        assert_eq!((again, again + of(&[Counts::Once])), (figure.num, figure.den), "{}", told());
                    }
                    other => panic!("{other}"),
                }
                let dated: Vec<_> = found.lines.iter().filter_map(|line| line.date).collect();
                assert!(dated.is_sorted_by(|a, b| a >= b), "{}", told());
                lines += found.lines.len();
                clawed += found.lines.iter().filter(|line| line.counts == Counts::ClawedBack).count();
            }
        }
    }
    assert!(lines > 1000 && clawed > 0, "{lines} lines, {clawed} clawed back");
}

/// An order that came after the close: the month stays what it was, and it is said that the orders do not come to it.
#[test]
fn orders_that_changed_since_the_close_do_not_add_up() {
    let (_dir, mut workspace) = company();
    let august = Period::Month(month("2026-08"));
    let add = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
        LATE-1,C-LATE,new,zhang-san,2026-08-30,5000,3000,CNY,booked,beans-house\n";
    import_orders(&mut workspace, add);
    let viewer = workspace.viewer().unwrap();
    let pay = pay::show(&mut workspace, "zhang-san", august).unwrap().unwrap();
    let behind = |metric| pay::behind(workspace.view(), &viewer, &pay, &pay::LineOf::Metric(metric)).unwrap();
    let sales = behind(Metric::SalesAmount);
    assert!(!sales.adds_up());
    assert_eq!((sales.figure.unwrap().num, sales.now.unwrap().num), (36_300_000, 36_800_000));
    assert!(sales.lines.iter().any(|line| line.order_id.as_deref() == Some("LATE-1")));
    let won = behind(Metric::NewCustomers);
    assert_eq!((won.figure.unwrap().num, won.now.unwrap().num, won.lines.len()), (13, 14, 14));
    // Whoever may not see the pay, or the orders, sees nothing of either.
    workspace.act_as("wu-qian").unwrap();
    let other = workspace.viewer().unwrap();
    let refused = pay::behind(workspace.view(), &other, &pay, &pay::LineOf::Metric(Metric::SalesAmount));
    assert_eq!(refused.err().map(|problem| problem.code), Some("not_found"));
}

/// Commissions are paid on deals: a closed month keeps those it was frozen with, whatever comes later.
#[test]
fn a_closed_month_of_commissions_keeps_its_deals() {
    let (_dir, mut workspace) = company();
    let plan = r#"
        id = "new-business"
        name = { zh = "九月提成", en = "September commission" }
        version = 3
        position = "new_business"
        currency = "CNY"
        effective_from = 2026-09-01
        [[commissions]]
        id = "sales"
        of = "deals"
        rates = [{ rate = "2 %" }]
    "#;
    workspace.mutate(&Mutation::PublishPlan { source: plan.to_string() }).unwrap();
    workspace.set_today(Some("2026-10-02".parse().unwrap()));
    let viewer = workspace.viewer().unwrap();
    let shown = pay::closing(workspace.view(), &viewer, month("2026-09")).unwrap();
    pay::close(&mut workspace, month("2026-09"), None, accept(&shown)).unwrap();
    let add = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
        LATE-1,C-LATE,new,zhang-san,2026-09-20,5000,3000,CNY,booked,beans-house\n";
    import_orders(&mut workspace, add);
    let pay = pay::show(&mut workspace, "zhang-san", Period::Month(month("2026-09"))).unwrap().unwrap();
    let [line] = pay::lines_of(&pay).try_into().unwrap();
    assert_eq!(line, pay::LineOf::Commission("sales".into()));
    let found = pay::behind(workspace.view(), &viewer, &pay, &line).unwrap();
    let sum: i64 = found.lines.iter().filter_map(|line| line.amount).map(|amount| amount.minor).sum();
    assert_eq!((sum, pay.payout.amount.unwrap().minor), (16_170_000, 323_400));
    assert!(found.adds_up() && found.lines.iter().all(|line| line.customer_id.is_some()));
    assert!(found.lines.iter().all(|line| line.order_id.as_deref() != Some("LATE-1")));
}
