/**
 * The app over fixtures, for looking at screens: `?screen=team&viewer=hr&lang=en&theme=dark&open=zhang-san&keys=X,J,X,C`.
 * `phase=none|nokey|locked|receiving`, `empty=1`, `received=24000`, `turned_away=server_untrusted`, and `click=<data-testid>,…` for states that need a click.
 * `agree` has proposals and changed goals, `cell=<goal>/<column>` the cursor. `phase=none|nokey|locked`, `empty=1`, and `click=<data-testid>,…` for states that need a click.
 */
import { mount, tick } from 'svelte';
import '../../src/tokens.css';
import '../../src/base.css';
import App from '@/frame/App.svelte';
import { route, type ScreenName } from '@/state/route.svelte';
import { openDrawer, surface } from '@/state/surface.svelte';
import { synced } from '../fixtures/sync';
import * as goals from '../fixtures/goals';
import { world } from './ipc';

const ask = new URLSearchParams(location.search);
world.viewer = (ask.get('viewer') ?? 'manager') as typeof world.viewer;
world.language = ask.get('lang') ?? 'zh-CN';
world.theme = ask.get('theme') ?? 'light';
world.phase = (ask.get('phase') ?? 'open') as typeof world.phase;
world.empty = ask.has('empty');
if (ask.has('received')) {
  const receiving = { records: Number(ask.get('received')), of: 100_000 };
  world.sync = { ...synced, synced_at: null, running: true, receiving };
}
world.turned_away = ask.get('turned_away');
if (ask.has('agree')) {
  world.proposals = [goals.proposal];
  world.unacknowledged = [goals.unacknowledged];
}
document.documentElement.dataset.theme = world.theme;
route.place = {
  screen: (ask.get('screen') ?? 'today') as ScreenName,
  ...(ask.has('person') ? { person: ask.get('person') as string } : {}),
  ...(ask.has('visit') ? { visit: true } : {}),
  ...(ask.has('tab') ? { tab: ask.get('tab') as string } : {}),
  ...(ask.has('note') ? { note: ask.get('note') as string } : {}),
};
mount(App, { target: document.getElementById('app') as HTMLElement });

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
void (async () => {
  await pause(300);
  if (ask.has('talk')) openDrawer({ kind: 'talk', person: ask.get('talk') as string });
  if (ask.has('why')) openDrawer({ kind: 'why', figure: ask.get('why') as string });
  if (ask.has('palette')) surface.palette = true;
  if (ask.has('shortcuts')) surface.shortcuts = true;
  for (const id of (ask.get('click') ?? '').split(',').filter(Boolean)) {
    document.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.click();
    await tick();
    await pause(200);
  }
  for (const each of (ask.get('type') ?? '').split(',').filter(Boolean)) {
    const [id, text] = each.split(':');
    const field = document.querySelector<HTMLInputElement>(`[data-testid="${id}"]`);
    if (!field) continue;
    field.focus();
    field.value = text ?? '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await pause(500);
  }
  if (ask.has('cell')) {
    const [row, column] = (ask.get('cell') as string).split('/');
    document.querySelector<HTMLElement>(`[data-id="${row}"] [data-col="${column}"]`)?.focus();
  }
  if (ask.has('focus')) document.querySelector<HTMLElement>(`[data-testid="${ask.get('focus')}"]`)?.focus();
  for (const key of (ask.get('keys') ?? '').split(',').filter(Boolean)) {
    const at = document.activeElement ?? document.body;
    at.dispatchEvent(
      new KeyboardEvent('keydown', {
        key,
        code: /^[A-Z]$/.test(key) ? `Key${key}` : key,
        bubbles: true,
        cancelable: true,
      }),
    );
    await tick();
    await pause(100);
  }
  if (ask.has('overflow')) {
    const wide = [...document.querySelectorAll('*')].filter(
      (e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible' && e.clientWidth > 0,
    );
    document.title = `OVERFLOW ${document.documentElement.scrollWidth}>${innerWidth} ${wide.map((e) => `${e.tagName}.${e.className}:${e.scrollWidth}/${e.clientWidth}:${(e.textContent ?? '').slice(0, 20)}`).join(' | ')}`;
  }
})();
