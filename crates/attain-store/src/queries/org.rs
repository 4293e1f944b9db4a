//! People and units: lists, names, who may do what today, search by name and pinyin.

use std::collections::BTreeMap;

use attain_domain::access::{Actor, Grant};
use attain_domain::org::{Position, Role, Seat, UnitKind};
use chrono::NaiveDate;
use pinyin::ToPinyin;
use rusqlite::params;
use serde::Serialize;

use crate::connection::{OPEN, Result, View, date, day};
use crate::facts::named;
use crate::rollup::MAIN_ASSIGNMENT;

/// A person with the main assignment of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub name_en: Option<String>,
    pub unit_id: String,
    pub position: Position,
    pub role: Role,
    pub joined_on: NaiveDate,
    pub left_on: Option<NaiveDate>,
}

/// A unit with its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitRow {
    pub id: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub parent_id: Option<String>,
    pub depth: u32,
}

const PERSON_ROW: &str = "SELECT p.id, p.name, p.name_en, u.id, a.position,
    coalesce((SELECT r.role FROM unit_role r WHERE r.person = p.n AND r.unit = a.unit AND r.since <= ?1 AND r.until > ?1), 'rep'),
    (SELECT min(since) FROM assignment f WHERE f.person = p.n), a.until
  FROM person p JOIN assignment a ON a.person = p.n JOIN unit u ON u.n = a.unit
  WHERE a.since <= ?1 AND a.until > ?1
    AND a.n = (SELECT n FROM assignment m WHERE m.person = p.n AND m.since <= ?1 AND m.until > ?1";

impl View<'_> {
    fn person_rows(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<PersonRow>> {
        let mut statement = self.db.prepare_cached(&format!(
            "{PERSON_ROW} ORDER BY {MAIN_ASSIGNMENT} LIMIT 1) AND {condition} ORDER BY p.id"
        ))?;
        let mut rows = statement.query(values)?;
        let mut people = Vec::new();
        while let Some(row) = rows.next()? {
            let until: i32 = row.get(7)?;
            people.push(PersonRow {
                id: row.get(0)?,
                name: row.get(1)?,
                name_en: row.get(2)?,
                unit_id: row.get(3)?,
                position: named(row.get::<_, String>(4)?)?,
                role: named(row.get::<_, String>(5)?)?,
                joined_on: date(row.get(6)?),
                left_on: (until != OPEN).then(|| date(until - 1)),
            });
        }
        Ok(people)
    }

    /// Everyone with an assignment on a day.
    pub fn people(&self, on: NaiveDate) -> Result<Vec<PersonRow>> {
        self.person_rows("1", [day(on)])
    }

    pub fn person_row(&self, id: &str, on: NaiveDate) -> Result<Option<PersonRow>> {
        Ok(self.person_rows("p.id = ?2", params![day(on), id])?.into_iter().next())
    }

    /// People whose main assignment on a day is in a unit or below it.
    pub fn people_of_unit(&self, unit_id: &str, on: NaiveDate) -> Result<Vec<PersonRow>> {
        self.person_rows(
            "a.unit IN (WITH RECURSIVE below (n) AS (SELECT n FROM unit WHERE id = ?2
               UNION SELECT c.unit FROM unit_parent c JOIN below b ON c.parent = b.n WHERE c.until = 2147483647) SELECT n FROM below)",
            params![day(on), unit_id],
        )
    }

    /// The last day on which anybody was in a unit or below it; `None` while somebody is, will be, or when nobody ever was.
    pub fn deserted_on(&self, unit_id: &str, today: NaiveDate) -> Result<Option<NaiveDate>> {
        let mut statement = self.db.prepare_cached(
            "SELECT max(until) FROM assignment WHERE unit IN (
               WITH RECURSIVE below (n) AS (SELECT n FROM unit WHERE id = ?1
                 UNION SELECT c.unit FROM unit_parent c JOIN below b ON c.parent = b.n WHERE c.until = 2147483647)
               SELECT n FROM below)",
        )?;
        let until: Option<i32> = statement.query_row([unit_id], |row| row.get(0))?;
        Ok(until.filter(|until| *until <= day(today)).map(|until| date(until - 1)))
    }

    /// All units, parents before children, siblings in the order in which they were entered.
    pub fn units(&self) -> Result<Vec<UnitRow>> {
        let all = self.org_units()?;
        let mut rows = Vec::with_capacity(all.len());
        let children =
            |parent: Option<&str>| -> Vec<_> { all.iter().filter(|u| u.parent_id.as_deref() == parent).collect() };
        let mut stack: Vec<(u32, &attain_domain::org::OrgUnit)> =
            children(None).into_iter().rev().map(|u| (0, u)).collect();
        while let Some((depth, unit)) = stack.pop() {
            rows.push(UnitRow {
                id: unit.id.clone(),
                name: unit.name.clone(),
                name_en: unit.name_en.clone(),
                kind: unit.kind,
                parent_id: unit.parent_id.clone(),
                depth,
            });
            stack.extend(children(Some(&unit.id)).into_iter().rev().map(|u| (depth + 1, u)));
        }
        Ok(rows)
    }

    /// Place of each unit and person in the order in which they were entered, by id.
    pub fn entered(&self) -> Result<BTreeMap<String, i64>> {
        let mut statement = self.db.prepare_cached("SELECT id, n FROM unit UNION ALL SELECT id, n FROM person")?;
        let places = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(places.collect::<std::result::Result<_, _>>()?)
    }

    /// Who acts: a person with the roles of a day. `None` when there is no such person.
    pub fn actor(&self, person_id: &str, on: NaiveDate) -> Result<Option<Actor>> {
        let Some(n) = self.person_number(person_id)? else { return Ok(None) };
        let mut statement = self.db.prepare_cached(
            "SELECT r.role, coalesce(u.id, '') FROM unit_role r LEFT JOIN unit u ON u.n = r.unit
             WHERE r.person = ?1 AND r.since <= ?2 AND r.until > ?2 ORDER BY r.n",
        )?;
        let mut rows = statement.query(params![n, day(on)])?;
        let mut grants = Vec::new();
        while let Some(row) = rows.next()? {
            grants.push(Grant { role: named(row.get::<_, String>(0)?)?, unit_id: row.get(1)? });
        }
        Ok(Some(Actor { person_id: person_id.to_string(), grants, pay_to_managers: self.pay_to_managers()? }))
    }

    /// Everyone who holds a role above a rep's on a day, by id.
    pub(crate) fn people_with_roles(&self, on: NaiveDate) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached(
            "SELECT DISTINCT p.id FROM unit_role r JOIN person p ON p.n = r.person
             WHERE r.role <> 'rep' AND r.since <= ?1 AND r.until > ?1 ORDER BY p.id",
        )?;
        Ok(statement.query_map([day(on)], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Name of a person or unit, in both languages; the id when there is none.
    pub fn name_of(&self, id: &str) -> Result<(String, Option<String>)> {
        use rusqlite::OptionalExtension;
        for table in ["person", "unit", "seat"] {
            let english = if table == "seat" { "NULL" } else { "name_en" };
            let found = self
                .db
                .prepare_cached(&format!("SELECT name, {english} FROM {table} WHERE id = ?1"))?
                .query_row([id], |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?;
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Ok((id.to_string(), None))
    }
}

impl View<'_> {
    fn seats_where(&self, condition: &str, values: impl rusqlite::Params) -> Result<Vec<Seat>> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT s.id, u.id, s.position, s.name, s.since, s.until, s.person_id FROM seat s JOIN unit u ON u.n = s.unit
             WHERE {condition} ORDER BY s.id"
        ))?;
        let mut rows = statement.query(values)?;
        let mut seats = Vec::new();
        while let Some(row) = rows.next()? {
            let until: i32 = row.get(5)?;
            seats.push(Seat {
                id: row.get(0)?,
                unit_id: row.get(1)?,
                position: named(row.get::<_, String>(2)?)?,
                name: row.get(3)?,
                from: date(row.get(4)?),
                to: (until != OPEN).then(|| date(until - 1)),
                person_id: row.get(6)?,
            });
        }
        Ok(seats)
    }

    pub fn seat_row(&self, id: &str) -> Result<Option<Seat>> {
        Ok(self.seats_where("s.id = ?1", [id])?.into_iter().next())
    }

    /// All seats, vacant or not, by id.
    pub fn seats(&self) -> Result<Vec<Seat>> {
        self.seats_where("1", [])
    }

    /// Seats of a unit that are vacant on a day.
    pub fn vacant_seats(&self, unit_id: &str, on: NaiveDate) -> Result<Vec<Seat>> {
        self.seats_where(
            "u.id = ?1 AND s.person_id IS NULL AND s.since <= ?2 AND s.until > ?2",
            params![unit_id, day(on)],
        )
    }
}

