import {describe, expect, test} from 'vitest';
import {
  decodeAlarm,
  decodeGateway,
  decodePoint,
  decodeTrend,
  decodeValue,
} from '../../../host/web/src/api/decode';
import {text_max} from '../../../host/web/src/api/fields';
import {decodeFrame} from '../../../host/web/src/api/frames';

describe('what is missing becomes the answer that alarms', () => {
  test('a value without quality is not good, not fresh, of unknown age', () => {
    const v = decodeValue({id: 3});
    expect(v?.q).toEqual({validity: 'unknown', maintenance: 'unknown', limit: 'unknown', feed: 'unknown'});
    expect(v?.stale).toBe(true);
    expect(v?.age_ms).toBeNull();
    expect(v?.clock).toBe('unknown');
  });
  test('an alarm without a readable state is unacknowledged, first priority, condition unknown', () => {
    const a = decodeAlarm({name: 'x', priority: 9, state: 'gone?', condition: 4});
    expect(a).toMatchObject({state: 'unacknowledged', priority: 1, condition: 'unknown', named: false});
  });
  test('an alarm without an occurrence or a sequence number is shown but cannot be acknowledged', () => {
    expect(decodeAlarm({occurrence: 'a'})?.named).toBe(false);
    expect(decodeAlarm({seq: 4})?.named).toBe(false);
    expect(decodeAlarm({occurrence: 'a', seq: 4})?.named).toBe(true);
  });
  test('a point without its own stale limit gets a strict one', () => {
    for (const stale_after_ms of [undefined, null, 0, -5, 'soon']) {
      expect(decodePoint({id: 1, stale_after_ms})?.stale_after_ms).toBe(10_000);
    }
  });
  test('a number that is text, NaN or missing is no number', () => {
    for (const v of ['1', null, undefined, {}, true]) expect(decodeValue({id: 1, v})?.v).toBeNull();
  });
  test('an unknown gateway state is unknown', () => {
    expect(decodeGateway({name: 'g', state: 'fine'})?.state).toBe('unknown');
  });
});

describe('texts from outside', () => {
  test('are cut to a bounded length', () => {
    expect(decodePoint({id: 1, title: 'x'.repeat(100_000)})?.title.length).toBe(text_max + 1);
  });
  test('lose control characters and direction overrides', () => {
    expect(decodePoint({id: 1, title: '\u202eabc\u0000\n\u2066d'})?.title).toBe('abc d');
  });
  test('keep markup as text: it is never taken for markup', () => {
    expect(decodePoint({id: 1, title: '<b>x</b>'})?.title).toBe('<b>x</b>');
  });
});

describe('frames', () => {
  const frame = (o: object): string => JSON.stringify({seq: 1, server_ms: 1, ...o});
  test('what is not a frame is refused, so that the link starts anew', () => {
    for (const data of [
      '',
      '{',
      '[]',
      'null',
      '7',
      '{"type":"beat"}',
      '{"type":"beat","seq":1}',
      new Blob([]),
    ]) {
      expect(decodeFrame(data)).toBeNull();
    }
  });
  test('an alarm or gateway frame without its object is refused: it must not be lost', () => {
    expect(decodeFrame(frame({type: 'alarm'}))).toBeNull();
    expect(decodeFrame(frame({type: 'gateway', gateway: {}}))).toBeNull();
  });
  test('items of a list that cannot be read are counted, the rest is used', () => {
    const f = decodeFrame(frame({type: 'values', values: [{id: 1, v: 2}, null, {v: 3}, 'x']}));
    expect(f).toMatchObject({type: 'values', rejected: 3});
    expect(f?.type === 'values' && f.values.length).toBe(1);
  });
  test('a type from a newer host counts in the sequence and does no harm', () => {
    expect(decodeFrame(frame({type: 'weather'}))).toMatchObject({type: 'other', seq: 1});
  });
  test('a hello without lists is an empty mine, not a crash', () => {
    expect(decodeFrame(frame({type: 'hello'}))).toMatchObject({
      points: [],
      values: [],
      alarms: [],
      beat_ms: 1000,
    });
  });
});

test('a trend keeps the buckets that can be read', () => {
  const trend = decodeTrend({
    from_ms: 0,
    to_ms: 10,
    buckets: [[1, 2, 3, 2.5, 4, 0], [2, null, null, null, 0, 6], 'x', [null]],
  });
  expect(trend?.buckets).toHaveLength(2);
  expect(decodeTrend({from_ms: 0, buckets: []})).toBeNull();
});
