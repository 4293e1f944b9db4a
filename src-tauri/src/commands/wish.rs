//! Wishes of goals: previews, publishing, month profiles, seats, goals to be placed anew.

use super::figure::{count, minor, rate, say, target};
use super::goal::Sheets;
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem, Value};
use crate::views::goal::{GoalAdjusted, Reading};
use crate::views::wish::{
    Basis, Destination, GivenPart, GoalWish, KeptGoal, MonthProfile, ProfileKind, Publishing, ReadingPerson,
    ReadingSide, ReserveChange, SeatInput, SeatRow, Unplaced, WishEffect, WishPay, WishPreview,
};
use attain_client::domain::access::{Action, DataClass, Subject};
use attain_client::domain::goal::allocate::{self, Allocation, Given, Level, Part};
use attain_client::domain::goal::profile::{self, Profile, Shape};
use attain_client::domain::goal::wish::{self, Reassign, Reprofile, Shift, Wish};
use attain_client::domain::goal::{self, Adjustment, Goal, Owner};
use attain_client::domain::metric::{Metric, RollUp};
use attain_client::domain::money::Ratio;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::org::Seat;
use attain_client::domain::period::{Month, Period};
use attain_client::goals::consequence::{self, Consequences, GoalEffect, Threshold, consequences};
use attain_client::goals::{self, first_month, parse_percent, parse_target, unplaced};
use attain_client::scope;
use tauri::State;

fn month(text: &str) -> Result<Month> {
    text.parse().map_err(|_| attain_client::Problem::usage("bad_period").with("text", text))
}

/// What was asked for, read as the domain says it.
pub fn read(question: &Question, input: GoalWish) -> Result<Wish> {
    let (view, viewer) = (question.view, question.viewer);
    let find = |id: &str| -> Result<Goal> {
        let missing = || attain_client::Problem::not_found().with("noun", "goal").with("id", id);
        if goals::in_sight(view, viewer, id)? { view.goal_by_id(id)?.ok_or_else(missing) } else { Err(missing()) }
    };
    let first = |from: &Option<String>, goal: &Goal| match from {
        Some(text) => month(text),
        None => first_month(view, viewer, goal.year),
    };
    Ok(match input {
        GoalWish::Adjust { goal_id, target_text, reading, from } => {
            let goal = find(&goal_id)?;
            let from = first(&from, &goal)?;
            let reading = match reading {
                Reading::YearTotal => goal::Reading::YearTotal,
                Reading::RemainingShare => goal::Reading::RemainingShare,
                Reading::Month => goal::Reading::Month(from),
            };
            Wish::Adjust(Adjustment { goal_id, target: parse_target(view, goal.metric, &target_text)?, reading, from })
        }
        GoalWish::Allocate { goal_id, by, parts, reserve_text, rounding_text, season, ramp, from } => {
            let goal = find(&goal_id)?;
            let reserve_ppm = reserve_text.as_deref().map(parse_percent).transpose()?;
            let levels = by.into_iter().map(|by| Level { by: basis(by), reserve_ppm }).collect();
            let mut given = Vec::new();
            for GivenPart { owner_id, weight, part_text } in parts {
                let part = match (weight, part_text.as_deref().map(str::trim)) {
                    (Some(weight), _) => Part::Weight(i64::from(weight)),
                    (None, Some(text)) if text.ends_with(['%', '%']) && goal.metric.roll_up() == RollUp::Sum => {
                        Part::Share(parse_percent(text)?)
                    }
                    (None, Some(text)) => Part::Amount(parse_target(view, goal.metric, text)?),
                    (None, None) => continue,
                };
                given.push(Given { owner_id, part });
            }
            let rounding = rounding_text.map(|text| parse_target(view, goal.metric, &text)).transpose()?;
            let from = first(&from, &goal)?;
            Wish::Allocate(Allocation { goal_id, levels, given, rounding, season, ramp, from })
        }
        GoalWish::Profile { goal_id, profile, below, from } => {
            let from = first(&from, &find(&goal_id)?)?;
            Wish::Profile(Reprofile { goal_id, profile, from, below })
        }
        GoalWish::Shift { from_id, to_id, amount_text, month: of } => {
            let goal = find(&from_id)?;
            find(&to_id)?;
            let amount = parse_target(view, goal.metric, &amount_text)?;
            Wish::Shift(Shift { from_id, to_id, amount, month: month(&of)? })
        }
        GoalWish::Reassign { goal_id, to, takes, from } => {
            let from = first(&from, &find(&goal_id)?)?;
            let to = match to {
                Destination::Reserve => wish::Destination::Reserve,
                Destination::Siblings => wish::Destination::Siblings,
                Destination::Person { id, ramp } => wish::Destination::Owner { owner: Owner::Person(id), ramp },
                Destination::Seat { id } => wish::Destination::Owner { owner: Owner::Seat(id), ramp: None },
            };
            Wish::Reassign(Reassign { goal_id, from, to, takes })
        }
    })
}

