import {type Trend, validities} from '../api/types';

// One array per quantity, as the plot wants them.
export interface Columns {
  readonly t: number[]; // UTC milliseconds
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly mean: (number | null)[];
  readonly worst: number[]; // place in `validities`; 0 is good
}

interface Cell {
  readonly t: number;
  min: number | null; // null: samples came, none was usable
  max: number | null;
  sum: number;
  n: number;
  worst: number;
}

export const cells_max = 6000; // more than the most buckets a trend can have; beyond that the oldest go
const not_read = validities.indexOf('not_read');

// What a trend draws: the host's buckets, and behind them live samples put into buckets of the same width, so
// that a trend that stays open for days does not grow. A stretch that cannot be known is a gap, never a line
// across it.
export class TrendSeries {
  private cells: Cell[] = [];

  // `gap_ms`: without a sample for so long, the line breaks.
  constructor(
    private readonly width_ms: number,
    private readonly gap_ms: number,
  ) {}

  load(trend: Trend): void {
    this.cells = [];
    for (const b of trend.buckets) {
      const worst = b.worst ?? 0;
      if (b.min !== null && b.max !== null && b.mean !== null) {
        const n = Math.max(b.count, 1);
        this.cells.push({t: b.t_ms, min: b.min, max: b.max, sum: b.mean * n, n, worst});
        continue;
      }
      // Without any sample it is a hole, and only a long one breaks the line. Samples that were no good
      // always do.
      const hole = b.count === 0 && (worst === 0 || worst === not_read);
      if (!hole) this.cells.push({t: b.t_ms, min: null, max: null, sum: 0, n: 0, worst: worst || not_read});
    }
    this.cells.sort((a, b) => a.t - b.t);
    this.bound();
  }

  // A live sample. One older than the newest bucket is the host's to sort in; the next load brings it.
  append(t_ms: number, v: number | null, worst: number): void {
    const last = this.cells.at(-1);
    if (last && t_ms < last.t) return;
    const same = last && t_ms < last.t + this.width_ms && (v === null) === (last.min === null);
    if (!last || !same) {
      this.cells.push({t: t_ms, min: v, max: v, sum: v ?? 0, n: v === null ? 0 : 1, worst});
      return this.bound();
    }
    last.worst = Math.max(last.worst, worst);
    if (v === null) return;
    last.min = Math.min(last.min ?? v, v);
    last.max = Math.max(last.max ?? v, v);
    last.sum += v;
    last.n += 1;
  }

  // What has moved out of the picture, but for one cell, so that the line comes in from the left edge.
  trim(from_ms: number): void {
    let gone = 0;
    while (gone + 1 < this.cells.length && (this.cells[gone + 1]?.t ?? 0) < from_ms) gone += 1;
    if (gone > 0) this.cells.splice(0, gone);
  }

  columns(): Columns {
    const t: number[] = [];
    const min: (number | null)[] = [];
    const max: (number | null)[] = [];
    const mean: (number | null)[] = [];
    const worst: number[] = [];
    let before: number | null = null;
    for (const c of this.cells) {
      if (before !== null && c.t - before > this.gap_ms + this.width_ms) {
        t.push((before + c.t) / 2);
        min.push(null);
        max.push(null);
        mean.push(null);
        worst.push(not_read);
      }
      t.push(c.t);
      min.push(c.min);
      max.push(c.max);
      mean.push(c.n > 0 ? c.sum / c.n : null);
      worst.push(c.worst);
      before = c.t;
    }
    return {t, min, max, mean, worst};
  }

  get size(): number {
    return this.cells.length;
  }

  private bound(): void {
    if (this.cells.length > cells_max) this.cells.splice(0, this.cells.length - cells_max);
  }
}

// Samples with a gap on both sides: no line leads to them, so they are drawn as dots.
export function loneSamples(values: readonly (number | null)[]): number[] {
  const lone: number[] = [];
  values.forEach((v, i) => {
    if (v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null) lone.push(i);
  });
  return lone;
}
