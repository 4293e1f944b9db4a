/** What lies over a screen: the drawer, toasts, the palette, the shortcut list; and undo. */
import type { Phrase, UndoState } from '@/bindings/figure';
import * as ipc from '@/ipc';
import { say, sayProblem, t } from '@/words.svelte';
import { asProblem } from './workspace.svelte';

export type DrawerContent =
  | { kind: 'why'; figure: string }
  | { kind: 'talk'; person: string; item?: string }
  | { kind: 'history'; goal: string; name: string };

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'problem';
  undo: boolean;
  /** Copyable id of a fault. */
  logId?: string;
}

class Surface {
  drawer = $state.raw<DrawerContent | null>(null);
  palette = $state(false);
  shortcuts = $state(false);
  toasts = $state<Toast[]>([]);
  undoState = $state.raw<UndoState>({ undo: null, redo: null });
  /** Alt is held: every figure is written in full. */
  fullFigures = $state(false);
}
export const surface = new Surface();

export function openDrawer(content: DrawerContent): void {
  surface.drawer = content;
}
export const showWhy = (figure: string) => openDrawer({ kind: 'why', figure });

let nextToast = 1;
export function toast(text: string, options: { undo?: boolean; problem?: boolean; logId?: string } = {}): void {
  const id = nextToast++;
  const made: Toast = {
    id,
    text,
    tone: options.problem ? 'problem' : 'plain',
    undo: options.undo ?? false,
    ...(options.logId ? { logId: options.logId } : {}),
  };
  surface.toasts = [...surface.toasts.slice(-2), made];
  if (!options.problem) setTimeout(() => dismiss(id), 8000);
}
export function dismiss(id: number): void {
  surface.toasts = surface.toasts.filter((each) => each.id !== id);
}

/** Says what went wrong. */
export function fail(thrown: unknown): void {
  const problem = asProblem(thrown);
  toast(sayProblem(problem), { problem: true, ...(problem.log_id ? { logId: problem.log_id } : {}) });
}

export async function refreshUndo(): Promise<void> {
  surface.undoState = await ipc.undo_state();
}

async function step(run: () => Promise<UndoState>, what: Phrase | null, done: 'undo.undone' | 'undo.redone') {
  if (!what) return;
  try {
    surface.undoState = await run();
    toast(t(done, { what: say(what) }));
  } catch (thrown) {
    fail(thrown);
  }
}
export const undo = () => step(ipc.undo, surface.undoState.undo, 'undo.undone');
export const redo = () => step(ipc.redo, surface.undoState.redo, 'undo.redone');
