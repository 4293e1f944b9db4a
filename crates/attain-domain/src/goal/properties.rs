//! Wishes over random trees, locks, profiles, shares and roundings: exact, repeatable, and nothing closed or locked moves.
#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use proptest::prelude::*;

use super::agreement::Proposal;
use super::allocate::{Allocation, Basis, Given, Level, Part};
use super::profile::{self, Profile};
use super::version::Acknowledged;
use super::wish::{Cells, Destination, Outcome, Reassign, Reprofile, Shift, Wish, outcome};
use super::*;
use crate::attainment::PaceBounds;
use crate::money::Currency;
use crate::mutation::Rejection;
use crate::note::Note;
use crate::org::Seat;
use crate::period::FiscalCalendar;
use crate::plan::Plan;
use crate::read::{Answer, Candidate, Payee, Read};

/// A company of goals in memory: two levels of units and people in teams.
#[derive(Debug, Clone, Default)]
struct Books {
    goals: Vec<Goal>,
    closed: Vec<Month>,
    /// Members of units: (unit, who).
    members: Vec<(String, Candidate)>,
    actuals: BTreeMap<String, i64>,
}

impl Read for Books {
    fn currency(&self) -> Answer<Currency> {
        Ok(Currency::CNY)
    }
    fn fiscal(&self) -> Answer<FiscalCalendar> {
        Ok(FiscalCalendar::Months)
    }
    fn pace_bounds(&self) -> Answer<PaceBounds> {
        Ok(PaceBounds::default())
    }
    fn person_exists(&self, _: &str) -> Answer<bool> {
        Ok(true)
    }
    fn units_of(&self, _: &str, _: NaiveDate) -> Answer<Vec<String>> {
        Ok(Vec::new())
    }
    fn unit_chain(&self, unit_id: &str, _: NaiveDate) -> Answer<Vec<String>> {
        Ok(vec![unit_id.to_owned()])
    }
    fn goal(&self, goal_id: &str) -> Answer<Option<Goal>> {
        Ok(self.goals.iter().find(|g| g.id == goal_id).cloned())
    }
    fn goal_subtree(&self, goal_id: &str) -> Answer<Vec<Goal>> {
        let tree = GoalTree::new(self.goals.clone()).unwrap();
        let Some(root) = tree.goals.iter().position(|g| g.id == goal_id) else { return Ok(Vec::new()) };
        Ok(tree.subtree(root).into_iter().map(|at| tree.goals[at].clone()).collect())
    }
    fn goals_of_year(&self, _: Metric, _: i32) -> Answer<Vec<Goal>> {
        Ok(self.goals.clone())
    }
    fn owner_actuals(&self, _: i32) -> Answer<Vec<(Owner, [i64; 12])>> {
        Ok(Vec::new())
    }
    fn goals_carried(&self, owner: &Owner, _: i32) -> Answer<Vec<Goal>> {
        Ok(self.goals.iter().filter(|g| g.owner == *owner).cloned().collect())
    }
    fn actual_of(&self, owner: &Owner, _: Metric, _: i32) -> Answer<Option<i64>> {
        Ok(self.actuals.get(owner.id()).copied())
    }
    fn candidates(&self, unit_id: &str, _: Month) -> Answer<Vec<Candidate>> {
        Ok(self.members.iter().filter(|(unit, _)| unit == unit_id).map(|(_, who)| who.clone()).collect())
    }
    fn head_count(&self, unit_id: &str, from: Month) -> Answer<i64> {
        Ok(self.candidates(unit_id, from)?.iter().map(|c| c.head_ppm).sum())
    }
    fn owner_exists(&self, _: &Owner) -> Answer<bool> {
        Ok(true)
    }
    fn joined_on(&self, person_id: &str) -> Answer<Option<NaiveDate>> {
        let is = |who: &&(String, Candidate)| who.1.owner.id() == person_id;
        Ok(self.members.iter().find(is).and_then(|(_, who)| who.joined))
    }
    fn seat(&self, _: &str) -> Answer<Option<Seat>> {
        Ok(None)
    }
    fn profile(&self, profile_id: &str) -> Answer<Option<Profile>> {
        Ok(profile::standard().into_iter().find(|(id, _)| *id == profile_id).map(|(_, profile)| profile))
    }
    fn goal_freedom(&self) -> Answer<u32> {
        Ok(10)
    }
    fn proposal(&self, _: &str) -> Answer<Option<Proposal>> {
        Ok(None)
    }
    fn acknowledged(&self, _: &str, _: &str) -> Answer<Option<Acknowledged>> {
        Ok(None)
    }
    fn closed_months(&self) -> Answer<Vec<Month>> {
        Ok(self.closed.clone())
    }
    fn note(&self, _: &str) -> Answer<Option<Note>> {
        Ok(None)
    }
    fn plans(&self) -> Answer<Vec<Plan>> {
        Ok(Vec::new())
    }
    fn plan_draft(&self, _: &str) -> Answer<Option<crate::plan::draft::PlanDraft>> {
        Ok(None)
    }
    fn plan_exceptions(&self, _: &str) -> Answer<Vec<crate::plan::exception::PlanException>> {
        Ok(Vec::new())
    }
    fn others_may(&self, _: crate::access::Action, _: &str, _: NaiveDate) -> Answer<bool> {
        Ok(false)
    }
    fn shared(&self) -> Answer<bool> {
        Ok(false)
    }
    fn payees(&self, _: Month) -> Answer<Vec<Payee>> {
        Ok(Vec::new())
    }
    fn uncovered(&self, _: Month) -> Answer<Vec<String>> {
        Ok(Vec::new())
    }
    fn open_proposals(&self) -> Answer<Vec<Proposal>> {
        Ok(Vec::new())
    }
    fn decided_at(&self) -> Answer<Option<u64>> {
        Ok(None)
    }
    fn corrections(&self, _: &str, _: Month) -> Answer<Vec<crate::adjustment::Correction>> {
        Ok(Vec::new())
    }
}

