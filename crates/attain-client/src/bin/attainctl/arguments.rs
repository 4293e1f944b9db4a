//! The arguments: `attainctl [options] NOUN VERB …` (CONTRACTS).

use std::path::PathBuf;

use attain_client::domain::note::Visibility;
use clap::{Args, Parser, Subcommand};

pub mod goal;

use goal::{GoalVerb, SeatVerb};

#[derive(Parser)]
#[command(name = "attainctl", version, about = "The command line of an Attain workspace")]
pub struct Arguments {
    /// Home folder of the workspace
    #[arg(long, global = true, value_name = "DIR", env = "ATTAIN_HOME")]
    pub home: Option<PathBuf>,
    /// keychain, env:VAR or file:PATH (a passphrase)
    #[arg(long, global = true, value_name = "HOW", default_value = "keychain")]
    pub unlock: String,
    /// Who looks and acts
    #[arg(long = "as", global = true, value_name = "PERSON_ID")]
    pub viewer: Option<String>,
    /// The date figures are reckoned at
    #[arg(long, global = true, value_name = "DATE")]
    pub today: Option<String>,
    /// zh-CN or en
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<String>,
    /// One JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub noun: Noun,
}

#[derive(Subcommand)]
pub enum Noun {
    /// The workspace itself
    #[command(subcommand)]
    Workspace(WorkspaceVerb),
    /// Org units 组织单元, and the seats in them
    #[command(subcommand)]
    Unit(UnitVerb),
    /// People and their assignments 任职
    #[command(subcommand)]
    Person(FactVerb),
    /// Order events 订单
    #[command(subcommand)]
    Order(FactVerb),
    /// Credits 业绩归属
    #[command(subcommand)]
    Credit(FactVerb),
    /// Measured values such as teamwork scores
    #[command(subcommand)]
    Metric(FactVerb),
    /// Exchange rates
    #[command(subcommand)]
    Rate(FactVerb),
    /// Goals 目标
    #[command(subcommand)]
    Goal(GoalVerb),
    /// Attainment and pace 达成率、进度
    #[command(subcommand)]
    Attainment(AttainmentVerb),
    /// Incentive plans 激励方案
    #[command(subcommand)]
    Plan(PlanVerb),
    /// Payouts 奖金
    #[command(subcommand)]
    Payout(PayoutVerb),
    /// Payslips of closed months 工资单
    #[command(subcommand)]
    Payslip(PayslipVerb),
    /// Periods and closing them
    #[command(subcommand)]
    Period(PeriodVerb),
    /// Feedback notes 反馈
    #[command(subcommand)]
    Note(NoteVerb),
    /// Trend charts
    #[command(subcommand)]
    Chart(ChartVerb),
    /// The audit trail 审计
    #[command(subcommand)]
    Audit(AuditVerb),
    /// Company settings
    #[command(subcommand)]
    Setting(SettingVerb),
    /// The server this laptop joined
    #[command(subcommand)]
    Sync(SyncVerb),
    /// What needs you today 今日
    #[command(subcommand)]
    Today(TodayVerb),
    /// People, units, goals and notes by name
    Search { query: String },
    /// Takes back the last change
    Undo,
    /// Makes it again
    Redo,
    /// Measures one workload of the yardstick
    #[command(hide = true)]
    BenchRun {
        workload: String,
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Subcommand)]
pub enum SyncVerb {
    /// Joins a server, or signs in again
    SignIn {
        url: String,
        #[arg(long)]
        user: String,
        /// env:VAR or file:PATH
        #[arg(long)]
        password: String,
        /// What this laptop is called there
        #[arg(long)]
        device_name: Option<String>,
        /// The company's certificate authority (PEM), pinned for this server
        #[arg(long)]
        ca: Option<PathBuf>,
    },
    /// One round: what waits goes, what is new comes
    Run,
    /// Rounds until interrupted: at once when something changes at the server, and every half minute
    Watch,
    /// What waits, what was refused and why
    Status,
    /// Settles a refused change
    Resolve {
        mid: i64,
        /// Propose it again on what is here now
        #[arg(long, conflicts_with = "theirs", required_unless_present = "theirs")]
        mine: bool,
        /// Let the other side stand
        #[arg(long)]
        theirs: bool,
    },
}

