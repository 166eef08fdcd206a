import type {JSX} from 'preact';
import {muteLeft, mute_max_ms} from '../sound/policy';
import {useDesk, useSelect, useT} from './hooks';
import {Menu} from './menu';

const two = (n: number): string => String(n).padStart(2, '0');

// Says in plain sight when alarms cannot be heard: blocked by the browser, or muted and for how long.
export function SoundMenu(): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const sound = useSelect((s) => s.sound);
  const left = useSelect((s) => (s.mute ? Math.ceil(muteLeft(s.mute, s.now) / 1000) : 0));
  if (sound === 'absent') return <span class="warn-flag">🔇 {t('sound.absent')}</span>;
  if (sound === 'blocked') {
    return (
      <button type="button" class="warn-flag" data-sound="blocked" onClick={() => void desk.testSound()}>
        <SoundGlyph off /> {t('sound.blocked')}
      </button>
    );
  }
  const muted = left > 0;
  const clock = `${Math.floor(left / 60)}:${two(left % 60)}`;
  const label = (
    <>
      <SoundGlyph off={muted} /> {muted ? t('sound.muted', {n: clock}) : t('sound.on')}
    </>
  );
  return (
    <Menu title={t('sound.menu')} class={muted ? 'warn-flag' : 'quiet'} label={label}>
      {(close) => (
        <>
          {muted && (
            <button
              type="button"
              onClick={() => {
                desk.unmute();
                close();
              }}
            >
              {t('sound.unmute')}
            </button>
          )}
          <button
            type="button"
            onClick={() => {
              desk.mute(60_000);
              close();
            }}
          >
            {t('sound.mute_1')}
          </button>
          <button
            type="button"
            onClick={() => {
              desk.mute(mute_max_ms);
              close();
            }}
          >
            {t('sound.mute_5')}
          </button>
          <button type="button" onClick={() => void desk.testSound()}>
            {t('sound.test')}
          </button>
          <p class="hint">{t('sound.note')}</p>
        </>
      )}
    </Menu>
  );
}

function SoundGlyph({off}: {off: boolean}): JSX.Element {
  return (
    <svg class="glyph-icon" viewBox="0 0 20 20" aria-hidden="true">
      <path class="solid" d="M2 7.5h3.5L10 3.5v13l-4.5-4H2z" />
      <path
        class="line"
        d={off ? 'M12.5 7.5l5 5M17.5 7.5l-5 5' : 'M12.5 7a4 4 0 0 1 0 6M15 4.5a8 8 0 0 1 0 11'}
      />
    </svg>
  );
}
