// A stand-in for davy-host: serves host/web/dist and the API of docs/api/api.md from made-up data, and can be
// told to misbehave. For the tests, and to look at the page by hand: `node mock_host.mjs 8080 [points]
// [updates per second]`.
import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {WebSocketServer} from 'ws';
import {makeAlarms, makeCsv, makeGateways, makePoints, makeTrend, makeValue, troubles} from './mock_data.mjs';

const dist = fileURLToPath(new URL('../../host/web/dist', import.meta.url));
const mime = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
const frames_per_second = 5;
const failures_max = 5;

export class MockHost {
  constructor({points = 108, rate = 60, version = '0.1.0'} = {}) {
    this.rate = rate; // value updates a second
    this.version = version;
    this.points = makePoints(points);
    this.troubles = troubles(this.points);
    this.gateways = makeGateways(6);
    this.alarms = new Map(makeAlarms(this.points).map((a) => [a.occurrence, a]));
    this.journal = [...this.alarms.values()].map((a) => entryOf(a, 'raised', a.raised_ms)).reverse();
    this.seq = 100;
    this.users = new Map([
      ['diaodu', {password: 'dispatch-room-1', role: 'operator', must_change: false}],
      ['kanban', {password: 'only-looking-1', role: 'viewer', must_change: false}],
      ['xinren', {password: 'one-time', role: 'operator', must_change: true}],
    ]);
    this.sessions = new Map();
    this.failures = 0;
    this.locked_until = 0;
    this.clients = new Set();
    this.frozen = false; // say nothing on the live sockets
    this.refusing = false; // accept no live socket
    this.still = new Set(); // points whose values are not sent any more
    this.extra = {points: [], values: [], alarms: [], gateways: []};
    this.next = 0;
    this.alive_frames = 0;
    this.trend_requests = [];
    this.health = {status: 'ok', version, broker: 'up', uptime_ms: 1, reasons: []};
    this.conflict = null; // change an alarm just before the next acknowledgement arrives
  }

  async start(port = 0) {
    this.server = createServer((req, res) =>
      this.serve(req, res).catch((e) => {
        res.writeHead(500).end(String(e));
      }),
    );
    this.sockets = new WebSocketServer({noServer: true});
    this.server.on('upgrade', (req, socket, head) => this.upgrade(req, socket, head));
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
    this.port = this.server.address().port;
    this.timers = [
      setInterval(() => this.sendValues(), 1000 / frames_per_second),
      setInterval(() => this.send({type: 'beat'}), 1000),
    ];
    return `http://127.0.0.1:${this.port}`;
  }

