//! Incentive plans: the published versions in readable form, checking a plan file, publishing it.

use super::figure::{count, problem, rate, say};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Param, Phrase, Problem, Value};
use crate::views::plan::{Plan, PlanAccelerator, PlanBand, PlanCheck, PlanComponent, PlanFinding, PlanList, PlanState};
use attain_client::domain::access::Action;
use attain_client::domain::metric::{Metric, Unit};
use attain_client::domain::money::{Currency, Money, Ratio};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::plan::{self as domain, Finding, PayoutRounding, Subject, Target};
use attain_client::domain::read::Read;
use attain_client::plans::{self, Publishing};
use attain_client::scope;
use rust_decimal::Decimal;
use std::path::PathBuf;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_list(desk: State<'_, Shared>) -> std::result::Result<PlanList, Problem> {
    desk.ask(|question| {
        let (view, viewer) = (question.view, question.viewer);
        let can = |action| viewer.actor.widest(action).is_some();
        if !can(Action::PublishPlans) && !can(Action::ClosePeriods) {
            return Err(attain_client::Problem::refused("not_allowed"));
        }
        let (known, published) = (view.plan_list()?, view.publications()?);
        let mut list = Vec::new();
        for plan in &known {
            let mut shown = shown(question, plan)?;
            shown.state = Some(state(question, &known, plan));
            if let Some(act) = published.iter().find(|p| p.plan_id == plan.id && p.version == plan.version) {
                shown.published_by = Some(scope::name(view, viewer, &act.by)?);
                shown.published_at = Some(super::note::local(question, &act.at)?);
                shown.approved_by = act.approved_by.as_ref().map(|id| scope::name(view, viewer, id)).transpose()?;
            }
            list.push(shown);
        }
        list.sort_by(|a, b| (&a.position, a.state, &b.from).cmp(&(&b.position, b.state, &a.from)));
        let in_force = list.iter().filter(|plan| plan.state == Some(PlanState::InForce)).count();
        let lead = match (list.is_empty(), Read::closed_months(&view)?.into_iter().max()) {
            (true, _) => say("incentives.lead_none").into(),
            (false, Some(last)) => say("incentives.lead").count("plans", in_force).period("period", last).into(),
            (false, None) => say("incentives.lead_open").count("plans", in_force).into(),
        };
        let (publishable, closable) = (can(Action::PublishPlans), can(Action::ClosePeriods));
        let drafts = super::draft::listed(question)?;
        Ok(PlanList { lead, plans: list, drafts, publishable, closable })
    })
    .await
}

fn state(question: &Question, known: &[domain::Plan], plan: &domain::Plan) -> PlanState {
    let today = question.viewer.today;
    if plan.effective_from > today {
        PlanState::Upcoming
    } else if domain::in_force(known, &plan.position, today) == Some(plan) {
        PlanState::InForce
    } else {
        PlanState::Past
    }
}

pub(super) fn shown(question: &Question, plan: &domain::Plan) -> Result<Plan> {
    let currency = plan.currency.unwrap_or(question.view.currency()?);
    let ratio = |value: Decimal| rate(Ratio::from_decimal(value));
    Ok(Plan {
        plan_id: plan.id.clone(),
        version: plan.version,
        name: question.viewer.language.pick(&plan.name.zh, Some(&plan.name.en)).to_owned(),
        position: plan.position.clone(),
        from: plan.effective_from.to_string(),
        until: plan.effective_until.map(|day| day.to_string()),
        state: None,
        published_by: None,
        published_at: None,
        approved_by: None,
        components: plan
            .components
            .iter()
            .map(|component| PlanComponent {
                metric: component.metric.name().to_owned(),
                weight: component.weight.normalize().to_string(),
                target: match component.target {
                    Target::Goal => None,
                    Target::Constant(value) => Some(constant(component.metric, value, currency)),
                },
                cap: component.cap.map(ratio),
                floor: component.floor.map(ratio),
            })
            .collect(),
        weights: plan.components.iter().map(|c| c.weight).sum::<Decimal>().normalize().to_string(),
        bands: plan
            .bands
            .iter()
            .map(|band| PlanBand {
                at_least: band.at_least.normalize().to_string(),
                multiple: band.multiple.to_string(),
            })
            .collect(),
        accelerators: plan
            .accelerators
            .iter()
            .map(|accelerator| {
                let when = &accelerator.when;
                let attained = when.subject == Subject::Attainment;
                PlanAccelerator {
                    metric: when.metric.name().to_owned(),
                    of: if attained { "attainment" } else { "actual" }.to_owned(),
                    sign: when.op.sign().to_owned(),
                    bound: match attained {
                        true => Value::Rate { rate: ratio(when.bound) },
                        false => constant(when.metric, when.bound, currency),
                    },
                    factor: accelerator.factor.to_string(),
                }
            })
            .collect(),
        whole_units: plan.payout.round == PayoutRounding::WholeUnit,
        clawback_days: plan.clawback.map(|clawback| clawback.within_days),
    })
}

