import {type Stamp, elapsed} from '../clock';
import type {State} from './state';

// From the last frame to the banner. The live link gives up after the same time; together with the
// quarter-second tick the banner is there within 3 s of the last beat.
export const lost_after_ms = 2400;

// Is what the page shows no longer live? True as well while a first connection does not come about.
export function isLost(state: State): boolean {
  if (state.auth.phase === 'asking') return false;
  return elapsed(state.link.since, state.now) > lost_after_ms;
}

// How long the page has been without a word from the host.
export function silentFor(state: State): number {
  return elapsed(state.link.since, state.now);
}

// The host's clock now, in UTC milliseconds; null before the first frame.
export function serverNow(state: State, now: Stamp = state.now): number | null {
  return state.server && state.server.ms + Math.max(0, now.perf - state.server.at.perf);
}
