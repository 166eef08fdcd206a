import type {JSX} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import type {JournalEntry} from '../api/types';
import {errorKey} from '../desk';
import {formatDateTime} from '../format';
import type {Key} from '../i18n';
import {levels} from '../api/types';
import {useDesk, useSelect, useT} from './hooks';
import {alarmNumber} from './point_value';

// The newest entries of the alarm journal; new ones come with the alarms themselves.
export function JournalPanel(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const entries = useSelect((s) => s.journal);
  const points = useSelect((s) => s.points);
  // After every loss of the link some entries may have passed by: fetch again.
  const up = useSelect((s) => s.link.phase === 'up');
  const [error, setError] = useState('');

  useEffect(() => {
    if (!up) return;
    desk.loadJournal().then(
      () => setError(''),
      (x) => setError(t(errorKey(x))),
    );
  }, [up]);

  const level = (e: JournalEntry): string =>
    (levels as readonly string[]).includes(e.level) ? t(`level.${e.level}` as Key) : e.level || '—';
  const row = (e: JournalEntry): JSX.Element => (
    <tr key={e.seq} class={e.late ? 'late' : ''}>
      <td class="figure">{formatDateTime(e.at_ms)}</td>
      <td class="strong">
        {t(`journal.kind.${e.kind}`)}
        {e.late && <span class="tag">{t('journal.late')}</span>}
      </td>
      <td>{e.name || '—'}</td>
      <td class="figure">
        {alarmNumber(e.point === null ? undefined : points.get(e.point), e.value, e.unit, lang)}
      </td>
      <td>{level(e)}</td>
      <td>{e.user || '—'}</td>
      <td class="wide" title={e.comment}>
        {e.comment || '—'}
      </td>
    </tr>
  );
  const heads = ['time', 'kind', 'point', 'value', 'level', 'user', 'comment'] as const;
  return (
    <div class="scroll">
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <table class="plain">
        <caption>
          {entries.length === 0 ? t('journal.none') : t('journal.latest', {n: entries.length})}
        </caption>
        <thead>
          <tr>
            {heads.map((h) => (
              <th key={h} scope="col">
                {t(`journal.${h}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{entries.map(row)}</tbody>
      </table>
    </div>
  );
}
