//! Exceptions per person: who is paid otherwise than the position, making one, taking it away.

use super::figure::say;
use crate::desk::{Question, Result, Shared};
use crate::views::draft::PlanPerson;
use crate::views::exception::{ExceptionInput, PlanChoice, PlanException, PlanExceptions};
use crate::views::figure::{Phrase, Problem};
use attain_client::domain::access::{Action, DataClass};
use attain_client::domain::money::{Money, parse_typed_amount};
use attain_client::domain::mutation::{ExceptionTerms, Mutation};
use attain_client::domain::period::Month;
use attain_client::domain::plan::exception as domain;
use attain_client::domain::read::Read;
use attain_client::plans::exceptions;
use attain_client::scope;
use tauri::State;

/// Months ahead in which an exception can begin.
const AHEAD: i32 = 18;

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_exceptions(desk: State<'_, Shared>) -> std::result::Result<PlanExceptions, Problem> {
    desk.show_class("pay_list", DataClass::Pay, |question| {
        let (view, viewer) = (question.view, question.viewer);
        let mut list = Vec::new();
        let mut looked = Vec::new();
        for (person_id, one) in exceptions::exceptions(view, viewer)? {
            list.push(PlanException {
                exception_id: one.id.clone(),
                person_name: scope::name(view, viewer, &person_id)?,
                said: said(question, &one)?,
                by_name: scope::name(view, viewer, &one.by_id)?,
                at: super::note::local(question, &one.at)?,
                person_id: person_id.clone(),
            });
            looked.push(person_id);
        }
        let mut people = Vec::new();
        if viewer.actor.widest(Action::PublishPlans).is_some() {
            for row in view.people(viewer.today)? {
                if row.position.sells() && row.id != viewer.id() {
                    let name = viewer.language.pick(&row.name, row.name_en.as_deref()).to_owned();
                    people.push(PlanPerson { person_id: row.id, name });
                }
            }
        }
        let mut plans: Vec<PlanChoice> = Vec::new();
        for plan in view.plan_list()?.iter().rev() {
            if !plans.iter().any(|there| there.plan_id == plan.id) {
                let name = viewer.language.pick(&plan.name.zh, Some(&plan.name.en)).to_owned();
                plans.push(PlanChoice { plan_id: plan.id.clone(), name });
            }
        }
        let running = view.fiscal()?.month_of(viewer.today);
        let first = Read::closed_months(&view)?.into_iter().max().map_or(running, |closed| closed.plus(1));
        let months = (0..AHEAD).map(|n| first.plus(n).to_string()).collect();
        Ok((PlanExceptions { exceptions: list, people, plans, months }, looked))
    })
    .await
}

/// An exception as a sentence, with its plan by name and its base as money.
pub fn said(question: &Question, one: &domain::PlanException) -> Result<Phrase> {
    let (view, viewer) = (question.view, question.viewer);
    let code = match (&one.plan_id, one.base, one.until) {
        (Some(_), Some(_), Some(_)) => "plan.exception_both",
        (Some(_), Some(_), None) => "plan.exception_both_open",
        (Some(_), None, Some(_)) => "plan.exception_by_plan",
        (Some(_), None, None) => "plan.exception_by_plan_open",
        (None, _, Some(_)) => "plan.exception_of_base",
        (None, _, None) => "plan.exception_of_base_open",
    };
    let mut phrase = say(code).period("from", one.from).text("reason", one.reason.clone());
    if let Some(until) = one.until {
        phrase = phrase.period("until", until);
    }
    if let Some(base) = one.base {
        phrase = phrase.money("base", base);
    }
    if let Some(id) = &one.plan_id {
        let plans = view.plan_list()?;
        let named = plans.iter().find(|plan| plan.id == *id);
        let name = named.map_or(id.as_str(), |plan| viewer.language.pick(&plan.name.zh, Some(&plan.name.en)));
        phrase = phrase.text("plan", name);
    }
    Ok(phrase.into())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_exception_put(desk: State<'_, Shared>, input: ExceptionInput) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let currency = workspace.view().currency()?;
        let stated = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let month = |text: &str| -> Result<Month> {
            text.parse().map_err(|_| attain_client::Problem::usage("month_needed").with("text", text))
        };
        let base = match stated(&input.base) {
            Some(text) => Some(Money::new(
                parse_typed_amount(&text, currency.digits())
                    .map_err(|_| attain_client::Problem::usage("not_a_number").with("text", &text))?,
                currency,
            )),
            None => None,
        };
        let terms = ExceptionTerms {
            from: month(&input.from)?,
            until: stated(&input.until).map(|text| month(&text)).transpose()?,
            plan_id: stated(&input.plan_id),
            base,
            reason: input.reason.clone(),
        };
        let exception_id = exceptions::fresh_id(workspace.view(), &input.person_id)?;
        let mutation = Mutation::PutPlanException { person_id: input.person_id, exception_id, terms: Some(terms) };
        Ok(((), workspace.mutate(&mutation)?))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_exception_end(
    desk: State<'_, Shared>,
    person_id: String,
    exception_id: String,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let mutation = Mutation::PutPlanException { person_id, exception_id, terms: None };
        Ok(((), workspace.mutate(&mutation)?))
    })
    .await
}