impl Books {
    /// A company with teams of people who have these months each; what a unit keeps back is added to their sum.
    fn of(teams: &[Vec<[i64; 12]>], kept: &[i64; 12]) -> Books {
        let mut books = Books::default();
        let mut company = Goal::new("g26-co".into(), None, Owner::Unit("co".into()), Metric::SalesAmount, 2026);
        company.months = *kept;
        for (t, people) in teams.iter().enumerate() {
            let team_id = format!("t{t}");
            let (parent, owner) = (Some("g26-co".to_owned()), Owner::Unit(team_id.clone()));
            let mut team = Goal::new(format!("g26-{team_id}"), parent, owner, Metric::SalesAmount, 2026);
            let candidate =
                Candidate { owner: team.owner.clone(), head_ppm: people.len() as i64 * 1_000_000, joined: None };
            books.members.push(("co".into(), candidate));
            for (p, months) in people.iter().enumerate() {
                let id = format!("p{t}-{p}");
                let (parent, owner) = (Some(team.id.clone()), Owner::Person(id.clone()));
                let mut goal = Goal::new(format!("g26-{id}"), parent, owner.clone(), Metric::SalesAmount, 2026);
                goal.months = *months;
                (0..12).for_each(|m| team.months[m] += months[m]);
                books.goals.push(goal);
                books.members.push((team_id.clone(), Candidate { owner, head_ppm: 1_000_000, joined: None }));
            }
            (0..12).for_each(|m| company.months[m] += team.months[m]);
            books.goals.push(team);
        }
        books.goals.push(company);
        books
    }

    fn goal_mut(&mut self, id: &str) -> &mut Goal {
        self.goals.iter_mut().find(|g| g.id == id).unwrap()
    }

    fn with(&self, found: &Outcome) -> Books {
        let mut next = self.clone();
        for goal in &found.after {
            match next.goals.iter_mut().find(|g| g.id == goal.id) {
                Some(slot) => *slot = goal.clone(),
                None => next.goals.push(goal.clone()),
            }
        }
        next
    }

