//! Metric values: what no order tells, e.g. teamwork scores.

use std::collections::BTreeMap;

use attain_domain::metric::{Metric, Unit};
use attain_domain::period::{Month, Period};
use attain_store::connection::View;
use attain_store::facts::Base;

use super::ImportError;
use super::cell::scaled;
use super::field::word;
use super::finding::Finding;
use super::table::Table;

pub(super) fn plan(view: View<'_>, table: &mut Table) -> Result<Vec<Base>, ImportError> {
    let comma = table.columns.decimal_comma;
    let mut seen: BTreeMap<(String, Metric, Month), usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for i in 0..table.len() {
        let person = table.text(i, "person_id");
        if let Some(person) = &person
            && view.person_number(person)?.is_none()
        {
            table.wrong(i, "person_id", "unknown_person");
        }
        let metric = table.must(i, "metric", |text| match word::<Metric>(text) {
            None => Err("unknown_metric"),
            Some(metric) if metric.unit() != Unit::Score => Err("metric_derived"),
            Some(metric) => Ok(metric),
        });
        // A quarter's value stands in its last month: by then it is known.
        let month = table.must(i, "period", |text| match text.parse() {
            Ok(Period::Month(month)) => Ok(month),
            Ok(quarter @ Period::Quarter(..)) => Ok(quarter.last_month()),
            _ => Err("bad_period"),
        });
        let num = table.must(i, "numerator", |text| match scaled(text, 2, comma)? {
            negative if negative < 0 => Err("negative_amount"),
            num => Ok(num),
        });
        let den = table.must(i, "denominator", |text| match scaled(text, 0, comma)? {
            den if den < 1 => Err("bad_value"),
            den => Ok(den),
        });
        let (Some(person_id), Some(metric), Some(month), Some(num), Some(den)) = (person, metric, month, num, den)
        else {
            continue;
        };
        if let Some(first) = seen.get(&(person_id.clone(), metric, month)) {
            let first = table.row(*first);
            let finding = Finding::cell(table.row(i), "period", "duplicate", table.cell(i, "period"));
            table.fail(i, finding.with("row", first));
        }
        if !table.is_good(i) {
            continue;
        }
        seen.insert((person_id.clone(), metric, month), i);
        if view.metric_value(&person_id, metric, month)? != Some((num, den)) {
            table.changes(i);
            rows.push(Base::MetricValue { person_id, metric, month, to: Some((num, den)) });
        }
    }
    Ok(rows)
}