fn basis(by: Basis) -> allocate::Basis {
    match by {
        Basis::LastYear => allocate::Basis::LastYear,
        Basis::Headcount => allocate::Basis::Headcount,
        Basis::Weights => allocate::Basis::Weights,
        Basis::Equal => allocate::Basis::Equal,
        Basis::Fixed => allocate::Basis::Fixed,
        Basis::Copy => allocate::Basis::Copy,
    }
}

/// The consequences as the window shows them.
pub fn shown(question: &Question, found: &Consequences) -> Result<WishPreview> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let value = |amount: i64| target(found.metric, amount, currency);
    let asked = view.goal_by_id(found.wish.goal_id())?.ok_or_else(attain_client::Problem::not_found)?;
    let publishing = match &found.publishing {
        consequence::Publishing::Allowed => Publishing::Publish,
        consequence::Publishing::Free { percent } => Publishing::Free { percent: *percent },
        consequence::Publishing::Propose { unit_id } => {
            let name = unit_id.as_ref().map(|unit| scope::name(view, viewer, unit)).transpose()?;
            Publishing::Propose { unit_name: name }
        }
    };
    let kept = found.kept.iter().map(|kept| KeptGoal {
        goal_id: kept.goal_id.clone(),
        owner_name: kept.owner_name.clone(),
        carried: value(kept.carried),
    });
    let reserves = found.reserves.iter().map(|reserve| ReserveChange {
        goal_id: reserve.goal_id.clone(),
        owner_name: reserve.owner_name.clone(),
        before: reserve.before.map(|amount| minor(amount, currency)),
        after: reserve.after.map(|amount| minor(amount, currency)),
    });
    let readings = found.readings.iter().map(|(reading, effect)| {
        let reading = match reading {
            goal::Reading::YearTotal => Reading::YearTotal,
            goal::Reading::RemainingShare => Reading::RemainingShare,
            goal::Reading::Month(_) => Reading::Month,
        };
        match effect {
            Ok(effect) => ReadingSide {
                reading,
                year_total: Some(value(effect.year_total)),
                growth: Ratio::new(
                    i128::from(effect.open_after) - i128::from(effect.open_before),
                    i128::from(effect.open_before),
                )
                .map(rate),
                people: effect
                    .people
                    .iter()
                    .map(|person| ReadingPerson {
                        goal_id: person.goal_id.clone(),
                        owner_name: person.owner_name.clone(),
                        month_before: value(person.month_before),
                        month_after: value(person.month_after),
                        year_before: value(person.year_before),
                        year_after: value(person.year_after),
                    })
                    .collect(),
                problem: None,
            },
            Err(problem) => ReadingSide {
                reading,
                year_total: None,
                growth: None,
                people: Vec::new(),
                problem: Some(super::figure::problem(problem.clone())),
            },
        }
    });
    Ok(WishPreview {
        goal_id: asked.id.clone(),
        owner_name: scope::name(view, viewer, asked.owner.id())?,
        first_month: consequence::first_month_of(&found.wish).to_string(),
        publishing,
        rows: found.effects.iter().map(|effect| row(effect, currency)).collect(),
        kept: kept.collect(),
        reserves: reserves.collect(),
        readings: readings.collect(),
        people_changed: count(found.people().len()),
        goals_changed: count(found.effects.len()),
        pay_hidden: super::figure::pay_hidden(question),
        digest: found.digest.clone(),
    })
}

pub fn months(goal: &Goal, currency: attain_client::domain::money::Currency) -> Vec<Value> {
    goal.months.iter().map(|amount| target(goal.metric, *amount, currency)).collect()
}

