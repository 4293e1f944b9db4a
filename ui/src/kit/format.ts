/**
 * How figures are written. Strings in (decimal, exact), strings out; integers of the smallest unit in between, so no
 * digit is ever invented. Owns no rule about what a figure means.
 */
export type Language = 'zh-CN' | 'en';

interface MoneyLike {
  amount: string;
  currency: string;
}
interface RateLike {
  num: string;
  den: string;
  percent: string;
}

/** A true minus, as wide as a digit. */
const MINUS = '−';
const SYMBOLS: Record<string, string> = { CNY: '¥', JPY: '¥', USD: '$', EUR: '€', GBP: '£', HKD: 'HK$', TWD: 'NT$' };

export const symbol = (currency: string): string => SYMBOLS[currency] ?? `${currency} `;

/** `value = digits / 10^scale`. */
export interface Decimal {
  digits: bigint;
  scale: number;
}

export function decimal(text: string): Decimal {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole = '', fraction = ''] = match;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

const abs = (n: bigint) => (n < 0n ? -n : n);
const pow10 = (n: number) => 10n ** BigInt(n);

/** `num / den` to an integer, half away from zero. */
export function divideRound(num: bigint, den: bigint): bigint {
  const negative = num < 0n !== den < 0n;
  const a = abs(num);
  const b = abs(den);
  const q = (a * 2n + b) / (b * 2n);
  return negative ? -q : q;
}

/** The value over `divisor`, as an integer of `10^-places`. */
const scaled = (value: Decimal, divisor: bigint, places: number): bigint =>
  divideRound(value.digits * pow10(places), pow10(value.scale) * divisor);

const group = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** An integer of `10^-places`, grouped: `1234567`, 2 → `12,345.67`. Sign left to the caller. */
function write(n: bigint, places: number, trim: boolean): string {
  const text = abs(n)
    .toString()
    .padStart(places + 1, '0');
  const whole = group(text.slice(0, text.length - places));
  let fraction = places ? text.slice(-places) : '';
  if (trim) fraction = fraction.replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}

const signOf = (n: bigint, signed: boolean) => (n < 0n ? MINUS : signed && n > 0n ? '+' : '');

interface Unit {
  divisor: bigint;
  suffix: string;
}
const UNITS: Record<Language, Unit[]> = {
  'zh-CN': [
    { divisor: 1n, suffix: '' },
    { divisor: 10_000n, suffix: '万' },
    { divisor: 100_000_000n, suffix: '亿' },
  ],
  en: [
    { divisor: 1n, suffix: '' },
    { divisor: 1_000n, suffix: 'K' },
    { divisor: 1_000_000n, suffix: 'M' },
    { divisor: 1_000_000_000n, suffix: 'B' },
  ],
};

export interface HeadlineOptions {
  signed?: boolean;
  /** Most decimals behind a unit, trailing zeros go; by default one for 万 and K, two above them. */
  places?: number;
}

/** `¥9,800`, `¥12.5万`, `¥1.2亿`; `¥9,800`, `¥125K`, `¥1.2M`. */
export function headline(money: MoneyLike, language: Language, options: HeadlineOptions = {}): string {
  const value = decimal(money.amount);
  const units = UNITS[language];
  const places = (i: number) => (i === 0 ? 0 : (options.places ?? (i === 1 ? 1 : 2)));
  const at = (i: number) => scaled(value, (units[i] as Unit).divisor, places(i));
  let chosen = abs(at(0)) < 10_000n ? 0 : 1;
  // A figure that rounds up to a whole next unit is written in that one: ¥1亿, not ¥10000万.
  while (chosen > 0 && chosen + 1 < units.length) {
    const step = (units[chosen + 1] as Unit).divisor / (units[chosen] as Unit).divisor;
    if (abs(at(chosen)) < step * pow10(places(chosen))) break;
    chosen += 1;
  }
  const n = at(chosen);
  const unit = units[chosen] as Unit;
  return `${signOf(n, !!options.signed)}${symbol(money.currency)}${write(n, places(chosen), true)}${unit.suffix}`;
}

/** No decimals: `¥63,300`. */
export function whole(money: MoneyLike, signed = false, withSymbol = true): string {
  const n = scaled(decimal(money.amount), 1n, 0);
  return `${signOf(n, signed)}${withSymbol ? symbol(money.currency) : ''}${write(n, 0, false)}`;
}

/** In full: `¥18,000.00`. Pay is always written like this. */
export function full(money: MoneyLike, signed = false): string {
  const value = decimal(money.amount);
  const places = Math.max(value.scale, money.currency === 'JPY' ? 0 : 2);
  const n = scaled(value, 1n, places);
  return `${signOf(n, signed)}${symbol(money.currency)}${write(n, places, false)}`;
}

