//! Closing a month: what it would freeze, and doing it.

use super::figure::{count, money};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::Problem;
use crate::views::period::{Closing, ClosingLack, ClosingPerson};
use attain_client::domain::access::DataClass;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::{Month, Period};
use attain_client::{pay, scope};
use tauri::State;

fn month(period: &str) -> std::result::Result<Month, Problem> {
    match super::period(period)? {
        Period::Month(month) => Ok(month),
        other => Err(super::figure::problem(attain_client::Problem::usage("month_needed").with("text", other))),
    }
}

/// The next month to close, or the one asked for; the look at everyone's pay is recorded.
#[tauri::command(rename_all = "snake_case")]
pub async fn period_closing(desk: State<'_, Shared>, period: Option<String>) -> std::result::Result<Closing, Problem> {
    let asked = period.as_deref().map(month).transpose()?;
    desk.show_class("pay_list", DataClass::Pay, move |question| {
        let months = pay::next_to_close(question.view, question.viewer)?;
        let chosen = asked.filter(|month| months.contains(month)).or(months.first().copied());
        let periods: Vec<String> = months.iter().map(Month::to_string).collect();
        match chosen {
            Some(month) => {
                let found = pay::closing(question.view, question.viewer, month)?;
                Ok((shown(question, &found, periods)?, found.people))
            }
            None => {
                let nothing = attain_client::domain::money::Money::new(0, question.view.currency()?);
                let (lacks, total) = (Vec::new(), money(nothing));
                let (people, unpaid) = (0, 0);
                Ok((
                    Closing {
                        period: None,
                        periods,
                        from: None,
                        over: false,
                        people,
                        total,
                        seen: String::new(),
                        unpaid,
                        lacks,
                    },
                    Vec::new(),
                ))
            }
        }
    })
    .await
}

fn shown(question: &Question, found: &pay::Closing, periods: Vec<String>) -> Result<Closing> {
    let lack = |lack: &str, people: &[String]| -> Result<ClosingLack> {
        let named = |id: &String| {
            Ok(ClosingPerson { person_id: id.clone(), name: scope::name(question.view, question.viewer, id)? })
        };
        Ok(ClosingLack { lack: lack.to_owned(), people: people.iter().map(named).collect::<Result<_>>()? })
    };
    Ok(Closing {
        period: Some(found.month.to_string()),
        periods,
        from: Some(found.until.to_string()),
        over: found.over,
        people: count(found.people.len()),
        total: money(found.total),
        seen: found.seen.clone(),
        unpaid: count(found.unpaid.len()),
        lacks: vec![
            lack("plan", &found.without_plan)?,
            lack("salary", &found.without_salary)?,
            lack("goal", &found.without_goal)?,
            lack("data", &found.without_data)?,
        ],
    })
}

/// Closes a month for what the person was shown; anything else is `preview_changed`.
#[tauri::command(rename_all = "snake_case")]
pub async fn period_close(desk: State<'_, Shared>, period: String, seen: String) -> std::result::Result<(), Problem> {
    let month = month(&period)?;
    desk.change(move |workspace| Ok(((), workspace.mutate(&Mutation::ClosePeriod { month, seen: Some(seen) })?))).await
}
