/**
 * The shell's stand-in for the preview and the tests: the same functions as `src/ipc.ts`, answered from the fixtures.
 * `world` says who looks and in which language; preview pages set it from the address.
 */
import type { PlanDraft } from '@/bindings/draft';
import type * as real from '../../src/ipc';
import type { Draft } from '@/bindings/note';
import type { RefusedChange, SyncStatus } from '@/bindings/sync';
import type { Proposal, Unacknowledged } from '@/bindings/wish';
import type { Settings, WorkspaceState } from '@/bindings/workspace';
import * as data from '../fixtures/data';
import * as goals from '../fixtures/goals';
import { chart, countValue, money, p, phrase, rate } from '../fixtures/make';
import * as people from '../fixtures/people';
import * as plans from '../fixtures/plans';
import * as ws from '../fixtures/workspace';

export const world = {
  viewer: 'manager' as 'hr' | 'manager' | 'rep',
  language: 'zh-CN',
  theme: 'light',
  phase: 'open' as 'open' | 'none' | 'nokey' | 'locked' | 'receiving',
  empty: false,
  closed: false,
  plan: 'good' as 'good' | 'bad',
  /** What the third weight of the draft plan is, and how the draft differs from the usual one. */
  retention: 30,
  draft: {} as Partial<PlanDraft>,
  /** The keychain passed its test and refuses. */
  refusing: false,
  /** `null`: never joined a server. */
  sync: null as SyncStatus | null,
  refused: [] as RefusedChange[],
  /** Why a server does not let one in. */
  turned_away: null as string | null,
  /** What the file dialog answers. */
  picked: null as string | null,
  hear: {} as { open_link?: (link: string) => void; sync_status?: (status: SyncStatus | null) => void },
  proposals: [] as Proposal[],
  unacknowledged: [] as Unacknowledged[],
  drafts: new Map<string, Draft>(),
  calls: [] as [string, ...unknown[]][],
};
const state = (): WorkspaceState =>
  world.phase === 'none'
    ? ws.none(world.language)
    : world.phase === 'nokey'
      ? ws.none(world.language, false)
      : world.phase === 'locked'
        ? ws.locked(world.language)
        : world.phase === 'receiving'
          ? ws.receiving(world.language)
          : ws.opened({ ...ws[world.viewer], empty: world.empty }, world.language);
const note = (name: string, ...args: unknown[]) => world.calls.push([name, ...args]);
let settings: Settings | null = null;

