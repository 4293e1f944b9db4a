//! From the domain's figures to the views': money, rates, values, statuses, sentences and problems.

use crate::desk::Question;
use crate::views::figure as view;
use attain_client::domain::attainment::Status;
use attain_client::domain::metric::{Figure, Metric, Unit};
use attain_client::domain::money::{Currency, Money, Ratio, format_scaled};
use attain_client::store::StoreError;
use std::collections::BTreeMap;

pub fn money(money: Money) -> view::Money {
    view::Money { amount: money.amount(), currency: money.currency.code().to_owned() }
}

pub fn minor(minor: i64, currency: Currency) -> view::Money {
    money(Money::new(minor, currency))
}

pub fn rate(ratio: Ratio) -> view::Rate {
    view::Rate { num: ratio.num.to_string(), den: ratio.den.to_string(), percent: ratio.percent(1) }
}

pub fn status(status: Status) -> view::Status {
    match status {
        Status::Ahead => view::Status::Ahead,
        Status::OnPace => view::Status::OnPace,
        Status::Behind => view::Status::Behind,
        Status::FarBehind => view::Status::FarBehind,
        Status::NoData => view::Status::NoData,
    }
}

/// Counts on screens are small; one that is not is shown as the largest.
pub fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// An actual, in the metric's own unit.
pub fn actual(metric: Metric, figure: Figure, currency: Currency) -> view::Value {
    let ratio = Ratio::new(i128::from(figure.num), i128::from(figure.den));
    match metric.unit() {
        Unit::Money => view::Value::Money { money: minor(figure.num, currency) },
        Unit::Count => view::Value::Count { count: count(figure.num.max(0)) },
        Unit::Ratio => view::Value::Rate { rate: rate(ratio.unwrap_or(Ratio::ZERO)) },
        Unit::Score => view::Value::Decimal { decimal: score(ratio.unwrap_or(Ratio::ZERO)) },
    }
}

/// A target, stored in the metric's smallest step.
pub fn target(metric: Metric, value: i64, currency: Currency) -> view::Value {
    match metric.unit() {
        Unit::Money => view::Value::Money { money: minor(value, currency) },
        Unit::Count => view::Value::Count { count: count(value.max(0)) },
        Unit::Ratio => view::Value::Rate { rate: rate(Ratio { num: i128::from(value), den: 1_000_000 }) },
        Unit::Score => view::Value::Decimal { decimal: format_scaled(value, 2) },
    }
}

/// Hundredths as `2.1`.
fn score(hundredths: Ratio) -> String {
    let tenths = Ratio { num: hundredths.num, den: hundredths.den.saturating_mul(10) }.scaled(0);
    format_scaled(i64::try_from(tenths).unwrap_or(i64::MAX), 1)
}

/// A sentence in the making: `say("today.gap").money("gap", gap).into()`.
pub struct Say(view::Phrase);

pub fn say(code: &str) -> Say {
    Say(view::Phrase { code: code.to_owned(), params: BTreeMap::new() })
}

impl From<Say> for view::Phrase {
    fn from(say: Say) -> Self {
        say.0
    }
}

impl Say {
    fn with(mut self, name: &str, param: view::Param) -> Self {
        self.0.params.insert(name.to_owned(), param);
        self
    }

    pub fn text(self, name: &str, text: impl Into<String>) -> Self {
        self.with(name, view::Param::Text { text: text.into() })
    }

    pub fn count(self, name: &str, number: impl TryInto<u32>) -> Self {
        self.with(name, view::Param::Count { count: count(number) })
    }

    pub fn decimal(self, name: &str, decimal: impl ToString) -> Self {
        self.with(name, view::Param::Decimal { decimal: decimal.to_string() })
    }

    pub fn money(self, name: &str, amount: Money) -> Self {
        self.with(name, view::Param::Money { money: money(amount) })
    }

    pub fn rate(self, name: &str, ratio: Ratio) -> Self {
        self.with(name, view::Param::Rate { rate: rate(ratio) })
    }

