//! Plans reckoned line by line: properties over random plans and deals, and their words.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::record::{Deal, Record};
use super::*;
use crate::order::OrderEvent;
use crate::plan::tests::assert_texts;
use crate::plan::{check, terms::Measure};

const SAMPLES: [&str; 3] = [
    include_str!("../../../../assets/sample/plans/new-business-v1.toml"),
    include_str!("../../../../assets/sample/plans/new-business-v2.toml"),
    include_str!("../../../../assets/sample/plans/account-manager.toml"),
];

const HEAD: &str = "id = \"p\"\nname = { zh = \"p\", en = \"p\" }\nversion = 1\nposition = \"rep\"\ncurrency = \"CNY\"\neffective_from = 2020-01-01\n";

/// Commissions whose rates rise, in every method and over every time.
fn commission(method: usize, cumulate: usize, applies: usize, boundary: usize) -> String {
    let method = ["whole", "marginal", "interpolated"][method];
    let cumulate = ["deal", "period", "quarter-to-date", "year-to-date"][cumulate];
    let (applies, boundary) = (["period", "to-date"][applies], ["upper", "lower"][boundary]);
    format!(
        "[[commissions]]\nid = \"c\"\nof = \"deals\"\nmethod = \"{method}\"\ncumulate = \"{cumulate}\"\n\
         applies_to = \"{applies}\"\nboundary = \"{boundary}\"\n\
         tiers = [{{ from = 0, rate = \"3 %\" }}, {{ from = 5000, rate = \"4.5 %\" }}, {{ from = 20000, rate = \"7 %\" }}]\n"
    )
}

fn plan(text: &str) -> Plan {
    Plan::parse(&format!("{HEAD}{text}")).unwrap()
}

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(offset)
}

fn ratio(num: i128, den: i128) -> Ratio {
    Ratio { num, den }
}

fn deal(id: usize, date: u64, event: OrderEvent, minor: Option<i64>) -> Deal {
    Deal {
        id: format!("D{id}"),
        date: day(date),
        known: day(date),
        event,
        amount: minor.map(|minor| ratio(minor.into(), 100)),
        units: None,
        cost: None,
        product: ["beans", "cups"][id % 2].into(),
        customer_type: "new".into(),
        share: None,
        team: false,
        refund_of: None,
    }
}

/// Deals over six months; some come back later, in part or whole.
fn deals() -> impl Strategy<Value = Vec<Deal>> {
    let one = (0u64..180, 1i64..3_000_000, prop::option::weighted(0.4, (1u64..150, prop::option::of(1i64..3_000_000))));
    prop::collection::vec(one, 0..12).prop_map(|rows| {
        let mut deals = Vec::new();
        for (index, (date, amount, back)) in rows.into_iter().enumerate() {
            deals.push(deal(index, date, OrderEvent::Booked, Some(amount)));
            if let Some((later, part)) = back {
                deals.push(deal(index, date + later, OrderEvent::Refunded, part));
            }
        }
        deals
    })
}

fn record(deals: Vec<Deal>) -> Record {
    Record { deals, ..Record::empty("p", Currency::CNY) }
}

fn months(count: i32) -> Vec<Period> {
    let first = Month { year: 2026, month: 1 };
    (0..count).map(|index| Period::Month(first.plus(index))).collect()
}

