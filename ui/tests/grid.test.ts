import fs from 'node:fs';
import { fireEvent, render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readBlock, writeBlock } from '@/kit/block';
import { withAncestors } from '@/kit/tree';
import Tree from './Tree.svelte';

const names = (container: HTMLElement) =>
  [...container.querySelectorAll('tbody tr[data-id]')].map((row) => row.getAttribute('data-id'));
const row = (container: HTMLElement, id: string) => container.querySelector<HTMLElement>(`[data-id="${id}"]`)!;
const cell = (container: HTMLElement, id: string, column = 'name') =>
  row(container, id).querySelector<HTMLElement>(`[data-col="${column}"]`)!;
const at = () => {
  const here = document.activeElement as HTMLElement;
  return `${here.closest('tr')?.dataset.id}.${here.dataset.col}`;
};
const said = (container: HTMLElement, what: string) => container.querySelector(`[data-testid=${what}]`)?.textContent;
async function key(init: KeyboardEventInit) {
  await fireEvent.keyDown(document.activeElement!, init);
  await tick();
  await tick();
}
async function keys(...all: string[]) {
  for (const each of all) await key({ key: each });
}
const settle = async () => {
  for (let i = 0; i < 4; i++) await tick();
};

describe('tree grid', () => {
  it('opens and closes on the names with right and left', async () => {
    const { container } = render(Tree);
    expect(names(container)).toEqual(['c', 'a', 'b']);
    cell(container, 'a').focus();
    await keys('ArrowRight');
    expect(names(container)).toEqual(['c', 'a', 'a1', 'a2', 'b']);
    expect(row(container, 'a').getAttribute('aria-expanded')).toBe('true');
    await keys('ArrowDown');
    expect(at()).toBe('a1.name');
    await keys('ArrowLeft');
    expect(at()).toBe('a.name');
    await keys('ArrowLeft');
    expect(names(container)).toEqual(['c', 'a', 'b']);
    await keys('Enter');
    expect(names(container)).toEqual(['c', 'a', 'a1', 'a2', 'b']);
  });
  it('moves a cell cursor as a spreadsheet does', async () => {
    const { container } = render(Tree);
    cell(container, 'c', 'target').focus();
    await keys('ArrowDown', 'ArrowRight');
    expect(at()).toBe('a.2026-01');
    await keys('Enter');
    expect(at()).toBe('b.2026-01');
    await key({ key: 'Enter', shiftKey: true });
    expect(at()).toBe('a.2026-01');
    await keys('Home');
    expect(at()).toBe('a.name');
    await keys('End');
    expect(at()).toBe('a.2026-01');
    await key({ key: 'Home', ctrlKey: true });
    expect(at()).toBe('c.name');
    await key({ key: 'End', ctrlKey: true });
    expect(at()).toBe('b.2026-01');
    await keys('PageUp');
    expect(at()).toBe('c.2026-01');
  });
  it('goes through a row with Tab and lets nobody be kept in', async () => {
    const { container } = render(Tree);
    cell(container, 'a').focus();
    await keys('Tab');
    expect(at()).toBe('a.target');
    await key({ key: 'Tab', shiftKey: true });
    expect(at()).toBe('a.name');
    await keys('Tab', 'Tab');
    const leaves = await fireEvent.keyDown(document.activeElement!, { key: 'Tab' });
    expect(leaves).toBe(true);
  });
  it('says level, place and what may be typed, and has one stop for Tab', async () => {
    const { container } = render(Tree);
    expect(row(container, 'c').getAttribute('aria-level')).toBe('1');
    expect(row(container, 'a').getAttribute('aria-level')).toBe('2');
    expect(row(container, 'a').getAttribute('aria-rowindex')).toBe('3');
    expect(container.querySelectorAll('[tabindex="0"]').length).toBe(1);
    expect(cell(container, 'a', 'target').getAttribute('aria-readonly')).toBe('false');
    expect(cell(container, 'b', 'target').getAttribute('aria-readonly')).toBe('true');
  });
  it('edits with F2 and with typing; Enter takes it, Escape drops it', async () => {
    const { container } = render(Tree);
    cell(container, 'a').focus();
    await keys('F2');
    let field = container.querySelector<HTMLInputElement>('input')!;
    expect(field.value).toBe('20');
    await fireEvent.input(field, { target: { value: '24' } });
    expect(said(container, 'typed')).toBe('a.target:24');
    await key({ key: 'Escape' });
    await settle();
    expect(said(container, 'typed')).toBe('a.target:null');
    expect(said(container, 'edits')).toBe('');
    expect(at()).toBe('a.target');
    await keys('ArrowRight', '1');
    field = container.querySelector<HTMLInputElement>('input')!;
    expect(field.value).toBe('1');
    await fireEvent.input(field, { target: { value: '1.2亿' } });
    await key({ key: 'Enter', isComposing: true });
    expect(said(container, 'edits')).toBe('');
    await key({ key: 'Enter' });
    await settle();
    expect(said(container, 'edits')).toBe('a.2026-01=1.2亿');
  });
  it('begins with the digit although an input method is on', async () => {
    const { container } = render(Tree);
    cell(container, 'a', 'target').focus();
    await key({ key: 'Process', code: 'Digit4', keyCode: 229 });
    expect(container.querySelector<HTMLInputElement>('input')!.value).toBe('4');
  });
  it('takes what was typed when one goes elsewhere in the window', async () => {
    const { container } = render(Tree);
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    cell(container, 'a', 'target').focus();
    await keys('7');
    await fireEvent.blur(container.querySelector('input')!);
    await settle();
    expect(said(container, 'edits')).toBe('a.target=7');
  });
  it('does not edit what may not be edited', async () => {
    const { container } = render(Tree);
    cell(container, 'b', 'target').focus();
    await keys('F2', '5');
    expect(container.querySelector('input')).toBeNull();
  });
});

