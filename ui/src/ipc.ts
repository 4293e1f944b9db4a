/**
 * The only file that imports Tauri: one typed function per command of the shell, and the events it sends.
 *
 * Arguments travel in snake_case (`#[tauri::command(rename_all = "snake_case")]`). Every command but `workspace_*` and
 * `settings_get` answers `Problem { code: "locked" }` while the workspace is not open. Failures are `Problem`s.
 *
 * | command               | arguments                                   | answers           | notes |
 * |-----------------------|---------------------------------------------|-------------------|-------|
 * | workspace_state       |                                             | WorkspaceState    | |
 * | workspace_create_sample | language, passphrase?                     | WorkspaceState    | passphrase only without a keychain |
 * | workspace_create      | input: NewWorkspace, language               | WorkspaceState    | |
 * | workspace_join        | input: JoinServer, language                 | WorkspaceState    | the first round follows by itself |
 * | workspace_unlock      | passphrase?                                 | WorkspaceState    | null = try the keychain again |
 * | workspace_lock        |                                             | WorkspaceState    | |
 * | workspace_remove_sample |                                           | WorkspaceState    | back to first run; the sample only |
 * | viewer_list           |                                             | Viewer[]          | people one can see as (`switch_viewer`) |
 * | viewer_set            | person_id                                   | WorkspaceState    | |
 * | settings_get          |                                             | Settings          | |
 * | settings_set          | settings: Settings                          | Settings          | |
 * | today_show            |                                             | Today             | |
 * | today_snooze          | item_id, days, reason                       | null              | undoable |
 * | talk_prepare          | person_id                                   | Talk              | |
 * | goal_tree             | period, columns: GoalColumns                | GoalTree          | the viewer's scope |
 * | goal_find             | period, query                               | string[]          | goals by their owner's name; pinyin too |
 * | goal_try              | edits: GoalEdit[], period?, columns         | GoalTried         | what typed figures would do; no pay in it |
 * | goal_set              | edits: GoalEdit[], expected: digest         | GoalAdjusted      | all at once or not at all; undoable |
 * | goal_map              | period, root_id?, width, height             | GoalMap           | |
 * | goal_lock             | goal_id, locked                             | null              | undoable |
 * | goal_wish_preview     | wish: GoalWish, sheet                       | WishPreview       | any change of goals; looks at pay recorded once a sheet |
 * | goal_wish_publish     | wish, expected: digest, why?                | GoalAdjusted      | undoable; `preview_changed`, `needs_approval` |
 * | goal_wish_propose     | wish, expected, comment, again?: id         | proposal id       | laid before those above |
 * | goal_proposals        |                                             | Proposal[]        | own, and those one decides |
 * | goal_proposal_show    | id, sheet                                   | ProposalShown     | with what it would do now |
 * | goal_proposal_decide  | id, decision, comment, expected?            | null              | approve, send_back, withdraw |
 * | goal_versions         | goal_id                                     | GoalVersion[]     | newest first |
 * | goal_as_of            | period, date                                | GoalThen[]        | the tree as it stood |
 * | goal_acknowledge      | goal_id, version                            | null              | own goals only |
 * | goal_to_acknowledge   | year                                        | Unacknowledged[]  | own changed goals |
 * | goal_unacknowledged   | unit_id?, year                              | Unacknowledged[]  | for managers |
 * | goal_unplaced         | year                                        | Unplaced[]        | owners who moved or left |
 * | goal_profiles, goal_profile_put | input: MonthProfile               | MonthProfile[], null | seasons and ramps |
 * | seat_list, seat_put, seat_remove, seat_fill | unit_id? · input · seat_id · seat_id, person_id, from, ramp? | SeatRow[], null | undoable |
 * | goal_start_from_last_year | year                                    | GoalAdjusted      | offered when the year has none |
 * | team_show             | unit_id, period                             | Team              | |
 * | compare_show          | person_ids, metric, period                  | Compare           | two to four people |
 * | trend_chart           | request: TrendRequest                       | Chart             | |
 * | person_show           | person_id, period                           | Person            | |
 * | pay_show              | person_id, period?                          | Pay               | a disclosure: recorded; null = latest closed |
 * | pay_what_if           | input: PayWhatIf                            | Pay               | same month, one actual changed |
 * | plan_list             |                                             | PlanList          | published plans, in readable form |
 * | plan_pick             |                                             | path?             | the system's file dialog |
 * | plan_check            | path                                        | PlanCheck         | what the checker says and what would happen |
 * | plan_publish          | source                                      | null              | for good; as it was checked |
 * | plan_draft_show       | draft_id                                    | PlanDraftShown    | HR, finance and its author |
 * | plan_draft_save       | draft_id?, source, before?: digest          | draft id          | undoable; `draft_changed` |
 * | plan_draft_copy       | plan_id, version                            | draft id          | the next version, from the next quarter on |
 * | plan_draft_decide     | draft_id, decision, comment, digest         | null              | submit, approve, send_back, withdraw, publish |
 * | plan_drafts_waiting   |                                             | PlanDraft[]       | those that wait for the viewer |
 * | plan_edit             | source, edits: PlanEdit[]                   | PlanSheet         | the form over a text; nothing is saved |
 * | plan_example          | source, person_id?                          | PlanExample?      | a look at pay: recorded |
 * | plan_what_if          | source, periods, budget?                    | PlanWhatIf        | a look at everyone's pay: recorded |
 * | plan_exceptions       |                                             | PlanExceptions    | a look at these people's pay: recorded |
 * | plan_exception_put    | input: ExceptionInput                       | null              | undoable |
 * | plan_exception_end    | person_id, exception_id                     | null              | undoable |
 * | plan_what_if_export   | source, periods                             | path?             | save dialog; null = cancelled |
 * | period_closing        | period?                                     | Closing           | a look at everyone's pay: recorded |
 * | period_close          | period, seen: of what was shown, accepted   | null              | for good; `preview_changed`, `close_findings` |
 * | payslip_pick_mapping  |                                             | string?           | system dialog; null = cancelled |
 * | payslip_place         | period, format                              | string?           | system dialog; null = cancelled |
 * | payslip_export        | period, path, mapping?                      | number            | a look at everyone's pay: recorded |
 * | note_list             | about_id?                                   | NoteList          | |
 * | note_show             | note_id                                     | Note              | |
 * | note_search           | query                                       | NoteHit[]         | at most 20 |
 * | note_add              | input: NoteInput                            | Note              | undoable |
 * | note_edit             | note_id, input: NoteInput                   | Note              | undoable |
 * | note_action_set       | action_id, done                             | null              | undoable |
 * | draft_save            | key, body                                   | Draft             | within a second of typing |
 * | draft_load            | key                                         | Draft?            | |
 * | draft_list            |                                             | Draft[]           | restored after a crash |
 * | draft_discard         | key                                         | null              | |
 * | import_pick           |                                             | path?             | the system's file dialog |
 * | import_preview        | path, kind?, sheet?                         | ImportPreview     | mapping guessed |
 * | import_dry_run        | request: ImportRequest                      | ImportResult      | `import_progress` events |
 * | import_run            | request: ImportRequest                      | ImportResult      | `import_progress` events |
 * | import_cancel         |                                             | null              | nothing is kept of a cancelled run |
 * | import_rejects_save   | run_id                                      | path?             | save dialog; null = cancelled |
 * | import_list           |                                             | ImportEntry[]     | newest first |
 * | audit_list            | query: AuditQuery                           | AuditPage         | |
 * | audit_verify          |                                             | AuditVerify       | |
 * | search_all            | query                                       | SearchHit[]       | pinyin initials work; at most 20 |
 * | why_show              | figure: the `why` of a figure               | Why               | |
 * | sync_status           |                                             | SyncStatus?       | null = never joined a server |
 * | sync_now              |                                             | SyncStatus?       | when the round is over; its outcome is in there |
 * | sync_attention        |                                             | RefusedChange[]   | oldest first |
 * | sync_resolve          | mid, mine                                   | null              | mine = proposed again |
 * | sync_pick_ca          |                                             | path?             | the system's file dialog |
 * | sync_sign_in          | input: SignInAgain                          | SyncStatus?       | when the session has ended |
 * | undo_state            |                                             | UndoState         | |
 * | undo                  |                                             | UndoState         | |
 * | redo                  |                                             | UndoState         | |
 * | export_view           | view: ViewRef, format: "xlsx" \| "csv"      | path?             | save dialog; null = cancelled |
 * | copy_chat             | view: ViewRef                               | ChatCopy          | never pay or ratings |
 * | ready                 |                                             | null              | two frames after the first screen stands |
 * | window_table_keep     | name, choice: TableChoice                   | null              | sorting and hidden columns, for the next start |
 *
 * Events: `changed` (Changed), `import_progress` (ImportProgress), `workspace_state` (WorkspaceState: locked by idling, which the shell watches),
 * `sync_status` (SyncStatus or null), `open_link` (a deep link, `attain://goal/…`), and the window's own file drop.
 */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import type { Chart, TrendRequest } from './bindings/chart';
