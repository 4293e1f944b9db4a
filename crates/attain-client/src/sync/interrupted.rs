//! A round that ends where its workspace is locked: nothing is asked any more and no answer is taken.

use attain_sync::laptop::{Ask, Told};
use attain_sync::wire::Tokens;

use super::{Http, Line, Report, Transport, round};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

struct Interrupted<'m> {
    http: Http,
    may: &'m dyn Fn() -> bool,
}

impl Interrupted<'_> {
    fn still(&self) -> Result<()> {
        if (self.may)() { Ok(()) } else { Err(Problem::refused("locked")) }
    }
}

impl Transport for Interrupted<'_> {
    fn send(&mut self, ask: &Ask) -> Result<std::result::Result<Told, String>> {
        self.still()?;
        let told = self.http.send(ask);
        self.still()?;
        told
    }

    fn renewed(&mut self) -> Option<Tokens> {
        self.http.renewed()
    }
}

/// [`super::run`] for as long as it may: looked at before each message and after it. The answer that is waited for is
/// waited for; new tokens are kept in any case, because the old ones are spent.
pub fn run_while(workspace: &mut Workspace, may: &dyn Fn() -> bool) -> Result<Report> {
    let view = workspace.view();
    let joined = view.joined()?.ok_or_else(|| Problem::refused("not_joined"))?;
    let token = |key: &str| -> Result<String> { Ok(view.setting(key)?.unwrap_or_default()) };
    let tokens = Tokens { access: token("access_token")?, refresh: token("refresh_token")? };
    let http = Http { line: Line::of(view, &joined)?, tokens, renewed: false };
    round(&mut workspace.store, &mut Interrupted { http, may })
}
