import {describe, expect, test} from 'vitest';
import {backoff} from '../../../host/web/src/api/backoff';
import {Lag} from '../../../host/web/src/api/lag';
import {Live, type Socket} from '../../../host/web/src/api/live';
import {at} from './support';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: {data: unknown}) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: string[] = [];
  closed = false;
  send(data: string): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
}

// A host and a browser whose time the test moves.
class World {
  ms = 0;
  server_offset = 50_000;
  sockets: FakeSocket[] = [];
  frames: string[] = [];
  phases: string[] = [];
  refused = 0;
  seq = 0;
  readonly live = new Live(
    {
      open: () => {
        const s = new FakeSocket();
        this.sockets.push(s);
        return s;
      },
      now: () => at(this.ms),
      random: () => 0.5,
    },
    {
      frame: (f) => this.frames.push(f.type),
      phase: (p, reason) => this.phases.push(reason ? `${p}:${reason}` : p),
      refused: () => {
        this.refused += 1;
      },
    },
  );

  get socket(): FakeSocket {
    const s = this.sockets.at(-1);
    if (!s) throw new Error('no socket yet');
    return s;
  }
  say(type: string, more: object = {}): void {
    this.seq += 1;
    this.socket.onmessage?.({
      data: JSON.stringify({type, seq: this.seq, server_ms: this.ms + this.server_offset, ...more}),
    });
  }
  hello(): void {
    this.seq = 0;
    this.socket.onopen?.();
    this.say('hello', {beat_ms: 1000});
  }
  pass(ms: number, beats = false): void {
    for (let left = ms; left > 0; left -= 100) {
      this.ms += 100;
      if (beats && this.ms % 1000 === 0) this.say('beat');
      this.live.tick();
    }
  }
  get phase(): string {
    return this.phases.at(-1) ?? '';
  }
}

function up(): World {
  const w = new World();
  w.live.start();
  w.hello();
  return w;
}

describe('live link', () => {
  test('hands on frames in sequence', () => {
    const w = up();
    w.say('beat');
    w.say('values', {values: []});
    expect(w.frames).toEqual(['hello', 'beat', 'values']);
    expect(w.phase).toBe('up');
  });
  test('stays up while beats come, and says alive every 5 s', () => {
    const w = up();
    w.pass(20_000, true);
    expect(w.sockets).toHaveLength(1);
    expect(w.socket.sent).toEqual(Array(4).fill('{"type":"alive"}'));
  });
  test('missing beats: the link is given up within 3 s, and started anew', () => {
    const w = up();
    const first = w.socket;
    w.pass(2400);
    expect(w.phase).toBe('up');
    w.pass(100);
    expect(w.phase).toBe('waiting:silent');
    expect(first.closed).toBe(true);
    w.pass(500);
    expect(w.sockets).toHaveLength(2);
  });
  test('a gap in the sequence: reconnect and hello again', () => {
    const w = up();
    w.seq += 1;
    w.say('beat');
    expect(w.phase).toBe('waiting:gap');
    w.pass(500);
    w.hello();
    expect(w.frames).toEqual(['hello', 'hello']);
  });
  test('a first frame that is no hello, a second hello, a repeated number: all are gaps', () => {
    const first = new World();
    first.live.start();
    first.say('beat');
    expect(first.phase).toBe('waiting:gap');
    const second = up();
    second.say('hello');
    expect(second.phase).toBe('waiting:gap');
    const twice = up();
    twice.seq -= 1;
    twice.say('beat');
    expect(twice.phase).toBe('waiting:gap');
  });
  test('what cannot be read: reconnect', () => {
    const w = up();
    w.socket.onmessage?.({data: '{"type":'});
    expect(w.phase).toBe('waiting:rubbish');
  });
  test('frames that come late by more than 3 s: a fresh connection instead', () => {
    const w = up();
    w.server_offset -= 3500;
    w.say('beat');
    expect(w.phase).toBe('waiting:lag');
  });
  test('a refused connection asks whether the session is over, a lost one does not', () => {
    const w = new World();
    w.live.start();
    w.socket.onclose?.();
    expect(w.refused).toBe(1);
    const lost = up();
    lost.socket.onclose?.();
    expect(lost.refused).toBe(0);
    expect(lost.phase).toBe('waiting:closed');
  });
  test('a host that accepts and says nothing is tried again', () => {
    const w = new World();
    w.live.start();
    w.pass(5500);
    expect(w.phases).toContain('waiting:silent');
    expect(w.sockets).toHaveLength(2);
  });
  test('goes on trying for ever, at most 7 s apart, and a settled link starts the back-off anew', () => {
    const w = up();
    w.pass(12_000, true);
    w.socket.onclose?.();
    let waited = 0;
    for (let i = 0; i < 600; i += 1) {
      const before = w.sockets.length;
      w.pass(500);
      if (w.sockets.length === before) {
        waited += 500;
        continue;
      }
      expect(waited).toBeLessThanOrEqual(7000);
      waited = 0;
      w.socket.onclose?.();
    }
    expect(w.sockets.length).toBeGreaterThan(40);
    w.pass(7000);
    w.hello();
    w.pass(12_000, true);
    w.socket.onclose?.();
    w.pass(500);
    expect(w.phase).toBe('connecting');
  });
  test('a connection that keeps failing soon after its hello is not hammered', () => {
    const w = up();
    for (let i = 0; i < 120; i += 1) {
      if (w.phase === 'connecting') {
        w.hello();
        w.seq += 1;
        w.say('beat');
      }
      w.pass(500);
    }
    expect(w.sockets.length).toBeLessThan(25);
  });
  test('a socket that was dropped is not listened to any more', () => {
    const w = up();
    const old = w.socket;
    w.pass(4000);
    expect(old.onmessage).toBeNull();
    w.live.stop();
    w.pass(20_000);
    expect(w.phase).toBe('off');
    expect(w.sockets).toHaveLength(2);
  });
});

test('backoff: short first, never above 6.25 s, spread by a quarter', () => {
  expect(backoff(0, 0.5)).toBe(100);
  for (let n = 0; n < 50; n += 1) {
    expect(backoff(n, 0)).toBeGreaterThanOrEqual(75);
    expect(backoff(n, 1)).toBeLessThanOrEqual(6250);
  }
});

describe('lag', () => {
  test('is measured against the quickest frame, whatever the clocks say', () => {
    const lag = new Lag();
    expect(lag.of(1_000_000, 500)).toBe(0);
    expect(Math.round(lag.of(1_001_000, 1600))).toBe(100);
    expect(Math.round(lag.of(1_002_000, 2500))).toBe(0);
  });
  test('clocks that drift apart are not lag', () => {
    const lag = new Lag();
    for (let s = 0; s < 86_400; s += 10) expect(lag.of(s * 1000, s * 1000 * 1.0001)).toBeLessThan(5);
  });
});
