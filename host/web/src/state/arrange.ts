import {ageOf} from '../age';
import type {Point} from '../api/types';
import type {Stamp} from '../clock';
import {type Lang, pickText} from '../i18n';
import {type Mark, type Status, isAbnormal} from './status';
import type {Filter, Group, Held, Show, SortKey} from './state';

export type Row =
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly label: string;
      readonly count: number;
      readonly abnormal: number;
    }
  | {
      readonly kind: 'point';
      readonly key: string;
      readonly point: Point;
      readonly status: Status;
      readonly despite: boolean;
    }; // shown although the filter says no: unacknowledged

export function groupOf(point: Point, group: Group, lang: Lang): string {
  switch (group) {
    case 'place':
      return pickText(lang, point.place, point.place_en);
    case 'gateway':
      return point.gateway;
    case 'quantity':
      return point.quantity;
    case 'none':
      return '';
  }
}

// What the place filter compares: the same in both languages.
export function placeKey(p: Point): string {
  return p.place || p.place_en;
}

export function titleOf(
  p: {readonly title: string; readonly title_en: string; readonly name: string},
  lang: Lang,
): string {
  return pickText(lang, p.title, p.title_en) || p.name;
}

// By group, then by title, then by name: the order that never changes by itself. Withdrawn points last in
// their group.
export function baseOrder(points: Iterable<Point>, group: Group, lang: Lang): readonly Point[] {
  const compare = new Intl.Collator(lang === 'zh' ? 'zh-CN' : 'en', {numeric: true}).compare;
  const keyed = [...points].map((p) => ({p, g: groupOf(p, group, lang), t: titleOf(p, lang)}));
  keyed.sort(
    (a, b) =>
      compare(a.g, b.g) ||
      Number(a.p.withdrawn) - Number(b.p.withdrawn) ||
      compare(a.t, b.t) ||
      compare(a.p.name, b.p.name) ||
      a.p.id - b.p.id,
  );
  return keyed.map((k) => k.p);
}

const unusable: readonly Mark[] = ['bad', 'stale', 'withdrawn'];

export const shows: readonly Show[] = ['all', 'abnormal', 'alarm', 'unusable', 'maintenance'];

function showMatches(status: Status, show: Show): boolean {
  switch (show) {
    case 'all':
      return true;
    case 'abnormal':
      return isAbnormal(status) || status.value !== 'ok';
    case 'alarm':
      return status.priority !== null || status.mark === 'limit';
    case 'unusable':
      return unusable.includes(status.mark) || status.value !== 'ok';
    case 'maintenance':
      return status.words.some((w) => w.startsWith('maintenance.'));
  }
}

// How many points each choice of the state filter would show: tells at a glance whether anything is abnormal.
export function countShows(statuses: ReadonlyMap<number, Status>): Readonly<Record<Show, number>> {
  const counts: Record<Show, number> = {all: 0, abnormal: 0, alarm: 0, unusable: 0, maintenance: 0};
  for (const status of statuses.values())
    for (const show of shows) counts[show] += Number(showMatches(status, show));
  return counts;
}

// Every word of the search has to occur somewhere in the point's texts.
export function textMatches(p: Point, search: string): boolean {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '');
  if (words.length === 0) return true;
  const all = searchable(p);
  return words.every((w) => all.includes(w));
}

// A point's texts in one, kept as long as the point is: a search goes over all points several times a second.
const searchTexts = new WeakMap<Point, string>();

function searchable(p: Point): string {
  let all = searchTexts.get(p);
  if (all === undefined) {
    const texts = [p.name, p.title, p.title_en, p.place, p.place_en, p.quantity, p.gateway, p.device];
    all = texts.join('\n').toLowerCase();
    searchTexts.set(p, all);
  }
  return all;
}

function matches(p: Point, status: Status, filter: Filter): boolean {
  return (
    (filter.place === '' || placeKey(p) === filter.place) &&
    (filter.quantity === '' || p.quantity === filter.quantity) &&
    (filter.gateway === '' || p.gateway === filter.gateway) &&
    showMatches(status, filter.show) &&
    textMatches(p, filter.text)
  );
}

export interface Arrangement {
  readonly base: readonly Point[];
  readonly statuses: ReadonlyMap<number, Status>;
  readonly filter: Filter;
  readonly group: Group;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly lang: Lang;
  // For sorting by what changes all the time: values of a moment that the caller renews now and then, not
  // every second.
  readonly sampled: ReadonlyMap<number, Held>;
  readonly sampled_at: Stamp;
}

type PointRow = Extract<Row, {kind: 'point'}>;

function sortNumber(a: Arrangement, row: PointRow): number {
  const held = a.sampled.get(row.point.id);
  switch (a.sort) {
    case 'title':
      return 0;
    case 'state':
      return row.status.rank;
    case 'value':
      return held && row.status.value === 'ok' && held.value.v !== null ? -held.value.v : Infinity;
    case 'age':
      return held ? -ageOf(held, a.sampled_at) : -Infinity;
  }
}

function sortRows(a: Arrangement, rows: PointRow[]): PointRow[] {
  const sign = a.descending ? -1 : 1;
  const keyed = rows.map((row, i) => ({row, n: sortNumber(a, row), i}));
  // Written without subtraction: Infinity - Infinity is no order. Equal ones keep the base order.
  keyed.sort((x, y) =>
    x.n < y.n ? -sign : x.n > y.n ? sign : a.sort === 'title' ? sign * (x.i - y.i) : x.i - y.i,
  );
  return keyed.map((k) => k.row);
}

// The rows of the table: filtered, sorted, grouped. A point in unacknowledged alarm is always among them.
export function arrange(a: Arrangement): readonly Row[] {
  const groups = new Map<string, PointRow[]>();
  for (const point of a.base) {
    const status = a.statuses.get(point.id);
    if (!status) continue;
    const wanted = matches(point, status, a.filter);
    if (!wanted && !status.pinned) continue;
    const key = groupOf(point, a.group, a.lang);
    const row: PointRow = {kind: 'point', key: `p${point.id}`, point, status, despite: !wanted};
    const rows = groups.get(key);
    if (rows) rows.push(row);
    else groups.set(key, [row]);
  }
  const out: Row[] = [];
  for (const [label, rows] of groups) {
    if (a.group !== 'none') {
      const abnormal = rows.filter((r) => isAbnormal(r.status)).length;
      out.push({kind: 'group', key: `g${label}`, label, count: rows.length, abnormal});
    }
    out.push(...sortRows(a, rows));
  }
  return out;
}
