//! Plans before they are published: drafts and whose turn it is, the editor, a worked example, what-if.

use super::figure::{count, money, problem, say};
use super::payout::told;
use super::plan::{effect, finding, shown};
use crate::desk::{Question, Result, Shared};
use crate::views::draft::{
    DraftState, DraftStep, PlanChange, PlanDecision, PlanDraft, PlanDraftShown, PlanEdit, PlanExample, PlanField,
    PlanOutcome, PlanPerson, PlanRow, PlanSection, PlanSheet, PlanWhatIf,
};
use crate::views::figure::{Phrase, Problem};
use crate::views::plan::PlanFinding;
use attain_client::domain::access::DataClass;
use attain_client::domain::money::{Money, parse_typed_amount};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::plan::check::Warning;
use attain_client::domain::plan::draft as drafting;
use attain_client::domain::plan::{Finding, Plan};
use attain_client::plans::drafts::{self, Drafted};
use attain_client::plans::edit::{Edit, edited};
use attain_client::plans::form::{self, Kind};
use attain_client::plans::simulation::{self, Simulation};
use attain_client::plans::{self, example, halves};
use attain_client::store::audit::Entry;
use attain_client::workspace::real_time;
use attain_client::{export, scope};
use rust_decimal::Decimal;
use tauri::State;
use tauri_plugin_dialog::DialogExt;

fn state(state: drafting::DraftState) -> DraftState {
    match state {
        drafting::DraftState::Drafting => DraftState::Drafting,
        drafting::DraftState::Submitted => DraftState::Submitted,
        drafting::DraftState::SentBack => DraftState::SentBack,
        drafting::DraftState::Approved => DraftState::Approved,
        drafting::DraftState::Published => DraftState::Published,
        drafting::DraftState::Withdrawn => DraftState::Withdrawn,
    }
}

fn draft(question: &Question, one: &Drafted) -> Result<PlanDraft> {
    let (view, viewer) = (question.view, question.viewer);
    let it = &one.draft;
    let mut steps = Vec::new();
    for step in &it.steps {
        steps.push(DraftStep {
            at: super::note::local(question, &step.at)?,
            by_name: scope::name(view, viewer, &step.by_id)?,
            state: state(step.state),
            comment: step.comment.clone(),
        });
    }
    let name = one.plan.as_ref().map(|plan| viewer.language.pick(&plan.name.zh, Some(&plan.name.en)).to_owned());
    Ok(PlanDraft {
        draft_id: it.id.clone(),
        name: name.unwrap_or_else(|| it.id.clone()),
        version: one.plan.as_ref().map(|plan| plan.version),
        position: one.plan.as_ref().map(|plan| plan.position.clone()),
        from: one.plan.as_ref().map(|plan| plan.effective_from.to_string()),
        state: state(it.state),
        findings: count(one.findings),
        author_name: scope::name(view, viewer, &it.author_id)?,
        approved_by: it.approved_by().map(|id| scope::name(view, viewer, id)).transpose()?,
        mine: one.mine,
        may_edit: one.may_edit,
        mine_to_decide: one.mine_to_decide,
        may_publish: one.may_publish,
        digest: it.digest(),
        steps,
    })
}

/// Drafts that are not settled, the latest first.
pub fn listed(question: &Question) -> Result<Vec<PlanDraft>> {
    let found = drafts::drafts(question.view, question.viewer, false)?;
    found.iter().map(|one| draft(question, one)).collect()
}

