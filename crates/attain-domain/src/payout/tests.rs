use proptest::prelude::*;

use super::*;
use crate::plan::tests::assert_texts;

const V1: &str = include_str!("../../../../assets/sample/plans/new-business-v1.toml");
const V2: &str = include_str!("../../../../assets/sample/plans/new-business-v2.toml");
const ACCOUNTS: &str = include_str!("../../../../assets/sample/plans/account-manager.toml");

use Metric::{NewCustomers, RepurchaseRate, RetentionRate, SalesAmount};

fn plan(text: &str) -> Plan {
    Plan::parse(text).unwrap()
}

/// `(metric, actual num, actual den, goal)`, amounts in 分, ratio goals in millionths.
type Row = (Metric, i64, i64, Option<i64>);

fn inputs(base: Option<i64>, rows: &[Row]) -> Inputs {
    let metrics = rows
        .iter()
        .map(|(metric, num, den, target)| {
            (*metric, MetricInput { actual: Some(Figure { num: *num, den: *den }), target: *target })
        })
        .collect();
    Inputs {
        person: "zhang-san".into(),
        period: "2026-08".parse().unwrap(),
        currency: Currency::CNY,
        base_salary: base.map(|yuan| Money::new(yuan * 100, Currency::CNY)),
        metrics,
        record: None,
        exception: None,
    }
}

fn hunter(base: i64, new: (i64, i64), sales: (i64, i64), kept: (i64, i64)) -> Inputs {
    inputs(
        Some(base),
        &[
            (NewCustomers, new.0, 1, Some(new.1)),
            (SalesAmount, sales.0 * 100, 1, Some(sales.1 * 100)),
            (RetentionRate, kept.0, kept.1, None),
        ],
    )
}

fn sun_li() -> Inputs {
    inputs(
        Some(9_000),
        &[
            (RetentionRate, 46, 50, None),
            (RepurchaseRate, 48, 100, Some(500_000)),
            (SalesAmount, 10_100_000, 1, Some(10_000_000)),
        ],
    )
}

fn check(plan: &Plan, inputs: &Inputs) -> (String, String) {
    let paid = payout(plan, inputs).unwrap();
    assert_eq!(recompute(&paid.derivation), paid.amount);
    let json = serde_json::to_string(&paid).unwrap();
    let back: Payout = serde_json::from_str(&json).unwrap();
    assert_eq!((&back, serde_json::to_string(&back).unwrap()), (&paid, json));
    let score = paid.score.map(|s| s.to_string()).unwrap_or_default();
    (score, paid.amount.map(|m| m.amount()).unwrap_or_default())
}

/// DOMAIN, worked example, and the sample company's people.
#[test]
fn the_worked_examples_hold_to_the_cent() {
    let fu = |refunded: i64| hunter(11_000, (10, 10), (96_000 - refunded, 120_000), (37, 50));
    for (who, plan_text, inputs, score, amount) in [
        ("Zhang San", V2, hunter(12_000, (13, 10), (363_000, 330_000), (75, 90)), "95.00", "18000.00"),
        ("Sun Li", ACCOUNTS, sun_li(), "95.60", "12937.50"),
        ("Wu Qian", V2, hunter(10_000, (11, 10), (96_000, 100_000), (39, 50)), "92.20", "10000.00"),
        ("Wu Qian, one more", V2, hunter(10_000, (12, 10), (96_000, 100_000), (39, 50)), "92.20", "12000.00"),
        ("Feng Lei", V2, fu(0), "86.20", "11000.00"),
        ("Feng Lei, refunded", V2, fu(8_400), "84.10", "7700.00"),
        // 94.995 rounds to 95.00 before the band is looked up; 94.994 does not.
        ("just there", V2, hunter(10_000, (10, 10), (83_315_000, 100_000_000), (1, 1)), "94.99", "10000.00"),
        ("half away", V2, hunter(10_000, (10, 10), (83_316_667, 100_000_000), (1, 1)), "95.00", "12500.00"),
        ("nothing sold", V2, hunter(10_000, (0, 10), (0, 100_000), (0, 50)), "0.00", "0.00"),
        ("refunds only", V2, hunter(10_000, (0, 10), (-50_000, 100_000), (0, 50)), "-15.00", "0.00"),
        ("first version", V1, hunter(12_000, (13, 10), (363_000, 330_000), (75, 90)), "96.67", "18000.00"),
        ("no salary to multiply", V2, hunter(0, (13, 10), (363_000, 330_000), (75, 90)), "95.00", "0.00"),
    ] {
        assert_eq!(check(&plan(plan_text), &inputs), (score.to_string(), amount.to_string()), "{who}");
    }
}

