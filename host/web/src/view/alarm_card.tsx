import type {JSX} from 'preact';
import type {Alarm, Point} from '../api/types';
import {formatAge, formatMoment} from '../format';
import {type Lang, pickText, t} from '../i18n';
import {isUnacknowledged} from '../state/alarms';
import {titleOf} from '../state/arrange';
import type {Status} from '../state/status';
import {causeKey, conditionGlyph, levelKey} from './alarm_text';
import {AlarmMark, alarmMark} from './marks';
import {alarmNumber} from './point_value';

interface Props {
  readonly alarm: Alarm;
  readonly point: Point | undefined;
  readonly value: {readonly text: string; readonly state: Status['value']}; // of the point, now
  readonly lang: Lang;
  readonly minute: string; // how long ago it was raised, as text
  readonly today: number; // the host's time, to the day: decides whether the date is shown
  readonly mayAck: boolean;
  readonly place: number; // in the list, and of how many: for screen readers
  readonly count: number;
  readonly onAck: (alarm: Alarm) => void;
  readonly onTrend: (alarm: Alarm) => void;
}

export function AlarmCard({
  alarm: a,
  point,
  value,
  lang,
  minute,
  today,
  mayAck,
  place,
  count,
  onAck,
  onTrend,
}: Props): JSX.Element {
  const title = titleOf(a, lang) || '—';
  const cause = causeKey(a);
  const unacked = isUnacknowledged(a);
  const n = (v: number | null): string => alarmNumber(point, v, '', lang);
  const moment = formatMoment(a.raised_ms, today);
  const acked =
    a.state === 'acknowledged' && a.acked_by !== ''
      ? t(lang, 'alarm.acked_by', {user: a.acked_by, time: formatMoment(a.acked_ms, today)})
      : t(lang, `alarm.state.${a.state}`);
  const where = pickText(lang, a.place, a.place_en) || a.gateway;
  return (
    <article
      class={`alarm ${unacked ? 'unacked' : 'acked'} prio-${a.priority} cond-${a.condition}`}
      role="listitem"
      aria-setsize={count}
      aria-posinset={place}
      data-occurrence={a.occurrence}
      data-state={a.state}
    >
      <span class="alarm-mark" title={t(lang, 'alarm.priority_long', {n: a.priority})}>
        <AlarmMark priority={a.priority} mark={alarmMark(a)} />
      </span>
      <div class="alarm-head">
        <span class={`badge level-${a.source === 'limit' ? a.level : a.source}`}>{t(lang, levelKey(a))}</span>
        <button
          type="button"
          class="link alarm-title"
          title={`${title}\n${a.name}\n${a.reason}`}
          disabled={a.point === null}
          onClick={() => onTrend(a)}
        >
          {title}
        </button>
        <span class="alarm-since">{moment}</span>
      </div>
      <div class="alarm-line">
        <span class="alarm-place" title={where}>
          {where}
        </span>
        <span class="alarm-age">{minute}</span>
      </div>
      <div class="alarm-line">
        <span class="alarm-state">{acked}</span>
        <span class={`condition condition-${a.condition}`}>
          <span aria-hidden="true">{conditionGlyph[a.condition]} </span>
          {t(lang, `alarm.condition.${a.condition}`)}
        </span>
      </div>
      <div class="alarm-line alarm-numbers">
        {a.source === 'limit' && (
          <>
            <span class={`v-${value.state}`}>
              {t(lang, value.state === 'stale' ? 'alarm.last' : 'alarm.value')} <b>{value.text}</b>
            </span>
            <span>
              {t(lang, 'alarm.peak')} <b>{n(a.peak)}</b>
            </span>
            <span>
              {t(lang, `side.${a.side}`)} <b>{n(a.at)}</b> {a.unit}
            </span>
          </>
        )}
        <span class="alarm-reason" title={a.reason}>
          {cause ? t(lang, cause) : a.source === 'limit' ? '' : a.reason}
        </span>
      </div>
      {unacked && mayAck && (
        <button
          type="button"
          class="ack"
          disabled={!a.named}
          onClick={() => onAck(a)}
          title={a.named ? undefined : t(lang, 'alarm.unnamed')}
          aria-label={t(lang, 'alarm.ack_of', {name: title})}
        >
          {t(lang, 'alarm.ack')}
        </button>
      )}
    </article>
  );
}

export function sinceText(a: Alarm, server_ms: number | null, lang: Lang): string {
  return a.raised_ms === null || server_ms === null ? '' : formatAge(server_ms - a.raised_ms, lang);
}
