//! `sync sign-in|run|status|resolve`.

use std::fs;
use std::io::Write;
use std::path::Path;

use attain_client::language::Language;
use attain_client::problem::{Problem, Result};
use attain_client::sync::{self, Joining};
use attain_client::workspace::Workspace;
use serde_json::json;

use super::{Open, goal, home, prepare, secret, unlock};
use crate::answer::Answer;
use crate::arguments::{Arguments, SyncVerb};

pub fn run(arguments: &Arguments, language: Language, verb: &SyncVerb) -> Result<Answer> {
    if let SyncVerb::SignIn { url, user, password, device_name, ca } = verb {
        let password = secret(password)?.ok_or_else(|| Problem::usage("unlock_unknown").with("text", password))?;
        let unreadable =
            |path: &Path, error| Problem::usage("certificate_unreadable").with("path", path.display()).because(error);
        let ca = ca.as_ref().map(|path| fs::read_to_string(path).map_err(|error| unreadable(path, error)));
        let ca = ca.transpose()?;
        let joining = Joining {
            server: url,
            user,
            password: &password,
            device_name: device_name.as_deref().unwrap_or("attainctl"),
            ca: ca.as_deref(),
        };
        let mut workspace = sync::sign_in(&home(arguments)?, &unlock(arguments)?, &joining)?;
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
        SyncVerb::Watch => {
            let mut last = json!(null);
            sync::watch(&mut workspace, &mut |round| {
                last = round.map_or_else(|problem| json!({ "problem": problem.code }), |report| json!(report));
                // Nobody reads any more: that is how it ends.
                writeln!(std::io::stdout(), "{last}").and_then(|()| std::io::stdout().flush()).is_ok()
            })?;
            Ok(last.into())
        }
        SyncVerb::Resolve { mid, mine, .. } => {
            // What it comes to on what is here now, for a change of goals.
            let wish = if *mine { sync::refused_wish(workspace.view(), *mid)? } else { None };
            let mut json = json!({ "mid": mid, "mine": mine });
            let (viewer, currency) = (workspace.viewer()?, workspace.view().currency()?);
            let mut open = Open { workspace, viewer, currency };
            if let Some(wish) = wish {
                json["preview"] = goal::wish::preview(&mut open, &wish)?;
            }
            sync::resolve(&mut open.workspace, *mid, *mine)?;
            Ok(json.into())
        }
        SyncVerb::Status | SyncVerb::SignIn { .. } => Ok(json!(sync::status(workspace.view())?).into()),
    }
}
