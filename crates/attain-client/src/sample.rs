//! The sample company: generated facts that go through the ordinary import, its plans, its closed months, its notes.
//!
//! Absent on purpose: any figure; change one order and every screen changes.

use std::ops::ControlFlow;
use std::path::Path;

use attain_domain::access::Actor;
use attain_domain::closing::{Acceptance, outlook};
use attain_domain::mutation::{Mutation, Now};
use attain_domain::note::{NoteKind, Visibility};
use attain_domain::period::Month;
use chrono::NaiveDate;

use crate::import::{self, Input, Kind, Request};
use crate::keys::Unlock;
use crate::problem::{Problem, Result};
use crate::workspace::{NewWorkspace, Workspace};

/// The day the sample lives on, and who opens it.
const TODAY: &str = "2026-09-21";
const OWNER: &str = "wang-fang";
/// The sample's data was complete when its evening import ran.
const AS_OF: &str = "2026-09-20T22:10:00+08:00";

macro_rules! asset {
    ($name:literal) => {
        include_bytes!(concat!("../../../assets/sample/", $name))
    };
}

const FILES: [(Kind, &str, &[u8]); 6] = [
    (Kind::Unit, "units.csv", asset!("units.csv")),
    (Kind::Person, "people.csv", asset!("people.csv")),
    (Kind::Order, "orders.csv", asset!("orders.csv")),
    (Kind::Credit, "credits.csv", asset!("credits.csv")),
    (Kind::Goal, "goals.csv", asset!("goals.csv")),
    (Kind::Metric, "metrics.csv", asset!("metrics.csv")),
];

const PLANS: [&[u8]; 3] =
    [asset!("plans/new-business-v1.toml"), asset!("plans/new-business-v2.toml"), asset!("plans/account-manager.toml")];
/// Why its closed months were closed with people who lack a figure.
const ACCEPTED: &str = "新入职，当月没有可考核的数据，不发奖金";
const NOTES: &[u8] = asset!("notes.csv");

/// Makes a workspace that holds the sample company.
pub fn create(home: &Path, unlock: &Unlock) -> Result<Workspace> {
    let new = NewWorkspace {
        company: "青禾商用咖啡".into(),
        currency: attain_domain::money::Currency::CNY,
        owner_id: OWNER.into(),
        owner_name: "王芳".into(),
    };
    let mut workspace = Workspace::create(home, unlock, &new)?;
    match fill(&mut workspace) {
        Ok(()) => Ok(workspace),
        Err(problem) => {
            // Half a sample is worse than none.
            let _ = workspace.store.write(|tx| tx.set_setting("sample", TODAY));
            let _ = workspace.remove_sample();
            Err(problem)
        }
    }
}

fn fill(workspace: &mut Workspace) -> Result<()> {
    workspace.store.write(|tx| {
        tx.set_setting("today", TODAY)?;
        tx.set_setting("sample", TODAY)?;
        tx.set_setting("as_of", AS_OF)?;
        tx.set_setting("utc_offset_seconds", "28800")
    })?;
    let viewer = workspace.viewer()?;
    let now = |at: &str| -> Result<Now> { Ok(Now { today: today()?, at: at.to_string() }) };
    for (kind, name, bytes) in FILES {
        let request = Request {
            source: Some("sample".into()),
            ..Request::of(kind, Input::Memory { name: name.into(), bytes: bytes.to_vec() })
        };
        let report =
            import::run(
                &mut workspace.store,
                &viewer.actor,
                &request,
                &now(AS_OF)?,
                &mut |_| ControlFlow::Continue(()),
            )
            .map_err(Problem::from)?;
        if report.rejected > 0 {
            return Err(Problem::internal(format!("{name}: {:?}", report.findings.first())));
        }
    }
    // The owner's company-wide roles give way to those of people.csv, where one is HR and another admin.
    workspace.store.write(|tx| tx.drop_owner_roles(OWNER))?;
    let viewer = workspace.viewer()?;
    for plan in PLANS {
        let source = String::from_utf8_lossy(plan).into_owned();
        workspace.store.mutate(&viewer.actor, &Mutation::PublishPlan { source }, &now("2026-01-04T09:00:00+08:00")?)?;
    }
    for month in 1..=8 {
        let month = Month { year: 2026, month };
        let at = format!("{}-04T18:00:00+08:00", month.plus(1));
        // What is missing is accepted: the sample's rule is that whoever has no figure to be judged by is paid no bonus.
        let open = outlook(&workspace.view(), month)?.open(&[]);
        let accepted = open.iter().map(|found| Acceptance { check: found.check, reason: ACCEPTED.into() }).collect();
        let close = Mutation::ClosePeriod { month, seen: None, accepted };
        workspace.store.mutate(&viewer.actor, &close, &now(&at)?)?;
    }
    write_notes(workspace)
}

fn today() -> Result<NaiveDate> {
    TODAY.parse().map_err(Problem::internal)
}

fn write_notes(workspace: &mut Workspace) -> Result<()> {
    let mut reader = csv::Reader::from_reader(NOTES);
    for record in reader.records() {
        let record = record.map_err(Problem::internal)?;
        let cell = |i: usize| record.get(i).unwrap_or("").to_string();
        let at = cell(3);
        let author = workspace.view().actor(&cell(1), today()?)?.unwrap_or(Actor {
            person_id: cell(1),
            grants: Vec::new(),
            pay_to_managers: true,
        });
        let mutation = Mutation::WriteNote {
            note_id: cell(0),
            about_id: cell(2),
            kind: NoteKind::Note,
            visibility: if cell(4) == "shared" { Visibility::Pair } else { Visibility::Managers },
            text: cell(5),
            actions: Vec::new(),
            before: None,
        };
        workspace.store.mutate(&author, &mutation, &Now { today: today()?, at })?;
    }
    Ok(())
}
