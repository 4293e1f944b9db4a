//! A laptop's side of a sync: what to ask next, given what was answered.
//!
//! Owns: [`Round`], one sync from first contact to nothing left to say, and [`Local`], what it needs of the laptop.
//! Absent on purpose: sending (who calls it holds the connection), rows (the store), deciding (the domain).
//!
//! A round begins with a pull, so that what a lost grant has to take away is gone before anything else happens
//! (SYNC, invariant 3). Then the outbox goes, batch by batch; then it pulls until nothing more is to come.
//! Whatever breaks off, the next round begins anew: every step is committed before the next is asked for.

use attain_domain::fault::{self, Fault};

use crate::wire::{Cursor, Escrow, Pull, PullAnswer, Push, PushAnswer, Trail, TrailTaken, Whole};

/// What goes to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Pull(Pull),
    Chunk { hash: String, bytes: Vec<u8> },
    Push(Push),
    Escrow(Escrow),
    Trail(Trail),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Pull(PullAnswer),
    Chunk,
    Push(PushAnswer),
    Escrow,
    Trail(TrailTaken),
    /// The server is of a version that has no such question.
    NotAsked,
    /// The scope is another one by now.
    PullFirst,
}

/// The next mutations that wait, with the chunks they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    pub chunks: Vec<(String, Vec<u8>)>,
    pub push: Option<Push>,
}

/// The laptop. Each call is one transaction, durable when it returns.
pub trait Local {
    type Error;
    fn cursor(&mut self) -> Result<Cursor, Self::Error>;
    fn outgoing(&mut self) -> Result<Outgoing, Self::Error>;
    /// Takes what became of mutations: the refused ones go to *needs attention*.
    fn settle(&mut self, answer: &PushAnswer) -> Result<(), Self::Error>;
    /// Drops every row that came from the server, with its search terms and figures, and the cursor with them.
    fn purge(&mut self) -> Result<(), Self::Error>;
    /// Seals what waits to the company's key, and drops it: its author is nobody here any more.
    fn seal_up(&mut self, public_key: &[u8]) -> Result<(), Self::Error>;
    /// The oldest box that the server does not have.
    fn sealed(&mut self) -> Result<Option<Escrow>, Self::Error>;
    /// The server has it.
    fn handed_over(&mut self) -> Result<(), Self::Error>;
    /// Entries of the trail that the server does not have; `None` when it has all.
    fn trail(&mut self) -> Result<Option<Trail>, Self::Error>;
    fn trail_taken(&mut self, taken: &TrailTaken) -> Result<(), Self::Error>;
    /// Undoes what is pending, puts the rows, replays, and keeps the cursor.
    fn receive(&mut self, answer: &PullAnswer) -> Result<(), Self::Error>;
    /// Whether this is what the laptop holds; if not, the next round fetches all of it anew.
    fn compare(&mut self, whole: &Whole) -> Result<bool, Self::Error>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    FirstPull,
    Boxes,
    Outbox,
    LastPull,
    Trail,
    Over,
}

/// One sync.
#[derive(Debug)]
pub struct Round {
    stage: Stage,
    waiting: Vec<Ask>,
    pulled_again: bool,
    /// Counts, for whoever shows them.
    pub pushed: u64,
    pub received: u64,
    /// What was compared at the end, if it was: `false` is a divergence that has been noticed.
    pub whole: Option<bool>,
    /// Why the server left changes unanswered, to be kept.
    pub later: Option<String>,
}

impl Default for Round {
    fn default() -> Self {
        let stage = if fault::is(Fault::PurgeBehindOutbox) { Stage::Outbox } else { Stage::FirstPull };
        Round { stage, waiting: Vec::new(), pulled_again: false, pushed: 0, received: 0, whole: None, later: None }
    }
}

impl Round {
    /// What to ask next; `None` when the round is over.
    pub fn next<L: Local>(&mut self, local: &mut L) -> Result<Option<Ask>, L::Error> {
        if let Some(ask) = self.waiting.pop() {
            return Ok(Some(ask));
        }
        loop {
            match self.stage {
                Stage::FirstPull | Stage::LastPull => return Ok(Some(Ask::Pull(Pull { cursor: local.cursor()? }))),
                Stage::Outbox => {
                    let outgoing = local.outgoing()?;
                    let Some(push) = outgoing.push else {
                        self.stage = if self.pushed > 0 { Stage::LastPull } else { Stage::Trail };
                        continue;
                    };
                    // Chunks before the mutation that names them: the list is taken from its end.
                    self.waiting.push(Ask::Push(push));
                    self.waiting.extend(outgoing.chunks.into_iter().map(|(hash, bytes)| Ask::Chunk { hash, bytes }));
                    return Ok(self.waiting.pop());
                }
                Stage::Boxes => match local.sealed()? {
                    Some(sealed) => return Ok(Some(Ask::Escrow(sealed))),
                    None => self.stage = Stage::Outbox,
                },
                Stage::Trail => match local.trail()? {
                    Some(trail) => return Ok(Some(Ask::Trail(trail))),
                    None => self.stage = Stage::Over,
                },
                Stage::Over => return Ok(None),
            }
        }
    }

