//! Goals: locking, and starting a year; the tree ([`tree`]), the map beside it ([`map`]), figures typed into it ([`cells`]).

use super::figure::count;
use super::why::Whose;
use crate::desk::{Question, Result, Shared, held};
use crate::views::figure::Problem;
use crate::views::goal::GoalAdjusted;
use attain_client::domain::goal::{self, Goal, Owner};
use attain_client::domain::metric::Metric;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::scope;
use std::collections::BTreeSet;
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

/// What a change is about: the year, or its one month.
pub fn period_of(wish: &goal::Adjustment, year: i32) -> Period {
    match wish.reading {
        goal::Reading::Month(month) => Period::Month(month),
        _ => Period::Year(year),
    }
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

    pub fn untold(&self, sheet: &str, people: Vec<String>) -> Vec<String> {
        let told = held(&self.0);
        let before = told.iter().find(|(id, _)| id == sheet).map(|(_, people)| people);
        people.into_iter().filter(|person| before.is_none_or(|before| !before.contains(person))).collect()
    }

    pub fn tell(&self, sheet: String, people: Vec<String>) {
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
        Ok((GoalAdjusted { goals_changed: count(tree.goals.len()), people_changed: count(people) }, changed))
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