/// A figure as a plan states it, in the metric's own unit.
fn constant(metric: Metric, value: Decimal, currency: Currency) -> Value {
    let ratio = Ratio::from_decimal(value);
    match metric.unit() {
        Unit::Money => {
            let minor = i64::try_from(ratio.scaled(currency.digits())).unwrap_or(i64::MAX);
            Value::Money { money: super::figure::money(Money::new(minor, currency)) }
        }
        Unit::Count => Value::Count { count: count(ratio.scaled(0).max(0)) },
        Unit::Ratio => Value::Rate { rate: rate(ratio) },
        Unit::Score => Value::Decimal { decimal: value.normalize().to_string() },
    }
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_pick(desk: State<'_, Shared>) -> std::result::Result<Option<String>, Problem> {
    super::pick(&desk, "TOML", &["toml"]).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn plan_check(desk: State<'_, Shared>, path: String) -> std::result::Result<PlanCheck, Problem> {
    desk.ask(move |question| {
        let path = PathBuf::from(path);
        let source = plans::read(&path)?;
        let mut check = PlanCheck {
            file_name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            plan: None,
            findings: Vec::new(),
            effect: None,
            meets: Vec::new(),
            published: false,
            refused: None,
            source,
        };
        match plans::publishing(question.view, question.viewer, &check.source)? {
            Ok(found) => {
                check.plan = Some(shown(question, &found.plan)?);
                check.effect = Some(effect(question, &found));
                check.meets = found.meets.iter().map(super::draft::meets).collect();
                check.published = found.published;
                // Where somebody else may approve, a file becomes a draft, also in a workspace of its own.
                let (id, today) = (question.viewer.id(), question.viewer.today);
                let others = Read::others_may(&question.view, Action::ApprovePlans, id, today)?;
                let needs = (others && !found.published)
                    .then(|| attain_client::Problem::refused("plan_needs_approval").with("plan_id", &found.plan.id));
                check.refused = found.refused.or(needs).map(problem);
            }
            Err(findings) => check.findings = findings.into_iter().map(finding).collect(),
        }
        Ok(check)
    })
    .await
}

pub(super) fn effect(question: &Question, found: &Publishing) -> Phrase {
    let plan = &found.plan;
    let said = |code: &str| {
        say(code)
            .date("from", plan.effective_from)
            .count("people", found.people)
            .term("position", format!("position.{}", plan.position))
    };
    match &found.follows {
        Some(before) => said("plan.follows")
            .text("plan", question.viewer.language.pick(&before.name.zh, Some(&before.name.en)))
            .text("version", format!("v{}", before.version))
            .into(),
        None => said("plan.begins").into(),
    }
}

pub(super) fn finding(finding: Finding) -> PlanFinding {
    let param = |text: String| match text.strip_prefix('@') {
        Some(term) => Param::Term { term: term.to_owned() },
        None => Param::Text { text },
    };
    let params = finding.params.into_iter().map(|(name, text)| (name, param(text))).collect();
    PlanFinding { line: finding.line, path: finding.path, said: Phrase { code: finding.code, params } }
}

/// Publishes the text that was checked.
#[tauri::command(rename_all = "snake_case")]
pub async fn plan_publish(desk: State<'_, Shared>, source: String) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| Ok(((), workspace.mutate(&Mutation::PublishPlan { source })?))).await
}
