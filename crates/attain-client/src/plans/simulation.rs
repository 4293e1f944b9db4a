//! What-if: a draft over past months, beside what was paid.
//!
//! Owns: cost against what was paid and against a budget, who wins and who loses, the reason for the largest.
//! Absent on purpose: publishing. Tells of everyone's pay: callers record the look.

use std::collections::BTreeMap;

use attain_domain::access::{Action, Reach};
use attain_domain::money::Money;
use attain_domain::payout::{Payout, Step, payout};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_store::connection::View;
use chrono::NaiveDate;

use crate::export::{Cell, Table};
use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::Viewer;

/// What a draft would have paid.
#[derive(Debug, Clone)]
pub struct Simulation {
    pub months: Vec<Month>,
    /// What was paid under the plans in force, and would have been under the draft.
    pub paid: Money,
    pub draft: Money,
    /// Largest gain first, largest loss last.
    pub people: Vec<Outcome>,
    /// Months of people that could not be worked out under one of the two.
    pub without_amount: usize,
}

/// One person's sum over the months.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub person_id: String,
    pub position: String,
    pub paid: Money,
    pub draft: Money,
    pub difference: i64,
    /// The month that differs most: scores, multiples and factors then and under the draft.
    pub largest: Option<Reason>,
}

#[derive(Debug, Clone, serde::Serialize)]
pub struct Reason {
    pub month: Month,
    pub difference: Money,
    pub score: (Option<String>, Option<String>),
    pub multiple: (Option<String>, Option<String>),
    pub factors: (Option<String>, Option<String>),
}

/// Months of `last-4-quarters` (complete ones before today) or of a period.
pub fn months(view: View, viewer: &Viewer, text: &str) -> Result<Vec<Month>> {
    let running = view.fiscal()?.month_of(viewer.today);
    let quarters =
        text.strip_prefix("last-").and_then(|rest| rest.strip_suffix("-quarters").or(rest.strip_suffix("-quarter")));
    if let Some(count) = quarters {
        let count: i32 = count.parse().ok().filter(|n| (1..=12).contains(n)).ok_or_else(|| unknown(text))?;
        let end = Period::Quarter(running.year, (running.month - 1) / 3 + 1).first_month();
        return Ok((end.index() - count * 3..end.index()).map(Month::from_index).collect());
    }
    let period: Period = text.parse().map_err(|_| unknown(text))?;
    Ok(period.months().filter(|month| *month < running).collect())
}

fn unknown(text: &str) -> Problem {
    Problem::usage("bad_period").with("text", text)
}

/// Works a draft out over past months.
pub fn simulate(view: View, viewer: &Viewer, draft: &Plan, months: &[Month]) -> Result<Simulation> {
    if viewer.actor.widest(Action::SeePay) != Some(Reach::All) {
        return Err(Problem::refused("not_allowed"));
    }
    let currency = view.currency()?;
    // The draft as if it had always been in force.
    let always = Plan { effective_from: NaiveDate::MIN, effective_until: None, ..draft.clone() };
    let drafts = [always];
    let plans = view.plan_list()?;
    let mut sums: BTreeMap<String, Outcome> = BTreeMap::new();
    let mut without_amount = 0;
    for month in months {
        for person in view.people_in(*month)? {
            let Some(then) = view.payee(&drafts, &person, *month)? else { continue };
            let before = match view.frozen_payout(&person, *month)? {
                Some(frozen) => Some(frozen.payout),
                None => match view.payee(&plans, &person, *month)? {
                    Some(payee) => payout(&payee.plan, &payee.inputs).ok(),
                    None => None,
                },
            };
            let after = payout(&then.plan, &then.inputs).ok();
            let (Some(before), Some(after)) = (before, after) else {
                without_amount += 1;
                continue;
            };
            let (Some(a), Some(b)) = (before.amount, after.amount) else {
                without_amount += 1;
                continue;
            };
            let outcome = sums.entry(person.clone()).or_insert_with(|| Outcome {
                person_id: person.clone(),
                position: draft.position.clone(),
                paid: Money::new(0, currency),
                draft: Money::new(0, currency),
                difference: 0,
                largest: None,
            });
            let difference = b.minor.saturating_sub(a.minor);
            outcome.paid.minor = outcome.paid.minor.saturating_add(a.minor);
            outcome.draft.minor = outcome.draft.minor.saturating_add(b.minor);
            outcome.difference = outcome.difference.saturating_add(difference);
            let largest = outcome.largest.as_ref().map_or(0, |reason| reason.difference.minor.abs());
            if difference != 0 && difference.abs() > largest {
                outcome.largest = Some(reason(*month, Money::new(difference, currency), &before, &after));
            }
        }
    }
    let mut people: Vec<Outcome> = sums.into_values().collect();
    people.sort_by(|a, b| (b.difference, &a.person_id).cmp(&(a.difference, &b.person_id)));
    let sum = |of: fn(&Outcome) -> i64| people.iter().map(of).fold(0i64, i64::saturating_add);
    Ok(Simulation {
        months: months.to_vec(),
        paid: Money::new(sum(|o| o.paid.minor), currency),
        draft: Money::new(sum(|o| o.draft.minor), currency),
        without_amount,
        people,
    })
}

fn reason(month: Month, difference: Money, before: &Payout, after: &Payout) -> Reason {
    let score = |paid: &Payout| paid.score.map(|score| score.to_string());
    let multiple = |paid: &Payout| {
        paid.derivation.steps.iter().find_map(|step| match step {
            Step::Band(band) => Some(band.multiple.to_string()),
            Step::Line(line) if line.id == "multiple" => Some(line.value.percent(0) + " %"),
            _ => None,
        })
    };
    let factors = |paid: &Payout| {
        let held = paid.derivation.steps.iter().filter_map(|step| match step {
            Step::Accelerator(step) if step.matched == Some(true) => Some(step.factor.to_string()),
            _ => None,
        });
        let list: Vec<String> = held.collect();
        (!list.is_empty()).then(|| list.join(" × "))
    };
    Reason {
        month,
        difference,
        score: (score(before), score(after)),
        multiple: (multiple(before), multiple(after)),
        factors: (factors(before), factors(after)),
    }
}

/// Winners and losers as a table.
pub fn table(view: View, viewer: &Viewer, found: &Simulation) -> Result<Table> {
    let heading = |key: &str| viewer.language.message(&format!("export.{key}"), &[]);
    let mut rows = Vec::new();
    for one in &found.people {
        let number = |minor: i64| Cell::Number(Money::new(minor, found.paid.currency).amount());
        let month = one.largest.as_ref().map_or(Cell::Empty, |reason| Cell::Text(reason.month.to_string()));
        let scores = one.largest.as_ref().map_or(Cell::Empty, |reason| {
            let text = |score: &Option<String>| score.clone().unwrap_or_else(|| "—".to_string());
            Cell::Text(format!("{} → {}", text(&reason.score.0), text(&reason.score.1)))
        });
        rows.push(vec![
            Cell::Text(one.person_id.clone()),
            Cell::Text(scope::name(view, viewer, &one.person_id)?),
            number(one.paid.minor),
            number(one.draft.minor),
            number(one.difference),
            month,
            scores,
        ]);
    }
    let keys = ["person", "name", "paid_before", "draft", "difference", "largest_month", "scores"];
    let title = format!("{} v{}", heading("draft"), found.months.len());
    Ok(Table { title, headings: keys.iter().map(|key| heading(key)).collect(), rows })
}