fn commission_value(statement: &Statement) -> Ratio {
    statement.lines.iter().find(|line| line.id == "commissions").map_or(Ratio::ZERO, |line| line.value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A plain plan is paid the same by either way of reckoning.
    #[test]
    fn lines_pay_plain_plans_the_same(
        new in (0i64..40, 1i64..40), sales in (-100_000i64..50_000_000, 1i64..50_000_000), kept in (0i64..300, 0i64..300),
        again in (0i64..300, 0i64..300), goal in 1i64..2_000_000, base in 0i64..10_000_000, which in 0usize..3,
    ) {
        let plan = Plan::parse(SAMPLES[which]).unwrap();
        let of = |num, den, target| MetricInput { actual: Some(Figure { num, den }), target };
        let share = |(a, b): (i64, i64)| (a.min(b), a.max(b).max(1));
        let (kept, again) = (share(kept), share(again));
        let inputs = Inputs {
            person: "p".into(),
            period: "2026-08".parse().unwrap(),
            currency: Currency::CNY,
            base_salary: Some(Money::new(base, Currency::CNY)),
            metrics: BTreeMap::from([
                (Metric::NewCustomers, of(new.0, 1, Some(new.1))),
                (Metric::SalesAmount, of(sales.0, 1, Some(sales.1))),
                (Metric::RetentionRate, of(kept.0, kept.1, None)),
                (Metric::RepurchaseRate, of(again.0, again.1, Some(goal))),
            ]),
            record: None,
        exception: None,
        };
        let paid = payout(&plan, &inputs).unwrap();
        let record = record_of(&plan, &inputs).unwrap();
        let statements = account(&plan, &record, &[Period::Month(inputs.period)]).unwrap();
        prop_assert_eq!(statements[0].paid, paid.amount);
        prop_assert_eq!(statements[0].score, paid.score);
        prop_assert_eq!(recompute_lines(&statements[0].lines, Currency::CNY), paid.amount);
    }

    #[test]
    fn the_order_of_orders_changes_nothing_and_lines_recompute(
        deals in deals(), method in 0usize..3, cumulate in 0usize..4, applies in 0usize..2, boundary in 0usize..2,
        turn in any::<prop::sample::Index>(),
    ) {
        let text = commission(method, cumulate, applies, boundary);
        let plan = plan(&format!("{text}[clawback]\nbasis = \"sale-period\"\nwithin_days = 60\n"));
        let statements = account(&plan, &record(deals.clone()), &months(12)).unwrap();
        let mut other = deals;
        if !other.is_empty() {
            let at = turn.index(other.len());
            other.rotate_left(at);
            other.reverse();
        }
        prop_assert_eq!(&account(&plan, &record(other), &months(12)).unwrap(), &statements);
        for statement in &statements {
            prop_assert_eq!(recompute_lines(&statement.lines, Currency::CNY), statement.paid);
            let json = serde_json::to_string(statement).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Statement>(&json).unwrap(), statement);
        }
    }

    /// What is paid with corrections is what everything comes to when all is known from the beginning.
    #[test]
    fn adjustments_net_to_the_recomputed_difference(
        deals in deals(), method in 0usize..3, cumulate in 0usize..4, applies in 0usize..2,
    ) {
        let text = commission(method, cumulate, applies, 0);
        let plan = plan(&format!("{text}[clawback]\nbasis = \"sale-period\"\nwithin_days = 400\n"));
        let mut record = record(deals);
        super::record::in_order(&mut record.deals);
        let all = record.deals.len();
        let periods = months(12);
        let paid: i64 = account(&plan, &record, &periods).unwrap().iter().map(|s| s.paid.unwrap().minor).sum();
        let known = periods.iter().map(|period| earned(&plan, &record, *period, all, Ratio::ZERO).unwrap());
        prop_assert_eq!(paid, known.map(|one| one.amount.unwrap().minor).sum::<i64>());
    }

    #[test]
    fn splits_are_the_whole(deals in deals(), first in 0i128..=100, second in 0i128..=100, marginal in any::<bool>()) {
        let (first, second) = (first.min(100 - second.min(100)).max(0), second.min(100));
        let shares = [ratio(first, 100), ratio(second, 100), ratio(100 - first - second, 100)];
        let rates = "rates = [{ product = \"beans\", rate = \"2.5 %\" }, { rate = \"1 %\" }]\n";
        let flat = format!("[[commissions]]\nid = \"c\"\nof = \"deals\"\n{rates}");
        let plan = plan(&flat);
        let _ = marginal;
        let of = |share: Ratio| {
            let deals = deals.iter().cloned().map(|deal| Deal { share: Some(share), ..deal }).collect();
            account(&plan, &record(deals), &months(12)).unwrap().iter().map(commission_value)
                .try_fold(Ratio::ZERO, Ratio::add).unwrap()
        };
        let parts = shares.into_iter().map(of).try_fold(Ratio::ZERO, Ratio::add).unwrap();
        prop_assert_eq!(parts, of(Ratio::ONE));
    }

    #[test]
    fn selling_more_never_pays_less(
        mut deals in deals(), more in 1i64..2_000_000, method in 0usize..3, cumulate in 0usize..4, boundary in 0usize..2,
    ) {
        let plan = plan(&commission(method, cumulate, 1, boundary));
        prop_assert!(is_monotone(&plan.terms()));
        deals.retain(|deal| !deal.takes_back());
        let sum = |deals: &[Deal]| -> i64 {
            account(&plan, &record(deals.to_vec()), &months(12)).unwrap().iter().map(|s| s.paid.unwrap().minor).sum()
        };
        let before = sum(&deals);
        deals.push(deal(99, 40, OrderEvent::Booked, Some(more)));
        // Each month is rounded on its own: up to half a cent of each may be lost.
        prop_assert!(sum(&deals) + 6 >= before);
    }

    #[test]
    fn nothing_panics_on_any_amounts(amounts in prop::collection::vec(any::<i64>(), 1..6), method in 0usize..3) {
        let plan = plan(&commission(method, 3, 1, 0));
        let deals = amounts.iter().enumerate().map(|(i, minor)| deal(i, i as u64 * 20, OrderEvent::Booked, Some(*minor)));
        let mut record = record(deals.collect());
        record.deals[0].amount = Some(ratio(i128::MAX, 7));
        if let Ok(statements) = account(&plan, &record, &months(6)) {
            for statement in statements {
                lines_in_words(&statement.lines, Currency::CNY);
            }
        }
    }
}

