import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type {Limit, Point} from '../api/types';
import {decimalsOf, formatNumber} from '../format';
import {timeLabels, valueRange} from './axis';
import type {Extent} from './range';
import {type Columns, loneSamples} from './series';

export interface PlotOptions {
  readonly point: Point;
  readonly levelText: (limit: Limit) => string;
  readonly onZoom: (from_ms: number, to_ms: number) => void;
  readonly onBack: () => void;
  readonly onCursor: (index: number | null) => void;
}

// The colours of style/tokens.css once more: a canvas cannot read them cheaply.
const ink = '#1b1f23';
const grid = '#c9ccd0';
const band = 'rgba(69, 75, 82, 0.28)';
const bad = '#7a1278';
const level_colour = {warning: '#6b5200', alarm: '#8a3d00', cut: '#a30d18'} as const;
const level_dash = {warning: [2, 4], alarm: [8, 4], cut: []} as const;

const empty: Columns = {t: [], min: [], max: [], mean: [], worst: []};

// The one file that knows uPlot: mean as a line, minimum to maximum as a band, limits, and a mark along the
// bottom where samples were no good.
export class TrendPlot {
  private readonly plot: uPlot;
  private columns: Columns = empty;
  private extent: Extent = {from_ms: 0, to_ms: 1};

  constructor(
    private readonly target: HTMLElement,
    private readonly options: PlotOptions,
  ) {
    this.plot = new uPlot(this.build(), [[], [], [], []], target);
    this.plot.over.addEventListener('dblclick', options.onBack);
  }

  set(columns: Columns, extent: Extent): void {
    this.columns = columns;
    this.extent = extent;
    this.plot.batch(() => {
      this.plot.setData([columns.t, columns.min, columns.max, columns.mean], false);
      this.plot.setScale('x', {min: extent.from_ms, max: extent.to_ms});
    });
  }

  resize(): void {
    const {clientWidth: width, clientHeight: height} = this.target;
    if (width > 0 && height > 0 && (width !== this.plot.width || height !== this.plot.height)) {
      this.plot.setSize({width, height});
    }
  }

  // Width of the drawing itself, in device pixels: what the number of buckets should be.
  get pixels(): number {
    return this.plot.bbox.width;
  }

  destroy(): void {
    this.plot.destroy();
  }

  private build(): uPlot.Options {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const font = `${Math.round(rem * 0.86)}px ${getComputedStyle(document.body).fontFamily}`;
    const {point} = this.options;
    const stepped = point.kind === 'state' || point.kind === 'control';
    const paths = stepped ? uPlot.paths.stepped?.({align: 1}) : uPlot.paths.linear?.();
    const line: uPlot.Series = {
      scale: 'y',
      spanGaps: false,
      points: {show: false},
      ...(paths ? {paths} : {}),
    };
    const edge: uPlot.Series = {...line, stroke: 'transparent', width: 0};
    const axis: uPlot.Axis = {
      font,
      stroke: ink,
      lineGap: 1.2,
      grid: {stroke: grid, width: 1},
      ticks: {stroke: grid, width: 1, size: 4},
    };
    return {
      width: Math.max(this.target.clientWidth, 50),
      height: Math.max(this.target.clientHeight, 50),
      ms: 1,
      legend: {show: false},
      padding: [rem * 0.6, rem, 0, 0],
      scales: {
        x: {time: true, auto: false},
        y: {auto: true, range: (_u, low, high) => this.rangeOf(low, high)},
      },
      series: [
        {},
        edge,
        edge,
        {
          ...line,
          stroke: ink,
          width: 1.6,
          points: {show: true, size: 4, fill: ink, filter: () => loneSamples(this.columns.mean)},
        },
      ],
      bands: [{series: [2, 1], fill: band}],
      axes: [
        {
          ...axis,
          space: rem * 6,
          size: rem * 3,
          values: (_u, splits, _axis, _space, step) => timeLabels(splits, step),
        },
        {
          ...axis,
          scale: 'y',
          space: rem * 2.4,
          size: rem * (stepped ? 6 : 4.5),
          ...(stepped
            ? {splits: () => [0, 1], values: () => [point.text_off || '0', point.text_on || '1']}
            : {values: (_u: uPlot, splits: number[]) => splits.map((v) => tickText(v, point))}),
        },
      ],
      cursor: {y: false, drag: {x: true, y: false, setScale: false, dist: 6}, points: {size: 6}},
      hooks: {
        setSelect: [(u) => this.onSelect(u)],
        setCursor: [(u) => this.options.onCursor(u.cursor.idx ?? null)],
        drawAxes: [(u) => this.drawLimits(u, font)],
        draw: [(u) => this.drawQuality(u)],
      },
    };
  }

