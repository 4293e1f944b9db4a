/** How a person left the tables of this window. Whoever starts the window says what was kept, and who keeps it. */
import type { Sorting } from './table';

export interface TableChoice {
  sorting: Sorting | null;
  /** Ids of columns. */
  hidden: string[];
}

let kept: Record<string, TableChoice | undefined> = {};
let keep: (name: string, choice: TableChoice) => void = () => undefined;

export function remember(choices: Record<string, TableChoice | undefined>, keeper: typeof keep): void {
  kept = { ...choices };
  keep = keeper;
}
export const tableChoice = (name: string): TableChoice | undefined => kept[name];
export function keepTable(name: string, part: Partial<TableChoice>): void {
  const choice = { sorting: null, hidden: [], ...kept[name], ...part };
  kept[name] = choice;
  keep(name, choice);
}
