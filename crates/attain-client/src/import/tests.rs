//! What an import makes of files, in a store with a small company.

use std::ops::ControlFlow;

use attain_domain::access::{Actor, Grant};
use attain_domain::mutation::Now;
use attain_domain::org::Role;
use attain_store::{Keys, Store};
use tempfile::TempDir;

use super::{ImportError, Input, Kind, Mapping, Report, Request, run};

mod figures;
mod files;
mod findings;
mod organisation;

/// A company in a store of its own.
pub(super) struct Company {
    pub store: Store,
    pub dir: TempDir,
}

pub(super) const UNITS: &str =
    "unit_id,name,parent_id,kind\nco,Qinghe,,company\nA,East,co,region\njia,Jia,A,team\nyi,Yi,A,team\n";
pub(super) const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    li-na,李娜,jia,team_lead,manager,20000.00,2019-02-18,\n\
    zhang,张三,jia,new_business,rep,12000.00,2023-03-06,\n\
    li,李四,jia,account_manager,rep,,2024-09-01,\n\
    wu,吴倩,yi,new_business,rep,10000.00,2024-07-01,\n";
pub(super) const ORDERS: &str = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n\
    O1,C1,new,zhang,2026-08-01,1000.00,600.00,CNY,booked,beans\n\
    O2,C1,returning,zhang,2026-09-01,500.00,,CNY,booked,beans\n\
    O3,C2,new,wu,2026-09-02,800.00,,CNY,booked,cups\n\
    O3,C2,new,wu,2026-09-10,100.00,,CNY,refunded,cups\n";

impl Company {
    pub fn empty() -> Company {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(&dir.path().join("store"), Keys { core: [1; 32], pay: Some([2; 32]) }).unwrap();
        Company { store, dir }
    }

    pub fn new() -> Company {
        let mut company = Company::empty();
        company.takes(Kind::Unit, UNITS);
        company.takes(Kind::Person, PEOPLE);
        company
    }

    /// With orders.
    pub fn selling() -> Company {
        let mut company = Company::new();
        company.takes(Kind::Order, ORDERS);
        company
    }

    pub fn try_request(&mut self, request: &Request) -> Result<Report, ImportError> {
        run(&mut self.store, &hr(), request, &now(), &mut |_| ControlFlow::Continue(()))
    }

    pub fn import(&mut self, kind: Kind, bytes: impl AsRef<[u8]>) -> Report {
        self.try_request(&memory(kind, bytes)).unwrap()
    }

    pub fn mapped(&mut self, kind: Kind, mapping: &str, bytes: impl AsRef<[u8]>) -> Report {
        let mapping = Some(Mapping::parse(mapping).unwrap());
        self.try_request(&Request { mapping, ..memory(kind, bytes) }).unwrap()
    }

    /// Imports what must come in whole; answers how many rows changed something.
    pub fn takes(&mut self, kind: Kind, bytes: impl AsRef<[u8]>) -> u64 {
        let report = self.import(kind, bytes);
        assert_eq!(report.findings, [], "{kind:?}");
        assert_eq!(report.imported + report.unchanged, report.rows);
        report.imported
    }

    /// The figures, and that they are those of a rebuild.
    pub fn figures(&mut self) -> String {
        let digest = self.store.figures_digest().unwrap();
        self.store.rebuild_figures().unwrap();
        assert_eq!(self.store.figures_digest().unwrap(), digest, "figures differ from a rebuild");
        digest
    }

    /// Everything an import can leave behind, as text.
    pub fn trace(&self) -> String {
        let view = self.store.view();
        let sum =
            |from: &str, until: &str| view.orders(None, from.parse().unwrap(), until.parse().unwrap(), 1000).unwrap();
        format!(
            "{:?}{:?}{:?}{:?}{}",
            view.org_units().unwrap(),
            view.people(now().today).unwrap(),
            sum("2000-01-01", "2100-01-01"),
            view.imports().unwrap().len(),
            self.store.figures_digest().unwrap()
        )
    }
}

pub(super) fn memory(kind: Kind, bytes: impl AsRef<[u8]>) -> Request {
    Request::of(kind, Input::Memory { name: "file.csv".into(), bytes: bytes.as_ref().to_vec() })
}

pub(super) fn hr() -> Actor {
    actor(Role::Hr)
}

pub(super) fn actor(role: Role) -> Actor {
    let grants = vec![Grant { role, unit_id: String::new() }];
    Actor { person_id: "owner".into(), grants, pay_to_managers: true }
}

pub(super) fn now() -> Now {
    Now { today: "2026-09-21".parse().unwrap(), at: "2026-09-21T08:30:00+08:00".into() }
}