import type {
  AuditPage,
  AuditQuery,
  AuditVerify,
  ImportEntry,
  ImportKind,
  ImportPreview,
  ImportProgress,
  ImportRequest,
  ImportResult,
} from './bindings/data';
import type {
  PlanDecision,
  PlanDraft,
  PlanDraftShown,
  PlanEdit,
  PlanExample,
  PlanSheet,
  PlanWhatIf,
} from './bindings/draft';
import type { ExceptionInput, PlanExceptions } from './bindings/exception';
import type { Changed, ChatCopy, UndoState, ViewRef } from './bindings/figure';
import type { GoalAdjusted, GoalColumns, GoalEdit, GoalMap, GoalTree, GoalTried } from './bindings/goal';
import type { Draft, Note, NoteHit, NoteInput, NoteList } from './bindings/note';
import type { Pay, PayWhatIf } from './bindings/payout';
import type { Closing, ClosingAccepted } from './bindings/period';
import type { Person } from './bindings/person';
import type { PlanCheck, PlanList } from './bindings/plan';
import type { SearchHit } from './bindings/search';
import type { JoinServer, RefusedChange, SignInAgain, SyncStatus } from './bindings/sync';
import type { Compare, Team } from './bindings/team';
import type { Talk, Today } from './bindings/today';
import type { Why } from './bindings/why';
import type {
  Decision,
  GoalThen,
  GoalVersion,
  GoalWish,
  MonthProfile,
  Proposal,
  ProposalShown,
  SeatInput,
  SeatRow,
  Unacknowledged,
  Unplaced,
  WishPreview,
} from './bindings/wish';
import type { Left, NewWorkspace, Settings, TableChoice, Viewer, WorkspaceState } from './bindings/workspace';