/// Drafts that wait for the viewer.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_drafts_waiting(desk: State<'_, Shared>) -> std::result::Result<Vec<PlanDraft>, Problem> {
    desk.ask(|question| {
        let found = drafts::waiting(question.view, question.viewer)?;
        found.iter().map(|one| draft(question, one)).collect()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_draft_show(
    desk: State<'_, Shared>,
    draft_id: String,
) -> std::result::Result<PlanDraftShown, Problem> {
    desk.ask(move |question| {
        let found = drafts::draft(question.view, question.viewer, &draft_id)?;
        Ok(PlanDraftShown { draft: draft(question, &found)?, source: found.draft.source })
    })
    .await
}

/// Keeps a text: of a new draft without an id. Answers the draft's id.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_draft_save(
    desk: State<'_, Shared>,
    draft_id: Option<String>,
    source: String,
    before: Option<String>,
) -> std::result::Result<String, Problem> {
    desk.change(move |workspace| {
        let draft_id = match draft_id {
            Some(id) => id,
            None => drafts::fresh_id(workspace.view(), &source, None)?,
        };
        let mutation = Mutation::SavePlanDraft { draft_id: draft_id.clone(), source, before };
        Ok((draft_id, workspace.mutate(&mutation)?))
    })
    .await
}

/// A published version as a draft of the next one, from the next quarter on. Answers the draft's id.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_draft_copy(
    desk: State<'_, Shared>,
    plan_id: String,
    version: u32,
) -> std::result::Result<String, Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let source = drafts::copied(workspace.view(), &viewer, &plan_id, version, None)?;
        let draft_id = drafts::fresh_id(workspace.view(), &source, None)?;
        let mutation = Mutation::SavePlanDraft { draft_id: draft_id.clone(), source, before: None };
        Ok((draft_id, workspace.mutate(&mutation)?))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_draft_decide(
    desk: State<'_, Shared>,
    draft_id: String,
    decision: PlanDecision,
    comment: String,
    digest: String,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let mutation = match decision {
            PlanDecision::Submit => Mutation::SubmitPlanDraft { draft_id, comment },
            PlanDecision::Approve => Mutation::ApprovePlanDraft { draft_id, digest, comment },
            PlanDecision::SendBack => Mutation::SendBackPlanDraft { draft_id, comment },
            PlanDecision::Withdraw => Mutation::WithdrawPlanDraft { draft_id },
            PlanDecision::Publish => Mutation::PublishPlanDraft { draft_id, digest },
        };
        Ok(((), workspace.mutate(&mutation)?))
    })
    .await
}

/// A text after changes. Nothing is saved.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_edit(
    desk: State<'_, Shared>,
    source: String,
    edits: Vec<PlanEdit>,
) -> std::result::Result<PlanSheet, Problem> {
    desk.ask(move |question| {
        let mut source = source;
        for edit in edits {
            let edit = match edit {
                PlanEdit::Set { path, value } => Edit::Set { path, value },
                PlanEdit::Add { path } => Edit::Add { path },
                PlanEdit::Remove { path } => Edit::Remove { path },
            };
            source = edited(&source, &edit).map_err(|_| attain_client::Problem::refused("plan_no_such_field"))?;
        }
        sheet(question, source)
    })
    .await
}

fn sheet(question: &Question, source: String) -> Result<PlanSheet> {
    let form = form::of(&source);
    let weights = form.as_ref().and_then(|form| sum_of_weights(form));
    let mut sheet = PlanSheet {
        form: form.map(|form| form.iter().map(section).collect()),
        weights: weights.map(|sum| sum.normalize().to_string()),
        plan: None,
        findings: Vec::new(),
        warnings: Vec::new(),
        effect: None,
        meets: Vec::new(),
        changes: Vec::new(),
        refused: None,
        digest: drafting::digest(&source),
        source,
    };
    match plans::publishing(question.view, question.viewer, &sheet.source) {
        Ok(Ok(found)) => {
            sheet.plan = Some(shown(question, &found.plan)?);
            sheet.effect = Some(effect(question, &found));
            sheet.meets = found.meets.iter().map(meets).collect();
            // That somebody else agrees is for the draft to say.
            sheet.refused = found.refused.filter(|p| p.code != "plan_needs_approval").map(problem);
            let asked = plans::review::review(question.view, question.viewer, &found.plan)?;
            sheet.warnings = asked.into_iter().map(warning).collect();
        }
        Ok(Err(findings)) => sheet.findings = findings.into_iter().map(finding).collect(),
        // Whoever approves sees what the text says, though it is not theirs to publish.
        Err(refused) if refused.code == "not_allowed" => match Plan::parse(&sheet.source) {
            Ok(plan) => sheet.plan = Some(shown(question, &plan)?),
            Err(findings) => sheet.findings = findings.into_iter().map(finding).collect(),
        },
        Err(other) => return Err(other),
    }
    if let Ok(plan) = Plan::parse(&sheet.source)
        && let Some(before) = plans::follows(question.view, &plan)?
        && let Some(text) = question.view.plan_source(&before.id, before.version)?
    {
        let change =
            |one: plans::difference::Difference| PlanChange { path: one.path, before: one.before, after: one.after };
        sheet.changes = plans::difference::between(&text, &sheet.source).into_iter().map(change).collect();
    }
    Ok(sheet)
}

