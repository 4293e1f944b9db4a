//! The workspace on this laptop: first run, lock and unlock, who looks, settings.

use super::figure::{count, problem};
use super::unit;
use crate::desk::{Desk, Question, Result, Shared};
use crate::preferences::Preferences;
use crate::views::figure::Problem;
use crate::views::sync::JoinServer;
use crate::views::workspace::{NewWorkspace, OpenWorkspace, Phase, Settings, UnlockKind, Viewer, WorkspaceState};
use attain_client::domain::access::{Action, Reach};
use attain_client::domain::attainment::PaceBounds;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::keys::{self, Unlock};
use attain_client::problem::Kind;
use attain_client::store::connection::View;
use attain_client::store::queries::org::PersonRow;
use attain_client::sync::{self, Joining};
use attain_client::workspace::store_file;
use attain_client::{Workspace, sample, scope};
use chrono::Datelike;
use std::path::Path;
use tauri::State;

/// Where the window stands, without opening anything.
pub fn state_of(desk: &Desk) -> WorkspaceState {
    let store = store_file(desk.home()).is_some();
    let passphrase = store && keys::needs_passphrase(desk.home());
    let (company_name, problem) = desk.shown();
    let keychain = if store { !passphrase } else { desk.keychain() };
    WorkspaceState {
        phase: match store {
            true if desk.is_receiving() => Phase::Receiving,
            true => Phase::Locked,
            false => Phase::None,
        },
        unlock: if passphrase || !keychain { UnlockKind::Passphrase } else { UnlockKind::Keychain },
        keychain,
        company_name,
        problem,
        language: desk.preferences().language().code().to_owned(),
        open: None,
    }
}

/// The same with what the frame shows of an open workspace.
async fn state(desk: &Shared) -> std::result::Result<WorkspaceState, Problem> {
    if !desk.is_open() {
        let desk = desk.clone();
        return desk.clone().blocking(move || Ok(state_of(&desk))).await;
    }
    let closed = {
        let desk = desk.clone();
        desk.clone().blocking(move || Ok(state_of(&desk))).await?
    };
    let (open, named) = desk.ask(|question| Ok((open(question)?, company_name(question)?))).await?;
    let company_name = named.or(closed.company_name);
    Ok(WorkspaceState { phase: Phase::Open, problem: None, company_name, open: Some(open), ..closed })
}

/// The company as its own unit is called, in the viewer's language.
fn company_name(question: &Question) -> Result<Option<String>> {
    let unit = scope::company_unit(question.view)?;
    Ok(unit.map(|unit| question.viewer.language.pick(&unit.name, unit.name_en.as_deref()).to_owned()))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_state(desk: State<'_, Shared>) -> std::result::Result<WorkspaceState, Problem> {
    let desk = desk.inner().clone();
    {
        let desk = desk.clone();
        desk.clone()
            .blocking(move || {
                // Without a keychain the first run asks for a passphrase first.
                if desk.wants_sample() && desk.keychain() {
                    match sample::create(desk.home(), &Unlock::Keychain) {
                        Ok(workspace) => desk.take(workspace)?,
                        Err(failure) if failure.kind == Kind::CannotUnlock => desk.give_up_keychain(failure),
                        Err(failure) => return Err(failure),
                    }
                }
                desk.open_by_itself();
                Ok(())
            })
            .await?;
    }
    state(&desk).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_create_sample(
    desk: State<'_, Shared>,
    language: String,
    passphrase: Option<String>,
) -> std::result::Result<WorkspaceState, Problem> {
    create(desk.inner(), language, passphrase, sample::create).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_create(
    desk: State<'_, Shared>,
    input: NewWorkspace,
    language: String,
) -> std::result::Result<WorkspaceState, Problem> {
    let passphrase = input.passphrase.clone();
    create(desk.inner(), language, passphrase, move |home, unlock| {
        let currency = input.currency.parse().map_err(|_| attain_client::Problem::refused("unknown_currency"))?;
        let new = attain_client::workspace::NewWorkspace {
            company: input.company_name,
            currency,
            owner_id: "owner".into(),
            owner_name: input.owner_name,
        };
        Workspace::create(home, unlock, &new)
    })
    .await
}

/// Joins a server: the window opens on what is there, which is nothing, while the first round receives.
#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_join(
    desk: State<'_, Shared>,
    input: JoinServer,
    language: String,
) -> std::result::Result<WorkspaceState, Problem> {
    let passphrase = input.passphrase.clone();
    create(desk.inner(), language, passphrase, move |home, unlock| {
        let name = crate::sync::device_name();
        let ca = input.ca.as_deref().map(|path| sync::certificate(Path::new(path))).transpose()?;
        let joining = Joining {
            server: input.server.trim(),
            user: input.user.trim(),
            password: &input.password,
            device_name: &name,
            ca: ca.as_deref(),
        };
        sync::sign_in(home, unlock, &joining)
    })
    .await
}

async fn create(
    desk: &Shared,
    language: String,
    passphrase: Option<String>,
    make: impl FnOnce(&Path, &Unlock) -> Result<Workspace> + Send + 'static,
) -> std::result::Result<WorkspaceState, Problem> {
    {
        let desk = desk.clone();
        desk.clone()
            .blocking(move || {
                let chosen = Preferences { language: Some(language), ..desk.preferences() };
                if !chosen.valid() {
                    return Err(attain_client::Problem::usage("setting_invalid"));
                }
                let unlock = unlock(passphrase);
                let workspace = make(desk.home(), &unlock)?;
                desk.set_preferences(chosen)?;
                desk.take(workspace)
            })
            .await?;
    }
    state(desk).await
}

pub fn unlock(passphrase: Option<String>) -> Unlock {
    match passphrase.filter(|text| !text.is_empty()) {
        Some(passphrase) => Unlock::Passphrase(passphrase.into()),
        None => Unlock::Keychain,
    }
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_unlock(
    desk: State<'_, Shared>,
    passphrase: Option<String>,
) -> std::result::Result<WorkspaceState, Problem> {
    let desk = desk.inner().clone();
    if desk.opening().is_none() {
        let desk = desk.clone();
        desk.clone().blocking(move || desk.open(&unlock(passphrase))).await?;
    }
    state(&desk).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_lock(desk: State<'_, Shared>) -> std::result::Result<WorkspaceState, Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            desk.lock();
            Ok(state_of(&desk))
        })
        .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn workspace_remove_sample(desk: State<'_, Shared>) -> std::result::Result<WorkspaceState, Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            desk.write(|workspace| match workspace.view().setting("sample")? {
                Some(_) => Ok(()),
                None => Err(attain_client::Problem::refused("not_the_sample")),
            })?;
            if let Some(workspace) = desk.put_away() {
                workspace.remove_sample()?;
            }
            desk.forget();
            Ok(state_of(&desk))
        })
        .await
}

