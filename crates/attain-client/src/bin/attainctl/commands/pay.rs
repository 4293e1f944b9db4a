//! `plan import|check|diff|simulate|run|list` (drafts: `draft.rs`), `payout list|explain|close|replay|what-if`, `payslip export`, `period list|preview|close`.

use std::path::Path;

use attain_client::domain::access::DataClass;
use attain_client::domain::adjustment::{Kind, MonthAdjustment};
use attain_client::domain::closing::{self, Acceptance, Check};
use attain_client::domain::money::{Money, parse_typed_amount};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::payout::sentences;
use attain_client::domain::period::Month;
use attain_client::domain::plan::check::{Warning, check};
use attain_client::domain::plan::{Finding, Plan};
use attain_client::domain::read::Read;
use attain_client::language::Language;
use attain_client::pay::{self, Cause, Impossible, Lever, LeverOn, LineOf, Pay};
use attain_client::payslip;
use attain_client::plans;
use attain_client::problem::{Problem, Result};
use attain_client::scope;
use serde_json::{Value, json};

use super::{Open, draft, exception, metric, period};
use crate::answer::{Answer, amount, figure, items, with};
use crate::arguments::{PayoutVerb, PayslipVerb, PeriodVerb, PlanVerb};

pub fn plan(open: &mut Open, verb: &PlanVerb) -> Result<Answer> {
    match verb {
        PlanVerb::Import { file } => import(open, file),
        PlanVerb::Publish { draft: file } if Path::new(file).is_file() => import(open, Path::new(file)),
        PlanVerb::Except { .. } | PlanVerb::Unexcept { .. } | PlanVerb::Exceptions => exception::exception(open, verb),
        PlanVerb::Draft { .. }
        | PlanVerb::Copy { .. }
        | PlanVerb::Set { .. }
        | PlanVerb::Show { .. }
        | PlanVerb::Submit { .. }
        | PlanVerb::Approve { .. }
        | PlanVerb::SendBack { .. }
        | PlanVerb::Withdraw { .. }
        | PlanVerb::Publish { .. } => draft::draft(open, verb),
        PlanVerb::Check { file } => match Plan::parse(&plans::read(file)?) {
            Ok(plan) => {
                let warnings = plans::review::review(open.workspace.view(), &open.viewer, &plan)?;
                Ok(checked(open.viewer.language, &plan, &warnings))
            }
            Err(findings) => Ok(refused(open.viewer.language, &findings)),
        },
        PlanVerb::Diff { before, after } => {
            let (before, after) = (source(open, before)?, source(open, after)?);
            for text in [&before, &after] {
                if let Err(findings) = Plan::parse(text) {
                    return Ok(refused(open.viewer.language, &findings));
                }
            }
            let list = plans::difference::between(&before, &after);
            Ok(items(list.iter().map(|one| json!(one)).collect()).into())
        }
        PlanVerb::Simulate { draft, periods, budget, out } => {
            let plan = match Plan::parse(&plans::read(draft)?) {
                Ok(plan) => plan,
                Err(findings) => return Ok(refused(open.viewer.language, &findings)),
            };
            simulated(open, &plan, periods, budget.as_deref(), out.as_deref())
        }
        PlanVerb::Run { file, inputs } => run_plan(open.viewer.language, file, inputs),
        PlanVerb::List => {
            let published = open.workspace.view().publications()?;
            let approved = |p: &Plan| {
                published
                    .iter()
                    .find(|o| o.plan_id == p.id && o.version == p.version)
                    .and_then(|o| o.approved_by.clone())
            };
            let list = open
                .workspace
                .view()
                .plan_list()?
                .iter()
                .map(|p| {
                    json!({
                        "id": p.id, "version": p.version, "name": open.viewer.language.pick(&p.name.zh, Some(&p.name.en)),
                        "position": p.position, "effective_from": p.effective_from, "effective_until": p.effective_until,
                        "approved_by": approved(p),
                        "components": p.components.iter().map(|c| json!({ "metric": c.metric, "weight": c.weight })).collect::<Vec<_>>(),
                    })
                })
                .collect();
            let drafts = draft::list(open)?;
            Ok(with(items(list), json!({ "drafts": drafts })).into())
        }
    }
}

