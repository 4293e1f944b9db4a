//! A company's beginning on a server: new and empty, brought from a workspace of one's own, or the sample.
//!
//! Owns: [`found`], [`Beginning`]. Absent on purpose: what a company is made of (attain-client's workspaces).

use std::path::PathBuf;

use attain_client::Workspace;
use attain_client::keys::Unlock;
use attain_client::workspace::NewWorkspace;

use crate::account;
use crate::authority::Failure;
use crate::db::{Account, DbError};
use crate::http::Server;

type Result<T> = std::result::Result<T, String>;

/// What a tenant begins with.
pub enum Beginning {
    /// Its owner, who has the roles admin and HR, and nothing else; the offset of its clock from UTC in seconds.
    New { company: NewWorkspace, utc_offset_seconds: i32 },
    /// All of a workspace that has been its own authority until now.
    Workspace { home: PathBuf, unlock: Unlock },
    /// The sample company.
    Sample,
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn code(problem: attain_client::Problem) -> String {
    let params: Vec<String> = problem.params.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if params.is_empty() { problem.code.to_owned() } else { format!("{} ({})", problem.code, params.join(", ")) }
}

/// Makes a tenant, its records and its first accounts: one for each of the sample's people, else one for the owner, who
/// signs in by the id of that person. Begun before and cut short, it is finished; one that has records stays as it is.
///
/// Answers whether it was founded now.
///
/// Errors: a name or password that cannot be one; a workspace that does not open, or is of a server already.
pub fn found(server: &Server, tenant: &str, password: &str, beginning: Beginning) -> Result<bool> {
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !word(tenant) || tenant.len() > 64 {
        return Err("a tenant's id is made of letters, digits and hyphens".into());
    }
    let hashed = account::hash(password).map_err(|_| "a password has 1 to 1024 characters".to_owned())?;
    let folder = tempfile::tempdir().map_err(said)?;
    let apart = Unlock::Passphrase(password.to_owned().into());
    let mut everyone = false;
    let workspace = match beginning {
        Beginning::New { company, utc_offset_seconds } => {
            let mut workspace = Workspace::create(folder.path(), &apart, &company).map_err(code)?;
            let offset = utc_offset_seconds.to_string();
            workspace.store.write(|tx| tx.set_setting("utc_offset_seconds", &offset)).map_err(said)?;
            workspace
        }
        Beginning::Workspace { home, unlock } => Workspace::open(&home, &unlock).map_err(code)?,
        Beginning::Sample => {
            everyone = true;
            attain_client::sample::create(folder.path(), &apart).map_err(code)?
        }
    };
    let view = workspace.view();
    if let Some(joined) = view.joined().map_err(said)? {
        return Err(format!("this workspace is of the server {}", joined.server));
    }
    let name = view.setting("company").map_err(said)?.unwrap_or_default();
    let people: Vec<String> = if everyone {
        let today = workspace.today().map_err(code)?;
        view.people(today).map_err(said)?.into_iter().map(|person| person.id).collect()
    } else {
        vec![workspace.viewer().map_err(code)?.actor.person_id]
    };
    let authority = match server.add_tenant(tenant, &name) {
        Err(Failure::Db(DbError::Exists)) => server.tenant(tenant),
        made => made,
    };
    let authority = authority.map_err(said)?;
    let new = authority.found(view).map_err(said)?;
    if new || everyone {
        for person_id in people {
            let known = server.db.account(&person_id).map_err(said)?;
            if known.is_none() {
                let (tenant, user, password) = (tenant.to_owned(), person_id.clone(), hashed.clone());
                let account = Account { tenant, user, person_id, password, disabled: false };
                server.accounts.set(&account).map_err(said)?;
            } else if known.is_some_and(|known| known.tenant != tenant) {
                return Err(format!("the account {person_id} is of another tenant: use `user set` with another name"));
            }
        }
    }
    workspace.store.truncate_log().map_err(said)?;
    Ok(new)
}
