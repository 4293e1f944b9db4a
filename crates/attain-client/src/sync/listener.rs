//! Hearing that something changed, so that a round follows at once.
//!
//! Owns: [`Listener`], the ear for one session, and [`watch`], rounds for as long as somebody wants them.
//! Absent on purpose: what a round does.

use std::io::{BufRead, BufReader};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use attain_store::connection::View;
use attain_sync::wire;

use super::{Line, Report, refusal, run};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// Between rounds when nothing is heard, and before listening again after it broke off.
const PERIOD: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_secs(3);
/// A little longer than the server goes on: by then a line that has gone dead is given up.
const LONGEST: Duration = Duration::from_secs(660);

/// What it takes to listen; apart from the workspace, so that a thread can.
pub struct Listener {
    line: Line,
    access: String,
}

impl Listener {
    /// Errors: not joined.
    pub fn of(view: View) -> Result<Listener> {
        let joined = view.joined()?.ok_or_else(|| Problem::refused("not_joined"))?;
        Ok(Listener { line: Line::of(view, &joined)?, access: view.setting("access_token")?.unwrap_or_default() })
    }

    /// Calls `heard` each time something changed in the company, and some four times a minute when nothing did, saying
    /// which; until it answers `false` or the server ends it, which it does now and then.
    ///
    /// Errors: not reached, or not let in; a round then says more.
    pub fn listen(&self, mut heard: impl FnMut(bool) -> bool) -> Result<()> {
        let url = format!("{}/v{}/poke", self.line.server, wire::VERSION);
        let request = self.line.agent.get(&url).header("authorization", format!("Bearer {}", self.access));
        let request = request.config().timeout_global(Some(LONGEST));
        let response = request.build().call().map_err(|error| self.line.failed(error))?;
        if !response.status().is_success() {
            return Err(refusal("sign_in_refused".to_owned()));
        }
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        for said in lines.map_while(std::result::Result::ok) {
            // A remark only shows that the server is there.
            if (said.starts_with("data:") || said.starts_with(':')) && !heard(said.starts_with("data:")) {
                break;
            }
        }
        Ok(())
    }
}

/// Rounds until `each` answers `false`: one now, and one whenever something changed at the server, or half a minute passed.
/// `each` hears how it went.
///
/// Errors: not joined.
pub fn watch(workspace: &mut Workspace, each: &mut dyn FnMut(Result<Report>) -> bool) -> Result<()> {
    let (word, heard) = mpsc::channel();
    let mut listening: Option<thread::JoinHandle<()>> = None;
    loop {
        // Told before the round, so that what changes during it is not missed.
        if listening.as_ref().is_none_or(thread::JoinHandle::is_finished) {
            let (listener, word) = (Listener::of(workspace.view())?, word.clone());
            listening = Some(thread::spawn(move || {
                let _ = listener.listen(|changed| !changed || word.send(()).is_ok());
                thread::sleep(PAUSE);
            }));
        }
        if !each(run(workspace)) {
            return Ok(());
        }
        if heard.recv_timeout(PERIOD).is_ok() {
            while heard.try_recv().is_ok() {}
        }
    }
}