/// Whether a typed text finds a name: as it stands, as full pinyin, or as pinyin initials (`zs` finds 张三).
pub fn name_matches(query: &str, names: &[&str]) -> bool {
    let query: String = query.to_lowercase().split_whitespace().collect();
    if query.is_empty() {
        return false;
    }
    names.iter().any(|name| {
        let plain: String = name.to_lowercase().split_whitespace().collect();
        let (mut full, mut initials) = (String::new(), String::new());
        for (c, pinyin) in name.chars().zip(name.to_pinyin()) {
            match pinyin {
                Some(p) => {
                    full.push_str(p.plain());
                    initials.push_str(p.first_letter());
                }
                None => {
                    full.extend(c.to_lowercase());
                    initials.extend(c.to_lowercase());
                }
            }
        }
        let english: String =
            name.split_whitespace().filter_map(|w| w.chars().next()).flat_map(char::to_lowercase).collect();
        plain.contains(&query)
            || full.starts_with(&query)
            || initials.starts_with(&query)
            || english.starts_with(&query)
    })
}

#[cfg(test)]
mod tests {
    use super::name_matches;

    #[test]
    fn names_are_found_by_characters_pinyin_and_initials() {
        for query in ["张", "张三", "zhangsan", "zhang", "zs", "ZS"] {
            assert!(name_matches(query, &["张三"]), "{query}");
        }
        assert!(name_matches("zs", &["Zhang San"]));
        assert!(!name_matches("ls", &["张三"]));
        assert!(!name_matches(" ", &["张三"]));
    }
}
