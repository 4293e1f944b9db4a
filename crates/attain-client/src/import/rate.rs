//! Exchange rates: units of the reporting currency for one unit, from a day on.

use std::collections::BTreeMap;

use attain_domain::money::Currency;
use attain_store::connection::View;
use attain_store::facts::Base;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::ImportError;
use super::cell::{date, decimal};
use super::finding::Finding;
use super::table::Table;

/// Digits after the point of a rate.
const DECIMALS: u32 = 10;

pub(super) fn plan(view: View<'_>, table: &mut Table) -> Result<Vec<Base>, ImportError> {
    let own = view.currency()?;
    let (order, comma) = (table.columns.date, table.columns.decimal_comma);
    let mut seen: BTreeMap<(Currency, NaiveDate), usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for i in 0..table.len() {
        let currency = table.must(i, "currency", |text| match text.parse::<Currency>() {
            Err(_) => Err("bad_currency"),
            Ok(currency) if currency == own => Err("own_currency"),
            Ok(currency) => Ok(currency),
        });
        let from = table.must(i, "date", |text| date(text, order));
        let rate = table.must(i, "rate", |text| match decimal(text, comma)? {
            rate if rate <= Decimal::ZERO || rate > Decimal::from(1_000_000) => Err("bad_value"),
            rate if rate.scale() > DECIMALS => Err("too_precise"),
            rate => Ok(rate),
        });
        let (Some(currency), Some(from), Some(rate)) = (currency, from, rate) else { continue };
        if let Some(first) = seen.get(&(currency, from)) {
            let first = table.row(*first);
            let finding = Finding::cell(table.row(i), "date", "duplicate", table.cell(i, "date")).with("row", first);
            table.fail(i, finding);
        }
        if !table.is_good(i) {
            continue;
        }
        seen.insert((currency, from), i);
        if view.rate_from(currency, from)? != Some(rate) {
            table.changes(i);
            rows.push(Base::Rate { currency: currency.code().into(), from, to: Some(rate) });
        }
    }
    Ok(rows)
}
