import type {Phase} from '../api/live';
import type {Frame, Health, Alarm, JournalEntry, Session} from '../api/types';
import type {Stamp} from '../clock';
import type {Lang} from '../i18n';
import {type Mute, muteHolds} from '../sound/policy';
import {applyAlarm, applyAnswer, byOccurrence, raisePeaks} from './alarms';
import {type State, type View, initialState} from './state';
import {holdAll, holdChanged} from './values';

export type Action =
  | {readonly type: 'tick'; readonly now: Stamp}
  | {readonly type: 'frame'; readonly frame: Frame; readonly at: Stamp; readonly lag_ms: number}
  | {
      readonly type: 'phase';
      readonly phase: Phase;
      readonly reason: string;
      readonly retry_in_ms: number;
      readonly now: Stamp;
    }
  | {readonly type: 'asking'; readonly unreachable: boolean}
  | {readonly type: 'session'; readonly session: Session; readonly now: Stamp}
  | {readonly type: 'expired'}
  | {readonly type: 'signed_out'; readonly now: Stamp}
  | {readonly type: 'alarm_answer'; readonly alarm: Alarm}
  | {readonly type: 'journal'; readonly entries: readonly JournalEntry[]}
  | {readonly type: 'health'; readonly health: Health | null}
  | {readonly type: 'lang'; readonly lang: Lang}
  | {readonly type: 'sound'; readonly sound: State['sound']}
  | {readonly type: 'mute'; readonly mute: Mute | null}
  | {readonly type: 'view'; readonly change: Partial<View>};

export const journal_max = 500;

// All that ever changes what the page shows, as one pure function.
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'tick':
      return settleMute({...state, now: action.now});
    case 'frame':
      return settleMute(reduceFrame(state, action.frame, action.at, action.lag_ms));
    case 'phase':
      return {
        ...state,
        link: {
          ...state.link,
          phase: action.phase,
          reason: action.reason,
          retry_at: action.phase === 'waiting' ? later(action.now, action.retry_in_ms) : null,
        },
      };
    case 'asking':
      return {...state, auth: {phase: 'asking', unreachable: action.unreachable}};
    case 'session':
      return startSession(state, action.session, action.now);
    case 'expired':
      return {...state, auth: {phase: 'out', expired: true}};
    case 'signed_out':
      return {
        ...initialState(action.now, state.lang),
        auth: {phase: 'out', expired: false},
        sound: state.sound,
        first_version: state.first_version,
      };
    case 'alarm_answer':
      return settleMute({...state, alarms: applyAnswer(state.alarms, action.alarm)});
    case 'journal':
      return {...state, journal: mergeJournal(action.entries, state.journal)};
    case 'health':
      return {...state, health: action.health};
    case 'lang':
      return {...state, lang: action.lang};
    case 'sound':
      return {...state, sound: action.sound};
    case 'mute':
      return {...state, mute: action.mute};
    case 'view':
      return {...state, view: {...state.view, ...action.change}};
  }
}

function later(now: Stamp, ms: number): Stamp {
  return {perf: now.perf + ms, wall: now.wall + ms};
}

function startSession(state: State, session: Session, now: Stamp): State {
  if (session.must_change_password) return {...state, auth: {phase: 'must_change', session}};
  return {...state, auth: {phase: 'in', session}, link: {...state.link, since: now, ever: false}};
}

function reduceFrame(state: State, frame: Frame, at: Stamp, lag_ms: number): State {
  const next: State = {
    ...state,
    now: at,
    server: {ms: frame.server_ms + lag_ms, at},
    link: {...state.link, since: at, ever: true},
  };
  switch (frame.type) {
    case 'hello': {
      const points = new Map(frame.points.map((p) => [p.id, p]));
      return {
        ...next,
        mine: frame.mine,
        version: frame.version,
        first_version: state.first_version || frame.version,
        points,
        values: holdAll(state.values, points, frame.values, at, lag_ms),
        alarms: byOccurrence(frame.alarms),
        gateways: new Map(frame.gateways.map((g) => [g.name, g])),
        rejected: frame.rejected,
      };
    }
    case 'values':
      return {
        ...next,
        values: holdChanged(state.values, state.points, frame.values, at, lag_ms),
        alarms: raisePeaks(state.alarms, frame.values),
        rejected: state.rejected + frame.rejected,
      };
    case 'alarm': {
      const journal = frame.entry ? mergeJournal([frame.entry], state.journal) : state.journal;
      return {...next, alarms: applyAlarm(state.alarms, frame.alarm), journal};
    }
    case 'gateway':
      return {...next, gateways: new Map(state.gateways).set(frame.gateway.name, frame.gateway)};
    case 'points': {
      // The host marks what is gone as withdrawn, so merging is right whether it sends the whole table or the
      // changes.
      const points = new Map(state.points);
      for (const p of frame.points) points.set(p.id, p);
      return {...next, points, rejected: state.rejected + frame.rejected};
    }
    case 'beat':
    case 'other':
      return next;
  }
}

// Newest first, each sequence number once, bounded.
function mergeJournal(a: readonly JournalEntry[], b: readonly JournalEntry[]): readonly JournalEntry[] {
  const all = new Map<number, JournalEntry>();
  for (const e of b) all.set(e.seq, e);
  for (const e of a) all.set(e.seq, e);
  return [...all.values()].sort((x, y) => y.seq - x.seq).slice(0, journal_max);
}

function settleMute(state: State): State {
  return state.mute && !muteHolds(state.mute, state.alarms, state.now) ? {...state, mute: null} : state;
}
