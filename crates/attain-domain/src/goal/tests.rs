//! Cascades: the worked example, locks, and that a raise taken back restores every cell.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::allocation::split;
use proptest::prelude::*;

fn goal(id: &str, parent: Option<&str>, year_total: i64) -> Goal {
    let months: Vec<i64> = split(year_total, &[1; 12], 1);
    let mut goal = Goal::new(id.into(), parent.map(Into::into), Owner::Unit(id.into()), Metric::SalesAmount, 2026);
    goal.months = months.try_into().unwrap();
    goal
}

const WAN: i64 = 1_000_000;

fn company() -> GoalTree {
    GoalTree::new(vec![
        goal("company", None, 10_000 * WAN),
        goal("A", Some("company"), 2_000 * WAN),
        goal("B", Some("company"), 3_600 * WAN),
        goal("C", Some("company"), 4_200 * WAN),
        goal("jia", Some("A"), 400 * WAN),
        goal("zhang-san", Some("jia"), 396 * WAN),
    ])
    .unwrap()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn run(tree: &GoalTree, id: &str, target: i64, reading: Reading, from: &str) -> BTreeMap<String, Goal> {
    let closed: Vec<Month> = (1..month(from).month).map(|m| Month { year: 2026, month: m }).collect();
    let adjustment = Adjustment { goal_id: id.into(), target, reading, from: month(from) };
    cascade(tree, &adjustment, &closed).unwrap().into_iter().map(|g| (g.id.clone(), g)).collect()
}

#[test]
fn raising_the_company_reaches_zhang_san_in_both_readings() {
    let tree = company();
    for (reading, from, september, year) in [
        (Reading::YearTotal, "2026-01", 39_600_000, 12_000 * WAN),
        (Reading::YearTotal, "2026-09", 52_800_000, 12_000 * WAN),
        (Reading::RemainingShare, "2026-09", 39_600_000, 1_066_666_667 * 10),
    ] {
        let after = run(&tree, "company", 12_000 * WAN, reading, from);
        assert_eq!(after["zhang-san"].months[8], september, "{reading:?} from {from}");
        let total: i64 = after["company"].months.iter().sum();
        assert!((total - year).abs() <= 10, "{total}");
    }
}

#[test]
fn reserve_and_over_assignment_keep_their_proportion() {
    let tree = company();
    let after = run(&tree, "company", 12_000 * WAN, Reading::YearTotal, "2026-01");
    let year: i64 = after["A"].months.iter().sum();
    assert_eq!(year, 2_400 * WAN);
    assert_eq!(tree.reserve(0, Period::Year(2026)), Some(200 * WAN));
}

#[test]
fn locks_are_named_with_what_is_missing() {
    let mut goals = company().goals;
    goals[2].locked = true;
    let tree = GoalTree::new(goals).unwrap();
    let adjustment =
        |target| Adjustment { goal_id: "company".into(), target, reading: Reading::YearTotal, from: month("2026-01") };
    let error = cascade(&tree, &adjustment(3_000 * WAN), &[]).unwrap_err();
    assert_eq!(
        error,
        GoalError::LockInTheWay {
            goal_id: "company".into(),
            locked_goal_ids: vec!["B".into()],
            shortfall: 3_600 * WAN - 2_940 * WAN
        }
    );
    assert_eq!(cascade(&tree, &adjustment(-1), &[]), Err(GoalError::TargetNegative));
}

#[test]
fn a_circle_of_parents_is_refused() {
    let goals = vec![goal("a", Some("b"), 1), goal("b", Some("a"), 1)];
    assert!(matches!(GoalTree::new(goals), Err(GoalError::Cycle { .. })));
}

proptest! {
    #[test]
    fn raise_and_lower_restores_every_cell_and_sums_hold(
        parts in prop::collection::vec(prop::collection::vec(0i64..5_000_000, 12), 1..12),
        factor in 1i64..400,
        from in 1u32..=12,
    ) {
        let mut goals = vec![goal("root", None, 0)];
        for (i, months) in parts.iter().enumerate() {
            let mut child = goal(&format!("c{i}"), Some("root"), 0);
            child.months = months.clone().try_into().unwrap();
            goals.push(child);
        }
        for m in 0..12 { goals[0].months[m] = parts.iter().map(|p| p[m]).sum(); }
        let tree = GoalTree::new(goals.clone()).unwrap();
        let open = MonthSet::open(2026, Month { year: 2026, month: from }, &[]);
        let total: i64 = goals[0].months.iter().sum();
        let open_total = goals[0].sum(open);
        prop_assume!(open_total > 0);
        let target = total - open_total + open_total * factor / 100;
        let adjust = |tree: &GoalTree, target| {
            let wish = Adjustment { goal_id: "root".into(), target, reading: Reading::YearTotal, from: Month { year: 2026, month: from } };
            let mut next = tree.goals.clone();
            for changed in cascade(tree, &wish, &[]).unwrap() {
                let slot = next.iter_mut().find(|g| g.id == changed.id).unwrap();
                *slot = changed;
            }
            GoalTree::new(next).unwrap()
        };
        let raised = adjust(&tree, target);
        prop_assert_eq!(raised.reserve(0, Period::Year(2026)), Some(0));
        prop_assert_eq!(raised.goals[0].months.iter().sum::<i64>(), target);
        prop_assert_eq!(&adjust(&raised, target).goals[1..], &raised.goals[1..], "the same wish again changes nothing");
        let back = adjust(&raised, total);
        for (before, after) in goals.iter().zip(&back.goals) {
            for m in (0..12).filter(|m| *m < from as usize - 1) { prop_assert_eq!(before.months[m], after.months[m]); }
            if target > total - open_total { prop_assert_eq!(before.months, after.months); }
        }
    }
}