#[derive(Subcommand)]
pub enum WorkspaceVerb {
    /// Makes a workspace: the sample company, or one of your own
    Create {
        #[arg(long, conflicts_with = "company")]
        sample: bool,
        #[arg(long, value_name = "NAME", required_unless_present = "sample")]
        company: Option<String>,
        #[arg(long, default_value = "CNY")]
        currency: String,
        #[arg(long, default_value = "owner")]
        owner_id: String,
        #[arg(long)]
        owner_name: Option<String>,
    },
    /// What is in it and whether it is whole
    Status,
    /// Reads every page and the audit chain
    Check,
    /// Makes all derived figures anew; they must not change
    Rebuild,
    /// Removes the sample company
    RemoveSample,
}

#[derive(Subcommand)]
pub enum UnitVerb {
    #[command(flatten)]
    Facts(FactVerb),
    /// Seats 席位: places in a team that may carry a goal while vacant
    #[command(subcommand)]
    Seat(SeatVerb),
}

#[derive(Subcommand)]
pub enum FactVerb {
    /// Imports a CSV or XLSX file
    Import(Import),
    /// Lists them
    List {
        /// 2026, 2026-Q3 or 2026-09 (orders)
        #[arg(long)]
        period: Option<String>,
        /// Only this person's (orders)
        #[arg(long)]
        person: Option<String>,
        #[arg(long, default_value_t = 10_000)]
        limit: u32,
    },
}

