//! Reading a plan file: TOML in, a plan or everything that is wrong with it out.
//!
//! Numbers are taken from the text of the file, never through a float. Every key that is not known is a finding, so
//! a misspelt rule cannot be silently without effect.

use rust_decimal::Decimal;
use toml::de::DeTable;

use super::finding::Findings;
use super::section::*;
use super::values::*;
use super::*;

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

/// What the parts of a file are read against.
pub(super) struct Head {
    pub(super) currency: Option<Currency>,
    /// Metrics the plan declares.
    pub(super) own: Vec<Measure>,
}

impl Head {
    /// The measure a key names.
    pub(super) fn measure(&self, section: Section, key: &str, out: &mut Findings) -> Option<Measure> {
        let text = text_of(section, key, out)?;
        let known = measure_named(&text, &self.own);
        if known.is_none() {
            let params = [("text", text), ("allowed", measure_names(&self.own))];
            out.add("plan.unknown_metric", &section.path_of(key), start(section.get(key)), &params);
        }
        known
    }
}

const KEYS: [&str; 25] = [
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
    "period",
    "metrics",
    "gates",
    "base",
    "deals",
    "commissions",
    "quarter_multipliers",
    "guarantee",
    "draw",
    "proration",
    "rounding",
];

/// `None` only together with a finding.
fn whole_plan(root: Section, out: &mut Findings) -> Option<Plan> {
    root.refuse_unknown_keys(&KEYS, out);
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
    let head = Head { currency, own: read_terms::metrics(root, out) };
    let alone = root.get("commissions").is_some();
    let components = match (root.get("components"), alone) {
        (None, true) => Vec::new(),
        _ => components(root, &head, out),
    };
    let mut terms = Terms { metrics: head.own.clone(), ..Terms::default() };
    score(root, &mut terms, out);
    if root.get("bands").is_some() || !(terms.pays == ScorePays::Score || alone && root.get("components").is_none()) {
        terms.bands = bands(root, out);
    }
    if terms.pays == ScorePays::Score {
        read_terms::idle(root, &["bands"], "pays = \"score\"", out);
    }
    terms.components = components;
    terms.accelerators = factors(root, "accelerators", &head, out);
    read_terms::read(root, &head, &mut terms, out);
    let clawback = read_terms::clawback(root, &mut terms, out);
    if out.is_empty() {
        read_terms::check(root, &terms, out);
    }
    let plain = |when: &When| match &when.looked {
        Looked::Attainment(m) => Some((Subject::Attainment, m.metric()?)),
        Looked::Actual(m) => Some((Subject::Actual, m.metric()?)),
        Looked::Score => None,
    };
    let mut plan = Plan {
        id: id?,
        name: name?,
        version: version?,
        position: position?,
        currency,
        effective_from: effective_from?,
        effective_until,
        components: terms
            .components
            .iter()
            .filter_map(|c| {
                let (weight, cap, floor) = (c.weight, c.cap, c.floor);
                let (metric, target) = (c.measure.metric()?, c.target?);
                Some(Component { metric, weight, target, cap, floor, without_data: WithoutData::NoPayout })
            })
            .collect(),
        score: ScoreRule { digits: terms.digits },
        bands: terms.bands.clone(),
        accelerators: terms
            .accelerators
            .iter()
            .filter_map(|a| {
                let (subject, metric) = plain(&a.when)?;
                let when = Condition { subject, metric, op: a.when.op, bound: a.when.bound };
                Some(Accelerator { when, factor: a.factor })
            })
            .collect(),
        payout: PayoutRule { round: terms.round },
        clawback,
        terms: None,
    };
    if *plan.terms() != terms {
        plan.terms = Some(Box::new(terms));
    }
    Some(plan)
}