#[test]
fn amounts_are_rounded_once_at_the_end() {
    let odd = Inputs {
        base_salary: Some(Money::new(333_333, Currency::CNY)),
        ..hunter(0, (13, 10), (363_000, 330_000), (75, 90))
    };
    // 3 333.33 × 1.25 × 1.20 = 4 999.995
    assert_eq!(check(&plan(V2), &odd).1, "5000.00");
    assert_eq!(check(&plan(&format!("{V2}\n[payout]\nround = \"whole-unit\"\n")), &odd).1, "5000.00");
    let whole = plan(&format!("{ACCOUNTS}\n[payout]\nround = \"whole-unit\"\n"));
    assert_eq!(check(&whole, &sun_li()).1, "12938.00");
    let to_tens = plan(&format!("{V2}\n[score]\nround = 0\n"));
    assert_eq!(check(&to_tens, &hunter(10_000, (10, 10), (82_000, 100_000), (1, 1))).0, "95");
}

#[test]
fn caps_floors_and_conditions() {
    let text = V2
        .replacen("cap = \"100 %\"", "cap = \"150 %\"\nfloor = \"50 %\"", 1)
        .replace("attainment(new_customers) >= 120 %", "actual(gross_margin) < 30 %");
    let plan = plan(&text);
    let margin = |new: i64, num: i64| {
        let mut all = hunter(10_000, (new, 10), (100_000, 100_000), (1, 1));
        let actual = Some(Figure { num, den: 1_000 });
        all.metrics.insert(Metric::GrossMargin, MetricInput { actual, target: None });
        check(&plan, &all)
    };
    for (new, margin_per_mille, score, amount) in [
        (0, 300, "80.00", "7000.00"),
        (4, 299, "80.00", "8400.00"),
        (6, 300, "84.00", "7000.00"),
        (14, 300, "116.00", "12500.00"),
        (99, 300, "120.00", "12500.00"),
    ] {
        assert_eq!(margin(new, margin_per_mille), (score.to_string(), amount.to_string()));
    }
}

#[test]
fn what_is_missing_is_said_and_nothing_is_paid() {
    let full = hunter(12_000, (13, 10), (363_000, 330_000), (75, 90));
    let with = |change: &dyn Fn(&mut Inputs)| {
        let mut inputs = full.clone();
        change(&mut inputs);
        let paid = payout(&plan(V2), &inputs).unwrap();
        assert_eq!((paid.amount, recompute(&paid.derivation)), (None, None));
        assert_eq!(paid.missing, paid.derivation.missing);
        let json = serde_json::to_string(&paid).unwrap();
        assert_eq!(serde_json::from_str::<Payout>(&json).unwrap(), paid);
        (paid.missing, paid.score.map(|score| score.to_string()))
    };
    let metric = NewCustomers;
    assert_eq!(
        with(&|i| i.metrics.retain(|m, _| *m != metric)),
        (vec![Missing::Actual { metric }, Missing::Target { metric }], None)
    );
    let nobody_owned = Figure { num: 0, den: 0 };
    assert_eq!(
        with(&|i| i.metrics.get_mut(&RetentionRate).unwrap().actual = Some(nobody_owned)),
        (vec![Missing::Actual { metric: RetentionRate }], None)
    );
    assert_eq!(
        with(&|i| i.metrics.get_mut(&metric).unwrap().target = Some(0)),
        (vec![Missing::TargetNotPositive { metric }], None)
    );
    assert_eq!(with(&|i| i.base_salary = None), (vec![Missing::BaseSalary], Some("95.00".to_string())));
}

#[test]
fn contradicting_inputs_are_errors() {
    let full = hunter(12_000, (13, 10), (363_000, 330_000), (75, 90));
    let usd: Currency = "USD".parse().unwrap();
    let error = |change: &dyn Fn(&mut Inputs)| {
        let mut inputs = full.clone();
        change(&mut inputs);
        payout(&plan(V2), &inputs).unwrap_err()
    };
    let mismatch = PayoutError::CurrencyMismatch { expected: Currency::CNY, found: usd };
    assert_eq!(error(&|i| i.base_salary = Some(Money::new(1, usd))), mismatch);
    assert_eq!(error(&|i| i.base_salary = Some(Money::new(-1, Currency::CNY))), PayoutError::NegativeBase);
    for (metric, den) in [(SalesAmount, 2), (RetentionRate, -90)] {
        let broken = Some(Figure { num: 1, den });
        assert_eq!(
            error(&|i| i.metrics.get_mut(&metric).unwrap().actual = broken),
            PayoutError::InvalidFigure { metric }
        );
    }
    assert_eq!(error(&|i| i.base_salary = Some(Money::new(i64::MAX, Currency::CNY))), PayoutError::Overflow);
}

