import type {JSX} from 'preact';
import {useState} from 'preact/hooks';
import {ApiError} from '../api/client';
import {type Stamp, elapsed, now} from '../clock';
import {errorKey} from '../desk';
import {Dialog} from './dialog';
import {useDesk, useSelect, useT} from './hooks';

const wait_default_s = 30; // after "too many" from a host that does not say how long

// Over an empty page at first; over the page as it was when a session has expired.
export function SignIn({expired}: {expired: boolean}): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [wait, setWait] = useState<{from: Stamp; for_s: number} | null>(null);
  const left = useSelect((s) => (wait ? Math.ceil(wait.for_s - elapsed(wait.from, s.now) / 1000) : 0));
  const waiting = left > 0;

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (busy || waiting) return;
    setBusy(true);
    setError('');
    try {
      await desk.signIn(user.trim(), password);
    } catch (x) {
      setPassword('');
      if (x instanceof ApiError && x.status === 429)
        setWait({from: now(), for_s: x.retry_after_s ?? wait_default_s});
      else setError(x instanceof ApiError && x.status === 401 ? t('sign_in.wrong') : t(errorKey(x)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title={t('sign_in.title')} class={expired ? 'over-page' : 'sign-in'}>
      <form class="form" onSubmit={(e) => void submit(e)}>
        {expired && <p class="notice">{t('sign_in.expired')}</p>}
        <label>
          {t('sign_in.user')}
          <input
            data-first
            name="user"
            autocomplete="username"
            required
            maxLength={64}
            value={user}
            spellcheck={false}
            onInput={(e) => setUser(e.currentTarget.value)}
          />
        </label>
        <label>
          {t('sign_in.password')}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxLength={1024}
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </label>
        <p class="form-error" role="alert">
          {waiting ? t('sign_in.wait', {n: left}) : error}
        </p>
        <button class="primary" disabled={busy || waiting}>
          {t(busy ? 'sign_in.busy' : 'sign_in.submit')}
        </button>
      </form>
    </Dialog>
  );
}
