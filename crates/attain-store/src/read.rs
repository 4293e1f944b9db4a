//! The store's answers to the questions decisions ask.

use std::collections::BTreeMap;

use attain_domain::access::{Action, Reach};
use attain_domain::adjustment::Correction;
use attain_domain::attainment::PaceBounds;
use attain_domain::goal::agreement::{Proposal, ProposalState, USUAL_FREEDOM};
use attain_domain::goal::profile::{self, Profile};
use attain_domain::goal::version::Acknowledged;
use attain_domain::goal::{Goal, Owner};
use attain_domain::metric::Metric;
use attain_domain::money::Currency;
use attain_domain::mutation::ClosedPeriod;
use attain_domain::note::Note;
use attain_domain::org::{Position, Seat};
use attain_domain::payout::{Inputs, MetricInput};
use attain_domain::period::{FiscalCalendar, Month, Period};
use attain_domain::plan::Plan;
use attain_domain::plan::draft::PlanDraft;
use attain_domain::plan::exception::PlanException;
use attain_domain::read::{Answer, Candidate, Payee, Read, ReadError};
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};

use crate::connection::{OPEN, Result, StoreError, View, date, day};
use crate::facts::named;
use crate::rollup::MAIN_ASSIGNMENT;

/// The setting of a replica that says up to where in the server's order it holds everything.
pub const APPLIED_SEQ: &str = "applied_seq";

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        ReadError(error.to_string())
    }
}