#[test]
fn what_one_more_is_worth() {
    let wu_qian = hunter(10_000, (11, 10), (96_000, 100_000), (39, 50));
    let yuan = |amount: i64| Money::new(amount * 100, Currency::CNY);
    assert_eq!(
        marginal(&plan(V2), &wu_qian, NewCustomers),
        Some(Marginal { metric: NewCustomers, increase: 1, actual: 12, amount: yuan(12_000), gain: yuan(2_000) })
    );
    for (inputs, metric, expected) in [
        (&wu_qian, SalesAmount, None),
        (&wu_qian, RetentionRate, None),
        (&hunter(10_000, (12, 10), (96_000, 100_000), (39, 50)), NewCustomers, None),
        (&hunter(10_000, (2, 10), (96_000, 100_000), (39, 50)), NewCustomers, Some(3)),
        (&hunter(10_000, (100, 200), (96_000, 100_000), (39, 50)), NewCustomers, None),
        (&inputs(None, &[]), NewCustomers, None),
        (&sun_li(), NewCustomers, None),
    ] {
        assert_eq!(marginal(&plan(V2), inputs, metric).map(|m| m.increase), expected.filter(|_| inputs != &sun_li()));
    }
}

#[test]
fn a_derivation_that_was_tampered_with_does_not_recompute() {
    let paid = payout(&plan(V2), &hunter(12_000, (13, 10), (363_000, 330_000), (75, 90))).unwrap();
    for index in 0..paid.derivation.steps.len() {
        let mut forged = paid.derivation.clone();
        match &mut forged.steps[index] {
            Step::Component(step) => step.actual = Some(Quantity::Count(1)),
            Step::Score(step) => step.rounded += Decimal::ONE,
            Step::Band(step) => step.multiple += Decimal::ONE,
            Step::Accelerator(step) => step.matched = Some(false),
            Step::Base { salary } => salary.minor += 1,
            Step::Multiply(step) => step.factors.push(Decimal::TEN),
            Step::Round { amount, .. } => amount.minor += 1,
            Step::Line(_) => unreachable!(),
        }
        assert_eq!(recompute(&forged), None, "{index}");
    }
}

// Words.

fn in_words(file: &str, derivation: &Derivation) -> Vec<String> {
    let texts: serde_json::Value = serde_json::from_str(file).unwrap();
    let told = sentences(derivation);
    for sentence in &told {
        let (_, params) = SENTENCE_CODES.iter().find(|(code, _)| *code == sentence.code).unwrap();
        assert_eq!(sentence.params.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), *params);
    }
    told.iter()
        .map(|sentence| {
            sentence.params.iter().fold(texts[&sentence.code].as_str().unwrap().to_string(), |text, (key, value)| {
                let value = value.strip_prefix('@').map_or(value.as_str(), |key| texts[key].as_str().unwrap());
                text.replace(&format!("{{{key}}}"), value)
            })
        })
        .collect()
}

const ZH: &str = include_str!("../../../../ui/messages/zh-CN.json");
const EN: &str = include_str!("../../../../ui/messages/en.json");

#[test]
fn every_sentence_has_a_text_in_both_languages() {
    assert_texts(SENTENCE_CODES.iter().map(|(code, params)| (*code, params.to_vec())));
    let errors = [
        PayoutError::Overflow,
        PayoutError::CurrencyMismatch { expected: Currency::CNY, found: Currency::CNY },
        PayoutError::InvalidFigure { metric: SalesAmount },
        PayoutError::NegativeBase,
    ];
    for error in errors {
        let params = error.params();
        assert_texts(std::iter::once((error.code(), params.iter().map(|(key, _)| key.as_str()).collect())));
    }
}

