//! Goals: adjusting with a preview, locking, history; the tree ([`tree`]) and the map beside it ([`map`]).

use super::figure::{count, minor, rate, say};
use super::why::Whose;
use crate::desk::{Question, Result, Shared, held};
use crate::views::figure::Problem;
use crate::views::goal::{GoalAdjusted, GoalChange, GoalEffect, GoalHistoryEntry, GoalPreview, Reading, ReadingChoice};
use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::goal::{self, Goal, Owner};
use attain_client::domain::metric::Metric;
use attain_client::domain::money::{Money, Ratio};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::goals::{self, Preview};
use attain_client::performance::Frame;
use attain_client::scope;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use tauri::State;

pub mod cells;
pub mod map;
pub mod tree;

/// The screen's metric; other metrics have goals too, and are read on the person's screen.
const METRIC: Metric = Metric::SalesAmount;

fn whose(goal: &Goal) -> Whose {
    match &goal.owner {
        Owner::Unit(id) => Whose::Unit(id.clone()),
        Owner::Person(id) | Owner::Seat(id) => Whose::Person(id.clone()),
    }
}

fn person(goal: &Goal) -> Option<String> {
    match &goal.owner {
        Owner::Person(id) => Some(id.clone()),
        Owner::Unit(_) | Owner::Seat(_) => None,
    }
}

fn reading(reading: Reading, month: Option<Month>) -> Result<goal::Reading> {
    Ok(match reading {
        Reading::YearTotal => goal::Reading::YearTotal,
        Reading::RemainingShare => goal::Reading::RemainingShare,
        Reading::Month => {
            goal::Reading::Month(month.ok_or_else(|| attain_client::Problem::usage("month_needed").with("text", ""))?)
        }
    })
}

fn shown(reading: goal::Reading) -> Reading {
    match reading {
        goal::Reading::YearTotal => Reading::YearTotal,
        goal::Reading::RemainingShare => Reading::RemainingShare,
        goal::Reading::Month(_) => Reading::Month,
    }
}

/// What a change is about: the year, or its one month.
pub fn period_of(wish: &goal::Adjustment, year: i32) -> Period {
    match wish.reading {
        goal::Reading::Month(month) => Period::Month(month),
        _ => Period::Year(year),
    }
}

fn preview(question: &Question, change: &GoalChange) -> Result<Preview> {
    let bad = || attain_client::Problem::usage("bad_period").with("text", change.from.clone().unwrap_or_default());
    let from: Option<Month> = change.from.as_deref().map(str::parse).transpose().map_err(|_| bad())?;
    let reading = reading(change.reading, from)?;
    goals::preview(question.view, question.viewer, &change.goal_id, &change.target_text, reading, from)
        .or_else(|mut problem| named(question, &mut problem.params).and(Err(problem)))
}

/// Goals that stand in the way, by the names of those who carry them; amounts with their currency.
pub fn named(question: &Question, params: &mut [(String, String)]) -> Result<()> {
    for (_, value) in params.iter_mut().filter(|(name, _)| name.ends_with("_minor")) {
        *value = format!("{value} {}", question.view.currency()?.code());
    }
    for (_, value) in params.iter_mut().filter(|(name, _)| name == "locked") {
        let mut names = Vec::new();
        for id in value.split(", ") {
            names.push(match question.view.goal_by_id(id)? {
                Some(goal) => scope::name(question.view, question.viewer, goal.owner.id())?,
                None => id.to_owned(),
            });
        }
        *value = names.join(", ");
    }
    Ok(())
}

/// Whose pay the open sheets have told about: a look is recorded once a sheet, not with every figure typed into it.
#[derive(Default)]
pub struct Sheets(Mutex<Vec<(String, BTreeSet<String>)>>);

impl Sheets {
    const REMEMBERED: usize = 8;

    fn untold(&self, sheet: &str, people: Vec<String>) -> Vec<String> {
        let told = held(&self.0);
        let before = told.iter().find(|(id, _)| id == sheet).map(|(_, people)| people);
        people.into_iter().filter(|person| before.is_none_or(|before| !before.contains(person))).collect()
    }

