//! Reading the terms of a plan file beyond its components, score and bands.

use rust_decimal::Decimal;

use super::finding::Findings;
use super::read::{Head, factors, target};
use super::section::*;
use super::values::*;
use super::*;
use crate::metric::Unit;
use crate::order::SalesBasis;

/// `key` must be stated because of what else is.
pub(super) fn key_needed(section: Section, key: &str, other: &str, out: &mut Findings) {
    let params = [("key", key.to_string()), ("other", other.to_string())];
    out.add("plan.key_needed", &section.path_of(key), Some(section.at), &params);
}

/// Keys that are stated and say nothing because of what else is: a rule must not be without effect in silence.
pub(super) fn idle(section: Section, keys: &[&str], other: &str, out: &mut Findings) {
    for key in keys {
        if let Some(value) = section.get(key) {
            let params = [("key", key.to_string()), ("other", other.to_string())];
            out.add("plan.key_idle", &section.path_of(key), start(Some(value)), &params);
        }
    }
}

/// A share of something that is there: at most the whole of it.
pub(super) fn part_key(section: Section, key: &str, out: &mut Findings) -> Option<Decimal> {
    let share = percent_key(section, key, out)?;
    if share > Decimal::ONE {
        let params = [("text", percent_text(share)), ("min", "0 %".to_string()), ("max", "100 %".to_string())];
        out.add("plan.number_out_of_range", &section.path_of(key), start(section.get(key)), &params);
        return None;
    }
    Some(share)
}

pub(super) fn metrics(root: Section, out: &mut Findings) -> Vec<Measure> {
    let Some(value) = root.get("metrics") else { return Vec::new() };
    let units = [("money", Unit::Money), ("count", Unit::Count), ("ratio", Unit::Ratio), ("score", Unit::Score)];
    let list = sections(value, "metrics", out, |section, out| {
        section.refuse_unknown_keys(&["id", "unit"], out);
        let name = identifier(section, "id", out);
        required(section, "unit", out);
        let unit = choice(section, "unit", &units, out).flatten();
        Some(Measure { name: name?, own: Some(unit?) })
    });
    let mut own: Vec<Measure> = Vec::new();
    for (index, (measure, at)) in list.unwrap_or_default().into_iter().enumerate() {
        let Some(measure) = measure else { continue };
        if measure_named(&measure.name, &own).is_some() {
            let params = [("text", measure.name.clone())];
            out.add("plan.duplicate_metric", &format!("metrics[{index}].id"), Some(at), &params);
        } else {
            own.push(measure);
        }
    }
    own
}

/// A component's table, lowest bound first.
pub(super) fn table(
    section: Section,
    measure: &Measure,
    of_actual: bool,
    currency: Option<Currency>,
    out: &mut Findings,
) -> Option<Vec<(Decimal, Decimal)>> {
    let Some(value) = section.get("table") else { return Some(Vec::new()) };
    let path = section.path_of("table");
    let before = out.count();
    let list = sections(value, &path, out, |row, out| {
        row.refuse_unknown_keys(&["at_least", "counts"], out);
        let bound = required(row, "at_least", out).and_then(|v| {
            let path = row.path_of("at_least");
            let text = number_text(v, &path, out)?;
            let at = start(Some(v));
            if of_actual {
                in_metric_unit(&text, measure, currency, &path, at, out)
            } else {
                percentage_in(&text, &path, at, out)
            }
        });
        let counts = required(row, "counts", out).and_then(|v| percentage(v, &row.path_of("counts"), out));
        Some((bound?, counts?))
    })?;
    let rows: Vec<(Decimal, Decimal)> = list.iter().filter_map(|(row, _)| *row).collect();
    ascending(&path, "at_least", list.iter().map(|(row, at)| (row.map(|r| r.0), *at)), out);
    (out.count() == before).then_some(rows)
}

