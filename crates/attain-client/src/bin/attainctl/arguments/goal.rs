//! The arguments of `goal …` and `unit seat …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Import;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReadingArgument {
    YearTotal,
    RemainingShare,
    Month,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BasisArgument {
    LastYear,
    Headcount,
    Weights,
    Equal,
    Fixed,
    Copy,
}

/// How a wish of goals is made: looked at, published or proposed.
#[derive(Args, Default)]
pub struct Making {
    /// Work it out, save nothing
    #[arg(long)]
    pub preview: bool,
    /// Refuse unless the outcome has this digest
    #[arg(long)]
    pub seen: Option<String>,
    /// Why, for the history
    #[arg(long)]
    pub why: Option<String>,
    /// Lay it before those above, with this comment
    #[arg(long, value_name = "COMMENT", conflicts_with = "why")]
    pub propose: Option<String>,
    /// The proposal that it takes the place of
    #[arg(long, value_name = "PROPOSAL_ID", requires = "propose")]
    pub again: Option<String>,
}

#[derive(Subcommand)]
pub enum GoalVerb {
    Import(Import),
    /// The tree of a period
    Tree {
        #[arg(long)]
        period: String,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
    },
    /// Moves a goal and everything below it
    Adjust {
        id: String,
        /// 120000000, 1.2亿, 120M
        #[arg(long)]
        target: String,
        #[arg(long)]
        reading: ReadingArgument,
        /// First month that may change (the month itself for `--reading month`)
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        making: Making,
    },
    /// Divides a goal among those below it 分解
    Allocate {
        id: String,
        /// One a level, from the goal downwards: `--by headcount,last-year`
        #[arg(long, value_delimiter = ',', required = true)]
        by: Vec<BasisArgument>,
        /// OWNER=NUMBER, for `--by weights`
        #[arg(long, value_name = "OWNER=WEIGHT")]
        weight: Vec<String>,
        /// OWNER=AMOUNT or OWNER=PERCENT%: gets this part, whatever the basis
        #[arg(long, value_name = "OWNER=PART")]
        fix: Vec<String>,
        /// Keep so much back at each goal that is divided: 2%
        #[arg(long, conflicts_with = "over_assign")]
        reserve: Option<String>,
        /// Pass so much more down than there is: 5%
        #[arg(long)]
        over_assign: Option<String>,
        /// Divide in steps of so much, in units of the currency: 1, 100, 10000
        #[arg(long)]
        rounding: Option<String>,
        /// A month profile for those below
        #[arg(long, value_name = "PROFILE_ID")]
        season: Option<String>,
        /// A ramp for those who are new
        #[arg(long, value_name = "PROFILE_ID")]
        ramp: Option<String>,
        /// First month that may change
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        making: Making,
    },
    /// Moves an amount of one month between two goals of one team
    Move {
        from_id: String,
        to_id: String,
        #[arg(long)]
        amount: String,
        #[arg(long)]
        month: String,
        #[command(flatten)]
        making: Making,
    },
    /// Takes the open months off a goal whose owner moves, leaves or closes
    Reassign {
        id: String,
        /// reserve, siblings, person:ID or seat:ID
        #[arg(long)]
        to: String,
        /// A ramp for the one who takes them
        #[arg(long, value_name = "PROFILE_ID")]
        ramp: Option<String>,
        /// The goal in the new unit, below which the owner carries the same months
        #[arg(long, value_name = "GOAL_ID")]
        take: Option<String>,
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        making: Making,
    },
    /// Goals whose owner is not in their unit any more
    Unplaced {
        #[arg(long)]
        year: Option<i32>,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
    },
    /// Named month profiles and ramps
    #[command(subcommand)]
    Profile(ProfileVerb),
    Lock {
        id: String,
    },
    Unlock {
        id: String,
    },
    /// Proposals of one's own and those one decides
    Proposals,
    /// One proposal, and what it would do now
    Proposal {
        id: String,
    },
    /// Publishes what was proposed
    Approve {
        id: String,
        #[arg(long, default_value = "")]
        comment: String,
        #[arg(long)]
        seen: Option<String>,
    },
    SendBack {
        id: String,
        #[arg(long)]
        comment: String,
    },
    Withdraw {
        id: String,
    },
    /// The versions of a goal: who, when, why, from what to what
    History {
        id: String,
    },
    /// Two versions of a goal; the last change when left out
    Diff {
        id: String,
        #[arg(long)]
        from: Option<u32>,
        #[arg(long)]
        to: Option<u32>,
    },
    /// The tree as it stood at the end of a day
    AsOf {
        date: String,
        #[arg(long)]
        period: Option<String>,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
    },
    /// Takes note of what changed in one's goal
    Acknowledge {
        id: String,
    },
    /// Who has not taken note of a change yet
    Unacknowledged {
        #[arg(long)]
        unit: Option<String>,
        #[arg(long)]
        year: Option<i32>,
    },
    /// From a person's goal to the company's, with the share at each step
    LineOfSight {
        person_id: String,
        #[arg(long)]
        year: Option<i32>,
    },
    /// A year without goals takes last year's tree and actuals
    Start {
        year: i32,
    },
    /// As XLSX or CSV
    Export {
        /// The running year when left out
        #[arg(long)]
        period: Option<String>,
        #[arg(long, default_value = "sales_amount")]
        metric: String,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub enum ProfileVerb {
    List,
    /// Makes or changes one
    Put {
        id: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        name_en: String,
        /// Twelve weights: 80,55,105,…
        #[arg(long, conflicts_with = "ramp", required_unless_present = "ramp")]
        season: Option<String>,
        /// Percents from the month of joining on: 25,50,75,100
        #[arg(long)]
        ramp: Option<String>,
    },
    /// Lays a goal's open months out by a month profile
    Apply {
        goal_id: String,
        #[arg(long, value_name = "PROFILE_ID")]
        profile: String,
        /// And everything below it
        #[arg(long)]
        below: bool,
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        making: Making,
    },
}

#[derive(Subcommand)]
pub enum SeatVerb {
    Add {
        id: String,
        #[arg(long)]
        unit: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "new_business")]
        position: String,
        /// First day; today when left out
        #[arg(long)]
        from: Option<String>,
        /// Last day
        #[arg(long)]
        to: Option<String>,
    },
    List {
        #[arg(long)]
        unit: Option<String>,
    },
    /// Somebody sits down, and the seat's goals go over to them
    Fill {
        id: String,
        #[arg(long)]
        person: String,
        /// First month; the running one when left out
        #[arg(long)]
        from: Option<String>,
        #[arg(long, value_name = "PROFILE_ID")]
        ramp: Option<String>,
    },
    Remove {
        id: String,
    },
}
