import type {JSX} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import type {Key} from '../i18n';
import {isLost} from '../state/link';
import type {Tab} from '../state/state';
import {AckDialog} from './ack_dialog';
import {AlarmPanel} from './alarm_panel';
import {EventPanel} from './events';
import {FanKeyDialog} from './fan_key_dialog';
import {GatewayPanel, gatewayMark} from './gateways';
import {useDesk, useSelect, useT} from './hooks';
import {JournalPanel} from './journal';
import {LinkBanner} from './link_banner';
import {ChangePassword} from './password';
import {PointTable} from './point_table';
import {SignIn} from './sign_in';
import {LangButton, TopBar} from './top_bar';
import {TrendPanel} from './trend_panel';

export function App(): JSX.Element {
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const auth = useSelect((s) => s.auth);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  }, [lang]);

  if (auth.phase === 'asking') {
    return (
      <Front>
        <p class="front-note" role="status">
          {t(auth.unreachable ? 'sign_in.unreachable' : 'sign_in.asking')}
        </p>
      </Front>
    );
  }
  if (auth.phase === 'must_change')
    return (
      <Front>
        <ChangePassword />
      </Front>
    );
  if (auth.phase === 'out' && !auth.expired)
    return (
      <Front>
        <SignIn expired={false} />
      </Front>
    );
  return <DeskView />;
}

function Front({children}: {children: JSX.Element}): JSX.Element {
  const t = useT();
  return (
    <main class="front">
      <div class="front-head">
        <h1>
          Davy<span class="product">{t('app.name')}</span>
        </h1>
        <LangButton />
      </div>
      {children}
    </main>
  );
}

// The page itself. Boxes over it make it inert: the keyboard cannot get behind them. The banner of a lost
// link stays above everything.
function DeskView(): JSX.Element {
  const t = useT();
  const expired = useSelect((s) => s.auth.phase === 'out');
  const ack = useSelect((s) => s.view.ack);
  const ack_open = useSelect((s) => s.view.ack !== null);
  const lost = useSelect(isLost);
  const [password, setPassword] = useState(false);
  const [fan_key, setFanKey] = useState('');
  const covered = expired || ack_open || password || fan_key !== '';
  return (
    <div class={`desk ${lost ? 'lost' : ''}`}>
      <LinkBanner />
      <div class="page" inert={covered}>
        <a class="skip" href="#alarms">
          {t('app.skip')}
        </a>
        <TopBar onChangePassword={() => setPassword(true)} />
        <main class="main">
          <LeftPane onFanKey={setFanKey} />
          <AlarmPanel />
        </main>
      </div>
      {!expired && ack !== null && <AckDialog key={ack} occurrence={ack} />}
      {!expired && password && <ChangePassword onClose={() => setPassword(false)} />}
      {!expired && fan_key !== '' && <FanKeyDialog gateway={fan_key} onClose={() => setFanKey('')} />}
      {expired && <SignIn expired />}
    </div>
  );
}

const tabs: readonly Tab[] = ['points', 'gateways', 'events', 'journal'];

function LeftPane({onFanKey}: {onFanKey: (gateway: string) => void}): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const tab = useSelect((s) => s.view.tab);
  const trend = useSelect((s) => (s.view.trend === null ? undefined : s.points.get(s.view.trend)));
  const tall = useSelect((s) => s.view.trend_tall);
  const troubled = useSelect(
    (s) => [...s.gateways.values()].filter((g) => gatewayMark(g) !== 'normal').length,
  );
  const gateways = useSelect((s) => s.gateways.size);
  const label = (x: Tab): JSX.Element => (
    <>
      {t(`tab.${x}` as Key)}
      {x === 'gateways' && (
        <span class={`tab-count ${troubled > 0 ? 'wrong' : ''}`}>
          {troubled > 0 ? `⚠ ${troubled} / ${gateways}` : gateways}
        </span>
      )}
    </>
  );
  return (
    <div class={`left ${trend ? 'with-trend' : ''} ${tall && trend ? 'trend-tall' : ''}`}>
      <nav class="tabs" role="tablist">
        {tabs.map((x) => (
          <button
            key={x}
            type="button"
            role="tab"
            aria-selected={tab === x}
            id={`tab-${x}`}
            onClick={() => desk.view({tab: x})}
          >
            {label(x)}
          </button>
        ))}
      </nav>
      <div class="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'points' && <PointTable />}
        {tab === 'gateways' && <GatewayPanel onFanKey={onFanKey} />}
        {tab === 'events' && <EventPanel />}
        {tab === 'journal' && <JournalPanel />}
      </div>
      {trend && <TrendPanel key={trend.id} point={trend} />}
    </div>
  );
}
