import {decodeAlarm, decodeEntry, decodeEvent, decodeHealth, decodeSession, decodeTrend} from './decode';
import {type Raw, isRaw, list, number, text} from './fields';
import type {Alarm, GatewayEvent, Health, JournalEntry, Session, Trend} from './types';

// Why a request failed. `status` 0: the host was not reached, or did not answer in time.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Raw,
    readonly retry_after_s: number | null,
  ) {
    super(message);
  }
}

const wait_max_ms = 15_000;
const key_wait_max_ms = 30_000; // the host gives a gateway 20 s to answer
const base = '/api/v1/';

export const liveUrl = (location: {protocol: string; host: string}): string =>
  `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${base}live`;

export interface TrendQuery {
  readonly point: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface FanKey {
  readonly lock: string;
  readonly reason: string;
  readonly give_back: boolean;
}

function trendPath(q: TrendQuery): string {
  return `trend?point=${q.point}&from_ms=${Math.floor(q.from_ms)}&to_ms=${Math.ceil(q.to_ms)}`;
}

export function csvUrl(q: TrendQuery): string {
  return `${base}${trendPath(q)}&raw=1&format=csv`;
}

// One request each; nothing is repeated here. `unauthorized` is called whenever the host says that the
// session is over.
export class Client {
  constructor(private readonly unauthorized: () => void) {}

  async login(user: string, password: string): Promise<Session> {
    return need(decodeSession(await json(await this.send('POST', 'login', {user, password}, true))));
  }
  async logout(): Promise<void> {
    await this.send('POST', 'logout', {}, true);
  }
  async session(): Promise<Session> {
    return need(decodeSession(await json(await this.send('GET', 'session', undefined, true))));
  }
  async changePassword(old: string, next: string): Promise<void> {
    await this.send('POST', 'password', {old, new: next}, true);
  }
  async health(): Promise<Health> {
    return need(decodeHealth(await json(await this.send('GET', 'health'))));
  }
  async acknowledge(occurrence: string, seq: number, comment: string): Promise<Alarm> {
    const path = `alarms/${encodeURIComponent(occurrence)}/ack`;
    return need(decodeAlarm(await json(await this.send('POST', path, {seq, comment}))));
  }
  async journal(limit: number): Promise<readonly JournalEntry[]> {
    const body = await json(await this.send('GET', `journal?limit=${limit}`));
    return list(isRaw(body) ? body['entries'] : null)
      .map(decodeEntry)
      .filter((e) => e !== null);
  }
  async events(limit: number): Promise<readonly GatewayEvent[]> {
    const body = await json(await this.send('GET', `events?limit=${limit}`));
    return list(isRaw(body) ? body['events'] : null)
      .map(decodeEvent)
      .filter((e) => e !== null);
  }
  // The gateway's own answer; it may take its time.
  async fanKey(gateway: string, key: FanKey): Promise<string> {
    const path = `gateways/${encodeURIComponent(gateway)}/fan_key`;
    const body = await json(await this.send('POST', path, key, false, undefined, key_wait_max_ms));
    return isRaw(body) ? text(body, 'message', 500) : '';
  }
  async trend(q: TrendQuery, buckets: number, stop: AbortSignal): Promise<Trend> {
    const path = `${trendPath(q)}&buckets=${Math.min(Math.max(Math.floor(buckets), 1), 4000)}`;
    return need(decodeTrend(await json(await this.send('GET', path, undefined, false, stop))));
  }
  async csv(q: TrendQuery): Promise<Blob> {
    return (
      await this.send('GET', csvUrl(q).slice(base.length), undefined, false, undefined, 120_000)
    ).blob();
  }

  private async send(
    method: string,
    path: string,
    body?: unknown,
    quiet = false,
    stop?: AbortSignal,
    wait_ms = wait_max_ms,
  ): Promise<Response> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), wait_ms);
    const give_up = () => patience.abort();
    stop?.addEventListener('abort', give_up);
    try {
      const init: RequestInit = {
        method,
        signal: patience.signal,
        credentials: 'same-origin',
        cache: 'no-store',
      };
      if (body !== undefined) {
        init.headers = {'Content-Type': 'application/json'};
        init.body = JSON.stringify(body);
      }
      const response = await fetch(base + path, init);
      if (response.ok) return response;
      if (response.status === 401 && !quiet) this.unauthorized();
      throw await refusal(response);
    } catch (e) {
      if (e instanceof ApiError || stop?.aborted) throw e;
      throw new ApiError(0, 'unreachable', String(e), {}, null);
    } finally {
      clearTimeout(timer);
      stop?.removeEventListener('abort', give_up);
    }
  }
}

async function refusal(response: Response): Promise<ApiError> {
  let body: Raw = {};
  try {
    const x: unknown = await response.json();
    if (isRaw(x)) body = x;
  } catch {
    /* an error without a JSON body keeps its status */
  }
  const after = Number(response.headers.get('Retry-After') ?? NaN);
  return new ApiError(
    response.status,
    text(body, 'error', 40) || `http_${response.status}`,
    text(body, 'message', 500),
    body,
    Number.isFinite(after) && after > 0 ? after : number(body, 'retry_after_s'),
  );
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function need<T>(x: T | null): T {
  if (x === null)
    throw new ApiError(0, 'bad_answer', 'the host gave an answer that cannot be read', {}, null);
  return x;
}
