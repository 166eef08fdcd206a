import type {Client} from '../api/client';
import {type Point, validities} from '../api/types';
import type {Held} from '../state/state';
import {hasNumber} from '../state/values';
import {type Extent, bucketCount} from './range';
import {type Columns, TrendSeries} from './series';

const recent_max = 600;

interface Recent {
  readonly t_ms: number;
  readonly v: number | null;
  readonly worst: number;
}

// Brings together what the host has in its history and what comes live, for one point.
export class TrendFeed {
  private series: TrendSeries;
  private readonly recent: Recent[] = []; // live samples that came while a request was under way
  private request: AbortController | null = null;

  constructor(
    private readonly client: Client,
    private readonly point: Point,
  ) {
    this.series = new TrendSeries(1000, point.stale_after_ms);
  }

  // Reads a stretch of history anew; `follow`: it ends now. False when a later call has taken over.
  async load(extent: Extent, columns: number, follow: boolean): Promise<boolean> {
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    const span = extent.to_ms - extent.from_ms;
    const buckets = bucketCount(span, this.point.period_ms, columns);
    try {
      const trend = await this.client.trend({point: this.point.id, ...extent}, buckets, request.signal);
      if (this.request !== request) return false;
      this.series = new TrendSeries(span / buckets, this.point.stale_after_ms);
      this.series.load(trend);
      for (const r of this.recent)
        if (follow || r.t_ms <= extent.to_ms) this.series.append(r.t_ms, r.v, r.worst);
      return true;
    } catch (e) {
      if (request.signal.aborted || this.request !== request) return false;
      throw e;
    }
  }

  // A live value. `follow`: the picture ends now, so the value belongs into it at once.
  add(held: Held, follow: boolean): void {
    const {t_ms, v, q, late} = held.value;
    const last = this.recent.at(-1);
    if (t_ms === null || late || (last && t_ms <= last.t_ms)) return;
    const known = validities.findIndex((w) => w === q.validity);
    const sample = {t_ms, v: hasNumber(q.validity) ? v : null, worst: known < 0 ? validities.length : known};
    this.recent.push(sample);
    if (this.recent.length > recent_max) this.recent.shift();
    if (follow) this.series.append(sample.t_ms, sample.v, sample.worst);
  }

  columns(from_ms: number): Columns {
    this.series.trim(from_ms);
    return this.series.columns();
  }

  stop(): void {
    this.request?.abort();
    this.request = null;
  }
}
