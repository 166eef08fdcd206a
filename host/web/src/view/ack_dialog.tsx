import type {JSX} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import {ApiError} from '../api/client';
import {decodeAlarm} from '../api/decode';
import type {Alarm} from '../api/types';
import {errorKey} from '../desk';
import {formatDateTime} from '../format';
import {isUnacknowledged} from '../state/alarms';
import {AlarmFacts} from './alarm_facts';
import {Dialog} from './dialog';
import {useDesk, useSelect, useT} from './hooks';

const comment_max = 500;
// After a change the button rests: an Enter that was already on its way must not confirm it.
const look_ms = 800;

// Acknowledges exactly what the operator has read. When the alarm changes while the dialog is open, or the
// host says that it has (409), the new state is shown and has to be confirmed again.
export function AckDialog({occurrence}: {occurrence: string}): JSX.Element | null {
  const desk = useDesk();
  const t = useT();
  const current = useSelect((s) => s.alarms.get(occurrence));
  // What is shown, and what would be acknowledged.
  const [read, setRead] = useState<Alarm | undefined>(current);
  const [changed, setChanged] = useState(false);
  const [resting, setResting] = useState(false);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [comment, setComment] = useState('');
  const done = useRef(false);
  const button = useRef<HTMLButtonElement>(null);

  const close = (): void => {
    if (desk.store.state.view.ack === occurrence) desk.view({ack: null});
  };
  const show = (alarm: Alarm): void => {
    setRead(alarm);
    setChanged(true);
    setResting(true);
    setOver(alarm.state === 'normal');
  };

  useEffect(() => {
    if (done.current || busy) return; // our own request brings the change, or its answer tells of another one
    if (!current) setOver(true);
    else if (read && current.seq > read.seq) show(current);
  }, [current, busy]);
  useEffect(() => {
    if (!resting) return undefined;
    const timer = setTimeout(() => setResting(false), look_ms);
    return () => clearTimeout(timer);
  }, [resting]);

  const waiting = !over && read !== undefined && isUnacknowledged(read);
  useEffect(() => {
    if (!waiting) button.current?.focus(); // the comment field is gone, and the focus with it
  }, [waiting]);

  if (!read) return null;

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (busy || resting) return;
    if (!waiting) return close();
    setBusy(true);
    setError('');
    try {
      await desk.acknowledge(read, comment.trim());
      done.current = true;
      close();
    } catch (x) {
      const news = x instanceof ApiError && x.status === 409 ? decodeAlarm(x.body['alarm']) : null;
      if (news) {
        desk.takeAnswer(news);
        show(news);
      } else if (x instanceof ApiError && x.status === 404) setOver(true);
      else setError(t('ack.failed', {why: t(errorKey(x))}));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('ack.title')} onClose={close} class="over-page ack-dialog">
      <form class="form" onSubmit={(e) => void submit(e)}>
        <AlarmFacts alarm={read} />
        <p class="dialog-notice" role="alert">
          {over
            ? t('ack.gone')
            : !waiting
              ? t('ack.already', {user: read.acked_by || '—', time: formatDateTime(read.acked_ms)})
              : changed
                ? t('ack.changed')
                : ''}
        </p>
        {waiting && (
          <label>
            {t('ack.comment')}
            <input
              name="comment"
              data-first
              value={comment}
              maxLength={comment_max}
              autocomplete="off"
              onInput={(e) => setComment(e.currentTarget.value)}
            />
          </label>
        )}
        <p class="form-error" role="alert">
          {error}
        </p>
        {waiting && (
          <p class="hint">
            {t('ack.note')} {t('ack.keys')}
          </p>
        )}
        <div class="buttons">
          {waiting && (
            <button type="button" onClick={close}>
              {t('app.cancel')}
            </button>
          )}
          <button ref={button} class="primary" name="submit" aria-disabled={busy || resting}>
            {!waiting ? t('app.close') : t(busy ? 'ack.busy' : changed ? 'ack.submit_again' : 'ack.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