describe('a block', () => {
  const clip = vi.fn(async (_: string) => undefined);
  afterEach(() => clip.mockClear());
  it('is selected with Shift and copied as a spreadsheet reads it', async () => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: clip }, configurable: true });
    const { container } = render(Tree);
    cell(container, 'c').focus();
    await key({ key: 'ArrowDown', shiftKey: true });
    await key({ key: 'ArrowRight', shiftKey: true });
    expect(container.querySelectorAll('.in').length).toBe(4);
    await key({ key: 'c', code: 'KeyC', ctrlKey: true });
    await settle();
    expect(clip).toHaveBeenCalledWith('c\t100\na\t20');
    expect(said(container, 'copied')).toBe('2x2');
    await keys('ArrowUp');
    expect(container.querySelectorAll('.in').length).toBe(0);
  });
  it('is pasted from the cursor on, as it lies', async () => {
    const { container } = render(Tree);
    cell(container, 'a', 'target').focus();
    await fireEvent.paste(document.activeElement!, {
      clipboardData: { getData: () => '12.5万\t"1,000"\r\nabc\t\r\n7\t8\r\n' },
    });
    expect(JSON.parse(said(container, 'pasted')!)).toEqual({
      cells: [
        ['12.5万', '1,000'],
        ['abc', ''],
        ['7', '8'],
      ],
      rows: ['a', 'b'],
      columns: ['target', '2026-01'],
    });
  });
  it('reads back as it was written', () => {
    const cells = [
      ['张三', 'a\tb', '"q"'],
      ['', 'two\nlines', '1,000'],
    ];
    expect(readBlock(writeBlock(cells))).toEqual(cells);
    expect(readBlock('1\t2\r\n3\t4\r\n\r\n')).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(readBlock('')).toEqual([]);
  });
});

describe('ten thousand people', () => {
  it('are drawn as a window of rows, from the first to the last', async () => {
    const { container } = render(Tree, { many: 10_000 });
    const box = container.querySelector<HTMLElement>('.box')!;
    expect(container.querySelector('table')!.getAttribute('aria-rowcount')).toBe('11002');
    const drawn = () => container.querySelectorAll('tr').length;
    expect(drawn()).toBeLessThan(300);
    for (const top of [28, 140_000, 11_001 * 28 - 600]) {
      box.scrollTop = top;
      await fireEvent.scroll(box);
      await settle();
      expect(drawn()).toBeLessThan(300);
      expect(names(container).length).toBeGreaterThan(20);
    }
    expect(names(container).at(-1)).toBe('p9999');
  });
  it('keep the cursor when it scrolls out of sight', async () => {
    const { container } = render(Tree, { many: 10_000 });
    const box = container.querySelector<HTMLElement>('.box')!;
    cell(container, 'p1', 'target').focus();
    box.scrollTop = 140_000;
    await fireEvent.scroll(box);
    await settle();
    expect(document.activeElement).toBe(box);
    await keys('ArrowDown');
    await settle();
    expect(at()).toBe('p2.target');
  });
});

describe('a filter', () => {
  it('keeps the hits and the way to them, also folded ones', () => {
    const { container } = render(Tree, { hits: new Set(['a2']) });
    expect(names(container)).toEqual(['c', 'a', 'a2']);
    expect(row(container, 'a2').classList.contains('way')).toBe(false);
    expect(row(container, 'a').classList.contains('way')).toBe(true);
  });
  it('leaves nothing of what has no hit', () => {
    const shape = {
      id: (r: string) => r,
      parent: (r: string) => (r.length > 1 ? r.slice(0, -1) : null),
      depth: (r: string) => r.length - 1,
      hasChildren: () => true,
    };
    const rows = ['a', 'ab', 'abc', 'abd', 'ac', 'b', 'bb'];
    expect(withAncestors(rows, shape, new Set(['abd']))).toEqual(['a', 'ab', 'abd']);
    expect(withAncestors(rows, shape, new Set())).toEqual([]);
  });
});

it('the grid knows nothing of goals', () => {
  expect(fs.readFileSync('src/kit/TreeGrid.svelte', 'utf8')).not.toMatch(/goal/i);
});
