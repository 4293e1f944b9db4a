import { describe, expect, it } from 'vitest';
import * as format from '@/kit/format';

const cny = (amount: string) => ({ amount, currency: 'CNY' });
const rate = (num: string, den: string, percent: string) => ({ num, den, percent });

describe('headline money', () => {
  it.each([
    // amount, Chinese, English
    ['0.00', '¥0', '¥0'],
    ['9800.00', '¥9,800', '¥9,800'],
    ['9999.49', '¥9,999', '¥9,999'],
    ['9999.50', '¥1万', '¥10K'],
    ['12500.00', '¥1.3万', '¥12.5K'],
    ['63300.00', '¥6.3万', '¥63.3K'],
    ['116000.00', '¥11.6万', '¥116K'],
    ['125000.00', '¥12.5万', '¥125K'],
    ['999950.00', '¥100万', '¥1M'],
    ['1200000.00', '¥120万', '¥1.2M'],
    ['3960000.00', '¥396万', '¥3.96M'],
    ['99999999.00', '¥1亿', '¥100M'],
    ['100000000.00', '¥1亿', '¥100M'],
    ['120000000.00', '¥1.2亿', '¥120M'],
    ['106700000.00', '¥1.07亿', '¥106.7M'],
    ['-3300.00', '−¥3,300', '−¥3,300'],
    ['-125000.00', '−¥12.5万', '−¥125K'],
  ])('%s → %s, %s', (amount, zh, en) => {
    expect(format.headline(cny(amount), 'zh-CN')).toBe(zh);
    expect(format.headline(cny(amount), 'en')).toBe(en);
  });
  it('signs differences', () => {
    expect(format.headline(cny('2000.00'), 'zh-CN', { signed: true })).toBe('+¥2,000');
    expect(format.headline(cny('0.00'), 'zh-CN', { signed: true })).toBe('¥0');
  });
  it('is more exact where a choice is made', () => {
    expect(format.headline(cny('106700000.00'), 'zh-CN', { places: 3 })).toBe('¥1.067亿');
  });
});

describe('money in full and in columns', () => {
  it('writes pay in full', () => {
    expect(format.full(cny('18000.00'))).toBe('¥18,000.00');
    expect(format.full(cny('12937.50'))).toBe('¥12,937.50');
    expect(format.full(cny('12937.5'))).toBe('¥12,937.50');
    expect(format.full(cny('-3300.00'))).toBe('−¥3,300.00');
    expect(format.full({ amount: '90071992547409931.25', currency: 'CNY' })).toBe('¥90,071,992,547,409,931.25');
  });
  it('keeps one unit and one decimal in a column', () => {
    expect(format.column(cny('20000000.00'), 'zh-CN')).toBe('2,000.0');
    expect(format.column(cny('2971700.00'), 'zh-CN')).toBe('297.2');
    expect(format.column(cny('20000000.00'), 'en')).toBe('20,000.0');
    expect(format.column(cny('-63300.00'), 'zh-CN', true)).toBe('−6.3');
    expect(format.column(cny('1500.00'), 'zh-CN', true)).toBe('+0.2');
    expect([format.columnUnit('zh-CN', 'CNY'), format.columnUnit('en', 'CNY'), format.columnUnit('en', 'USD')]).toEqual(
      ['万元', '¥K', '$K'],
    );
  });
});

describe('rates', () => {
  it('writes attainment with one decimal and pace whole', () => {
    expect(format.percent(rate('100000', '160000', '62.5'))).toBe('62.5%');
    expect(format.percent(rate('1', '1', '100.0'))).toBe('100.0%');
    expect(format.wholePercent(rate('719', '1000', '71.9'))).toBe('72%');
    // Half away from zero, from the fraction and not from the rounded percentage.
    expect(format.wholePercent(rate('1045', '1000', '104.5'))).toBe('105%');
    expect(format.wholePercent(rate('8949', '10000', '89.5'))).toBe('89%');
    expect(format.wholePercent(rate('1', '5', '20.0'), true)).toBe('+20%');
  });
});

describe('dates and periods', () => {
  it('writes days, stamps and periods in both languages', () => {
    expect(format.day('2026-09-20', 'zh-CN', 2026)).toBe('9月20日');
    expect(format.day('2025-09-20', 'zh-CN', 2026)).toBe('2025年9月20日');
    expect(format.day('2026-09-20', 'en', 2026)).toBe('20 Sep');
    expect(format.weekday('2026-09-21', 'zh-CN')).toBe('9月21日 周一');
    expect(format.weekday('2026-09-21', 'en')).toBe('Mon 21 Sep');
    expect(format.stamp('2026-09-20T22:10:00+08:00', 'zh-CN', 2026)).toBe('9月20日 22:10');
    expect(format.stamp('2026-09-20T22:10:00+08:00', 'en', 2026)).toBe('20 Sep 22:10');
    expect([
      format.period('2026', 'zh-CN'),
      format.period('2026-Q3', 'zh-CN'),
      format.period('2026-09', 'zh-CN'),
      format.period('2026-09', 'zh-CN', true),
    ]).toEqual(['2026年', '2026年三季度', '9月', '2026年9月']);
    expect([
      format.period('2026-Q3', 'en'),
      format.period('2026-09', 'en'),
      format.period('2026-09', 'en', true),
    ]).toEqual(['Q3 2026', 'September', 'September 2026']);
  });
});
