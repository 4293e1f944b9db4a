//! The organisation: units, people, their dated assignments and roles.
//!
//! Owns: the nouns and their names in files and JSON.
//! Absent on purpose: who may see what (`access.rs`); salaries (pay-class records, `payout.rs`).

use std::str::FromStr;

use chrono::NaiveDate;

use serde::{Deserialize, Serialize};

use crate::money::Money;

macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($variant:ident $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($variant,)* }
        impl $type {
            pub const ALL: &[$type] = &[$($type::$variant,)*];
            pub fn name(self) -> &'static str { match self { $($type::$variant => $name,)* } }
        }
        impl FromStr for $type {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                match text { $($name => Ok($type::$variant),)* _ => Err(UnknownName) }
            }
        }
    };
}
pub(crate) use named;

/// The text names none of the allowed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

named! {
    /// 组织单元的种类.
    UnitKind { Company "company", Region "region", Team "team", }
}

named! {
    /// 岗位类型: what a person is hired to do; picks the incentive plan.
    Position {
        NewBusiness "new_business", AccountManager "account_manager", TeamLead "team_lead", Director "director",
        Hr "hr", Finance "finance", Admin "admin", GeneralManager "general_manager",
    }
}

impl Position {
    /// Whether the person carries customers and so stands among the reps of a team.
    pub fn sells(self) -> bool {
        matches!(self, Position::NewBusiness | Position::AccountManager)
    }
}

named! {
    /// 角色: what a person may see and do, in a unit and below.
    Role { Rep "rep", Manager "manager", Hr "hr", Finance "finance", Admin "admin", Auditor "auditor", }
}

/// An org unit as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgUnit {
    pub id: String,
    pub name: String,
    pub name_en: Option<String>,
    pub kind: UnitKind,
    pub parent_id: Option<String>,
}

/// 任职: a person in a unit, in a position, from–to (the last day inclusive), with a role there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub unit_id: String,
    pub position: Position,
    pub role: Role,
    /// Millionths of a full-time equivalent.
    pub fte_ppm: u32,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// A person with all assignments, past ones too: history never rewrites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub name_en: Option<String>,
    /// Roles in the whole company that hang on no assignment: those of its first owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    pub assignments: Vec<Assignment>,
}

/// 席位: a place in a team that may own a goal while vacant; once somebody sits in it, the goal goes over to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub id: String,
    pub unit_id: String,
    pub position: Position,
    pub name: String,
    pub from: NaiveDate,
    /// The last day, inclusive.
    pub to: Option<NaiveDate>,
    /// Who sits in it; `None` while vacant.
    pub person_id: Option<String>,
}

/// Base salary from a day on. Pay class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseSalary {
    pub from: NaiveDate,
    pub amount: Money,
}