#[test]
fn the_derivation_reads_like_a_colleague_explaining_it() {
    let paid = payout(&plan(V2), &hunter(12_000, (13, 10), (363_000, 330_000), (75, 90))).unwrap();
    assert_eq!(
        in_words(ZH, &paid.derivation),
        [
            "依据激励方案 new-business 第 2 版，期间 2026-08。",
            "新客户数 13 ÷ 目标 10 = 130.0 %，按上限 100 % 计入，× 权重 40 = 40.00 分",
            "销售额 363,000.00 ÷ 目标 330,000.00 = 110.0 %，按上限 100 % 计入，× 权重 30 = 30.00 分",
            "留存率 83.3 % (75/90) ÷ 目标 100 % = 83.3 %，× 权重 30 = 25.00 分",
            "绩效得分：40.00 + 30.00 + 25.00 = 95.00 分（合计后四舍五入，保留 2 位小数）",
            "得分 95.00 达到 95 分档，奖金为基本工资的 1.25 倍",
            "新客户数达成率 130.0 %，满足 ≥ 120 %，再 × 1.20",
            "奖金（CNY）：12,000.00 × 1.25 × 1.20 = 18,000.00",
        ]
    );
    let paid = payout(&plan(ACCOUNTS), &sun_li()).unwrap();
    assert_eq!(
        in_words(EN, &paid.derivation)[1..],
        [
            "retention rate: 92.0 % (46/50) ÷ goal 100 % = 92.0 %, × weight 40 = 36.80 points",
            "repurchase rate: 48.0 % (48/100) ÷ goal 50 % = 96.0 %, × weight 30 = 28.80 points",
            "sales amount: 101,000.00 ÷ goal 100,000.00 = 101.0 %, counted at the cap of 100 %, × weight 30 = 30.00 points",
            "Score: 36.80 + 28.80 + 30.00 = 95.60 points (the sum rounded to 2 decimals)",
            "A score of 95.60 reaches the band from 95: 1.25 × base salary",
            "retention rate of 92.0 % meets ≥ 90 %: × 1.15",
            "Payout (CNY): 9,000.00 × 1.25 × 1.15 = 12,937.50",
        ]
    );
}

#[test]
fn words_do_not_contradict_the_figures() {
    // 119.97 % must not read as 120.0 %.
    let close = payout(&plan(V2), &hunter(10_000, (11_997, 10_000), (9_999_999, 10_000_000), (1, 3))).unwrap();
    let told = in_words(ZH, &close.derivation);
    assert_eq!(told[2], "销售额 9,999,999.00 ÷ 目标 10,000,000.00 = 100.0 %，× 权重 30 = 30.00 分");
    assert_eq!(told[4], "绩效得分：40.00 + 29.999997 + 10.00 = 80.00 分（合计后四舍五入，保留 2 位小数）");
    assert_eq!(told[6], "新客户数达成率 119.97 %，不满足 ≥ 120 %，× 1.20 不适用");
    let odd = Inputs {
        base_salary: Some(Money::new(333_333, Currency::CNY)),
        ..hunter(0, (13, 10), (363_000, 330_000), (75, 90))
    };
    let told = in_words(EN, &payout(&plan(V2), &odd).unwrap().derivation);
    assert_eq!(told[7], "Payout (CNY): 3,333.33 × 1.25 × 1.20 = 4,999.995, rounded once to 0.01 = 5,000.00");
    let told = in_words(ZH, &payout(&plan(V2), &inputs(None, &[])).unwrap().derivation);
    assert_eq!(
        told[1..],
        [
            "数据还不齐，暂时算不出奖金：",
            "新客户数本期还没有数据",
            "新客户数本期还没有目标",
            "销售额本期还没有数据",
            "销售额本期还没有目标",
            "留存率本期还没有数据",
            "没有基本工资记录",
        ]
    );
    let low = payout(&plan(V2), &hunter(10_000, (1, 10), (9_000, 100_000), (1, 3))).unwrap();
    assert_eq!(in_words(ZH, &low.derivation)[5], "得分 16.70 未达到最低档 70 分，本期没有奖金");
}

// Properties.

fn any_inputs(values: impl Strategy<Value = i64> + Clone + 'static) -> impl Strategy<Value = Inputs> {
    let figure = (values.clone(), prop_oneof![Just(1i64), values.clone()]);
    let input = (prop::option::of(figure), prop::option::of(values.clone()));
    (prop::collection::vec(input, Metric::ALL.len()), prop::option::of(values)).prop_map(|(list, base)| Inputs {
        person: "p".into(),
        period: "2026-08".parse().unwrap(),
        currency: Currency::CNY,
        base_salary: base.map(|minor| Money::new(minor, Currency::CNY)),
        metrics: Metric::ALL
            .iter()
            .zip(list)
            .map(|(metric, (actual, target))| {
                (*metric, MetricInput { actual: actual.map(|(num, den)| Figure { num, den }), target })
            })
            .collect(),
        record: None,
        exception: None,
    })
}

