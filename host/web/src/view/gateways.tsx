import type {JSX} from 'preact';
import {useMemo} from 'preact/hooks';
import type {Gateway} from '../api/types';
import {formatAge, formatBytes, formatCount, formatMoment} from '../format';
import {isLost, serverNow} from '../state/link';
import {useSelect, useT} from './hooks';
import {StateMark} from './marks';
import type {Mark} from '../state/status';

const clock_error_max_ms = 1000; // beyond this a gateway's clock is worth a mark

export function gatewayMark(g: Gateway): Mark {
  switch (g.state) {
    case 'online':
      return isTroubled(g) ? 'limit' : 'normal';
    case 'offline':
    case 'silent':
    case 'unknown':
      return 'bad';
  }
}

function clockWrong(g: Gateway): boolean {
  return (
    g.clock === 'unset' || (g.clock_error_ms !== null && Math.abs(g.clock_error_ms) > clock_error_max_ms)
  );
}

// On line, but something wants attention.
function isTroubled(g: Gateway): boolean {
  return (
    (g.missing_blocks ?? 0) > 0 ||
    (g.quarantined_blocks ?? 0) > 0 ||
    (g.blind_points ?? 0) > 0 ||
    clockWrong(g)
  );
}

const rank: Readonly<Record<Gateway['state'], number>> = {offline: 0, silent: 1, unknown: 2, online: 3};

export function sortGateways(gateways: Iterable<Gateway>): readonly Gateway[] {
  return [...gateways].sort(
    (a, b) =>
      rank[a.state] - rank[b.state] ||
      Number(isTroubled(b)) - Number(isTroubled(a)) ||
      a.name.localeCompare(b.name, undefined, {numeric: true}),
  );
}

export function GatewayPanel({onFanKey}: {onFanKey: (gateway: string) => void}): JSX.Element {
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const gateways = useSelect((s) => s.gateways);
  const lost = useSelect(isLost);
  const second = useSelect((s) => Math.floor((serverNow(s) ?? 0) / 1000));
  const may_key = useSelect((s) => s.auth.phase === 'in' && s.auth.session.role !== 'viewer');
  const sorted = useMemo(() => sortGateways(gateways.values()), [gateways]);
  const now_ms = second === 0 ? null : second * 1000;
  if (sorted.length === 0) return <p class="empty">{t('gateway.none')}</p>;

  const clock = (g: Gateway): string =>
    `${t(`gateway.clock.${g.clock}`)}${g.clock_error_ms === null ? '' : ` ${signed(g.clock_error_ms)}`}`;
  const row = (g: Gateway): JSX.Element => (
    <tr key={g.name} data-gateway={g.name} class={`gateway-${g.state} ${lost ? 'lost' : ''}`}>
      <td>
        <span class="state-cell">
          <StateMark mark={gatewayMark(g)} priority={null} />
          {t(`gateway.state.${g.state}`)}
        </span>
      </td>
      <td class="strong">{g.name}</td>
      <td class="reason" title={g.reason}>
        {g.reason || '—'}
      </td>
      <td class="figure">{formatMoment(g.since_ms, now_ms)}</td>
      <td class="figure">
        {g.last_heard_ms === null || now_ms === null ? '—' : formatAge(now_ms - g.last_heard_ms, lang)}
      </td>
      <td class={`figure ${(g.blind_points ?? 0) > 0 ? 'wrong' : ''}`}>
        {formatCount(g.points)} / {formatCount(g.blind_points)}
      </td>
      <td class="figure">
        {t('gateway.blocks', {n: formatCount(g.spool_blocks)})} · {formatBytes(g.spool_bytes)}
      </td>
      <td class={`figure ${clockWrong(g) ? 'wrong' : ''}`}>{clock(g)}</td>
      <td class={`figure ${(g.missing_blocks ?? 0) > 0 ? 'wrong' : ''}`}>{formatCount(g.missing_blocks)}</td>
      <td class={`figure ${(g.quarantined_blocks ?? 0) > 0 ? 'wrong' : ''}`}>
        {formatCount(g.quarantined_blocks)}
      </td>
      <td>{g.version || '—'}</td>
      {may_key && (
        <td>
          <button type="button" class="quiet fan-key" onClick={() => onFanKey(g.name)}>
            {t('gateway.fan_key')}
          </button>
        </td>
      )}
    </tr>
  );
  const heads = [
    'state',
    'name',
    'reason',
    'since',
    'heard',
    'points',
    'spool',
    'clock',
    'missing',
    'quarantined',
    'version',
  ] as const;
  return (
    <div class="scroll">
      <table class="plain">
        <thead>
          <tr>
            {heads.map((h) => (
              <th key={h} scope="col">
                {t(`gateway.${h}`)}
              </th>
            ))}
            {may_key && <th scope="col">{t('gateway.actions')}</th>}
          </tr>
        </thead>
        <tbody>{sorted.map(row)}</tbody>
      </table>
    </div>
  );
}

function signed(ms: number): string {
  const s = Math.abs(ms) < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(0)} s`;
  return ms > 0 ? `+${s}` : s;
}
