//! The goals of the screen: worked out once a change, shown as rows, found by name.

use super::{METRIC, person, whose};
use crate::commands::figure::{minor, rate, say};
use crate::commands::why::{Figure, attainment, pace};
use crate::desk::{Question, Result, Shared, held};
use crate::views::figure::{Money, Phrase, Problem};
use crate::views::goal::{GoalColumns, GoalPart, GoalRow, GoalTree};
use attain_client::domain::metric::RollUp;
use attain_client::domain::money::{self, Currency, Ratio};
use attain_client::domain::period::{Month, Period};
use attain_client::domain::read::Read;
use attain_client::goals::{self, GoalNode};
use attain_client::language::Language;
use attain_client::store::queries::org::name_matches;
use std::sync::{Arc, Mutex};
use tauri::State;

/// The tree that was last shown: the grid, the map and the search in it ask for the same one.
#[derive(Default)]
pub struct Trees(Mutex<Option<Kept>>);

struct Kept {
    turn: u64,
    viewer: String,
    today: chrono::NaiveDate,
    language: Language,
    period: Period,
    nodes: Arc<Vec<GoalNode>>,
}

impl Trees {
    /// Goals in sight, as of at least the given turn of the desk.
    pub fn nodes(&self, question: &Question, turn: u64, period: Period) -> Result<Arc<Vec<GoalNode>>> {
        let viewer = question.viewer;
        if let Some(kept) = held(&self.0).as_ref()
            && (kept.turn, kept.period, kept.today) == (turn, period, viewer.today)
            && (kept.viewer.as_str(), kept.language) == (viewer.id(), viewer.language)
        {
            return Ok(Arc::clone(&kept.nodes));
        }
        let nodes = Arc::new(goals::tree(question.view, viewer, METRIC, period)?);
        *held(&self.0) = Some(Kept {
            turn,
            viewer: viewer.id().to_owned(),
            today: viewer.today,
            language: viewer.language,
            period,
            nodes: Arc::clone(&nodes),
        });
        Ok(nodes)
    }
}

/// The rows at the top: one as a rule, several for who leads several units.
pub fn tops(nodes: &[GoalNode]) -> Vec<usize> {
    (0..nodes.len()).filter(|at| nodes[*at].parent.is_none()).collect()
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_tree(
    desk: State<'_, Shared>,
    trees: State<'_, Arc<Trees>>,
    period: String,
    columns: GoalColumns,
) -> std::result::Result<GoalTree, Problem> {
    let period = crate::commands::period(&period)?;
    let (trees, turn) = (Arc::clone(&trees), desk.turn());
    desk.show("goals", move |question| {
        let currency = question.view.currency()?;
        let nodes = trees.nodes(question, turn, period)?;
        let people = nodes.iter().filter_map(|node| person(&node.goal)).collect();
        let closed = Read::closed_months(&question.view)?;
        // What is typed is a year's total or an open month's figure; a quarter is only their sum.
        let typed = match period {
            Period::Year(_) => true,
            Period::Month(month) => !closed.contains(&month),
            _ => false,
        };
        let open = goals::first_month(question.view, question.viewer, period.year())?;
        let open_months =
            Period::Year(period.year()).months().filter(|month| *month >= open && !closed.contains(month));
        let parts = parts(columns, period);
        let tree = GoalTree {
            period: period.to_string(),
            metric: METRIC.name().to_owned(),
            lead: lead(&nodes, period, currency),
            root_id: nodes.first().map(|node| node.goal.id.clone()),
            rows: nodes.iter().map(|node| row(&nodes, node, period, &parts, currency, typed)).collect(),
            parts: parts
                .iter()
                .map(|part| GoalPart {
                    period: part.to_string(),
                    editable: matches!(part, Period::Month(month) if !closed.contains(month)),
                })
                .collect(),
            open_months: open_months.map(|month| month.to_string()).collect(),
        };
        Ok((tree, people))
    })
    .await
}

/// The goals whose owner's name a person may mean: as it stands, as pinyin, or as its initials.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_find(
    desk: State<'_, Shared>,
    trees: State<'_, Arc<Trees>>,
    period: String,
    query: String,
) -> std::result::Result<Vec<String>, Problem> {
    let period = crate::commands::period(&period)?;
    let (trees, turn) = (Arc::clone(&trees), desk.turn());
    desk.ask(move |question| {
        let nodes = trees.nodes(question, turn, period)?;
        let found = nodes.iter().filter(|node| name_matches(&query, &[&node.owner_name]));
        Ok(found.map(|node| node.goal.id.clone()).collect())
    })
    .await
}

