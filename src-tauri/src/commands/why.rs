//! "Why?" of any figure: a reference that the screens hand back, and the answer: formula, inputs, rule, source, time.

use super::figure::{actual, count, minor, rate, say, target};
use super::{payout, unit};
use crate::desk::{Desk, Question, Result, Shared};
use crate::views::figure::{Pace, Phrase, Problem, Value};
use crate::views::why::{Why, WhyInput, WhyOrder};
use attain_client::domain::access::{Action, Subject};
use attain_client::domain::metric::{Metric, RollUp};
use attain_client::domain::money::Ratio;
use attain_client::domain::period::Period;
use attain_client::performance::{self, Frame, Standing};
use attain_client::scope;
use attain_client::week::week_table;
use chrono::{Days, NaiveDate};
use tauri::State;

/// Whose figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Person(String),
    /// A unit's own goal against what was credited in it.
    Unit(String),
    /// The sellers of a unit (or of all the viewer's units) together: Σ of theirs.
    Team(String),
}

/// What a `why` string says. Written and read here only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    Attainment {
        whose: Whose,
        metric: Metric,
        period: Period,
    },
    Pace {
        whose: Whose,
        metric: Metric,
        period: Period,
    },
    Gap {
        whose: Whose,
        metric: Metric,
        period: Period,
    },
    Forecast {
        person_id: String,
        period: Period,
    },
    /// A person's share of the goals above.
    Share {
        person_id: String,
        year: i32,
    },
    Week {
        person_id: String,
        start: NaiveDate,
        customer_type: String,
    },
    Reserve {
        goal_id: String,
        period: Period,
    },
    Component {
        person_id: String,
        metric: Metric,
        period: Period,
    },
    Commission {
        person_id: String,
        commission: String,
        period: Period,
    },
    Payout {
        person_id: String,
        period: Period,
    },
}

impl Figure {
    /// Whose orders or share the answer shows, when it is one person's.
    fn person(&self) -> Option<&str> {
        match self {
            Figure::Attainment { whose, .. } | Figure::Pace { whose, .. } | Figure::Gap { whose, .. } => match whose {
                Whose::Person(id) => Some(id),
                Whose::Unit(_) | Whose::Team(_) => None,
            },
            Figure::Forecast { person_id, .. }
            | Figure::Share { person_id, .. }
            | Figure::Week { person_id, .. }
            | Figure::Component { person_id, .. }
            | Figure::Commission { person_id, .. }
            | Figure::Payout { person_id, .. } => Some(person_id),
            Figure::Reserve { .. } => None,
        }
    }
}

const BETWEEN: char = '|';

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = match self {
            Figure::Attainment { whose, metric, period } => standing_parts("attainment", whose, *metric, *period),
            Figure::Pace { whose, metric, period } => standing_parts("pace", whose, *metric, *period),
            Figure::Gap { whose, metric, period } => standing_parts("gap", whose, *metric, *period),
            Figure::Forecast { person_id, period } => vec!["forecast".into(), person_id.clone(), period.to_string()],
            Figure::Share { person_id, year } => vec!["share".into(), person_id.clone(), year.to_string()],
            Figure::Week { person_id, start, customer_type } => {
                vec!["week".into(), person_id.clone(), start.to_string(), customer_type.clone()]
            }
            Figure::Reserve { goal_id, period } => vec!["reserve".into(), goal_id.clone(), period.to_string()],
            Figure::Component { person_id, metric, period } => {
                vec!["component".into(), person_id.clone(), metric.to_string(), period.to_string()]
            }
            Figure::Commission { person_id, commission, period } => {
                vec!["commission".into(), person_id.clone(), commission.clone(), period.to_string()]
            }
            Figure::Payout { person_id, period } => vec!["payout".into(), person_id.clone(), period.to_string()],
        };
        f.write_str(&parts.join(&BETWEEN.to_string()))
    }
}

