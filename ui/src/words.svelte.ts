/**
 * Words on the screen. Messages are flat keys in `messages/*.json`; a test keeps both languages' keys and placeholders
 * equal. In a message `{gap}` is written by its kind, `{gap:whole}` says how, `{n|day|days}` picks a form by number.
 */
import en from '../messages/en.json';
import zh from '../messages/zh-CN.json';
import type { Param, Phrase, Problem, Value } from './bindings/figure';
import * as format from './kit/format';

export type Language = format.Language;
export type Key = keyof typeof zh;
export type Said = string | number | Param;

const catalogs: Record<Language, Record<string, string>> = { 'zh-CN': zh, en };

class Words {
  language = $state<Language>('zh-CN');
  /** Dates of this year are written without it. */
  year = $state<number | undefined>(undefined);
}
export const words = new Words();

export function setLanguage(language: string): void {
  words.language = language === 'en' ? 'en' : 'zh-CN';
  document.documentElement.lang = words.language;
}

export const has = (key: string): boolean => key in catalogs[words.language];

/** A message by its key. */
export const t = (key: Key, params: Record<string, Said> = {}): string => fill(key, params);

/** A message whose key is made up at run time (`status.ahead`); an unknown word is shown as it is. */
export const term = (key: string): string => catalogs[words.language][key] ?? key.slice(key.indexOf('.') + 1);

/** The same at the start of a cell or line. */
export const Term = (key: string): string => {
  const word = term(key);
  return word.charAt(0).toUpperCase() + word.slice(1);
};

/** A sentence of the shell: message `say.<code>`, or the message `code` itself where the core keeps its own words. */
export function say(phrase: Phrase): string {
  const key = `say.${phrase.code}`;
  return fill(has(key) ? key : phrase.code, phrase.params as Record<string, Said>);
}

export function sayProblem(problem: Problem): string {
  const key = [`problem.${problem.code}`, problem.code].find(has) ?? 'problem.internal';
  return fill(key, problem.params as Record<string, Said>);
}

function fill(key: string, params: Record<string, Said>): string {
  const message = catalogs[words.language][key];
  if (message === undefined) return key;
  return message.replace(/\{(\w+)(?::(\w+))?(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name, how, one, many) => {
    const param = params[name];
    if (param === undefined) return '';
    if (one !== undefined) return numberOf(param) === 1 ? one : many;
    return write(param, how);
  });
}

const numberOf = (param: Said): number =>
  typeof param === 'number'
    ? param
    : typeof param === 'string'
      ? Number(param)
      : param.kind === 'count'
        ? param.count
        : NaN;

function write(param: Said, how: string | undefined): string {
  const language = words.language;
  if (typeof param === 'number') return format.count(param);
  if (typeof param === 'string') return param;
  switch (param.kind) {
    case 'text':
      return param.text;
    case 'count':
      return format.count(param.count);
    case 'decimal':
      return format.plain(param.decimal);
    case 'money':
      return how === 'whole'
        ? format.whole(param.money)
        : how === 'full'
          ? format.full(param.money)
          : format.headline(param.money, language, how === 'precise' ? { places: 3 } : {});
    case 'rate':
      if (how === 'short') return format.percent(param.rate).replace('.0%', '%');
      return how === 'whole' ? format.wholePercent(param.rate) : format.percent(param.rate);
    case 'date':
      return how === 'weekday' ? format.weekday(param.date, language) : format.day(param.date, language, words.year);
    case 'time':
      return how === 'clock' ? format.clock(param.time) : format.stamp(param.time, language, words.year);
    case 'period':
      return format.period(param.period, language, how === 'long');
    case 'term':
      return term(param.term);
  }
}

/** A figure of any metric; `null` is no data, never 0. */
export function value(figure: Value | null, style: 'headline' | 'whole' | 'full' = 'headline'): string {
  if (!figure) return t('figure.none');
  switch (figure.kind) {
    case 'money':
      return style === 'headline'
        ? format.headline(figure.money, words.language)
        : style === 'whole'
          ? format.whole(figure.money)
          : format.full(figure.money);
    case 'count':
      return format.count(figure.count);
    case 'rate':
      return format.percent(figure.rate);
    case 'decimal':
      return format.plain(figure.decimal);
  }
}
