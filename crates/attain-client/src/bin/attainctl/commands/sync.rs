//! `sync sign-in|run|status|resolve`.

use attain_client::language::Language;
use attain_client::problem::{Problem, Result};
use attain_client::sync;
use attain_client::workspace::Workspace;
use serde_json::json;

use super::{home, prepare, secret, unlock};
use crate::answer::Answer;
use crate::arguments::{Arguments, SyncVerb};

pub fn run(arguments: &Arguments, language: Language, verb: &SyncVerb) -> Result<Answer> {
    if let SyncVerb::SignIn { url, user, password, device_name } = verb {
        let password = secret(password)?.ok_or_else(|| Problem::usage("unlock_unknown").with("text", password))?;
        let device_name = device_name.clone().unwrap_or_else(|| "attainctl".to_owned());
        let mut workspace = sync::sign_in(&home(arguments)?, &unlock(arguments)?, url, user, &password, &device_name)?;
        prepare(&mut workspace, arguments, language)?;
        return Ok(json!(sync::status(workspace.view())?).into());
    }
    // Before the first round nobody is in the workspace yet, so nothing here asks who looks.
    let mut workspace = Workspace::open(&home(arguments)?, &unlock(arguments)?)?;
    prepare(&mut workspace, arguments, language)?;
    match verb {
        SyncVerb::Run => {
            let report = sync::run(&mut workspace)?;
            let complete = report.attention == 0 && report.whole != Some(false);
            Ok(Answer { json: json!(report), complete })
        }
        SyncVerb::Resolve { mid, mine, .. } => {
            sync::resolve(&mut workspace, *mid, *mine)?;
            Ok(json!({ "mid": mid, "mine": mine }).into())
        }
        SyncVerb::Status | SyncVerb::SignIn { .. } => Ok(json!(sync::status(workspace.view())?).into()),
    }
}
