//! Reading a plan file: TOML in, a plan or everything that is wrong with it out.
//!
//! Numbers are taken from the text of the file, never through a float. Every key that is not known is a finding, so
//! a misspelt rule cannot be silently without effect.

use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue};

use super::finding::{Findings, shortened};
use super::values::*;
use super::*;

const MAX_TEXT: usize = 200;

/// A table of the file with its place, so that what is missing can be pointed at.
#[derive(Clone, Copy)]
struct Section<'a, 'i> {
    table: &'a DeTable<'i>,
    path: &'a str,
    at: usize,
}

impl<'a, 'i> Section<'a, 'i> {
    fn get(&self, key: &str) -> Option<&'a Value<'i>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    fn refuse_unknown_keys(&self, known: &[&str], out: &mut Findings) {
        for (name, _) in self.table.iter() {
            let key = name.get_ref().as_ref();
            if !known.contains(&key) {
                let key = shortened(key);
                out.add("plan.unknown_key", &self.path_of(&key), Some(name.span().start), &[("key", key.clone())]);
            }
        }
    }
}

pub(super) fn plan(text: &str) -> Result<Plan, Vec<Finding>> {
    let mut out = Findings::of(text);
    if text.len() > MAX_BYTES {
        out.add("plan.too_large", "", None, &[("limit", MAX_BYTES.to_string())]);
        return Err(out.into_list());
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        out.add("plan.syntax", "", error.span().map(|s| s.start), &[("detail", error.message().to_string())]);
    }
    if !out.is_empty() {
        return Err(out.into_list());
    }
    let root = Section { table: document.get_ref(), path: "", at: 0 };
    match whole_plan(root, &mut out) {
        Some(plan) if out.is_empty() => Ok(plan),
        _ => Err(out.into_list()),
    }
}

/// `None` only together with a finding.
fn whole_plan(root: Section, out: &mut Findings) -> Option<Plan> {
    let known = [
        "format",
        "id",
        "name",
        "version",
        "position",
        "currency",
        "effective_from",
        "effective_until",
        "components",
        "score",
        "bands",
        "accelerators",
        "payout",
        "clawback",
    ];
    root.refuse_unknown_keys(&known, out);
    if let Some(value) = root.get("format") {
        match whole_number(value, "format", 0, u32::MAX, out) {
            Some(1) | None => {}
            Some(other) => {
                let at = Some(value.span().start);
                out.add("plan.unsupported_format", "format", at, &[("format", other.to_string())]);
            }
        }
    }
    let id = identifier(root, "id", out);
    let name = name(root, out);
    let version = required(root, "version", out).and_then(|v| whole_number(v, "version", 1, 1_000_000, out));
    let position = identifier(root, "position", out);
    let currency = currency(root, out);
    let effective_from = required(root, "effective_from", out).and_then(|v| date(v, "effective_from", out));
    let effective_until = root.get("effective_until").and_then(|v| date(v, "effective_until", out));
    if let (Some(from), Some(until)) = (effective_from, effective_until)
        && until <= from
    {
        let params = [("from", from.to_string()), ("until", until.to_string())];
        out.add("plan.until_not_after_from", "effective_until", start(root.get("effective_until")), &params);
    }
    let components = components(root, currency, out);
    let score = score(root, out);
    let bands = bands(root, out);
    let accelerators = accelerators(root, currency, out);
    let payout = payout_rule(root, out);
    let clawback = clawback(root, out);
    Some(Plan {
        id: id?,
        name: name?,
        version: version?,
        position: position?,
        currency,
        effective_from: effective_from?,
        effective_until,
        components,
        score,
        bands,
        accelerators,
        payout,
        clawback,
    })
}

fn components(root: Section, currency: Option<Currency>, out: &mut Findings) -> Vec<Component> {
    let Some(value) = required(root, "components", out) else { return Vec::new() };
    let before = out.count();
    let list = sections(value, "components", out, |section, out| component(section, currency, out));
    let Some(list) = list else { return Vec::new() };
    let at = Some(value.span().start);
    if list.is_empty() && out.count() == before {
        out.add("plan.no_components", "components", at, &[]);
        return Vec::new();
    }
    for (index, (component, at)) in list.iter().enumerate() {
        let Some(component) = component else { continue };
        let earlier =
            list.iter().take(index).position(|(c, _)| c.as_ref().is_some_and(|c| c.metric == component.metric));
        if let Some(first) = earlier {
            let params = [("metric", message_key(component.metric)), ("first", format!("components[{first}]"))];
            out.add("plan.duplicate_component", &format!("components[{index}].metric"), Some(*at), &params);
        }
    }
    let read: Vec<Component> = list.into_iter().map_while(|(component, _)| component).collect();
    // A sum over components that could not be read would only repeat their finding.
    if out.count() == before {
        let sum = read.iter().try_fold(Decimal::ZERO, |sum, component| sum.checked_add(component.weight));
        if sum != Some(Decimal::ONE_HUNDRED) {
            let sum = sum.map(|s| s.normalize().to_string()).unwrap_or_else(|| "…".to_string());
            out.add("plan.weights_not_100", "components", at, &[("sum", sum)]);
        }
    }
    read
}

