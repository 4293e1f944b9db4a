//! What people do on their laptops in the simulation.
//!
//! Absent on purpose: the network, and what must hold afterwards (`simulation.rs`).

use super::*;

const PLAN: &str = include_str!("../../../../assets/sample/plans/account-manager.toml");

impl World {
    /// Something that somebody does on a laptop; being refused there is as good.
    pub(super) fn act(&mut self, at: usize) -> String {
        self.made += 1;
        let made = self.made;
        let what = self.dice.below(22);
        let goal_id = (*self.dice.one(&GOAL_IDS)).to_owned();
        let about = (*self.dice.one(&PERSONS)).to_owned();
        let amount = (self.dice.below(50) as i64 + 1) * 10_000_000;
        let laptop = &mut self.laptops[at];
        let Ok(Some(actor)) = laptop.store.view().actor(laptop.person, today()) else { return "nobody".into() };
        // Now and then its clock has gone mad.
        let (year, days) = match self.dice.below(8) {
            0 => (1971 + self.dice.below(120), self.dice.below(2000) as i64 - 1000),
            _ => (2026, 0),
        };
        let now = Now { today: today() + Duration::days(days), at: format!("{year}-09-21T00:30:00.{made:03}Z") };
        let mutation = match what {
            0 | 1 => Mutation::AdjustGoal {
                goal_id,
                target: amount,
                reading: if what == 0 { Reading::YearTotal } else { Reading::RemainingShare },
                from: Month { year: 2026, month: 9 },
                seen: None,
            },
            2 => Mutation::LockGoal { goal_id, locked: made.is_multiple_of(2) },
            3 | 4 => {
                let note_id = format!("n{}", if what == 3 { made } else { made / 2 });
                let there = laptop.store.view().note_by_id(&note_id).unwrap();
                let (about_id, before) = there.map_or((about, None), |note| (note.about_id, Some(note.text)));
                // A sentence at either end, so that two who write at once can be merged, or not.
                let text = match (&before, self.dice.below(3)) {
                    (Some(before), 0) => format!("{before}又说了第 {made} 件事。"),
                    (Some(before), 1) => format!("先说第 {made} 件事。{before}"),
                    _ => format!("说了第 {made} 件事。"),
                };
                let visibility = *self.dice.one(&[Visibility::Author, Visibility::Pair, Visibility::Managers]);
                let (kind, actions) = (NoteKind::Note, Vec::new());
                Mutation::WriteNote { note_id, about_id, kind, visibility, text, actions, before }
            }
            5 => {
                let undone = laptop.store.undo(&actor, &now).is_ok();
                let redone = self.dice.below(2) == 0 && laptop.store.redo(&actor, &now).is_ok();
                return format!("undo {undone}, redo {redone}");
            }
            6 | 16 | 17 => {
                let order = self.dice.below(6);
                let rows = format!(
                    "order_id,customer_id,customer_type,person_id,date,amount,currency\no{order},c{order},new,{about},2026-{:02}-{:02},{}.00,CNY\n",
                    7 + made % 3,
                    1 + made % 20,
                    100 + made
                );
                return format!("orders {:?}", take_in(&mut laptop.store, &actor, Kind::Order, &rows).ok());
            }
            7 | 18 => {
                // Somebody moves, or becomes a manager somewhere: what others may have changes with it.
                let unit = *self.dice.one(&["t1", "t2", "t3", "A", "B"]);
                let role = *self.dice.one(&["rep", "manager"]);
                let rows = format!(
                    "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n{about},{about},{unit},new_business,{role},5000.00,2026-0{}-01,\n",
                    1 + made % 9
                );
                if about == "hr" {
                    return "hr stays".into();
                }
                return format!("moves {about} {:?}", take_in(&mut laptop.store, &actor, Kind::Person, &rows).ok());
            }
            20 => {
                // Somebody leaves, for good or for a time; what waits on the laptop goes to the company.
                if !matches!(about.as_str(), "r1" | "boss") || self.dice.below(3) > 0 {
                    return "nobody leaves".into();
                }
                let rows = format!(
                    "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n{about},{about},{},new_business,rep,5000.00,2024-01-01,2026-09-0{}\n",
                    if about == "r1" { "t1" } else { "A" },
                    1 + made % 9
                );
                return format!("leaves {about} {:?}", take_in(&mut laptop.store, &actor, Kind::Person, &rows).ok());
            }
            8 | 9 => {
                // Within the freedom of a team, or beyond it: then it is laid before those above.
                let amount = (self.dice.below(12) as i64 + 1) * 1_000_000;
                let (from_id, to_id) = if made.is_multiple_of(2) { ("g-r1", "g-r4") } else { ("g-r4", "g-r1") };
                let month = Month { year: 2026, month: 9 + (made % 4) as u32 };
                let wish = Wish::Shift(Shift { from_id: from_id.into(), to_id: to_id.into(), amount, month });
                self.wish(at, wish, &now)
            }
            10 => {
                let wish = match self.dice.below(4) {
                    0 => Wish::Allocate(Allocation {
                        goal_id: "g-t1".into(),
                        levels: vec![Level { by: Basis::Equal, reserve_ppm: Some(20_000) }],
                        given: Vec::new(),
                        rounding: Some(10_000),
                        season: None,
                        ramp: None,
                        from: Month { year: 2026, month: 9 },
                    }),
                    1 => Wish::Adjust(Adjustment {
                        goal_id,
                        target: amount,
                        reading: Reading::YearTotal,
                        from: Month { year: 2026, month: 9 },
                    }),
                    // Somebody has moved or left: the open months go to others, or with them.
                    2 => Wish::Reassign(Reassign {
                        goal_id: format!("g-{about}"),
                        from: Month { year: 2026, month: 10 },
                        to: if made.is_multiple_of(2) { Destination::Reserve } else { Destination::Siblings },
                        takes: made.is_multiple_of(3).then(|| "g-t2".to_owned()),
                    }),
                    _ => {
                        let owner = Owner::Seat("s1".into());
                        let to = Destination::Owner { owner, ramp: None };
                        let from = Month { year: 2026, month: 10 };
                        Wish::Reassign(Reassign { goal_id: "g-r4".into(), from, to, takes: None })
                    }
                };
                self.wish(at, wish, &now)
            }
            11 | 12 => {
                let proposals = laptop.store.view().proposals().unwrap();
                let Some(proposal) = proposals.get(made as usize % proposals.len().max(1)) else {
                    return "idle".into();
                };
                let proposal_id = proposal.id.clone();
                match self.dice.below(4) {
                    0 => Mutation::SendBackProposal { proposal_id, comment: "再想想".into() },
                    1 => {
                        let (wish, comment) = (proposal.wish.clone(), "再提一次".to_owned());
                        Mutation::ProposeGoals { proposal_id, wish, comment, seen: None }
                    }
                    _ => {
                        let seen = outcome(&laptop.store.view(), &proposal.wish).ok().map(|found| found.digest());
                        Mutation::ApproveProposal { proposal_id, comment: String::new(), seen }
                    }
                }
            }
            13 => {
                let goal_id = format!("g-{}", laptop.person);
                let version = laptop.store.view().goal_by_id(&goal_id).unwrap().map_or(1, |goal| goal.version);
                Mutation::AcknowledgeGoal { goal_id, version }
            }
            21 => {
                // A plan is drafted, changed, laid before others, agreed with or not, published or not.
                let draft_id = format!("d{}", made % 3);
                let there = laptop.store.view().plan_draft(&draft_id).unwrap();
                let digest = there.map(|draft| draft.digest());
                match (digest, self.dice.below(6)) {
                    (digest, 0 | 1) | (digest @ None, _) => {
                        let source = format!("{PLAN}# {made}\n");
                        Mutation::SavePlanDraft { draft_id, source, before: digest }
                    }
                    (_, 2) => Mutation::SubmitPlanDraft { draft_id, comment: "请批准".into() },
                    (Some(digest), 3) => Mutation::ApprovePlanDraft { draft_id, digest, comment: String::new() },
                    (_, 4) => Mutation::SendBackPlanDraft { draft_id, comment: "再想想".into() },
                    (Some(digest), _) => Mutation::PublishPlanDraft { draft_id, digest },
                }
            }
            14 => {
                let rows = format!(
                    "goal_id,parent_id,owner_id,metric,period,target,locked\ng-r2,g-t2,r2,sales_amount,2026-1{},{},\n",
                    made % 3,
                    100_000 + made
                );
                return format!("goals {:?}", take_in(&mut laptop.store, &actor, Kind::Goal, &rows).ok());
            }
            15 => match self.dice.below(3) {
                0 => {
                    let (seat_id, person_id) = ("s1".to_owned(), about);
                    Mutation::FillSeat { seat_id, person_id, from: Month { year: 2026, month: 10 }, ramp: None }
                }
                _ => {
                    let seat = Seat {
                        id: "s1".into(),
                        unit_id: "t1".into(),
                        position: Position::NewBusiness,
                        name: "空席".into(),
                        from: today(),
                        to: None,
                        person_id: None,
                    };
                    Mutation::PutSeat { seat_id: "s1".into(), seat: Some(seat) }
                }
            },
            _ => Mutation::Snooze { item_id: format!("slipping/{about}"), until: today(), reason: "later".into() },
        };
        let laptop = &mut self.laptops[at];
        let done = laptop.store.mutate(&actor, &mutation, &now);
        // Or the program is years old.
        if let (Ok(changed), 0) = (&done, self.dice.below(3)) {
            laptop.store.pretend_first_version(changed.mid).unwrap();
        }
        format!("{} {}", mutation.name(), done.is_ok())
    }

    /// What somebody does who wishes this: publishes it as they saw it, or proposes what is not theirs to publish.
    fn wish(&mut self, at: usize, wish: Wish, now: &Now) -> Mutation {
        let laptop = &self.laptops[at];
        let view = laptop.store.view();
        let seen = outcome(&view, &wish).ok().map(|found| found.digest());
        let actor = view.actor(laptop.person, today()).unwrap().unwrap();
        match may_publish(&view, &actor, &wish, now) {
            Ok(_) => Mutation::ChangeGoals { wish, why: Some("说明".into()), seen },
            Err(_) => {
                let proposal_id = format!("p{}", self.made);
                Mutation::ProposeGoals { proposal_id, wish, comment: "请批准".into(), seen }
            }
        }
    }
}
