/**
 * Keyboard. Single letters go by the physical key, so a Chinese input method left on cannot swallow them; while a
 * composition runs, nothing fires.
 */

/** The event belongs to an input method that is composing: 229 is what engines send before `isComposing` is set. */
export const composing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

/** Enter that a person meant as Enter. */
export const isEnter = (event: KeyboardEvent): boolean => event.key === 'Enter' && !composing(event);

/** What a key types when a figure may begin with it. An input method left on names the key, not the figure. */
export function figureKey(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (beginsFigure(event.key)) return event.key;
  if (!composing(event) || event.shiftKey) return null;
  return /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? null;
}

export function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/**
 * The name of a key press: `Mod+K`, `Mod+Shift+C`, `Alt+Left`, `J`, `?`, `Enter`, `Escape`. `null` when it must be left
 * alone: composing, or a lone letter in a field.
 */
export function keyName(event: KeyboardEvent): string | null {
  const field = inField(event.target);
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit(\d)$/.exec(event.code)?.[1];
  const mod = event.ctrlKey || event.metaKey;
  const lone = !mod && !event.altKey;
  if (composing(event) && (field || !letter || !lone)) return null;
  if (lone && field && (letter || event.key.length === 1)) return null;
  if (event.key === '?' && lone) return '?';
  const base = letter ?? (event.code === 'Slash' && event.shiftKey && lone ? '?' : event.key.replace(/^Arrow/, ''));
  if (base === '?') return '?';
  if (lone && !letter && base.length === 1) return null;
  return `${mod ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey ? 'Shift+' : ''}${base}`;
}

export type Keys = Record<string, (event: KeyboardEvent) => unknown>;

/** Runs what a press is bound to and keeps the default from happening; `false` from a handler lets it through. */
export function press(event: KeyboardEvent, keys: Keys): boolean {
  if (event.defaultPrevented) return false;
  const name = keyName(event);
  const act = name === null ? undefined : keys[name];
  if (!act || act(event) === false) return false;
  event.preventDefault();
  return true;
}

/** The modifier as people here know it. */
export const modName = (): string => (/Mac/.test(navigator.platform) ? '⌘' : 'Ctrl');

/** For forms (`{@attach enterGuard}`): an Enter that only ends a composition must not send the form. */
export function enterGuard(form: HTMLElement): () => void {
  const guard = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && composing(event)) event.preventDefault();
  };
  form.addEventListener('keydown', guard);
  return () => form.removeEventListener('keydown', guard);
}

/** The character may be the first of a figure, also as a Chinese keyboard types it. */
const beginsFigure = (character: string): boolean => /^[\d０-９.,，．+＋￥¥]$/.test(character);
