import { describe, expect, it, vi } from 'vitest';
import { enterGuard, isEnter, keyName, press } from '@/kit/keys';

const event = (init: KeyboardEventInit & { keyCode?: number }, target: Element = document.body) => {
  const made = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  if (init.keyCode !== undefined) Object.defineProperty(made, 'keyCode', { value: init.keyCode });
  target.dispatchEvent(made);
  return made;
};

describe('keys', () => {
  it('takes letters by the physical key, whatever an input method makes of them', () => {
    expect(keyName(event({ key: 'j', code: 'KeyJ' }))).toBe('J');
    expect(keyName(event({ key: 'Process', code: 'KeyJ', keyCode: 229 }))).toBe('J');
    expect(keyName(event({ key: 'о', code: 'KeyJ' }))).toBe('J');
  });
  it('leaves letters in a field alone', () => {
    const field = document.body.appendChild(document.createElement('input'));
    expect(keyName(event({ key: 'j', code: 'KeyJ' }, field))).toBeNull();
    expect(keyName(event({ key: 'k', code: 'KeyK', ctrlKey: true }, field))).toBe('Mod+K');
    expect(keyName(event({ key: 'Enter', code: 'Enter', ctrlKey: true }, field))).toBe('Mod+Enter');
    field.remove();
  });
  it('never takes an Enter that ends a composition', () => {
    expect(isEnter(event({ key: 'Enter', code: 'Enter' }))).toBe(true);
    expect(isEnter(event({ key: 'Enter', code: 'Enter', isComposing: true }))).toBe(false);
    expect(isEnter(event({ key: 'Enter', code: 'Enter', keyCode: 229 }))).toBe(false);
    expect(keyName(event({ key: 'Enter', code: 'Enter', keyCode: 229 }))).toBeNull();
  });
  it('keeps a composing Enter from sending a form', () => {
    const form = document.body.appendChild(document.createElement('form'));
    const stop = enterGuard(form);
    expect(event({ key: 'Enter', code: 'Enter', isComposing: true }, form).defaultPrevented).toBe(true);
    expect(event({ key: 'Enter', code: 'Enter' }, form).defaultPrevented).toBe(false);
    stop();
    form.remove();
  });
  it('names the question mark and modifiers', () => {
    expect(keyName(event({ key: '?', code: 'Slash', shiftKey: true }))).toBe('?');
    expect(keyName(event({ key: '？', code: 'Slash', shiftKey: true }))).toBe('?');
    expect(keyName(event({ key: 'C', code: 'KeyC', ctrlKey: true, shiftKey: true }))).toBe('Mod+Shift+C');
    expect(keyName(event({ key: 'ArrowLeft', code: 'ArrowLeft', altKey: true }))).toBe('Alt+Left');
  });
  it('runs what a key is bound to, once', () => {
    const act = vi.fn();
    const first = event({ key: 'x', code: 'KeyX' });
    expect(press(first, { X: act })).toBe(true);
    expect(press(first, { X: act })).toBe(false);
    expect(press(event({ key: 'x', code: 'KeyX' }), { X: () => false })).toBe(false);
    expect(act).toHaveBeenCalledOnce();
  });
});