    fn tell(&self, sheet: String, people: Vec<String>) {
        let mut told = held(&self.0);
        match told.iter_mut().find(|(id, _)| *id == sheet) {
            Some((_, before)) => before.extend(people),
            None => told.push((sheet, people.into_iter().collect())),
        }
        if told.len() > Self::REMEMBERED {
            told.remove(0);
        }
    }
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_preview_adjust(
    desk: State<'_, Shared>,
    sheets: State<'_, Sheets>,
    change: GoalChange,
    sheet: String,
) -> std::result::Result<GoalPreview, Problem> {
    let (shown, people, viewer) = desk
        .ask(move |question| {
            let found = preview(question, &change)?;
            let (shown, people) = shown_preview(question, &found, &change)?;
            Ok((shown, people, question.viewer.id().to_owned()))
        })
        .await?;
    // On record before the answer leaves; a sheet is one viewer's.
    let sheet = format!("{viewer}/{sheet}");
    let people = sheets.untold(&sheet, people);
    if !people.is_empty() {
        let looked = people.clone();
        desk.record(move |workspace| workspace.disclose("goal_preview", DataClass::Pay, &looked)).await?;
        sheets.tell(sheet, people);
    }
    Ok(shown)
}

/// The preview, and the people whose pay it tells something about.
fn shown_preview(question: &Question, found: &Preview, change: &GoalChange) -> Result<(GoalPreview, Vec<String>)> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let missing = attain_client::Problem::not_found;
    let own = found.before_of(&change.goal_id).ok_or_else(missing)?;
    let period = period_of(&found.wish, own.year);
    let after_of = |id: &str| found.after.iter().find(|goal| goal.id == id);
    let after = after_of(&change.goal_id).unwrap_or(own);
    let from = found.wish.from;
    let effects = effects(question, found, from)?;
    let told = effects.iter().filter(|effect| effect.pay_effect.is_some()).map(|effect| effect.goal_id.as_str());
    let told = told.filter_map(|id| found.before_of(id)).map(|goal| goal.owner.id().to_owned()).collect();
    let people = found.after.iter().filter(|goal| matches!(goal.owner, Owner::Person(_)));
    let preview = GoalPreview {
        goal_id: change.goal_id.clone(),
        owner_name: scope::name(view, viewer, own.owner.id())?,
        before: minor(own.target(period), currency),
        after: minor(after.target(period), currency),
        first_month: from.to_string(),
        last_month: period.last_month().to_string(),
        readings: readings(question, found, own, from)?,
        reading: shown(found.wish.reading),
        people_changed: count(people.count()),
        goals_changed: count(found.after.len()),
        over_cap: count(effects.iter().filter(|effect| effect.capped).count()),
        locked: count(effects.iter().filter(|effect| effect.locked).count()),
        rows: effects,
        pay_hidden: viewer.actor.widest(Action::SeePay).and_then(|_| super::figure::pay_hidden(question)),
        digest: found.digest.clone(),
    };
    Ok((preview, told))
}

/// A month of the change: the running one if it moves, else the first that does.
fn sample_month(before: &Goal, after: &Goal, from: Month) -> usize {
    let first = if from.year == before.year { from.month as usize - 1 } else { 0 };
    (first..12).find(|at| before.months[*at] != after.months[*at]).unwrap_or(first)
}