const fake: { [Name in keyof typeof real]: (typeof real)[Name] } = {
  ready: async () => null,
  left: () => ({ language: world.language, theme: world.theme, density: 'comfortable', tables: {} }),
  window_table_keep: async (...args) => (note('window_table_keep', ...args), null),
  workspace_state: async () => state(),
  workspace_create_sample: async (_language, passphrase = null) => {
    note('workspace_create_sample', passphrase);
    if (world.refusing && passphrase === null) throw { code: 'keychain_locked', params: {}, log_id: null };
    world.phase = 'open';
    return state();
  },
  workspace_create: async () => ((world.phase = 'open'), (world.empty = true), state()),
  workspace_join: async (input) => {
    note('workspace_join', input);
    if (world.turned_away) throw { code: world.turned_away, params: { server: p.text(input.server) }, log_id: null };
    world.phase = 'receiving';
    return state();
  },
  workspace_unlock: async (passphrase) => {
    if (passphrase === 'wrong') throw { code: 'wrong_passphrase', params: {}, log_id: null };
    world.phase = 'open';
    return state();
  },
  workspace_lock: async () => ((world.phase = 'locked'), state()),
  workspace_remove_sample: async () => ((world.phase = 'none'), state()),
  viewer_list: async () => ws.viewers,
  viewer_set: async (id) => {
    world.viewer = id === 'wu-qian' ? 'rep' : id === 'li-na' ? 'manager' : 'hr';
    return state();
  },
  settings_get: async () => settings ?? ws.settings(world.language, world.theme),
  settings_set: async (next) => ((settings = next), next),
  today_show: async () =>
    world.empty
      ? {
          ...people.today,
          lead: phrase('today.lead_none', { date: p.date('2026-09-21') }),
          team: null,
          attention: [],
          more: 0,
          actions: [],
        }
      : world.viewer === 'rep'
        ? people.todayOwn
        : people.today,
  today_snooze: async (...args) => (note('today_snooze', ...args), null),
  talk_prepare: async (id) => {
    const row = people.team.people.find((r) => r.person_id === id);
    return { ...people.talk, person_id: id, person_name: row?.name ?? people.talk.person_name };
  },
  goal_tree: async (period, columns) =>
    world.empty
      ? { ...goals.tree, rows: [], root_id: null, lead: phrase('goals.lead_none', { period: p.period('2026') }) }
      : world.viewer === 'rep'
        ? {
            ...goals.tree,
            lead: phrase('goals.lead_own', {
              period: p.period('2026'),
              total: p.money(2_880_000),
              attainment: p.rate(70, 100),
            }),
            rows: goals.rows
              .filter((r) => r.owner_name === '吴倩')
              .map((r) => ({ ...r, depth: 0, parent_id: null, editable: false })),
            root_id: 'g26-吴倩',
          }
        : goals.inColumns(period, columns),
  goal_find: async (_period, query) =>
    goals.rows.filter((row) => row.owner_name.includes(query)).map((row) => row.goal_id),
  goal_try: async (edits) => goals.tried(edits),
  goal_set: async (...args) => (note('goal_set', ...args), { goals_changed: 2, people_changed: 2 }),
  goal_map: async (_period, root, width, height) => goals.map(root, width, height),
  goal_wish_preview: async (wish) => {
    const text = wish.wish === 'adjust' ? wish.target_text : wish.wish === 'shift' ? wish.amount_text : '1';
    if (!/\d/.test(text)) throw { code: 'not_a_number', params: { text: p.text(text) }, log_id: null };
    return goals.preview(wish);
  },
  goal_wish_publish: async (...args) => (note('goal_wish_publish', ...args), { goals_changed: 59, people_changed: 45 }),
  goal_wish_propose: async (...args) => (note('goal_wish_propose', ...args), 'p-2'),
  goal_proposals: async () => world.proposals,
  goal_proposal_show: async (id) => ({
    proposal: world.proposals.find((one) => one.id === id) ?? goals.proposal,
    preview: goals.preview({ wish: 'shift', from_id: '', to_id: '', amount_text: '1', month: '2026-10' }),
    problem: null,
  }),
  goal_proposal_decide: async (...args) => (note('goal_proposal_decide', ...args), null),
  goal_versions: async () => goals.versions,
  goal_profile_put: async (...args) => (note('goal_profile_put', ...args), null),
  seat_list: async () => [
    {
      id: 'seat-1',
      name: '甲组新席位',
      unit_id: 'jia',
      unit_name: '甲组',
      position: 'new_business',
      from: '2026-07-01',
      to: null,
      person_name: null,
    },
  ],
  seat_remove: async (...args) => (note('seat_remove', ...args), null),
  seat_put: async (...args) => (note('seat_put', ...args), null),
  seat_fill: async (...args) => (note('seat_fill', ...args), null),
  goal_as_of: async () =>
    goals.rows.map((row) => ({
      goal_id: row.goal_id,
      parent_id: row.parent_id,
      depth: row.depth,
      owner_name: row.owner_name,
      target: { kind: 'money' as const, money: row.target },
      reserve: null,
      locked: row.locked,
    })),
  goal_to_acknowledge: async () => (world.viewer === 'rep' ? world.unacknowledged : []),
  goal_unacknowledged: async () => world.unacknowledged,
  goal_acknowledge: async (...args) => (note('goal_acknowledge', ...args), null),
  goal_profiles: async () => [
    { id: 'newcomer', name: '新人', name_en: 'Newcomers', kind: 'ramp' as const, figures: [25, 50, 75, 100] },
  ],
  goal_unplaced: async () => [],
  goal_lock: async (...args) => (note('goal_lock', ...args), null),
  goal_start_from_last_year: async () => ({ goals_changed: 60, people_changed: 45 }),
  team_show: async (id) =>
    world.empty
      ? {
          ...people.team,
          people: [],
          children: [],
          lead: phrase('team.lead_none', { unit: p.text('青禾'), people: p.count(0) }),
        }
      : { ...people.team, unit_id: id },
  compare_show: async (ids) => ({
    panels: ids.map((id, i) => {
      const row = people.team.people.find((r) => r.person_id === id) ?? people.team.people[0]!;
      return {
        person_id: id,
        name: row.name,
        attainment: row.attainment,
        pace: row.pace,
        chart: chart(240, 120, i + 2, '', 300_000),
      };
    }),
  }),
  trend_chart: async (request) => people.trend(request.width, request.height, request.subject_id),
  person_show: async () => people.person,
  pay_show: async (id, period) => {
    note('pay_show', id, period);
    const it = world.viewer === 'rep' ? people.payOwn : people.pay;
    return { ...it, period: period ?? it.period };
  },
  pay_what_if: async (input) =>
    input.actual >= 12
      ? {
          ...people.payOwn,
          amount: money(12_000),
          total: money(12_000),
          instead_of: money(10_000),
          hint: null,
          components: people.payOwn.components.map((c, i) =>
            i ? c : { ...c, actual: countValue(input.actual), attainment: rate(input.actual, 10) },
          ),
          accelerators: people.pay.accelerators,
          factors: [...people.payOwn.factors, { kind: 'accelerator', value: '1.20' }],
        }
      : {
          ...people.payOwn,
          instead_of: money(10_000),
          components: people.payOwn.components.map((c, i) =>
            i ? c : { ...c, actual: countValue(input.actual), attainment: rate(input.actual, 10) },
          ),
        },
  plan_list: async () =>
    world.empty ? { ...plans.list, plans: [], drafts: [], lead: phrase('incentives.lead_none') } : plans.list,
  plan_pick: async () => '/home/t/new-business-v3.toml',
  plan_check: async () => plans.checks[world.plan],
  plan_publish: async (...args) => (note('plan_publish', ...args), null),
  plan_draft_show: async () => ({
    draft: { ...plans.draft, ...world.draft, digest: `d${world.retention}` },
    source: `weight = ${world.retention}`,
  }),
  plan_draft_save: async (...args) => {
    note('plan_draft_save', ...args);
    world.retention = Number(args[1].replace(/\D/g, ''));
    return args[0] ?? 'new-business-v3';
  },
  plan_draft_copy: async (...args) => (note('plan_draft_copy', ...args), 'new-business-v3'),
  plan_draft_decide: async (...args) => (note('plan_draft_decide', ...args), null),
  plan_drafts_waiting: async () =>
    world.viewer === 'hr' && !world.empty ? [{ ...plans.draft, state: 'approved' }] : [],
  plan_edit: async (source, edits) => {
    const edit = edits[0];
    return plans.sheet(Number((edit?.act === 'set' ? edit.value : source).replace(/\D/g, '')));
  },
  plan_exceptions: async () => plans.exceptions,
  plan_exception_put: async (...args) => (note('plan_exception_put', ...args), null),
  plan_exception_end: async (...args) => (note('plan_exception_end', ...args), null),
  plan_example: async () => plans.example,
  plan_what_if: async () => plans.whatIf,
  plan_what_if_export: async (...args) => (note('plan_what_if_export', ...args), '/home/t/what-if.xlsx'),
  period_closing: async () => (world.closed ? plans.running : plans.closing),
  period_close: async (...args) => (note('period_close', ...args), (world.closed = true), null),
  payslip_pick_mapping: async () => '/home/t/payroll.toml',
  payslip_place: async (period, format) => `/home/t/payslips-${period}.${format}`,
  payslip_export: async (...args) => (note('payslip_export', ...args), 45),
  note_list: async (about) =>
    world.empty
      ? { ...people.noteList, notes: [], open_actions: 0 }
      : { ...people.noteList, notes: people.notes.filter((n) => !about || n.about_id === about) },
  note_show: async (id) => people.note(id),
  note_search: async (query) =>
    people.notes
      .filter((n) => n.excerpt.includes(query))
      .map((n) => {
        const at = n.excerpt.indexOf(query);
        return {
          note: n,
          snippet: [
            { text: n.excerpt.slice(0, at), hit: false },
            { text: query, hit: true },
            { text: n.excerpt.slice(at + query.length), hit: false },
          ],
        };
      }),
  note_add: async (input) => (note('note_add', input), people.note('n1')),
  note_edit: async (id, input) => (note('note_edit', id, input), people.note(id)),
  note_action_set: async (...args) => (note('note_action_set', ...args), null),
  draft_save: async (key, body) => {
    note('draft_save', key, body);
    const draft = { key, body, saved_at: '2026-09-21T08:41:00+08:00' };
    world.drafts.set(key, draft);
    return draft;
  },
  draft_load: async (key) => world.drafts.get(key) ?? null,
  draft_list: async () => [...world.drafts.values()],
  draft_discard: async (key) => (world.drafts.delete(key), null),
  import_pick: async () => data.preview.path,
  import_preview: async (_path, kind) => ({ ...data.preview, ...(kind ? { kind } : {}) }),
  import_dry_run: async (...args) => (note('import_dry_run', ...args), data.result(true)),
  import_run: async () => data.result(false),
  import_cancel: async () => null,
  import_rejects_save: async () => '/home/t/订单-九月-退回.csv',
  import_list: async () => (world.empty ? [] : data.imports),
  audit_list: async () => data.audit,
  audit_verify: async () => ({ ok: true, checked: 128, broken_at: null }),
  search_all: async (query) =>
    people.team.people
      .filter((r) => r.name.includes(query))
      .map((r) => ({ kind: 'person', id: r.person_id, title: r.name, subtitle: r.unit_name })),
  why_show: async (figure) => {
    note('why_show', figure);
    const it = figure === 'pay:n' ? data.whyNew() : figure === 'pay:r' ? data.whyRetention() : data.why;
    return { ...it, figure };
  },
  sync_status: async () => world.sync,
  sync_pick_ca: async () => world.picked,
  sync_now: async () => (note('sync_now'), world.sync),
  sync_attention: async () => world.refused,
  sync_resolve: async (mid, mine) => {
    note('sync_resolve', mid, mine);
    world.refused = world.refused.filter((change) => change.mid !== mid);
    return null;
  },
  sync_sign_in: async (input) => {
    note('sync_sign_in', input);
    if (world.turned_away) throw { code: world.turned_away, params: {}, log_id: null };
    return (world.sync = world.sync && { ...world.sync, problem: null });
  },
  undo_state: async () => ({ undo: phrase('undo.note_added', { person: p.text('张三') }), redo: null }),
  undo: async () => (note('undo'), { undo: null, redo: null }),
  redo: async () => ({ undo: null, redo: null }),
  export_view: async () => '/home/t/attain.xlsx',
  copy_chat: async () => ({ lines: [phrase('chat.line', { text: p.text('甲乙丙 60.0%') })] }),
  on_changed: async () => () => undefined,
  on_import_progress: async () => () => undefined,
  on_workspace_state: async () => () => undefined,
  on_sync_status: async (hear) => ((world.hear.sync_status = hear), () => undefined),
  on_open_link: async (hear) => ((world.hear.open_link = hear), () => undefined),
  on_file_drop: async () => () => undefined,
};
export const {
  ready,
  left,
  window_table_keep,
  workspace_state,
  workspace_create_sample,
  workspace_create,
  workspace_join,
  workspace_unlock,
  workspace_lock,
  workspace_remove_sample,
  viewer_list,
  viewer_set,
  settings_get,
  settings_set,
  today_show,
  today_snooze,
  talk_prepare,
  goal_tree,
  goal_find,
  goal_try,
  goal_set,
  goal_map,
  goal_wish_preview,
  goal_wish_publish,
  goal_wish_propose,
  goal_proposals,
  goal_proposal_show,
  goal_proposal_decide,
  goal_versions,
  goal_profile_put,
  seat_list,
  seat_put,
  seat_remove,
  seat_fill,
  goal_as_of,
  goal_to_acknowledge,
  goal_unacknowledged,
  goal_acknowledge,
  goal_profiles,
  goal_unplaced,
  goal_lock,
  goal_start_from_last_year,
  team_show,
  compare_show,
  trend_chart,
  person_show,
  pay_show,
  pay_what_if,
  plan_list,
  plan_pick,
  plan_check,
  plan_publish,
  plan_draft_show,
  plan_draft_save,
  plan_draft_copy,
  plan_draft_decide,
  plan_drafts_waiting,
  plan_edit,
  plan_exceptions,
  plan_exception_put,
  plan_exception_end,
  plan_example,
  plan_what_if,
  plan_what_if_export,
  period_closing,
  payslip_export,
  payslip_pick_mapping,
  payslip_place,
  period_close,
  note_list,
  note_show,
  note_search,
  note_add,
  note_edit,
  note_action_set,
  draft_save,
  draft_load,
  draft_list,
  draft_discard,
  import_pick,
  sync_pick_ca,
  import_preview,
  import_dry_run,
  import_run,
  import_cancel,
  import_rejects_save,
  import_list,
  audit_list,
  audit_verify,
  search_all,
  why_show,
  sync_attention,
  sync_now,
  sync_resolve,
  sync_sign_in,
  sync_status,
  undo_state,
  undo,
  redo,
  export_view,
  copy_chat,
  on_changed,
  on_import_progress,
  on_workspace_state,
  on_open_link,
  on_sync_status,
  on_file_drop,
} = fake;