fn components(root: Section, head: &Head, out: &mut Findings) -> Vec<Scored> {
    let Some(value) = required(root, "components", out) else { return Vec::new() };
    let before = out.count();
    let list = sections(value, "components", out, |section, out| component(section, head, out));
    let Some(list) = list else { return Vec::new() };
    let at = Some(value.span().start);
    if list.is_empty() && out.count() == before {
        out.add("plan.no_components", "components", at, &[]);
        return Vec::new();
    }
    for (index, (component, at)) in list.iter().enumerate() {
        let Some(component) = component else { continue };
        let earlier =
            list.iter().take(index).position(|(c, _)| c.as_ref().is_some_and(|c| c.measure == component.measure));
        if let Some(first) = earlier {
            let params = [("metric", component.measure.spoken()), ("first", format!("components[{first}]"))];
            out.add("plan.duplicate_component", &format!("components[{index}].metric"), Some(*at), &params);
        }
    }
    let read: Vec<Scored> = list.into_iter().map_while(|(component, _)| component).collect();
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

fn component(section: Section, head: &Head, out: &mut Findings) -> Option<Scored> {
    let known =
        ["metric", "weight", "target", "cap", "floor", "without_data", "scoring", "of", "table", "boundary", "below"];
    section.refuse_unknown_keys(&known, out);
    let measure = head.measure(section, "metric", out);
    let weight = required(section, "weight", out).and_then(|value| {
        let path = section.path_of("weight");
        let weight = number(value, &path, out)?;
        let negative = weight.is_sign_negative() && !weight.is_zero();
        if negative {
            out.add("plan.negative_weight", &path, start(Some(value)), &[("weight", weight.to_string())]);
        }
        (!negative).then_some(weight)
    });
    let of_actual = named::<bool>(section, "of", &[("attainment", false), ("actual", true)], out)?.unwrap_or(false);
    let target = if of_actual {
        Some(None)
    } else {
        let value = required(section, "target", out);
        match (&measure, value) {
            (Some(measure), Some(value)) => {
                target(value, measure, head.currency, &section.path_of("target"), out).map(Some)
            }
            _ => None,
        }
    };
    let mut share = |key: &str| section.get(key).map(|value| percentage(value, &section.path_of(key), out));
    let (cap, floor) = (share("cap"), share("floor"));
    if let (Some(Some(cap)), Some(Some(floor))) = (cap, floor)
        && floor > cap
    {
        let params = [("floor", percent_text(floor)), ("cap", percent_text(cap))];
        out.add("plan.floor_above_cap", &section.path_of("floor"), start(section.get("floor")), &params);
    }
    choice(section, "without_data", &[("no-payout", WithoutData::NoPayout)], out)
        .unwrap_or(Some(WithoutData::NoPayout))?;
    let scoring = one_of(section, "scoring", Scoring::ALL, Scoring::name, out)?.unwrap_or(Scoring::Linear);
    let boundary = one_of(section, "boundary", Boundary::ALL, Boundary::name, out)?.unwrap_or(Boundary::Upper);
    let below_first = named::<bool>(section, "below", &[("nothing", false), ("first", true)], out)?.unwrap_or(false);
    let (measure, weight, target) = (measure?, weight?, target?);
    let table = read_terms::table(section, &measure, of_actual, head.currency, out)?;
    let needs = matches!(scoring, Scoring::Steps | Scoring::Interpolated);
    if needs && table.is_empty() || of_actual && !needs {
        let other = if needs { format!("scoring = \"{}\"", scoring.name()) } else { "of = \"actual\"".into() };
        let key = if needs { "table" } else { "scoring" };
        read_terms::key_needed(section, key, &other, out);
        return None;
    }
    if !needs && !table.is_empty() {
        read_terms::key_needed(section, "scoring", "table", out);
        return None;
    }
    if scoring != Scoring::Steps {
        read_terms::idle(section, &["boundary"], &format!("scoring = \"{}\"", scoring.name()), out);
    }
    if !needs {
        read_terms::idle(section, &["below"], &format!("scoring = \"{}\"", scoring.name()), out);
    }
    let (cap, floor) = (optional(cap)?, optional(floor)?);
    Some(Scored { measure, weight, target, cap, floor, scoring, table, boundary, below_first })
}

pub(super) fn target(
    value: &Value,
    measure: &Measure,
    currency: Option<Currency>,
    path: &str,
    out: &mut Findings,
) -> Option<Target> {
    if value.get_ref().as_str().is_some_and(|text| text.trim() == "goal") {
        return Some(Target::Goal);
    }
    let at = start(Some(value));
    let text = number_text(value, path, out)?;
    let constant = in_metric_unit(&text, measure, currency, path, at, out)?;
    if constant <= Decimal::ZERO {
        out.add("plan.target_not_positive", path, at, &[("text", text)]);
        return None;
    }
    Some(Target::Constant(constant))
}

fn score(root: Section, terms: &mut Terms, out: &mut Findings) {
    let Some(section) = optional_section(root, "score", out) else { return };
    let section = section.view();
    section.refuse_unknown_keys(&["round", "pays", "boundary"], out);
    if let Some(digits) = section.get("round").and_then(|value| whole_number(value, "score.round", 0, DIGITS, out)) {
        terms.digits = digits;
    }
    set(&mut terms.pays, one_of(section, "pays", ScorePays::ALL, ScorePays::name, out));
    set(&mut terms.boundary, one_of(section, "boundary", Boundary::ALL, Boundary::name, out));
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

/// Accelerators, or gates: what stays while a condition does not hold.
pub(super) fn factors(root: Section, key: &str, head: &Head, out: &mut Findings) -> Vec<Factor> {
    let Some(value) = root.get(key) else { return Vec::new() };
    let gates = key == "gates";
    let list = sections(value, key, out, |section, out| {
        section.refuse_unknown_keys(if gates { &["when", "otherwise", "of"] } else { &["when", "factor", "of"] }, out);
        let when = text_of(section, "when", out).and_then(|text| {
            let at = start(section.get("when"));
            condition(&text, head, &section.path_of("when"), at, out)
        });
        let of = one_of(section, "of", Part::ALL, Part::name, out)?.unwrap_or(Part::All);
        if gates {
            let kept = section.get("otherwise").map(|_| read_terms::part_key(section, "otherwise", out));
            let otherwise = optional(kept)?.unwrap_or(Decimal::ZERO);
            return Some(Factor { when: when?, factor: Decimal::ONE, otherwise, of });
        }
        let factor = coefficient(section, "factor", "plan.negative_factor", out);
        Some(Factor { when: when?, factor: factor?, otherwise: Decimal::ONE, of })
    });
    list.unwrap_or_default().into_iter().filter_map(|(factor, _)| factor).collect()
}

/// `attainment(new_customers) >= 120 %`, `actual(retention_rate) >= 90 %`, `score >= 80`
fn condition(text: &str, head: &Head, path: &str, at: Option<usize>, out: &mut Findings) -> Option<When> {
    let parts = || {
        let (subject, metric, rest) = match text.trim_start().strip_prefix("score") {
            Some(rest) => ("score", "", rest),
            None => {
                let (subject, rest) = text.split_once('(')?;
                let (metric, rest) = rest.split_once(')')?;
                (subject.trim(), metric.trim(), rest)
            }
        };
        if !["score", "attainment", "actual"].contains(&subject) {
            return None;
        }
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
        Some((subject, metric, op, bound))
    };
    let Some((subject, metric, op, bound)) = parts() else {
        out.add("plan.invalid_condition", path, at, &[("text", text.to_string())]);
        return None;
    };
    if subject == "score" {
        let bound = decimal(bound, DIGITS, path, at, out)?;
        return Some(When { looked: Looked::Score, op, bound });
    }
    let Some(measure) = measure_named(metric, &head.own) else {
        let params = [("text", metric.to_string()), ("allowed", measure_names(&head.own))];
        out.add("plan.unknown_metric", path, at, &params);
        return None;
    };
    Some(if subject == "attainment" {
        When { looked: Looked::Attainment(measure), op, bound: percentage_in(bound, path, at, out)? }
    } else {
        let bound = in_metric_unit(bound, &measure, head.currency, path, at, out)?;
        When { looked: Looked::Actual(measure), op, bound }
    })
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