  async stop() {
    for (const t of this.timers) clearInterval(t);
    for (const c of this.clients) c.terminate();
    this.clients.clear();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  async restart() {
    const {port} = this;
    await this.stop();
    await this.start(port);
  }

  // ------------------------------------------------------------------------------------------- live
  upgrade(req, socket, head) {
    const refuse = (status) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    if (!req.url.startsWith('/api/v1/live')) return refuse('404 Not Found');
    if (!this.sessionOf(req)) return refuse('401 Unauthorized');
    if (this.refusing) return refuse('503 Service Unavailable');
    return this.sockets.handleUpgrade(req, socket, head, (client) => {
      client.seq = 0;
      this.clients.add(client);
      client.on('close', () => this.clients.delete(client));
      client.on('message', (text) => {
        if (String(text) === '{"type":"alive"}') this.alive_frames += 1;
      });
      const now = Date.now();
      this.sendTo(client, {
        type: 'hello',
        mine: '示范煤矿',
        version: this.version,
        beat_ms: 1000,
        points: [...this.points, ...this.extra.points],
        values: [...this.points.map((p) => this.valueOf(p, now)), ...this.extra.values],
        gateways: [...this.gateways, ...this.extra.gateways],
        alarms: [...this.alarms.values(), ...this.extra.alarms],
      });
    });
  }

  valueOf(p, now) {
    return makeValue(p, now, this.troubles.get(p.id));
  }

  sendTo(client, frame) {
    if (this.frozen) return;
    client.seq += 1;
    client.send(JSON.stringify({...frame, seq: client.seq, server_ms: Date.now()}));
  }

  send(frame) {
    for (const c of this.clients) this.sendTo(c, frame);
  }

  sendValues() {
    const now = Date.now();
    const values = [];
    for (let i = 0; i < this.rate / frames_per_second; i += 1) {
      const p = this.points[this.next % this.points.length];
      this.next += 1;
      if (p && !this.still.has(p.id)) values.push(this.valueOf(p, now));
    }
    if (values.length > 0) this.send({type: 'values', values});
  }

  // --------------------------------------------------------------------------------- scenario steps
  raise(alarm) {
    this.seq += 1;
    const a = {...alarm, seq: this.seq};
    this.change(a, 'raised');
    return a;
  }

  change(alarm, kind) {
    if (alarm.state === 'normal') this.alarms.delete(alarm.occurrence);
    else this.alarms.set(alarm.occurrence, alarm);
    const entry = entryOf(alarm, kind, Date.now());
    this.journal.push(entry);
    this.send({type: 'alarm', alarm, entry});
  }

  update(occurrence, change, kind = 'raised') {
    this.seq += 1;
    const a = {...this.alarms.get(occurrence), ...change, seq: this.seq};
    this.change(a, kind);
    return a;
  }

  dropLink() {
    for (const c of this.clients) c.terminate();
  }

  skipSequence() {
    for (const c of this.clients) c.seq += 1;
  }

  sendRubbish() {
    for (const c of this.clients) c.send('{"type":"values","seq":');
  }

  expireSessions() {
    this.sessions.clear();
  }

  // ------------------------------------------------------------------------------------------- http
  sessionOf(req) {
    const id = /davy_session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
    return id ? this.sessions.get(id) : undefined;
  }

  async serve(req, res) {
    const url = new URL(req.url, 'http://mock');
    if (url.pathname.startsWith('/api/v1/')) return this.api(req, res, url);
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    try {
      const body = await readFile(join(dist, path));
      const kind = mime[extname(path)] ?? 'application/octet-stream';
      return res.writeHead(200, {'Content-Type': kind, 'Content-Security-Policy': policy}).end(body);
    } catch {
      return res.writeHead(404).end();
    }
  }

  async api(req, res, url) {
    const answer = (status, body, headers = {}) => {
      res.writeHead(status, {'Content-Type': 'application/json', ...headers});
      res.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const refuse = (status, error, more = {}, headers = {}) =>
      answer(status, {error, message: `mock: ${error}`, ...more}, headers);
    const path = url.pathname.slice('/api/v1/'.length);
    const body = req.method === 'POST' ? await readJson(req) : {};
    if (body === undefined) return refuse(400, 'bad_request');
    if (path === 'health') return answer(200, this.health);
    if (path === 'login') return this.login(body, answer, refuse);
    const session = this.sessionOf(req);
    if (!session) return refuse(401, 'unauthorized');
    const user = this.users.get(session.user);
    const about = {user: session.user, role: user.role, must_change_password: user.must_change};
    const ack = /^alarms\/([^/]+)\/ack$/.exec(path);
    if (ack && req.method === 'POST')
      return this.ack(decodeURIComponent(ack[1]), body, about, answer, refuse);
    if (/^gateways\/[^/]+\/fan_key$/.test(path) && req.method === 'POST')
      return refuse(about.role === 'viewer' ? 403 : 409, about.role === 'viewer' ? 'forbidden' : 'conflict');
    switch (`${req.method} ${path}`) {
      case 'GET session':
        return answer(200, about);
      case 'POST logout':
        this.sessions.delete(session.id);
        return answer(204);
      case 'POST password':
        if (body.old !== user.password || String(body.new).length < 10)
          return refuse(400, 'bad_request', {field: 'new'});
        Object.assign(user, {password: body.new, must_change: false});
        return answer(204);
      case 'GET journal':
        return answer(200, {entries: this.journal.slice(-200), next: this.seq});
      case 'GET events':
        return answer(200, {events: this.events()});
      case 'GET trend':
        return this.trend(url.searchParams, res, answer, refuse);
      default:
        return refuse(404, 'not_found');
    }
  }

  // A lock that tripped while nobody heard of it, and was released.
  events() {
    const at_ms = Date.now() - 120_000;
    const event = (kind, after, text) => ({
      gateway: 'gw-1',
      kind,
      at_ms: at_ms + after,
      received_ms: at_ms + 60_000,
      number: 3,
      text,
    });
    return [
      event('lock_tripped', 0, 'row b tripped: T1 1.62 %CH4, at or above 1.5, good; acts on CUT'),
      event('lock_released', 70_000, 'row b released: T1 0.4 %CH4, below 1, good'),
    ];
  }

  login(body, answer, refuse) {
    const wait_s = Math.ceil((this.locked_until - Date.now()) / 1000);
    if (wait_s > 0) return refuse(429, 'too_many', {}, {'Retry-After': String(wait_s)});
    const user = this.users.get(body.user);
    if (!user || user.password !== body.password) {
      this.failures += 1;
      if (this.failures % failures_max === 0) this.locked_until = Date.now() + 3000;
      return refuse(401, 'unauthorized');
    }
    const id = randomUUID();
    this.sessions.set(id, {id, user: body.user});
    return answer(
      200,
      {user: body.user, role: user.role, must_change_password: user.must_change},
      {'Set-Cookie': `davy_session=${id}; HttpOnly; SameSite=Strict; Path=/`},
    );
  }

  ack(occurrence, body, about, answer, refuse) {
    if (about.role === 'viewer') return refuse(403, 'forbidden');
    if (this.conflict) {
      const change = this.conflict;
      this.conflict = null;
      this.update(occurrence, change);
    }
    const a = this.alarms.get(occurrence);
    if (!a) return refuse(404, 'not_found');
    const waiting = a.state === 'unacknowledged' || a.state === 'rtn_unacknowledged';
    if (a.seq !== body.seq || !waiting) return refuse(409, 'conflict', {alarm: a});
    const state = a.state === 'unacknowledged' ? 'acknowledged' : 'normal';
    return answer(
      200,
      this.update(
        occurrence,
        {state, acked_by: about.user, acked_ms: Date.now(), comment: body.comment},
        'acknowledged',
      ),
    );
  }

  trend(query, res, answer, refuse) {
    const p = this.points.find((x) => x.id === Number(query.get('point')));
    const [from, to] = [Number(query.get('from_ms')), Number(query.get('to_ms'))];
    if (!p || !(from < to)) return refuse(400, 'bad_request', {field: 'point'});
    this.trend_requests.push({point: p.id, from, to, raw: query.get('raw') === '1'});
    if (query.get('raw') !== '1')
      return answer(200, makeTrend(p, from, to, Number(query.get('buckets') ?? 1000), Date.now()));
    if (to - from > 86_400_000) return refuse(400, 'too_large');
    return res.writeHead(200, {'Content-Type': 'text/csv'}).end(makeCsv(p, from, to));
  }
}

function entryOf(a, kind, at_ms) {
  return {
    seq: a.seq,
    at_ms,
    recorded_ms: at_ms,
    kind,
    occurrence: a.occurrence,
    source: a.source,
    point: a.point,
    name: a.name,
    value: a.value,
    unit: a.unit,
    level: a.level,
    user: kind === 'acknowledged' ? a.acked_by : '',
    comment: kind === 'acknowledged' ? a.comment : a.reason,
    late: false,
  };
}

async function readJson(req) {
  let text = '';
  for await (const part of req) text += part;
  if (req.headers['content-type'] !== 'application/json') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, points, rate] = process.argv.slice(2).map(Number);
  const host = new MockHost({points: points || 108, rate: rate || 60});
  console.log(`${await host.start(port || 8080)}  sign in as diaodu / dispatch-room-1`);
}