pub(super) fn meets((code, params): &halves::Said) -> Phrase {
    let filled = params.iter().fold(say(code), |said, (name, value)| match *name {
        "month" | "before" | "quarter" => said.period(name, value),
        "from" => said.date(name, value),
        _ => said.text(name, value.clone()),
    });
    filled.into()
}

fn warning(warning: Warning) -> PlanFinding {
    finding(Finding { code: warning.code, path: warning.path, line: None, params: warning.params })
}

fn sum_of_weights(form: &[form::Section]) -> Option<Decimal> {
    let components = form.iter().find(|section| section.name == "components").filter(|s| !s.rows.is_empty())?;
    let weights = components.rows.iter().flat_map(|row| &row.fields).filter(|field| field.key.name == "weight");
    weights.filter_map(|field| field.value.parse::<Decimal>().ok()).try_fold(Decimal::ZERO, |a, b| a.checked_add(b))
}

fn section(of: &form::Section) -> PlanSection {
    let row = |row: &form::Row| PlanRow {
        path: row.path.clone(),
        fields: row.fields.iter().map(field).collect(),
        within: row.within.iter().map(section).collect(),
    };
    PlanSection {
        name: if of.name.is_empty() { "head" } else { of.name }.to_owned(),
        path: of.path.clone(),
        list: of.list,
        rows: of.rows.iter().map(row).collect(),
    }
}

fn field(of: &form::Field) -> PlanField {
    PlanField {
        path: of.path.clone(),
        key: of.key.name.to_owned(),
        value: of.value.clone(),
        number: of.key.kind == Kind::Number,
        required: of.key.required,
        choices: of.choices.clone(),
        labels: match of.key.kind {
            Kind::Metric => "metric",
            Kind::Position => "position",
            _ => "plan.choice",
        }
        .to_owned(),
    }
}

fn parsed(source: &str) -> Result<Plan> {
    let refused = |found: Vec<Finding>| attain_client::Problem::refused("plan_findings").with("count", found.len());
    Plan::parse(source).map_err(refused)
}

