//! Closing a month: what is shown before is what is frozen; and what a month's figure of a goal would do.

#![allow(clippy::unwrap_used, clippy::panic)]

use attain_client::domain::adjustment::Kind;
use attain_client::domain::closing::{Acceptance, Check};
use attain_client::domain::goal::Reading;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::export::Cell;
use attain_client::keys::Unlock;
use attain_client::language::Language;
use attain_client::{Workspace, goals, pay, payslip, sample};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn company() -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    let unlock = Unlock::Passphrase("correct horse battery".to_string().into());
    let workspace = sample::create(&dir.path().join("home"), &unlock).unwrap();
    (dir, workspace)
}

const REASON: &str = "joined in the middle of the month";

/// Every open line of the checklist, accepted.
fn accept(shown: &pay::Closing) -> Vec<Acceptance> {
    let open = shown.outlook.open(&[]);
    open.iter().map(|found| Acceptance { check: found.check, reason: REASON.into() }).collect()
}

#[test]
fn what_a_close_shows_is_what_it_freezes() {
    let (_dir, mut workspace) = company();
    let september = month("2026-09");
    let viewer = workspace.viewer().unwrap();
    assert_eq!(pay::next_to_close(workspace.view(), &viewer).unwrap(), [september]);
    let running = pay::closing(workspace.view(), &viewer, september).unwrap();
    assert!(!running.over && running.until.to_string() == "2026-10-01");

    workspace.set_today(Some("2026-10-02".parse().unwrap()));
    let viewer = workspace.viewer().unwrap();
    let shown = pay::closing(workspace.view(), &viewer, september).unwrap();
    assert!(shown.over);
    assert_eq!(shown.people().len(), 45);
    let unpaid = shown.unpaid();
    let code =
        |close: attain_client::problem::Result<_>| close.err().map(|problem: attain_client::Problem| problem.code);
    // With a line open nothing is closed; a reason without words is none.
    let nothing = pay::close(&mut workspace, september, Some(shown.seen.clone()), Vec::new());
    assert_eq!(code(nothing.map(drop)), Some("close_findings"));
    let mut accepted = accept(&shown);
    assert!(!accepted.is_empty() && !unpaid.is_empty());
    accepted[0].reason = "  ".into();
    assert_eq!(code(pay::close(&mut workspace, september, None, accepted).map(drop)), Some("empty_text"));
    let other = pay::close(&mut workspace, september, Some("another".into()), accept(&shown));
    assert_eq!(code(other.map(drop)), Some("preview_changed"));
    pay::close(&mut workspace, september, Some(shown.seen.clone()), accept(&shown)).unwrap();
    let again = pay::close(&mut workspace, september, None, accept(&shown));
    assert_eq!(code(again.map(drop)), Some("period_closed"));
    let frozen = pay::list(&mut workspace, Period::Month(september)).unwrap().pays;
    assert_eq!(frozen.len(), shown.people().len());
    assert_eq!(frozen.iter().filter(|pay| pay.payout.amount.is_none()).count(), unpaid.len());
    for pay in frozen.iter().filter(|pay| unpaid.contains(&pay.person_id)) {
        assert!(pay.accepted.iter().all(|one| one.reason == REASON) && !pay.accepted.is_empty(), "{}", pay.person_id);
    }
    // A workspace of its own is its own authority.
    assert!(frozen.iter().all(|pay| !pay.provisional && pay.seq.is_none()));
    let total: i64 = frozen.iter().filter_map(|pay| pay.payout.amount).map(|amount| amount.minor).sum();
    assert_eq!(total, shown.total.minor);
    assert_eq!(pay::next_to_close(workspace.view(), &viewer).unwrap(), [month("2026-10")]);
}

#[test]
fn only_who_may_close_is_told_what_it_would_pay() {
    let (_dir, mut workspace) = company();
    for (person, allowed) in [("wang-fang", true), ("qian-wei", true), ("li-na", false), ("zhang-san", false)] {
        workspace.act_as(person).unwrap();
        let viewer = workspace.viewer().unwrap();
        assert_eq!(pay::closing(workspace.view(), &viewer, month("2026-09")).is_ok(), allowed, "{person}");
    }
}