fn standing_parts(kind: &str, whose: &Whose, metric: Metric, period: Period) -> Vec<String> {
    let (whose, id) = match whose {
        Whose::Person(id) => ("person", id),
        Whose::Unit(id) => ("unit", id),
        Whose::Team(id) => ("team", id),
    };
    vec![kind.into(), whose.into(), id.clone(), metric.to_string(), period.to_string()]
}

impl std::str::FromStr for Figure {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        fn read<T: std::str::FromStr>(text: &str) -> std::result::Result<T, ()> {
            text.parse().map_err(|_| ())
        }
        let parts: Vec<&str> = text.split(BETWEEN).collect();
        Ok(match parts[..] {
            [kind, whose, id, metric, period] => {
                let whose = match whose {
                    "person" => Whose::Person(id.to_owned()),
                    "unit" => Whose::Unit(id.to_owned()),
                    "team" => Whose::Team(id.to_owned()),
                    _ => return Err(()),
                };
                let (metric, period) = (read(metric)?, read(period)?);
                match kind {
                    "attainment" => Figure::Attainment { whose, metric, period },
                    "pace" => Figure::Pace { whose, metric, period },
                    "gap" => Figure::Gap { whose, metric, period },
                    _ => return Err(()),
                }
            }
            ["forecast", id, period] => Figure::Forecast { person_id: id.into(), period: read(period)? },
            ["share", id, year] => Figure::Share { person_id: id.into(), year: read(year)? },
            ["reserve", id, period] => Figure::Reserve { goal_id: id.into(), period: read(period)? },
            ["payout", id, period] => Figure::Payout { person_id: id.into(), period: read(period)? },
            ["week", id, start, customer_type] => {
                Figure::Week { person_id: id.into(), start: read(start)?, customer_type: customer_type.into() }
            }
            ["component", id, metric, period] => {
                Figure::Component { person_id: id.into(), metric: read(metric)?, period: read(period)? }
            }
            ["commission", id, commission, period] => {
                Figure::Commission { person_id: id.into(), commission: commission.into(), period: read(period)? }
            }
            _ => return Err(()),
        })
    }
}

/// The pace of a standing, with the reference that explains it.
pub fn pace(standing: &Standing, whose: Whose) -> Pace {
    Pace {
        status: super::figure::status(standing.status),
        index: standing.pace.map(rate),
        why: Figure::Pace { whose, metric: standing.metric, period: standing.period }.to_string(),
    }
}

/// The reference of a standing's attainment.
pub fn attainment(standing: &Standing, whose: Whose) -> String {
    Figure::Attainment { whose, metric: standing.metric, period: standing.period }.to_string()
}

#[tauri::command(rename_all = "snake_case")]
pub async fn why_show(desk: State<'_, Shared>, figure: String) -> std::result::Result<Why, Problem> {
    let missing = || super::figure::problem(attain_client::Problem::not_found());
    let asked: Figure = figure.parse().map_err(|()| missing())?;
    let desk: &Shared = desk.inner();
    match asked {
        Figure::Component { person_id, metric, period } => payout::why_component(desk, person_id, metric, period).await,
        Figure::Commission { person_id, commission, period } => {
            payout::why_commission(desk, person_id, commission, period).await
        }
        Figure::Payout { person_id, period } => payout::why_payout(desk, person_id, period).await,
        other => answer(desk, other, figure).await,
    }
}

async fn answer(desk: &Shared, asked: Figure, figure: String) -> std::result::Result<Why, Problem> {
    let people: Vec<String> = asked.person().map(str::to_owned).into_iter().collect();
    desk.show("why", move |question| {
        let mut why = match &asked {
            Figure::Attainment { whose, metric, period }
            | Figure::Pace { whose, metric, period }
            | Figure::Gap { whose, metric, period } => standing(question, &asked, whose, *metric, *period)?,
            Figure::Forecast { person_id, period } => forecast(question, person_id, *period)?,
            Figure::Share { person_id, year } => share(question, person_id, *year)?,
            Figure::Week { person_id, start, customer_type } => week(question, person_id, *start, customer_type)?,
            Figure::Reserve { goal_id, period } => reserve(question, goal_id, *period)?,
            Figure::Component { .. } | Figure::Commission { .. } | Figure::Payout { .. } => {
                return Err(attain_client::Problem::not_found());
            }
        };
        why.figure = figure;
        why.as_of = Desk::as_of(question.view)?;
        Ok((why, people))
    })
    .await
}