/// Bounds must rise: a gap cannot be, since each tier ends where the next begins.
fn ascending(path: &str, key: &str, bounds: impl Iterator<Item = (Option<Decimal>, usize)>, out: &mut Findings) {
    let mut previous: Option<(usize, Decimal)> = None;
    for (index, (bound, at)) in bounds.enumerate() {
        let Some(bound) = bound else { continue };
        if let Some((first, before)) = previous {
            let place = format!("{path}[{index}].{key}");
            let text = ("bound", bound.normalize().to_string());
            if bound == before {
                out.add("plan.tiers_overlap", &place, Some(at), &[text, ("first", format!("{path}[{first}]"))]);
            } else if bound < before {
                let params = [text, ("previous", before.normalize().to_string())];
                out.add("plan.tiers_unsorted", &place, Some(at), &params);
            }
        }
        previous = Some((index, bound));
    }
}

pub(super) fn read(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    terms.period = one_of(root, "period", Span::ALL, Span::name, out).flatten();
    terms.gates = factors(root, "gates", head, out);
    base(root, head, terms, out);
    if let Some(section) = optional_section(root, "deals", out) {
        let section = section.view();
        section.refuse_unknown_keys(&["basis", "splits"], out);
        set(&mut terms.basis, one_of(section, "basis", SalesBasis::ALL, SalesBasis::name, out));
        set(&mut terms.whole_splits, named(section, "splits", &[("any", false), ("whole", true)], out));
    }
    commissions(root, head, terms, out);
    quarters(root, terms, out);
    payout(root, head, terms, out);
    guarantee(root, head, terms, out);
    draw(root, head, terms, out);
    proration(root, terms, out);
    rounding(root, terms, out);
}

/// What does not fit together although each part is right.
pub(super) fn check(root: Section, terms: &Terms, out: &mut Findings) {
    if terms.components.is_empty() && terms.commissions.is_empty() {
        out.add("plan.no_components", "components", None, &[]);
    }
    let base_used = !terms.components.is_empty() || root.get("base").is_some();
    let shares = terms.commissions.iter().flat_map(|c| &c.tiers).any(|(_, pays)| matches!(pays, TierPays::Share(_)));
    if shares && terms.base.kind != BaseKind::TargetIncentive {
        key_needed(root, "base", "share", out);
    }
    let limit_of_base = [terms.limits.cap, terms.limits.floor, terms.guarantee.as_ref().map(|g| g.at_least)];
    if !base_used && limit_of_base.iter().any(|limit| matches!(limit, Some(Limit::Share(_)))) {
        key_needed(root, "base", "%", out);
    }
}

fn base(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "base", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["of", "times", "amount", "metric", "changes"], out);
    required(section, "of", out);
    set(&mut terms.base.kind, one_of(section, "of", BaseKind::ALL, BaseKind::name, out));
    if section.get("times").is_some() {
        set(&mut terms.base.times, coefficient(section, "times", "plan.negative_factor", out).map(Some));
    }
    terms.base.amount = money_key(section, "amount", head, out);
    if section.get("metric").is_some() {
        terms.base.measure = head.measure(section, "metric", out);
    }
    set(&mut terms.base.changes, one_of(section, "changes", MidPeriod::ALL, MidPeriod::name, out));
    if terms.base.kind == BaseKind::PerUnit {
        for key in ["metric", "amount"] {
            if section.get(key).is_none() {
                key_needed(section, key, "of = \"per-unit\"", out);
            }
        }
    }
}

fn money_key(section: Section, key: &str, head: &Head, out: &mut Findings) -> Option<Decimal> {
    amount(section.get(key)?, head.currency, key, &section.path_of(key), out)
}

/// What is paid for each unit: money, with as many decimals as a number has.
fn unit_price(section: Section, head: &Head, out: &mut Findings) -> Option<Decimal> {
    let path = section.path_of("per_unit");
    if head.currency.is_none() {
        out.add("plan.currency_needed", &path, start(section.get("per_unit")), &[("metric", "per_unit".into())]);
        return None;
    }
    coefficient(section, "per_unit", "plan.negative_factor", out)
}

