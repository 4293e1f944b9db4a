import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import en from '../messages/en.json';
import zh from '../messages/zh-CN.json';
import { money, p, phrase } from './fixtures/make';
import { say, sayProblem, setLanguage, t, value, words } from '@/words.svelte';

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1]))].sort();

describe('messages', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });
  it('have the same placeholders in both languages', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect(placeholders((en as Record<string, string>)[key] ?? ''), key).toEqual(placeholders(zh[key]));
    }
  });
  it('are not empty, and not Chinese in English', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(text.trim(), key).not.toBe('');
      // A language is named in itself.
      if (key !== 'word.chinese') expect(/[\u4e00-\u9fff]/.test(text), `${key}: ${text}`).toBe(false);
    }
  });
  it('contain every key the screens ask for', () => {
    const root = path.resolve(import.meta.dirname, '../src');
    const missing: string[] = [];
    for (const file of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(svelte|ts)$/.test(file) || file.startsWith('bindings')) continue;
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      for (const [, key] of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) if (!(key! in zh)) missing.push(`${file}: ${key}`);
    }
    expect(missing).toEqual([]);
  });
});

describe('sentences', () => {
  beforeEach(() => {
    setLanguage('zh-CN');
    words.year = 2026;
  });
  const lead = phrase('today.lead_behind', {
    date: p.date('2026-09-21'),
    people: p.count(12),
    behind: p.count(5),
    gap: p.money(116_000),
  });
  it('are worded from code and parameters', () => {
    expect(say(lead)).toBe('9月21日 周一 · 12 人中 5 人进度偏慢，差 ¥11.6万');
    setLanguage('en');
    expect(say(lead)).toBe('Mon 21 Sep · 5 of 12 people behind pace, ¥116K short');
  });
  it('pick a form by number', () => {
    setLanguage('en');
    expect(t('data.lead', { count: 1 })).toBe('1 file imported');
    expect(t('data.lead', { count: 4 })).toBe('4 files imported');
  });
  it('translate words inside sentences', () => {
    const fell = phrase('today.orders_fell', { type: p.term('customer_type.new'), from: p.count(4), to: p.count(1) });
    expect(say(fell)).toBe('新客单 4→1');
  });
  it('write pay in full and no data as no data', () => {
    expect(value({ kind: 'money', money: money(18_000) }, 'full')).toBe('¥18,000.00');
    expect(value(null)).toBe('— 无数据');
  });
  it('say an unknown problem as an inner fault', () => {
    expect(sayProblem({ code: 'never_heard_of', params: {}, log_id: 'x' })).toContain('内部错误');
  });
});
