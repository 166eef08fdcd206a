import type {JSX} from 'preact';
import {useEffect, useLayoutEffect, useMemo, useRef, useState} from 'preact/hooks';
import {csvUrl} from '../api/client';
import {type Point, validities} from '../api/types';
import {elapsed} from '../clock';
import {errorKey} from '../desk';
import {formatDateTime} from '../format';
import {type Key, pickText, t as translate} from '../i18n';
import {titleOf} from '../state/arrange';
import {serverNow} from '../state/link';
import {TrendFeed} from '../trend/feed';
import {TrendPlot} from '../trend/plot';
import {type Extent, type Range, extentOf, fixedRange} from '../trend/range';
import type {Columns} from '../trend/series';
import {useDesk, useSelect, useT} from './hooks';
import {trendNumber} from './point_value';
import {TrendToolbar} from './trend_toolbar';

const back_max = 20; // zoom steps that can be taken back
const reload_ms = 60_000; // a live trend is read anew now and then: late blocks may have filled in behind

const rangeKey = (r: Range): string => (r.kind === 'live' ? `live ${r.span_ms}` : `${r.from_ms} ${r.to_ms}`);

// Of one point: the caller gives every point its own (by key).
export function TrendPanel({point}: {point: Point}): JSX.Element {
  const desk = useDesk();
  const t = useT();
  const lang = useSelect((s) => s.lang);
  const tall = useSelect((s) => s.view.trend_tall);
  const up = useSelect((s) => s.link.phase === 'up');
  const range = useSelect((s) => s.view.trend_range);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState('');
  const [summary, setSummary] = useState('');
  const [turn, setTurn] = useState(0); // counts up to read a live range anew
  const back = useRef<Range[]>([]);
  const target = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const plot = useRef<TrendPlot | null>(null);
  const shown = useRef<{columns: Columns; extent: Extent} | null>(null);
  const feed = useMemo(() => new TrendFeed(desk.client, point), [desk, point.id]);
  const extentNow = (r: Range): Extent =>
    extentOf(r, serverNow(desk.store.state) ?? desk.store.state.now.wall);

  const go = (next: Range): void => {
    back.current = [...back.current, range].slice(-back_max);
    desk.view({trend_range: next});
  };
  const goRef = useRef(go);
  goRef.current = go;

  const draw = (r: Range): void => {
    const extent = extentNow(r);
    const columns = feed.columns(extent.from_ms);
    shown.current = {columns, extent};
    plot.current?.set(columns, extent);
  };

  useLayoutEffect(() => {
    if (!target.current) return undefined;
    const p = new TrendPlot(target.current, {
      point,
      levelText: (l) => `${translate(lang, `level.${l.level}`)} ${trendNumber(point, l.at)}`,
      onZoom: (from, to) => goRef.current(fixedRange(from, to)),
      onBack: () => {
        const before = back.current.pop();
        if (before) desk.view({trend_range: before});
      },
      onCursor: (i) => {
        if (readout.current) readout.current.textContent = readoutText(i);
      },
    });
    plot.current = p;
    if (shown.current) p.set(shown.current.columns, shown.current.extent);
    const observer = new ResizeObserver(() => p.resize());
    observer.observe(target.current);
    return () => {
      observer.disconnect();
      p.destroy();
      plot.current = null;
    };
  }, [point, lang]);

  const readoutText = (i: number | null): string => {
    const c = shown.current?.columns;
    const at = i === null ? undefined : c?.t[i];
    if (!c || i === null || at === undefined) return translate(lang, 'trend.hint');
    const n = (key: Key, v: number | null | undefined): string =>
      `${translate(lang, key)} ${trendNumber(point, v ?? null)}`;
    const validity = validities[c.worst[i] ?? 0] ?? 'unknown';
    return (
      `${formatDateTime(at)}   ${n('trend.mean', c.mean[i])}   ${n('trend.min', c.min[i])}   ` +
      `${n('trend.max', c.max[i])} ${point.unit}   ${translate(lang, `validity.${validity}`)}`
    );
  };

  // History: when the point, the range or the link changes, and now and then.
  useEffect(() => {
    if (!up) return undefined;
    const extent = extentNow(range);
    setLoading(true);
    feed.load(extent, plot.current?.pixels ?? 1000, range.kind === 'live').then(
      (mine) => {
        if (!mine) return;
        setLoading(false);
        setError('');
        draw(range);
        setSummary(summaryText());
      },
      (e: unknown) => {
        setLoading(false);
        setError(t('trend.failed', {why: t(errorKey(e))}));
      },
    );
    return undefined;
  }, [feed, rangeKey(range), up, turn]);
  useEffect(() => () => feed.stop(), [feed]);

  // Live: every new value of this point, and the passing of time.
  useEffect(() => {
    const {store} = desk;
    let drawn = store.state.now;
    let loaded = store.state.now;
    let held = store.state.values.get(point.id);
    if (held) feed.add(held, range.kind === 'live');
    return store.subscribe(() => {
      const {values, now} = store.state;
      const latest = values.get(point.id);
      if (latest && latest !== held) feed.add(latest, range.kind === 'live');
      held = latest;
      if (range.kind !== 'live' || elapsed(drawn, now) < 450) return;
      drawn = now;
      draw(range);
      if (elapsed(loaded, now) < Math.max(reload_ms, range.span_ms / 50)) return;
      loaded = now;
      setTurn((n) => n + 1);
    });
  }, [feed, rangeKey(range)]);

  const summaryText = (): string => {
    if (!shown.current) return '';
    const {columns: c, extent} = shown.current;
    const fold = (all: readonly (number | null)[], f: (a: number, b: number) => number): number | null =>
      all.reduce<number | null>((m, v) => (v === null ? m : m === null ? v : f(m, v)), null);
    return t('trend.summary', {
      name: titleOf(point, lang),
      from: formatDateTime(extent.from_ms),
      to: formatDateTime(extent.to_ms),
      min: trendNumber(point, fold(c.min, Math.min)),
      max: trendNumber(point, fold(c.max, Math.max)),
    });
  };

  const nothing = !loading && error === '' && (shown.current?.columns.t.length ?? 0) === 0;
  return (
    <section
      class={`trend ${tall ? 'tall' : ''}`}
      aria-label={t('trend.title')}
      onKeyDown={(e) => {
        if (e.key === 'Escape') desk.view({trend: null});
      }}
    >
      <header class="panel-head">
        <h2 title={`${titleOf(point, lang)}\n${point.name}`}>{titleOf(point, lang)}</h2>
        <span class="trend-where">
          {point.name} · {pickText(lang, point.place, point.place_en)}
        </span>
        <span class="trend-unit">{point.unit}</span>
        <span class="spring" />
        <button
          type="button"
          class="quiet"
          aria-pressed={tall}
          onClick={() => desk.view({trend_tall: !tall})}
        >
          {t(tall ? 'trend.short' : 'trend.tall')}
        </button>
        <button type="button" class="quiet" onClick={() => desk.view({trend: null})}>
          ✕ {t('app.close')}
        </button>
      </header>
      <TrendToolbar
        range={range}
        go={go}
        extentNow={extentNow}
        csv={(r) => ({point: point.id, ...extentNow(r)})}
        name={point.name}
        csvUrl={csvUrl}
      />
      <div class="plot-box">
        <div ref={target} class="plot" role="img" aria-label={summary || t('trend.title')} />
        {(loading || nothing || error !== '') && (
          <p class={`plot-note ${error !== '' ? 'wrong' : ''}`} role="status">
            {error || t(loading ? 'trend.loading' : 'trend.empty')}
            {error !== '' && (
              <button type="button" onClick={() => setTurn((n) => n + 1)}>
                {t('app.retry')}
              </button>
            )}
          </p>
        )}
      </div>
      <p ref={readout} class="readout">
        {t('trend.hint')}
      </p>
    </section>
  );
}