fn percent_key(section: Section, key: &str, out: &mut Findings) -> Option<Decimal> {
    percentage(section.get(key)?, &section.path_of(key), out)
}

/// `"5,000"`, or `"200 %"` of the base.
fn limit(section: Section, key: &str, head: &Head, out: &mut Findings) -> Option<Limit> {
    let value = section.get(key)?;
    if value.get_ref().as_str().is_some_and(|text| text.trim_end().ends_with(['%', '％'])) {
        return percent_key(section, key, out).map(Limit::Share);
    }
    money_key(section, key, head, out).map(Limit::Amount)
}

fn commissions(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    let Some(value) = root.get("commissions") else { return };
    let list = sections(value, "commissions", out, |section, out| commission(section, head, terms.basis, out));
    for (index, (read, at)) in list.unwrap_or_default().into_iter().enumerate() {
        if let Some(read) = read {
            if terms.commissions.iter().any(|other| other.id == read.id) {
                let params = [("id", read.id.clone())];
                out.add("plan.duplicate_commission", &format!("commissions[{index}].id"), Some(at), &params);
            }
            terms.commissions.push(read);
        }
    }
}

const COMMISSION_KEYS: [&str; 21] = [
    "id",
    "of",
    "counts",
    "basis",
    "products",
    "customer_types",
    "tiers_by",
    "attainment_of",
    "target",
    "cumulate",
    "method",
    "applies_to",
    "boundary",
    "tiers",
    "rate",
    "per_unit",
    "rates",
    "precedence",
    "cap",
    "floor",
    "amount",
];

