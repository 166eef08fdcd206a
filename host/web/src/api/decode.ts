import {type Raw, flag, isRaw, list, number, text, word} from './fields';
import * as w from './types';

// From JSON to the objects of types.ts. The rule for what is missing: the answer that alarms. An alarm whose
// state cannot be read is unacknowledged and of the first priority; a value whose quality cannot be read is
// not good.

const stale_after_default_ms = 10_000; // for a point whose own limit is missing
const max_limits = 16;

function decodePriority(o: Raw): w.Priority {
  const p = number(o, 'priority');
  return p === 2 || p === 3 || p === 4 ? p : 1;
}

function decodeQuality(x: unknown): w.Quality {
  const o = isRaw(x) ? x : {};
  return {
    validity: word(o, 'validity', w.validities, 'unknown'),
    maintenance: word(o, 'maintenance', w.maintenances, 'unknown'),
    limit: word(o, 'limit', w.limitStates, 'unknown'),
    feed: word(o, 'feed', w.feeds, 'unknown'),
  };
}

function decodeLimit(x: unknown): w.Limit | null {
  if (!isRaw(x)) return null;
  const at = number(x, 'at');
  const side = word(x, 'side', ['high', 'low'] as const, null);
  if (at === null || side === null) return null;
  return {
    at,
    side,
    level: word(x, 'level', w.levels, 'alarm'),
    clear_at: number(x, 'clear_at'),
    priority: decodePriority(x),
    basis: text(x, 'basis'),
  };
}

export function decodePoint(x: unknown): w.Point | null {
  if (!isRaw(x)) return null;
  const id = number(x, 'id');
  if (id === null) return null;
  const period = number(x, 'period_ms');
  const stale = number(x, 'stale_after_ms');
  return {
    id,
    name: text(x, 'name') || `#${id}`,
    title: text(x, 'title'),
    title_en: text(x, 'title_en'),
    place: text(x, 'place'),
    place_en: text(x, 'place_en'),
    quantity: text(x, 'quantity'),
    unit: text(x, 'unit', 24),
    kind: word(x, 'kind', w.kinds, 'analogue'),
    range_low: number(x, 'range_low'),
    range_high: number(x, 'range_high'),
    period_ms: period !== null && period > 0 ? period : 1000,
    stale_after_ms: stale !== null && stale > 0 ? stale : stale_after_default_ms,
    text_on: text(x, 'text_on', 40),
    text_off: text(x, 'text_off', 40),
    gateway: text(x, 'gateway'),
    device: text(x, 'device'),
    limits: list(x['limits'])
      .slice(0, max_limits)
      .map(decodeLimit)
      .filter((l) => l !== null),
    withdrawn: flag(x, 'withdrawn'),
  };
}

export function decodeValue(x: unknown): w.Value | null {
  if (!isRaw(x)) return null;
  const id = number(x, 'id');
  if (id === null) return null;
  return {
    id,
    v: number(x, 'v'),
    q: decodeQuality(x['q']),
    t_ms: number(x, 't_ms'),
    age_ms: number(x, 'age_ms'),
    stale: x['stale'] !== false, // only a clear "no" counts as fresh
    late: flag(x, 'late'),
    clock: word(x, 'clock', w.clocks, 'unknown'),
  };
}

export function decodeGateway(x: unknown): w.Gateway | null {
  if (!isRaw(x)) return null;
  const name = text(x, 'name');
  if (name === '') return null;
  return {
    name,
    state: word(x, 'state', w.gatewayStates, 'unknown'),
    since_ms: number(x, 'since_ms'),
    reason: text(x, 'reason'),
    version: text(x, 'version', 40),
    last_heard_ms: number(x, 'last_heard_ms'),
    clock_error_ms: number(x, 'clock_error_ms'),
    clock: word(x, 'clock', w.gatewayClocks, 'unknown'),
    spool_blocks: number(x, 'spool_blocks'),
    spool_bytes: number(x, 'spool_bytes'),
    points: number(x, 'points'),
    blind_points: number(x, 'blind_points'),
    missing_blocks: number(x, 'missing_blocks'),
    quarantined_blocks: number(x, 'quarantined_blocks'),
  };
}