#[test]
fn a_line_that_was_tampered_with_does_not_recompute() {
    let plan = plan(&commission(1, 3, 0, 0));
    let deals = vec![deal(1, 3, OrderEvent::Booked, Some(900_000)), deal(2, 40, OrderEvent::Booked, Some(2_000_000))];
    let statements = account(&plan, &record(deals), &months(2)).unwrap();
    let lines = &statements[1].lines;
    assert_eq!(recompute_lines(lines, Currency::CNY).map(|m| m.amount()), Some("1125.00".to_string()));
    for index in 0..lines.len() {
        let mut forged = lines.clone();
        forged[index].value = forged[index].value.add(Ratio::ONE).unwrap();
        assert_eq!(recompute_lines(&forged, Currency::CNY), None, "{}", lines[index].id);
    }
}

#[test]
fn every_line_and_warning_has_words_in_both_languages() {
    assert_texts(LINE_CODES.iter().map(|(code, params)| (*code, params.to_vec())));
    assert_texts(check::WARNING_CODES.iter().map(|(code, params)| (*code, params.to_vec())));
    assert_texts(["payout.boundary.upper", "payout.boundary.lower"].into_iter().map(|key| (key, Vec::new())));
}

#[test]
fn the_checker_asks_about_jumps_and_bounds_out_of_reach() {
    let codes = |text: &str| -> Vec<String> {
        check::check(&Plan::parse(text).unwrap()).into_iter().map(|w| format!("{} {}", w.code, w.path)).collect()
    };
    let sample = codes(SAMPLES[1]);
    assert!(sample.contains(&"plan.warn_cliff_attainment accelerators[0]".to_string()), "{sample:?}");
    assert!(sample.contains(&"plan.warn_cliff_score bands[1]".to_string()), "{sample:?}");
    let out_of_reach = SAMPLES[1].replacen("[[bands]]", "[[bands]]\nat_least = 101\nmultiple = 2\n\n[[bands]]", 1);
    assert!(codes(&out_of_reach).contains(&"plan.warn_unreachable_band bands[0]".to_string()));
    let falling = SAMPLES[1].replace("multiple = 1.25", "multiple = 0.5");
    assert!(codes(&falling).contains(&"plan.warn_less_for_more bands[0]".to_string()));
    let whole = codes(&format!("{HEAD}{}", commission(0, 1, 0, 0)));
    assert_eq!(whole, ["plan.warn_cliff_tier commissions[0].tiers[1]", "plan.warn_cliff_tier commissions[0].tiers[2]"]);
    assert!(codes(&format!("{HEAD}{}", commission(1, 1, 0, 0))).is_empty());
}

#[test]
fn a_measure_of_the_plans_own_has_its_unit() {
    let text =
        "[[metrics]]\nid = \"visits\"\nunit = \"count\"\n[[commissions]]\nid = \"c\"\nof = \"visits\"\nper_unit = 5\n";
    let terms = plan(text).terms().into_owned();
    assert_eq!(terms.measures(), [Measure { name: "visits".into(), own: Some(Unit::Count) }]);
}