fn commission(section: Section, head: &Head, basis: SalesBasis, out: &mut Findings) -> Option<Commission> {
    section.refuse_unknown_keys(&COMMISSION_KEYS, out);
    let before = out.count();
    let id = identifier(section, "id", out);
    required(section, "of", out)?;
    let over = section.get("of").and_then(|v| v.get_ref().as_str()).and_then(|text| text.parse::<Over>().ok());
    let on = match over {
        Some(over) => CommissionOn::Deals(over),
        None => CommissionOn::Measure(head.measure(section, "of", out)?),
    };
    let counted = one_of(section, "counts", Counted::ALL, Counted::name, out)?.unwrap_or(Counted::Amount);
    let basis = one_of(section, "basis", SalesBasis::ALL, SalesBasis::name, out)?.unwrap_or(basis);
    let by = one_of(section, "tiers_by", TiersBy::ALL, TiersBy::name, out)?.unwrap_or(TiersBy::Amount);
    let attainment_of = match section.get("attainment_of") {
        Some(_) => Some(head.measure(section, "attainment_of", out)?),
        None => None,
    };
    let measured = attainment_of.clone().unwrap_or_else(|| match &on {
        CommissionOn::Measure(measure) => measure.clone(),
        CommissionOn::Deals(_) => Measure::of(crate::metric::Metric::SalesAmount),
    });
    let target = match section.get("target") {
        Some(value) => target(value, &measured, head.currency, &section.path_of("target"), out)?,
        None => Target::Goal,
    };
    let over = one_of(section, "cumulate", Cumulation::ALL, Cumulation::name, out)?.unwrap_or(Cumulation::Period);
    let method = one_of(section, "method", Method::ALL, Method::name, out)?;
    let applies_to = one_of(section, "applies_to", AppliesTo::ALL, AppliesTo::name, out)?.unwrap_or(AppliesTo::Period);
    let boundary = one_of(section, "boundary", Boundary::ALL, Boundary::name, out)?.unwrap_or(Boundary::Upper);
    let precedence =
        one_of(section, "precedence", Precedence::ALL, Precedence::name, out)?.unwrap_or(Precedence::Product);
    let tiers = tiers(section, head, by, &on, &measured, out)?;
    let rates = rates(section, out)?;
    let (cap, floor) = (money_key(section, "cap", head, out), money_key(section, "floor", head, out));
    if let (Some(floor), Some(cap)) = (floor, cap) {
        floor_within_cap(section, floor, cap, out);
    }
    let (products, customer_types) = (texts(section, "products", out)?, texts(section, "customer_types", out)?);
    let stepped = tiers.len() > 1 || tiers.iter().any(|(from, _)| !from.is_zero());
    if stepped && method.is_none() {
        key_needed(section, "method", "tiers", out);
    }
    idle_in_commission(section, &on, over, out);
    let method = method.unwrap_or(Method::Whole);
    let counts_money = match &on {
        CommissionOn::Deals(_) => matches!(counted, Counted::Amount | Counted::Margin),
        CommissionOn::Measure(measure) => matches!(measure.unit(), Unit::Money | Unit::Ratio),
    };
    let priced = section.get("per_unit").is_some() || rows_with(section, "per_unit");
    if priced && counts_money {
        out.add("plan.per_unit_of_money", section.path, Some(section.at), &[]);
    }
    let factor = |pays: &TierPays| matches!(pays, TierPays::Factor(_));
    if tiers.is_empty() && rates.is_empty() {
        out.add("plan.no_tiers", section.path, Some(section.at), &[]);
    } else if tiers.iter().any(|(_, pays)| std::mem::discriminant(pays) != std::mem::discriminant(&tiers[0].1)) {
        out.add("plan.tiers_mixed", &section.path_of("tiers"), Some(section.at), &[]);
    } else if !rates.is_empty() && section.get("tiers").is_some() && tiers.iter().any(|(_, pays)| !factor(pays)) {
        key_needed(section, "factor", "rates", out);
    } else if rates.is_empty() && tiers.iter().any(|(_, pays)| factor(pays)) {
        key_needed(section, "rates", "factor", out);
    }
    if attainment_of.is_some() && (method == Method::Marginal || over == Cumulation::Deal) {
        out.add("plan.other_attainment", &section.path_of("attainment_of"), start(section.get("attainment_of")), &[]);
    }
    (out.count() == before).then_some(())?;
    Some(Commission {
        id: id?,
        on,
        counted,
        basis,
        products,
        customer_types,
        by,
        attainment_of,
        target,
        over,
        method,
        applies_to,
        boundary,
        tiers,
        rates,
        precedence,
        cap,
        floor,
    })
}

/// Whether a tier states this key.
fn rows_with(section: Section, key: &str) -> bool {
    let Some(toml::de::DeValue::Array(rows)) = section.get("tiers").map(|tiers| tiers.get_ref()) else { return false };
    rows.iter().any(|row| match row.get_ref() {
        toml::de::DeValue::Table(row) => row.iter().any(|(name, _)| name.get_ref() == key),
        _ => false,
    })
}

fn idle_in_commission(section: Section, on: &CommissionOn, over: Cumulation, out: &mut Findings) {
    if let CommissionOn::Measure(measure) = on {
        let of = format!("of = \"{}\"", measure.name);
        idle(section, &["counts", "products", "customer_types", "rates"], &of, out);
        if over == Cumulation::Deal {
            idle(section, &["cumulate"], &of, out);
        }
    }
    if section.get("tiers").is_none() {
        let flat = if section.get("rate").is_some() { "rate" } else { "per_unit" };
        if section.get("rates").is_none() {
            idle(section, &["method", "boundary", "tiers_by", "attainment_of", "applies_to"], flat, out);
        }
    }
    if section.get("rates").is_none() {
        idle(section, &["precedence"], "rate", out);
    } else {
        idle(section, &["rate", "per_unit"], "rates", out);
    }
}