    pub fn told<L: Local>(&mut self, local: &mut L, told: Told) -> Result<(), L::Error> {
        match told {
            Told::Chunk => {}
            Told::Escrow => local.handed_over()?,
            Told::Trail(taken) => local.trail_taken(&taken)?,
            Told::NotAsked => self.stage = if self.stage == Stage::Boxes { Stage::Outbox } else { Stage::Over },
            Told::PullFirst => {
                self.waiting.clear();
                // Once: somebody who has no scope any more would be told so without end.
                self.stage = if self.pulled_again { Stage::Over } else { Stage::FirstPull };
                self.pulled_again = true;
            }
            Told::Push(answer) => {
                self.pushed += answer.outcomes.len() as u64;
                local.settle(&answer)?;
                self.later.clone_from(&answer.later);
                // An answer to nothing would be asked for again and again.
                if answer.outcomes.is_empty() || answer.later.is_some() {
                    self.stage = Stage::LastPull;
                }
            }
            Told::Pull(answer) => {
                if answer.purge {
                    local.purge()?;
                }
                if let Some(key) = &answer.escrow {
                    local.seal_up(key)?;
                }
                local.receive(&answer)?;
                self.received += answer.rows.len() as u64;
                if answer.more {
                    return Ok(());
                }
                if let Some(whole) = &answer.whole {
                    self.whole = Some(local.compare(whole)?);
                }
                self.stage = if self.stage == Stage::FirstPull { Stage::Boxes } else { Stage::Trail };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Outcome, Pushed, Verdict};

    #[derive(Default)]
    struct Diary {
        outbox: Vec<Pushed>,
        done: Vec<String>,
        boxes: u32,
    }

    impl Local for Diary {
        type Error = std::convert::Infallible;
        fn cursor(&mut self) -> Result<Cursor, Self::Error> {
            Ok(Cursor::default())
        }
        fn outgoing(&mut self) -> Result<Outgoing, Self::Error> {
            let push = Push { epoch: 1, scope: String::new(), mutations: self.outbox.clone() };
            let some = !self.outbox.is_empty();
            Ok(Outgoing {
                chunks: if some { vec![("h".into(), Vec::new())] } else { Vec::new() },
                push: some.then_some(push),
            })
        }
        fn settle(&mut self, answer: &PushAnswer) -> Result<(), Self::Error> {
            self.outbox.retain(|m| m.mid > answer.last_mid);
            self.done.push(format!("settle {}", answer.last_mid));
            Ok(())
        }
        fn purge(&mut self) -> Result<(), Self::Error> {
            self.done.push("purge".into());
            Ok(())
        }
        fn receive(&mut self, answer: &PullAnswer) -> Result<(), Self::Error> {
            self.done.push(format!("receive {}", answer.cursor.seq));
            Ok(())
        }
        fn compare(&mut self, _: &Whole) -> Result<bool, Self::Error> {
            Ok(true)
        }
        fn seal_up(&mut self, _: &[u8]) -> Result<(), Self::Error> {
            self.done.push(format!("seal {}", self.outbox.len()));
            self.outbox.clear();
            self.boxes += 1;
            Ok(())
        }
        fn sealed(&mut self) -> Result<Option<Escrow>, Self::Error> {
            Ok((self.boxes > 0).then(|| Escrow { sealed: Vec::new() }))
        }
        fn handed_over(&mut self) -> Result<(), Self::Error> {
            self.boxes -= 1;
            Ok(())
        }
        fn trail(&mut self) -> Result<Option<Trail>, Self::Error> {
            Ok(None)
        }
        fn trail_taken(&mut self, _: &TrailTaken) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    fn answer(seq: u64, purge: bool, more: bool) -> Told {
        let cursor = Cursor { seq, ..Cursor::default() };
        Told::Pull(PullAnswer { purge, last_mid: 0, rows: Vec::new(), cursor, more, whole: None, escrow: None })
    }

    #[test]
    fn somebody_without_a_scope_is_told_once_to_pull_first() {
        let mutation =
            Pushed { mid: 1, name: "lock_goal".into(), version: 1, args: Vec::new(), claimed_at: String::new() };
        let mut diary = Diary { outbox: vec![mutation], ..Diary::default() };
        let mut round = Round::default();
        let mut asked = 0;
        while let Some(ask) = round.next(&mut diary).unwrap() {
            asked += 1;
            let told = if matches!(ask, Ask::Pull(_)) { answer(0, false, false) } else { Told::PullFirst };
            // A chunk is kept whatever the scope.
            round.told(&mut diary, if matches!(ask, Ask::Chunk { .. }) { Told::Chunk } else { told }).unwrap();
        }
        assert_eq!(asked, 6, "pull, chunk, push, and all of it once more");
        assert_eq!(diary.outbox.len(), 1, "what waits is kept");
    }

    #[test]
    fn a_round_purges_first_sends_chunks_before_their_mutation_and_pulls_last() {
        let mutation =
            |mid| Pushed { mid, name: "lock_goal".into(), version: 1, args: Vec::new(), claimed_at: String::new() };
        let mut diary = Diary { outbox: vec![mutation(1), mutation(2)], ..Diary::default() };
        let mut round = Round::default();
        let mut asked = Vec::new();
        let mut pulls = [answer(4, true, true), answer(9, false, false), answer(11, false, false)].into_iter();
        while let Some(ask) = round.next(&mut diary).unwrap() {
            let told = match ask {
                Ask::Pull(_) => {
                    asked.push("pull");
                    pulls.next().unwrap()
                }
                Ask::Chunk { .. } => {
                    asked.push("chunk");
                    Told::Chunk
                }
                Ask::Push(push) => {
                    asked.push("push");
                    let outcomes = push.mutations.iter();
                    let outcomes = outcomes.map(|m| Outcome { mid: m.mid, verdict: Verdict::Applied { seq: 10 } });
                    Told::Push(PushAnswer { outcomes: outcomes.collect(), last_mid: 2, later: None })
                }
                Ask::Escrow(_) | Ask::Trail(_) => unreachable!("nothing is sealed, and nothing is on record"),
            };
            round.told(&mut diary, told).unwrap();
        }
        assert_eq!(asked, ["pull", "pull", "chunk", "push", "pull"]);
        assert_eq!(diary.done, ["purge", "receive 4", "receive 9", "settle 2", "receive 11"]);
        assert_eq!(round.pushed, 2);
    }

    #[test]
    fn what_somebody_who_is_here_no_more_had_waiting_goes_sealed_after_the_purge() {
        let mutation =
            Pushed { mid: 1, name: "write_note".into(), version: 1, args: Vec::new(), claimed_at: String::new() };
        let mut diary = Diary { outbox: vec![mutation], ..Diary::default() };
        let mut round = Round::default();
        let mut asked = Vec::new();
        while let Some(ask) = round.next(&mut diary).unwrap() {
            let told = match ask {
                Ask::Pull(_) => {
                    let Told::Pull(told) = answer(0, true, false) else { unreachable!() };
                    asked.push("pull");
                    Told::Pull(PullAnswer { escrow: Some(vec![7; 32].into()), ..told })
                }
                Ask::Escrow(_) => {
                    asked.push("escrow");
                    Told::Escrow
                }
                other => unreachable!("{other:?}"),
            };
            round.told(&mut diary, told).unwrap();
        }
        assert_eq!(asked, ["pull", "escrow"]);
        assert_eq!(diary.done, ["purge", "seal 1", "receive 0"]);
    }

    #[test]
    fn a_server_that_is_older_leaves_what_it_cannot_read_in_the_outbox() {
        let mutation =
            |mid| Pushed { mid, name: "write_note".into(), version: 9, args: Vec::new(), claimed_at: String::new() };
        let mut diary = Diary { outbox: vec![mutation(1), mutation(2)], ..Diary::default() };
        let mut round = Round::default();
        while let Some(ask) = round.next(&mut diary).unwrap() {
            let told = match ask {
                Ask::Pull(_) => answer(1, false, false),
                Ask::Chunk { .. } => Told::Chunk,
                Ask::Push(_) => {
                    let outcomes = vec![Outcome { mid: 1, verdict: Verdict::Applied { seq: 1 } }];
                    Told::Push(PushAnswer { outcomes, last_mid: 1, later: Some("server_older".into()) })
                }
                other => unreachable!("{other:?}"),
            };
            round.told(&mut diary, told).unwrap();
        }
        assert_eq!(round.later.as_deref(), Some("server_older"));
        assert_eq!(diary.outbox.len(), 1);
    }
}