#[test]
fn a_months_figure_changes_that_month_alone_and_never_a_closed_one() {
    let (_dir, workspace) = company();
    let viewer = workspace.viewer().unwrap();
    let preview = |of: &str| {
        let (reading, from) = (Reading::Month(month(of)), Some(month(of)));
        goals::preview(workspace.view(), &viewer, "g26-zhang-san", "35万", reading, from)
    };
    let found = preview("2026-10").unwrap();
    let (before, after) = (found.before_of("g26-zhang-san").unwrap(), &found.after[0]);
    let changed: Vec<usize> = (0..12).filter(|at| before.months[*at] != after.months[*at]).collect();
    assert_eq!((changed, after.months[9]), (vec![9], 35_000_000));
    assert!(found.readings.is_empty());
    assert_eq!(preview("2026-08").err().map(|problem| problem.code), Some("no_open_months"));
}

/// Feng Lei's July order of 8,400 came back on 8 September: 86.20 → 84.10, 0.70 instead of 1.00 × 11,000.
#[test]
fn a_refund_after_the_close_is_clawed_back_in_the_next_open_month() {
    let (_dir, mut workspace) = company();
    let of = |workspace: &mut Workspace, text: &str| {
        pay::show(workspace, "feng-lei", Period::Month(month(text))).unwrap().unwrap()
    };
    let july = of(&mut workspace, "2026-07");
    assert_eq!((july.payout.amount.unwrap().minor, july.adjustments.len()), (1_100_000, 0));

    let running = of(&mut workspace, "2026-09");
    let [clawback] = running.adjustments.as_slice() else { panic!("{:?}", running.adjustments) };
    assert_eq!((clawback.corrects, clawback.kind), (month("2026-07"), Kind::Clawback));
    assert_eq!(clawback.orders, ["Q031529"]);
    assert_eq!((clawback.was.minor, clawback.is.minor, clawback.amount.minor), (1_100_000, 770_000, -330_000));

    workspace.set_today(Some("2026-10-02".parse().unwrap()));
    let viewer = workspace.viewer().unwrap();
    let shown = pay::closing(workspace.view(), &viewer, month("2026-09")).unwrap();
    assert!(shown.adjustments.iter().any(|(person, of)| person == "feng-lei" && of == clawback));
    pay::close(&mut workspace, month("2026-09"), Some(shown.seen.clone()), accept(&shown)).unwrap();
    let closed = of(&mut workspace, "2026-09");
    assert_eq!(closed.adjustments, running.adjustments);
    let paid = closed.payout.amount.unwrap().minor;
    assert_eq!(closed.total().unwrap().minor, paid - 330_000);
    // A closed month is never edited, and nothing is recovered twice.
    assert_eq!(of(&mut workspace, "2026-07").payout, july.payout);
    assert!(of(&mut workspace, "2026-10").adjustments.is_empty());
}

#[test]
fn every_closed_payslip_replays_to_the_same_hash() {
    let (_dir, mut workspace) = company();
    for text in ["2026-03", "2026-07", "2026-08"] {
        let replayed = pay::replay(&mut workspace, Period::Month(month(text)), None).unwrap();
        assert!(replayed.len() > 40);
        for one in replayed {
            assert!(one.replay.same && one.frozen_digest == one.digest, "{text} {}", one.person_id);
            assert!(one.replay.recomputed, "{text} {}", one.person_id);
        }
    }
    let open = pay::replay(&mut workspace, Period::Month(month("2026-09")), None);
    assert_eq!(open.err().map(|problem| problem.code), Some("period_not_closed"));
}

