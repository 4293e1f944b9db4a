//! Orders: streamed, typed on one thread and put in place on another, a few thousand rows at a time.
//!
//! Owns: what a row of orders must hold, [`import`].
//! Absent on purpose: identity and revisions, the figures that follow (attain-store).

use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use attain_domain::access::Actor;
use attain_domain::money::Currency;
use attain_domain::mutation::Now;
use attain_domain::order::OrderEvent;
use attain_store::Store;
use attain_store::facts::order::{Named, Names, OrderRow, Outcome};
use chrono::NaiveDate;
use csv::StringRecord;

use super::cell::{amount, date};
use super::field::{Columns, word};
use super::finding::{Finding, Findings};
use super::reader::Source;
use super::table::{TEXT_AT_MOST, too_wide};
use super::{DEFAULT_SOURCE, ImportError, OnProgress, Progress, Report, Request, Stage, batch_of};

/// Rows that travel together; a few such batches are under way at a time, whatever the size of the file.
const BATCH: usize = 4_096;
const UNDER_WAY: usize = 3;

/// Rows on their way from the file to the store, and the text they point into.
#[derive(Default)]
struct Batch {
    text: String,
    rows: Vec<Typed>,
    /// Names that these rows are the first to use, in the order of their numbers; kinds that start anew before them.
    names: Vec<(Named, Span)>,
    forgotten: Vec<Named>,
    /// Rejected while typing: findings and (if wanted) the row itself.
    wrong: Vec<(Vec<Finding>, Option<StringRecord>)>,
    /// The rows as they are in the file, one for each of `rows`, if a file of rejected ones is wanted.
    records: Vec<StringRecord>,
    done: u64,
    total: u64,
}

type Span = Range<usize>;

/// A row in our types; texts are places in [`Batch::text`].
struct Typed {
    row: u64,
    order_id: Span,
    person_id: Span,
    customer: u32,
    customer_type: u32,
    person: u32,
    product: u32,
    date: NaiveDate,
    amount: i64,
    cost: Option<i64>,
    currency: Currency,
    event: OrderEvent,
}

impl Batch {
    fn clear(&mut self) {
        self.text.clear();
        self.rows.clear();
        self.names.clear();
        self.forgotten.clear();
        self.wrong.clear();
        self.records.clear();
    }

    fn is_full(&self) -> bool {
        self.rows.len() + self.wrong.len() >= BATCH
    }

    fn put(&mut self, text: &str) -> Span {
        let from = self.text.len();
        self.text.push_str(text);
        from..self.text.len()
    }
}

#[allow(clippy::too_many_arguments)]
pub(super) fn import(
    store: &mut Store,
    actor: &Actor,
    request: &Request,
    now: &Now,
    progress: OnProgress,
    source: Source,
    columns: &Columns,
    mut findings: Findings,
    report: &mut Report,
) -> Result<(), ImportError> {
    let started = Instant::now();
    let mut read_until = started;
    let reporting = store.view().currency()?;
    let keep = findings.wants_rows();
    let name = request.source.as_deref().unwrap_or(DEFAULT_SOURCE);
    let (full_out, full_in) = sync_channel::<Result<Batch, ImportError>>(UNDER_WAY);
    let (empty_out, empty_in) = sync_channel::<Batch>(UNDER_WAY + 2);
    let changed = std::thread::scope(|scope| {
        let typing = scope.spawn(move || type_rows(source, columns, reporting, keep, &full_out, &empty_in));
        let progress = &mut *progress;
        let read_until = &mut read_until;
        let mut tell = |stage, done, total| match progress(Progress { stage, done, total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ImportError::Cancelled),
        };
        let tell = std::cell::RefCell::new(&mut tell);
        let report = std::cell::RefCell::new(report);
        let changed = store.import_orders(
            actor,
            name,
            now,
            |import| -> Result<_, ImportError> {
                let mut outcomes = Vec::new();
                for batch in &full_in {
                    let mut batch = batch?;
                    let mut report = report.borrow_mut();
                    report.rows += (batch.rows.len() + batch.wrong.len()) as u64;
                    report.rejected += batch.wrong.len() as u64;
                    for (found, record) in batch.wrong.drain(..) {
                        findings.reject(found, record.as_ref())?;
                    }
                    let text = &batch.text;
                    batch.forgotten.iter().for_each(|named| import.forget(*named));
                    for (named, span) in &batch.names {
                        import.learn(*named, slice(text, span))?;
                    }
                    let rows: Vec<OrderRow<'_>> = batch.rows.iter().map(|row| row.of(text)).collect();
                    import.push(&rows, &mut outcomes)?;
                    for (i, outcome) in outcomes.iter().enumerate() {
                        match outcome {
                            Outcome::Imported => report.imported += 1,
                            Outcome::Unchanged => report.unchanged += 1,
                            _ => {
                                report.rejected += 1;
                                let found = batch.rows[i].refused(*outcome, text);
                                findings.reject(vec![found], batch.records.get(i))?;
                            }
                        }
                    }
                    tell.borrow_mut()(Stage::Reading, batch.done, batch.total)?;
                    // The typing thread may be gone already; then nobody needs the empty batch.
                    let _ = empty_out.send(batch);
                }
                // The channel has closed: the source came to its end, and answers what it was.
                let digest = match typing.join() {
                    Ok(digest) => digest?,
                    Err(panic) => std::panic::resume_unwind(panic),
                };
                let report = report.borrow();
                if report.rows == 0 {
                    return Err(ImportError::FileEmpty { file: request.input.name() });
                }
                *read_until = Instant::now();
                tell.borrow_mut()(Stage::Figures, report.rows, report.rows)?;
                Ok(batch_of(request, digest, &report))
            },
            |_| {
                let rows = report.borrow().rows;
                tell.borrow_mut()(Stage::Writing, rows, rows)?;
                if request.dry_run { Err(ImportError::DryRun) } else { Ok(()) }
            },
        );
        // An error leaves the typing thread waiting to hand over a batch: take the ends of its channels away.
        drop(full_in);
        drop(empty_out);
        (changed, report.into_inner())
    });
    let (changed, report) = changed;
    match changed {
        Ok((changed, _)) => report.changed = Some(changed),
        Err(ImportError::DryRun) => {}
        Err(error) => return Err(error),
    }
    report.orders_ms = (read_until - started).as_millis() as u64;
    report.figures_ms = read_until.elapsed().as_millis() as u64;
    findings.finish(report)
}