fn tiers(
    section: Section,
    head: &Head,
    by: TiersBy,
    on: &CommissionOn,
    measured: &Measure,
    out: &mut Findings,
) -> Option<Vec<(Decimal, TierPays)>> {
    let flat = |pays| Some(vec![(Decimal::ZERO, pays)]);
    let Some(value) = section.get("tiers") else {
        if section.get("rate").is_some() {
            idle(section, &["per_unit"], "rate", out);
            return flat(TierPays::Rate(percent_key(section, "rate", out)?));
        }
        if section.get("per_unit").is_some() {
            return flat(TierPays::Rate(unit_price(section, head, out)?));
        }
        return Some(Vec::new());
    };
    idle(section, &["rate", "per_unit"], "tiers", out);
    let path = section.path_of("tiers");
    let before = out.count();
    let list = sections(value, &path, out, |row, out| {
        row.refuse_unknown_keys(&["from", "rate", "per_unit", "amount", "share", "factor"], out);
        let from = required(row, "from", out).and_then(|v| {
            let path = row.path_of("from");
            let (text, at) = (number_text(v, &path, out)?, start(Some(v)));
            match (by, on) {
                (TiersBy::Attainment, _) => percentage_in(&text, &path, at, out),
                (TiersBy::Amount, CommissionOn::Measure(_)) => {
                    in_metric_unit(&text, measured, head.currency, &path, at, out)
                }
                (TiersBy::Amount, CommissionOn::Deals(_)) => decimal(&text, DIGITS, &path, at, out),
            }
        });
        let given: Vec<&str> = ["rate", "per_unit", "amount", "share", "factor"]
            .into_iter()
            .filter(|key| row.get(key).is_some())
            .collect();
        let [key] = given.as_slice() else {
            out.add("plan.tier_pays_one", row.path, Some(row.at), &[]);
            return None;
        };
        let pays = match *key {
            "rate" => TierPays::Rate(percent_key(row, "rate", out)?),
            "per_unit" => TierPays::Rate(unit_price(row, head, out)?),
            "amount" => TierPays::Amount(money_key(row, "amount", head, out)?),
            "share" => TierPays::Share(percent_key(row, "share", out)?),
            _ => TierPays::Factor(coefficient(row, "factor", "plan.negative_factor", out)?),
        };
        Some((from?, pays))
    })?;
    ascending(&path, "from", list.iter().map(|(row, at)| (row.map(|r| r.0), *at)), out);
    let rows: Vec<(Decimal, TierPays)> = list.into_iter().filter_map(|(row, _)| row).collect();
    (out.count() == before).then_some(rows)
}

fn rates(section: Section, out: &mut Findings) -> Option<Vec<RateRow>> {
    let Some(value) = section.get("rates") else { return Some(Vec::new()) };
    let path = section.path_of("rates");
    let before = out.count();
    let list = sections(value, &path, out, |row, out| {
        row.refuse_unknown_keys(&["product", "customer_type", "rate"], out);
        let text = |key: &str, out: &mut Findings| row.get(key).map(|_| text_of(row, key, out));
        let (product, customer_type) = (text("product", out), text("customer_type", out));
        let rate = required(row, "rate", out).and_then(|v| percentage(v, &row.path_of("rate"), out));
        Some(RateRow { product: optional(product)?, customer_type: optional(customer_type)?, rate: rate? })
    })?;
    let mut rows: Vec<RateRow> = Vec::new();
    for (index, (row, at)) in list.into_iter().enumerate() {
        let Some(row) = row else { continue };
        let same = rows.iter().position(|o| (&o.product, &o.customer_type) == (&row.product, &row.customer_type));
        if let Some(first) = same {
            let params = [("first", format!("{path}[{first}]"))];
            out.add("plan.rates_overlap", &format!("{path}[{index}]"), Some(at), &params);
        }
        rows.push(row);
    }
    (out.count() == before).then_some(rows)
}

