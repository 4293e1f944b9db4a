/** Which rows of a long list to draw: fixed row heights, a margin of a few rows either side. */
export interface Slice {
  from: number;
  to: number;
  before: number;
  after: number;
}

export function slice(count: number, rowHeight: number, scrollTop: number, viewHeight: number, margin = 12): Slice {
  const from = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - margin));
  const to = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + margin);
  return { from, to, before: from * rowHeight, after: Math.max(0, count - to) * rowHeight };
}

/** Lists up to this long are drawn whole. */
export const VIRTUAL_ABOVE = 200;
