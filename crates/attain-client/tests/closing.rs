//! Closing a month: what is shown before is what is frozen; and what a month's figure of a goal would do.

#![allow(clippy::unwrap_used)]

use attain_client::domain::goal::Reading;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::keys::Unlock;
use attain_client::{Workspace, goals, pay, sample};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn company() -> (tempfile::TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    let unlock = Unlock::Passphrase("correct horse battery".to_string().into());
    let workspace = sample::create(&dir.path().join("home"), &unlock).unwrap();
    (dir, workspace)
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
    assert_eq!(shown.people.len(), 45);
    workspace.mutate(&Mutation::ClosePeriod { month: september, seen: None }).unwrap();
    let frozen = pay::list(&mut workspace, Period::Month(september)).unwrap();
    assert_eq!(frozen.len(), shown.people.len());
    assert_eq!(frozen.iter().filter(|pay| pay.payout.amount.is_none()).count(), shown.unpaid.len());
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