fn texts(section: Section, key: &str, out: &mut Findings) -> Option<Vec<String>> {
    let Some(value) = section.get(key) else { return Some(Vec::new()) };
    let list = value.get_ref().as_array().map(|list| {
        list.iter().map(|v| v.get_ref().as_str().map(|t| t.trim().to_string())).collect::<Option<Vec<String>>>()
    });
    let Some(Some(list)) = list else {
        wrong_type("plan.type.list", value.get_ref(), &section.path_of(key), start(Some(value)), out);
        return None;
    };
    Some(list)
}

/// A date, or a period in quotes for its first day: `2026-04-01`, `"2026-04"`, `"2026-Q2"`.
fn day_or_period(value: &Value, path: &str, out: &mut Findings) -> Option<NaiveDate> {
    let Some(text) = value.get_ref().as_str() else { return date(value, path, out) };
    let first = text.parse::<crate::period::Period>().ok().map(|period| period.first_month());
    let day = first.and_then(|month| NaiveDate::from_ymd_opt(month.year, month.month, 1));
    if day.is_none() {
        out.add("plan.invalid_date", path, start(Some(value)), &[("text", text.to_string())]);
    }
    day
}

fn quarters(root: Section, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "quarter_multipliers", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["q1", "q2", "q3", "q4"], out);
    for (index, key) in ["q1", "q2", "q3", "q4"].into_iter().enumerate() {
        if section.get(key).is_some()
            && let Some(factor) = coefficient(section, key, "plan.negative_factor", out)
        {
            terms.quarters[index] = factor;
        }
    }
}

fn payout(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "payout", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["round", "factors", "cap", "floor", "cap_year"], out);
    let names = [("minor-unit", PayoutRounding::MinorUnit), ("whole-unit", PayoutRounding::WholeUnit)];
    set(&mut terms.round, named(section, "round", &names, out));
    set(&mut terms.together, one_of(section, "factors", Together::ALL, Together::name, out));
    terms.limits = Limits {
        cap: limit(section, "cap", head, out),
        floor: limit(section, "floor", head, out),
        cap_year: money_key(section, "cap_year", head, out),
    };
    let (low, high) = match (terms.limits.floor, terms.limits.cap) {
        (Some(Limit::Amount(floor)), Some(Limit::Amount(cap))) => (floor, cap),
        (Some(Limit::Share(floor)), Some(Limit::Share(cap))) => (floor, cap),
        _ => return,
    };
    floor_within_cap(section, low, high, out);
}

fn floor_within_cap(section: Section, floor: Decimal, cap: Decimal, out: &mut Findings) {
    if floor > cap {
        let text = |limit: Decimal| limit.normalize().to_string();
        let params = [("floor", text(floor)), ("cap", text(cap))];
        out.add("plan.floor_above_cap", &section.path_of("floor"), start(section.get("floor")), &params);
    }
}

fn guarantee(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "guarantee", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["at_least", "months", "until"], out);
    required(section, "at_least", out);
    let at_least = limit(section, "at_least", head, out);
    let months = section.get("months").and_then(|v| whole_number(v, "guarantee.months", 1, 120, out));
    let until = section.get("until").and_then(|v| day_or_period(v, "guarantee.until", out));
    terms.guarantee = at_least.map(|at_least| Guarantee { at_least, months, until });
}

fn draw(root: Section, head: &Head, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "draw", out) else { return };
    let section = section.view();
    let known = ["amount", "recoverable", "recover_from", "recover_share", "until", "limit"];
    section.refuse_unknown_keys(&known, out);
    for key in ["amount", "recoverable"] {
        required(section, key, out);
    }
    let recoverable = section.get("recoverable").and_then(|value| {
        let read = value.get_ref().as_bool();
        if read.is_none() {
            wrong_type("plan.type.yes_no", value.get_ref(), "draw.recoverable", start(Some(value)), out);
        }
        read
    });
    let amount = money_key(section, "amount", head, out);
    let recover_from = section.get("recover_from").and_then(|v| day_or_period(v, "draw.recover_from", out));
    let recover_share =
        section.get("recover_share").map_or(Some(Decimal::ONE), |_| part_key(section, "recover_share", out));
    if recoverable == Some(false) {
        idle(section, &["recover_from", "recover_share", "limit"], "recoverable = false", out);
    }
    let until = section.get("until").and_then(|v| day_or_period(v, "draw.until", out));
    let limit = money_key(section, "limit", head, out);
    if let (Some(amount), Some(recoverable), Some(recover_share)) = (amount, recoverable, recover_share) {
        terms.draw = Some(Draw { amount, recoverable, recover_from, recover_share, until, limit });
    }
}