    pub fn date(self, name: &str, date: impl ToString) -> Self {
        self.with(name, view::Param::Date { date: date.to_string() })
    }

    pub fn time(self, name: &str, time: impl Into<String>) -> Self {
        self.with(name, view::Param::Time { time: time.into() })
    }

    pub fn period(self, name: &str, period: impl ToString) -> Self {
        self.with(name, view::Param::Period { period: period.to_string() })
    }

    /// A message key without its language: `metric.new_customers`.
    pub fn term(self, name: &str, term: impl Into<String>) -> Self {
        self.with(name, view::Param::Term { term: term.into() })
    }

    pub fn value(self, name: &str, value: &view::Value) -> Self {
        let param = match value.clone() {
            view::Value::Money { money } => view::Param::Money { money },
            view::Value::Count { count } => view::Param::Count { count },
            view::Value::Rate { rate } => view::Param::Rate { rate },
            view::Value::Decimal { decimal } => view::Param::Decimal { decimal },
        };
        self.with(name, param)
    }
}

/// Why pay is missing from a screen that is about more than pay; `None` when it can be told.
pub fn pay_hidden(question: &Question) -> Option<view::Problem> {
    (!question.view.has_pay_key()).then(|| problem(StoreError::PayKeyMissing.into()))
}

/// A refusal or fault as the screens word it.
pub fn problem(problem: attain_client::Problem) -> view::Problem {
    refusal(problem.code.to_owned(), problem.params)
}

/// The same of a code that came from elsewhere.
pub fn refusal(code: String, params: Vec<(String, String)>) -> view::Problem {
    let params = params.into_iter().map(|(name, value)| match name.as_str() {
        _ if name.ends_with("_minor") => amount(name, value),
        "period" => (name, view::Param::Period { period: value }),
        "until" => (name, view::Param::Date { date: value }),
        _ => match value.strip_prefix('@') {
            Some(term) => (name, view::Param::Term { term: term.to_owned() }),
            None => (name, view::Param::Text { text: value }),
        },
    });
    view::Problem { code, params: params.collect(), log_id: None }
}

/// `closed_minor`, `271000000 CNY` is `closed`, ¥2,710,000.
fn amount(name: String, value: String) -> (String, view::Param) {
    let read = value.split_once(' ').and_then(|(number, code)| Some((number.parse().ok()?, code.parse().ok()?)));
    match read {
        Some((number, currency)) => {
            let name = name.trim_end_matches("_minor").to_owned();
            (name, view::Param::Money { money: minor(number, currency) })
        }
        None => (name, view::Param::Text { text: value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_their_unit_and_are_exact() {
        let cny = Currency::CNY;
        let cases = [
            (Metric::SalesAmount, Figure::sum(36_300_000), "363000.00"),
            (Metric::NewCustomers, Figure::sum(13), "13"),
            (Metric::RetentionRate, Figure { num: 75, den: 90 }, "83.3"),
            (Metric::TeamworkScore, Figure { num: 1260, den: 6 }, "2.1"),
        ];
        for (metric, figure, expected) in cases {
            let written = match actual(metric, figure, cny) {
                view::Value::Money { money } => money.amount,
                view::Value::Count { count } => count.to_string(),
                view::Value::Rate { rate } => rate.percent,
                view::Value::Decimal { decimal } => decimal,
            };
            assert_eq!(written, expected, "{metric}");
        }
        let half = target(Metric::RepurchaseRate, 500_000, cny);
        assert!(matches!(half, view::Value::Rate { rate } if rate.percent == "50.0"));
    }

    #[test]
    fn problems_carry_what_their_sentences_need() {
        let shown = problem(attain_client::Problem::refused("period_closed").with("period", "2026-08"));
        assert_eq!(shown.code, "period_closed");
        assert_eq!(shown.params["period"], view::Param::Period { period: "2026-08".into() });
        let below = attain_client::Problem::refused("below_done").with("closed_minor", "271000000 CNY");
        let closed = minor(271_000_000, Currency::CNY);
        assert_eq!(problem(below).params["closed"], view::Param::Money { money: closed });
    }
}
