//! What is wished of goals, as JSON, and previewed, published or proposed.

use attain_client::domain::access::DataClass;
use attain_client::domain::goal::allocate::{Allocation, Basis, Given, Level, Part};
use attain_client::domain::goal::wish::{Destination, Wish};
use attain_client::domain::goal::{Goal, Owner, Reading};
use attain_client::domain::metric::{Metric, RollUp};
use attain_client::domain::money::Ratio;
use attain_client::domain::mutation::{Mutation, may_publish};
use attain_client::domain::period::Period;
use attain_client::goals::consequence::{
    Consequences, Crossing, GoalEffect, Publishing, ReadingEffect, Threshold, consequences, named,
};
use attain_client::goals::{first_month, parse_percent, parse_target};
use attain_client::keys::random_hex;
use attain_client::problem::{Problem, Result};
use serde_json::{Value, json};

use super::{month, months};
use crate::answer::{Answer, amount, money};
use crate::arguments::goal::{BasisArgument, Making};
use crate::commands::Open;

/// Previews, publishes or proposes a wish. What goes beyond the freedom of a team is proposed when it comes with a comment.
pub fn make(open: &mut Open, wish: Wish, making: &Making) -> Result<Answer> {
    if !making.preview && making.propose.is_none() {
        // Whose it is comes before what would come of it.
        let now = open.workspace.now()?;
        let allowed = may_publish(&open.workspace.view(), &open.viewer.actor, &wish, &now).map_err(Problem::from);
        allowed.or_else(|problem| Err(named(open.workspace.view(), &open.viewer, problem)?))?;
    }
    let found = consequences(open.workspace.view(), &open.viewer, &wish)?;
    open.workspace.disclose("goals", DataClass::Core, &found.people())?;
    open.workspace.disclose("goal_preview", DataClass::Pay, &found.people_with_pay())?;
    let mut json = consequences_json(open, &found)?;
    if making.preview {
        json["saved"] = json!(false);
        return Ok(json.into());
    }
    let seen = Some(making.seen.clone().unwrap_or_else(|| found.digest.clone()));
    if let Some(comment) = &making.propose {
        let proposal_id = match &making.again {
            Some(id) => id.clone(),
            None => format!("p-{}", random_hex(6)?),
        };
        let comment = comment.clone();
        open.workspace.mutate(&Mutation::ProposeGoals { proposal_id: proposal_id.clone(), wish, comment, seen })?;
        json["saved"] = json!(false);
        json["proposal_id"] = json!(proposal_id);
        return Ok(json.into());
    }
    let mutation = match (wish, &making.why) {
        (Wish::Adjust(wish), None) => Mutation::AdjustGoal {
            goal_id: wish.goal_id,
            target: wish.target,
            reading: wish.reading,
            from: wish.from,
            seen,
        },
        (wish, why) => Mutation::ChangeGoals { wish, why: why.clone(), seen },
    };
    open.workspace.mutate(&mutation)?;
    json["saved"] = json!(true);
    Ok(json.into())
}

/// Works a wish out and records the look at it.
pub fn preview(open: &mut Open, wish: &Wish) -> Result<Value> {
    let found = consequences(open.workspace.view(), &open.viewer, wish)?;
    open.workspace.disclose("goals", DataClass::Core, &found.people())?;
    open.workspace.disclose("goal_preview", DataClass::Pay, &found.people_with_pay())?;
    consequences_json(open, &found)
}