/// Publishes a finished file.
fn import(open: &mut Open, file: &Path) -> Result<Answer> {
    let source = plans::read(file)?;
    let parsed = match Plan::parse(&source) {
        Ok(plan) => plan,
        Err(findings) => return Ok(refused(open.viewer.language, &findings)),
    };
    let changed = open.workspace.mutate(&Mutation::PublishPlan { source })?;
    Ok(json!({
        "id": parsed.id, "version": parsed.version, "position": parsed.position,
        "effective_from": parsed.effective_from, "published": changed.rows > 0, "findings": [],
    })
    .into())
}

pub fn refused(language: Language, findings: &[Finding]) -> Answer {
    let list: Vec<Value> = findings
        .iter()
        .map(|f| json!({ "path": f.path, "line": f.line, "code": f.code, "message": language.message(&f.code, &f.params) }))
        .collect();
    Answer { json: json!({ "published": false, "findings": list }), complete: false }
}

fn checked(language: Language, plan: &Plan, warnings: &[Warning]) -> Answer {
    let list: Vec<Value> = warnings
        .iter()
        .map(|w| json!({ "path": w.path, "code": w.code, "message": language.message(&w.code, &w.params) }))
        .collect();
    json!({ "id": plan.id, "version": plan.version, "findings": [], "warnings": list }).into()
}

/// What the plan alone says, where there is no workspace.
pub fn check_plan(language: Language, file: &Path) -> Result<Answer> {
    Ok(match Plan::parse(&plans::read(file)?) {
        Ok(plan) => checked(language, &plan, &check(&plan)),
        Err(findings) => refused(language, &findings),
    })
}

/// The text of a plan: a file, or a published version.
fn source(open: &Open, named: &str) -> Result<String> {
    if let Some((id, version)) = named.rsplit_once('@')
        && let Ok(version) = version.parse::<u32>()
    {
        return open.workspace.view().plan_source(id, version)?.ok_or_else(Problem::not_found);
    }
    plans::read(Path::new(named))
}

fn simulated(open: &mut Open, plan: &Plan, periods: &str, budget: Option<&str>, out: Option<&Path>) -> Result<Answer> {
    let view = open.workspace.view();
    let months = plans::simulation::months(view, &open.viewer, periods)?;
    let found = plans::simulation::simulate(view, &open.viewer, plan, &months)?;
    let budget = match budget {
        Some(text) => Some(
            parse_typed_amount(text, open.currency.digits())
                .map_err(|_| Problem::usage("not_a_number").with("text", text))?,
        ),
        None => None,
    };
    let people: Vec<String> = found.people.iter().map(|one| one.person_id.clone()).collect();
    let table = plans::simulation::table(view, &open.viewer, &found)?;
    open.workspace.disclose("pay_list", DataClass::Pay, &people)?;
    if let Some(out) = out {
        attain_client::export::write(&table, out)?;
    }
    let view = open.workspace.view();
    let mut rows = Vec::new();
    for one in &found.people {
        rows.push(json!({
            "person_id": one.person_id, "name": scope::name(view, &open.viewer, &one.person_id)?, "position": one.position,
            "paid": one.paid, "draft": one.draft, "difference": Money::new(one.difference, open.currency),
            "largest": one.largest,
        }));
    }
    let difference = found.draft.minor.saturating_sub(found.paid.minor);
    Ok(json!({
        "id": plan.id, "version": plan.version, "position": plan.position, "months": found.months,
        "paid": found.paid, "draft": found.draft, "difference": Money::new(difference, open.currency),
        "budget": budget.map(|minor| Money::new(minor, open.currency)),
        "left_of_budget": budget.map(|minor| Money::new(minor.saturating_sub(found.draft.minor), open.currency)),
        "winners": found.people.iter().filter(|one| one.difference > 0).count(),
        "losers": found.people.iter().filter(|one| one.difference < 0).count(),
        "without_amount": found.without_amount,
        "items": rows, "file": out,
    })
    .into())
}