#[derive(clap::Args)]
pub struct Import {
    pub file: PathBuf,
    /// TOML that maps other headers to ours
    #[arg(long)]
    pub mapping: Option<PathBuf>,
    /// Names the system the rows come from
    #[arg(long)]
    pub source: Option<String>,
    /// Sheet of a workbook
    #[arg(long)]
    pub sheet: Option<String>,
    /// Check everything, keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Where to write the rejected rows
    #[arg(long)]
    pub rejects: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum AttainmentVerb {
    List {
        #[arg(long)]
        period: String,
        #[arg(long)]
        unit: Option<String>,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
    },
    Show {
        person_id: String,
        #[arg(long)]
        period: String,
    },
    /// As XLSX or CSV
    Export {
        #[arg(long)]
        period: String,
        #[arg(long)]
        unit: Option<String>,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub enum PlanVerb {
    /// Checks a finished plan and publishes it, in a company of one's own; elsewhere it is drafted and approved first
    Import {
        file: PathBuf,
    },
    /// Keeps a plan file as a draft: a new one, or the text of one that is there
    Draft {
        file: PathBuf,
        /// The draft's id
        #[arg(long)]
        id: Option<String>,
    },
    /// A published version, named ID@VERSION, as a draft of the next one, from the next quarter on
    Copy {
        plan: String,
        /// First day it applies
        #[arg(long)]
        from: Option<String>,
        #[arg(long)]
        id: Option<String>,
    },
    /// Changes one field of a draft: `components[1].weight`; empty takes it away
    Set {
        id: String,
        path: String,
        value: String,
    },
    /// A draft: its text, what the checker says, how it came here
    Show {
        id: String,
    },
    /// Lays a draft before somebody else who may approve it
    Submit {
        id: String,
        #[arg(long, default_value = "")]
        comment: String,
    },
    /// Agrees with the text of somebody else's draft
    Approve {
        id: String,
        #[arg(long, default_value = "")]
        comment: String,
        /// `digest` of the text that was looked at: approved only if it is still that
        #[arg(long)]
        digest: Option<String>,
    },
    SendBack {
        id: String,
        #[arg(long)]
        comment: String,
    },
    Withdraw {
        id: String,
    },
    /// For some months a person is paid by another plan or of another base
    Except {
        person_id: String,
        /// First month it holds
        #[arg(long)]
        from: String,
        /// Last month it holds
        #[arg(long)]
        until: Option<String>,
        /// Id of the plan that pays instead
        #[arg(long)]
        plan: Option<String>,
        /// What the multiple is taken of in a month
        #[arg(long)]
        base: Option<String>,
        #[arg(long)]
        reason: String,
        /// The exception that is changed
        #[arg(long)]
        id: Option<String>,
    },
    /// Takes an exception away
    Unexcept {
        person_id: String,
        id: String,
    },
    Exceptions,
    /// Publishes a draft that was approved; a file is published as by import
    Publish {
        draft: String,
    },
    /// Checks a plan, publishes nothing
    Check {
        file: PathBuf,
    },
    /// What two plans say differently: files, or published versions as ID@VERSION
    Diff {
        before: String,
        after: String,
    },
    /// A draft over past months beside what was paid: cost, winners and losers
    Simulate {
        draft: PathBuf,
        /// last-4-quarters, 2026-Q2, 2026 …
        #[arg(long, default_value = "last-4-quarters")]
        periods: String,
        /// What it may cost
        #[arg(long)]
        budget: Option<String>,
        /// Winners and losers as XLSX or CSV
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Computes a plan on given inputs, without a workspace
    Run {
        file: PathBuf,
        /// CSV of figures, dated deals and people (docs/plan-language.md)
        #[arg(long)]
        inputs: PathBuf,
    },
    List,
}

#[derive(Subcommand)]
pub enum PayoutVerb {
    List {
        #[arg(long)]
        period: String,
    },
    Explain {
        person_id: String,
        #[arg(long)]
        period: String,
        /// Also the orders that each component and commission counted
        #[arg(long)]
        orders: bool,
    },
    /// Closes a month: inputs frozen, everyone computed, corrections of earlier months settled
    Close {
        #[command(flatten)]
        month: Closed,
        /// What `period preview` answered as `seen`: closed only if that is still what it would pay
        #[arg(long)]
        seen: Option<String>,
        /// A finding of the preview to close with as it is, and why: `data=joined in mid-month`; again for others
        #[arg(long, value_name = "CHECK=REASON")]
        accept: Vec<String>,
    },
    /// Works closed payouts out again from what was frozen
    Replay {
        #[arg(long)]
        period: String,
        #[arg(long)]
        person: Option<String>,
    },
    /// The same month with one figure changed
    WhatIf {
        person_id: String,
        #[arg(long)]
        period: String,
        #[arg(long)]
        metric: String,
        #[arg(long)]
        actual: i64,
    },
}

/// The month that is closed: with `--period`, as elsewhere, or on its own.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Closed {
    #[arg(value_name = "PERIOD")]
    bare: Option<String>,
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
}

impl Closed {
    pub fn period(&self) -> &str {
        self.period.as_deref().or(self.bare.as_deref()).unwrap_or_default()
    }
}

#[derive(Subcommand)]
pub enum PayslipVerb {
    /// A closed month for payroll, as XLSX or CSV
    Export {
        #[arg(long)]
        period: String,
        #[arg(long)]
        out: PathBuf,
        /// TOML that names payroll's own columns
        #[arg(long)]
        mapping: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum PeriodVerb {
    List,
    /// What closing a month would freeze, and who lacks what; the next month when left out.
    Preview {
        period: Option<String>,
    },
    Close {
        #[command(flatten)]
        month: Closed,
        /// What `preview` answered as `seen`: closed only if that is still what it would pay
        #[arg(long)]
        seen: Option<String>,
        /// A finding of the preview to close with as it is, and why: `data=joined in mid-month`; again for others
        #[arg(long, value_name = "CHECK=REASON")]
        accept: Vec<String>,
    },
}

#[derive(Subcommand)]
pub enum NoteVerb {
    Add {
        #[arg(long)]
        about: String,
        #[arg(long)]
        text: String,
        #[arg(long, default_value_t = Visibility::default().name().to_owned())]
        visibility: String,
        #[arg(long, default_value = "note")]
        kind: String,
    },
    Edit {
        id: String,
        #[arg(long)]
        text: String,
    },
    List {
        #[arg(long)]
        about: Option<String>,
        #[arg(long, default_value_t = 200)]
        limit: usize,
    },
    Show {
        id: String,
    },
    Search {
        query: String,
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
}

#[derive(Subcommand)]
pub enum ChartVerb {
    Trend {
        #[arg(long, conflicts_with = "person", required_unless_present = "person")]
        unit: Option<String>,
        #[arg(long)]
        person: Option<String>,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
        #[arg(long)]
        period: String,
        #[arg(long)]
        out: PathBuf,
        #[arg(long, default_value_t = 880)]
        width: u32,
        #[arg(long, default_value_t = 220)]
        height: u32,
    },
}

#[derive(Subcommand)]
pub enum AuditVerb {
    List {
        #[arg(long)]
        person: Option<String>,
        #[arg(long)]
        action: Option<String>,
        #[arg(long)]
        before: Option<i64>,
        #[arg(long, default_value_t = 200)]
        limit: u32,
    },
    Verify,
}

#[derive(Subcommand)]
pub enum SettingVerb {
    List,
    /// `pace_bounds 105/90/70` sets the lower bounds of ahead, on pace and behind together.
    Set {
        key: String,
        value: String,
    },
}

#[derive(Subcommand)]
pub enum TodayVerb {
    Show,
    Snooze {
        item_id: String,
        #[arg(long, default_value_t = 7)]
        days: u64,
        #[arg(long)]
        reason: String,
    },
}
