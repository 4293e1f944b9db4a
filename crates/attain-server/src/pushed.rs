//! What a laptop may push, by its form alone, and what of a refusal it is told.
//!
//! Owns: which rows an import of a kind brings, texts and hashes that can be asked for.
//! Absent on purpose: deciding (`authority.rs`, attain-domain), limits of size (attain-sync).

use attain_domain::mutation::{Change, Mutation};
use attain_store::facts::Base;

/// Whether a row comes with imports of a kind, under a name that every database keeps.
pub fn fits(kind: &str, row: &Base) -> bool {
    let of_kind = match kind {
        "unit" => matches!(row, Base::Unit { .. }),
        "person" => matches!(row, Base::Person { .. } | Base::Salaries { .. }),
        "order" => matches!(row, Base::Order { .. }),
        "credit" => matches!(row, Base::Credits { .. }),
        "rate" => matches!(row, Base::Rate { .. }),
        "metric" => matches!(row, Base::MetricValue { .. }),
        "goal" => matches!(row, Base::Decision { change: Change::Goal { .. } }),
        _ => false,
    };
    of_kind && !row.name().1.contains('\0')
}

/// Whether a chunk can be named so.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a mutation names somebody, or what is somebody's.
pub fn about_somebody(mutation: &Mutation) -> bool {
    matches!(
        mutation,
        Mutation::AdjustGoal { .. }
            | Mutation::LockGoal { .. }
            | Mutation::ChangeGoals { .. }
            | Mutation::ProposeGoals { .. }
            | Mutation::ApproveProposal { .. }
            | Mutation::SendBackProposal { .. }
            | Mutation::WithdrawProposal { .. }
            | Mutation::AcknowledgeGoal { .. }
            | Mutation::PutSeat { .. }
            | Mutation::PutPlanException { .. }
            | Mutation::FillSeat { .. }
            | Mutation::WriteNote { .. }
            | Mutation::SetNoteAction { .. }
    )
}

/// Whether no text has a NUL in it: no id has, and not every database keeps one.
pub fn named(args: &serde_json::Value) -> bool {
    match args {
        serde_json::Value::String(text) => !text.contains('\0'),
        serde_json::Value::Array(list) => list.iter().all(named),
        serde_json::Value::Object(fields) => fields.values().all(named),
        _ => true,
    }
}