fn component(section: Section, currency: Option<Currency>, out: &mut Findings) -> Option<Component> {
    section.refuse_unknown_keys(&["metric", "weight", "target", "cap", "floor", "without_data"], out);
    let metric = text_of(section, "metric", out).and_then(|text| {
        let known = metric_named(&text);
        if known.is_none() {
            let params = [("text", text), ("allowed", metric_names())];
            out.add("plan.unknown_metric", &section.path_of("metric"), start(section.get("metric")), &params);
        }
        known
    });
    let weight = required(section, "weight", out).and_then(|value| {
        let path = section.path_of("weight");
        let weight = number(value, &path, out)?;
        let negative = weight.is_sign_negative() && !weight.is_zero();
        if negative {
            out.add("plan.negative_weight", &path, start(Some(value)), &[("weight", weight.to_string())]);
        }
        (!negative).then_some(weight)
    });
    let target_value = required(section, "target", out);
    let target = match (metric, target_value) {
        (Some(metric), Some(value)) => target(value, metric, currency, &section.path_of("target"), out),
        _ => None,
    };
    let mut share = |key: &str| section.get(key).map(|value| percentage(value, &section.path_of(key), out));
    let (cap, floor) = (share("cap"), share("floor"));
    if let (Some(Some(cap)), Some(Some(floor))) = (cap, floor)
        && floor > cap
    {
        let params = [("floor", percent_text(floor)), ("cap", percent_text(cap))];
        out.add("plan.floor_above_cap", &section.path_of("floor"), start(section.get("floor")), &params);
    }
    let without_data = choice(section, "without_data", &[("no-payout", WithoutData::NoPayout)], out)
        .unwrap_or(Some(WithoutData::NoPayout));
    Some(Component {
        metric: metric?,
        weight: weight?,
        target: target?,
        cap: optional(cap)?,
        floor: optional(floor)?,
        without_data: without_data?,
    })
}

fn target(value: &Value, metric: Metric, currency: Option<Currency>, path: &str, out: &mut Findings) -> Option<Target> {
    if value.get_ref().as_str().is_some_and(|text| text.trim() == "goal") {
        return Some(Target::Goal);
    }
    let at = start(Some(value));
    let text = number_text(value, path, out)?;
    let constant = in_metric_unit(&text, metric, currency, path, at, out)?;
    if constant <= Decimal::ZERO {
        out.add("plan.target_not_positive", path, at, &[("text", text)]);
        return None;
    }
    Some(Target::Constant(constant))
}

fn score(root: Section, out: &mut Findings) -> ScoreRule {
    let Some(section) = optional_section(root, "score", out) else { return ScoreRule::default() };
    let section = section.view();
    section.refuse_unknown_keys(&["round"], out);
    let digits = section.get("round").and_then(|value| whole_number(value, "score.round", 0, DIGITS, out));
    digits.map_or(ScoreRule::default(), |digits| ScoreRule { digits })
}

fn bands(root: Section, out: &mut Findings) -> Vec<Band> {
    let Some(value) = required(root, "bands", out) else { return Vec::new() };
    let before = out.count();
    let Some(list) = sections(value, "bands", out, band) else { return Vec::new() };
    if list.is_empty() && out.count() == before {
        out.add("plan.no_bands", "bands", start(Some(value)), &[]);
    }
    for (index, pair) in list.windows(2).enumerate() {
        let [(Some(previous), _), (Some(band), at)] = pair else { continue };
        let path = format!("bands[{}].at_least", index + 1);
        let bound = ("bound", band.at_least.to_string());
        let earlier =
            list.iter().take(index + 1).position(|(b, _)| b.as_ref().is_some_and(|b| b.at_least == band.at_least));
        if let Some(first) = earlier {
            out.add("plan.bands_overlap", &path, Some(*at), &[bound, ("first", format!("bands[{first}]"))]);
        } else if band.at_least > previous.at_least {
            let params = [bound, ("previous", previous.at_least.to_string())];
            out.add("plan.bands_unsorted", &path, Some(*at), &params);
        }
    }
    list.into_iter().filter_map(|(band, _)| band).collect()
}

