import type {Phase} from '../api/live';
import type {Alarm, Gateway, Health, JournalEntry, Point, Session, Value} from '../api/types';
import type {Stamp} from '../clock';
import type {Lang} from '../i18n';
import type {Mute} from '../sound/policy';
import {type Range, spans_ms} from '../trend/range';

// A value as it was received: what the host told, when it came, and the last number that meant something.
export interface Held {
  readonly value: Value;
  readonly told_age_ms: number | null;
  readonly at: Stamp;
  readonly last_good: {readonly v: number; readonly told_age_ms: number | null; readonly at: Stamp} | null;
}

export type Auth =
  | {readonly phase: 'asking'; readonly unreachable: boolean} // is there a session? the host has not said yet
  | {readonly phase: 'out'; readonly expired: boolean}
  | {readonly phase: 'must_change'; readonly session: Session}
  | {readonly phase: 'in'; readonly session: Session};

export interface Link {
  readonly phase: Phase;
  readonly reason: string;
  readonly retry_at: Stamp | null;
  readonly since: Stamp; // when we began to want a link: the sign-in, or the last frame
  readonly ever: boolean; // has a hello been received since the sign-in?
}

export type Tab = 'points' | 'gateways' | 'events' | 'journal';
export type Show = 'all' | 'abnormal' | 'alarm' | 'unusable' | 'maintenance';
export type Group = 'place' | 'gateway' | 'quantity' | 'none';
export type SortKey = 'title' | 'state' | 'value' | 'age';
export type AlarmOrder = 'priority' | 'newest' | 'oldest';

export interface Filter {
  readonly text: string;
  readonly show: Show;
  readonly place: string;
  readonly quantity: string;
  readonly gateway: string;
}

export interface View {
  readonly tab: Tab;
  readonly filter: Filter;
  readonly group: Group;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly selected: number | null; // the point under the keyboard
  readonly trend: number | null; // the point whose trend is open
  readonly trend_range: Range;
  readonly trend_tall: boolean;
  readonly alarm_order: AlarmOrder;
  readonly ack: string | null; // the occurrence whose acknowledge dialog is open
}

export interface State {
  readonly now: Stamp; // of the last tick; what the views compute ages with
  readonly lang: Lang;
  readonly auth: Auth;
  readonly link: Link;
  readonly mine: string;
  readonly version: string; // of the host that this page talks to
  readonly first_version: string; // of the host that served this page; another one means: load the page anew
  readonly server: {readonly ms: number; readonly at: Stamp} | null;
  readonly points: ReadonlyMap<number, Point>;
  readonly values: ReadonlyMap<number, Held>;
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly journal: readonly JournalEntry[]; // newest first, bounded
  readonly health: Health | null;
  readonly rejected: number; // items of the last hello, or since, that could not be read
  readonly sound: 'blocked' | 'on' | 'absent';
  readonly mute: Mute | null;
  readonly view: View;
}

export function initialView(): View {
  return {
    tab: 'points',
    filter: {text: '', show: 'all', place: '', quantity: '', gateway: ''},
    group: 'place',
    sort: 'title',
    descending: false,
    selected: null,
    trend: null,
    trend_range: {kind: 'live', span_ms: spans_ms[1]},
    trend_tall: false,
    alarm_order: 'priority',
    ack: null,
  };
}

export function initialState(now: Stamp, lang: Lang): State {
  return {
    now,
    lang,
    auth: {phase: 'asking', unreachable: false},
    link: {phase: 'off', reason: '', retry_at: null, since: now, ever: false},
    mine: '',
    version: '',
    first_version: '',
    server: null,
    points: new Map(),
    values: new Map(),
    alarms: new Map(),
    gateways: new Map(),
    journal: [],
    health: null,
    rejected: 0,
    sound: 'blocked',
    mute: null,
    view: initialView(),
  };
}
