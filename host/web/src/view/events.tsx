import type {JSX} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import type {GatewayEvent} from '../api/types';
import {errorKey} from '../desk';
import {formatDateTime} from '../format';
import {isKey} from '../i18n';
import {useDesk, useSelect, useT} from './hooks';

const load = 200;
const every_ms = 5000; // events have no frame of their own
const late_ms = 10_000; // told so much later: it came when the link was back

// What happened to the gateways themselves, such as their locks, by the time it happened: what came late is
// where it belongs. Newest first.
export function EventPanel(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const up = useSelect((s) => s.link.phase === 'up');
  const [events, setEvents] = useState<readonly GatewayEvent[]>([]);
  const [error, setError] = useState('');

  useEffect(() => {
    if (!up) return undefined;
    let gone = false;
    const ask = (): void => {
      desk.client.events(load).then(
        (all) => {
          if (gone) return;
          setEvents([...all].reverse());
          setError('');
        },
        (x: unknown) => {
          if (!gone) setError(t(errorKey(x)));
        },
      );
    };
    ask();
    const timer = setInterval(ask, every_ms);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [up]);

  const name = (kind: string): string => {
    const key = `event.${kind}`;
    return isKey(key) ? t(key) : kind; // a newer host may have more
  };
  const row = (e: GatewayEvent, i: number): JSX.Element => {
    const late = e.at_ms !== null && e.received_ms !== null && e.received_ms - e.at_ms > late_ms;
    return (
      <tr key={`${e.gateway} ${e.at_ms ?? ''} ${e.kind} ${e.number ?? ''} ${i}`} data-event={e.kind}>
        <td class="figure">{formatDateTime(e.at_ms)}</td>
        <td>{e.gateway}</td>
        <td class="strong">
          {name(e.kind)}
          {late && <span class="tag">{t('journal.late')}</span>}
        </td>
        <td class="wide" title={e.text}>
          {e.text || '—'}
        </td>
      </tr>
    );
  };
  const heads = ['time', 'gateway', 'kind', 'text'] as const;
  return (
    <div class="scroll">
      {error !== '' && (
        <p class="form-error" role="alert">
          {error}
        </p>
      )}
      <table class="plain">
        <caption>
          {events.length === 0 ? t('journal.none') : t('journal.latest', {n: events.length})}
        </caption>
        <thead>
          <tr>
            {heads.map((h) => (
              <th key={h} scope="col">
                {t(`events.${h}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{events.map(row)}</tbody>
      </table>
    </div>
  );
}
