import type {ComponentChildren, JSX} from 'preact';
import type {Alarm} from '../api/types';
import {formatDateTime} from '../format';
import {pickText} from '../i18n';
import {titleOf} from '../state/arrange';
import {isLost} from '../state/link';
import {causeKey, conditionGlyph, levelKey} from './alarm_text';
import {useSelect, useT} from './hooks';
import {AlarmMark, alarmMark} from './marks';
import {alarmNow, alarmNumber} from './point_value';

// Everything about an alarm that somebody who acknowledges it should have read.
export function AlarmFacts({alarm: a}: {alarm: Alarm}): JSX.Element {
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const point = useSelect((s) => (a.point === null ? undefined : s.points.get(a.point)));
  const held = useSelect((s) => (a.point === null ? undefined : s.values.get(a.point)));
  const lost = useSelect(isLost);
  const now = useSelect((s) => s.now);
  const value = alarmNow(a, point, held, lost, lang, now);
  const cause = causeKey(a);
  const n = (v: number | null): string => alarmNumber(point, v, a.unit, lang);
  const fact = (label: string, content: ComponentChildren): JSX.Element => (
    <>
      <dt>{label}</dt>
      <dd>{content}</dd>
    </>
  );
  return (
    <div class={`facts prio-${a.priority}`}>
      <p class="facts-title">
        <AlarmMark priority={a.priority} mark={alarmMark(a)} />
        <span class={`badge level-${a.source === 'limit' ? a.level : a.source}`}>{t(levelKey(a))}</span>
        <b>{titleOf(a, lang)}</b>
      </p>
      <dl>
        {fact(
          t('ack.state'),
          `${t(`alarm.state.${a.state}`)} · ${t('alarm.priority_long', {n: a.priority})}`,
        )}
        {fact(
          t('ack.condition'),
          <span class={`condition condition-${a.condition}`}>
            {conditionGlyph[a.condition]} {t(`alarm.condition.${a.condition}`)}
          </span>,
        )}
        {fact(t('ack.place'), pickText(lang, a.place, a.place_en) || '—')}
        {fact(t('ack.point'), a.name || '—')}
        {a.source === 'limit' &&
          fact(
            t(value.state === 'stale' ? 'alarm.last' : 'alarm.value'),
            `${value.text} · ${t('alarm.peak')} ${n(a.peak)} · ${t(`side.${a.side}`)} ${n(a.at)}`,
          )}
        {fact(t('alarm.since'), formatDateTime(a.raised_ms))}
        {fact(t('ack.gateway'), a.gateway || '—')}
        {fact(t('ack.reason'), [cause ? t(cause) : '', a.reason].filter((x) => x !== '').join(' · ') || '—')}
      </dl>
    </div>
  );
}