fn row(effect: &GoalEffect, currency: attain_client::domain::money::Currency) -> WishEffect {
    let goal = &effect.goal;
    let value = |amount: i64| target(goal.metric, amount, currency);
    let year = |goal: &Goal| value(goal.target(Period::Year(goal.year)));
    WishEffect {
        goal_id: goal.id.clone(),
        depth: effect.depth,
        owner_kind: effect.owner_kind.to_owned(),
        owner_id: goal.owner.id().to_owned(),
        owner_name: effect.owner_name.clone(),
        before: effect.before.as_ref().map(year),
        after: year(goal),
        open_before: value(effect.open_before),
        open_after: value(effect.open_after),
        months_before: effect.before.as_ref().map(|goal| months(goal, currency)),
        months_after: months(goal, currency),
        attainment_before: effect.attainment_before.map(rate),
        attainment_after: effect.attainment_after.map(rate),
        pay: effect.pay.as_ref().map(|pay| WishPay {
            before: super::figure::money(pay.before),
            after: super::figure::money(pay.after),
            effect: minor(pay.after.minor - pay.before.minor, currency),
            crossed: pay.crossed.iter().map(crossing).collect(),
        }),
    }
}

fn crossing(crossing: &consequence::Crossing) -> Phrase {
    let term = |metric: &Metric| format!("metric.{}", metric.name());
    match (&crossing.what, crossing.reached) {
        (Threshold::Cap { metric }, true) => say("goal.cap_reached").term("metric", term(metric)),
        (Threshold::Cap { metric }, false) => say("goal.cap_left").term("metric", term(metric)),
        (Threshold::Band { before, after }, _) => say("goal.band").decimal("before", before).decimal("after", after),
        (Threshold::Accelerator { metric, factor }, true) => {
            say("goal.accelerator_reached").term("metric", term(metric)).decimal("factor", factor)
        }
        (Threshold::Accelerator { metric, factor }, false) => {
            say("goal.accelerator_left").term("metric", term(metric)).decimal("factor", factor)
        }
    }
    .into()
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_wish_preview(
    desk: State<'_, Shared>,
    sheets: State<'_, Sheets>,
    wish: GoalWish,
    sheet: String,
) -> std::result::Result<WishPreview, Problem> {
    let (shown, people, viewer) = desk
        .ask(move |question| {
            let wish = read(question, wish)?;
            let found = consequences(question.view, question.viewer, &wish)?;
            Ok((shown(question, &found)?, found.people_with_pay(), question.viewer.id().to_owned()))
        })
        .await?;
    sheets.record(&desk, format!("{viewer}/{sheet}"), people).await?;
    Ok(shown)
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_wish_publish(
    desk: State<'_, Shared>,
    wish: GoalWish,
    expected: String,
    why: Option<String>,
) -> std::result::Result<GoalAdjusted, Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let (wish, done) = {
            let question = Question { view: workspace.view(), viewer: &viewer };
            let wish = read(&question, wish)?;
            let found = consequences(question.view, &viewer, &wish)?;
            let people_changed = count(found.people().len());
            (wish, GoalAdjusted { goals_changed: count(found.effects.len()), people_changed })
        };
        Ok((done, workspace.mutate(&Mutation::ChangeGoals { wish, why, seen: Some(expected) })?))
    })
    .await
}

/// Goals of a year whose owner is not in their unit any more.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_unplaced(desk: State<'_, Shared>, year: i32) -> std::result::Result<Vec<Unplaced>, Problem> {
    desk.show("goals", move |question| {
        let (view, viewer) = (question.view, question.viewer);
        let (mut rows, mut people) = (Vec::new(), Vec::new());
        for one in unplaced::unplaced(view, viewer, Metric::SalesAmount, year)? {
            let mut seats = Vec::new();
            for id in &one.seats {
                seats.extend(view.seat_row(id)?.map(|seat| seat_row(question, seat)).transpose()?);
            }
            let (why, takes) = match &one.cause {
                unplaced::Cause::Left => (say("goal.owner_left"), None),
                unplaced::Cause::Moved { unit_id, goal_id } => {
                    (say("goal.owner_moved").text("unit", scope::name(view, viewer, unit_id)?), goal_id.clone())
                }
                unplaced::Cause::Closed => (say("goal.unit_closed"), None),
                unplaced::Cause::SeatGone { .. } => (say("goal.seat_gone"), None),
            };
            if let Owner::Person(id) = &one.goal.owner {
                people.push(id.clone());
            }
            rows.push(Unplaced {
                goal_id: one.goal.id.clone(),
                owner_name: scope::name(view, viewer, one.goal.owner.id())?,
                why: why.into(),
                from: one.from.to_string(),
                carried: target(one.goal.metric, one.carried, view.currency()?),
                seats,
                takes,
                editable: one.editable,
            });
        }
        Ok((rows, people))
    })
    .await
}

