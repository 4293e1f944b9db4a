//! `plan except|unexcept|exceptions`: people who are paid otherwise than their position.

use attain_client::domain::access::DataClass;
use attain_client::domain::money::{Money, parse_typed_amount};
use attain_client::domain::mutation::{ExceptionTerms, Mutation};
use attain_client::domain::period::Month;
use attain_client::plans::exceptions;
use attain_client::problem::{Problem, Result};
use attain_client::scope;
use serde_json::json;

use super::Open;
use crate::answer::{Answer, items};
use crate::arguments::PlanVerb;

fn month(text: &str) -> Result<Month> {
    text.parse().map_err(|_| Problem::usage("month_needed").with("text", text))
}

pub fn exception(open: &mut Open, verb: &PlanVerb) -> Result<Answer> {
    match verb {
        PlanVerb::Except { person_id, from, until, plan, base, reason, id } => {
            let base = match base {
                Some(text) => {
                    let minor = parse_typed_amount(text, open.currency.digits())
                        .map_err(|_| Problem::usage("not_a_number").with("text", text))?;
                    Some(Money::new(minor, open.currency))
                }
                None => None,
            };
            let exception_id = match id {
                Some(id) => id.clone(),
                None => exceptions::fresh_id(open.workspace.view(), person_id)?,
            };
            let terms = ExceptionTerms {
                from: month(from)?,
                until: until.as_deref().map(month).transpose()?,
                plan_id: plan.clone(),
                base,
                reason: reason.clone(),
            };
            let (person_id, terms) = (person_id.clone(), Some(terms));
            open.workspace.mutate(&Mutation::PutPlanException { person_id, exception_id, terms })?;
        }
        PlanVerb::Unexcept { person_id, id } => {
            let (person_id, exception_id) = (person_id.clone(), id.clone());
            open.workspace.mutate(&Mutation::PutPlanException { person_id, exception_id, terms: None })?;
        }
        _ => {}
    }
    let found = exceptions::exceptions(open.workspace.view(), &open.viewer)?;
    let people: Vec<String> = found.iter().map(|(person, _)| person.clone()).collect();
    open.workspace.disclose("pay_list", DataClass::Pay, &people)?;
    let mut list = Vec::new();
    for (person_id, one) in &found {
        list.push(json!({
            "id": one.id, "person_id": person_id, "name": scope::name(open.workspace.view(), &open.viewer, person_id)?,
            "from": one.from, "until": one.until, "plan_id": one.plan_id, "base": one.base, "reason": one.reason,
            "by_id": one.by_id, "at": one.at,
        }));
    }
    Ok(items(list).into())
}