/// A plan on given inputs, without a workspace.
pub fn run_plan(language: Language, file: &Path, inputs: &Path) -> Result<Answer> {
    let plan = match Plan::parse(&plans::read(file)?) {
        Ok(plan) => plan,
        Err(findings) => return Ok(refused(language, &findings)),
    };
    let unreadable = |e: std::io::Error| Problem::usage("file_unreadable").with("file", inputs.display()).because(e);
    let length = std::fs::metadata(inputs).map_err(unreadable)?.len();
    if length > plans::inputs::MAX_BYTES {
        return Err(Problem::refused("plan_too_large").with("file", inputs.display()).with("bytes", length));
    }
    let run = plans::run::run(&plan, &std::fs::read(inputs).map_err(unreadable)?);
    Ok(Answer { json: run.json(&plan, language), complete: run.complete() })
}

fn inputs(open: &Open, pay: &Pay) -> Value {
    let rows: Vec<Value> = pay
        .inputs
        .metrics
        .iter()
        .map(|(metric, input)| {
            json!({ "metric": metric, "actual": figure(*metric, input.actual, open.currency),
                    "target": input.target.map(|t| amount(*metric, t, open.currency)) })
        })
        .collect();
    json!(rows)
}

fn adjustment(of: &MonthAdjustment) -> Value {
    json!({ "corrects": of.corrects, "kind": of.kind, "orders": of.orders, "was": of.was, "is": of.is, "amount": of.amount })
}

fn lever(lever: &Lever) -> Value {
    let (what, size) = match &lever.on {
        LeverOn::Metric(metric) => (metric.name(), None),
        LeverOn::Order { size } => ("order", Some(size)),
    };
    json!({ "what": what, "size": size, "increase": lever.increase, "amount": lever.amount, "gain": lever.gain })
}

fn summary(open: &Open, pay: &Pay) -> Result<Value> {
    Ok(json!({
        "person_id": pay.person_id,
        "name": scope::name(open.workspace.view(), &open.viewer, &pay.person_id)?,
        "period": pay.month,
        "state": pay.state,
        "amount": pay.payout.amount,
        "score": pay.payout.score.map(|s| format!("{s:.2}")),
        "adjustments": pay.adjustments.iter().map(adjustment).collect::<Vec<_>>(),
        "total": pay.total(),
        "provisional": pay.provisional,
        "seq": pay.seq,
        "accepted": pay.accepted,
        "plan_id": pay.plan.id,
        "plan_version": pay.plan.version,
        "missing": pay.payout.missing.iter().map(|m| m.code()).collect::<Vec<_>>(),
        "findings": causes(open.viewer.language, &pay::causes(pay)),
    }))
}

/// Why there is no amount, and the way forward.
fn causes(language: Language, causes: &[Cause]) -> Value {
    let cause = |one: &Cause| json!({ "check": one.check.name(), "code": one.code, "message": one.message(language), "way": one.way(language) });
    causes.iter().map(cause).collect()
}

/// The row of somebody whose pay cannot be reckoned: that of the others without what is not known.
fn impossible(open: &Open, found: &Impossible) -> Result<Value> {
    Ok(json!({
        "person_id": found.person_id,
        "name": scope::name(open.workspace.view(), &open.viewer, &found.person_id)?,
        "period": found.month,
        "state": found.state,
        "amount": null,
        "score": null,
        "adjustments": [],
        "total": null,
        "provisional": true,
        "seq": null,
        "accepted": [],
        "plan_id": found.plan.id,
        "plan_version": found.plan.version,
        "missing": [],
        "findings": causes(open.viewer.language, &[found.cause()]),
    }))
}

/// What each line of pay counted, order by order.
fn orders(open: &Open, pay: &Pay) -> Result<Value> {
    let mut rows = Vec::new();
    for line in pay::lines_of(pay) {
        let found = pay::behind(open.workspace.view(), &open.viewer, pay, &line)?;
        let (of, now, counted) = match &line {
            LineOf::Metric(metric) => {
                let shown = |of| figure(*metric, of, open.currency);
                (json!({ "metric": metric }), shown(found.now), shown(found.figure))
            }
            LineOf::Commission(id) => (json!({ "commission": id }), Value::Null, Value::Null),
        };
        let more = json!({
            "figure": counted, "now": now, "adds_up": found.adds_up(), "imported": found.imported,
            "total": found.lines.len(), "items": found.lines,
        });
        rows.push(with(of, more));
    }
    Ok(json!(rows))
}