fn extremes() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        any::<i64>(),
        prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, 2, 99, 1_000_000, i64::MAX - 1, i64::MAX]),
        -1_000i64..10_000_000
    ]
}

/// Inputs that can be paid: sums over one, ratios of at most one, goals above zero.
fn payable() -> impl Strategy<Value = Inputs> {
    let sum = |most: i64| (-most / 10..most, 1..most);
    let ratio = (0i64..=300, 0i64..=300).prop_map(|(a, b)| (a.min(b), a.max(b).max(1)));
    let base = 0i64..10_000_000;
    (sum(100), sum(1_000_000_000), ratio.clone(), ratio, 1i64..2_000_000, base).prop_map(
        |(new, sales, kept, again, goal, base)| Inputs {
            base_salary: Some(Money::new(base, Currency::CNY)),
            ..inputs(
                None,
                &[
                    (NewCustomers, new.0, 1, Some(new.1)),
                    (SalesAmount, sales.0, 1, Some(sales.1)),
                    (RetentionRate, kept.0, kept.1, Some(goal)),
                    (RepurchaseRate, again.0, again.1, Some(goal)),
                ],
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_payout_recomputes_and_is_the_same_twice(inputs in payable(), which in 0usize..3) {
        let plan = plan([V1, V2, ACCOUNTS][which]);
        let paid = payout(&plan, &inputs).unwrap();
        prop_assert!(paid.amount.is_some());
        prop_assert_eq!(recompute(&paid.derivation), paid.amount);
        prop_assert_eq!(payout(&plan, &inputs.clone()).unwrap(), paid.clone());
        let json = serde_json::to_string(&paid).unwrap();
        prop_assert_eq!(serde_json::from_str::<Payout>(&json).unwrap(), paid);
    }

    #[test]
    fn more_never_pays_less(inputs in payable(), which in 0usize..3, metric in 0usize..4, more in 1i64..1_000_000) {
        let plan = plan([V1, V2, ACCOUNTS][which]);
        let mut better = inputs.clone();
        let metric = [NewCustomers, SalesAmount, RetentionRate, RepurchaseRate][metric];
        better.metrics.get_mut(&metric).unwrap().actual.as_mut().unwrap().num += more;
        let paid = |inputs| payout(&plan, inputs).unwrap().amount.unwrap().minor;
        prop_assert!(paid(&better) >= paid(&inputs));
    }

    #[test]
    fn one_more_is_the_smallest_that_pays_more(inputs in payable()) {
        let plan = plan(V2);
        let paid = |more: i64| {
            let mut then = inputs.clone();
            then.metrics.get_mut(&NewCustomers).unwrap().actual.as_mut().unwrap().num += more;
            payout(&plan, &then).unwrap().amount.unwrap().minor
        };
        match marginal(&plan, &inputs, NewCustomers) {
            None => prop_assert_eq!(paid(20), paid(0)),
            Some(m) => {
                prop_assert_eq!(paid(m.increase), m.amount.minor);
                prop_assert_eq!(paid(m.increase - 1), paid(0));
                prop_assert_eq!(m.gain.minor, m.amount.minor - paid(0));
            }
        }
    }

    #[test]
    fn nothing_panics_on_any_figures(inputs in any_inputs(extremes()), which in 0usize..4, round in 0u32..40) {
        let mut plan = plan([V1, V2, ACCOUNTS, V2][which]);
        if which == 3 {
            plan.score.digits = round;
            plan.bands.reverse();
            for (component, metric) in plan.components.iter_mut().zip(Metric::ALL.iter().rev()) {
                component.metric = *metric;
                component.target = Target::Goal;
                component.cap = None;
            }
            plan.accelerators[0].factor = Decimal::MAX;
        }
        if let Ok(paid) = payout(&plan, &inputs) {
            prop_assert_eq!(paid.amount.is_none(), !paid.missing.is_empty());
            prop_assert_eq!(recompute(&paid.derivation), paid.amount);
            in_words(EN, &paid.derivation);
        }
        for metric in Metric::ALL {
            marginal(&plan, &inputs, *metric);
        }
    }
}