// The window
export const ready = () => invoke<null>('ready');
/** How the window was left; the shell puts it there before the page's own scripts run. */
export const left = () => (window as unknown as { __ATTAIN_LEFT__: Left }).__ATTAIN_LEFT__;
export const window_table_keep = (name: string, choice: TableChoice) =>
  invoke<null>('window_table_keep', { name, choice });

// Workspace
export const workspace_state = () => invoke<WorkspaceState>('workspace_state');
export const workspace_create_sample = (language: string, passphrase: string | null = null) =>
  invoke<WorkspaceState>('workspace_create_sample', { language, passphrase });
export const workspace_create = (input: NewWorkspace, language: string) =>
  invoke<WorkspaceState>('workspace_create', { input, language });
export const workspace_join = (input: JoinServer, language: string) =>
  invoke<WorkspaceState>('workspace_join', { input, language });
export const workspace_unlock = (passphrase: string | null) =>
  invoke<WorkspaceState>('workspace_unlock', { passphrase });
export const workspace_lock = () => invoke<WorkspaceState>('workspace_lock');
export const workspace_remove_sample = () => invoke<WorkspaceState>('workspace_remove_sample');
export const viewer_list = () => invoke<Viewer[]>('viewer_list');
export const viewer_set = (person_id: string) => invoke<WorkspaceState>('viewer_set', { person_id });
export const settings_get = () => invoke<Settings>('settings_get');
export const settings_set = (settings: Settings) => invoke<Settings>('settings_set', { settings });

// Today
export const today_show = () => invoke<Today>('today_show');
export const today_snooze = (item_id: string, days: number, reason: string) =>
  invoke<null>('today_snooze', { item_id, days, reason });
export const talk_prepare = (person_id: string) => invoke<Talk>('talk_prepare', { person_id });

// Goals
export const goal_tree = (period: string, columns: GoalColumns) => invoke<GoalTree>('goal_tree', { period, columns });
export const goal_find = (period: string, query: string) => invoke<string[]>('goal_find', { period, query });
export const goal_try = (edits: GoalEdit[], period: string | null, columns: GoalColumns) =>
  invoke<GoalTried>('goal_try', { edits, period, columns });
export const goal_set = (edits: GoalEdit[], expected: string) => invoke<GoalAdjusted>('goal_set', { edits, expected });
export const goal_map = (period: string, root_id: string | null, width: number, height: number) =>
  invoke<GoalMap>('goal_map', { period, root_id, width, height });
export const goal_lock = (goal_id: string, locked: boolean) => invoke<null>('goal_lock', { goal_id, locked });
export const goal_wish_preview = (wish: GoalWish, sheet: string) =>
  invoke<WishPreview>('goal_wish_preview', { wish, sheet });
export const goal_wish_publish = (wish: GoalWish, expected: string, why: string | null = null) =>
  invoke<GoalAdjusted>('goal_wish_publish', { wish, expected, why });
