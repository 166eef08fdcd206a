import type {JSX} from 'preact';
import {useState} from 'preact/hooks';
import {ApiError} from '../api/client';
import {errorKey} from '../desk';
import {Dialog} from './dialog';
import {useDesk, useT} from './hooks';

const lock_max = 64;
const reason_max = 60; // characters: the gateway takes 200 bytes

// Asks a gateway to open the start of a locked fan. Its locks decide; their answer stays to be read.
export function FanKeyDialog({gateway, onClose}: {gateway: string; onClose: () => void}): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const [lock, setLock] = useState('');
  const [reason, setReason] = useState('');
  const [give_back, setGiveBack] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [answer, setAnswer] = useState('');

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (answer !== '') return onClose();
    if (busy || lock.trim() === '' || reason.trim() === '') return;
    setBusy(true);
    setError('');
    try {
      const key = {lock: lock.trim(), reason: reason.trim(), give_back};
      setAnswer(await desk.client.fanKey(gateway, key));
    } catch (x) {
      const words = x instanceof ApiError && x.status !== 0 ? x.message : '';
      setError(words || t(errorKey(x)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('fan_key.title', {gateway})} onClose={onClose} class="over-page fan-key-dialog">
      <form class="form" onSubmit={(e) => void submit(e)}>
        <p class="hint">{t('fan_key.note')}</p>
        <label>
          {t('fan_key.lock')}
          <input
            name="lock"
            data-first
            required
            value={lock}
            maxLength={lock_max}
            autocomplete="off"
            onInput={(e) => setLock(e.currentTarget.value)}
          />
        </label>
        <label>
          {t('fan_key.reason')}
          <input
            name="reason"
            required
            value={reason}
            maxLength={reason_max}
            autocomplete="off"
            onInput={(e) => setReason(e.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            name="give_back"
            type="checkbox"
            checked={give_back}
            onChange={(e) => setGiveBack(e.currentTarget.checked)}
          />
          {t('fan_key.give_back')}
        </label>
        <p class="dialog-notice" role="status">
          {answer === '' ? '' : t('fan_key.done', {answer})}
        </p>
        <p class="form-error" role="alert">
          {error === '' ? '' : t('fan_key.refused', {why: error})}
        </p>
        <div class="buttons">
          {answer === '' && (
            <button type="button" onClick={onClose}>
              {t('app.cancel')}
            </button>
          )}
          <button class="primary" name="submit" aria-disabled={busy}>
            {answer !== '' ? t('app.close') : t(busy ? 'fan_key.busy' : 'fan_key.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
