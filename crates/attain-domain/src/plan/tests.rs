use proptest::prelude::*;

use super::*;

const SAMPLES: [&str; 3] = [
    include_str!("../../../../assets/sample/plans/new-business-v1.toml"),
    include_str!("../../../../assets/sample/plans/new-business-v2.toml"),
    include_str!("../../../../assets/sample/plans/account-manager.toml"),
];

fn codes(text: &str) -> Vec<String> {
    Plan::parse(text).unwrap_err().into_iter().map(|finding| format!("{} {}", finding.code, finding.path)).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_sample_plans_are_read() {
    let plans = SAMPLES.map(|text| Plan::parse(text).unwrap());
    let weights = |plan: &Plan| plan.components.iter().map(|c| c.weight.to_string()).collect::<Vec<_>>().join("/");
    assert_eq!(plans.each_ref().map(weights), ["50/30/20", "40/30/30", "40/30/30"]);
    let v2 = &plans[1];
    assert_eq!((v2.id.as_str(), v2.version, v2.effective_from), ("new-business", 2, day("2026-04-01")));
    assert_eq!(v2.components[2].target, Target::Constant(Decimal::ONE));
    assert_eq!(v2.components[0].target, Target::Goal);
    assert_eq!(v2.accelerators[0].when.bound, "1.2".parse().unwrap());
    assert_eq!(v2.score.digits, 2);
    assert_eq!(v2.clawback, Some(Clawback { basis: ClawbackBasis::SalePeriod, within_days: 90 }));
    for plan in &plans {
        let json = serde_json::to_string(plan).unwrap();
        assert_eq!(&serde_json::from_str::<Plan>(&json).unwrap(), plan);
    }
}

#[test]
fn the_plan_in_force_is_the_one_that_began_last() {
    let mut plans = SAMPLES.map(|text| Plan::parse(text).unwrap());
    let version = |plans: &[Plan], position, on| in_force(plans, position, day(on)).map(|plan| plan.version);
    for (position, on, expected) in [
        ("new_business", "2024-12-31", None),
        ("new_business", "2025-01-01", Some(1)),
        ("new_business", "2026-03-31", Some(1)),
        ("new_business", "2026-04-01", Some(2)),
        ("account_manager", "2026-08-31", Some(1)),
        ("team_lead", "2026-08-31", None),
    ] {
        assert_eq!(version(&plans, position, on), expected, "{position} {on}");
    }
    plans[1].effective_until = Some(day("2026-10-01"));
    assert_eq!(version(&plans, "new_business", "2026-09-30"), Some(2));
    assert_eq!(version(&plans, "new_business", "2026-10-01"), Some(1));
}

fn tiered(rows: &str) -> String {
    format!("[[commissions]]\nid = \"a\"\nof = \"deals\"\nmethod = \"marginal\"\ntiers = [{rows}]\n")
}

/// Each change to the new-business plan, and all that is then found.
#[test]
fn every_fault_has_its_own_code_and_place() {
    let v2 = SAMPLES[1];
    let plus = |text: &str| format!("{v2}\n{text}\n");
    let cases: Vec<(String, &[&str])> = vec![
        (v2.replace("weight = 40", "weight = 41"), &["plan.weights_not_100 components"]),
        (v2.replace("weight = 40", "weight = \"39.999999\""), &["plan.weights_not_100 components"]),
        (v2.replace("weight = 40", "weight = -40"), &["plan.negative_weight components[0].weight"]),
        (v2.replace("weight = 40", "weight = 1e2"), &["plan.not_a_number components[0].weight"]),
        (v2.replace("weight = 40", "weight = nan"), &["plan.not_a_number components[0].weight"]),
        (v2.replace("weight = 40", "weight = 40.0000001"), &["plan.too_precise components[0].weight"]),
        (v2.replace("weight = 40", "weight = 9999999999999"), &["plan.number_out_of_range components[0].weight"]),
        (v2.replace("weight = 40", "weight = true"), &["plan.wrong_type components[0].weight"]),
        (v2.replace("weight = 40", ""), &["plan.missing_key components[0].weight"]),
        (v2.replace("\"sales_amount\"", "\"revenue\""), &["plan.unknown_metric components[1].metric"]),
        (v2.replace("\"sales_amount\"", "\"new_customers\""), &["plan.duplicate_component components[1].metric"]),
        (v2.replace("\"100 %\"\ncap", "1\ncap"), &["plan.percentage_needed components[2].target"]),
        (v2.replacen("\"goal\"", "\"120 %\"", 1), &["plan.percentage_not_allowed components[0].target"]),
        (v2.replacen("\"goal\"", "0", 1), &["plan.target_not_positive components[0].target"]),
        (v2.replacen("\"goal\"", "10.5", 1), &["plan.too_precise components[0].target"]),
        (v2.replacen("\"goal\"", "\"ten\"", 1), &["plan.not_a_number components[0].target"]),
        (v2.replacen("\"goal\"", "[1]", 1), &["plan.wrong_type components[0].target"]),
        (v2.replacen("cap = \"100 %\"", "cap = 100", 1), &["plan.percentage_needed components[0].cap"]),
        (v2.replacen("cap = \"100 %\"", "cap = \"-1 %\"", 1), &["plan.number_out_of_range components[0].cap"]),
        (
            v2.replacen("cap = \"100 %\"", "cap = \"50 %\"\nfloor = \"60 %\"", 1),
            &["plan.floor_above_cap components[0].floor"],
        ),
        (
            v2.replacen("cap = \"100 %\"", "without_data = \"zero\"", 1),
            &["plan.unknown_value components[0].without_data"],
        ),
        (v2.replace("at_least = 95", "at_least = 80"), &["plan.bands_unsorted bands[1].at_least"]),
        (v2.replace("at_least = 70", "at_least = 85.0"), &["plan.bands_overlap bands[2].at_least"]),
        (v2.replace("multiple = 1.25", "multiple = -1"), &["plan.negative_multiple bands[0].multiple"]),
        (v2.replace("factor = 1.20", "factor = -1"), &["plan.negative_factor accelerators[0].factor"]),
        (v2.replace(">= 120 %", "== 120 %"), &["plan.invalid_condition accelerators[0].when"]),
        (v2.replace(">= 120 %", ">= 120"), &["plan.percentage_needed accelerators[0].when"]),
        (v2.replace("attainment(", "pace("), &["plan.invalid_condition accelerators[0].when"]),
        (v2.replace("(new_customers)", "(x)"), &["plan.unknown_metric accelerators[0].when"]),
        (
            v2.replace("attainment(new_customers) >= 120 %", "actual(sales_amount) >= 12 %"),
            &["plan.percentage_not_allowed accelerators[0].when"],
        ),
        (
            v2.replace("attainment(new_customers) >= 120 %", "actual(sales_amount) >= 12").replace("currency =", "#"),
            &["plan.currency_needed accelerators[0].when"],
        ),
        (v2.replace("currency = \"CNY\"", "currency = \"yuan\""), &["plan.invalid_currency currency"]),
        (v2.replace("2026-04-01", "\"2026-04-01\""), &["plan.wrong_type effective_from"]),
        (v2.replace("2026-04-01", "2026-04-01T08:00:00"), &["plan.invalid_date effective_from"]),
        (
            v2.replace("2026-04-01", "2026-04-01\neffective_until = 2026-04-01"),
            &["plan.until_not_after_from effective_until"],
        ),
        (v2.replace("version = 2", "version = 2\nformat = 2"), &["plan.unsupported_format format"]),
        (v2.replace("version = 2", "version = 0"), &["plan.number_out_of_range version"]),
        (v2.replace("version = 2", "version = 2.0"), &["plan.wrong_type version"]),
        (v2.replace("id = \"new-business\"", "id = \"New Business\""), &["plan.invalid_id id"]),
        (v2.replace("\"New-business plan\"", "\" \""), &["plan.empty_text name.en"]),
        (v2.replace("New-business plan", &"n".repeat(201)), &["plan.too_long name.en"]),
        (v2.replace("within_days = 90", "within_days = 0"), &["plan.number_out_of_range clawback.within_days"]),
        (
            v2.replace("within_days", "within_day"),
            &["plan.unknown_key clawback.within_day", "plan.missing_key clawback.within_days"],
        ),
        (plus("[score]\nround = 7"), &["plan.number_out_of_range score.round"]),
        (plus("[payout]\nround = \"up\""), &["plan.unknown_value payout.round"]),
        (plus("[payuot]\nround = \"minor-unit\""), &["plan.unknown_key payuot"]),
        (plus("[[gates]]\nwhen = \"x\""), &["plan.invalid_condition gates[0].when"]),
        (plus("[[metrics]]\nid = \"new_customers\"\nunit = \"count\""), &["plan.duplicate_metric metrics[0].id"]),
        (plus("[payout]\ncap = -5"), &["plan.negative_amount payout.cap"]),
        (plus("[base]\nof = \"per-unit\"\namount = 5"), &["plan.key_needed base.metric"]),
        (
            plus(&tiered("{ from = 5, rate = \"1 %\" }, { from = 0, rate = \"2 %\" }")),
            &["plan.tiers_unsorted commissions[0].tiers[1].from"],
        ),
        (
            plus(&tiered("{ from = 5, rate = \"1 %\" }, { from = 5, rate = \"2 %\" }")),
            &["plan.tiers_overlap commissions[0].tiers[1].from"],
        ),
        (plus(&tiered("{ from = 0, rate = \"1 %\", amount = 5 }")), &["plan.tier_pays_one commissions[0].tiers[0]"]),
        (
            plus(&tiered("{ from = 0, rate = \"1 %\" }, { from = 5, amount = 2 }")),
            &["plan.tiers_mixed commissions[0].tiers"],
        ),
        (plus(&tiered("{ from = 0, factor = 1 }")), &["plan.key_needed commissions[0].rates"]),
        (plus(&tiered("")), &["plan.no_tiers commissions[0]"]),
        (
            plus(&format!("{}attainment_of = \"new_customers\"\n", tiered("{ from = 0, rate = \"1 %\" }"))),
            &["plan.other_attainment commissions[0].attainment_of"],
        ),
        (
            plus("[[commissions]]\nid = \"a\"\nof = \"deals\"\nrates = [{ rate = \"1 %\" }, { rate = \"2 %\" }]"),
            &["plan.rates_overlap commissions[0].rates[1]"],
        ),
        (
            plus(&"[[commissions]]\nid = \"a\"\nof = \"deals\"\nrate = \"1 %\"\n".repeat(2)),
            &["plan.duplicate_commission commissions[1].id"],
        ),
        (
            plus("[[commissions]]\nid = \"a\"\nof = \"deals\"\ntiers = [{ from = 1, rate = \"1 %\" }]"),
            &["plan.key_needed commissions[0].method"],
        ),
        // What is stated and says nothing.
        (
            plus(&format!("{}rate = \"5 %\"\n", tiered("{ from = 0, rate = \"1 %\" }"))),
            &["plan.key_idle commissions[0].rate"],
        ),
        (
            plus(
                "[[commissions]]\nid = \"a\"\nof = \"sales_amount\"\nrate = \"1 %\"\nmethod = \"whole\"\nproducts = [\"p\"]",
            ),
            &["plan.key_idle commissions[0].products", "plan.key_idle commissions[0].method"],
        ),
        (plus("[score]\npays = \"score\""), &["plan.key_idle bands"]),
        (v2.replace("\"sale-period\"", "\"own-period\""), &["plan.key_idle clawback.within_days"]),
        (plus("[draw]\namount = 5\nrecoverable = false\nlimit = 9"), &["plan.key_idle draw.limit"]),
        (plus("[[commissions]]\nid = \"a\"\nof = \"deals\"\nper_unit = 5"), &["plan.per_unit_of_money commissions[0]"]),
        (plus("[payout]\ncap = 5\nfloor = 6"), &["plan.floor_above_cap payout.floor"]),
        (
            plus("[[gates]]\nwhen = \"score >= 80\"\notherwise = \"150 %\""),
            &["plan.number_out_of_range gates[0].otherwise"],
        ),
        (plus(&"[[metrics]]\n".repeat(MAX_ENTRIES + 1)), &["plan.too_many metrics"]),
        (v2.replacen("metric =", "metric", 1), &["plan.syntax "]),
        (plus(&format!("x = 1\n{}", "# \n".repeat(MAX_BYTES / 3))), &["plan.too_large "]),
        (plus(&"[[components]]\n".repeat(MAX_ENTRIES)), &["plan.too_many components"]),
        (plus(&"[[bands]]\n".repeat(MAX_ENTRIES)), &["plan.too_many bands"]),
        (plus(&"[[accelerators]]\n".repeat(MAX_ENTRIES)), &["plan.too_many accelerators"]),
    ];
    for (text, expected) in &cases {
        assert_ne!(text, v2);
        assert_eq!(codes(text), *expected, "{text:.2000}");
    }
    assert_eq!(
        codes(""),
        [
            "plan.missing_key id",
            "plan.missing_key name",
            "plan.missing_key version",
            "plan.missing_key position",
            "plan.missing_key effective_from",
            "plan.missing_key components",
            "plan.missing_key bands",
        ]
    );
    let empty = "id='a'\nname={zh='a',en='a'}\nversion=1\nposition='a'\neffective_from=2026-01-01\n";
    let lists = format!("{empty}components=[]\nbands=[]\n");
    assert_eq!(codes(&lists), ["plan.no_components components", "plan.no_bands bands"]);

    let mut produced: Vec<String> =
        cases.iter().flat_map(|(text, _)| Plan::parse(text).unwrap_err()).map(|f| f.code).collect();
    produced.extend(Plan::parse(&lists).unwrap_err().into_iter().map(|f| f.code));
    produced.push("plan.more_findings".into());
    for (code, _) in FINDING_CODES {
        assert!(produced.iter().any(|made| made == code), "no case for {code}");
    }
}

#[test]
fn a_finding_names_its_line_and_values() {
    let text = SAMPLES[1].replace("weight = 40", "weight = -40");
    let line = text.lines().position(|line| line == "weight = -40").unwrap() as u32 + 1;
    let findings = Plan::parse(&text).unwrap_err();
    assert_eq!(findings[0].line, Some(line));
    assert_eq!(findings[0].params, [("weight".to_string(), "-40".to_string())]);
    let missing = Plan::parse(&SAMPLES[1].replace("weight = 40", "")).unwrap_err();
    let header = SAMPLES[1].lines().position(|line| line == "[[components]]").unwrap() as u32 + 1;
    assert_eq!(missing[0].line, Some(header));
    let many = format!("{}\n{}", SAMPLES[1], (0..300).map(|n| format!("[x{n}]\n")).collect::<String>());
    let many = Plan::parse(&many).unwrap_err();
    assert_eq!(many.len(), 201);
    assert_eq!(many[200].params, [("count".to_string(), "100".to_string())]);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    for (written, expected) in
        [("40", "40"), ("\"40\"", "40"), ("40.0", "40"), ("4_0", "40"), ("+40", "40"), ("\"40.000000000\"", "40")]
    {
        let plan = Plan::parse(&SAMPLES[1].replace("weight = 40", &format!("weight = {written}"))).unwrap();
        assert_eq!(plan.components[0].weight, expected.parse().unwrap(), "{written}");
    }
    for (written, expected) in [("\"330000\"", "330000"), ("330000.5", "330000.5"), ("\"330,000.00\"", "330000")] {
        let text = SAMPLES[1].replacen("30\ntarget = \"goal\"", &format!("30\ntarget = {written}"), 1);
        assert_eq!(Plan::parse(&text).unwrap().components[1].target, Target::Constant(expected.parse().unwrap()));
    }
    for (written, op, bound) in [
        ("attainment(new_customers)≥120%", Comparison::AtLeast, "1.2"),
        (" attainment ( new_customers ) > 99.95 ％", Comparison::MoreThan, "0.9995"),
        ("actual(new_customers) <= 12", Comparison::AtMost, "12"),
        ("actual(teamwork_score) < 4.25", Comparison::LessThan, "4.25"),
        ("actual(sales_amount) ≤ 12,000.50", Comparison::AtMost, "12000.5"),
    ] {
        let text = SAMPLES[1].replace("attainment(new_customers) >= 120 %", written);
        let when = Plan::parse(&text).unwrap().accelerators[0].when.clone();
        assert_eq!((when.op, when.bound), (op, bound.parse().unwrap()), "{written}");
    }
    let windows = format!("\u{feff}{}", SAMPLES[1].replace('\n', "\r\n"));
    assert_eq!(Plan::parse(&windows), Plan::parse(SAMPLES[1]));
}

#[test]
fn the_description_shows_a_plan_and_every_code() {
    let described = include_str!("../../../../docs/plan-language.md");
    let example = described.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(Plan::parse(example), Plan::parse(SAMPLES[1]));
    for (code, _) in FINDING_CODES {
        assert!(described.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn hostile_nesting_is_a_finding() {
    for text in ["a.".repeat(300_000) + "a = 1", "a = ".to_string() + &"[".repeat(900_000), "[".repeat(900_000)] {
        assert!(Plan::parse(&text).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_a_plan_or_findings(text in ".{0,400}") {
        prop_assert!(Plan::parse(&text).is_err_and(|findings| !findings.is_empty()));
    }

    #[test]
    fn any_bytes_are_a_plan_or_findings(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Plan::parse(&String::from_utf8_lossy(&bytes)).is_err_and(|findings| !findings.is_empty()));
    }

    /// Samples with pieces cut out, doubled, or replaced by fragments of the language.
    #[test]
    fn a_mutated_plan_never_panics(
        sample in 0usize..3,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, 0usize..FRAGMENTS.len() + 2), 1..8),
    ) {
        let mut text: Vec<char> = SAMPLES[sample].chars().collect();
        for (at, length, what) in edits {
            let from = at.index(text.len().max(1)).min(text.len());
            let to = (from + length).min(text.len());
            let cut: String = text[from..to].iter().collect();
            let put = match what {
                0 => String::new(),
                1 => cut.repeat(3),
                other => FRAGMENTS[other - 2].to_string(),
            };
            text.splice(from..to, put.chars());
        }
        let text: String = text.into_iter().collect();
        match Plan::parse(&text) {
            Ok(plan) => prop_assert!(!plan.terms().components.is_empty() || !plan.terms().commissions.is_empty()),
            Err(findings) => {
                prop_assert!(!findings.is_empty());
                for finding in findings {
                    let (_, params) = FINDING_CODES.iter().find(|(code, _)| *code == finding.code).unwrap();
                    prop_assert_eq!(finding.params.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), *params);
                }
            }
        }
    }
}

const FRAGMENTS: &[&str] = &[
    "\"",
    "=",
    "[",
    "]]",
    "{",
    "\n",
    "-",
    "1e9",
    "0x1F",
    "9999999999999999999999",
    "0.00000000000000000000000000001",
    "%",
    "\"100 %\"",
    "nan",
    "-inf",
    "2026-02-30",
    "2026-04-01",
    "true",
    "[[components]]\n",
    "[[bands]]\n",
    "é中\u{0}",
    "actual(",
    ")",
    ">=",
    "sales_amount",
    "goal",
    "weight = 1\n",
    "a.b.c = 1\n",
];

/// Placeholders `{name}` of a text, sorted.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_string()).collect();
    names.sort();
    names
}

/// Every text named here exists in both languages with exactly these placeholders.
pub(crate) fn assert_texts<'a>(codes: impl Iterator<Item = (&'a str, Vec<&'a str>)>) {
    let files = [include_str!("../../../../ui/messages/zh-CN.json"), include_str!("../../../../ui/messages/en.json")];
    let files = files.map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    for (code, mut params) in codes {
        params.sort();
        for texts in &files {
            let text = texts[code].as_str().unwrap_or_else(|| panic!("no text for {code}"));
            assert_eq!(placeholders(text), params, "{code}: {text}");
        }
    }
}

#[test]
fn every_finding_has_a_text_in_both_languages() {
    assert_texts(FINDING_CODES.iter().map(|(code, params)| (*code, params.to_vec())));
    assert_texts(TYPE_NAMES.iter().map(|key| (*key, Vec::new())));
    assert_texts(Metric::ALL.iter().map(|metric| (metric_key(*metric), Vec::new())));
}

fn metric_key(metric: Metric) -> &'static str {
    match metric {
        Metric::SalesAmount => "metric.sales_amount",
        Metric::NewCustomers => "metric.new_customers",
        Metric::RetentionRate => "metric.retention_rate",
        Metric::RepurchaseRate => "metric.repurchase_rate",
        Metric::GrossMargin => "metric.gross_margin",
        Metric::TeamworkScore => "metric.teamwork_score",
    }
}