fn readings(question: &Question, found: &Preview, own: &Goal, from: Month) -> Result<Vec<ReadingChoice>> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let year = Period::Year(own.year);
    // The example is the same person in both: the one whose month is largest.
    let example = found
        .before
        .goals
        .iter()
        .filter(|goal| matches!(goal.owner, Owner::Person(_)) && !goal.locked)
        .max_by_key(|goal| (goal.months[sample_at(from, goal.year)], std::cmp::Reverse(goal.id.clone())));
    let mut choices = Vec::new();
    for (reading, outcome) in &found.readings {
        let Ok(after) = outcome else { continue };
        let of = |id: &str| after.iter().find(|goal| goal.id == id);
        let moved = of(&own.id).unwrap_or(own);
        let open: Vec<usize> = (0..12).filter(|at| moved.months[*at] != own.months[*at]).collect();
        let before: i64 = open.iter().map(|at| own.months[*at]).sum();
        let then: i64 = open.iter().map(|at| moved.months[*at]).sum();
        let growth = Ratio::new(i128::from(then) - i128::from(before), i128::from(before)).unwrap_or(Ratio::ZERO);
        let example = match example {
            Some(goal) => {
                let later = of(&goal.id).unwrap_or(goal);
                let at = sample_month(goal, later, from);
                Some((scope::name(view, viewer, goal.owner.id())?, goal.months[at], later.months[at]))
            }
            None => None,
        };
        choices.push(ReadingChoice {
            reading: shown(*reading),
            year_total: minor(moved.target(year), currency),
            growth: rate(growth),
            months: count(open.len()),
            example_before: example.as_ref().map(|(_, before, _)| minor(*before, currency)),
            example_after: example.as_ref().map(|(_, _, after)| minor(*after, currency)),
            example_name: example.map(|(name, ..)| name),
        });
    }
    Ok(choices)
}

fn sample_at(from: Month, year: i32) -> usize {
    if from.year == year { from.month as usize - 1 } else { 0 }
}

/// Every goal of the subtree that changes, and those that a lock keeps, in tree order.
fn effects(question: &Question, found: &Preview, from: Month) -> Result<Vec<GoalEffect>> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let kinds = view.units()?;
    let frame = Frame::load(view, viewer.today)?;
    let tree = &found.before;
    let changed: BTreeMap<&str, &Goal> = found.after.iter().map(|goal| (goal.id.as_str(), goal)).collect();
    let mut rows = Vec::new();
    let mut waiting: Vec<(usize, u32)> = tree.roots.iter().rev().map(|root| (*root, 0)).collect();
    while let Some((at, depth)) = waiting.pop() {
        waiting.extend(tree.children[at].iter().rev().map(|child| (*child, depth + 1)));
        let before = &tree.goals[at];
        let after = changed.get(before.id.as_str()).copied();
        if after.is_some() || before.locked {
            rows.push((depth, before, after.unwrap_or(before)));
        }
    }
    let mut paid = Vec::new();
    for (_, before, after) in &rows {
        if let Owner::Person(id) = &before.owner
            && scope::may_about(view, viewer, Action::SeePay, id)?
        {
            paid.push(*after);
        }
    }
    let told: BTreeMap<&str, (Money, bool)> = attain_client::pay::effects_of_goals(view, viewer, paid.iter().copied())?
        .into_iter()
        .zip(&paid)
        .filter_map(|(effect, goal)| Some((goal.id.as_str(), effect?)))
        .collect();
    let mut effects = Vec::new();
    for (depth, before, after) in rows {
        let period = period_of(&found.wish, before.year);
        let month = sample_month(before, after, from);
        let pay_effect = told.get(before.id.as_str());
        effects.push(GoalEffect {
            goal_id: before.id.clone(),
            depth,
            owner_kind: match &before.owner {
                Owner::Unit(id) => kinds.iter().find(|unit| unit.id == *id).map_or("team", |unit| unit.kind.name()),
                Owner::Person(_) => "person",
                Owner::Seat(_) => "seat",
            }
            .to_owned(),
            owner_name: scope::name(view, viewer, before.owner.id())?,
            before: minor(before.target(period), currency),
            after: minor(after.target(period), currency),
            month_before: Some(minor(before.months[month], currency)),
            month_after: Some(minor(after.months[month], currency)),
            attainment_before: goals::attainment_in(view, &frame, before)?.map(rate),
            attainment_after: goals::attainment_in(view, &frame, after)?.map(rate),
            capped: pay_effect.is_some_and(|(_, capped)| *capped),
            pay_effect: pay_effect.map(|(effect, _)| super::figure::money(*effect)),
            locked: before.locked,
        });
    }
    Ok(effects)
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_adjust(
    desk: State<'_, Shared>,
    change: GoalChange,
    expected: String,
) -> std::result::Result<GoalAdjusted, Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let found = {
            let question = Question { view: workspace.view(), viewer: &viewer };
            preview(&question, &change)?
        };
        let done =
            GoalAdjusted { goals_changed: count(found.after.len()), people_changed: count(found.people_changed()) };
        let mutation = Mutation::AdjustGoal {
            goal_id: change.goal_id,
            target: found.wish.target,
            reading: found.wish.reading,
            from: found.wish.from,
            seen: Some(expected),
        };
        Ok((done, workspace.mutate(&mutation)?))
    })
    .await
}

