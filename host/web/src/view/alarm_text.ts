import {type Alarm, maintenances, validities} from '../api/types';
import type {Key} from '../i18n';
import {zh} from '../i18n/zh';

// What an alarm is about, in one word: the limit that was crossed, or what else is wrong.
export function levelKey(a: Alarm): Key {
  return a.source === 'limit' ? `level.${a.level}` : `source.${a.source}`;
}

export const conditionGlyph = {active: '▲', clear: '○', unknown: '?'} as const;

// The cause in the operator's language; null for none, and for a word of a newer host: then only the host's
// own sentence tells.
export function causeKey(a: Alarm): Key | null {
  const {kind} = a;
  if (kind === '') return null;
  if ((validities as readonly string[]).includes(kind)) return `validity.${kind}` as Key;
  if ((maintenances as readonly string[]).includes(kind)) return `maintenance.${kind}` as Key;
  const key = `cause.${kind}`;
  return Object.hasOwn(zh, key) ? (key as Key) : null;
}
