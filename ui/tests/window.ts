/** The whole window over invented answers: opened on a place, as somebody. */
import { render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach } from 'vitest';
import App from '@/frame/App.svelte';
import { remember } from '@/kit/memory';
import { route, type Place } from '@/state/route.svelte';
import { surface } from '@/state/surface.svelte';
import { workspace } from '@/state/workspace.svelte';
import { setLanguage } from '@/words.svelte';
import { world } from './preview/ipc';

export const settle = async () => {
  for (let i = 0; i < 8; i++) {
    await Promise.resolve();
    await tick();
  }
  await new Promise((done) => setTimeout(done, 20));
};
export async function open(place: Place, who: typeof world.viewer = 'manager', language = 'zh-CN') {
  Object.assign(world, { viewer: who, language, phase: 'open', empty: false, closed: false, plan: 'good' });
  Object.assign(world, { retention: 30, draft: {} });
  route.reset();
  route.place = place;
  const shown = render(App);
  await settle();
  return shown;
}
export const find = (root: HTMLElement, id: string) => root.querySelector<HTMLElement>(`[data-testid="${id}"]`);

beforeEach(() => {
  remember({}, () => undefined);
  world.drafts.clear();
  world.calls.length = 0;
  workspace.state = null;
  workspace.settings = null;
  surface.drawer = null;
  surface.palette = false;
  surface.shortcuts = false;
  surface.toasts = [];
  setLanguage('zh-CN');
});