fn proration(root: Section, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "proration", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["by", "of", "leave", "fte", "plan_change"], out);
    required(section, "by", out);
    set(&mut terms.proration.by, one_of(section, "by", ProrateBy::ALL, ProrateBy::name, out));
    if section.get("of").is_some() {
        let list = texts(section, "of", out).unwrap_or_default();
        let allowed = ["base", "targets", "limits", "commissions"];
        for text in &list {
            if !allowed.contains(&text.as_str()) {
                let params = [("text", text.clone()), ("allowed", allowed.join(", "))];
                out.add("plan.unknown_value", "proration.of", start(section.get("of")), &params);
            }
        }
        let has = |part: &str| list.iter().any(|text| text == part);
        terms.proration.base = has("base");
        terms.proration.targets = has("targets");
        terms.proration.limits = has("limits");
        terms.proration.commissions = has("commissions");
    }
    let leave = [("excluded", false), ("counted", true)];
    set(&mut terms.proration.leave_counts, named(section, "leave", &leave, out));
    set(&mut terms.proration.fte_counts, named(section, "fte", &[("counted", true), ("ignored", false)], out));
    set(&mut terms.proration.plan_change, one_of(section, "plan_change", MidPeriod::ALL, MidPeriod::name, out));
}

fn rounding(root: Section, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "rounding", out) else { return };
    let section = section.view();
    let known = ["attainment", "points", "multiple", "base", "rate", "deal", "commission", "proration"];
    section.refuse_unknown_keys(&known, out);
    let mut stage = |key: &str| {
        let value = section.get(key)?;
        whole_number(value, &section.path_of(key), 0, DIGITS, out)
    };
    terms.rounding = Rounding {
        attainment: stage("attainment"),
        points: stage("points"),
        multiple: stage("multiple"),
        base: stage("base"),
        rate: stage("rate"),
        deal: stage("deal"),
        commission: stage("commission"),
        proration: stage("proration"),
    };
}

/// What refunds do; the answer is the part that older readers of a plan know.
pub(super) fn clawback(root: Section, terms: &mut Terms, out: &mut Findings) -> Option<Clawback> {
    let section = optional_section(root, "clawback", out)?;
    let section = section.view();
    section.refuse_unknown_keys(&["basis", "within_days", "share", "later"], out);
    required(section, "basis", out);
    let rule = one_of(section, "basis", RefundRule::ALL, RefundRule::name, out).flatten();
    let reaches_back = rule == Some(RefundRule::SalePeriod) || rule.is_none();
    let days = match section.get("within_days") {
        None if !reaches_back => None,
        _ => required(section, "within_days", out)
            .and_then(|value| whole_number(value, &section.path_of("within_days"), 1, 3660, out)),
    };
    if let Some(rule) = rule.filter(|_| !reaches_back) {
        idle(section, &["within_days", "share", "later"], &format!("basis = \"{}\"", rule.name()), out);
    }
    set(&mut terms.refunds.rule, Some(rule));
    terms.refunds.within_days = days;
    set(&mut terms.refunds.share, Some(part_key(section, "share", out)));
    let later = [("own-period", RefundRule::OwnPeriod), ("ignored", RefundRule::Ignored)];
    set(&mut terms.refunds.later, named(section, "later", &later, out));
    (rule? == RefundRule::SalePeriod).then_some(Clawback { basis: ClawbackBasis::SalePeriod, within_days: days? })
}
