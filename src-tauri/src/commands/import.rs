//! Imports, step by step: what a file seems to hold, a dry run, the import itself, its rejected rows.

use super::figure::{count, rate};
use super::note::local;
use crate::desk::{Shared, held};
use crate::views::data::{
    Finding, ImportColumn, ImportEntry, ImportField, ImportKind, ImportPreview, ImportProgress, ImportRequest,
    ImportResult,
};
use crate::views::figure::{Param, Problem};
use attain_client::domain::access::Action;
use attain_client::domain::money::Ratio;
use attain_client::import::{self, Input, Kind, Mapping, Progress, Report, Request};
use attain_client::language::Language;
use attain_client::{keys, scope};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tauri::{Emitter, Manager, State};
use tauri_plugin_dialog::DialogExt;

/// The import that runs, and the requests whose rejected rows can still be asked for.
#[derive(Default)]
pub struct Imports {
    running: AtomicBool,
    cancelled: AtomicBool,
    done: Mutex<Vec<(String, Request)>>,
}

impl Imports {
    /// The import that runs stops at its next row and takes everything back.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }
}

/// Runs one remembers.
const REMEMBERED: usize = 8;
/// Findings a screen is sent; the file of rejected rows has them all.
const SHOWN: usize = 200;

#[tauri::command(rename_all = "snake_case")]
pub async fn import_pick(desk: State<'_, Shared>) -> std::result::Result<Option<String>, Problem> {
    super::pick(&desk, "CSV, XLSX", &["csv", "txt", "tsv", "xlsx", "xlsm"]).await
}

fn kind_of(kind: ImportKind) -> Kind {
    match kind {
        ImportKind::Units => Kind::Unit,
        ImportKind::People => Kind::Person,
        ImportKind::Orders => Kind::Order,
        ImportKind::Credits => Kind::Credit,
        ImportKind::Goals => Kind::Goal,
        ImportKind::Metrics => Kind::Metric,
        ImportKind::Rates => Kind::Rate,
    }
}