/// What is paid of a month and corrected later is what the month comes to with everything known.
#[test]
fn adjustments_net_to_the_recomputed_difference() {
    let (_dir, mut workspace) = company();
    let mut corrections = 0;
    for text in ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"] {
        for pay in pay::list(&mut workspace, Period::Month(month(text))).unwrap().pays {
            for adjustment in &pay.adjustments {
                corrections += 1;
                assert!(adjustment.corrects < pay.month && adjustment.kind == Kind::Clawback);
                assert_eq!(adjustment.amount.minor, adjustment.is.minor - adjustment.was.minor);
                let period = Period::Month(adjustment.corrects);
                let past = pay::show(&mut workspace, &pay.person_id, period).unwrap().unwrap();
                assert_eq!(past.payout.amount, Some(adjustment.was));
            }
        }
    }
    println!("{corrections} corrections in the sample's closed months");
}

#[test]
fn payslips_go_out_with_payrolls_own_columns() {
    let (dir, mut workspace) = company();
    let file = dir.path().join("mapping.toml");
    std::fs::write(&file, "[columns]\n\"工号\" = \"person_id\"\n\"奖金\" = \"payout\"\n\"应发\" = \"pay_total\"\n")
        .unwrap();
    let mapping = payslip::Mapping::read(&file).unwrap();
    let august = Period::Month(month("2026-08"));
    let table = payslip::table(&mut workspace, august, Some(&mapping)).unwrap();
    assert_eq!(table.headings, ["工号", "奖金", "应发"]);
    let number = |text: &str| Cell::Number(text.to_string());
    let row = vec![Cell::Text("zhang-san".into()), number("18000.00"), number("30000.00")];
    assert!(table.rows.contains(&row), "{:?}", table.rows);
    std::fs::write(&file, "[columns]\n\"工号\" = \"id\"\n").unwrap();
    assert_eq!(payslip::Mapping::read(&file).err().map(|p| p.code), Some("payslip_mapping"));
    let open = payslip::table(&mut workspace, Period::Month(month("2026-09")), None);
    assert_eq!(open.err().map(|p| p.code), Some("period_not_closed"));
    workspace.act_as("zhang-san").unwrap();
    assert_eq!(payslip::table(&mut workspace, august, None).err().map(|p| p.code), Some("not_allowed"));
}

/// A running month is a range and says what would raise it, from the figures on this laptop alone.
#[test]
fn a_running_month_is_a_range_and_says_what_moves_it() {
    let (_dir, mut workspace) = company();
    let mut moved = std::collections::BTreeSet::new();
    for person in ["wu-qian", "zhang-san", "sun-li", "feng-lei", "he-jing"] {
        let pay = pay::show(&mut workspace, person, Period::Month(month("2026-09"))).unwrap().unwrap();
        assert!(pay.provisional, "{person}");
        let (low, high) = pay.range.unwrap();
        assert!(low.minor <= high.minor, "{person}: {low:?} {high:?}");
        for lever in &pay.levers {
            let now = pay.payout.amount.unwrap();
            assert!(lever.gain.minor > 0 && lever.amount.minor == now.minor + lever.gain.minor, "{person} {lever:?}");
            moved.insert(match &lever.on {
                pay::LeverOn::Metric(metric) => metric.name(),
                pay::LeverOn::Order { .. } => "order",
            });
        }
        println!("{person}: {low:?} – {high:?}, {:?}", pay.levers);
    }
    assert!(moved.contains("new_customers") && moved.contains("order"), "{moved:?}");
}

