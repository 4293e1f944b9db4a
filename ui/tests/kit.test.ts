import fs from 'node:fs';
import path from 'node:path';
import { render } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import Bullet from '@/kit/Bullet.svelte';
import StatusMark from '@/kit/StatusMark.svelte';
import { sorted, tsv } from '@/kit/table';
import { slice } from '@/kit/window';
import { setLanguage } from '@/words.svelte';

beforeEach(() => setLanguage('zh-CN'));

describe('status', () => {
  it.each([
    ['ahead', '领先'],
    ['on_pace', '正常'],
    ['behind', '偏慢'],
    ['far_behind', '明显偏慢'],
    ['no_data', '无数据'],
  ] as const)('%s is a shape of its own and a word', (status, word) => {
    const { container } = render(StatusMark, { status });
    expect(container.textContent).toContain(word);
    expect(container.querySelector(`svg[data-shape="${status}"]`)).not.toBeNull();
  });
  it('keeps the word for readers when only the figure is shown', () => {
    const { container } = render(StatusMark, { status: 'behind', text: '72%' });
    expect(container.textContent).toContain('72%');
    expect(container.querySelector('.visually-hidden')?.textContent).toBe('偏慢');
  });
  it('draws five different shapes', () => {
    const shapes = (['ahead', 'on_pace', 'behind', 'far_behind', 'no_data'] as const).map(
      (status) => render(StatusMark, { status }).container.querySelector('svg')?.innerHTML,
    );
    expect(new Set(shapes).size).toBe(5);
  });
});

describe('bullet', () => {
  it('runs from 0 to 120 % and stops at the end', () => {
    const width = (fill: number) =>
      Number(render(Bullet, { fill, tick: 682 }).container.querySelector('.fill')?.getAttribute('width'));
    expect(width(600)).toBeCloseTo(48);
    expect(width(1200)).toBeCloseTo(96);
    expect(width(2000)).toBeCloseTo(96);
  });
  it('shows no bar without data', () => {
    expect(render(Bullet, { fill: null }).container.querySelector('.fill')).toBeNull();
  });
});

describe('long lists', () => {
  it('draw a window of rows that adds up to the whole', () => {
    const part = slice(10_000, 32, 32_000, 640);
    expect(part.to - part.from).toBeLessThan(60);
    expect(part.before + (part.to - part.from) * 32 + part.after).toBe(320_000);
    expect(slice(5, 32, 0, 640)).toEqual({ from: 0, to: 5, before: 0, after: 0 });
  });
  it('sort no data last, either way', () => {
    const columns = [
      {
        id: 'n',
        head: 'n',
        cell: null as never,
        sort: (r: { n: number | null }) => r.n,
        text: (r: { n: number | null }) => String(r.n),
      },
    ];
    const rows = [{ n: 2 }, { n: null }, { n: 1 }];
    expect(sorted(rows, columns, { column: 'n', down: false }).map((r) => r.n)).toEqual([1, 2, null]);
    expect(sorted(rows, columns, { column: 'n', down: true }).map((r) => r.n)).toEqual([2, 1, null]);
  });
  it('copy as TSV with their heads and without breaking cells', () => {
    const columns = [
      { id: 'a', head: '姓名', cell: null as never, text: (r: string[]) => r[0]! },
      { id: 'b', head: '备注', cell: null as never, text: (r: string[]) => r[1]! },
    ];
    expect(tsv([['张三', '一\t二\n三']], columns)).toBe('姓名\t备注\n张三\t一 二 三');
  });
});

describe('tokens', () => {
  const css = fs.readFileSync(path.resolve(import.meta.dirname, '../src/tokens.css'), 'utf8');
  const block = (from: RegExp) => {
    const at = css.search(from);
    const body = css.slice(css.indexOf('{', at) + 1, css.indexOf('}', at));
    return Object.fromEntries([...body.matchAll(/--([\w-]+): (#\w+)/g)].map((m) => [m[1], m[2]]));
  };
  const light = block(/:root \{/);
  const dark = block(/:root\[data-theme='dark'\]/);
  it('have 35 colours, each with a light and a dark value', () => {
    expect(Object.keys(light).length).toBe(35);
    expect(Object.keys(dark)).toEqual(Object.keys(light));
  });
  const luminance = (hex: string) => {
    const part = (i: number) => {
      const c = parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  const contrast = (a: string, b: string) => {
    const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m) as [number, number];
    return (x + 0.05) / (y + 0.05);
  };
  it.each([
    ['light', light],
    ['dark', dark],
  ] as const)('%s: text, accent and status read on every surface', (_, colours) => {
    const surfaces = [
      'surface-app',
      'surface',
      'surface-sunken',
      'surface-raised',
      'surface-hover',
      'surface-selected',
    ];
    for (const ink of [
      'text',
      'text-muted',
      'text-faint',
      'accent',
      'ahead',
      'on-pace',
      'behind',
      'far-behind',
      'no-data',
      'danger',
    ])
      for (const surface of surfaces)
        expect(contrast(colours[ink]!, colours[surface]!), `${ink} on ${surface}`).toBeGreaterThanOrEqual(4.5);
    for (const line of ['line-strong', 'focus', 'chart-actual', 'chart-compare', 'chart-target'])
      for (const surface of surfaces)
        expect(contrast(colours[line]!, colours[surface]!), `${line} on ${surface}`).toBeGreaterThanOrEqual(3);
    for (const status of ['ahead', 'on-pace', 'behind', 'far-behind', 'no-data'])
      expect(
        contrast(colours[status]!, colours[`${status}-soft`]!),
        `${status} on its soft fill`,
      ).toBeGreaterThanOrEqual(4.5);
  });
});
