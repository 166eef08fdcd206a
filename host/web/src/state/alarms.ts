import type {Alarm, Priority, Value} from '../api/types';
import type {AlarmOrder} from './state';

// The alarms that are not normal, by occurrence. The host bounds their number; nothing here drops one.

export type Alarms = ReadonlyMap<string, Alarm>;

export function isUnacknowledged(a: Alarm): boolean {
  return a.state === 'unacknowledged' || a.state === 'rtn_unacknowledged';
}

export function byOccurrence(alarms: readonly Alarm[]): Alarms {
  return new Map(alarms.filter((a) => a.state !== 'normal').map((a) => [a.occurrence, a]));
}

// From the live socket, in the journal's order. An older change never overwrites a newer one.
export function applyAlarm(alarms: Alarms, alarm: Alarm): Alarms {
  const known = alarms.get(alarm.occurrence);
  if (known && known.seq > alarm.seq) return alarms;
  const next = new Map(alarms);
  if (alarm.state === 'normal') next.delete(alarm.occurrence);
  else next.set(alarm.occurrence, alarm);
  return next;
}

// From the answer to a request, which may be overtaken by frames: it may bring a known alarm up to date, but
// never bring back one that the frames have already removed.
export function applyAnswer(alarms: Alarms, alarm: Alarm): Alarms {
  return alarms.has(alarm.occurrence) ? applyAlarm(alarms, alarm) : alarms;
}

// The host tells of an alarm when its state changes; in between, the values themselves tell how far it has
// gone. A peak only ever grows here, and the host's next word on the alarm replaces it.
export function raisePeaks(alarms: Alarms, values: readonly Value[]): Alarms {
  if (alarms.size === 0) return alarms;
  const usable = values.filter((x) => !x.late && (x.q.validity === 'good' || x.q.validity === 'over_range'));
  const byPoint = new Map(usable.map((x) => [x.id, x.v]));
  const raised: Alarm[] = [];
  for (const a of alarms.values()) {
    const v = a.point === null ? null : (byPoint.get(a.point) ?? null);
    if (v === null || a.source !== 'limit' || a.condition !== 'active' || a.side === 'none') continue;
    const beyond = a.peak === null || (a.side === 'high' ? v > a.peak : v < a.peak);
    if (beyond) raised.push({...a, peak: v});
  }
  if (raised.length === 0) return alarms;
  const next = new Map(alarms);
  for (const a of raised) next.set(a.occurrence, a);
  return next;
}

const stateRank = {unacknowledged: 0, rtn_unacknowledged: 1, acknowledged: 2, normal: 3} as const;

export function sortAlarms(alarms: Alarms, order: AlarmOrder): readonly Alarm[] {
  const time = (a: Alarm): number => a.raised_ms ?? 0;
  const newest = (a: Alarm, b: Alarm): number => time(b) - time(a) || b.seq - a.seq;
  const compare = {
    newest,
    oldest: (a: Alarm, b: Alarm): number => -newest(a, b),
    priority: (a: Alarm, b: Alarm): number =>
      Number(a.state === 'acknowledged') - Number(b.state === 'acknowledged') ||
      a.priority - b.priority ||
      stateRank[a.state] - stateRank[b.state] ||
      newest(a, b),
  }[order];
  return [...alarms.values()].sort(compare);
}

export interface AlarmCounts {
  readonly total: number;
  readonly unacknowledged: number;
  readonly by_priority: Readonly<Record<Priority, number>>; // of the unacknowledged
}

export function countAlarms(alarms: Alarms): AlarmCounts {
  const by_priority: Record<Priority, number> = {1: 0, 2: 0, 3: 0, 4: 0};
  let unacknowledged = 0;
  for (const a of alarms.values()) {
    if (!isUnacknowledged(a)) continue;
    unacknowledged += 1;
    by_priority[a.priority] += 1;
  }
  return {total: alarms.size, unacknowledged, by_priority};
}

// The worst alarm of each point: unacknowledged before acknowledged, then by priority.
export function worstByPoint(alarms: Alarms): ReadonlyMap<number, Alarm> {
  const worst = new Map<number, Alarm>();
  for (const a of sortAlarms(alarms, 'priority'))
    if (a.point !== null && !worst.has(a.point)) worst.set(a.point, a);
  return worst;
}