fn explanation(open: &Open, pay: Option<Pay>) -> Result<Answer> {
    let Some(pay) = pay else { return Err(Problem::refused("no_plan_covers")) };
    let language = open.viewer.language;
    let words: Vec<String> =
        sentences(&pay.payout.derivation).iter().map(|s| language.message(&s.code, &s.params)).collect();
    let mut json = summary(open, &pay)?;
    json["base_salary"] = json!(pay.inputs.base_salary);
    json["inputs"] = inputs(open, &pay);
    json["derivation"] = json!(pay.payout.derivation);
    let corrected = pay.adjustments.iter().map(|of| {
        let code = match of.kind {
            Kind::Clawback => "payout.month_clawed_back",
            Kind::Late => "payout.month_adjusted",
        };
        let params = [
            ("period", of.corrects.to_string()),
            ("orders", of.orders.join(", ")),
            ("was", of.was.amount()),
            ("is", of.is.amount()),
            ("amount", of.amount.amount()),
        ];
        language.message(code, &params.map(|(key, value)| (key.to_string(), value)))
    });
    let excepted = pay.inputs.exception.as_deref().map(|one| {
        let (code, params) = plans::exceptions::said(one);
        language.message(code, &params)
    });
    json["exception"] = json!(pay.inputs.exception);
    json["sentences"] = json!(words.into_iter().chain(excepted).chain(corrected).collect::<Vec<_>>());
    json["one_more"] = json!(pay.marginal.map(|m| json!({
        "metric": m.metric, "increase": m.increase, "actual": m.actual, "amount": m.amount, "gain": m.gain })));
    json["moves"] = json!(pay.levers.iter().map(lever).collect::<Vec<_>>());
    json["range"] = json!(pay.range.map(|(low, high)| json!({ "low": low, "high": high })));
    Ok(json.into())
}

pub fn payout(open: &mut Open, verb: &PayoutVerb) -> Result<Answer> {
    match verb {
        PayoutVerb::List { period: of } => {
            let list = pay::list(&mut open.workspace, period(of)?)?;
            let mut rows = Vec::new();
            for pay in &list.pays {
                rows.push((&pay.person_id, summary(open, pay)?));
            }
            for found in &list.impossible {
                rows.push((&found.person_id, impossible(open, found)?));
            }
            rows.sort_by_key(|(person, _)| *person);
            let rows = rows.into_iter().map(|(_, row)| row).collect();
            Ok(Answer { json: items(rows), complete: list.impossible.is_empty() })
        }
        PayoutVerb::Explain { person_id, period: of, orders: behind } => {
            let pay = pay::show(&mut open.workspace, person_id, period(of)?)?;
            let orders = match &pay {
                Some(pay) if *behind => Some(orders(open, pay)?),
                _ => None,
            };
            let mut answer = explanation(open, pay)?;
            if let Some(orders) = orders {
                answer.json["orders"] = orders;
            }
            Ok(answer)
        }
        PayoutVerb::Close { month, seen, accept } => close(open, month.period(), seen.as_deref(), accept),
        PayoutVerb::Replay { period: of, person } => {
            let list = pay::replay(&mut open.workspace, period(of)?, person.as_deref())?;
            let complete = list.iter().all(|one| one.replay.same && one.frozen_digest == one.digest);
            let rows = list.iter().map(|one| {
                json!({ "person_id": one.person_id, "period": one.month, "same": one.replay.same && one.frozen_digest == one.digest,
                        "recomputed": one.replay.recomputed, "amount": one.replay.again, "frozen_amount": one.replay.frozen,
                        "digest": one.digest, "frozen_digest": one.frozen_digest })
            });
            Ok(Answer { json: items(rows.collect()), complete })
        }
        PayoutVerb::WhatIf { person_id, period: of, metric: name, actual } => {
            let metric = metric(name)?;
            if metric.unit() != attain_client::domain::metric::Unit::Count || *actual < 0 {
                return Err(Problem::usage("what_if_counts"));
            }
            let pay = pay::what_if(&mut open.workspace, person_id, period(of)?, metric, *actual)?;
            explanation(open, pay)
        }
    }
}

