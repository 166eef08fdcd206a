// Which rows of a long list are in sight. Pure.
export interface Window {
  readonly first: number; // index of the first row to draw
  readonly last: number; // one behind the last
}

export function windowOf(
  top: number,
  height: number,
  row_height: number,
  count: number,
  spare: number,
): Window {
  if (count <= 0 || row_height <= 0) return {first: 0, last: 0};
  const first = Math.max(0, Math.min(Math.floor(top / row_height) - spare, count - 1));
  const last = Math.min(count, Math.ceil((top + height) / row_height) + spare);
  return {first, last: Math.max(last, first)};
}

// Where to scroll so that a row is wholly in sight, moving as little as possible.
export function scrollFor(index: number, top: number, height: number, row_height: number): number {
  const row_top = index * row_height;
  if (row_top < top) return row_top;
  if (row_top + row_height > top + height) return row_top + row_height - height;
  return top;
}