  private rangeOf(low: number | null, high: number | null): [number, number] {
    const {kind, limits} = this.options.point;
    if (kind === 'state' || kind === 'control') return [-0.15, Math.max(1.15, (high ?? 1) + 0.15)];
    return valueRange(low, high, limits);
  }

  private onSelect(u: uPlot): void {
    if (u.select.width < 6) return;
    const from = u.posToVal(u.select.left, 'x');
    const to = u.posToVal(u.select.left + u.select.width, 'x');
    u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
    this.options.onZoom(from, to);
  }

  private drawLimits(u: uPlot, font: string): void {
    const {ctx, bbox} = u;
    const {min, max} = u.scales['y'] ?? {};
    if (min === undefined || max === undefined) return;
    ctx.save();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.font = font.replace(/^(\d+)/, (px) => String(Math.round(Number(px) * 0.92 * devicePixelRatio)));
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    const right = bbox.left + bbox.width - 4 * devicePixelRatio;
    const outside: Record<'top' | 'bottom', string[]> = {top: [], bottom: []};
    for (const limit of this.options.point.limits) {
      if (limit.at > max) outside.top.push(`↑ ${this.options.levelText(limit)}`);
      if (limit.at < min) outside.bottom.push(`↓ ${this.options.levelText(limit)}`);
      if (limit.at < min || limit.at > max) continue;
      const y = Math.round(u.valToPos(limit.at, 'y', true));
      ctx.strokeStyle = ctx.fillStyle = level_colour[limit.level];
      ctx.setLineDash(level_dash[limit.level].map((n) => n * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.fillText(this.options.levelText(limit), right, y - 2);
    }
    // Limits beyond the picture are told at its edge: that none is drawn must not look as if there were none.
    ctx.fillStyle = ink;
    ctx.textAlign = 'left';
    const left = bbox.left + 6 * devicePixelRatio;
    ctx.fillText(outside.bottom.join('   '), left, bbox.top + bbox.height - 8 * devicePixelRatio);
    ctx.textBaseline = 'top';
    ctx.fillText(outside.top.join('   '), left, bbox.top + 4 * devicePixelRatio);
    ctx.restore();
  }

  private drawQuality(u: uPlot): void {
    const {ctx, bbox} = u;
    const {t, worst} = this.columns;
    const height = 5 * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = bad;
    for (let i = 0; i < t.length; i += 1) {
      if (worst[i] === 0) continue;
      const left = u.valToPos(t[i] ?? 0, 'x', true);
      const right = u.valToPos(t[i + 1] ?? this.extent.to_ms, 'x', true);
      const from = Math.max(left, bbox.left);
      const to = Math.min(Math.max(right, left + 2), bbox.left + bbox.width);
      if (to > from) ctx.fillRect(from, bbox.top + bbox.height - height, to - from, height);
    }
    ctx.restore();
  }
}

function tickText(v: number, point: Point): string {
  const decimals = decimalsOf(point);
  const text = formatNumber(v, decimals);
  return Math.abs(Number(text) - v) < 1e-9 ? text : formatNumber(v, decimals + 1);
}