pub fn payslips(open: &mut Open, verb: &PayslipVerb) -> Result<Answer> {
    let PayslipVerb::Export { period: of, out, mapping } = verb;
    let mapping = mapping.as_deref().map(payslip::Mapping::read).transpose()?;
    let table = payslip::table(&mut open.workspace, period(of)?, mapping.as_ref())?;
    attain_client::export::write(&table, out)?;
    Ok(json!({ "file": out, "rows": table.rows.len() }).into())
}

fn month(text: &str) -> Result<Month> {
    text.parse().map_err(|_| Problem::usage("month_needed").with("text", text))
}

pub fn periods(open: &mut Open, verb: &PeriodVerb) -> Result<Answer> {
    let language = open.viewer.language;
    match verb {
        PeriodVerb::List => {
            let (view, mut rows) = (open.workspace.view(), Vec::new());
            for month in view.closed_months()? {
                let seq = view.closed_period(month)?.and_then(|closed| closed.seq);
                rows.push(
                    json!({ "id": month, "state": "closed", "provisional": view.close_waits(month)?, "seq": seq }),
                );
            }
            Ok(items(rows).into())
        }
        PeriodVerb::Preview { period: of } => {
            let month = match of {
                Some(of) => month(of)?,
                None => *pay::next_to_close(open.workspace.view(), &open.viewer)?
                    .first()
                    .ok_or_else(|| Problem::refused("nothing_to_close"))?,
            };
            let found = pay::closing(open.workspace.view(), &open.viewer, month)?;
            let people = found.people();
            open.workspace.disclose("pay_list", DataClass::Pay, &people)?;
            Ok(json!({
                "id": month, "seen": found.seen, "from": found.until, "over": found.over, "people": people.len(), "total": found.total,
                "adjustments": found.adjustments.iter().map(|(person, of)| with(json!({ "person_id": person }), adjustment(of))).collect::<Vec<_>>(),
                "adjusted": found.adjusted, "unsettled": found.unsettled,
                "unpaid": found.unpaid(), "without_plan": found.subjects(Check::Plan), "without_salary": found.subjects(Check::Salary),
                "without_goal": found.subjects(Check::Goal), "without_data": found.subjects(Check::Data),
                "findings": found.outlook.open(&[]).iter().map(|one| finding(language, one)).collect::<Vec<_>>(),
            })
            .into())
        }
        PeriodVerb::Close { month, seen, accept } => close(open, month.period(), seen.as_deref(), accept),
    }
}

/// A line of the checklist that is not clear, and the way forward.
fn finding(language: Language, found: &closing::Finding) -> Value {
    let name = found.check.name();
    json!({
        "check": name, "acceptable": found.check.acceptable(), "ids": found.subjects,
        "message": language.message(&format!("period.without_{name}"), &[]),
        "way": language.message(&format!("period.way_{name}"), &[]),
    })
}

fn close(open: &mut Open, of: &str, seen: Option<&str>, accept: &[String]) -> Result<Answer> {
    let month = month(of)?;
    let accepted = accept.iter().map(|text| acceptance(text)).collect::<Result<Vec<_>>>()?;
    let changed = pay::close(&mut open.workspace, month, seen.map(str::to_owned), accepted)?;
    let view = open.workspace.view();
    let seq = view.closed_period(month)?.and_then(|closed| closed.seq);
    Ok(json!({
        "id": month, "state": "closed", "people": changed.rows.saturating_sub(1),
        "provisional": view.close_waits(month)?, "seq": seq,
    })
    .into())
}

/// `CHECK=REASON`
fn acceptance(text: &str) -> Result<Acceptance> {
    let known = || Check::ALL.iter().filter(|check| check.acceptable()).map(|check| check.name());
    let wrong =
        || Problem::usage("accept_what").with("text", text).with("allowed", known().collect::<Vec<_>>().join(", "));
    let (check, reason) = text.split_once('=').ok_or_else(wrong)?;
    let check: Check = check.trim().parse().map_err(|_| wrong())?;
    if !check.acceptable() {
        return Err(wrong());
    }
    Ok(Acceptance { check, reason: reason.trim().to_owned() })
}