    fn tree(&self) -> GoalTree {
        GoalTree::new(self.goals.clone()).unwrap()
    }
}

fn from(month: u32) -> Month {
    Month { year: 2026, month }
}

fn adjust(books: &Books, id: &str, target: i64, first: u32) -> Result<Outcome, Rejection> {
    let reading = Reading::YearTotal;
    outcome(books, &Wish::Adjust(Adjustment { goal_id: id.into(), target, reading, from: from(first) }))
}

fn level(by: Basis) -> Level {
    Level { by, reserve_ppm: None }
}

fn allocation(levels: Vec<Level>, first: u32) -> Allocation {
    Allocation {
        goal_id: "g26-co".into(),
        levels,
        given: Vec::new(),
        rounding: None,
        season: None,
        ramp: None,
        from: from(first),
    }
}

fn open_sum(goal: &Goal, first: u32) -> i64 {
    goal.months[first as usize - 1..].iter().sum()
}

prop_compose! {
    fn months()(cells in prop::array::uniform12(0i64..3_000_000)) -> [i64; 12] { cells }
}

prop_compose! {
    fn company()(teams in prop::collection::vec(prop::collection::vec(months(), 1..5), 1..5), kept in months()) -> Books {
        Books::of(&teams, &kept)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Raise and lower again, with locks, roundings, reserves, profiles and closed months: every cell is as it was.
    #[test]
    fn a_raise_taken_back_restores_every_cell(
        books in company(),
        raise in 1i64..900_000_000,
        first in 1u32..=12,
        rounding in prop::sample::select(vec![1i64, 100, 10_000, 1_000_000]),
        locks in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        locked_month in 0usize..12,
        reserve in prop::option::of(-50_000i64..50_000),
    ) {
        let mut books = books;
        books.closed = (1..first).map(from).collect();
        for lock in &locks {
            let at = lock.index(books.goals.len());
            if books.goals[at].parent_id.is_some() { books.goals[at].locked = true; }
        }
        for goal in &mut books.goals { goal.rounding = rounding; }
        books.goals[0].locked_months = 1 << locked_month;
        if let Some(ppm) = reserve {
            // A stated reserve is what the children have been given from the beginning.
            books.goal_mut("g26-co").reserve_ppm = Some(ppm);
            let total: i64 = books.goal_mut("g26-co").months.iter().sum();
            if let Ok(found) = adjust(&books, "g26-co", total, first) { books = books.with(&found); }
        }
        let total: i64 = books.goal_mut("g26-co").months.iter().sum();
        let Ok(found) = adjust(&books, "g26-co", total + raise, first) else { return Ok(()) };
        let raised = books.with(&found);
        prop_assert_eq!(raised.clone().goal_mut("g26-co").months.iter().sum::<i64>(), total + raise);
        let again = adjust(&books, "g26-co", total + raise, first).unwrap();
        prop_assert_eq!(&again.after, &found.after, "the same wish does the same");
        for (before, after) in books.goals.iter().zip(&raised.goals) {
            let closed = first as usize - 1;
            prop_assert_eq!(&before.months[..closed], &after.months[..closed], "closed months of {}", &before.id);
            if before.locked { prop_assert_eq!(before.months, after.months, "{} is locked", &before.id); }
            if before.id == books.goals[0].id { prop_assert_eq!(before.months[locked_month], after.months[locked_month]); }
        }
        let back = raised.with(&adjust(&raised, "g26-co", total, first).unwrap());
        for (before, after) in books.goals.iter().zip(&back.goals) {
            prop_assert_eq!(before.months, after.months, "{}", &before.id);
        }
    }

    /// Whatever the basis, shares, roundings and locks: what a goal passes down is what those below it carry, to the cent.
    #[test]
    fn what_is_divided_is_carried_to_the_cent(
        books in company(),
        by in prop::sample::select(vec![Basis::LastYear, Basis::Headcount, Basis::Equal]),
        first in 1u32..=12,
        rounding in prop::sample::select(vec![1i64, 100, 10_000, 1_000_000]),
        ppm in -100_000i64..100_000,
        fixed in 0i64..1_000_000,
        lock in any::<prop::sample::Index>(),
        season in any::<bool>(),
        joined in prop::option::of(1u32..=12),
        actual in 0i64..1_000_000_000,
    ) {
        let mut books = books;
        books.closed = (1..first).map(from).collect();
        books.actuals.insert("p0-0".into(), actual);
        books.actuals.insert("t0".into(), actual);
        if let Some(month) = joined {
            let day = NaiveDate::from_ymd_opt(2026, month, 10);
            for (_, who) in &mut books.members {
                if who.owner.id() == "p0-0" { who.joined = day; }
            }
        }
        let at = lock.index(books.goals.len());
        if books.goals[at].parent_id.is_some() && books.goals[at].id != "g26-p0-0" { books.goals[at].locked = true; }
        let levels = vec![Level { by, reserve_ppm: Some(ppm) }, Level { by: Basis::Equal, reserve_ppm: Some(0) }];
        let given = vec![Given { owner_id: "p0-0".into(), part: Part::Amount(fixed) }];
        let wish = Allocation {
            given,
            rounding: Some(rounding),
            season: season.then(|| "spring_festival".to_owned()),
            ramp: joined.map(|_| "newcomer".to_owned()),
            ..allocation(levels, first)
        };
        let found = match outcome(&books, &Wish::Allocate(wish.clone())) {
            Ok(found) => found,
            Err(Rejection::Goal(GoalError::LockInTheWay { shortfall, locked_goal_ids, .. })) => {
                prop_assert!(shortfall > 0 && !locked_goal_ids.is_empty());
                return Ok(());
            }
            Err(Rejection::Goal(GoalError::FixedOver { over })) => {
                prop_assert!(over > 0);
                return Ok(());
            }
            // A team that is all locked, or has but the one whose part is given.
            Err(Rejection::Goal(GoalError::NobodyBelow { .. })) => return Ok(()),
            Err(error) => panic!("{error:?}"),
        };
        let next = books.with(&found);
        let tree = next.tree();
        let mut free_given = 0;
        for (node, goal) in tree.goals.iter().enumerate() {
            let before = books.goals.iter().find(|g| g.id == goal.id).unwrap();
            let closed = first as usize - 1;
            prop_assert_eq!(&before.months[..closed], &goal.months[..closed]);
            prop_assert!(!before.locked || before.months == goal.months, "{} is locked", &goal.id);
            prop_assert!(goal.months.iter().all(|m| *m >= 0));
            let children = &tree.children[node];
            // Below what is locked nothing is divided; and a team with one given part alone keeps the rest.
            let all_fixed = children.iter().all(|c| tree.goals[*c].locked || tree.goals[*c].owner.id() == "p0-0");
            if children.is_empty() || goal.parent_id.is_some() && goal.locked || all_fixed { continue; }
            let below: i64 = children.iter().map(|c| open_sum(&tree.goals[*c], first)).sum();
            let passed = kept_back(open_sum(goal, first), if goal.parent_id.is_none() { ppm } else { 0 }).unwrap();
            prop_assert_eq!(below, passed, "below {}", &goal.id);
            prop_assert_eq!(tree.reserve(node, Period::Year(2026)).unwrap() + children.iter()
                .map(|c| tree.goals[*c].months.iter().sum::<i64>()).sum::<i64>(), goal.months.iter().sum::<i64>());
            free_given += 1;
        }
        let _ = free_given;
        prop_assert_eq!(outcome(&books, &Wish::Allocate(wish)).unwrap().digest(), found.digest());
    }

    /// Moving a profile, a shift between two, and handing a goal on: nothing is lost on the way.
    #[test]
    fn nothing_is_lost_when_goals_are_reshaped_or_handed_on(
        books in company(),
        first in 1u32..=12,
        amount in 1i64..3_000_000,
        what in 0usize..4,
    ) {
        let mut books = books;
        books.closed = (1..first).map(from).collect();
        let month = from(first);
        let goal_id = "g26-p0-0".to_owned();
        let wish = match what {
            0 => Wish::Profile(Reprofile { goal_id: "g26-co".into(), profile: "spring_festival".into(), from: month, below: true }),
            1 => Wish::Shift(Shift { from_id: goal_id, to_id: "g26-p0-1".into(), amount, month }),
            2 => Wish::Reassign(Reassign { goal_id, from: month, to: Destination::Siblings, takes: None }),
            _ => {
                let owner = Owner::Person("somebody".into());
                let to = Destination::Owner { owner, ramp: None };
                Wish::Reassign(Reassign { goal_id, from: month, to, takes: None })
            }
        };
        let Ok(found) = outcome(&books, &wish) else { return Ok(()) };
        let next = books.with(&found);
        let of = |books: &Books, team: &str| -> i64 {
            books.goals.iter().filter(|g| g.parent_id.as_deref() == Some(team)).flat_map(|g| g.months).sum()
        };
        prop_assert_eq!(of(&books, "g26-t0"), of(&next, "g26-t0"));
        prop_assert_eq!(of(&books, "g26-co"), of(&next, "g26-co"));
        for before in &books.goals {
            let after = next.goals.iter().find(|g| g.id == before.id).unwrap();
            let closed = first as usize - 1;
            prop_assert_eq!(&before.months[..closed], &after.months[..closed]);
            if what == 0 { prop_assert_eq!(before.months.iter().sum::<i64>(), after.months.iter().sum::<i64>()); }
        }
    }
}

const WAN: i64 = 1_000_000;

fn two_teams() -> Books {
    Books::of(&[vec![[10 * WAN; 12], [20 * WAN; 12]], vec![[30 * WAN; 12]]], &[0; 12])
}

fn refusal(result: Result<Outcome, Rejection>) -> GoalError {
    match result {
        Err(Rejection::Goal(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_year_is_divided_by_last_year_equally_by_heads_or_by_weights() {
    let mut books = two_teams();
    books.actuals = [("t0", 300), ("t1", 100)].into_iter().map(|(id, v)| (id.to_owned(), v)).collect();
    let total = 720 * WAN;
    let weights = vec![
        Given { owner_id: "t0".into(), part: Part::Weight(1) },
        Given { owner_id: "t1".into(), part: Part::Weight(4) },
    ];
    for (by, given, t0) in [
        (Basis::LastYear, vec![], total / 4 * 3),
        (Basis::Headcount, vec![], total / 3 * 2),
        (Basis::Equal, vec![], total / 2),
        (Basis::Weights, weights, total / 5),
    ] {
        let wish = Allocation { given, ..allocation(vec![level(by)], 1) };
        let next = books.with(&outcome(&books, &Wish::Allocate(wish)).unwrap());
        let sum = |id: &str| next.goals.iter().find(|g| g.id == id).unwrap().months.iter().sum::<i64>();
        assert_eq!((sum("g26-t0"), sum("g26-t1")), (t0, total - t0), "{by:?}");
        assert_eq!(sum("g26-p0-0") + sum("g26-p0-1"), t0, "those below keep their proportion");
    }
}

#[test]
fn a_newcomer_gets_a_goal_that_grows_and_the_others_carry_the_rest() {
    let mut books = two_teams();
    let joined = NaiveDate::from_ymd_opt(2026, 10, 12);
    let owner = Owner::Person("new".into());
    books.members.push(("t0".into(), Candidate { owner, head_ppm: 1_000_000, joined }));
    books.closed = (1..10).map(from).collect();
    let wish = Allocation {
        goal_id: "g26-t0".into(),
        ramp: Some("newcomer".into()),
        ..allocation(vec![level(Basis::Equal)], 10)
    };
    let next = books.with(&outcome(&books, &Wish::Allocate(wish)).unwrap());
    let months = |id: &str| next.goals.iter().find(|g| g.id == id).unwrap().months;
    // 25, 50 and 75 % of a full goal over three months are half of one: 90 万 are divided 2 : 2 : 1.
    assert_eq!(months("g26-new")[9..], [3 * WAN, 6 * WAN, 9 * WAN]);
    assert_eq!(months("g26-p0-0")[9..].iter().sum::<i64>(), 36 * WAN);
    assert_eq!(months("g26-p0-1")[9..].iter().sum::<i64>(), 36 * WAN);
}

#[test]
fn what_cannot_be_divided_is_said_by_name_and_amount() {
    let mut books = two_teams();
    let share = |owner: &str, ppm| Given { owner_id: owner.into(), part: Part::Share(ppm) };
    let divide = |books: &Books, given: Vec<Given>, by| {
        let wish = Allocation { given, ..allocation(vec![level(by)], 1) };
        refusal(outcome(books, &Wish::Allocate(wish)))
    };
    assert_eq!(
        divide(&books, vec![share("t0", 700_000), share("t1", 400_000)], Basis::Fixed),
        GoalError::SharesOver { ppm: 1_100_000 }
    );
    assert_eq!(divide(&books, vec![share("t0", 700_000)], Basis::Fixed), GoalError::NotGiven { owner_id: "t1".into() });
    let amount = |owner: &str, amount| Given { owner_id: owner.into(), part: Part::Amount(amount) };
    let over = vec![amount("t0", 700 * WAN), amount("t1", 30 * WAN)];
    assert_eq!(divide(&books, over, Basis::Fixed), GoalError::FixedOver { over: 10 * WAN });
    assert_eq!(divide(&books, vec![amount("t0", -1)], Basis::Equal), GoalError::TargetNegative);
    assert_eq!(divide(&books, vec![amount("t0", i64::MAX)], Basis::Equal), GoalError::TargetAbsurd);
    assert_eq!(
        divide(&books, vec![amount("nobody", 1)], Basis::Equal),
        GoalError::NotBelow { owner_id: "nobody".into() }
    );
    assert_eq!(divide(&books, vec![], Basis::Copy), GoalError::RatioNeverSplit { metric: Metric::SalesAmount });
    books.goal_mut("g26-t1").locked = true;
    books.goal_mut("g26-co").months = [20 * WAN; 12];
    assert_eq!(
        divide(&books, vec![], Basis::Equal),
        GoalError::LockInTheWay {
            goal_id: "g26-co".into(),
            locked_goal_ids: vec!["g26-t1".into()],
            shortfall: 120 * WAN
        }
    );
}

#[test]
fn a_ratio_is_copied_or_set_and_never_split() {
    let mut books = two_teams();
    for goal in &mut books.goals {
        goal.metric = Metric::RetentionRate;
        goal.months = [0; 12];
    }
    books.goal_mut("g26-co").months = [900_000; 12];
    let divide =
        |by, given| outcome(&books, &Wish::Allocate(Allocation { given, ..allocation(vec![level(by); 2], 1) }));
    let next = books.with(&divide(Basis::Copy, vec![]).unwrap());
    assert!(next.goals.iter().all(|g| g.months == [900_000; 12]));
    assert_eq!(refusal(divide(Basis::Equal, vec![])), GoalError::RatioNeverSplit { metric: Metric::RetentionRate });
    let set = vec![Given { owner_id: "p1-0".into(), part: Part::Amount(950_000) }];
    let next = books.with(&divide(Basis::Copy, set).unwrap());
    assert_eq!(next.clone().goal_mut("g26-p1-0").months, [950_000; 12]);
}

#[test]
fn a_block_of_figures_stands_as_it_was_given_whatever_its_order() {
    let mut books = two_teams();
    books.closed = (1..4).map(from).collect();
    let cell = |id: &str, target, reading| Adjustment { goal_id: id.into(), target, reading, from: from(4) };
    let block = vec![
        cell("g26-p0-0", 7 * WAN, Reading::Month(from(6))),
        cell("g26-t0", 400 * WAN, Reading::YearTotal),
        cell("g26-t0", 50 * WAN, Reading::Month(from(12))),
        cell("g26-t1", 90 * WAN, Reading::Month(from(6))),
    ];
    let mut results = Vec::new();
    for turn in 0..block.len() {
        let mut cells = block.clone();
        cells.rotate_left(turn);
        results.push(books.with(&outcome(&books, &Wish::Cells(Cells { cells })).unwrap()));
    }
    for next in &results {
        let months = |id: &str| next.goals.iter().find(|g| g.id == id).unwrap().months;
        assert_eq!(months("g26-p0-0")[5], 7 * WAN, "the person's figure outlives what the team's passes down");
        assert_eq!(months("g26-t0")[11], 50 * WAN, "and a month's the year's");
        assert_eq!(months("g26-t1")[5], 90 * WAN);
        assert_eq!(months("g26-t0")[..3], [30 * WAN; 3], "closed months stay");
        assert_eq!(next.goals, results[0].goals);
    }
    let over = Cells { cells: vec![block[3].clone(), cell("g26-t0", 1, Reading::YearTotal)] };
    assert!(outcome(&books, &Wish::Cells(over)).is_err(), "one that cannot be done takes none");
}

#[test]
fn a_team_that_closes_in_may_leaves_its_open_months_to_the_others() {
    let mut books = two_teams();
    books.closed = (1..6).map(from).collect();
    let wish = |to| Wish::Reassign(Reassign { goal_id: "g26-t0".into(), from: from(6), to, takes: None });
    let next = books.with(&outcome(&books, &wish(Destination::Siblings)).unwrap());
    let months = |id: &str| next.goals.iter().find(|g| g.id == id).unwrap().months;
    assert_eq!(months("g26-t0")[..5], [30 * WAN; 5]);
    assert_eq!(months("g26-t0")[5..], [0; 7]);
    assert_eq!(months("g26-p0-0")[5..], [0; 7], "nor do its people carry anything");
    assert_eq!(months("g26-p1-0")[5..], [60 * WAN; 7]);
    let next = books.with(&outcome(&books, &wish(Destination::Reserve)).unwrap());
    assert_eq!(next.tree().reserve(5, Period::Year(2026)), Some(7 * 30 * WAN));
}

#[test]
fn who_changes_teams_leaves_the_months_there_and_carries_them_here() {
    let mut books = two_teams();
    books.closed = (1..5).map(from).collect();
    let takes = Some("g26-t1".to_owned());
    let wish = Reassign { goal_id: "g26-p0-0".into(), from: from(5), to: Destination::Reserve, takes };
    let next = books.with(&outcome(&books, &Wish::Reassign(wish)).unwrap());
    let months = |id: &str| next.goals.iter().find(|g| g.id == id).unwrap().months;
    assert_eq!(months("g26-p0-0"), std::array::from_fn(|m| if m < 4 { 10 * WAN } else { 0 }));
    assert_eq!(months("g26-p0-0-t1"), std::array::from_fn(|m| if m < 4 { 0 } else { 10 * WAN }));
    let there = next.goals.iter().position(|g| g.id == "g26-t1").unwrap();
    assert_eq!(next.tree().reserve(there, Period::Year(2026)), Some(-8 * 10 * WAN), "over-assigned, and it shows");
}

#[test]
fn within_the_freedom_shifts_add_up() {
    let mut goal = Goal::new("g".into(), None, Owner::Person("p".into()), Metric::SalesAmount, 2026);
    goal.months = [100; 12];
    assert!(goal.is_free(0, 10, 10) && goal.is_free(0, -10, 10) && !goal.is_free(0, 11, 10));
    goal.months[0] += 6;
    goal.shift_freely(0, 6);
    assert!(goal.is_free(0, 4, 10) && !goal.is_free(0, 5, 10), "six of the ten are gone");
    assert!(goal.is_free(0, -16, 10), "and may come back, and go the other way");
    let before = goal.months;
    goal.months[0] = 200;
    goal.agree(&before);
    assert!(goal.is_free(0, 20, 10) && !goal.is_free(0, 21, 10), "what was agreed anew counts from there");
}