fn band(section: Section, out: &mut Findings) -> Option<Band> {
    section.refuse_unknown_keys(&["at_least", "multiple"], out);
    let at_least = required(section, "at_least", out).and_then(|v| number(v, &section.path_of("at_least"), out));
    let multiple = coefficient(section, "multiple", "plan.negative_multiple", out);
    Some(Band { at_least: at_least?, multiple: multiple? })
}

fn accelerators(root: Section, currency: Option<Currency>, out: &mut Findings) -> Vec<Accelerator> {
    let Some(value) = root.get("accelerators") else { return Vec::new() };
    let list = sections(value, "accelerators", out, |section, out| {
        section.refuse_unknown_keys(&["when", "factor"], out);
        let when = text_of(section, "when", out).and_then(|text| {
            let at = start(section.get("when"));
            condition(&text, currency, &section.path_of("when"), at, out)
        });
        let factor = coefficient(section, "factor", "plan.negative_factor", out);
        Some(Accelerator { when: when?, factor: factor? })
    });
    list.unwrap_or_default().into_iter().filter_map(|(accelerator, _)| accelerator).collect()
}

/// `attainment(new_customers) >= 120 %`
fn condition(
    text: &str,
    currency: Option<Currency>,
    path: &str,
    at: Option<usize>,
    out: &mut Findings,
) -> Option<Condition> {
    let parts = || {
        let (subject, rest) = text.split_once('(')?;
        let (metric, rest) = rest.split_once(')')?;
        let subject = match subject.trim() {
            "attainment" => Subject::Attainment,
            "actual" => Subject::Actual,
            _ => return None,
        };
        let rest = rest.trim_start();
        let signs = [
            (">=", Comparison::AtLeast),
            ("≥", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            ("≤", Comparison::AtMost),
            (">", Comparison::MoreThan),
            ("<", Comparison::LessThan),
        ];
        let (op, bound) = signs.iter().find_map(|(sign, op)| Some((*op, rest.strip_prefix(sign)?.trim())))?;
        Some((subject, metric.trim(), op, bound))
    };
    let Some((subject, metric, op, bound)) = parts() else {
        out.add("plan.invalid_condition", path, at, &[("text", text.to_string())]);
        return None;
    };
    let Some(metric) = metric_named(metric) else {
        let params = [("text", metric.to_string()), ("allowed", metric_names())];
        out.add("plan.unknown_metric", path, at, &params);
        return None;
    };
    let bound = match subject {
        Subject::Attainment => percentage_in(bound, path, at, out),
        Subject::Actual => in_metric_unit(bound, metric, currency, path, at, out),
    }?;
    Some(Condition { subject, metric, op, bound })
}

fn payout_rule(root: Section, out: &mut Findings) -> PayoutRule {
    let Some(section) = optional_section(root, "payout", out) else { return PayoutRule::default() };
    let section = section.view();
    section.refuse_unknown_keys(&["round"], out);
    let names = [("minor-unit", PayoutRounding::MinorUnit), ("whole-unit", PayoutRounding::WholeUnit)];
    PayoutRule { round: choice(section, "round", &names, out).flatten().unwrap_or_default() }
}

fn clawback(root: Section, out: &mut Findings) -> Option<Clawback> {
    let section = optional_section(root, "clawback", out)?;
    let section = section.view();
    section.refuse_unknown_keys(&["basis", "within_days"], out);
    required(section, "basis", out);
    let basis = choice(section, "basis", &[("sale-period", ClawbackBasis::SalePeriod)], out).flatten();
    let days = required(section, "within_days", out)
        .and_then(|value| whole_number(value, &section.path_of("within_days"), 1, 3660, out));
    Some(Clawback { basis: basis?, within_days: days? })
}

// Parts of a table.

fn name(root: Section, out: &mut Findings) -> Option<Name> {
    required(root, "name", out)?;
    let section = optional_section(root, "name", out)?;
    let section = section.view();
    section.refuse_unknown_keys(&["zh", "en"], out);
    let (zh, en) = (text_of(section, "zh", out), text_of(section, "en", out));
    Some(Name { zh: zh?, en: en? })
}

fn currency(root: Section, out: &mut Findings) -> Option<Currency> {
    root.get("currency")?;
    let text = text_of(root, "currency", out)?;
    let currency = text.parse().ok();
    if currency.is_none() {
        out.add("plan.invalid_currency", "currency", start(root.get("currency")), &[("text", text)]);
    }
    currency
}

fn required<'a, 'i>(section: Section<'a, 'i>, key: &str, out: &mut Findings) -> Option<&'a Value<'i>> {
    let value = section.get(key);
    if value.is_none() {
        out.add("plan.missing_key", &section.path_of(key), Some(section.at), &[("key", key.to_string())]);
    }
    value
}

/// A section that may be left out, with the path it is known by.
struct Named<'a, 'i> {
    table: &'a DeTable<'i>,
    path: String,
    at: usize,
}

impl<'i> Named<'_, 'i> {
    fn view(&self) -> Section<'_, 'i> {
        Section { table: self.table, path: &self.path, at: self.at }
    }
}

