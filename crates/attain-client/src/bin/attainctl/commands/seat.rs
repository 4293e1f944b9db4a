//! `unit seat add|list|fill|remove`.

use attain_client::domain::access::{Action, Subject};
use attain_client::domain::mutation::Mutation;
use attain_client::domain::org::Seat;
use attain_client::problem::{Problem, Result};
use serde_json::{Value, json};

use super::Open;
use super::goal::month;
use crate::answer::{Answer, items};
use crate::arguments::goal::SeatVerb;

pub fn run(open: &mut Open, verb: &SeatVerb) -> Result<Answer> {
    match verb {
        SeatVerb::Add { id, unit, name, position, from, to } => {
            let date = |text: &String| text.parse().map_err(|_| Problem::usage("bad_date").with("text", text));
            let seat = Seat {
                id: id.clone(),
                unit_id: unit.clone(),
                position: position.parse().map_err(|_| Problem::usage("unknown_position").with("text", position))?,
                name: name.clone(),
                from: from.as_ref().map(date).transpose()?.unwrap_or(open.viewer.today),
                to: to.as_ref().map(date).transpose()?,
                person_id: None,
            };
            let json = seat_json(&seat);
            open.workspace.mutate(&Mutation::PutSeat { seat_id: id.clone(), seat: Some(seat) })?;
            Ok(json.into())
        }
        SeatVerb::List { unit } => {
            let view = open.workspace.view();
            let mut list = Vec::new();
            for seat in view.seats()? {
                let chain = view.chain_of(&seat.unit_id)?;
                let seen = open.viewer.actor.may(Action::SeeGoals, Subject::Unit { unit_ids: &chain });
                if seen && unit.as_ref().is_none_or(|unit| chain.contains(unit)) {
                    list.push(seat_json(&seat));
                }
            }
            Ok(items(list).into())
        }
        SeatVerb::Fill { id, person, from, ramp } => {
            let from = match from {
                Some(text) => month(text)?,
                None => open.workspace.view().fiscal()?.month_of(open.viewer.today),
            };
            let (seat_id, person_id) = (id.clone(), person.clone());
            let changed =
                open.workspace.mutate(&Mutation::FillSeat { seat_id, person_id, from, ramp: ramp.clone() })?;
            // The seat's own row is one, and each goal comes with its version.
            let goals = changed.rows.saturating_sub(1) / 2;
            Ok(json!({ "id": id, "person_id": person, "from": from, "goals_changed": goals }).into())
        }
        SeatVerb::Remove { id } => {
            open.workspace.mutate(&Mutation::PutSeat { seat_id: id.clone(), seat: None })?;
            Ok(json!({ "id": id, "removed": true }).into())
        }
    }
}

fn seat_json(seat: &Seat) -> Value {
    json!({
        "id": seat.id,
        "name": seat.name,
        "unit_id": seat.unit_id,
        "position": seat.position.name(),
        "from": seat.from,
        "to": seat.to,
        "person_id": seat.person_id,
    })
}
