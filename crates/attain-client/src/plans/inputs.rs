//! The inputs of a plan run: one file of figures, dated deals and people, read without a company.
//!
//! Owns: the columns and their other names, what a cell may be, and what is wrong with a row. Described in
//! `docs/plan-language.md`. Absent on purpose: what is paid for it (attain-domain).

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::metric::{Metric, Unit};
use attain_domain::money::{Currency, Ratio};
use attain_domain::order::OrderEvent;
use attain_domain::payout::record::{Deal, Record, Service};
use attain_domain::period::{FiscalCalendar, Month, Period};
use attain_domain::plan::Plan;
use attain_domain::plan::terms::{Measure, Span};
use chrono::NaiveDate;

use super::cells;
use crate::language::Language;

/// Larger files are refused unread.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;
const MAX_FINDINGS: usize = 200;

/// Columns, each with its other names.
const COLUMNS: &[(&str, &[&str])] = &[
    ("person", &["person_id", "rep", "rep_id", "employee", "employee_id", "name", "人员", "员工", "销售"]),
    ("period", &["month", "期间", "月份"]),
    ("metric", &["measure", "kpi", "指标"]),
    ("actual", &["achieved", "result", "实际", "完成"]),
    ("target", &["goal", "quota", "目标"]),
    ("deal", &["deal_id", "order", "order_id", "order_no", "invoice", "invoice_id", "订单", "订单号"]),
    ("date", &["day", "event_date", "order_date", "日期"]),
    ("event", &["status", "kind", "type", "事件"]),
    ("amount", &["revenue", "value", "net", "金额"]),
    ("units", &["quantity", "qty", "数量"]),
    ("cost", &["成本"]),
    ("product", &["category", "产品"]),
    ("customer_type", &["segment", "客户类型"]),
    ("share", &["split", "credit", "份额"]),
    ("role", &["角色"]),
    ("refund_of", &["original", "original_deal", "credits", "原订单"]),
    ("known", &["known_on", "recorded", "posted", "入账日"]),
    ("manager", &["manager_id", "上级"]),
    ("position", &["position_type", "岗位"]),
    ("from", &["since", "start", "joined", "hired", "service_from", "入职"]),
    ("until", &["end", "service_until"]),
    ("last_day", &["left", "leave_date", "离职"]),
    ("fte", &["时间比例"]),
    ("leave_from", &["休假起"]),
    ("leave_until", &[]),
    ("leave_last_day", &["leave_to", "休假止"]),
    ("base_salary", &["salary", "base", "基本工资"]),
    ("target_incentive", &["ote", "target_bonus", "variable", "target_variable", "目标奖金"]),
    ("draw_balance", &["balance", "owed", "预支余额"]),
    // Taken note of by whoever reads the file, not by the plan.
    ("customer", &["customer_id", "account", "客户"]),
    ("note", &["notes", "comment", "memo", "备注"]),
];

/// Something wrong with the file; its text is `inputs.<code>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// As a spreadsheet counts: the header is row 1. `None`: the file as a whole.
    pub row: Option<u64>,
    pub column: Option<String>,
    pub code: &'static str,
    pub params: Vec<(String, String)>,
}

/// Everyone's record, and the periods each is reckoned for.
#[derive(Debug, Default)]
pub struct Inputs {
    pub people: Vec<(Record, Vec<Period>)>,
    pub findings: Vec<Finding>,
    pub currency: Option<Currency>,
    pub gaps: Vec<Gap>,
}

/// Why a period has no figure though parts of it have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub person: String,
    pub period: Period,
    pub measure: String,
    /// Of the goal, not of the actual.
    pub goal: bool,
    /// The months, or earlier periods, that have none.
    pub parts: Vec<Period>,
}

struct Row {
    number: u64,
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }
}

/// Reads the inputs of a plan.
pub fn read(plan: &Plan, bytes: &[u8]) -> Inputs {
    let mut reader = Reader::of(plan);
    if bytes.len() as u64 > MAX_BYTES {
        reader.find(None, None, "too_large", &[("limit", MAX_BYTES.to_string())]);
        return reader.done();
    }
    let rows = reader.rows(bytes);
    for row in &rows {
        reader.row(row);
    }
    reader.put_together();
    reader.done()
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    pub(super) row: u64,
    pub(super) period: Period,
    pub(super) actual: Option<Ratio>,
    /// Of an actual that is written as a fraction.
    pub(super) parts: Option<(Ratio, Ratio)>,
    pub(super) target: Option<Ratio>,
    pub(super) no_data: bool,
}

