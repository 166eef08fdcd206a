// The objects of docs/api/api.md after decode.ts has checked them. `unknown` stands for a word this page does
// not know, from a newer host or a broken one; it is never taken for a good one.

export const validities = [
  'good',
  'over_range',
  'under_range',
  'sensor_fault',
  'disconnected',
  'bad_comm',
  'not_read',
] as const;
export const maintenances = [
  'none',
  'calibrating',
  'warming_up',
  'low_supply',
  'inhibited',
  'forced',
] as const;
export const limitStates = ['none', 'warning', 'alarm', 'cut'] as const;
export const feeds = ['none', 'fed', 'not_fed', 'abnormal'] as const;
export const levels = ['warning', 'alarm', 'cut'] as const;
export const alarmStates = ['unacknowledged', 'acknowledged', 'rtn_unacknowledged', 'normal'] as const;
export const conditions = ['active', 'clear', 'unknown'] as const;
export const sources = ['limit', 'blind', 'gateway'] as const;
export const kinds = ['analogue', 'state', 'totaliser', 'control'] as const;
export const clocks = ['ok', 'corrected', 'unknown'] as const;
export const gatewayStates = ['online', 'offline', 'silent', 'unknown'] as const;
export const gatewayClocks = ['unknown', 'unset', 'free', 'synced'] as const;
export const journalKinds = [
  'raised',
  'cleared',
  'unknown',
  'acknowledged',
  'reraised',
  'late_raised',
  'late_cleared',
  'note',
] as const;

export type Validity = (typeof validities)[number] | 'unknown';
export type Maintenance = (typeof maintenances)[number] | 'unknown';
export type LimitState = (typeof limitStates)[number] | 'unknown';
export type Feed = (typeof feeds)[number] | 'unknown';
export type Level = (typeof levels)[number];
export type AlarmState = (typeof alarmStates)[number];
export type Condition = (typeof conditions)[number];
export type Source = (typeof sources)[number];
export type Kind = (typeof kinds)[number];
export type ClockWord = (typeof clocks)[number];
export type GatewayState = (typeof gatewayStates)[number];
export type GatewayClock = (typeof gatewayClocks)[number];
export type JournalKind = (typeof journalKinds)[number];
export type Side = 'high' | 'low' | 'none';
export type Priority = 1 | 2 | 3 | 4;
export type Role = 'viewer' | 'operator' | 'admin';

export interface Quality {
  readonly validity: Validity;
  readonly maintenance: Maintenance;
  readonly limit: LimitState;
  readonly feed: Feed;
}

export interface Limit {
  readonly side: 'high' | 'low';
  readonly level: Level;
  readonly at: number;
  readonly clear_at: number | null;
  readonly priority: Priority;
  readonly basis: string;
}

export interface Point {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly title_en: string;
  readonly place: string;
  readonly place_en: string;
  readonly quantity: string;
  readonly unit: string;
  readonly kind: Kind;
  readonly range_low: number | null;
  readonly range_high: number | null;
  readonly period_ms: number;
  readonly stale_after_ms: number;
  readonly text_on: string;
  readonly text_off: string;
  readonly gateway: string;
  readonly device: string;
  readonly limits: readonly Limit[];
  readonly withdrawn: boolean;
}

export interface Value {
  readonly id: number;
  readonly v: number | null;
  readonly q: Quality;
  readonly t_ms: number | null;
  readonly age_ms: number | null;
  readonly stale: boolean;
  readonly late: boolean;
  readonly clock: ClockWord;
}

export interface Gateway {
  readonly name: string;
  readonly state: GatewayState;
  readonly since_ms: number | null;
  readonly reason: string;
  readonly version: string;
  readonly last_heard_ms: number | null;
  readonly clock_error_ms: number | null;
  readonly clock: GatewayClock;
  readonly spool_blocks: number | null;
  readonly spool_bytes: number | null;
  readonly points: number | null;
  readonly blind_points: number | null;
  readonly missing_blocks: number | null;
  readonly quarantined_blocks: number | null;
}

export interface Alarm {
  readonly occurrence: string;
  readonly named: boolean; // false: the host sent no occurrence, so it can be shown but not acknowledged
  readonly seq: number;
  readonly source: Source;
  readonly kind: string; // the cause as a word; words this page does not know are told by `reason`
  readonly point: number | null;
  readonly name: string;
  readonly title: string;
  readonly title_en: string;
  readonly place: string;
  readonly place_en: string;
  readonly gateway: string;
  readonly level: Level;
  readonly side: Side;
  readonly priority: Priority;
  readonly state: AlarmState;
  readonly condition: Condition;
  readonly raised_ms: number | null;
  readonly cleared_ms: number | null;
  readonly acked_ms: number | null;
  readonly acked_by: string;
  readonly comment: string;
  readonly value: number | null;
  readonly peak: number | null;
  readonly unit: string;
  readonly at: number | null;
  readonly reason: string;
}

export interface JournalEntry {
  readonly seq: number;
  readonly at_ms: number | null;
  readonly kind: JournalKind;
  readonly source: string;
  readonly point: number | null;
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly level: string;
  readonly user: string;
  readonly comment: string;
  readonly late: boolean;
}

// Something that happened to a gateway; the words of `kind` are those of docs/api/api.md.
export interface GatewayEvent {
  readonly gateway: string;
  readonly kind: string;
  readonly at_ms: number | null;
  readonly received_ms: number | null;
  readonly number: number | null;
  readonly text: string;
}

export interface Bucket {
  readonly t_ms: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly count: number;
  readonly worst: number | null; // place in `validities`
}

export interface Trend {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly buckets: readonly Bucket[];
}

export interface Session {
  readonly user: string;
  readonly role: Role;
  readonly must_change_password: boolean;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly broker: 'up' | 'down' | 'unknown';
  readonly reasons: readonly string[];
}

export type Frame =
  | {
      readonly type: 'hello';
      readonly seq: number;
      readonly server_ms: number;
      readonly mine: string;
      readonly version: string;
      readonly beat_ms: number;
      readonly points: readonly Point[];
      readonly values: readonly Value[];
      readonly gateways: readonly Gateway[];
      readonly alarms: readonly Alarm[];
      readonly rejected: number;
    }
  | {
      readonly type: 'values';
      readonly seq: number;
      readonly server_ms: number;
      readonly values: readonly Value[];
      readonly rejected: number;
    }
  | {
      readonly type: 'alarm';
      readonly seq: number;
      readonly server_ms: number;
      readonly alarm: Alarm;
      readonly entry: JournalEntry | null;
    }
  | {readonly type: 'gateway'; readonly seq: number; readonly server_ms: number; readonly gateway: Gateway}
  | {
      readonly type: 'points';
      readonly seq: number;
      readonly server_ms: number;
      readonly points: readonly Point[];
      readonly rejected: number;
    }
  | {readonly type: 'beat'; readonly seq: number; readonly server_ms: number}
  | {readonly type: 'other'; readonly seq: number; readonly server_ms: number};
