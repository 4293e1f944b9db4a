/** A block of cells as spreadsheets put it on the clipboard: tabs between cells, line ends between rows, quotes where needed. */

export function readBlock(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === '\t' || c === '\n' || c === '\r') {
      row.push(cell.trim());
      cell = '';
      if (c === '\t') continue;
      if (c === '\r' && text[i + 1] === '\n') i += 1;
      rows.push(row);
      row = [];
    } else cell += c;
  }
  if (cell || row.length) rows.push([...row, cell.trim()]);
  // A spreadsheet ends its block with a line end; empty lines after it are no rows.
  while (rows.length && rows.at(-1)?.every((each) => each === '')) rows.pop();
  return rows;
}

export const writeBlock = (rows: string[][]): string =>
  rows
    .map((cells) => cells.map((cell) => (/[\t\r\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t'))
    .join('\n');

/** A pasted block: its cells, and what it was pasted on. */
export interface Pasted<Row> {
  cells: string[][];
  /** The rows under the block, from the cursor down; fewer where the grid ends. */
  rows: Row[];
  /** The columns under it, by id; `name` for the first one. */
  columns: string[];
}
