import type { Snippet } from 'svelte';

export interface Column<Row> {
  id: string;
  head: string;
  /** The head is for readers only: a picture beside its figure. */
  quietHead?: boolean;
  /** CSS px; without one the column takes what is left. */
  width?: number;
  align?: 'right';
  /** Sort key; a column without one cannot be sorted. No data always sorts last. */
  sort?: (row: Row) => number | string | null;
  cell: Snippet<[Row]>;
  /** What a copy as TSV holds. */
  text: (row: Row) => string;
  /** Never offered for hiding. */
  fixed?: boolean;
}

export interface Sorting {
  column: string;
  down: boolean;
}

export function sorted<Row>(rows: Row[], columns: Column<Row>[], sorting: Sorting | null): Row[] {
  const key = columns.find((column) => column.id === sorting?.column)?.sort;
  if (!key || !sorting) return rows;
  const way = sorting.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const x = key(a);
    const y = key(b);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return x < y ? -way : x > y ? way : 0;
  });
}

/** Tabs and line ends inside a cell would break the paste. */
export const tsv = <Row>(rows: Row[], columns: Column<Row>[]): string =>
  [columns.map((c) => c.head), ...rows.map((row) => columns.map((c) => c.text(row)))]
    .map((cells) => cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t'))
    .join('\n');
