import type {Alarm, Priority} from '../api/types';
import {type Stamp, elapsed} from '../clock';
import {isUnacknowledged} from '../state/alarms';

// What should be heard now? Pure; player.ts makes the tones.

export interface Tone {
  readonly hz: number;
  readonly at_s: number;
  readonly for_s: number;
}

export interface Pattern {
  readonly name: string;
  readonly every_ms: number;
  readonly loudness: number; // 0..1
  readonly tones: readonly Tone[];
}

const beeps = (hz: readonly number[], for_s: number, gap_s: number): readonly Tone[] =>
  hz.map((f, i) => ({hz: f, at_s: i * (for_s + gap_s), for_s}));

// The more urgent, the higher, the more tones and the shorter the pause: told apart without looking.
export const patterns: Readonly<Record<Priority | 'lost', Pattern>> = {
  1: {name: 'p1', every_ms: 2000, loudness: 0.9, tones: beeps([988, 784, 988, 784, 988], 0.14, 0.04)},
  2: {name: 'p2', every_ms: 4000, loudness: 0.7, tones: beeps([784, 784, 784], 0.16, 0.08)},
  3: {name: 'p3', every_ms: 10_000, loudness: 0.5, tones: beeps([659, 659], 0.18, 0.1)},
  4: {name: 'p4', every_ms: 30_000, loudness: 0.4, tones: beeps([523], 0.25, 0)},
  lost: {name: 'lost', every_ms: 6000, loudness: 0.7, tones: beeps([440, 330, 247], 0.3, 0.05)},
};

export const mute_max_ms = 5 * 60_000;

// Silence, but never for long and never for something new: it ends by itself, and at once when an alarm comes
// that was not there at the time and is as urgent as the most urgent one that was, or more.
export interface Mute {
  readonly from: Stamp;
  readonly for_ms: number;
  readonly priority: Priority | null; // most urgent one at the time; null: nothing but a lost link
  readonly known: ReadonlySet<string>; // occurrences at the time
}

export function startMute(alarms: ReadonlyMap<string, Alarm>, for_ms: number, now: Stamp): Mute {
  const sounding = [...alarms.values()].filter(isUnacknowledged);
  return {
    from: now,
    for_ms: Math.min(for_ms, mute_max_ms),
    priority: urgent(sounding),
    known: new Set(sounding.map((a) => a.occurrence)),
  };
}

export function muteHolds(mute: Mute, alarms: ReadonlyMap<string, Alarm>, now: Stamp): boolean {
  if (elapsed(mute.from, now) >= mute.for_ms) return false;
  for (const a of alarms.values()) {
    if (!isUnacknowledged(a) || mute.known.has(a.occurrence)) continue;
    if (mute.priority === null || a.priority <= mute.priority) return false;
  }
  return true;
}

export function muteLeft(mute: Mute, now: Stamp): number {
  return Math.max(0, mute.for_ms - elapsed(mute.from, now));
}

function urgent(alarms: readonly Alarm[]): Priority | null {
  return alarms.reduce<Priority | null>(
    (worst, a) => (worst === null || a.priority < worst ? a.priority : worst),
    null,
  );
}

// The pattern of the most urgent unacknowledged alarm, returned or not: one that came and went unseen still
// has to be heard. Without a link new alarms cannot come, which is itself worth a sound; a first-priority
// alarm goes before.
export function wanted(alarms: ReadonlyMap<string, Alarm>, lost: boolean, mute: Mute | null): Pattern | null {
  if (mute) return null;
  const priority = urgent([...alarms.values()].filter(isUnacknowledged));
  if (lost && priority !== 1) return patterns.lost;
  return priority === null ? null : patterns[priority];
}