/// One person's month under both; `None` where nobody was in the position.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_example(
    desk: State<'_, Shared>,
    source: String,
    person_id: Option<String>,
) -> std::result::Result<Option<PlanExample>, Problem> {
    desk.show_class("plan_example", DataClass::Pay, move |question| {
        let (view, viewer) = (question.view, question.viewer);
        let plan = parsed(&source)?;
        let Some(found) = example::example(view, viewer, &plan, person_id.as_deref())? else {
            return Ok((None, Vec::new()));
        };
        let (_, people) = example::people(view, viewer, &plan)?;
        let mut others = Vec::new();
        for id in people {
            others.push(PlanPerson { name: scope::name(view, viewer, &id)?, person_id: id });
        }
        let steps = |paid: &attain_client::domain::payout::Payout| told(&paid.derivation, paid.amount);
        let shown = PlanExample {
            person_name: scope::name(view, viewer, &found.person_id)?,
            period: found.month.to_string(),
            before: found.before.as_ref().and_then(|paid| paid.amount).map(money),
            after: found.after.amount.map(money),
            before_steps: found.before.as_ref().map(steps).unwrap_or_default(),
            after_steps: steps(&found.after),
            people: others,
            person_id: found.person_id.clone(),
        };
        Ok((Some(shown), vec![found.person_id]))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_what_if(
    desk: State<'_, Shared>,
    source: String,
    periods: String,
    budget: Option<String>,
) -> std::result::Result<PlanWhatIf, Problem> {
    desk.show_class("plan_what_if", DataClass::Pay, move |question| {
        let found = simulated(question, &source, &periods)?;
        let people = found.people.iter().map(|one| one.person_id.clone()).collect();
        Ok((what_if(question, &found, budget.as_deref())?, people))
    })
    .await
}

fn simulated(question: &Question, source: &str, periods: &str) -> Result<Simulation> {
    let plan = parsed(source)?;
    let months = simulation::months(question.view, question.viewer, periods)?;
    simulation::simulate(question.view, question.viewer, &plan, &months)
}

fn what_if(question: &Question, found: &Simulation, budget: Option<&str>) -> Result<PlanWhatIf> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = found.paid.currency;
    let of = |minor: i64| money(Money::new(minor, currency));
    let budget = match budget.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => Some(
            parse_typed_amount(text, currency.digits())
                .map_err(|_| attain_client::Problem::usage("not_a_number").with("text", text))?,
        ),
        None => None,
    };
    let most = found.people.iter().map(|one| one.difference.saturating_abs()).max().unwrap_or(0);
    let mut people = Vec::new();
    for one in &found.people {
        let permille = i128::from(one.difference).saturating_mul(1000).checked_div(i128::from(most)).unwrap_or(0);
        people.push(PlanOutcome {
            person_id: one.person_id.clone(),
            name: scope::name(view, viewer, &one.person_id)?,
            position: one.position.clone(),
            paid: money(one.paid),
            cost: money(one.draft),
            difference: of(one.difference),
            permille: i32::try_from(permille).unwrap_or(0),
            reason: one.largest.as_ref().map(reason),
        });
    }
    let cost = found.draft.minor;
    Ok(PlanWhatIf {
        first: found.months.first().map(ToString::to_string).unwrap_or_default(),
        last: found.months.last().map(ToString::to_string).unwrap_or_default(),
        paid: money(found.paid),
        cost: money(found.draft),
        difference: of(cost.saturating_sub(found.paid.minor)),
        budget: budget.map(of),
        left: budget.map(|minor| of(minor.saturating_sub(cost))),
        winners: count(found.people.iter().filter(|one| one.difference > 0).count()),
        losers: count(found.people.iter().filter(|one| one.difference < 0).count()),
        without_amount: count(found.without_amount),
        people,
        most: of(most),
    })
}

/// "August 2026: score 95.00 → 92.00, × 1.25 → × 1.00".
fn reason(reason: &simulation::Reason) -> Phrase {
    let of = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    say("plan.reason")
        .period("period", reason.month)
        .money("difference", reason.difference)
        .text("score", of(&reason.score.0))
        .text("new_score", of(&reason.score.1))
        .text("multiple", of(&reason.multiple.0))
        .text("new_multiple", of(&reason.multiple.1))
        .text("factors", of(&reason.factors.0))
        .text("new_factors", of(&reason.factors.1))
        .into()
}

/// Winners and losers as a workbook; `None` when the person thought better of it.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_what_if_export(
    desk: State<'_, Shared>,
    source: String,
    periods: String,
) -> std::result::Result<Option<String>, Problem> {
    let desk = desk.inner();
    let (table, people, name) = desk
        .ask(move |question| {
            let found = simulated(question, &source, &periods)?;
            let people: Vec<String> = found.people.iter().map(|one| one.person_id.clone()).collect();
            let plan = parsed(&source)?;
            let name = format!("{}-v{}-{periods}.xlsx", plan.id, plan.version);
            Ok((simulation::table(question.view, question.viewer, &found)?, people, name))
        })
        .await?;
    let path = {
        let app = desk.app().clone();
        desk.blocking(move || {
            let dialog = app.dialog().file().set_file_name(name).add_filter("XLSX", &["xlsx"]);
            Ok(dialog.blocking_save_file().and_then(|path| path.into_path().ok()))
        })
        .await?
    };
    let Some(path) = path.map(|path| path.with_extension("xlsx")) else { return Ok(None) };
    desk.record(move |workspace| {
        let (at, actor_id) = (real_time(), workspace.viewer_id().to_owned());
        let detail = serde_json::json!({ "screen": "plan_what_if", "rows": table.rows.len() });
        let (action, class, subjects) = ("export", DataClass::Pay, &people);
        workspace.store.disclose(&Entry { at: &at, actor_id: &actor_id, action, class, subjects, detail }, None)?;
        export::write(&table, &path)?;
        Ok(Some(path.display().to_string()))
    })
    .await
}