/// An answer with everything yet to be said.
pub fn blank(title: Phrase) -> Why {
    Why {
        figure: String::new(),
        title,
        value: None,
        formula: Vec::new(),
        inputs: Vec::new(),
        orders: Vec::new(),
        orders_total: 0,
        orders_head: None,
        orders_note: None,
        rule: None,
        source: None,
        as_of: None,
    }
}

pub fn input(label: impl Into<Phrase>, value: Option<Value>) -> WhyInput {
    WhyInput { label: label.into(), value, why: None }
}

/// Refuses what is out of the viewer's sight, and answers how the figure stands and what it is called.
fn look(question: &Question, whose: &Whose, metric: Metric, period: Period) -> Result<(Standing, String)> {
    let (view, viewer) = (question.view, question.viewer);
    let frame = Frame::load(view, viewer.today)?;
    Ok(match whose {
        Whose::Person(id) => {
            scope::require_about(view, viewer, Action::SeeFigures, id)?;
            (performance::person(view, &frame, id, metric, period)?, scope::name(view, viewer, id)?)
        }
        Whose::Unit(id) => {
            let chain = view.chain_of(id)?;
            let seen = viewer.actor.may(Action::SeeGoals, Subject::Unit { unit_ids: &chain });
            if !seen && !scope::may_see_unit(view, viewer, id)? {
                return Err(attain_client::Problem::not_found());
            }
            (performance::unit(view, &frame, id, metric, period)?, scope::name(view, viewer, id)?)
        }
        Whose::Team(id) => {
            let people = scope::people(view, viewer, Some(id))?;
            (performance::people_together(view, &frame, &people, period)?, unit::name(question, id)?)
        }
    })
}

fn standing(question: &Question, asked: &Figure, whose: &Whose, metric: Metric, period: Period) -> Result<Why> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let (found, subject) = look(question, whose, metric, period)?;
    let sums = metric.roll_up() == RollUp::Sum;
    let kind = match asked {
        Figure::Pace { .. } => "why.pace",
        Figure::Gap { .. } => "why.gap",
        _ => "why.attainment",
    };
    let title = say(kind).text("subject", subject).period("period", period);
    let title = if kind == "why.attainment" { title.term("metric", format!("metric.{metric}")) } else { title };
    let mut why = blank(title.into());
    let reached = found.actual.map(|figure| actual(metric, figure, currency));
    let wanted = found.target.map(|value| target(metric, value, currency));
    let due = found.due.map(|ratio| Value::Rate { rate: rate(ratio) });
    let planned = found
        .planned
        .map(|planned| Value::Money { money: minor(i64::try_from(planned.scaled(0)).unwrap_or(i64::MAX), currency) });
    let own_attainment = WhyInput {
        label: say("why.i_attainment").into(),
        value: found.attainment.map(|ratio| Value::Rate { rate: rate(ratio) }),
        why: Some(attainment(&found, whose.clone())),
    };
    match asked {
        Figure::Pace { .. } => {
            why.value = found.pace.map(|ratio| Value::Rate { rate: rate(ratio) });
            let days = match period {
                Period::Month(month) => Some(view.plan_time()?.working_days(month, viewer.today)),
                _ => None,
            };
            why.formula.push(match days {
                Some(days) => say("why.f_pace").count("done", days.gone).count("total", days.total).into(),
                None => say("why.f_pace_months").into(),
            });
            why.inputs = vec![
                input(say("why.i_actual"), reached),
                input(say("why.i_target"), wanted),
                own_attainment,
                input(say("why.i_due"), due),
            ];
            let bounds = view.pace_bounds()?;
            let percent = |bound: u32| Ratio { num: i128::from(bound), den: 100 };
            why.rule = Some(
                say("why.rule_pace")
                    .rate("ahead", percent(bounds.ahead))
                    .rate("on_pace", percent(bounds.on_pace))
                    .rate("behind", percent(bounds.behind))
                    .into(),
            );
        }
        Figure::Gap { .. } => {
            why.value = found.gap.map(|gap| Value::Money { money: minor(-gap, currency) });
            why.formula.push(say("why.f_gap").into());
            why.inputs = vec![
                input(say("why.i_actual"), reached),
                input(say("why.i_planned"), planned),
                input(say("why.i_target"), wanted),
            ];
        }
        _ => {
            why.value = found.attainment.map(|ratio| Value::Rate { rate: rate(ratio) });
            why.formula.push(say("why.f_attainment").into());
            if !sums {
                why.formula.push(say("why.f_ratio").term("metric", format!("metric.{metric}")).into());
            }
            why.inputs = vec![input(say("why.i_actual"), reached), input(say("why.i_target"), wanted)];
        }
    }
    if let Whose::Person(id) = whose {
        let range = view.fiscal()?.range(period);
        orders(question, &mut why, id, range.from, range.until)?;
    }
    Ok(why)
}

