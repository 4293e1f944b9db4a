//! Closing a month: what it would freeze, doing it, and the payslips of closed ones.

use super::figure::{count, money};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::Problem;
use crate::views::period::{ClosedMonth, Closing, ClosingAccepted, ClosingLack, ClosingPerson};
use attain_client::domain::access::DataClass;
use attain_client::domain::closing::{Acceptance, Check, Finding};
use attain_client::domain::money::Money;
use attain_client::domain::period::{Month, Period};
use attain_client::domain::read::Read;
use attain_client::store::audit::Entry;
use attain_client::workspace::real_time;
use attain_client::{export, pay, payslip, scope};
use std::path::Path;
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
                Ok((shown(question, &found, periods)?, found.people()))
            }
            None => Ok((nothing(question, periods)?, Vec::new())),
        }
    })
    .await
}

fn nothing(question: &Question, periods: Vec<String>) -> Result<Closing> {
    let none = money(Money::new(0, question.view.currency()?));
    Ok(Closing {
        period: None,
        periods,
        from: None,
        over: false,
        people: 0,
        total: none.clone(),
        seen: String::new(),
        unpaid: 0,
        lacks: Vec::new(),
        corrections: 0,
        adjusted: none,
        closed: closed(question)?,
    })
}

fn closed(question: &Question) -> Result<Vec<ClosedMonth>> {
    let view = question.view;
    let row = |month: Month| -> Result<ClosedMonth> {
        let seq = view.closed_period(month)?.and_then(|closed| closed.seq);
        let provisional = view.close_waits(month)?;
        Ok(ClosedMonth { period: month.to_string(), provisional, seq: seq.map(|seq| seq.to_string()) })
    };
    Read::closed_months(&view)?.into_iter().rev().map(row).collect()
}

fn shown(question: &Question, found: &pay::Closing, periods: Vec<String>) -> Result<Closing> {
    let (view, viewer) = (question.view, question.viewer);
    let named = |check: Check, id: &String| -> Result<ClosingPerson> {
        let person_id = match check {
            Check::Proposal => view.proposal_row(id)?.map_or_else(|| id.clone(), |proposal| proposal.author_id),
            _ => id.clone(),
        };
        Ok(ClosingPerson { name: scope::name(view, viewer, &person_id)?, person_id })
    };
    let lack = |line: &Finding| -> Result<ClosingLack> {
        let people = line.subjects.iter().map(|id| named(line.check, id)).collect::<Result<_>>()?;
        Ok(ClosingLack { lack: line.check.name().to_owned(), acceptable: line.check.acceptable(), people })
    };
    Ok(Closing {
        period: Some(found.month.to_string()),
        periods,
        from: Some(found.until.to_string()),
        over: found.over,
        people: count(found.people().len()),
        total: money(found.total),
        seen: found.seen.clone(),
        unpaid: count(found.unpaid().len()),
        lacks: found.outlook.findings.iter().map(lack).collect::<Result<_>>()?,
        corrections: count(found.adjustments.len()),
        adjusted: money(found.adjusted),
        closed: closed(question)?,
    })
}

/// Closes a month for what the person was shown; anything else is `preview_changed`.
#[tauri::command(rename_all = "snake_case")]
pub async fn period_close(
    desk: State<'_, Shared>,
    period: String,
    seen: String,
    accepted: Vec<ClosingAccepted>,
) -> std::result::Result<(), Problem> {
    let month = month(&period)?;
    let accepted = accepted.into_iter().map(acceptance).collect::<std::result::Result<Vec<_>, _>>()?;
    desk.change(move |workspace| Ok(((), pay::close(workspace, month, Some(seen), accepted)?))).await
}

fn acceptance(accepted: ClosingAccepted) -> std::result::Result<Acceptance, Problem> {
    let unknown = |_| super::figure::problem(attain_client::Problem::usage("accept_what").with("text", &accepted.lack));
    let check: Check = accepted.lack.parse().map_err(unknown)?;
    Ok(Acceptance { check, reason: accepted.reason })
}

/// Payroll's own columns: the file that names them.
#[tauri::command(rename_all = "snake_case")]
pub async fn payslip_pick_mapping(desk: State<'_, Shared>) -> std::result::Result<Option<String>, Problem> {
    super::pick(&desk, "TOML", &["toml"]).await
}

/// Where to write the payslips of a month; `None` when the person thought better of it.
#[tauri::command(rename_all = "snake_case")]
pub async fn payslip_place(
    desk: State<'_, Shared>,
    period: String,
    format: String,
) -> std::result::Result<Option<String>, Problem> {
    let format = if format == "csv" { "csv" } else { "xlsx" };
    let path = super::place(&desk, format!("payslips-{}.{format}", month(&period)?), format).await?;
    Ok(path.map(|path| path.display().to_string()))
}

/// Writes the payslips of a closed month, as XLSX or CSV by the file's name, and answers how many. A look at everyone's pay,
/// and an export, on record.
#[tauri::command(rename_all = "snake_case")]
pub async fn payslip_export(
    desk: State<'_, Shared>,
    period: String,
    path: String,
    mapping: Option<String>,
) -> std::result::Result<u32, Problem> {
    let month = month(&period)?;
    desk.record(move |workspace| {
        let mapping = mapping.map(|file| payslip::Mapping::read(Path::new(&file))).transpose()?;
        let table = payslip::table(workspace, Period::Month(month), mapping.as_ref())?;
        let (at, actor_id) = (real_time(), workspace.viewer_id().to_owned());
        let detail = serde_json::json!({ "screen": "pay", "rows": table.rows.len() });
        let (action, class, subjects) = ("export", DataClass::Pay, &[][..]);
        workspace.store.disclose(&Entry { at: &at, actor_id: &actor_id, action, class, subjects, detail }, None)?;
        export::write(&table, Path::new(&path))?;
        Ok(count(table.rows.len()))
    })
    .await
}