/// Reads and types rows until the file ends; answers its digest.
fn type_rows(
    mut source: Source,
    columns: &Columns,
    reporting: Currency,
    keep: bool,
    full: &SyncSender<Result<Batch, ImportError>>,
    empty: &Receiver<Batch>,
) -> Result<String, ImportError> {
    let mut typist = Typist::new(columns, reporting);
    let mut record = StringRecord::new();
    let mut made = 0;
    loop {
        let mut batch = match empty.try_recv() {
            Ok(batch) => batch,
            Err(_) if made < UNDER_WAY + 2 => {
                made += 1;
                Batch::default()
            }
            Err(_) => match empty.recv() {
                Ok(batch) => batch,
                Err(_) => return Err(ImportError::Cancelled),
            },
        };
        batch.clear();
        typist.start(&mut batch);
        let mut more = true;
        while !batch.is_full() {
            match source.read(&mut record) {
                Ok(true) => typist.take(&mut batch, source.row(), &record, keep),
                Ok(false) => {
                    more = false;
                    break;
                }
                Err(error) => {
                    let _ = full.send(Err(error));
                    return Err(ImportError::Cancelled);
                }
            }
        }
        if let Err(error) = source.still_there() {
            let _ = full.send(Err(error));
            return Err(ImportError::Cancelled);
        }
        (batch.done, batch.total) = source.progress();
        if !(batch.rows.is_empty() && batch.wrong.is_empty()) && full.send(Ok(batch)).is_err() {
            return Err(ImportError::Cancelled);
        }
        if !more {
            return Ok(source.digest());
        }
    }
}

fn slice<'a>(text: &'a str, span: &Span) -> &'a str {
    text.get(span.clone()).unwrap_or("")
}

impl Typed {
    fn of<'a>(&self, text: &'a str) -> OrderRow<'a> {
        OrderRow {
            order_id: slice(text, &self.order_id),
            customer: self.customer,
            customer_type: self.customer_type,
            person: self.person,
            product: self.product,
            date: self.date,
            amount: self.amount,
            cost: self.cost,
            currency: self.currency,
            event: self.event,
        }
    }

    fn refused(&self, outcome: Outcome, text: &str) -> Finding {
        let row = self.of(text);
        match outcome {
            Outcome::UnknownPerson => {
                Finding::cell(self.row, "person_id", "unknown_person", slice(text, &self.person_id))
            }
            Outcome::RefundBeyondOrder => Finding::cell(self.row, "order_id", "refund_beyond_order", row.order_id),
            Outcome::RateMissing => Finding::cell(self.row, "currency", "unknown_currency", row.currency.code()),
            _ => Finding::cell(self.row, "order_id", "duplicate", row.order_id),
        }
    }
}

/// The places of the fields, looked up once.
struct Typist<'c> {
    columns: &'c Columns,
    reporting: Currency,
    order_id: usize,
    customer_id: usize,
    customer_type: usize,
    person_id: usize,
    product: usize,
    date: usize,
    amount: usize,
    cost: usize,
    currency: usize,
    event: usize,
    /// The column may be left out: then every row is a booking.
    has_event: bool,
    /// Numbers given out so far, by kind.
    names: [Names; 4],
}

