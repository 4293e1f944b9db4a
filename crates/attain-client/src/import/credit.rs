//! Credits: an order's rows belong together; its revenue shares sum to 1.

use std::collections::BTreeMap;

use attain_domain::order::CreditRole;
use attain_store::connection::View;
use attain_store::facts::{Base, Credit};
use rust_decimal::Decimal;

use super::ImportError;
use super::cell::decimal;
use super::field::word;
use super::finding::Finding;
use super::table::Table;

/// Decimals of a share that count.
const DECIMALS: u32 = 9;

pub(super) fn plan(view: View<'_>, table: &mut Table) -> Result<Vec<Base>, ImportError> {
    let comma = table.columns.decimal_comma;
    let mut orders: BTreeMap<String, Vec<(usize, Option<Credit>)>> = BTreeMap::new();
    let mut people: BTreeMap<String, bool> = BTreeMap::new();
    for i in 0..table.len() {
        let Some(order_id) = table.text(i, "order_id") else { continue };
        let person_id = table.text(i, "person_id");
        if let Some(person) = &person_id {
            let known = match people.get(person) {
                Some(known) => *known,
                None => {
                    let known = view.person_number(person)?.is_some();
                    people.insert(person.clone(), known);
                    known
                }
            };
            if !known {
                table.wrong(i, "person_id", "unknown_person");
            }
        }
        let role = table.must(i, "role", |text| word::<CreditRole>(text).ok_or("bad_value"));
        let share = table.must(i, "share", |text| match decimal(text, comma)? {
            share if share <= Decimal::ZERO => Err("bad_share"),
            share if share.scale() > DECIMALS => Err("too_precise"),
            share if share > Decimal::ONE_HUNDRED => Err("bad_share"),
            share => Ok(share),
        });
        let lines = orders.entry(order_id).or_default();
        let credit = match (person_id, role, share) {
            (Some(person_id), Some(role), Some(share)) if table.is_good(i) => Some(Credit { person_id, role, share }),
            _ => None,
        };
        if let Some(credit) = &credit {
            let twin = lines.iter().find(|(_, other)| {
                other.as_ref().is_some_and(|o| (&o.person_id, o.role) == (&credit.person_id, credit.role))
            });
            if let Some((other, _)) = twin {
                let other = table.row(*other);
                let finding = Finding::cell(table.row(i), "person_id", "duplicate", &credit.person_id);
                table.fail(i, finding.with("row", other));
            }
        }
        lines.push((i, credit));
    }
    let mut rows = Vec::new();
    for (order_id, lines) in orders {
        let of_order: Vec<usize> = lines.iter().map(|(i, _)| *i).collect();
        if !view.order_exists(&order_id)? {
            of_order.iter().for_each(|i| table.wrong(*i, "order_id", "unknown_order"));
            continue;
        }
        if of_order.iter().any(|i| !table.is_good(*i)) {
            table.fail_rest(&of_order);
            continue;
        }
        let mut credits: Vec<Credit> = lines.into_iter().filter_map(|(_, credit)| credit).collect();
        let revenue = credits.iter().filter(|c| c.role == CreditRole::Revenue);
        if revenue.map(|c| c.share).sum::<Decimal>() != Decimal::ONE {
            for i in of_order {
                let finding = Finding::cell(table.row(i), "share", "shares_not_one", &order_id);
                table.fail(i, finding);
            }
            continue;
        }
        credits.sort_by(|a, b| (&a.person_id, a.role.name()).cmp(&(&b.person_id, b.role.name())));
        if view.credits(&order_id)? != credits {
            of_order.iter().for_each(|i| table.changes(*i));
            rows.push(Base::Credits { order_id, to: Some(credits) });
        }
    }
    Ok(rows)
}
