import {ApiError, Client, liveUrl} from './api/client';
import {type Socket, Live} from './api/live';
import type {Alarm, Session} from './api/types';
import {type Stamp, elapsed, now} from './clock';
import type {Key, Lang} from './i18n';
import {saveLang} from './prefs';
import {Player} from './sound/player';
import {patterns, startMute, wanted} from './sound/policy';
import {countAlarms} from './state/alarms';
import {isLost} from './state/link';
import type {Action} from './state/reduce';
import type {State, View} from './state/state';
import type {Store} from './state/store';

export type PageStore = Store<State, Action>;

const annunciate_gap_ms = 100; // in a flood; the next tick makes up for it
const ask_again_ms = 3000;
const health_every_ms = 10_000;
export const journal_load = 200;

// Everything an operator can do at this desk, and what the desk does by itself at every tick. The one object
// that knows the host client, the live link, the sound and the store; the views know only this.
export class Desk {
  readonly client = new Client(() => this.expire());
  private readonly live: Live;
  private readonly player: Player;
  private annunciated = 0;
  private asked: Stamp | null = null;
  private health_asked: Stamp | null = null;

  constructor(readonly store: PageStore) {
    this.player = new Player((sound) => store.dispatch({type: 'sound', sound}));
    this.live = new Live(
      {open: () => new WebSocket(liveUrl(location)) as Socket, now, random: Math.random},
      {
        frame: (frame, at, lag_ms) => {
          store.dispatch({type: 'frame', frame, at, lag_ms});
          // At once, not at the next tick: a new alarm is heard as soon as it is known.
          if (frame.type === 'alarm' && at.perf - this.annunciated >= annunciate_gap_ms) this.annunciate();
        },
        phase: (phase, reason, retry_in_ms) =>
          store.dispatch({type: 'phase', phase, reason, retry_in_ms, now: now()}),
        refused: () => void this.askSession(),
      },
    );
  }

  start(): void {
    void this.askSession();
  }

  tick(): void {
    this.store.dispatch({type: 'tick', now: now()});
    this.live.tick();
    this.annunciate();
    const {auth, now: at} = this.store.state;
    const due = (last: Stamp | null, every: number): boolean => !last || elapsed(last, at) >= every;
    if (auth.phase === 'asking' && due(this.asked, ask_again_ms)) void this.askSession();
    if (auth.phase === 'in' && due(this.health_asked, health_every_ms)) void this.askHealth();
  }

  private annunciate(): void {
    this.annunciated = this.store.state.now.perf;
    const s = this.store.state;
    const on_duty = s.auth.phase === 'in' || (s.auth.phase === 'out' && s.auth.expired);
    this.player.play(on_duty ? wanted(s.alarms, isLost(s), s.mute) : null, s.now.perf);
    const n = countAlarms(s.alarms).unacknowledged;
    const title = `${n > 0 ? `(${n}) ` : ''}${isLost(s) && on_duty ? '⚠ ' : ''}${s.mine || 'Davy'}`;
    if (document.title !== title) document.title = title;
  }

  // Is there (still) a session? Asked at the start, and when the live link is refused, which the browser does
  // not explain. No answer changes nothing: the link goes on trying.
  private async askSession(): Promise<void> {
    this.asked = now();
    try {
      this.enter(await this.client.session());
    } catch (e) {
      const asking = this.store.state.auth.phase === 'asking';
      if (!(e instanceof ApiError)) throw e;
      if (e.status === 401 && asking) this.store.dispatch({type: 'signed_out', now: now()});
      else if (e.status === 401) this.expire();
      else if (asking) this.store.dispatch({type: 'asking', unreachable: true});
    }
  }

  private async askHealth(): Promise<void> {
    this.health_asked = now();
    try {
      this.store.dispatch({type: 'health', health: await this.client.health()});
    } catch {
      this.store.dispatch({type: 'health', health: null}); // the banner tells of a host that is away
    }
  }

  private enter(session: Session): void {
    const {auth} = this.store.state;
    if (auth.phase === 'in' && auth.session.user === session.user && !session.must_change_password) return;
    this.store.dispatch({type: 'session', session, now: now()});
    if (session.must_change_password) return this.live.stop();
    this.health_asked = null;
    void this.player.enable();
    this.live.start();
  }

  private expire(): void {
    if (this.store.state.auth.phase !== 'in' && this.store.state.auth.phase !== 'must_change') return;
    this.live.stop();
    this.store.dispatch({type: 'expired'});
  }

  async signIn(user: string, password: string): Promise<void> {
    this.enter(await this.client.login(user, password));
  }

  // Signed out is only who the host has signed out; when it cannot be reached the desk stays signed in and
  // says so.
  async signOut(): Promise<void> {
    try {
      await this.client.logout();
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 401) throw e;
    }
    this.live.stop();
    this.store.dispatch({type: 'signed_out', now: now()});
  }

  async changePassword(old: string, next: string): Promise<void> {
    await this.client.changePassword(old, next);
    // A host may end the session with the old password; then sign-in comes up.
    try {
      this.enter(await this.client.session());
    } catch (e) {
      if (e instanceof ApiError && e.status === 401) this.expire();
      else throw e;
    }
  }

  async acknowledge(alarm: Alarm, comment: string): Promise<Alarm> {
    const after = await this.client.acknowledge(alarm.occurrence, alarm.seq, comment);
    this.store.dispatch({type: 'alarm_answer', alarm: after});
    return after;
  }

  takeAnswer(alarm: Alarm): void {
    this.store.dispatch({type: 'alarm_answer', alarm});
  }

  async loadJournal(): Promise<void> {
    this.store.dispatch({type: 'journal', entries: await this.client.journal(journal_load)});
  }

  view(change: Partial<View>): void {
    this.store.dispatch({type: 'view', change});
  }

  setLang(lang: Lang): void {
    saveLang(lang);
    this.store.dispatch({type: 'lang', lang});
  }

  mute(for_ms: number): void {
    this.store.dispatch({type: 'mute', mute: startMute(this.store.state.alarms, for_ms, now())});
    this.player.play(null, 0);
  }

  unmute(): void {
    this.store.dispatch({type: 'mute', mute: null});
  }

  async testSound(): Promise<boolean> {
    await this.player.enable();
    return this.player.sound(patterns[3]);
  }

  retryLink(): void {
    this.live.retryNow();
  }
}

// An error of a request in the operator's words.
export function errorKey(e: unknown): Key {
  if (!(e instanceof ApiError)) return 'error.page';
  switch (e.status) {
    case 0:
      return e.code === 'bad_answer' ? 'error.answer' : 'error.unreachable';
    case 401:
      return 'error.session';
    case 403:
      return 'error.forbidden';
    case 404:
      return 'error.not_found';
    case 409:
      return 'error.conflict';
    case 413:
      return 'error.too_large';
    case 429:
      return 'error.too_many';
    default:
      return e.code === 'too_large' ? 'error.too_large' : e.status >= 500 ? 'error.host' : 'error.request';
  }
}