fn seat_row(question: &Question, seat: Seat) -> Result<SeatRow> {
    let name = |id: &str| scope::name(question.view, question.viewer, id);
    Ok(SeatRow {
        unit_name: name(&seat.unit_id)?,
        person_name: seat.person_id.as_deref().map(name).transpose()?,
        id: seat.id,
        name: seat.name,
        unit_id: seat.unit_id,
        position: seat.position.name().to_owned(),
        from: seat.from.to_string(),
        to: seat.to.map(|last| last.to_string()),
    })
}

/// Seats of the units in sight, or of one.
#[tauri::command(rename_all = "snake_case")]
pub async fn seat_list(desk: State<'_, Shared>, unit_id: Option<String>) -> std::result::Result<Vec<SeatRow>, Problem> {
    desk.ask(move |question| {
        let mut rows = Vec::new();
        for seat in question.view.seats()? {
            let chain = question.view.chain_of(&seat.unit_id)?;
            let seen = question.viewer.actor.may(Action::SeeGoals, Subject::Unit { unit_ids: &chain });
            if seen && unit_id.as_ref().is_none_or(|unit| chain.contains(unit)) {
                rows.push(seat_row(question, seat)?);
            }
        }
        Ok(rows)
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn seat_put(desk: State<'_, Shared>, input: SeatInput) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let date =
            |text: String| text.parse().map_err(|_| attain_client::Problem::usage("bad_date").with("text", &text));
        let unknown = |_| attain_client::Problem::usage("unknown_position").with("text", &input.position);
        let seat = Seat {
            id: input.id.clone(),
            unit_id: input.unit_id.clone(),
            position: input.position.parse().map_err(unknown)?,
            name: input.name.clone(),
            from: input.from.map(date).transpose()?.unwrap_or(workspace.today()?),
            to: input.to.map(date).transpose()?,
            person_id: None,
        };
        Ok(((), workspace.mutate(&Mutation::PutSeat { seat_id: input.id, seat: Some(seat) })?))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn seat_remove(desk: State<'_, Shared>, seat_id: String) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| Ok(((), workspace.mutate(&Mutation::PutSeat { seat_id, seat: None })?))).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn seat_fill(
    desk: State<'_, Shared>,
    seat_id: String,
    person_id: String,
    from: String,
    ramp: Option<String>,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let from = month(&from)?;
        Ok(((), workspace.mutate(&Mutation::FillSeat { seat_id, person_id, from, ramp })?))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_profiles(desk: State<'_, Shared>) -> std::result::Result<Vec<MonthProfile>, Problem> {
    desk.ask(|question| {
        let shown = |(id, profile): (String, Profile)| {
            let (kind, figures) = match profile.shape {
                Shape::Season(months) => (ProfileKind::Season, months.iter().map(|weight| count(*weight)).collect()),
                Shape::Ramp(percents) => (ProfileKind::Ramp, percents),
            };
            MonthProfile { id, name: profile.name, name_en: profile.name_en, kind, figures }
        };
        Ok(question.view.profiles()?.into_iter().map(shown).collect())
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_profile_put(desk: State<'_, Shared>, input: MonthProfile) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let kind = match input.kind {
            ProfileKind::Season => "season",
            ProfileKind::Ramp => "ramp",
        };
        let figures: Vec<String> = input.figures.iter().map(u32::to_string).collect();
        let value = format!("{}|{}|{kind}|{}", input.name, input.name_en, figures.join(","));
        let key = format!("{}{}", profile::SETTING, input.id);
        Ok(((), workspace.mutate(&Mutation::SetSetting { key, value })?))
    })
    .await
}

impl Sheets {
    /// Puts on record whose pay a sheet tells about, once each.
    pub async fn record(&self, desk: &Shared, sheet: String, people: Vec<String>) -> std::result::Result<(), Problem> {
        let people = self.untold(&sheet, people);
        if !people.is_empty() {
            let looked = people.clone();
            desk.record(move |workspace| workspace.disclose("goal_preview", DataClass::Pay, &looked)).await?;
            self.tell(sheet, people);
        }
        Ok(())
    }
}
