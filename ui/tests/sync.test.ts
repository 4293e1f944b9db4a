/** A window and its server: joining, the badge, what needs attention. */
import { fireEvent, render } from '@testing-library/svelte';
import axe from 'axe-core';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncStatus } from '@/bindings/sync';
import App from '@/frame/App.svelte';
import { remember } from '@/kit/memory';
import { route } from '@/state/route.svelte';
import { surface } from '@/state/surface.svelte';
import { since, sync } from '@/state/sync.svelte';
import { workspace } from '@/state/workspace.svelte';
import { setLanguage } from '@/words.svelte';
import { refused, synced } from './fixtures/sync';
import { world } from './preview/ipc';

const settle = async () => {
  for (let i = 0; i < 8; i++) {
    await Promise.resolve();
    await tick();
  }
  await new Promise((done) => setTimeout(done, 20));
};
const find = (root: HTMLElement, id: string) => root.querySelector<HTMLElement>(`[data-testid="${id}"]`);
async function clean(root: HTMLElement) {
  const result = await axe.run(root, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join('\n')}`)).toEqual([]);
}
async function shown(with_: Partial<typeof world> = {}) {
  Object.assign(world, { viewer: 'rep', phase: 'open', ...with_ });
  const { container } = render(App);
  await settle();
  return container;
}
const type = (root: HTMLElement, id: string, value: string) =>
  fireEvent.input(find(root, id) as HTMLInputElement, { target: { value } });
const problem = (code: string) => ({ code, params: {}, log_id: null });

beforeEach(() => {
  remember({}, () => undefined);
  Object.assign(world, { sync: null, refused: [...refused], turned_away: null, language: 'zh-CN', empty: false });
  world.calls.length = 0;
  workspace.state = null;
  workspace.settings = null;
  sync.now = null;
  surface.drawer = null;
  surface.toasts = [];
  route.reset();
  setLanguage('zh-CN');
});

describe('joining a server', () => {
  async function form(phase: 'none' | 'nokey') {
    const container = await shown({ phase });
    await fireEvent.click(find(container, 'first-run-join')!);
    await settle();
    return container;
  }
  const act = (root: HTMLElement) => find(root, 'join-act') as HTMLButtonElement;
  async function fill(root: HTMLElement) {
    await type(root, 'join-server', ' https://attain.qinghe.example ');
    await type(root, 'join-user', 'wu-qian');
    await type(root, 'join-password', 'water under the bridge');
  }

  it('asks for address, user and password, then receives', async () => {
    const container = await form('none');
    await clean(container);
    expect(act(container).disabled).toBe(true);
    await fill(container);
    expect(act(container).disabled).toBe(false);
    world.sync = { ...synced, synced_at: null, running: true };
    await fireEvent.submit(container.querySelector('form')!);
    await settle();
    expect(world.calls).toContainEqual([
      'workspace_join',
      {
        server: 'https://attain.qinghe.example',
        user: 'wu-qian',
        password: 'water under the bridge',
        ca: null,
        passphrase: null,
      },
    ]);
    expect(find(container, 'receiving')?.textContent).toContain('正在从 https://attain.qinghe.example 接收');
    await clean(container);
  });
  it("names the company's certificate, and opens the field for it when that is what stood in the way", async () => {
    const container = await form('none');
    await fill(container);
    world.turned_away = 'server_untrusted';
    await fireEvent.submit(container.querySelector('form')!);
    await settle();
    expect(container.querySelector('details')!.open).toBe(true);
    await clean(container);
    world.picked = '/home/wu/company.pem';
    await fireEvent.click(find(container, 'join-ca-pick')!);
    await settle();
    expect((find(container, 'join-ca') as HTMLInputElement).value).toBe('/home/wu/company.pem');
    world.turned_away = null;
    await fireEvent.submit(container.querySelector('form')!);
    await settle();
    expect(world.calls.at(-1)?.[1]).toMatchObject({ ca: '/home/wu/company.pem', user: 'wu-qian' });
  });
  it('asks for a passphrase twice where no keychain keeps the keys', async () => {
    const container = await form('nokey');
    await clean(container);
    await fill(container);
    expect(act(container).disabled).toBe(true);
    await type(container, 'first-run-passphrase', 'four quiet words here');
    await type(container, 'first-run-passphrase-again', 'four quiet words');
    expect(act(container).disabled).toBe(true);
    await type(container, 'first-run-passphrase-again', 'four quiet words here');
    expect(act(container).disabled).toBe(false);
  });
  it.each([
    ['server_unreachable', '连不上 https://attain.qinghe.example'],
    ['sign_in_refused', '请重新登录'],
    ['server_strange', '地址可能不对，或者两边的版本不同'],
  ])('says why not: %s', async (code, words) => {
    const container = await form('none');
    await fill(container);
    world.turned_away = code;
    await fireEvent.submit(container.querySelector('form')!);
    await settle();
    expect(container.querySelector('[role="alert"]')?.textContent).toContain(words);
    expect((find(container, 'join-user') as HTMLInputElement).value).toBe('wu-qian');
  });
});

describe('before the first data', () => {
  const at: [string, Partial<SyncStatus>, string][] = [
    ['receiving', { synced_at: null, running: true }, '正在从'],
    ['offline', { synced_at: null, offline_since: '2026-09-21T07:52:00+08:00' }, '连不上'],
    ['stopped', { synced_at: null, problem: problem('server_strange') }, '还没有从'],
    ['ended', { synced_at: null, problem: problem('sign_in_refused') }, '重新登录'],
    ['nothing for the account', {}, '没有这个账号可看的内容'],
    ['a lease that is over', { withheld: problem('lease_over') }, '数据没有删除'],
    ['a clock that was set back', { withheld: problem('clock_set_back') }, '校正时钟'],
    ['what a leaver had waiting', { escrowed: 2 }, '2 项修改在你离开时还没有提交'],
  ];
  it('says how much has come, of how much', async () => {
    const receiving = { records: 24_000, of: 100_000 };
    const sync = { ...synced, synced_at: null, running: true, receiving };
    const container = await shown({ phase: 'receiving', sync });
    expect(container.querySelector('[role="progressbar"]')?.getAttribute('aria-valuenow')).toBe('24000');
    await clean(container);
  });
  it.each(at)('%s is said as it is', async (_, change, words) => {
    const container = await shown({ phase: 'receiving', sync: { ...synced, ...change } });
    expect(find(container, 'receiving')?.textContent).toContain(words);
    await clean(container);
  });
});

describe('the badge', () => {
  const today = () => {
    const now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  };
  const offline = () => ({ offline_since: `${today()}T07:52:00+08:00` });
  const states: [string, () => Partial<SyncStatus>, string, string, string][] = [
    ['synced', () => ({}), 'synced', '已同步', 'Synced'],
    ['pending', () => ({ pending: 3 }), 'pending', '3 项待同步', '3 pending'],
    ['offline', offline, 'offline', '离线 · 07:52 起', 'Offline since 07:52'],
    [
      'offline with changes',
      () => ({ ...offline(), pending: 3 }),
      'offline',
      '离线 · 07:52 起 · 3 项待同步',
      'Offline since 07:52 · 3 pending',
    ],
    [
      'near the end of the lease',
      () => ({ ...offline(), days_left: 3 }),
      'offline',
      '离线 · 再过 3 天停止显示',
      'Offline · shown for 3 more days',
    ],
    ['attention', () => ({ ...offline(), attention: 1 }), 'attention', '1 项待处理', '1 needs attention'],
    ['ended', () => ({ problem: problem('sign_in_refused') }), 'ended', '请重新登录', 'Sign in again'],
    ['stopped', () => ({ problem: problem('server_refused') }), 'stopped', '同步中断', 'Sync stopped'],
    ['receiving', () => ({ synced_at: null, running: true }), 'receiving', '正在接收…', 'Receiving…'],
  ];
  it.each(states)('%s', async (_, change, state, zh, en) => {
    for (const [language, words] of [
      ['zh-CN', zh],
      ['en', en],
    ]) {
      const container = await shown({ language, sync: { ...synced, ...change() } });
      const badge =
        container.parentElement!.lastElementChild!.querySelector<HTMLElement>('[data-testid="sync-badge"]')!;
      expect(badge.dataset.state).toBe(state);
      expect(badge.textContent?.trim()).toBe(words);
      await clean(badge);
    }
  });
  it('says how far the first sync is, and every screen that figures are not complete', async () => {
    const receiving = { records: 24_900, of: 100_000 };
    const container = await shown({
      language: 'zh-CN',
      sync: { ...synced, synced_at: null, running: true, receiving },
    });
    expect(find(container, 'sync-badge')?.textContent).toContain('24%');
    expect(find(container, 'sync-incomplete')?.textContent).toContain('数字还不完整');
    await clean(container);
    const complete = await shown({ language: 'zh-CN', sync: synced });
    expect(find(complete, 'sync-incomplete')).toBeNull();
  });
  it('is not drawn in a workspace that never joined', async () => {
    const container = await shown();
    expect(find(container, 'sync-badge')).toBeNull();
    expect(find(container, 'badge')).not.toBeNull();
  });
  it('follows what the shell tells', async () => {
    const container = await shown({ sync: synced });
    world.hear.sync_status?.({ ...synced, pending: 1 });
    await settle();
    expect(find(container, 'sync-badge')?.textContent).toContain('1 项待同步');
  });
  it('opens sync, for a rep too', async () => {
    const container = await shown({ sync: synced });
    await fireEvent.click(find(container, 'sync-badge')!);
    await settle();
    expect(find(container, 'sync-server')?.textContent).toBe('https://attain.qinghe.example');
    expect([...container.querySelectorAll('[role="tab"]')].map((tab) => tab.textContent)).toEqual(['同步']);
    await clean(container);
  });
  it('names the day of an earlier loss', () => {
    expect(since('2026-09-20T07:52:00+08:00', new Date(2026, 8, 21))).toBe('9月20日 07:52');
  });
});

describe('needs attention', () => {
  const open = (change: Partial<SyncStatus> = { attention: 2 }, language = 'zh-CN') => {
    route.place = { screen: 'data', tab: 'sync' };
    return shown({ viewer: 'hr', language, sync: { ...synced, ...change } });
  };
  it('says what, why and when of each, in both languages', async () => {
    const container = await open();
    await clean(container);
    const text = find(container, 'refused-41')?.textContent;
    expect(text).toContain('张三');
    expect(text).toContain('9月21日 08:12');
    // Both values, and why they differ.
    for (const said of ['2026年10月', '¥350,000.00', '¥360,000.00', '别人已经改了']) expect(text).toContain(said);
    expect(find(container, 'attention-list')?.textContent).not.toMatch(/preview_changed|not_allowed|内部错误|audit\./);
    const english = (await open({ attention: 2 }, 'en')).parentElement!.lastElementChild as HTMLElement;
    expect(find(english, 'refused-42')?.textContent).toMatch(/Why: /);
  });
  it.each([
    ['mine-41', '41', true],
    ['theirs-42', '42', false],
  ])('settles by %s', async (button, mid, mine) => {
    const container = await open();
    await fireEvent.click(find(container, button)!);
    await settle();
    expect(world.calls).toContainEqual(['sync_resolve', mid, mine]);
    expect(find(container, `refused-${mid}`)).toBeNull();
  });
  it('says that the server is out of reach as well', async () => {
    const away = { attention: 2, pending: 1, offline_since: '2026-09-20T07:52:00+08:00' };
    expect(find(await open(away), 'sync-offline')?.textContent).toContain('9月20日 07:52');
    expect(find((await open()).parentElement!.lastElementChild as HTMLElement, 'sync-offline')).toBeNull();
  });
  it('does not offer what cannot be, and passes on a reason it has no words for', async () => {
    const container = await open();
    expect(find(container, 'mine-43')).toBeNull();
    expect(find(container, 'refused-43')?.textContent).toContain('a_code_of_tomorrow');
  });
  it('stands on Today first, and leads there', async () => {
    route.place = { screen: 'today' };
    const container = await shown({ viewer: 'manager', sync: { ...synced, attention: 2 } });
    const refused = find(container, 'today-refused')!;
    expect(refused.textContent).toContain('2 项修改未被接受');
    await fireEvent.click(refused.querySelector('button')!);
    await settle();
    expect(find(container, 'attention-list')).not.toBeNull();
  });
  it('says when there is nothing', async () => {
    world.refused = [];
    expect(find(await open({}), 'attention-none')).not.toBeNull();
  });
  it.each([
    ['server_older', {}, ['服务器的版本较旧', '修改保留在这里'], ['earlier version', 'kept here']],
    [
      'server_strange',
      { server: { kind: 'text', text: 'https://attain.qinghe.example' } },
      ['版本不同', '没有丢失'],
      ['versions', 'Nothing was lost'],
    ],
  ] as const)('says why sync stopped, and that nothing is lost: %s', async (code, params, zh, en) => {
    for (const [language, [words, kept]] of [
      ['zh-CN', zh],
      ['en', en],
    ] as const) {
      const container = await open({ problem: { code, params, log_id: null } }, language);
      const said = container.parentElement!.lastElementChild!.querySelector('[role="status"].problem')!.textContent;
      expect(said).toContain(words);
      expect(said).toContain(kept);
    }
  });
  it('says what is not shown, will not be, and is not here any more', async () => {
    const container = await open({ days_left: 4, pay_erased: true, parked: 2, escrowed: 1 });
    for (const words of ['再过 4 天', '薪酬已从这台电脑清除', '有 2 条内容', '1 项修改在你离开时'])
      expect(container.textContent).toContain(words);
    await clean(container);
  });
  it('signs in again when the session has ended', async () => {
    const container = await open({ problem: problem('sign_in_refused') });
    await clean(container);
    await type(container, 'again-user', 'wang-fang');
    await type(container, 'again-password', 'water under the bridge');
    await fireEvent.submit(find(container, 'sign-in-again')!);
    await settle();
    expect(world.calls).toContainEqual([
      'sync_sign_in',
      { user: 'wang-fang', password: 'water under the bridge', ca: null, passphrase: null },
    ]);
    expect(find(container, 'sign-in-again')).toBeNull();
  });
});
