import type {JSX} from 'preact';
import {useCallback, useEffect, useMemo, useRef, useState} from 'preact/hooks';
import type {Alarm, Priority} from '../api/types';
import {pickText, t as translate} from '../i18n';
import {countAlarms, isUnacknowledged, sortAlarms} from '../state/alarms';
import {titleOf} from '../state/arrange';
import {isLost, serverNow} from '../state/link';
import type {AlarmOrder} from '../state/state';
import {AlarmCard, sinceText} from './alarm_card';
import {levelKey} from './alarm_text';
import {useDesk, useRem, useSelect, useT} from './hooks';
import {AlarmMark} from './marks';
import {alarmNow} from './point_value';
import {Select} from './select';
import {VirtualList} from './virtual_list';

const card_rem = 6.2;
const orders: readonly AlarmOrder[] = ['priority', 'newest', 'oldest'];
const priorities: readonly Priority[] = [1, 2, 3, 4];

// Always in sight. Unacknowledged alarms first, by default in order of priority.
export function AlarmPanel(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const alarms = useSelect((s) => s.alarms);
  const points = useSelect((s) => s.points);
  const values = useSelect((s) => s.values);
  const now = useSelect((s) => s.now);
  const lost = useSelect(isLost);
  const order = useSelect((s) => s.view.alarm_order);
  const auth = useSelect((s) => s.auth);
  const second = useSelect((s) => Math.floor((serverNow(s) ?? 0) / 1000));
  const sorted = useMemo(() => sortAlarms(alarms, order), [alarms, order]);
  const counts = useMemo(() => countAlarms(alarms), [alarms]);
  const card_height = Math.round(useRem() * card_rem);
  const mayAck = auth.phase === 'in' && auth.session.role !== 'viewer';
  const server_ms = second === 0 ? null : second * 1000;

  const onAck = useCallback((a: Alarm) => desk.view({ack: a.occurrence}), [desk]);
  const onTrend = useCallback((a: Alarm) => desk.view({trend: a.point, selected: a.point}), [desk]);

  return (
    <section class="alarms" id="alarms" tabIndex={-1} aria-label={t('alarm.title')}>
      <header class="panel-head">
        <h2>{t('alarm.title')}</h2>
        <span class={`count ${counts.unacknowledged > 0 ? 'some' : ''}`}>
          {t('alarm.unacknowledged', {n: counts.unacknowledged})}
        </span>
        <span class="count">{t('alarm.total', {n: counts.total})}</span>
        <Select
          name="alarm_order"
          label=""
          value={order}
          onPick={(o) => desk.view({alarm_order: o as AlarmOrder})}
          options={orders.map((o) => [o, t(`alarm.order.${o}`)])}
        />
      </header>
      <div class="priorities">
        {priorities.map((p) => (
          <span
            key={p}
            class={`priority ${counts.by_priority[p] > 0 ? 'some' : ''}`}
            title={t('alarm.priority_long', {n: p})}
          >
            <AlarmMark priority={p} mark={counts.by_priority[p] > 0 ? 'returned' : 'acked'} />
            <span class="priority-count">{counts.by_priority[p]}</span>
          </span>
        ))}
      </div>
      {sorted.length === 0 && <p class="empty">{t('alarm.none')}</p>}
      <VirtualList
        items={sorted}
        rowHeight={card_height}
        keyOf={(a) => a.occurrence}
        class="alarm-list"
        scroller={{role: 'list', 'aria-label': t('alarm.title')}}
        row={(a, i) => {
          const point = a.point === null ? undefined : points.get(a.point);
          const held = a.point === null ? undefined : values.get(a.point);
          return (
            <AlarmCard
              alarm={a}
              point={point}
              value={alarmNow(a, point, held, lost, lang, now)}
              lang={lang}
              minute={sinceText(a, server_ms, lang)}
              mayAck={mayAck}
              place={i + 1}
              today={new Date(second * 1000).setHours(0, 0, 0, 0)}
              count={sorted.length}
              onAck={onAck}
              onTrend={onTrend}
            />
          );
        }}
      />
      <Announcer sorted={sorted} />
    </section>
  );
}

// Tells screen readers of new unacknowledged alarms: the most urgent new one, not each of a flood.
function Announcer({sorted}: {sorted: readonly Alarm[]}): JSX.Element {
  const lang = useSelect((s) => s.lang);
  const known = useRef<ReadonlySet<string> | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    const waiting = sorted.filter(isUnacknowledged);
    const fresh = waiting.filter((a) => !known.current?.has(a.occurrence));
    const worst = fresh.reduce<Alarm | null>((w, a) => (w === null || a.priority < w.priority ? a : w), null);
    if (worst && known.current) {
      setText(
        translate(lang, 'alarm.announce', {
          level: translate(lang, levelKey(worst)),
          name: titleOf(worst, lang),
          place: pickText(lang, worst.place, worst.place_en),
        }),
      );
    }
    known.current = new Set(waiting.map((a) => a.occurrence));
  }, [sorted, lang]);
  return (
    <div class="unseen" aria-live="assertive">
      {text}
    </div>
  );
}