impl Read for View<'_> {
    fn currency(&self) -> Answer<Currency> {
        Ok(View::currency(self)?)
    }

    fn fiscal(&self) -> Answer<FiscalCalendar> {
        Ok(View::fiscal(self)?)
    }

    fn pace_bounds(&self) -> Answer<PaceBounds> {
        Ok(View::pace_bounds(self)?)
    }

    fn person_exists(&self, person_id: &str) -> Answer<bool> {
        Ok(self.person_number(person_id)?.is_some())
    }

    fn units_of(&self, person_id: &str, day: NaiveDate) -> Answer<Vec<String>> {
        match self.main_unit(person_id, day)? {
            Some(unit) => Ok(self.chain_of(&unit)?),
            None => Ok(Vec::new()),
        }
    }

    fn unit_chain(&self, unit_id: &str, _day: NaiveDate) -> Answer<Vec<String>> {
        Ok(self.chain_of(unit_id)?)
    }

    fn goal(&self, goal_id: &str) -> Answer<Option<Goal>> {
        Ok(self.goal_row(goal_id)?)
    }

    fn goal_subtree(&self, goal_id: &str) -> Answer<Vec<Goal>> {
        // Below the top of a year's tree is the year: read in one go, not looked up goal by goal.
        if let Some(Goal { parent_id: None, metric, year, .. }) = self.goal_row(goal_id)? {
            return self.goals_of_year(metric, year);
        }
        Ok(self.goals_where(
            "n IN (WITH RECURSIVE below (n, id) AS (
                     SELECT n, id FROM goal WHERE id = ?1
                     UNION SELECT g.n, g.id FROM below b CROSS JOIN goal g ON g.parent_id = b.id)
                   SELECT n FROM below)",
            [goal_id],
        )?)
    }

    fn goals_of_year(&self, metric: Metric, year: i32) -> Answer<Vec<Goal>> {
        Ok(self.goals_where("metric = ?1 AND year = ?2", params![metric.name(), year])?)
    }

    fn owner_actuals(&self, year: i32) -> Answer<Vec<(Owner, [i64; 12])>> {
        Ok(self.actuals_of_owners(year)?)
    }

    fn goals_carried(&self, owner: &Owner, year: i32) -> Answer<Vec<Goal>> {
        let goals = self.goals_of_owner(owner.id(), year)?;
        Ok(goals.into_iter().filter(|g| g.owner == *owner).collect())
    }

    fn actual_of(&self, owner: &Owner, metric: Metric, year: i32) -> Answer<Option<i64>> {
        let period = Period::Year(year);
        let figure = match owner {
            Owner::Unit(id) => self.unit_figure(id, metric, period)?,
            Owner::Person(id) => self.person_figure(id, metric, period)?,
            Owner::Seat(_) => None,
        };
        Ok(figure.filter(|f| f.den == 1).map(|f| f.num))
    }

    fn candidates(&self, unit_id: &str, from: Month) -> Answer<Vec<Candidate>> {
        Ok(self.candidates_of(unit_id, from)?)
    }

    fn head_count(&self, unit_id: &str, from: Month) -> Answer<i64> {
        Ok(self.head_count_of(unit_id, from)?)
    }

    fn owner_exists(&self, owner: &Owner) -> Answer<bool> {
        Ok(match owner {
            Owner::Unit(id) => self.unit_number(id)?.is_some(),
            Owner::Person(id) => self.person_number(id)?.is_some(),
            Owner::Seat(id) => self.seat_row(id)?.is_some(),
        })
    }

    fn joined_on(&self, person_id: &str) -> Answer<Option<NaiveDate>> {
        Ok(self.first_day(person_id)?)
    }

    fn seat(&self, seat_id: &str) -> Answer<Option<Seat>> {
        Ok(self.seat_row(seat_id)?)
    }

    fn profile(&self, profile_id: &str) -> Answer<Option<Profile>> {
        let kept = self.setting(&format!("{}{profile_id}", profile::SETTING))?;
        Ok(kept.and_then(|text| text.parse().ok()))
    }

    fn goal_freedom(&self) -> Answer<u32> {
        Ok(self.setting("goal_freedom")?.and_then(|text| text.parse().ok()).unwrap_or(USUAL_FREEDOM))
    }

    fn proposal(&self, proposal_id: &str) -> Answer<Option<Proposal>> {
        Ok(self.proposal_row(proposal_id)?)
    }

    fn acknowledged(&self, goal_id: &str, person_id: &str) -> Answer<Option<Acknowledged>> {
        Ok(self.acknowledgement(goal_id, person_id)?)
    }

    fn closed_months(&self) -> Answer<Vec<Month>> {
        Ok(self.closed_month_list()?)
    }

    fn note(&self, note_id: &str) -> Answer<Option<Note>> {
        Ok(self.note_row(note_id)?)
    }

    fn plans(&self) -> Answer<Vec<Plan>> {
        Ok(self.plan_list()?)
    }

    fn plan_draft(&self, draft_id: &str) -> Answer<Option<PlanDraft>> {
        Ok(View::plan_draft(self, draft_id)?)
    }

    fn plan_exceptions(&self, person_id: &str) -> Answer<Vec<PlanException>> {
        Ok(View::plan_exceptions(self, person_id)?)
    }

    fn others_may(&self, action: Action, person_id: &str, day: NaiveDate) -> Answer<bool> {
        let others = self.people_with_roles(day)?.into_iter().filter(|id| id != person_id);
        for id in others {
            if self.actor(&id, day)?.is_some_and(|actor| actor.widest(action) == Some(Reach::All)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn shared(&self) -> Answer<bool> {
        // A laptop names its server; the server's own replica how far it has come.
        Ok(self.setting("server")?.is_some() || self.setting("applied_seq")?.is_some())
    }

    fn payees(&self, month: Month) -> Answer<Vec<Payee>> {
        let plans = self.plan_list()?;
        let mut payees = Vec::new();
        for person in self.people_in(month)? {
            if let Some(payee) = self.payee(&plans, &person, month)? {
                payees.push(payee);
            }
        }
        Ok(payees)
    }

    fn uncovered(&self, month: Month) -> Answer<Vec<String>> {
        let (plans, mut people) = (self.plan_list()?, Vec::new());
        for person in self.people_in(month)? {
            let Some((position, last)) = self.position_in(&person, month)? else { continue };
            let sells = position.parse::<Position>().is_ok_and(Position::sells);
            if sells && self.plan_for(&plans, &person, month, &position, last)?.0.is_none() {
                people.push(person);
            }
        }
        Ok(people)
    }

    fn open_proposals(&self) -> Answer<Vec<Proposal>> {
        Ok(self.proposals()?.into_iter().filter(|proposal| proposal.state == ProposalState::Open).collect())
    }

    fn decided_at(&self) -> Answer<Option<u64>> {
        Ok(self.setting(APPLIED_SEQ)?.and_then(|seq| seq.parse().ok()))
    }

    fn corrections(&self, person_id: &str, month: Month) -> Answer<Vec<Correction>> {
        Ok(self.corrections_of(person_id, month, &self.plan_list()?)?)
    }
}

impl View<'_> {
    pub(crate) fn closed_month_list(&self) -> Result<Vec<Month>> {
        let mut statement = self.db.prepare_cached("SELECT month FROM period ORDER BY month")?;
        Ok(statement.query_map([], |r| Ok(Month::from_index(r.get(0)?)))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Who closed a month, when, and where in the server's order.
    pub fn closed_period(&self, month: Month) -> Result<Option<ClosedPeriod>> {
        let query = "SELECT closed_by, closed_at, seq FROM period WHERE month = ?1";
        let row = |r: &rusqlite::Row| {
            let seq = r.get::<_, Option<i64>>(2)?.and_then(|seq| u64::try_from(seq).ok());
            Ok(ClosedPeriod { closed_by: r.get(0)?, closed_at: r.get(1)?, seq })
        };
        Ok(self.db.prepare_cached(query)?.query_row([month.index()], row).optional()?)
    }

    pub fn plan_list(&self) -> Result<Vec<Plan>> {
        let mut statement = self.db.prepare_cached("SELECT source FROM plan ORDER BY id, version")?;
        let mut rows = statement.query([])?;
        let mut plans = Vec::new();
        while let Some(row) = rows.next()? {
            let source: String = row.get(0)?;
            plans.push(Plan::parse(&source).map_err(|_| StoreError::Damaged("a published plan".into()))?);
        }
        Ok(plans)
    }

    /// The unit of a person's main assignment on a day.
    pub fn main_unit(&self, person_id: &str, on: NaiveDate) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare_cached(&format!(
                "SELECT (SELECT id FROM unit WHERE n = a.unit) FROM assignment a
                 WHERE person = (SELECT n FROM person WHERE id = ?1) AND since <= ?2 AND until > ?2
                 ORDER BY {MAIN_ASSIGNMENT} LIMIT 1"
            ))?
            .query_row(params![person_id, day(on)], |r| r.get(0))
            .optional()?)
    }

    /// A unit and all above it, nearest first.
    pub fn chain_of(&self, unit_id: &str) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(
            "WITH RECURSIVE up (n, depth) AS (
               SELECT n, 0 FROM unit WHERE id = ?1
               UNION SELECT p.parent, depth + 1 FROM unit_parent p JOIN up ON p.unit = up.n WHERE p.until = ?2 AND depth < 64)
             SELECT u.id FROM up JOIN unit u ON u.n = up.n ORDER BY depth",
        )?;
        Ok(statement.query_map(params![unit_id, OPEN], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    fn first_day(&self, person_id: &str) -> Result<Option<NaiveDate>> {
        let query = "SELECT min(since) FROM assignment WHERE person = (SELECT n FROM person WHERE id = ?1)";
        let since: Option<i32> = self.db.prepare_cached(query)?.query_row([person_id], |r| r.get(0))?;
        Ok(since.map(date))
    }

    /// Who can carry the parts of a unit's goal from a month on: the units directly below; where there are none, those who
    /// sell in it from that month on or join later in its year, each by their part of a full position, and vacant seats.
    fn candidates_of(&self, unit_id: &str, from: Month) -> Result<Vec<Candidate>> {
        let mut below = self.db.prepare_cached(
            "SELECT u.id FROM unit_parent p JOIN unit u ON u.n = p.unit
             WHERE p.parent = (SELECT n FROM unit WHERE id = ?1) AND p.until = ?2 ORDER BY u.id",
        )?;
        let below: Vec<String> =
            below.query_map(params![unit_id, OPEN], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut candidates = Vec::new();
        for unit in &below {
            let head_ppm = self.head_count_of(unit, from)?;
            candidates.push(Candidate { owner: Owner::Unit(unit.clone()), head_ppm, joined: None });
        }
        if below.is_empty() {
            let fiscal = self.fiscal()?;
            let first = fiscal.month_start(from);
            let end = fiscal.range(Period::Year(from.year)).until;
            let mut members = self.db.prepare_cached(
                "SELECT p.id, a.position, max(a.fte_ppm) FROM assignment a JOIN person p ON p.n = a.person
                 WHERE a.unit = (SELECT n FROM unit WHERE id = ?1) AND a.until > ?2 AND a.since < ?3
                 GROUP BY p.id, a.position ORDER BY p.id",
            )?;
            let mut rows = members.query(params![unit_id, day(first), day(end)])?;
            while let Some(row) = rows.next()? {
                let position: Position = named(row.get::<_, String>(1)?)?;
                let id: String = row.get(0)?;
                let owner = Owner::Person(id.clone());
                if position.sells() && !candidates.iter().any(|c: &Candidate| c.owner == owner) {
                    let joined = self.first_day(&id)?;
                    candidates.push(Candidate { owner, head_ppm: row.get(2)?, joined });
                }
            }
            for seat in self.vacant_seats(unit_id, first)? {
                let owner = Owner::Seat(seat.id);
                candidates.push(Candidate { owner, head_ppm: 1_000_000, joined: None });
            }
        }
        Ok(candidates)
    }

    fn head_count_of(&self, unit_id: &str, from: Month) -> Result<i64> {
        let mut heads = 0;
        for candidate in self.candidates_of(unit_id, from)? {
            heads += candidate.head_ppm;
        }
        Ok(heads)
    }

    /// People with an assignment on some day of a month.
    pub fn people_in(&self, month: Month) -> Result<Vec<String>> {
        let range = self.fiscal()?.range(Period::Month(month));
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT p.id FROM assignment a JOIN person p ON p.n = a.person WHERE a.since < ?2 AND a.until > ?1 ORDER BY p.id",
        )?;
        Ok(statement
            .query_map(params![day(range.from), day(range.until)], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?)
    }

    /// A person's position on their last day of service in a month, and that day.
    fn position_in(&self, person_id: &str, month: Month) -> Result<Option<(String, NaiveDate)>> {
        let range = self.fiscal()?.range(Period::Month(month));
        let service: Option<(String, i32)> = self
            .db
            .prepare_cached(&format!(
                "SELECT position, min(until, ?3) FROM assignment WHERE person = (SELECT n FROM person WHERE id = ?1)
                 AND since < ?3 AND until > ?2 ORDER BY min(until, ?3) DESC, {MAIN_ASSIGNMENT} LIMIT 1"
            ))?
            .query_row(params![person_id, day(range.from), day(range.until)], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(service.map(|(position, until)| (position, date(until - 1))))
    }

    /// The plan that pays somebody in a position for a month, and the exception that holds in it: that may name another plan.
    fn plan_for<'p>(
        &self,
        plans: &'p [Plan],
        person_id: &str,
        month: Month,
        position: &str,
        last: NaiveDate,
    ) -> Result<(Option<&'p Plan>, Option<PlanException>)> {
        let exception = self.plan_exceptions(person_id)?.into_iter().find(|one| one.holds_in(month));
        let plan = match exception.as_ref().and_then(|one| one.plan_id.as_deref()) {
            Some(other) => {
                let named = plans.iter().filter(|plan| plan.id == other && plan.applies_on(last));
                named.max_by_key(|plan| (plan.effective_from, plan.version))
            }
            None => attain_domain::plan::in_force(plans, position, last),
        };
        Ok((plan, exception))
    }

    /// The plan and inputs of a person for a month: the position and salary are those of the month's last day in service,
    /// unless an exception says otherwise.
    pub fn payee(&self, plans: &[Plan], person_id: &str, month: Month) -> Result<Option<Payee>> {
        let Some((position, last)) = self.position_in(person_id, month)? else { return Ok(None) };
        let range = self.fiscal()?.range(Period::Month(month));
        let (plan, exception) = self.plan_for(plans, person_id, month, &position, last)?;
        let Some(plan) = plan else { return Ok(None) };
        let base_salary = self
            .salaries(person_id)?
            .unwrap_or_default()
            .into_iter()
            .filter(|s| s.from <= last)
            .max_by_key(|s| s.from)
            .map(|s| s.amount);
        // A plan of quarters or years pays in their last month.
        let period = attain_domain::payout::period_of(plan, month);
        if period.last_month() != month {
            return Ok(None);
        }
        let mut metrics = BTreeMap::new();
        for metric in plan.terms().measures().iter().filter_map(|measure| measure.metric()) {
            let mut actual = self.person_figure(person_id, metric, period)?;
            if metric == Metric::SalesAmount {
                actual = self.sales_for(person_id, plan, period, actual, None)?.0;
            }
            let target = self.person_target(person_id, metric, period)?;
            metrics.insert(metric, MetricInput { actual, target });
        }
        let record = match plan.terms {
            Some(_) => Some(Box::new(self.record(person_id, plan, month)?)),
            None => None,
        };
        let (person, currency) = (person_id.to_string(), self.currency()?);
        let mut inputs = Inputs { person, period: month, currency, base_salary, metrics, record, exception: None };
        if let Some(exception) = exception {
            exception.enter(&mut inputs, plan, &position, range.from);
        }
        Ok(Some(Payee { plan: plan.clone(), inputs }))
    }

    /// A person's own target of a period: Σ of the goals they carry; `None` without any.
    pub fn person_target(&self, person_id: &str, metric: Metric, period: Period) -> Result<Option<i64>> {
        let goals = self.goals_where(
            "owner_id = ?1 AND metric = ?2 AND year = ?3 AND owner_kind = 1",
            params![person_id, metric.name(), period.year()],
        )?;
        Ok(goals.iter().map(|g| g.target(period)).reduce(|a, b| a.saturating_add(b)))
    }

    fn actuals_of_owners(&self, year: i32) -> Result<Vec<(Owner, [i64; 12])>> {
        let fiscal = self.fiscal()?;
        let range = fiscal.range(Period::Year(year));
        let mut owners: BTreeMap<Owner, [i64; 12]> = BTreeMap::new();
        for (table, key, kind) in [("person_day", "person", 1), ("unit_day", "unit", 0)] {
            let overlay = if kind == 1 { " + d.overlay" } else { "" };
            let mut statement = self.db.prepare(&format!(
                "SELECT o.id, d.day, d.booked - d.refunded{overlay} FROM {table} d JOIN {key} o ON o.n = d.{key}
                 WHERE d.day >= ?1 AND d.day < ?2"
            ))?;
            let mut rows = statement.query(params![day(range.from), day(range.until)])?;
            while let Some(row) = rows.next()? {
                let id: String = row.get(0)?;
                let owner = if kind == 1 { Owner::Person(id) } else { Owner::Unit(id) };
                let month = fiscal.month_of(date(row.get(1)?)).month as usize - 1;
                owners.entry(owner).or_insert([0; 12])[month] += row.get::<_, i64>(2)?;
            }
        }
        Ok(owners.into_iter().collect())
    }

    /// The position of a person's main assignment on a day.
    pub fn position_of(&self, person_id: &str, on: NaiveDate) -> Result<Option<Position>> {
        let position: Option<String> = self
            .db
            .prepare_cached(&format!(
                "SELECT position FROM assignment WHERE person = (SELECT n FROM person WHERE id = ?1) AND since <= ?2 AND until > ?2
                 ORDER BY {MAIN_ASSIGNMENT} LIMIT 1"
            ))?
            .query_row(params![person_id, day(on)], |r| r.get(0))
            .optional()?;
        position.map(named).transpose()
    }
}

impl View<'_> {
    /// What a close froze for a person; pay class.
    pub fn frozen_payout(
        &self,
        person_id: &str,
        month: Month,
    ) -> Result<Option<attain_domain::mutation::FrozenPayout>> {
        self.sealed("payout", &format!("{month}/{person_id}"))
    }
}