export const goal_wish_propose = (wish: GoalWish, expected: string, comment: string, again: string | null = null) =>
  invoke<string>('goal_wish_propose', { wish, expected, comment, again });
export const goal_proposals = () => invoke<Proposal[]>('goal_proposals');
export const goal_proposal_show = (id: string, sheet: string) =>
  invoke<ProposalShown>('goal_proposal_show', { id, sheet });
export const goal_proposal_decide = (id: string, decision: Decision, comment: string, expected: string | null = null) =>
  invoke<null>('goal_proposal_decide', { id, decision, comment, expected });
export const goal_versions = (goal_id: string) => invoke<GoalVersion[]>('goal_versions', { goal_id });
export const goal_as_of = (period: string, date: string) => invoke<GoalThen[]>('goal_as_of', { period, date });
export const goal_acknowledge = (goal_id: string, version: number) =>
  invoke<null>('goal_acknowledge', { goal_id, version });
export const goal_to_acknowledge = (year: number) => invoke<Unacknowledged[]>('goal_to_acknowledge', { year });
export const goal_unacknowledged = (unit_id: string | null, year: number) =>
  invoke<Unacknowledged[]>('goal_unacknowledged', { unit_id, year });
export const goal_unplaced = (year: number) => invoke<Unplaced[]>('goal_unplaced', { year });
export const goal_profiles = () => invoke<MonthProfile[]>('goal_profiles');
export const goal_profile_put = (input: MonthProfile) => invoke<null>('goal_profile_put', { input });
export const seat_list = (unit_id: string | null = null) => invoke<SeatRow[]>('seat_list', { unit_id });
export const seat_put = (input: SeatInput) => invoke<null>('seat_put', { input });
export const seat_remove = (seat_id: string) => invoke<null>('seat_remove', { seat_id });
export const seat_fill = (seat_id: string, person_id: string, from: string, ramp: string | null = null) =>
  invoke<null>('seat_fill', { seat_id, person_id, from, ramp });
export const goal_start_from_last_year = (year: string) => invoke<GoalAdjusted>('goal_start_from_last_year', { year });

// Team, person, charts
export const team_show = (unit_id: string, period: string) => invoke<Team>('team_show', { unit_id, period });
export const compare_show = (person_ids: string[], metric: string, period: string) =>
  invoke<Compare>('compare_show', { person_ids, metric, period });
export const trend_chart = (request: TrendRequest) => invoke<Chart>('trend_chart', { request });
export const person_show = (person_id: string, period: string) => invoke<Person>('person_show', { person_id, period });

// Pay
export const pay_show = (person_id: string, period: string | null) => invoke<Pay>('pay_show', { person_id, period });
export const pay_what_if = (input: PayWhatIf) => invoke<Pay>('pay_what_if', { input });

// Incentives
export const plan_list = () => invoke<PlanList>('plan_list');
export const plan_pick = () => invoke<string | null>('plan_pick');
export const plan_check = (path: string) => invoke<PlanCheck>('plan_check', { path });
export const plan_publish = (source: string) => invoke<null>('plan_publish', { source });
export const plan_draft_show = (draft_id: string) => invoke<PlanDraftShown>('plan_draft_show', { draft_id });
export const plan_draft_save = (draft_id: string | null, source: string, before: string | null) =>
  invoke<string>('plan_draft_save', { draft_id, source, before });
export const plan_draft_copy = (plan_id: string, version: number) =>
  invoke<string>('plan_draft_copy', { plan_id, version });
export const plan_draft_decide = (draft_id: string, decision: PlanDecision, comment: string, digest: string) =>
  invoke<null>('plan_draft_decide', { draft_id, decision, comment, digest });
export const plan_drafts_waiting = () => invoke<PlanDraft[]>('plan_drafts_waiting');
export const plan_edit = (source: string, edits: PlanEdit[]) => invoke<PlanSheet>('plan_edit', { source, edits });
export const plan_example = (source: string, person_id: string | null) =>
  invoke<PlanExample | null>('plan_example', { source, person_id });
export const plan_what_if = (source: string, periods: string, budget: string | null) =>
  invoke<PlanWhatIf>('plan_what_if', { source, periods, budget });
export const plan_exceptions = () => invoke<PlanExceptions>('plan_exceptions');
export const plan_exception_put = (input: ExceptionInput) => invoke<null>('plan_exception_put', { input });
export const plan_exception_end = (person_id: string, exception_id: string) =>
  invoke<null>('plan_exception_end', { person_id, exception_id });
export const plan_what_if_export = (source: string, periods: string) =>
  invoke<string | null>('plan_what_if_export', { source, periods });
