//! The server over HTTP, for as long as the workspace stays open.
//!
//! Each message is sent on a thread of its own that holds nothing but the message. Where the workspace is locked meanwhile,
//! the round ends at once and lets go of its connection and keys; the answer comes to nobody.

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use attain_store::connection::View;
use attain_sync::laptop::{Ask, Told};
use attain_sync::wire::{self, Refresh, Tokens};
use serde::de::DeserializeOwned;

use super::{Answer, Line, Report, Transport, encoded, refusal, round_told};
use crate::problem::{Problem, Result};
use crate::workspace::Workspace;

/// Between two looks at whether the workspace is open.
const GLANCE: Duration = Duration::from_millis(100);
/// Longest wait for new tokens: it is waited out, because the old ones are spent.
const BRIEF: Duration = Duration::from_secs(15);

struct Http<'m> {
    line: Line,
    tokens: Tokens,
    /// What makes the name of a try of renewing them.
    salt: String,
    renewed: bool,
    may: &'m dyn Fn() -> bool,
}

impl Http<'_> {
    fn still(&self) -> Result<()> {
        if (self.may)() { Ok(()) } else { Err(Problem::refused("locked")) }
    }

    fn ask<A: DeserializeOwned + Send + 'static>(&self, path: String, body: Vec<u8>) -> Result<Answer<A>> {
        self.still()?;
        let (line, access) = (self.line.clone(), self.tokens.access.clone());
        let (tell, hear) = sync_channel(1);
        std::thread::spawn(move || tell.send(line.ask(&path, Some(&access), &body)));
        loop {
            let heard = hear.recv_timeout(GLANCE);
            self.still()?;
            match heard {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Problem::internal("a message was not sent")),
            }
        }
    }

    fn once(&self, ask: &Ask) -> Result<Answer<Told>> {
        Ok(match ask {
            Ask::Pull(pull) => self.ask("pull".to_owned(), encoded(pull)?)?.map(Told::Pull),
            Ask::Push(push) => self.ask("push".to_owned(), encoded(push)?)?.map(Told::Push),
            Ask::Escrow(escrow) => self.ask::<()>("escrow".to_owned(), encoded(escrow)?)?.map(|()| Told::Escrow),
            Ask::Trail(trail) => self.ask("audit".to_owned(), encoded(trail)?)?.map(Told::Trail),
            Ask::Chunk { hash, bytes } => self.ask::<()>(format!("chunk/{hash}"), bytes.clone())?.map(|()| Told::Chunk),
        })
    }
}

impl Transport for Http<'_> {
    fn send(&mut self, ask: &Ask) -> Result<Answer<Told>> {
        match self.once(ask)? {
            Err(code) if code == "sign_in_refused" && !self.renewed => {
                let refresh = std::mem::take(&mut self.tokens.refresh);
                // The same try after a lost answer has the same name, and nobody else knows it.
                let attempt = match self.salt.as_str() {
                    "" => String::new(),
                    salt => wire::chunk_hash(format!("{salt}{refresh}").as_bytes()),
                };
                let refresh = Refresh { refresh, attempt };
                let brief = Line { patience: BRIEF, ..self.line.clone() };
                self.tokens = brief.ask("refresh", None, &encoded(&refresh)?)?.map_err(refusal)?;
                self.renewed = true;
                self.once(ask)
            }
            told => Ok(told),
        }
    }

    fn renewed(&mut self) -> Option<Tokens> {
        self.renewed.then(|| self.tokens.clone())
    }
}

/// [`super::run`] for as long as it may; `came` hears each time that rows have come in and more are to follow. New tokens
/// are kept in any case.
pub fn run_while(workspace: &mut Workspace, may: &dyn Fn() -> bool, came: &mut dyn FnMut(View)) -> Result<Report> {
    let view = workspace.view();
    let joined = view.joined()?.ok_or_else(|| Problem::refused("not_joined"))?;
    let token = |key: &str| -> Result<String> { Ok(view.setting(key)?.unwrap_or_default()) };
    let tokens = Tokens { access: token("access_token")?, refresh: token("refresh_token")? };
    let line = Line::of(view, &joined)?;
    let salt = token("refresh_salt")?;
    round_told(&mut workspace.store, &mut Http { line, tokens, salt, renewed: false, may }, came)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    use attain_domain::money::Currency;
    use attain_store::sync::Joined;

    use super::*;
    use crate::keys::Unlock;
    use crate::workspace::NewWorkspace;

    #[test]
    fn a_round_lets_go_when_its_workspace_is_locked_while_the_server_is_silent() {
        let home = tempfile::tempdir().unwrap();
        let new = NewWorkspace {
            company: "青禾".into(),
            currency: Currency::CNY,
            owner_id: "li-na".into(),
            owner_name: "李娜".into(),
        };
        let unlock = Unlock::Passphrase("four quiet words here".to_owned().into());
        let mut workspace = Workspace::create(home.path(), &unlock, &new).unwrap();
        // Takes the message and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let joined = Joined {
            server: format!("http://{}", silent.local_addr().unwrap()),
            tenant: "t".into(),
            device: "d".into(),
            epoch: 1,
            person_id: "li-na".into(),
        };
        workspace.store.join(&joined).unwrap();
        let open = AtomicBool::new(true);
        let locked = std::thread::scope(|scope| {
            let round = scope.spawn(|| run_while(&mut workspace, &|| open.load(Ordering::SeqCst), &mut |_| ()));
            let connection = silent.accept().unwrap();
            open.store(false, Ordering::SeqCst);
            let locked = Instant::now();
            assert_eq!(round.join().unwrap().unwrap_err().code, "locked");
            drop(connection);
            locked
        });
        assert!(locked.elapsed() < Duration::from_secs(2), "{:?}", locked.elapsed());
    }
}
