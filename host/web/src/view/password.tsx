import type {JSX} from 'preact';
import {useState} from 'preact/hooks';
import {ApiError} from '../api/client';
import {errorKey} from '../desk';
import {type Key} from '../i18n';
import {Dialog} from './dialog';
import {useDesk, useT} from './hooks';

const password_min = 10;

function complaint(old: string, next: string, again: string): Key | null {
  if ([...next].length < password_min) return 'password.short';
  if (next === old) return 'password.same';
  return next === again ? null : 'password.differ';
}

// Asked of everyone who comes with a one-time password (`onClose` absent), offered to everyone else.
export function ChangePassword({onClose}: {onClose?: () => void}): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');

  const submit = async (e: Event): Promise<void> => {
    e.preventDefault();
    const wrong = complaint(old, next, again);
    if (wrong) return setError(t(wrong));
    setBusy(true);
    setError('');
    try {
      await desk.changePassword(old, next);
      onClose?.();
    } catch (x) {
      const refused = x instanceof ApiError && (x.status === 400 || x.status === 401 || x.status === 403);
      setError(refused ? t('password.wrong') : t(errorKey(x)));
    } finally {
      setBusy(false);
    }
  };

  const leave = (): void => {
    desk.signOut().catch((x: unknown) => setError(t(errorKey(x))));
  };

  const field = (label: Key, name: string, value: string, set: (v: string) => void): JSX.Element => (
    <label>
      {t(label)}
      <input
        name={name}
        type="password"
        required
        maxLength={1024}
        value={value}
        data-first={name === 'old' || null}
        autocomplete={name === 'old' ? 'current-password' : 'new-password'}
        onInput={(e) => set(e.currentTarget.value)}
      />
    </label>
  );

  return (
    <Dialog title={t('password.title')} onClose={onClose} class={onClose ? 'over-page' : 'sign-in'}>
      <form class="form" onSubmit={(e) => void submit(e)}>
        {!onClose && <p class="notice">{t('password.must')}</p>}
        {field('password.old', 'old', old, setOld)}
        {field('password.new', 'new', next, setNext)}
        {field('password.again', 'again', again, setAgain)}
        <p class="form-error" role="alert">
          {error}
        </p>
        <div class="buttons">
          {onClose ? (
            <button type="button" onClick={onClose}>
              {t('app.cancel')}
            </button>
          ) : (
            <button type="button" onClick={leave}>
              {t('sign_out')}
            </button>
          )}
          <button class="primary" disabled={busy}>
            {t('password.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
