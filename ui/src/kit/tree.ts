/** Which rows of a tree stand in a tree grid: what is folded away, and what a filter keeps with the way to it. */

export interface Shape<Row> {
  id: (row: Row) => string;
  parent: (row: Row) => string | null;
  depth: (row: Row) => number;
  hasChildren: (row: Row) => boolean;
}

/** Rows in preorder with all below a closed one left out. */
export function unfolded<Row>(rows: Row[], shape: Shape<Row>, open: (row: Row) => boolean): Row[] {
  const out: Row[] = [];
  let closedAt = Infinity;
  for (const row of rows) {
    if (shape.depth(row) > closedAt) continue;
    closedAt = Infinity;
    out.push(row);
    if (shape.hasChildren(row) && !open(row)) closedAt = shape.depth(row);
  }
  return out;
}

/** The hits of a filter and everything above them, in the order of the rows. */
export function withAncestors<Row>(rows: Row[], shape: Shape<Row>, hits: ReadonlySet<string>): Row[] {
  const kept = new Set<string>();
  // Children come after their parent, so from the end a parent meets all that it must stay for.
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i] as Row;
    const id = shape.id(row);
    if (!hits.has(id) && !kept.has(id)) continue;
    kept.add(id);
    const up = shape.parent(row);
    if (up !== null) kept.add(up);
  }
  return rows.filter((row) => kept.has(shape.id(row)));
}
