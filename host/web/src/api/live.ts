import {type Stamp, elapsed} from '../clock';
import {backoff} from './backoff';
import {decodeFrame} from './frames';
import {Lag} from './lag';
import type {Frame} from './types';

// The part of WebSocket that is used, so that tests can stand in for it.
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: {data: unknown}) => void) | null;
  onclose: (() => void) | null;
  send(data: string): void;
  close(): void;
}

export interface LivePorts {
  open(): Socket;
  now(): Stamp;
  random(): number;
}

export type Phase = 'off' | 'connecting' | 'up' | 'waiting';

export interface LiveEvents {
  frame(frame: Frame, at: Stamp, lag_ms: number): void;
  phase(phase: Phase, reason: string, retry_in_ms: number): void;
  refused(): void; // never opened: perhaps the session is over, the caller asks
}

const hello_wait_ms = 5000; // from starting a connection to its first frame
const lag_max_ms = 3000; // frames later than this: a fresh connection is quicker than the queue
const alive_every_ms = 5000;
const settled_ms = 5000; // a connection that lived so long starts the back-off anew
const beats_missed = 2.4; // so that a silent link is known within 3 s of the last 1 s beat

// Keeps one live connection to the host, for ever, by itself.
//   off --start()--> connecting --hello--> up --closed, silent, gap, lag, rubbish--> waiting
//   waiting --(back-off)--> connecting
// Promises: frames are handed on in sequence, without a gap, starting with a hello after every connection.
// Owns no timer: tick() is called four times a second; frames drive it as well, since timers of a hidden page
// are slowed down.
export class Live {
  private phase: Phase = 'off';
  private socket: Socket | null = null;
  private since: Stamp; // of the phase
  private last_frame: Stamp;
  private last_alive: Stamp;
  private next_seq = 1;
  private beat_ms = 1000;
  private retry_in_ms = 0;
  private attempt = 0;
  private opened = false;
  private lag = new Lag();

  constructor(
    private readonly ports: LivePorts,
    private readonly on: LiveEvents,
  ) {
    this.since = this.last_frame = this.last_alive = ports.now();
  }

  start(): void {
    if (this.phase !== 'off') return;
    this.attempt = 0;
    this.connect(this.ports.now());
  }

  stop(): void {
    this.drop();
    this.enter('off', '', this.ports.now());
  }

  retryNow(): void {
    if (this.phase === 'waiting') this.connect(this.ports.now());
  }

  tick(): void {
    const now = this.ports.now();
    switch (this.phase) {
      case 'off':
        return;
      case 'waiting':
        if (elapsed(this.since, now) >= this.retry_in_ms) this.connect(now);
        return;
      case 'connecting':
        if (elapsed(this.since, now) > hello_wait_ms) this.lose('silent', now);
        return;
      case 'up':
        if (elapsed(this.last_frame, now) > this.beat_ms * beats_missed) return this.lose('silent', now);
        return this.keepAlive(now);
    }
  }

  private connect(now: Stamp): void {
    this.drop();
    this.next_seq = 1;
    this.opened = false;
    this.lag = new Lag();
    this.enter('connecting', '', now);
    let socket: Socket;
    try {
      socket = this.ports.open();
    } catch {
      return this.lose('closed', now);
    }
    this.socket = socket;
    // A socket that was dropped may still speak; only the current one is listened to.
    socket.onopen = () => {
      if (this.socket === socket) this.opened = true;
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.take(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lose('closed', this.ports.now());
    };
  }

  private take(data: unknown): void {
    const now = this.ports.now();
    const frame = decodeFrame(data);
    if (frame === null) return this.lose('rubbish', now);
    if (frame.seq !== this.next_seq || (frame.seq === 1) !== (frame.type === 'hello'))
      return this.lose('gap', now);
    const lag = this.lag.of(frame.server_ms, now.perf);
    if (lag > lag_max_ms) return this.lose('lag', now);
    this.next_seq += 1;
    this.last_frame = now;
    if (frame.type === 'hello') {
      this.beat_ms = frame.beat_ms;
      this.last_alive = now;
      this.enter('up', '', now);
    }
    if (elapsed(this.since, now) > settled_ms) this.attempt = 0;
    this.on.frame(frame, now, lag);
    this.keepAlive(now);
  }

  private keepAlive(now: Stamp): void {
    if (this.phase !== 'up' || elapsed(this.last_alive, now) < alive_every_ms) return;
    this.last_alive = now;
    this.socket?.send('{"type":"alive"}');
  }

  private lose(reason: string, now: Stamp): void {
    const refused = this.phase === 'connecting' && !this.opened;
    this.drop();
    this.retry_in_ms = backoff(this.attempt, this.ports.random());
    this.attempt += 1;
    this.enter('waiting', reason, now);
    if (refused) this.on.refused();
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private enter(phase: Phase, reason: string, now: Stamp): void {
    this.phase = phase;
    this.since = now;
    this.on.phase(phase, reason, phase === 'waiting' ? this.retry_in_ms : 0);
  }
}
