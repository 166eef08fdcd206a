import {decodeAlarm, decodeEntry, decodeGateway, decodePoint, decodeValue} from './decode';
import {type Raw, isRaw, list, number, text} from './fields';
import type {Frame} from './types';

// What can be decoded of a list, and how many items could not: those are reported, never dropped in silence.
function some<T>(
  x: unknown,
  decode: (x: unknown) => T | null,
): {readonly good: readonly T[]; readonly rejected: number} {
  const all = list(x);
  const good = all.map(decode).filter((item) => item !== null);
  return {good, rejected: all.length - good.length};
}

function decodeHello(o: Raw, seq: number, server_ms: number): Frame {
  const points = some(o['points'], decodePoint);
  const values = some(o['values'], decodeValue);
  const gateways = some(o['gateways'], decodeGateway);
  const alarms = some(o['alarms'], decodeAlarm);
  const beat = number(o, 'beat_ms');
  return {
    type: 'hello',
    seq,
    server_ms,
    mine: text(o, 'mine', 60),
    version: text(o, 'version', 60),
    beat_ms: beat !== null && beat >= 100 ? Math.min(beat, 1000) : 1000,
    points: points.good,
    values: values.good,
    gateways: gateways.good,
    alarms: alarms.good,
    rejected: points.rejected + values.rejected + gateways.rejected + alarms.rejected,
  };
}

// One text frame of the live socket. Null when it is no frame at all, or one whose content must not be lost
// (an alarm, a gateway) cannot be read: the caller reconnects and takes the whole state anew.
export function decodeFrame(data: unknown): Frame | null {
  if (typeof data !== 'string') return null;
  let o: unknown;
  try {
    o = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isRaw(o)) return null;
  const seq = number(o, 'seq');
  const server_ms = number(o, 'server_ms');
  if (seq === null || server_ms === null) return null;
  switch (o['type']) {
    case 'hello':
      return decodeHello(o, seq, server_ms);
    case 'values': {
      const {good, rejected} = some(o['values'], decodeValue);
      return {type: 'values', seq, server_ms, values: good, rejected};
    }
    case 'points': {
      const {good, rejected} = some(o['points'], decodePoint);
      return {type: 'points', seq, server_ms, points: good, rejected};
    }
    case 'alarm': {
      const alarm = decodeAlarm(o['alarm']);
      return alarm && {type: 'alarm', seq, server_ms, alarm, entry: decodeEntry(o['entry'])};
    }
    case 'gateway': {
      const gateway = decodeGateway(o['gateway']);
      return gateway && {type: 'gateway', seq, server_ms, gateway};
    }
    case 'beat':
      return {type: 'beat', seq, server_ms};
    default:
      return {type: 'other', seq, server_ms}; // from a newer host: counts in the sequence, says nothing to us
  }
}
