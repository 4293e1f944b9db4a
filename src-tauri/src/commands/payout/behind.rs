//! The orders behind a line of pay, on its "why?": those of a component's metric, or of a commission.

use super::{finish, rows, sentence};
use crate::commands::figure::{actual, count, money, say};
use crate::commands::why::{Figure as Reference, MOST, blank};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem};
use crate::views::why::{Why, WhyOrder};
use attain_client::domain::metric::Metric;
use attain_client::domain::payout::part_in_words;
use attain_client::domain::period::Period;
use attain_client::pay::{self, Behind, LineOf, Pay};
use attain_client::scope;
use attain_client::store::queries::counted::{Counted, Counts};

/// Puts what a line of pay counted under its "why?".
pub fn fill(question: &Question, why: &mut Why, found: &Pay, line: &LineOf) -> Result<()> {
    let behind = pay::behind(question.view, question.viewer, found, line)?;
    let metric = match line {
        LineOf::Metric(metric) => Some(*metric),
        LineOf::Commission(_) => None,
    };
    why.orders_total = count(behind.lines.len());
    let head = if metric == Some(Metric::RetentionRate) { "why.customers" } else { "why.orders" };
    why.orders_head = Some(say(head).count("count", behind.lines.len()).into());
    why.orders_note = if behind.imported {
        Some(say("why.imported").into())
    } else if !behind.adds_up() {
        Some(apart(question, &behind, metric)?)
    } else if behind.lines.is_empty() {
        Some(say("why.no_orders").into())
    } else {
        None
    };
    why.orders = behind.lines.into_iter().take(MOST).map(order).collect();
    Ok(())
}

/// That the orders no longer come to what the payout was reckoned with.
fn apart(question: &Question, behind: &Behind, metric: Option<Metric>) -> Result<Phrase> {
    let currency = question.view.currency()?;
    let shown = |figure| metric.zip(figure).map(|(metric, figure)| actual(metric, figure, currency));
    Ok(match (shown(behind.figure), shown(behind.now)) {
        (Some(figure), Some(now)) => say("why.apart").value("figure", &figure).value("now", &now).into(),
        _ => say("why.apart_unknown").into(),
    })
}

fn order(line: Counted) -> WhyOrder {
    let counts = match line.counts {
        Counts::Counted => None,
        Counts::ClawedBack => Some("clawed_back"),
        Counts::Elsewhere => Some("elsewhere"),
        Counts::Once => Some("once"),
        Counts::Lost => Some("lost"),
    };
    WhyOrder {
        order_id: line.order_id,
        date: line.date.map(|date| date.to_string()),
        customer_id: line.customer_id,
        customer_type: line.customer_type,
        event: line.event.map(|event| event.name().to_owned()),
        amount: line.amount.map(money),
        counts: counts.map(str::to_owned),
    }
}

/// Why a commission came to what it came to.
pub async fn why_commission(
    desk: &Shared,
    person_id: String,
    commission: String,
    period: Period,
) -> std::result::Result<Why, Problem> {
    let id = person_id.clone();
    let found = desk.record(move |workspace| pay::show(workspace, &id, period)).await?;
    desk.ask(move |question| {
        let found = found.ok_or_else(attain_client::Problem::not_found)?;
        let subject = scope::name(question.view, question.viewer, &person_id)?;
        let title = say("why.commission").text("subject", subject).text("commission", &commission);
        let mut why = blank(title.period("period", period).into());
        fill(question, &mut why, &found, &LineOf::Commission(commission.clone()))?;
        let (lines, part, currency) =
            (found.payout.derivation.lines(), format!("commission.{commission}"), found.inputs.currency);
        let own = lines.iter().find(|line| line.id == part);
        why.value = own.map(|line| rows::value(line.value, line.written, currency));
        why.formula = part_in_words(&lines, &part, currency).into_iter().map(sentence).collect();
        finish(question, &mut why, &found)?;
        why.figure = Reference::Commission { person_id, commission, period }.to_string();
        Ok(why)
    })
    .await
}