fn shown(kind: Kind) -> ImportKind {
    match kind {
        Kind::Unit => ImportKind::Units,
        Kind::Person => ImportKind::People,
        Kind::Order => ImportKind::Orders,
        Kind::Credit => ImportKind::Credits,
        Kind::Goal => ImportKind::Goals,
        Kind::Metric => ImportKind::Metrics,
        Kind::Rate => ImportKind::Rates,
    }
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_preview(
    desk: State<'_, Shared>,
    path: String,
    kind: Option<ImportKind>,
    sheet: Option<String>,
) -> std::result::Result<ImportPreview, Problem> {
    desk.ask(move |question| {
        if question.viewer.actor.widest(Action::ImportFacts).is_none() {
            return Err(attain_client::Problem::refused("not_allowed"));
        }
        let input = Input::File(PathBuf::from(&path));
        let found = import::preview(&input, kind.map(kind_of), sheet.as_deref())?;
        let file = || attain_client::Problem::refused("unknown_kind").with("file", file_name(&path));
        Ok(ImportPreview {
            file_name: file_name(&path),
            kind: found.kind.map(shown).ok_or_else(file)?,
            source: import::DEFAULT_SOURCE.to_owned(),
            encoding: found.encoding,
            sheets: found.sheets,
            sheet: found.sheet,
            row_count: count(found.row_count),
            columns: found
                .columns
                .into_iter()
                .map(|column| ImportColumn {
                    header: column.header,
                    fill: rate(share(column.filled, found.row_count)),
                    field: column.field.map(str::to_owned),
                    certainty: column.certainty.name().to_owned(),
                })
                .collect(),
            rows: found.rows,
            fields: found
                .fields
                .into_iter()
                .map(|field| ImportField { name: field.name.to_owned(), required: field.required })
                .collect(),
            path,
        })
    })
    .await
}

/// Of an empty file, nothing is filled.
fn share(filled: u64, rows: u64) -> Ratio {
    Ratio::new(i128::from(filled), i128::from(rows)).unwrap_or(Ratio::ZERO)
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_dry_run(
    desk: State<'_, Shared>,
    imports: State<'_, Imports>,
    request: ImportRequest,
) -> std::result::Result<ImportResult, Problem> {
    run(desk.inner(), &imports, request, true).await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_run(
    desk: State<'_, Shared>,
    imports: State<'_, Imports>,
    request: ImportRequest,
) -> std::result::Result<ImportResult, Problem> {
    run(desk.inner(), &imports, request, false).await
}

async fn run(
    desk: &Shared,
    imports: &Imports,
    request: ImportRequest,
    dry_run: bool,
) -> std::result::Result<ImportResult, Problem> {
    if imports.running.swap(true, Ordering::SeqCst) {
        return Err(super::figure::problem(attain_client::Problem::refused("import_running")));
    }
    imports.cancelled.store(false, Ordering::SeqCst);
    let language = desk.preferences().language();
    let mapping = Mapping::of_columns(request.mapping.into_iter().map(|entry| (entry.header, entry.field)));
    let request = Request {
        dry_run,
        source: Some(request.source.trim().to_owned()).filter(|source| !source.is_empty()),
        sheet: request.sheet,
        mapping: Some(mapping),
        language,
        ..Request::of(kind_of(request.kind), Input::File(PathBuf::from(request.path)))
    };
    let asked = request.clone();
    let app = desk.app().clone();
    let outcome = desk
        .record(move |workspace| {
            let (viewer, now) = (workspace.viewer()?, workspace.now()?);
            let mut told = Instant::now();
            let mut progress = |progress: Progress| {
                if told.elapsed() >= Duration::from_millis(100) || progress.done == progress.total {
                    told = Instant::now();
                    let _ = app.emit("import_progress", tell(progress));
                }
                match app.state::<Imports>().cancelled.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            Ok(import::run(&mut workspace.store, &viewer.actor, &asked, &now, &mut progress)?)
        })
        .await;
    imports.running.store(false, Ordering::SeqCst);
    let report = outcome?;
    if let Some(changed) = &report.changed {
        let mut nouns: Vec<String> = changed.nouns.iter().cloned().collect();
        nouns.push("import".into());
        desk.tell(nouns, changed.ids.clone());
    }
    let run_id = keys::random_hex(6).map_err(super::figure::problem)?;
    let mut done = held(&imports.done);
    done.push((run_id.clone(), request));
    if done.len() > REMEMBERED {
        done.remove(0);
    }
    Ok(result(run_id, report, language))
}

fn tell(progress: Progress) -> ImportProgress {
    // Bytes of a large file do not fit a screen's numbers: the share is what is drawn.
    let scale = (progress.total / u64::from(u32::MAX)) + 1;
    ImportProgress {
        stage: progress.stage.name().to_owned(),
        done: count(progress.done / scale),
        total: count(progress.total / scale),
    }
}

fn result(run_id: String, report: Report, language: Language) -> ImportResult {
    let finding = |finding: import::Finding| Finding {
        row: count(finding.row),
        message: finding.message(language),
        column: finding.column,
        code: finding.code,
        params: finding.params.into_iter().map(|(name, text)| (name, param(text))).collect(),
    };
    ImportResult {
        run_id,
        dry_run: report.dry_run,
        cancelled: report.cancelled,
        rows: count(report.rows),
        imported: count(report.imported),
        unchanged: count(report.unchanged),
        rejected: count(report.rejected),
        findings: report.findings.into_iter().take(SHOWN).map(finding).collect(),
        findings_total: count(report.findings_total),
    }
}

fn param(text: String) -> Param {
    match text.strip_prefix('@') {
        Some(term) => Param::Term { term: term.to_owned() },
        None => Param::Text { text },
    }
}

#[tauri::command(rename_all = "snake_case")]
pub fn import_cancel(imports: State<'_, Imports>) {
    imports.cancel();
}

/// Writes the rejected rows of a run, with the reasons, where the person says: the same file is gone through again, dry.
#[tauri::command(rename_all = "snake_case")]
pub async fn import_rejects_save(
    desk: State<'_, Shared>,
    imports: State<'_, Imports>,
    run_id: String,
) -> std::result::Result<Option<String>, Problem> {
    let found = held(&imports.done).iter().find(|(id, _)| *id == run_id).map(|(_, request)| request.clone());
    let request = found.ok_or_else(|| super::figure::problem(attain_client::Problem::not_found()))?;
    let app = desk.app().clone();
    let path = desk
        .blocking(move || {
            let dialog = app.dialog().file().set_file_name("rejected.csv").add_filter("CSV", &["csv"]);
            Ok(dialog.blocking_save_file().and_then(|path| path.into_path().ok()))
        })
        .await?;
    let Some(path) = path else { return Ok(None) };
    desk.record(move |workspace| {
        let (viewer, now) = (workspace.viewer()?, workspace.now()?);
        let request = Request { dry_run: true, rejects: Some(path.clone()), ..request };
        import::run(&mut workspace.store, &viewer.actor, &request, &now, &mut |_| ControlFlow::Continue(()))?;
        Ok(Some(path.display().to_string()))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn import_list(desk: State<'_, Shared>) -> std::result::Result<Vec<ImportEntry>, Problem> {
    desk.ask(|question| {
        let (view, viewer) = (question.view, question.viewer);
        if viewer.actor.widest(Action::ImportFacts).is_none() {
            return Err(attain_client::Problem::refused("not_allowed"));
        }
        let mut entries = Vec::new();
        for import in view.imports()? {
            let Some(kind) = import.batch.kind.parse().ok().map(shown) else { continue };
            entries.push(ImportEntry {
                import_id: import.id,
                at: local(question, &import.at)?,
                by_name: scope::name(view, viewer, &import.person_id)?,
                file_name: import.batch.file_name,
                kind,
                rows: count(import.batch.rows),
                imported: count(import.batch.imported),
                unchanged: count(import.batch.unchanged),
                rejected: count(import.batch.rejected),
            });
        }
        Ok(entries)
    })
    .await
}