fn optional_section<'a, 'i>(section: Section<'a, 'i>, key: &str, out: &mut Findings) -> Option<Named<'a, 'i>> {
    let value = section.get(key)?;
    let path = section.path_of(key);
    match value.get_ref() {
        DeValue::Table(table) => Some(Named { table, path, at: value.span().start }),
        other => {
            wrong_type("plan.type.section", other, &path, start(Some(value)), out);
            None
        }
    }
}

/// Reads each table of a list; `None` when it is no list or too long. An element that could not be read is `None`
/// beside its offset, after a finding.
fn sections<T>(
    value: &Value,
    key: &str,
    out: &mut Findings,
    read: impl Fn(Section, &mut Findings) -> Option<T>,
) -> Option<Vec<(Option<T>, usize)>> {
    let at = start(Some(value));
    let DeValue::Array(list) = value.get_ref() else {
        wrong_type("plan.type.section_list", value.get_ref(), key, at, out);
        return None;
    };
    if list.len() > MAX_ENTRIES {
        let params = [("count", list.len().to_string()), ("limit", MAX_ENTRIES.to_string())];
        out.add(&format!("plan.too_many_{key}"), key, at, &params);
        return None;
    }
    let read_one = |(index, element): (usize, &Value)| {
        let path = format!("{key}[{index}]");
        let at = element.span().start;
        let one = match element.get_ref() {
            DeValue::Table(table) => read(Section { table, path: &path, at }, out),
            other => {
                wrong_type("plan.type.section", other, &path, Some(at), out);
                None
            }
        };
        (one, at)
    };
    Some(list.iter().enumerate().map(read_one).collect())
}

fn text_of(section: Section, key: &str, out: &mut Findings) -> Option<String> {
    let value = required(section, key, out)?;
    let (path, at) = (section.path_of(key), start(Some(value)));
    let Some(text) = value.get_ref().as_str() else {
        wrong_type("plan.type.text", value.get_ref(), &path, at, out);
        return None;
    };
    if text.trim().is_empty() {
        out.add("plan.empty_text", &path, at, &[]);
        return None;
    }
    if text.chars().count() > MAX_TEXT {
        out.add("plan.too_long", &path, at, &[("limit", MAX_TEXT.to_string())]);
        return None;
    }
    Some(text.trim().to_string())
}

fn identifier(section: Section, key: &str, out: &mut Findings) -> Option<String> {
    let text = text_of(section, key, out)?;
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(valid) {
        return Some(text);
    }
    out.add("plan.invalid_id", &section.path_of(key), start(section.get(key)), &[("text", text)]);
    None
}

/// Outer `None`: the key is absent. Inner `None`: a finding.
fn choice<T: Copy>(section: Section, key: &str, names: &[(&str, T)], out: &mut Findings) -> Option<Option<T>> {
    section.get(key)?;
    Some(text_of(section, key, out).and_then(|text| {
        let chosen = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let allowed = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let params = [("text", text), ("allowed", allowed)];
            out.add("plan.unknown_value", &section.path_of(key), start(section.get(key)), &params);
        }
        chosen
    }))
}

/// A multiple or factor: any decimal from 0.
fn coefficient(section: Section, key: &str, negative: &str, out: &mut Findings) -> Option<Decimal> {
    let value = required(section, key, out)?;
    let path = section.path_of(key);
    let read = number(value, &path, out)?;
    if read < Decimal::ZERO {
        out.add(negative, &path, start(Some(value)), &[(key, read.to_string())]);
        return None;
    }
    Some(read)
}

/// `Some(None)` for a key that is absent, `None` for one that could not be read.
fn optional<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(None) => None,
        Some(read) => Some(read),
    }
}