/// The consequences of a wish.
pub fn consequences_json(open: &Open, found: &Consequences) -> Result<Value> {
    let (metric, currency) = (found.metric, open.currency);
    let value = |minor: i64| amount(metric, minor, currency);
    let items: Vec<Value> = found.effects.iter().map(|effect| effect_json(open, effect)).collect();
    let kept: Vec<Value> = found
        .kept
        .iter()
        .map(|k| json!({ "goal_id": k.goal_id, "name": k.owner_name, "carried": value(k.carried) }))
        .collect();
    let reserves: Vec<Value> = found
        .reserves
        .iter()
        .map(|r| {
            json!({ "goal_id": r.goal_id, "name": r.owner_name, "before": r.before.map(value), "after": r.after.map(value) })
        })
        .collect();
    let readings: Vec<Value> = found
        .readings
        .iter()
        .map(|(reading, effect)| match effect {
            Ok(effect) => reading_json(open, metric, effect),
            Err(problem) => json!({
                "reading": reading,
                "problem": { "code": problem.code, "message": said(open, problem) },
            }),
        })
        .collect();
    let publishing = match &found.publishing {
        Publishing::Allowed => json!({ "how": "publish" }),
        Publishing::Free { percent } => json!({ "how": "free", "freedom_percent": percent }),
        Publishing::Propose { unit_id } => json!({ "how": "propose", "unit_id": unit_id }),
    };
    let mut json = json!({
        "goal_id": found.wish.goal_id(),
        "act": found.wish.act(),
        "metric": metric,
        "from": attain_client::goals::consequence::first_month_of(&found.wish),
        "digest": found.digest,
        "publishing": publishing,
        "goals_changed": found.effects.len(),
        "people_changed": found.people().len(),
        "items": items,
        "locked": kept,
        "reserves": reserves,
        "readings": readings,
    });
    if let Wish::Adjust(wish) = &found.wish {
        json["reading"] = json!(wish.reading);
    }
    Ok(json)
}

pub fn said(open: &Open, problem: &Problem) -> String {
    open.viewer.language.message(&format!("problem.{}", problem.code), &problem.told())
}

fn effect_json(open: &Open, effect: &GoalEffect) -> Value {
    let (goal, currency) = (&effect.goal, open.currency);
    let value = |minor: i64| amount(goal.metric, minor, currency);
    let year = |g: &Goal| value(g.target(Period::Year(g.year)));
    let pay = effect.pay.as_ref().map(|pay| {
        json!({
            "before": pay.before,
            "after": pay.after,
            "effect": money(pay.after.minor - pay.before.minor, currency),
            "crossed": pay.crossed.iter().map(crossing_json).collect::<Vec<_>>(),
        })
    });
    json!({
        "goal_id": goal.id,
        "owner_id": goal.owner.id(),
        "owner_kind": effect.owner_kind,
        "name": effect.owner_name,
        "new": effect.before.is_none(),
        "before": effect.before.as_ref().map(year),
        "after": year(goal),
        "open_before": value(effect.open_before),
        "open_after": value(effect.open_after),
        "months_before": effect.before.as_ref().map(|b| months(b, open)),
        "months_after": months(goal, open),
        "attainment_before": effect.attainment_before,
        "attainment_after": effect.attainment_after,
        "pay": pay,
    })
}

fn crossing_json(crossing: &Crossing) -> Value {
    let mut json = match &crossing.what {
        Threshold::Cap { metric } => json!({ "what": "cap", "metric": metric }),
        Threshold::Band { before, after } => json!({ "what": "band", "before": before, "after": after }),
        Threshold::Accelerator { metric, factor } => {
            json!({ "what": "accelerator", "metric": metric, "factor": factor })
        }
    };
    json["reached"] = json!(crossing.reached);
    json
}

fn reading_json(open: &Open, metric: Metric, effect: &ReadingEffect) -> Value {
    let value = |minor: i64| amount(metric, minor, open.currency);
    let growth = Ratio::new(i128::from(effect.open_after - effect.open_before), i128::from(effect.open_before));
    let people: Vec<Value> = effect
        .people
        .iter()
        .map(|p| {
            json!({
                "goal_id": p.goal_id,
                "name": p.owner_name,
                "month_before": value(p.month_before),
                "month_after": value(p.month_after),
                "year_before": value(p.year_before),
                "year_after": value(p.year_after),
            })
        })
        .collect();
    json!({
        "reading": effect.reading,
        "year_total": value(effect.year_total),
        "growth": growth,
        "people": people,
    })
}

/// What `goal allocate` was given.
pub struct Dividing<'a> {
    pub by: &'a [BasisArgument],
    pub weight: &'a [String],
    pub fix: &'a [String],
    pub reserve: Option<&'a str>,
    pub over_assign: Option<&'a str>,
    pub rounding: Option<&'a str>,
    pub season: Option<String>,
    pub ramp: Option<String>,
    pub from: Option<&'a str>,
}