/// Locks or unlocks a goal: a locked one keeps its targets when what is above it moves.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_lock(desk: State<'_, Shared>, goal_id: String, locked: bool) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| Ok(((), workspace.mutate(&Mutation::LockGoal { goal_id, locked })?))).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_start_from_last_year(
    desk: State<'_, Shared>,
    year: String,
) -> std::result::Result<GoalAdjusted, Problem> {
    desk.change(move |workspace| {
        let bad = |_| attain_client::Problem::usage("bad_period").with("text", &year);
        let year = year.parse().map_err(bad)?;
        let changed = workspace.mutate(&Mutation::StartGoalsFromLastYear { year })?;
        let tree = workspace.view().goal_tree(METRIC, year)?;
        let people = tree.goals.iter().filter(|goal| matches!(goal.owner, Owner::Person(_))).count();
        Ok((GoalAdjusted { goals_changed: count(changed.rows), people_changed: count(people) }, changed))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_history(
    desk: State<'_, Shared>,
    goal_id: String,
) -> std::result::Result<Vec<GoalHistoryEntry>, Problem> {
    desk.show("goal_history", move |question| {
        let (view, viewer) = (question.view, question.viewer);
        if !goals::in_sight(view, viewer, &goal_id)? {
            return Err(attain_client::Problem::not_found());
        }
        let currency = view.currency()?;
        let people = view.goal_by_id(&goal_id)?.iter().filter_map(person).collect();
        let mut entries = Vec::new();
        for change in view.goal_changes(&goal_id)? {
            let of = |goal: &Option<Goal>| goal.as_ref().map(|goal| goal.target(Period::Year(goal.year)));
            let (before, after) = (of(&change.before), of(&change.after));
            let cause = change.summary.get("goal_id").and_then(|id| id.as_str());
            let locked = |goal: &Option<Goal>| goal.as_ref().is_some_and(|goal| goal.locked);
            let owner = match cause.map(|id| view.goal_by_id(id)).transpose()?.flatten() {
                Some(goal) => scope::name(view, viewer, goal.owner.id())?,
                None => scope::name(view, viewer, &goal_id)?,
            };
            let sentence = match change.name.as_str() {
                "import_batch" => say("goal.imported"),
                "lock_goal" if locked(&change.after) => say("goal.locked"),
                "adjust_goal" if cause.is_some_and(|id| id != goal_id) => say("goal.adjusted_with").text("goal", owner),
                _ => say("goal.adjusted")
                    .text("goal", owner)
                    .money("before", Money::new(before.unwrap_or(0), currency))
                    .money("after", Money::new(after.unwrap_or(0), currency)),
            };
            entries.push(GoalHistoryEntry {
                at: super::note::local(question, &change.at)?,
                by_name: scope::name(view, viewer, &change.actor_id)?,
                change: sentence.into(),
                before: before.map(|value| minor(value, currency)),
                after: after.map(|value| minor(value, currency)),
            });
        }
        Ok((entries, people))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_tells_of_a_person_once() {
        let sheets = Sheets::default();
        let both = || vec!["zhang-san".to_owned(), "wu-qian".to_owned()];
        assert_eq!(sheets.untold("wang-fang/1", both()), both());
        sheets.tell("wang-fang/1".into(), vec!["zhang-san".into()]);
        assert_eq!(sheets.untold("wang-fang/1", both()), ["wu-qian"]);
        sheets.tell("wang-fang/1".into(), vec!["wu-qian".into()]);
        assert!(sheets.untold("wang-fang/1", both()).is_empty());
        // Opened again, it is another sheet.
        assert_eq!(sheets.untold("wang-fang/2", both()), both());
    }
}