/// The same for a plan of commissions: the range and the levers come from deals that are added to the record.
#[test]
fn a_running_month_of_commissions_is_a_range_too() {
    let (_dir, mut workspace) = company();
    let plan = r#"
        id = "september"
        name = { zh = "九月提成", en = "September commission" }
        version = 3
        position = "new_business"
        currency = "CNY"
        effective_from = 2026-09-01
        [[commissions]]
        id = "sales"
        of = "deals"
        tiers = [{ from = 0, rate = "2 %" }, { from = 200000, rate = "4 %" }]
        method = "whole"
    "#;
    let plan = plan.replace("id = \"september\"", "id = \"new-business\"");
    workspace.mutate(&Mutation::PublishPlan { source: plan }).unwrap();
    let pay = pay::show(&mut workspace, "zhang-san", Period::Month(month("2026-09"))).unwrap().unwrap();
    let now = pay.payout.amount.unwrap();
    // 161,700 so far at 2 %; the forecast passes 200,000, where 4 % of all is paid.
    assert_eq!(now.minor, 323_400);
    let (low, high) = pay.range.unwrap();
    assert!(low.minor > now.minor && high.minor >= low.minor, "{low:?} {high:?}");
    let [lever] = pay.levers.as_slice() else { panic!("{:?}", pay.levers) };
    assert!(matches!(lever.on, pay::LeverOn::Order { .. }) && lever.increase == 1, "{lever:?}");
}

/// From September account managers' plan is in dollars, the company's books in yuan.
fn in_dollars(workspace: &mut Workspace) {
    let source = workspace.view().plan_source("account-manager", 1).unwrap().unwrap();
    let source = source.replace("version = 1", "version = 2").replace("\"CNY\"", "\"USD\"");
    let from = source.lines().find(|line| line.starts_with("effective_from")).unwrap().to_string();
    let source = source.replace(&from, "effective_from = 2026-09-01");
    workspace.mutate(&Mutation::PublishPlan { source }).unwrap();
}

/// Whoever cannot be reckoned has a row with the cause; everyone else is listed as if they were not there.
#[test]
fn one_who_cannot_be_reckoned_does_not_hide_the_others() {
    let (_dir, mut workspace) = company();
    let september = Period::Month(month("2026-09"));
    let before = pay::list(&mut workspace, september).unwrap();
    assert!(before.impossible.is_empty());
    in_dollars(&mut workspace);
    let after = pay::list(&mut workspace, september).unwrap();
    assert_eq!(after.pays.len() + after.impossible.len(), before.pays.len());
    let found = after.impossible.iter().find(|one| one.person_id == "sun-li").unwrap();
    assert_eq!((found.state, found.plan.version), (pay::State::Running, 2));
    let cause = found.cause();
    assert_eq!((cause.check, cause.code.as_str()), (Check::Figures, "payout.error_currency_mismatch"));
    for (language, says) in [(Language::English, "expected CNY, found USD"), (Language::Chinese, "USD")] {
        assert!(cause.message(language).contains(says), "{}", cause.message(language));
        assert!(!cause.way(language).starts_with("period."), "{}", cause.way(language));
    }
    for pay in &after.pays {
        let then = before.pays.iter().find(|one| one.person_id == pay.person_id).unwrap();
        assert_eq!(pay.payout, then.payout, "{}", pay.person_id);
    }
    // August is closed: its payouts are what they were frozen as.
    assert!(pay::list(&mut workspace, Period::Month(month("2026-08"))).unwrap().impossible.is_empty());
    // Asked for alone, it is a refusal; what is about more than pay shows the rest.
    let alone = pay::show(&mut workspace, "sun-li", september);
    assert_eq!(alone.err().map(|problem| problem.code), Some("payout_impossible"));
    workspace.act_as("sun-li").unwrap();
    let viewer = workspace.viewer().unwrap();
    assert_eq!(pay::hint(workspace.view(), &viewer, month("2026-09")).unwrap(), None);
}

/// A plan in another currency than the company's pays nobody: that is put right, never accepted.
#[test]
fn what_cannot_be_reckoned_is_never_accepted() {
    let (_dir, mut workspace) = company();
    in_dollars(&mut workspace);
    workspace.set_today(Some("2026-10-02".parse().unwrap()));
    let viewer = workspace.viewer().unwrap();
    let shown = pay::closing(workspace.view(), &viewer, month("2026-09")).unwrap();
    let refused = pay::close(&mut workspace, month("2026-09"), None, accept(&shown)).err().unwrap();
    assert_eq!(refused.code, "close_figures");
    assert!(refused.params.iter().any(|(name, ids)| name == "ids" && ids.contains("sun-li")), "{:?}", refused.params);
}
