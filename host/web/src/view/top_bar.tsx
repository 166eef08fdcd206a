import type {JSX} from 'preact';
import {useState} from 'preact/hooks';
import {errorKey} from '../desk';
import {formatDateTime} from '../format';
import {serverNow} from '../state/link';
import {useDesk, useSelect, useT} from './hooks';
import {Menu} from './menu';
import {SoundMenu} from './sound_menu';

export function LangButton(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  return (
    <button
      type="button"
      class="quiet lang"
      lang={lang === 'zh' ? 'en' : 'zh-CN'}
      onClick={() => desk.setLang(lang === 'zh' ? 'en' : 'zh')}
    >
      {t('app.lang')}
    </button>
  );
}

// Who, where, when, and whether page and host are well. What is normal is grey.
export function TopBar({onChangePassword}: {onChangePassword: () => void}): JSX.Element {
  const t = useT();
  const mine = useSelect((s) => s.mine);
  const second = useSelect((s) => Math.floor((serverNow(s) ?? 0) / 1000));
  const phase = useSelect((s) => s.link.phase);
  const rejected = useSelect((s) => s.rejected);
  const outdated = useSelect((s) => s.version !== s.first_version);
  return (
    <header class="top">
      <h1 class="mine">
        {mine || 'Davy'}
        <span class="product">{t('app.name')}</span>
      </h1>
      <HealthFlags />
      {rejected > 0 && <span class="warn-flag">{t('top.rejected', {n: rejected})}</span>}
      {outdated && (
        <button type="button" class="warn-flag" onClick={() => location.reload()}>
          {t('app.new_version')}
        </button>
      )}
      <span class="spring" />
      <span class={`link-state link-${phase}`}>{t(`top.link.${phase}`)}</span>
      <time class="host-time" title={t('top.host_time')}>
        {second === 0 ? '—' : formatDateTime(second * 1000)}
      </time>
      <SoundMenu />
      <LangButton />
      <UserMenu onChangePassword={onChangePassword} />
    </header>
  );
}

function HealthFlags(): JSX.Element | null {
  const t = useT();
  const health = useSelect((s) => s.health);
  if (!health || (health.status === 'ok' && health.broker !== 'down')) return null;
  return (
    <>
      {health.broker === 'down' && <span class="warn-flag">{t('top.broker_down')}</span>}
      {health.status === 'degraded' && (
        <span class="warn-flag" title={health.reasons.join('\n')}>
          {t('top.degraded')}
          {health.reasons[0] ? `: ${health.reasons[0]}` : ''}
        </span>
      )}
    </>
  );
}

function UserMenu({onChangePassword}: {onChangePassword: () => void}): JSX.Element | null {
  const desk = useDesk();
  const t = useT();
  const auth = useSelect((s) => s.auth);
  const [error, setError] = useState('');
  if (auth.phase !== 'in') return null;
  const {user, role} = auth.session;
  return (
    <Menu
      title={t('top.user')}
      label={
        <>
          {user} <span class="role">{t(`role.${role}`)}</span>
        </>
      }
    >
      {(close) => (
        <>
          <button
            type="button"
            onClick={() => {
              close();
              onChangePassword();
            }}
          >
            {t('password.title')}
          </button>
          <button
            type="button"
            name="sign_out"
            onClick={() => desk.signOut().catch((x: unknown) => setError(t(errorKey(x))))}
          >
            {t('sign_out')}
          </button>
          {error !== '' && (
            <p class="form-error" role="alert">
              {error}
            </p>
          )}
        </>
      )}
    </Menu>
  );
}