export const period_closing = (period: string | null) => invoke<Closing>('period_closing', { period });
export const period_close = (period: string, seen: string, accepted: ClosingAccepted[]) =>
  invoke<null>('period_close', { period, seen, accepted });
export const payslip_pick_mapping = () => invoke<string | null>('payslip_pick_mapping');
export const payslip_place = (period: string, format: 'xlsx' | 'csv') =>
  invoke<string | null>('payslip_place', { period, format });
export const payslip_export = (period: string, path: string, mapping: string | null) =>
  invoke<number>('payslip_export', { period, path, mapping });

// Conversations
export const note_list = (about_id: string | null = null) => invoke<NoteList>('note_list', { about_id });
export const note_show = (note_id: string) => invoke<Note>('note_show', { note_id });
export const note_search = (query: string) => invoke<NoteHit[]>('note_search', { query });
export const note_add = (input: NoteInput) => invoke<Note>('note_add', { input });
export const note_edit = (note_id: string, input: NoteInput) => invoke<Note>('note_edit', { note_id, input });
export const note_action_set = (action_id: string, done: boolean) =>
  invoke<null>('note_action_set', { action_id, done });
export const draft_save = (key: string, body: string) => invoke<Draft>('draft_save', { key, body });
export const draft_load = (key: string) => invoke<Draft | null>('draft_load', { key });
export const draft_list = () => invoke<Draft[]>('draft_list');
export const draft_discard = (key: string) => invoke<null>('draft_discard', { key });

// Data
export const import_pick = () => invoke<string | null>('import_pick');
export const import_preview = (path: string, kind: ImportKind | null, sheet: string | null) =>
  invoke<ImportPreview>('import_preview', { path, kind, sheet });
export const import_dry_run = (request: ImportRequest) => invoke<ImportResult>('import_dry_run', { request });
export const import_run = (request: ImportRequest) => invoke<ImportResult>('import_run', { request });
export const import_cancel = () => invoke<null>('import_cancel');
export const import_rejects_save = (run_id: string) => invoke<string | null>('import_rejects_save', { run_id });
export const import_list = () => invoke<ImportEntry[]>('import_list');
export const audit_list = (query: AuditQuery) => invoke<AuditPage>('audit_list', { query });
export const audit_verify = () => invoke<AuditVerify>('audit_verify');

// Everywhere
export const search_all = (query: string) => invoke<SearchHit[]>('search_all', { query });
export const why_show = (figure: string) => invoke<Why>('why_show', { figure });
export const undo_state = () => invoke<UndoState>('undo_state');
export const undo = () => invoke<UndoState>('undo');
export const redo = () => invoke<UndoState>('redo');
export const export_view = (view: ViewRef, format: 'xlsx' | 'csv') =>
  invoke<string | null>('export_view', { view, format });
export const copy_chat = (view: ViewRef) => invoke<ChatCopy>('copy_chat', { view });

// Sync
export const sync_status = () => invoke<SyncStatus | null>('sync_status');
export const sync_now = () => invoke<SyncStatus | null>('sync_now');
export const sync_attention = () => invoke<RefusedChange[]>('sync_attention');
export const sync_resolve = (mid: string, mine: boolean) => invoke<null>('sync_resolve', { mid, mine });
export const sync_pick_ca = () => invoke<string | null>('sync_pick_ca');
export const sync_sign_in = (input: SignInAgain) => invoke<SyncStatus | null>('sync_sign_in', { input });

// Events: each answers a function that stops listening.
export type Stop = () => void;
export const on_changed = (hear: (changed: Changed) => void): Promise<Stop> =>
  listen<Changed>('changed', (event) => hear(event.payload));
export const on_import_progress = (hear: (progress: ImportProgress) => void): Promise<Stop> =>
  listen<ImportProgress>('import_progress', (event) => hear(event.payload));
export const on_workspace_state = (hear: (state: WorkspaceState) => void): Promise<Stop> =>
  listen<WorkspaceState>('workspace_state', (event) => hear(event.payload));
export const on_sync_status = (hear: (status: SyncStatus | null) => void): Promise<Stop> =>
  listen<SyncStatus | null>('sync_status', (event) => hear(event.payload));
export const on_open_link = (hear: (link: string) => void): Promise<Stop> =>
  listen<string>('open_link', (event) => hear(event.payload));

export type FileDrop = { kind: 'over' | 'leave' } | { kind: 'drop'; paths: string[] };
export const on_file_drop = (hear: (drop: FileDrop) => void): Promise<Stop> =>
  getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === 'drop') hear({ kind: 'drop', paths: payload.paths });
    else hear({ kind: payload.type === 'leave' ? 'leave' : 'over' });
  });