/** The unit that money in a column is written in; the header names it once. */
export const columnUnit = (language: Language, currency: string): string =>
  language === 'zh-CN' ? (currency === 'CNY' ? '万元' : `万 ${currency}`) : `${symbol(currency)}K`;

/** Money in a column: one decimal of the column's unit, no symbol. */
export function column(money: MoneyLike, language: Language, signed = false): string {
  const n = scaled(decimal(money.amount), language === 'zh-CN' ? 10_000n : 1_000n, 1);
  return `${signOf(n, signed)}${write(n, 1, false)}`;
}

/** `62.5%`. */
export function percent(rate: RateLike, signed = false): string {
  const n = scaled(decimal(rate.percent), 1n, 1);
  return `${signOf(n, signed)}${write(n, 1, false)}%`;
}

/** Pace is whole: `72%`, from the exact fraction. */
export function wholePercent(rate: RateLike, signed = false): string {
  const num = decimal(rate.num);
  const den = decimal(rate.den);
  if (den.digits === 0n) return percent(rate, signed);
  const n = divideRound(num.digits * pow10(den.scale) * 100n, den.digits * pow10(num.scale));
  return `${signOf(n, signed)}${write(n, 0, false)}%`;
}

/** For drawing only: a rate as permille. */
export function permille(rate: RateLike | null | undefined): number | null {
  return rate ? Number(scaled(decimal(rate.percent), 1n, 1)) : null;
}

/** For sorting only. */
export const approximate = (text: string): number => Number(text);

export const count = (n: number): string => (n < 0 ? MINUS : '') + group(Math.abs(Math.round(n)).toString());

/** A decimal grouped as it stands: `12000.00` → `12,000.00`. */
export function plain(text: string, trim = false): string {
  const value = decimal(text);
  return `${signOf(value.digits, false)}${write(value.digits, value.scale, trim)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS_ZH = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const DAYS_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface DateParts {
  year: number;
  month: number;
  day: number;
}
function dateParts(text: string): DateParts {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (!match) throw new Error(`not a date: ${text}`);
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
}

/** `9月20日` / `20 Sep`; with its year when that is not `yearNow`. */
export function day(text: string, language: Language, yearNow?: number): string {
  const { year, month, day: d } = dateParts(text);
  const other = yearNow !== undefined && year !== yearNow;
  if (language === 'zh-CN') return `${other ? `${year}年` : ''}${month}月${d}日`;
  return `${d} ${MONTHS[month - 1]}${other ? ` ${year}` : ''}`;
}

/** `9月21日 周一` / `Mon 21 Sep`. */
export function weekday(text: string, language: Language): string {
  const { year, month, day: d } = dateParts(text);
  const index = new Date(Date.UTC(year, month - 1, d)).getUTCDay();
  return language === 'zh-CN' ? `${month}月${d}日 ${DAYS_ZH[index]}` : `${DAYS_EN[index]} ${d} ${MONTHS[month - 1]}`;
}

/** The clock as written in the time itself (the company's zone): `22:10`. */
export const clock = (text: string): string => /T(\d{2}:\d{2})/.exec(text)?.[1] ?? '';

/** `9月20日 22:10` / `20 Sep 22:10`. */
export const stamp = (text: string, language: Language, yearNow?: number): string =>
  `${day(text, language, yearNow)} ${clock(text)}`.trim();

/** `2026`, `2026-Q3`, `2026-09` → `2026年`, `2026年三季度`, `9月`; long: `2026年9月` / `September 2026`. */
export function period(text: string, language: Language, long = false): string {
  const match = /^(\d{4})(?:-(?:Q([1-4])|(\d{2})))?$/.exec(text);
  if (!match) return text;
  const [, year, quarter, month] = match;
  if (language === 'zh-CN') {
    if (quarter) return `${year}年${'一二三四'[Number(quarter) - 1]}季度`;
    if (month) return `${long ? `${year}年` : ''}${Number(month)}月`;
    return `${year}年`;
  }
  if (quarter) return `Q${quarter} ${year}`;
  if (month) return long ? `${LONG_MONTHS[Number(month) - 1]} ${year}` : (LONG_MONTHS[Number(month) - 1] as string);
  return year as string;
}

/** The head of a column of one year: `1月`, `Jan`; `一季度`, `Q1`. */
export function partOfYear(text: string, language: Language): string {
  const name = period(text, language);
  return language === 'zh-CN' ? name.replace(/^\d{4}年/, '') : name.slice(0, /-Q/.test(text) ? 2 : 3);
}
