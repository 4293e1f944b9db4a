/** Reads from the shell that stay true: read again when a transaction touched what they show. */
import type { Changed, Problem } from '@/bindings/figure';
import { asProblem } from './workspace.svelte';

class Beat {
  counts = $state<Record<string, number>>({});
}
const beat = new Beat();

/** Called for every `changed` event. */
export function touch(changed: Changed): void {
  for (const noun of changed.nouns) beat.counts[noun] = (beat.counts[noun] ?? 0) + 1;
}

/** Questions that are out, and who waits for all of them. */
let out = 0;
let waiting: (() => void)[] = [];
function back(): void {
  out -= 1;
  if (out > 0) return;
  const all = waiting;
  waiting = [];
  for (const go of all) go();
}
/** When everything that was asked so far has been answered. */
export const settled = (): Promise<void> => (out === 0 ? Promise.resolve() : new Promise((go) => waiting.push(go)));

export interface Live<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  again(): void;
}

/**
 * `read` runs now, when what it used before its first await changes, and when one of `nouns` does. The last answer stays
 * on the screen until the next is there; a late answer to an old question is dropped. `read` may answer `null`: nothing
 * to ask.
 */
export function live<T>(nouns: string[], read: () => Promise<T> | null): Live<T> {
  let value = $state.raw<T | undefined>(undefined);
  let problem = $state.raw<Problem | undefined>(undefined);
  let again = $state(0);
  let asked = 0;
  $effect(() => {
    void again;
    for (const noun of nouns) void beat.counts[noun];
    const mine = ++asked;
    const answer = read();
    if (!answer) {
      value = undefined;
      return;
    }
    out += 1;
    void answer
      .then(
        (got) => {
          if (mine !== asked) return;
          value = got;
          problem = undefined;
        },
        (thrown) => {
          if (mine === asked) problem = asProblem(thrown);
        },
      )
      .finally(back);
  });
  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    again: () => (again += 1),
  };
}