/// Whom one may look as: everybody with a place in the sample, and only there or where no server says who is who.
fn may_switch(view: View) -> Result<bool> {
    Ok(view.setting("sample")?.is_some() && view.joined()?.is_none())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn viewer_list(desk: State<'_, Shared>) -> std::result::Result<Vec<Viewer>, Problem> {
    desk.ask(|question| {
        if question.view.joined()?.is_some() {
            return Ok(Vec::new());
        }
        if !may_switch(question.view)? {
            return Err(attain_client::Problem::refused("not_allowed"));
        }
        let people = question.view.people(question.viewer.today)?;
        people.iter().map(|person| viewer(question, person)).collect()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn viewer_set(desk: State<'_, Shared>, person_id: String) -> std::result::Result<WorkspaceState, Problem> {
    desk.record(move |workspace| {
        if !may_switch(workspace.view())? {
            return Err(attain_client::Problem::refused("not_allowed"));
        }
        workspace.see_as(&person_id)
    })
    .await?;
    state(desk.inner()).await
}

fn viewer(question: &Question, person: &PersonRow) -> Result<Viewer> {
    let language = question.viewer.language;
    Ok(Viewer {
        person_id: person.id.clone(),
        name: language.pick(&person.name, person.name_en.as_deref()).to_owned(),
        position: person.position.name().to_owned(),
        unit_name: Some(scope::name(question.view, question.viewer, &person.unit_id)?),
    })
}

/// The names of what a viewer can do, as the screens know them.
fn abilities(question: &Question, sells: bool) -> Result<Vec<String>> {
    let can = |action| question.viewer.actor.widest(action);
    let wide = |action| can(action).is_some_and(|reach| reach > Reach::Own);
    let all = [
        ("see_team", wide(Action::SeeTeam)),
        ("see_goals", sells || can(Action::SeeGoals).is_some()),
        ("edit_goals", can(Action::EditGoals).is_some()),
        ("import_data", can(Action::ImportFacts).is_some()),
        ("see_pay", wide(Action::SeePay)),
        ("see_own_pay", sells),
        ("see_notes", can(Action::SeeNotes).is_some()),
        ("write_notes", can(Action::WriteNotes).is_some()),
        ("see_audit", can(Action::SeeAudit).is_some()),
        ("close_period", can(Action::ClosePeriods).is_some()),
        ("publish_plan", can(Action::PublishPlans).is_some()),
        ("edit_settings", can(Action::EditSettings).is_some()),
        ("switch_viewer", may_switch(question.view)?),
    ];
    Ok(all.iter().filter(|(_, may)| *may).map(|(name, _)| (*name).to_owned()).collect())
}

fn open(question: &Question) -> Result<OpenWorkspace> {
    let (view, viewer) = (question.view, question.viewer);
    let today = viewer.today;
    let person = view.person_row(viewer.id(), today)?;
    let sells = person.as_ref().is_some_and(|person| person.position.sells());
    let facts = view.fact_days()?;
    let units = unit::choices(question)?;
    let running = view.fiscal()?.month_of(today);
    Ok(OpenWorkspace {
        viewer: match &person {
            Some(person) => self::viewer(question, person)?,
            None => Viewer {
                person_id: viewer.id().to_owned(),
                name: scope::name(view, viewer, viewer.id())?,
                position: "admin".into(),
                unit_name: None,
            },
        },
        abilities: abilities(question, sells)?,
        today: today.to_string(),
        sample: view.setting("sample")?.is_some(),
        currency: view.currency()?.code().to_owned(),
        as_of: Desk::as_of(view)?,
        // Yesterday's figures are this morning's news.
        as_of_days: facts.map_or(0, |(_, last)| count(today.num_days_from_ce() - last.num_days_from_ce() - 1)),
        home_unit_id: units.first().map(|unit| unit.unit_id.clone()),
        units,
        home_period: running.to_string(),
        periods: periods(view, running)?,
        empty: facts.is_none(),
    })
}

/// Years with goals, and the next one, which is yet to get some; then the quarters and months of this year and the last as far as there are facts, newest first.
fn periods(view: View, running: attain_client::domain::period::Month) -> Result<Vec<String>> {
    let mut years: Vec<i32> = view.goal_years()?.into_iter().map(|(year, _)| year).collect();
    years.extend([running.year, running.year + 1]);
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    let fiscal = view.fiscal()?;
    let first = view.fact_days()?.map_or(running, |(first, _)| fiscal.month_of(first));
    let mut periods: Vec<String> = years.into_iter().map(|year| Period::Year(year).to_string()).collect();
    let mut month = running;
    let mut quarter = String::new();
    while month >= first && month.index() > running.index() - 24 {
        let this = format!("{}-Q{}", month.year, (month.month - 1) / 3 + 1);
        if this != quarter {
            periods.push(this.clone());
            quarter = this;
        }
        periods.push(month.to_string());
        month = month.plus(-1);
    }
    Ok(periods)
}

#[tauri::command(rename_all = "snake_case")]
pub async fn settings_get(desk: State<'_, Shared>) -> std::result::Result<Settings, Problem> {
    settings(desk.inner()).await
}

async fn settings(desk: &Shared) -> std::result::Result<Settings, Problem> {
    let bounds =
        if desk.is_open() { desk.ask(|question| Ok(question.view.pace_bounds()?)).await? } else { Default::default() };
    let preferences = desk.preferences();
    Ok(Settings {
        language: preferences.language().code().to_owned(),
        theme: preferences.theme,
        density: preferences.density,
        pace_ahead: bounds.ahead,
        pace_on_pace: bounds.on_pace,
        pace_behind: bounds.behind,
        idle_lock_minutes: preferences.idle_lock_minutes,
    })
}

#[tauri::command(rename_all = "snake_case")]
pub async fn settings_set(desk: State<'_, Shared>, settings: Settings) -> std::result::Result<Settings, Problem> {
    let desk = desk.inner();
    let preferences = Preferences {
        language: Some(settings.language.clone()),
        theme: settings.theme.clone(),
        density: settings.density.clone(),
        idle_lock_minutes: settings.idle_lock_minutes,
        ..desk.preferences()
    };
    if !preferences.valid() {
        return Err(problem(attain_client::Problem::usage("setting_invalid")));
    }
    {
        let desk = desk.clone();
        desk.clone().blocking(move || desk.set_preferences(preferences)).await?;
    }
    if desk.is_open() {
        let wanted =
            PaceBounds { ahead: settings.pace_ahead, on_pace: settings.pace_on_pace, behind: settings.pace_behind };
        if desk.ask(|question| Ok(question.view.pace_bounds()?)).await? != wanted {
            let setting = Mutation::SetSetting { key: "pace_bounds".into(), value: wanted.to_string() };
            desk.change(move |workspace| Ok(((), workspace.mutate(&setting)?))).await?;
        }
    }
    desk.tell(vec!["settings".into()], Vec::new());
    self::settings(desk).await
}