pub(super) struct Reader<'p> {
    pub(super) plan: &'p Plan,
    currency: Currency,
    /// Which currencies the amounts may be in, by the plan or by their own signs; empty while none is named.
    currencies: Vec<String>,
    pub(super) measures: Vec<Measure>,
    pub(super) records: BTreeMap<String, Record>,
    pub(super) figures: BTreeMap<(String, String), Vec<Figure>>,
    /// Deals with the row they stand in, by person.
    pub(super) deals: BTreeMap<String, Vec<(u64, Deal, bool)>>,
    manager: BTreeMap<String, String>,
    owed: BTreeMap<String, Ratio>,
    asked: BTreeMap<String, BTreeSet<Period>>,
    /// Rows that only name a period.
    periods: Vec<(u64, Period)>,
    findings: Vec<Finding>,
    pub(super) gaps: Vec<Gap>,
    people: Vec<(Record, Vec<Period>)>,
}

impl<'p> Reader<'p> {
    fn of(plan: &'p Plan) -> Reader<'p> {
        let terms = plan.terms();
        Reader {
            plan,
            currency: plan.currency.unwrap_or(Currency::CNY),
            currencies: plan.currency.iter().map(|currency| currency.code().to_string()).collect(),
            measures: terms.metrics.clone(),
            records: BTreeMap::new(),
            figures: BTreeMap::new(),
            deals: BTreeMap::new(),
            manager: BTreeMap::new(),
            owed: BTreeMap::new(),
            asked: BTreeMap::new(),
            periods: Vec::new(),
            findings: Vec::new(),
            gaps: Vec::new(),
            people: Vec::new(),
        }
    }

    fn done(self) -> Inputs {
        Inputs { people: self.people, findings: self.findings, currency: Some(self.currency), gaps: self.gaps }
    }

    pub(super) fn find(
        &mut self,
        row: Option<u64>,
        column: Option<&str>,
        code: &'static str,
        params: &[(&str, String)],
    ) {
        if self.findings.len() < MAX_FINDINGS {
            let params = params.iter().map(|(key, value)| (key.to_string(), cells::shortened(value))).collect();
            self.findings.push(Finding { row, column: column.map(str::to_string), code, params });
        }
    }

    fn rows(&mut self, bytes: &[u8]) -> Vec<Row> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_string(),
            Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
        };
        // Rows are counted by their ends, of which there are three kinds.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let count = |sign: char| header.chars().filter(|c| *c == sign).count();
        let delimiter = [',', ';', '\t'].into_iter().max_by_key(|sign| (count(*sign), *sign == ',')).unwrap_or(',');
        if let Some(row) = cells::unclosed(&text, delimiter) {
            self.find(Some(row), None, "unreadable_row", &[]);
            return Vec::new();
        }
        let mut csv = csv::ReaderBuilder::new()
            .delimiter(delimiter as u8)
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        let headers = csv.headers().cloned().unwrap_or_default();
        for name in headers.iter() {
            let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
            let known = COLUMNS
                .iter()
                .find(|(column, others)| *column == plain || others.contains(&plain.as_str()))
                .map(|(column, _)| *column);
            if let (Some(column), true) = (known, known.is_some_and(|column| columns.contains(&Some(column)))) {
                self.find(Some(1), Some(name), "column_twice", &[("column", column.to_string())]);
            } else if known.is_none() && !plain.is_empty() {
                let allowed = COLUMNS.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
                self.find(Some(1), Some(name), "unknown_column", &[("column", name.into()), ("allowed", allowed)]);
            }
            columns.push(known);
        }
        if !columns.contains(&Some("person")) {
            self.find(Some(1), Some("person"), "column_missing", &[("column", "person".into())]);
            return Vec::new();
        }
        let mut rows = Vec::new();
        for record in csv.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let row = error.position().map(csv::Position::line);
                    self.find(row, None, "unreadable_row", &[]);
                    continue;
                }
            };
            let number = record.position().map_or(0, csv::Position::line);
            if record.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty()) {
                self.find(Some(number), None, "too_many_cells", &[]);
                continue;
            }
            let cells: BTreeMap<&'static str, String> = columns
                .iter()
                .zip(record.iter())
                .filter_map(|(column, cell)| Some(((*column)?, cell.trim().to_string())))
                .filter(|(_, cell)| !cell.is_empty() && cell != "-" && cell != "—")
                .collect();
            // Two quotes far apart would take in the rows between them.
            if cells.iter().any(|(column, cell)| *column != "note" && cell.contains('\n')) {
                self.find(Some(number), None, "unreadable_row", &[]);
                continue;
            }
            if !cells.is_empty() {
                rows.push(Row { number, cells });
            }
        }
        if rows.is_empty() {
            self.find(None, None, "no_rows", &[]);
        }
        rows
    }

    /// A cell read by `read`; `None` when it is empty or wrong, which is then a finding.
    fn cell<T>(
        &mut self,
        row: &Row,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
        code: &'static str,
    ) -> Option<T> {
        let text = row.get(column)?;
        self.read(row, column, text, read, code)
    }

    fn read<T>(
        &mut self,
        row: &Row,
        column: &'static str,
        text: &str,
        read: impl Fn(&str) -> Option<T>,
        code: &'static str,
    ) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            let text = row.get(column).unwrap_or("").to_string();
            self.find(Some(row.number), Some(column), code, &[("text", text), ("column", column.to_string())]);
        }
        value
    }

    fn money(&mut self, row: &Row, column: &'static str) -> Option<Ratio> {
        let text = self.in_currency(row, column)?;
        let value = self.read(row, column, &text, cells::number, "not_an_amount")?;
        self.not_too_fine(row, column, value)
    }

    /// Of what a person is paid: an amount that is not below zero.
    fn pay(&mut self, row: &Row, column: &'static str) -> Option<Ratio> {
        let value = self.money(row, column)?;
        if value < Ratio::ZERO {
            self.find(Some(row.number), Some(column), "negative", &[("column", column.to_string())]);
            return None;
        }
        Some(value)
    }

    /// An amount has no more decimals than its currency.
    fn not_too_fine(&mut self, row: &Row, column: &'static str, value: Ratio) -> Option<Ratio> {
        let digits = self.currency.digits();
        let minor = value.num.checked_mul(10i128.pow(digits));
        if value.den == 0 || minor.is_none_or(|minor| minor % value.den != 0) {
            let text = row.get(column).unwrap_or("").to_string();
            let params = [("text", text), ("currency", self.currency.to_string()), ("digits", digits.to_string())];
            self.find(Some(row.number), Some(column), "too_precise", &params);
            return None;
        }
        Some(value)
    }

    /// The cell without the signs of its currency, which is the plan's; in a plan without one all amounts are in one.
    fn in_currency(&mut self, row: &Row, column: &'static str) -> Option<String> {
        let written = row.get(column)?;
        let (text, marks) = cells::unmarked(written);
        // The plan's own code, whichever it is.
        let own = self.plan.currency.map(|currency| currency.code().to_lowercase());
        let text = own.map_or(text.clone(), |own| text.replace(&own, ""));
        for mark in marks {
            let left: Vec<String> = if self.currencies.is_empty() {
                mark.iter().map(|code| code.to_string()).collect()
            } else {
                self.currencies.iter().filter(|code| mark.contains(&code.as_str())).cloned().collect()
            };
            let Some(first) = left.first() else {
                let params = [("text", written.to_string()), ("currency", self.currency.to_string())];
                self.find(Some(row.number), Some(column), "other_currency", &params);
                return None;
            };
            self.currency = first.parse().unwrap_or(self.currency);
            self.currencies = left;
        }
        Some(text)
    }

    fn day(&mut self, row: &Row, column: &'static str) -> Option<NaiveDate> {
        self.cell(row, column, cells::date, "not_a_date")
    }

    /// The first day after an inclusive or exclusive end.
    fn end(&mut self, row: &Row, exclusive: &'static str, inclusive: &'static str) -> Option<NaiveDate> {
        let day = self.day(row, exclusive);
        day.or_else(|| self.day(row, inclusive).and_then(|day| day.succ_opt()))
    }

    fn row(&mut self, row: &Row) {
        let Some(person) = row.get("person").map(str::to_string) else {
            self.find(Some(row.number), Some("person"), "missing", &[("column", "person".into())]);
            return;
        };
        let currency = self.currency;
        self.records.entry(person.clone()).or_insert_with(|| Record::empty(&person, currency));
        let period = self.cell(row, "period", cells::period, "not_a_period");
        if let Some(period) = period {
            self.asked.entry(person.clone()).or_default().insert(period);
            self.periods.push((row.number, period));
        }
        let is_deal = ["deal", "event", "amount", "refund_of", "date", "units"].iter().any(|c| row.get(c).is_some());
        if is_deal {
            self.deal(row, &person, period);
        } else if row.get("metric").is_some() {
            self.figure(row, &person, period);
        } else if row.get("actual").is_some() || row.get("target").is_some() {
            self.find(Some(row.number), Some("metric"), "missing", &[("column", "metric".into())]);
        }
        self.about_person(row, &person, period, is_deal);
    }

    fn about_person(&mut self, row: &Row, person: &str, period: Option<Period>, is_deal: bool) {
        let range = period.map(|period| FiscalCalendar::Months.range(period));
        let (from, until) = (self.day(row, "from"), self.end(row, "until", "last_day"));
        let fte = self.cell(row, "fte", cells::share, "not_a_share");
        let position = row.get("position").map(str::to_string);
        let salary = self.pay(row, "base_salary");
        let incentive = self.pay(row, "target_incentive");
        let owed = self.pay(row, "draw_balance");
        let leave = (self.day(row, "leave_from"), self.end(row, "leave_until", "leave_last_day"));
        if let (Some(a), Some(b)) = (from, until)
            && b <= a
        {
            self.find(Some(row.number), Some("until"), "end_before_start", &[]);
        }
        if let Some(manager) = row.get("manager") {
            self.manager.insert(person.to_string(), manager.to_string());
            let currency = self.currency;
            self.records.entry(manager.to_string()).or_insert_with(|| Record::empty(manager, currency));
        }
        let dated = from.or(range.map(|range| range.from)).unwrap_or(cells::FIRST_DAY);
        let mut clashes = Vec::new();
        let Some(record) = self.records.get_mut(person) else { return };
        for (value, place, column) in
            [(salary, &mut record.salary, "base_salary"), (incentive, &mut record.target_incentive, "target_incentive")]
        {
            let Some(value) = value else { continue };
            if place.insert(dated, value).is_some_and(|before| before != value) {
                clashes.push(column);
            }
        }
        if let Some(owed) = owed {
            if self.owed.insert(person.to_string(), owed).is_some_and(|before| before != owed) {
                clashes.push("draw_balance");
            }
            record.owed = owed;
        }
        if !is_deal && (from.is_some() || until.is_some() || fte.is_some() || position.is_some()) {
            let within = from.is_none() && until.is_none() && fte.is_some();
            let service = Service {
                from: from.or(range.filter(|_| within).map(|r| r.from)).unwrap_or(cells::FIRST_DAY),
                until: until.or(range.filter(|_| within).map(|r| r.until)),
                fte: fte.unwrap_or(Ratio::ONE),
                position,
            };
            if !record.service.contains(&service) {
                record.service.push(service);
            }
        }
        match leave {
            (Some(a), Some(b)) if a < b => record.leave.push((a, b)),
            (None, None) => {}
            _ => clashes.push("leave_from"),
        }
        for column in clashes {
            let code = match column {
                "leave_from" => "leave_incomplete",
                "draw_balance" => "given_twice",
                _ => "conflict",
            };
            self.find(Some(row.number), Some(column), code, &[("column", column.to_string())]);
        }
    }

    fn figure(&mut self, row: &Row, person: &str, period: Option<Period>) {
        let Some(text) = row.get("metric").map(str::to_string) else { return };
        let Some(measure) = named(&text, &self.measures) else {
            let mut allowed: Vec<String> = Metric::ALL.iter().map(|metric| metric.name().to_string()).collect();
            allowed.extend(self.measures.iter().map(|measure| measure.name.clone()));
            let params = [("text", text), ("allowed", allowed.join(", "))];
            self.find(Some(row.number), Some("metric"), "unknown_metric", &params);
            return;
        };
        let Some(period) = period else {
            if row.get("period").is_none() {
                self.find(Some(row.number), Some("period"), "missing", &[("column", "period".into())]);
            }
            return;
        };
        let unit = measure.unit();
        let code = match unit {
            Unit::Ratio => "not_a_ratio",
            Unit::Money => "not_an_amount",
            Unit::Count | Unit::Score => "not_a_number",
        };
        let (written, goal) = match unit {
            Unit::Money | Unit::Ratio => (self.in_currency(row, "actual"), self.in_currency(row, "target")),
            Unit::Count | Unit::Score => ["actual", "target"].map(|column| row.get(column).map(str::to_string)).into(),
        };
        // Nothing to divide by is no data, never 0.
        let no_data = written.as_deref().is_some_and(cells::over_zero);
        let read = |text: &str| cells::figure(text, unit);
        let written = written.filter(|_| !no_data);
        let mut actual = written.as_deref().and_then(|text| self.read(row, "actual", text, read, code));
        let mut target = goal.and_then(|text| self.read(row, "target", &text, read, code));
        if unit == Unit::Money {
            actual = actual.and_then(|value| self.not_too_fine(row, "actual", value));
            target = target.and_then(|value| self.not_too_fine(row, "target", value));
        } else if unit == Unit::Count && actual.is_some_and(|value| value.num % value.den != 0) {
            let text = row.get("actual").unwrap_or("").to_string();
            self.find(Some(row.number), Some("actual"), "not_whole", &[("text", text)]);
        }
        let parts = written.as_deref().and_then(cells::fraction);
        let figure = Figure { row: row.number, period, actual, parts, target, no_data };
        self.figures.entry((person.to_string(), measure.name)).or_default().push(figure);
    }

    fn deal(&mut self, row: &Row, person: &str, period: Option<Period>) {
        let date = self.day(row, "date").or_else(|| {
            if row.get("date").is_none() {
                period.map(|period| FiscalCalendar::Months.range(period).from)
            } else {
                None
            }
        });
        let event = match row.get("event") {
            None if row.get("refund_of").is_some() => Some(OrderEvent::Refunded),
            None => Some(self.plan.terms().basis.event()),
            Some(_) => self.cell(row, "event", cells::event, "unknown_event"),
        };
        let (amount, units) = (self.money(row, "amount"), self.cell(row, "units", cells::number, "not_a_number"));
        let cost = self.money(row, "cost");
        let share = self.cell(row, "share", cells::share, "not_a_share");
        let overlay = match row.get("role") {
            None | Some("revenue") => false,
            Some("overlay") => true,
            Some(other) => {
                self.find(Some(row.number), Some("role"), "unknown_role", &[("text", other.to_string())]);
                return;
            }
        };
        if date.is_none() && row.get("date").is_none() {
            self.find(Some(row.number), Some("date"), "missing", &[("column", "date".into())]);
        }
        let known = self.day(row, "known");
        let (Some(date), Some(event)) = (date, event) else { return };
        let mut amount = amount;
        let mut event = event;
        // A sale below zero is what was taken back of one.
        if amount.is_some_and(|amount| amount < Ratio::ZERO) && event != OrderEvent::Cancelled {
            event = OrderEvent::Refunded;
            amount = amount.map(|amount| Ratio { num: -amount.num, den: amount.den });
        }
        let refund = matches!(event, OrderEvent::Refunded | OrderEvent::Cancelled);
        if amount.is_none() && units.is_none() && !refund && row.get("amount").is_none() {
            self.find(Some(row.number), Some("amount"), "missing", &[("column", "amount".into())]);
            return;
        }
        let id = row.get("deal").or(row.get("refund_of")).map_or_else(|| format!("row {}", row.number), str::to_string);
        let deal = Deal {
            id,
            date,
            known: known.map_or(date, |known| known.max(date)),
            event,
            amount,
            units,
            cost,
            product: row.get("product").unwrap_or("").to_string(),
            customer_type: row.get("customer_type").unwrap_or("").to_string(),
            share: share.or(if refund { None } else { Some(Ratio::ONE) }),
            team: false,
            refund_of: row.get("refund_of").map(str::to_string),
        };
        self.deals.entry(person.to_string()).or_default().push((row.number, deal, overlay));
    }

    /// The span payouts are for: as the plan says, else as the rows have it.
    fn span(&self) -> Span {
        if let Some(span) = self.plan.terms().period {
            return span;
        }
        let kind = |period: &Period| match period {
            Period::Year(_) => Span::Year,
            Period::Quarter(..) => Span::Quarter,
            Period::Month(_) => Span::Month,
        };
        let figures = self.figures.values().flatten().map(|figure| &figure.period);
        let kinds: BTreeSet<Span> = figures.chain(self.periods.iter().map(|(_, period)| period)).map(kind).collect();
        match (kinds.len(), kinds.first()) {
            (1, Some(span)) => *span,
            _ => Span::Month,
        }
    }

    fn put_together(&mut self) {
        let span = self.span();
        self.check_twice();
        self.complete_deals();
        self.share_refunds();
        self.check_shares();
        self.check_refunds();
        self.put_figures(span);
        self.wait_for_earlier(span);
        self.put_deals();
        let terms = self.plan.terms().into_owned();
        let running = terms.components.is_empty() && (terms.draw.is_some() || !terms.commissions.is_empty());
        for (person, mut record) in std::mem::take(&mut self.records) {
            record.currency = self.currency;
            let pays = |s: &Service| s.position.as_deref().is_none_or(|p| p == self.plan.position);
            if !record.service.is_empty() && !record.service.iter().any(pays) {
                continue;
            }
            let mut periods: BTreeSet<Month> = record.measures.keys().map(|p| p.first_month()).collect();
            for period in self.asked.get(&person).into_iter().flatten() {
                periods.insert(within(span, period.first_month()).first_month());
            }
            for deal in &record.deals {
                for day in [deal.date, deal.known] {
                    periods.insert(within(span, FiscalCalendar::Months.month_of(day)).first_month());
                }
            }
            if let (true, Some(first), Some(last)) = (running, periods.first().copied(), periods.last().copied()) {
                let months = (first.index()..=last.index()).take(600).map(Month::from_index);
                periods.extend(months.map(|month| within(span, month).first_month()));
            }
            let periods: Vec<Period> = periods.into_iter().map(|month| within(span, month)).collect();
            if !periods.is_empty() {
                self.people.push((record, periods));
            }
        }
        if self.people.is_empty() && self.findings.is_empty() {
            self.find(None, None, "nobody", &[("position", self.plan.position.clone())]);
        }
    }

    fn put_deals(&mut self) {
        let managers = self.manager.clone();
        for (person, deals) in &self.deals {
            if let Some(record) = self.records.get_mut(person) {
                record.deals.extend(deals.iter().map(|(_, deal, _)| deal.clone()));
            }
            let mut seen = BTreeSet::from([person.clone()]);
            let mut above = managers.get(person);
            while let Some(manager) = above {
                if !seen.insert(manager.clone()) {
                    break;
                }
                if let Some(record) = self.records.get_mut(manager) {
                    let team = deals.iter().filter(|(_, _, overlay)| !overlay);
                    record.deals.extend(team.map(|(_, deal, _)| Deal { team: true, ..deal.clone() }));
                }
                above = managers.get(manager);
            }
        }
        for record in self.records.values_mut() {
            attain_domain::payout::record::in_order(&mut record.deals);
        }
    }
}

pub(super) fn within(span: Span, month: Month) -> Period {
    match span {
        Span::Month => Period::Month(month),
        Span::Quarter => Period::Quarter(month.year, (month.month - 1) / 3 + 1),
        Span::Year => Period::Year(month.year),
    }
}

/// A measure by its name in a file: as the plan writes it, or as either language calls it.
pub(super) fn named(text: &str, own: &[Measure]) -> Option<Measure> {
    let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
    if let Some(measure) = own.iter().find(|measure| measure.name == plain || measure.name == text.trim()) {
        return Some(measure.clone());
    }
    let called = |metric: &Metric, language: Language| {
        language.message(&format!("metric.{metric}"), &[]).to_lowercase().replace(' ', "_") == plain
    };
    let known = Metric::ALL.iter().find(|metric| {
        metric.name() == plain || [Language::Chinese, Language::English].iter().any(|l| called(metric, *l))
    });
    known.map(|metric| Measure::of(*metric))
}
