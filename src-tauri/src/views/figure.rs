//! What every screen is made of: values, rates, status, and sentences as code + parameters.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A sum of money. `amount` is a plain decimal (`18000.00`, `-3300.00`), no grouping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Money {
    pub amount: String,
    pub currency: String,
}

/// An exact fraction and its percentage to one decimal (`62.5`), half away from zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Rate {
    pub num: String,
    pub den: String,
    pub percent: String,
}

/// A figure of any metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "figure.ts")]
pub enum Value {
    Money {
        money: Money,
    },
    Count {
        count: u32,
    },
    Rate {
        rate: Rate,
    },
    /// A score or a mean, as a decimal (`2.1`, `95.00`).
    Decimal {
        decimal: String,
    },
}

/// How a figure stands against its plan. Bounds are settings; the lower bound belongs to the better status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "figure.ts")]
pub enum Status {
    Ahead,
    OnPace,
    Behind,
    FarBehind,
    NoData,
}

/// Pace: attainment over the share of the plan due by today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Pace {
    pub status: Status,
    /// `None` without data, or before the third working day.
    pub index: Option<Rate>,
    /// Reference for `why_show`.
    pub why: String,
}

/// People by status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct StatusCounts {
    pub ahead: u32,
    pub on_pace: u32,
    pub behind: u32,
    pub far_behind: u32,
    pub no_data: u32,
}

/// Eight weeks of a person or unit, oldest first, each as permille of that week's plan (1000 = planned amount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Spark {
    pub weeks: Vec<Option<i32>>,
    /// The last week is still running (drawn dashed).
    pub running: bool,
}

/// A sentence: message `say.<code>` with its parameters. Codes and their parameters are listed in `ui/messages/*.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Phrase {
    pub code: String,
    pub params: BTreeMap<String, Param>,
}

/// A parameter of a [`Phrase`]; the message decides how it is written (`{gap}` headline, `{gap:whole}`, `{gap:full}`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "figure.ts")]
pub enum Param {
    /// Names and free text, shown as they are.
    Text {
        text: String,
    },
    Count {
        count: u32,
    },
    /// A plain decimal, shown as it is (`1.25`, `95.00`).
    Decimal {
        decimal: String,
    },
    Money {
        money: Money,
    },
    Rate {
        rate: Rate,
    },
    Date {
        date: String,
    },
    /// Date and time.
    Time {
        time: String,
    },
    Period {
        period: String,
    },
    /// A word the UI translates: a message key without its language, `metric.new_customers`, `customer_type.new`.
    Term {
        term: String,
    },
}

/// Why a command failed. `code` is message `problem.<code>`; `log_id` is set when it is a bug or damage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Problem {
    pub code: String,
    pub params: BTreeMap<String, Param>,
    pub log_id: Option<String>,
}

/// Event `changed`: what a transaction touched. Screens that show these nouns read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct Changed {
    /// `workspace`, `settings`, `unit`, `person`, `goal`, `order`, `plan`, `payout`, `note`, `draft`, `import`, `audit`.
    pub nouns: Vec<String>,
    pub ids: Vec<String>,
}

/// What undo and redo would do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct UndoState {
    pub undo: Option<Phrase>,
    pub redo: Option<Phrase>,
}

/// A screen as something to export or to copy for chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct ViewRef {
    pub screen: Screen,
    /// Unit, person or goal the screen shows, if it shows one.
    pub subject: Option<String>,
    pub period: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "figure.ts")]
pub enum Screen {
    Today,
    Goals,
    Team,
    Person,
    Pay,
    Conversations,
    Audit,
}

/// Plain-text summary for a chat group, a line each; pay and ratings never appear in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "figure.ts")]
pub struct ChatCopy {
    pub lines: Vec<Phrase>,
}