/// How many lines of orders are shown.
pub const MOST: usize = 200;

/// The orders behind a person's figure, newest first, at most [`MOST`].
fn orders(question: &Question, why: &mut Why, person_id: &str, from: NaiveDate, until: NaiveDate) -> Result<()> {
    let lines = question.view.orders(Some(person_id), from, until.min(question.viewer.today), 5000)?;
    why.orders_total = count(lines.len());
    why.orders_head = Some(say("why.orders").count("count", lines.len()).into());
    why.source = Some(say("why.source_orders").count("count", lines.len()).into());
    why.orders = lines
        .into_iter()
        .take(MOST)
        .map(|line| WhyOrder {
            order_id: Some(line.id),
            date: Some(line.date.to_string()),
            customer_id: Some(line.customer_id),
            customer_type: Some(line.customer_type),
            event: Some(line.event.name().to_owned()),
            amount: Some(super::figure::money(line.credited)),
            counts: None,
        })
        .collect();
    Ok(())
}

fn forecast(question: &Question, person_id: &str, period: Period) -> Result<Why> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let whose = Whose::Person(person_id.to_owned());
    let (found, subject) = look(question, &whose, Metric::SalesAmount, period)?;
    let frame = Frame::load(view, viewer.today)?;
    let track = performance::Track::of_people(view, &frame, &[person_id.to_owned()])?;
    let forecast = track.forecast(&frame, period).ok_or_else(attain_client::Problem::not_found)?;
    let mut why = blank(say("why.forecast").text("subject", subject).period("period", period).into());
    why.value = Some(Value::Money { money: minor(forecast.expected, currency) });
    why.formula.push(say("why.f_forecast").count("months", 6).into());
    why.inputs = vec![
        input(say("why.i_actual"), found.actual.map(|figure| actual(Metric::SalesAmount, figure, currency))),
        input(say("why.i_due"), found.due.map(|ratio| Value::Rate { rate: rate(ratio) })),
    ];
    let range = view.fiscal()?.range(period);
    orders(question, &mut why, person_id, range.from, range.until)?;
    Ok(why)
}

fn share(question: &Question, person_id: &str, year: i32) -> Result<Why> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    scope::require_about(view, viewer, Action::SeeFigures, person_id)?;
    let sight = attain_client::goals::sight::line_of_sight(view, person_id, year)?
        .ok_or_else(attain_client::Problem::not_found)?;
    let mut why = blank(say("why.share").text("subject", scope::name(view, viewer, person_id)?).into());
    why.value = Some(Value::Money { money: minor(sight.own, currency) });
    why.formula.push(say("why.f_share").into());
    for (unit_id, _, ratio) in &sight.steps {
        let label = say("why.i_child").text("name", scope::name(view, viewer, unit_id)?);
        why.inputs.push(input(label, Some(Value::Rate { rate: rate(*ratio) })));
    }
    why.source = Some(say("why.source_goal").text("goal", sight.goal_id).into());
    Ok(why)
}