/// The months or quarters of the period's year.
pub fn parts(columns: GoalColumns, period: Period) -> Vec<Period> {
    let year = period.year();
    match columns {
        GoalColumns::Year => Vec::new(),
        GoalColumns::Quarters => (1..=4).map(|quarter| Period::Quarter(year, quarter)).collect(),
        GoalColumns::Months => (1..=12).map(|month| Period::Month(Month { year, month })).collect(),
    }
}

fn lead(nodes: &[GoalNode], period: Period, currency: Currency) -> Phrase {
    let tops: Vec<&GoalNode> = tops(nodes).into_iter().map(|at| &nodes[at]).collect();
    if tops.is_empty() {
        return say("goals.lead_none").period("period", period).into();
    }
    let total: i64 = tops.iter().map(|top| top.standing.target.unwrap_or(0)).sum();
    let said = |code: &str| say(code).period("period", period).money("total", money::Money::new(total, currency));
    // Several teams read as one: what is left of their targets together. One without anybody below is itself passed on.
    let reserve = match &tops[..] {
        [one] => one.reserve,
        _ => tops.iter().map(|top| top.reserve).reduce(|a, b| Some(a.unwrap_or(0) + b.unwrap_or(0))).flatten(),
    };
    match reserve {
        None => match tops[0].standing.attainment.filter(|_| tops.len() == 1) {
            Some(reached) => said("goals.lead_own").rate("attainment", reached).into(),
            None => said("goals.lead_exact").into(),
        },
        Some(0) => said("goals.lead_exact").into(),
        Some(reserve) => {
            let allocated = Ratio::new(i128::from(total) - i128::from(reserve), i128::from(total));
            let allocated = allocated.unwrap_or(Ratio::ONE);
            if reserve > 0 {
                let reserve = money::Money::new(reserve, currency);
                said("goals.lead").rate("allocated", allocated).money("reserve", reserve).into()
            } else {
                let over = money::Money::new(-reserve, currency);
                said("goals.lead_over").rate("allocated", allocated).money("over", over).into()
            }
        }
    }
}

fn row(
    nodes: &[GoalNode],
    node: &GoalNode,
    period: Period,
    parts: &[Period],
    currency: Currency,
    typed: bool,
) -> GoalRow {
    let standing = &node.standing;
    let target = standing.target.unwrap_or(0);
    let figure = |part: &Period| -> Money { minor(node.goal.target(*part), currency) };
    GoalRow {
        goal_id: node.goal.id.clone(),
        parent_id: node.parent.map(|parent| nodes[parent].goal.id.clone()),
        depth: node.depth,
        owner_kind: node.owner_kind.to_owned(),
        owner_id: node.goal.owner.id().to_owned(),
        owner_name: node.owner_name.clone(),
        target: minor(target, currency),
        actual: standing.actual.map(|figure| minor(figure.num, currency)),
        attainment: standing.attainment.map(rate),
        pace: pace(standing, whose(&node.goal)),
        due: standing.due.map(rate),
        reserve: node.reserve.map(|reserve| minor(reserve, currency)),
        reserve_rate: node
            .reserve
            .and_then(|reserve| Ratio::new(i128::from(reserve.unsigned_abs()), i128::from(target)))
            .map(rate),
        unallocated: node.reserve.is_some_and(|reserve| reserve > 0) || bare(node),
        locked: node.goal.locked,
        editable: node.editable && typed,
        parts_editable: node.editable,
        lockable: node.editable,
        has_children: node.has_children,
        why: match node.reserve {
            Some(_) if standing.attainment.is_none() => {
                Figure::Reserve { goal_id: node.goal.id.clone(), period }.to_string()
            }
            _ => attainment(standing, whose(&node.goal)),
        },
        parts: parts.iter().map(figure).collect(),
    }
}

/// A unit's goal that nobody below carries.
fn bare(node: &GoalNode) -> bool {
    !node.has_children
        && !matches!(node.owner_kind, "person" | "seat")
        && node.goal.metric.roll_up() == RollUp::Sum
        && node.standing.target.unwrap_or(0) > 0
}