impl<'c> Typist<'c> {
    fn new(columns: &'c Columns, reporting: Currency) -> Typist<'c> {
        let place = |field| columns.place(field);
        Typist {
            columns,
            reporting,
            order_id: place("order_id"),
            customer_id: place("customer_id"),
            customer_type: place("customer_type"),
            person_id: place("person_id"),
            product: place("product"),
            date: place("date"),
            amount: place("amount"),
            cost: place("cost"),
            currency: place("currency"),
            event: place("event"),
            has_event: columns.has("event"),
            names: Default::default(),
        }
    }

    /// Between batches, names may be forgotten.
    fn start(&mut self, batch: &mut Batch) {
        let many = |named: &Named| self.names[*named as usize].forget_when_many();
        batch.forgotten.extend(Named::ALL.into_iter().filter(many));
    }

    /// The number of a name; the first row to use it takes it along.
    fn name(&mut self, batch: &mut Batch, named: Named, span: &Span) -> u32 {
        let (number, new) = self.names[named as usize].number(slice(&batch.text, span));
        if new {
            batch.names.push((named, span.clone()));
        }
        number
    }

    fn take(&mut self, batch: &mut Batch, row: u64, record: &StringRecord, keep: bool) {
        let mut found: Vec<Finding> = too_wide(row, record, self.columns).into_iter().collect();
        match self.typed(batch, row, record, &mut found) {
            Some(typed) if found.is_empty() => {
                batch.rows.push(typed);
                if keep {
                    batch.records.push(record.clone());
                }
            }
            _ => batch.wrong.push((found, keep.then(|| record.clone()))),
        }
    }

    fn typed(&mut self, batch: &mut Batch, row: u64, record: &StringRecord, found: &mut Vec<Finding>) -> Option<Typed> {
        let columns = self.columns;
        let mut wrong = |field: &str, code: &str, text: &str| found.push(Finding::cell(row, field, code, text));
        let mut id = |place: usize, field: &str, needed: bool| {
            let text = columns.at(record, place);
            if text.is_empty() && needed {
                wrong(field, "missing_value", text);
                return None;
            }
            if text.len() > TEXT_AT_MOST {
                wrong(field, "too_long", text);
                return None;
            }
            Some(batch.put(text))
        };
        let order_id = id(self.order_id, "order_id", true);
        let customer_id = id(self.customer_id, "customer_id", true);
        let customer_type = id(self.customer_type, "customer_type", false);
        let person_id = id(self.person_id, "person_id", true);
        let product = id(self.product, "product", false);
        let text = columns.at(record, self.date);
        let date = match date(text, columns.date) {
            Ok(date) => Some(date),
            Err(code) => {
                wrong("date", if text.is_empty() { "missing_value" } else { code }, text);
                None
            }
        };
        let text = columns.at(record, self.currency);
        let currency = match text {
            "" => Some(self.reporting),
            text => text.parse().ok(),
        };
        if currency.is_none() {
            wrong("currency", "bad_currency", text);
        }
        let digits = currency.unwrap_or(self.reporting).digits();
        let mut money = |place: usize, field: &str, needed: bool| {
            let text = columns.at(record, place);
            if text.is_empty() {
                if needed {
                    wrong(field, "missing_value", text);
                }
                return None;
            }
            match amount(text, digits, columns.decimal_comma) {
                Ok(minor) if minor < 0 => wrong(field, "negative_amount", text),
                Ok(minor) if minor > AMOUNT_AT_MOST => wrong(field, "too_large", text),
                Ok(minor) => return Some(minor),
                Err(code) => wrong(field, code, text),
            }
            None
        };
        let amount = money(self.amount, "amount", true);
        let cost = money(self.cost, "cost", false);
        let text = columns.at(record, self.event);
        let event = match text {
            "" if !self.has_event => Some(OrderEvent::Booked),
            text => text.parse().ok().or_else(|| word(text)),
        };
        if event.is_none() {
            wrong("event", if text.is_empty() { "missing_value" } else { "unknown_event" }, text);
        }
        if !found.is_empty() {
            return None;
        }
        let person_id = person_id?;
        Some(Typed {
            row,
            order_id: order_id?,
            customer: self.name(batch, Named::Customer, &customer_id?),
            customer_type: self.name(batch, Named::CustomerType, &customer_type?),
            person: self.name(batch, Named::Person, &person_id),
            product: self.name(batch, Named::Product, &product?),
            person_id,
            date: date?,
            amount: amount?,
            cost,
            currency: currency?,
            event: event?,
        })
    }
}

/// A trillion yuan in cents: sums of a million such orders are still in range.
const AMOUNT_AT_MOST: i64 = 100_000_000_000_000;
