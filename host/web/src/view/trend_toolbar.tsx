import type {JSX} from 'preact';
import {useState} from 'preact/hooks';
import type {TrendQuery} from '../api/client';
import {errorKey} from '../desk';
import type {Key} from '../i18n';
import {serverNow} from '../state/link';
import {type Extent, type Range, fixedRange, panned, spans_ms, zoomed} from '../trend/range';
import {useDesk, useT} from './hooks';

const labels: readonly Key[] = ['trend.10min', 'trend.1h', 'trend.8h', 'trend.24h', 'trend.4d'];

interface Props {
  readonly range: Range;
  readonly go: (range: Range) => void;
  readonly extentNow: (range: Range) => Extent;
  readonly csv: (range: Range) => TrendQuery;
  readonly csvUrl: (query: TrendQuery) => string;
  readonly name: string;
}

// As <input type="datetime-local"> wants it: local time, to the second.
function localText(ms: number): string {
  const d = new Date(ms);
  return new Date(ms - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function TrendToolbar({range, go, extentNow, csv, csvUrl, name}: Props): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const [custom, setCustom] = useState<{from: string; to: string} | null>(null);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const now_ms = serverNow(desk.store.state) ?? desk.store.state.now.wall;

  const openCustom = (): void => {
    const {from_ms, to_ms} = extentNow(range);
    setCustom(custom ? null : {from: localText(from_ms), to: localText(to_ms)});
    setNote('');
  };
  const showCustom = (e: Event): void => {
    e.preventDefault();
    const from = Date.parse(custom?.from ?? '');
    const to = Date.parse(custom?.to ?? '');
    if (!(from < to)) return setNote(t('trend.bad_range'));
    setNote('');
    go(fixedRange(from, to));
  };
  // Fetched rather than followed: a refusal (too much data) comes as a sentence, not as a broken download.
  const exportCsv = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    setNote('');
    try {
      const query = csv(range);
      const day = localText(query.from_ms).replace(/[:T]/g, '-');
      save(await desk.client.csv(query), `${name.replace(/[^\p{L}\p{N}._-]+/gu, '_')}_${day}.csv`);
    } catch (x) {
      setNote(t(errorKey(x)));
    } finally {
      setBusy(false);
    }
  };

  const button = (label: Key, glyph: string, next: Range): JSX.Element => (
    <button type="button" class="quiet glyph" title={t(label)} aria-label={t(label)} onClick={() => go(next)}>
      {glyph}
    </button>
  );
  return (
    <div class="trend-tools">
      <div class="segments" role="group" aria-label={t('trend.range')}>
        {spans_ms.map((span, i) => (
          <button
            key={span}
            type="button"
            aria-pressed={range.kind === 'live' && range.span_ms === span}
            onClick={() => go({kind: 'live', span_ms: span})}
          >
            {t(labels[i] ?? 'trend.range')}
          </button>
        ))}
        <button type="button" aria-pressed={custom !== null} onClick={openCustom}>
          {t('trend.custom')}
        </button>
      </div>
      <span class={`live-flag ${range.kind}`}>{t(range.kind === 'live' ? 'trend.live' : 'trend.still')}</span>
      {button('trend.earlier', '◀', panned(range, -1, now_ms))}
      {button('trend.later', '▶', panned(range, 1, now_ms))}
      {button('trend.zoom_in', '＋', zoomed(range, 0.5, now_ms))}
      {button('trend.zoom_out', '－', zoomed(range, 2, now_ms))}
      <button
        type="button"
        class="quiet"
        disabled={range.kind === 'live'}
        onClick={() => go({kind: 'live', span_ms: spans_ms[1]})}
      >
        {t('trend.now')}
      </button>
      <a
        class="button quiet"
        href={csvUrl(csv(range))}
        download={`${name}.csv`}
        onClick={(e) => void exportCsv(e)}
      >
        {t(busy ? 'trend.csv_busy' : 'trend.csv')}
      </a>
      {custom && (
        <form class="custom" onSubmit={showCustom}>
          <label class="field">
            {t('trend.from')}
            <input
              type="datetime-local"
              step={1}
              required
              value={custom.from}
              onInput={(e) => setCustom({...custom, from: e.currentTarget.value})}
            />
          </label>
          <label class="field">
            {t('trend.to')}
            <input
              type="datetime-local"
              step={1}
              required
              value={custom.to}
              onInput={(e) => setCustom({...custom, to: e.currentTarget.value})}
            />
          </label>
          <button>{t('trend.show')}</button>
        </form>
      )}
      {note !== '' && (
        <span class="form-error" role="alert">
          {note}
        </span>
      )}
    </div>
  );
}