export function decodeAlarm(x: unknown): w.Alarm | null {
  if (!isRaw(x)) return null;
  const occurrence = text(x, 'occurrence', 200);
  const seq = number(x, 'seq');
  const name = text(x, 'name');
  const raised_ms = number(x, 'raised_ms');
  return {
    occurrence: occurrence || `?${name}@${raised_ms ?? ''}`,
    named: occurrence !== '' && seq !== null,
    seq: seq ?? 0,
    source: word(x, 'source', w.sources, 'limit'),
    kind: text(x, 'kind', 40),
    point: number(x, 'point'),
    name,
    title: text(x, 'title'),
    title_en: text(x, 'title_en'),
    place: text(x, 'place'),
    place_en: text(x, 'place_en'),
    gateway: text(x, 'gateway'),
    level: word(x, 'level', w.levels, 'alarm'),
    side: word(x, 'side', ['high', 'low'] as const, 'none'),
    priority: decodePriority(x),
    state: word(x, 'state', w.alarmStates, 'unacknowledged'),
    condition: word(x, 'condition', w.conditions, 'unknown'),
    raised_ms,
    cleared_ms: number(x, 'cleared_ms'),
    acked_ms: number(x, 'acked_ms'),
    acked_by: text(x, 'acked_by', 60),
    comment: text(x, 'comment', 500),
    value: number(x, 'value'),
    peak: number(x, 'peak'),
    unit: text(x, 'unit', 24),
    at: number(x, 'at'),
    reason: text(x, 'reason', 500),
  };
}

export function decodeEntry(x: unknown): w.JournalEntry | null {
  if (!isRaw(x)) return null;
  const seq = number(x, 'seq');
  if (seq === null) return null;
  return {
    seq,
    at_ms: number(x, 'at_ms'),
    kind: word(x, 'kind', w.journalKinds, 'note'),
    source: text(x, 'source', 40),
    point: number(x, 'point'),
    name: text(x, 'name'),
    value: number(x, 'value'),
    unit: text(x, 'unit', 24),
    level: text(x, 'level', 24),
    user: text(x, 'user', 60),
    comment: text(x, 'comment', 500),
    late: flag(x, 'late'),
  };
}

export function decodeEvent(x: unknown): w.GatewayEvent | null {
  if (!isRaw(x)) return null;
  return {
    gateway: text(x, 'gateway'),
    kind: text(x, 'kind', 40),
    at_ms: number(x, 'at_ms'),
    received_ms: number(x, 'received_ms'),
    number: number(x, 'number'),
    text: text(x, 'text', 500),
  };
}

function decodeBucket(x: unknown): w.Bucket | null {
  if (!Array.isArray(x)) return null;
  const n = (i: number): number | null => (typeof x[i] === 'number' && Number.isFinite(x[i]) ? x[i] : null);
  const t_ms = n(0);
  if (t_ms === null) return null;
  return {t_ms, min: n(1), max: n(2), mean: n(3), count: n(4) ?? 0, worst: n(5)};
}

export function decodeTrend(x: unknown): w.Trend | null {
  if (!isRaw(x)) return null;
  const from_ms = number(x, 'from_ms');
  const to_ms = number(x, 'to_ms');
  if (from_ms === null || to_ms === null || !Array.isArray(x['buckets'])) return null;
  return {from_ms, to_ms, buckets: x['buckets'].map(decodeBucket).filter((b) => b !== null)};
}

export function decodeSession(x: unknown): w.Session | null {
  if (!isRaw(x) || typeof x['user'] !== 'string') return null;
  return {
    user: text(x, 'user', 60),
    role: word(x, 'role', ['viewer', 'operator', 'admin'] as const, 'viewer'),
    must_change_password: flag(x, 'must_change_password'),
  };
}

export function decodeHealth(x: unknown): w.Health | null {
  if (!isRaw(x)) return null;
  const reasons = list(x['reasons'])
    .slice(0, 10)
    .map((r) => text({r}, 'r'))
    .filter((r) => r !== '');
  return {
    status: x['status'] === 'ok' ? 'ok' : 'degraded',
    reasons,
    broker: word(x, 'broker', ['up', 'down'] as const, 'unknown'),
  };
}
