import type {JSX} from 'preact';
import {formatAge} from '../format';
import type {Key} from '../i18n';
import {isLost, silentFor} from '../state/link';
import {useDesk, useSelect, useT} from './hooks';

const reasons = ['silent', 'closed', 'gap', 'lag', 'rubbish'];

// Across the page while the host cannot be heard. The values below stay, hatched as stale, under a veil.
export function LinkBanner(): JSX.Element | null {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const lost = useSelect(isLost);
  const link = useSelect((s) => s.link);
  const signed_in = useSelect((s) => s.auth.phase === 'in');
  const seconds = useSelect((s) => Math.floor(silentFor(s) / 1000));
  const retry_s = useSelect((s) =>
    s.link.retry_at === null ? null : Math.max(0, Math.ceil((s.link.retry_at.perf - s.now.perf) / 1000)),
  );
  if (!lost) return null;
  const why = reasons.includes(link.reason) ? t(`lost.why.${link.reason}` as Key) : '';
  return (
    <>
      <div class="lost-banner" role="alert">
        <svg class="lost-mark" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 1.5 19 18H1zM10 7v5.5M10 14.5v1.5" />
        </svg>
        <div class="lost-text">
          <b>{t('lost.title')}</b>
          <span>{t('lost.text')}</span>
        </div>
        <div class="lost-detail">
          <span class="lost-age">{t('lost.since', {age: formatAge(seconds * 1000, lang)})}</span>
          <span>
            {!signed_in
              ? t('lost.sign_in')
              : [why, retry_s === null ? t('lost.retrying') : t('lost.retry_in', {n: retry_s})]
                  .filter((s) => s !== '')
                  .join(' · ')}
          </span>
        </div>
        <button type="button" disabled={link.phase !== 'waiting'} onClick={() => desk.retryLink()}>
          {t('lost.retry')}
        </button>
      </div>
      <div class="lost-veil" aria-hidden="true" />
    </>
  );
}