pub fn allocation(open: &Open, goal_id: &str, given: &Dividing) -> Result<Wish> {
    let view = open.workspace.view();
    let missing = || Problem::not_found().with("noun", "goal").with("id", goal_id);
    let goal = view.goal_by_id(goal_id)?.ok_or_else(missing)?;
    let reserve_ppm = match (given.reserve, given.over_assign) {
        (Some(text), _) => Some(parse_percent(text)?),
        (None, Some(text)) => Some(-parse_percent(text)?),
        (None, None) => None,
    };
    let levels = given.by.iter().map(|by| Level { by: basis(*by), reserve_ppm }).collect();
    let mut parts = Vec::new();
    for text in given.weight {
        let (owner_id, weight) = pair(text)?;
        let weight = weight.parse().map_err(|_| Problem::refused("not_a_number").with("text", weight))?;
        parts.push(Given { owner_id, part: Part::Weight(weight) });
    }
    for text in given.fix {
        let (owner_id, part) = pair(text)?;
        let part = match part.strip_suffix(['%', '%']) {
            Some(_) if goal.metric.roll_up() == RollUp::Sum => Part::Share(parse_percent(part)?),
            _ => Part::Amount(parse_target(view, goal.metric, part)?),
        };
        parts.push(Given { owner_id, part });
    }
    let rounding = given.rounding.map(|text| parse_target(view, goal.metric, text)).transpose()?;
    Ok(Wish::Allocate(Allocation {
        goal_id: goal_id.to_owned(),
        levels,
        given: parts,
        rounding,
        season: given.season.clone(),
        ramp: given.ramp.clone(),
        from: from_or_first(open, given.from, goal.year)?,
    }))
}

/// The month that was given, or the first that a change made today touches.
pub fn from_or_first(open: &Open, from: Option<&str>, year: i32) -> Result<attain_client::domain::period::Month> {
    match from {
        Some(text) => month(text),
        None => first_month(open.workspace.view(), &open.viewer, year),
    }
}

fn pair(text: &str) -> Result<(String, &str)> {
    let bad = || Problem::usage("owner_part").with("text", text);
    let (owner, part) = text.split_once('=').ok_or_else(bad)?;
    Ok((owner.trim().to_owned(), part.trim()))
}

fn basis(by: BasisArgument) -> Basis {
    match by {
        BasisArgument::LastYear => Basis::LastYear,
        BasisArgument::Headcount => Basis::Headcount,
        BasisArgument::Weights => Basis::Weights,
        BasisArgument::Equal => Basis::Equal,
        BasisArgument::Fixed => Basis::Fixed,
        BasisArgument::Copy => Basis::Copy,
    }
}

/// `reserve`, `siblings`, `person:ID`, `seat:ID`.
pub fn destination(to: &str, ramp: Option<String>) -> Result<Destination> {
    Ok(match to.split_once(':') {
        None if to == "reserve" => Destination::Reserve,
        None if to == "siblings" => Destination::Siblings,
        Some(("person", id)) => Destination::Owner { owner: Owner::Person(id.to_owned()), ramp },
        Some(("seat", id)) => Destination::Owner { owner: Owner::Seat(id.to_owned()), ramp },
        _ => return Err(Problem::usage("destination_unknown").with("text", to)),
    })
}

/// What a reading of an adjustment was called, with its month.
pub fn reading(reading: crate::arguments::goal::ReadingArgument, from: Option<&str>) -> Result<Reading> {
    use crate::arguments::goal::ReadingArgument;
    Ok(match (reading, from) {
        (ReadingArgument::YearTotal, _) => Reading::YearTotal,
        (ReadingArgument::RemainingShare, _) => Reading::RemainingShare,
        (ReadingArgument::Month, Some(text)) => Reading::Month(month(text)?),
        (ReadingArgument::Month, None) => return Err(Problem::usage("month_needed").with("text", "")),
    })
}