fn week(question: &Question, person_id: &str, start: NaiveDate, customer_type: &str) -> Result<Why> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    scope::require_about(view, viewer, Action::SeeFigures, person_id)?;
    let missing = attain_client::Problem::not_found;
    let table = week_table(view, person_id, viewer.today)?.filter(|table| table.start == start).ok_or_else(missing)?;
    let row = if customer_type == "total" {
        &table.total
    } else {
        table.rows.iter().find(|row| row.customer_type == customer_type).ok_or_else(missing)?
    };
    let title = say("why.week")
        .text("subject", scope::name(view, viewer, person_id)?)
        .date("date", start)
        .term("type", format!("customer_type.{customer_type}"));
    let mut why = blank(title.into());
    why.value = Some(Value::Money { money: minor(row.amount, currency) });
    why.formula.push(say("why.f_mean").count("weeks", 8).into());
    why.inputs.push(input(say("why.i_actual"), Some(Value::Money { money: minor(row.amount, currency) })));
    orders(question, &mut why, person_id, start, table.end + Days::new(1))?;
    if customer_type != "total" {
        why.orders.retain(|order| order.customer_type.as_deref() == Some(customer_type));
        why.orders_total = count(why.orders.len());
        why.orders_head = Some(say("why.orders").count("count", why.orders.len()).into());
        why.source = Some(say("why.source_orders").count("count", why.orders.len()).into());
    }
    Ok(why)
}

fn reserve(question: &Question, goal_id: &str, period: Period) -> Result<Why> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let missing = attain_client::Problem::not_found;
    let goal = view.goal_by_id(goal_id)?.ok_or_else(missing)?;
    let nodes = attain_client::goals::tree(view, viewer, goal.metric, period)?;
    let at = nodes.iter().position(|node| node.goal.id == goal_id).ok_or_else(missing)?;
    let node = &nodes[at];
    let mut why = blank(say("why.reserve").text("subject", node.owner_name.clone()).period("period", period).into());
    why.value = node.reserve.map(|reserve| Value::Money { money: minor(reserve, currency) });
    why.formula.push(say("why.f_reserve").into());
    why.inputs.push(input(say("why.i_target"), Some(target(goal.metric, goal.target(period), currency))));
    for child in nodes.iter().filter(|child| child.parent == Some(at)) {
        let label = say("why.i_child").text("name", child.owner_name.clone());
        why.inputs.push(input(label, Some(target(goal.metric, child.goal.target(period), currency))));
    }
    why.source = Some(say("why.source_goal").text("goal", goal_id).into());
    Ok(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_back_as_what_it_was() {
        let september: Period = "2026-09".parse().unwrap();
        let person = || Whose::Person("zhang-san".into());
        let figures = [
            Figure::Attainment { whose: person(), metric: Metric::SalesAmount, period: september },
            Figure::Pace { whose: Whose::Team("mine".into()), metric: Metric::SalesAmount, period: september },
            Figure::Gap { whose: Whose::Unit("jia".into()), metric: Metric::NewCustomers, period: september },
            Figure::Forecast { person_id: "zhang-san".into(), period: september },
            Figure::Share { person_id: "zhang-san".into(), year: 2026 },
            Figure::Week {
                person_id: "zhang-san".into(),
                start: "2026-09-14".parse().unwrap(),
                customer_type: "new".into(),
            },
            Figure::Reserve { goal_id: "g26-jia".into(), period: "2026".parse().unwrap() },
            Figure::Component { person_id: "wu-qian".into(), metric: Metric::RetentionRate, period: september },
            Figure::Commission { person_id: "wu-qian".into(), commission: "deals".into(), period: september },
            Figure::Payout { person_id: "wu-qian".into(), period: september },
        ];
        for figure in figures {
            assert_eq!(figure.to_string().parse(), Ok(figure));
        }
        assert_eq!("pace|nobody".parse::<Figure>(), Err(()));
    }
}
