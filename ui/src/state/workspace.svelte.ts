/** The open workspace as every screen sees it, and what the person chose for how it looks. */
import type { Problem } from '@/bindings/figure';
import type { OpenWorkspace, Settings, WorkspaceState } from '@/bindings/workspace';
import * as ipc from '@/ipc';
import { setLanguage, words } from '@/words.svelte';

class Workspace {
  state = $state<WorkspaceState | null>(null);
  settings = $state<Settings | null>(null);

  get open(): OpenWorkspace | null {
    return this.state?.open ?? null;
  }
  /** For screens, which are only drawn while it is open. */
  get now(): OpenWorkspace {
    if (!this.state?.open) throw new Error('no open workspace');
    return this.state.open;
  }
  can(ability: string): boolean {
    return this.open?.abilities.includes(ability) ?? false;
  }
  get ownOnly(): boolean {
    return !this.can('see_team');
  }
}
export const workspace = new Workspace();

export function take(state: WorkspaceState): void {
  workspace.state = state;
  if (state.open) words.year = Number(state.open.today.slice(0, 4));
  setLanguage(workspace.settings?.language ?? state.language);
}

export async function loadSettings(): Promise<void> {
  applySettings(await ipc.settings_get());
}

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  if (!workspace.settings) return;
  const wanted = { ...workspace.settings, ...change };
  applySettings(wanted);
  applySettings(await ipc.settings_set(wanted));
}

export function applySettings(settings: Settings): void {
  workspace.settings = settings;
  setLanguage(settings.language);
  applyLook(settings);
}

// Asked of the window once; a test has none.
const systemDark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
let chosenTheme = 'system';
function applyTheme(): void {
  const system = systemDark?.matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = chosenTheme === 'system' ? system : chosenTheme;
}
systemDark?.addEventListener('change', applyTheme);

export function applyLook(look: Pick<Settings, 'theme' | 'density'>): void {
  chosenTheme = look.theme;
  applyTheme();
  document.documentElement.dataset.density = look.density;
}

/** What went wrong, from anything a command threw. */
export function asProblem(thrown: unknown): Problem {
  if (thrown && typeof thrown === 'object' && 'code' in thrown) return thrown as Problem;
  return { code: 'internal', params: {}, log_id: String(thrown) };
}
