// A mine for the mock host: points, gateways, alarms and a history, all made up, all deterministic.

const good = {validity: 'good', maintenance: 'none', limit: 'none', feed: 'none'};

const places = [
  ['N1201 综采工作面', 'N1201 longwall face'],
  ['N1201 回风顺槽', 'N1201 return road'],
  ['N1201 运输顺槽', 'N1201 belt road'],
  ['N1203 掘进工作面', 'N1203 heading'],
  ['N1203 回风巷', 'N1203 heading return'],
  ['北一采区回风巷', 'North 1 district return'],
  ['主井皮带巷', 'Main belt road'],
  ['中央变电所', 'Central substation'],
  ['中央水泵房', 'Central pump room'],
  ['总回风巷', 'Main return'],
  ['副井井底车场', 'Shaft bottom'],
  ['东翼轨道大巷', 'East track road'],
];

const high = (at, level, clear_at, priority) => ({
  side: 'high',
  level,
  at,
  clear_at,
  on_delay_ms: 0,
  off_delay_ms: 5000,
  priority,
  basis: 'AQ 1029-2019',
});
const low = (at, level, clear_at, priority) => ({...high(at, level, clear_at, priority), side: 'low'});

const models = [
  {
    quantity: 'CH4',
    title: '甲烷',
    en: 'Methane',
    unit: '%CH4',
    range: [0, 100],
    base: 0.32,
    swing: 0.12,
    limits: [high(1.0, 'alarm', 1.0, 1), high(1.5, 'cut', 1.0, 1)],
  },
  {
    quantity: 'CO',
    title: '一氧化碳',
    en: 'Carbon monoxide',
    unit: 'ppm',
    range: [0, 500],
    base: 6,
    swing: 2,
    limits: [high(24, 'alarm', 20, 1)],
  },
  {
    quantity: 'temperature',
    title: '温度',
    en: 'Temperature',
    unit: '℃',
    range: [0, 100],
    base: 23,
    swing: 1.5,
    limits: [high(26, 'warning', 25, 3), high(30, 'alarm', 29, 2)],
  },
  {
    quantity: 'wind_speed',
    title: '风速',
    en: 'Air speed',
    unit: 'm/s',
    range: [0, 15],
    base: 2.2,
    swing: 0.3,
    limits: [low(0.25, 'alarm', 0.3, 2), high(4, 'alarm', 3.8, 3)],
  },
  {
    quantity: 'dust',
    title: '粉尘',
    en: 'Dust',
    unit: 'mg/m³',
    range: [0, 1000],
    base: 2.1,
    swing: 0.7,
    limits: [high(4, 'warning', 3.5, 4)],
  },
  {
    quantity: 'fan',
    title: '局部通风机开停',
    en: 'Local fan',
    unit: '',
    kind: 'state',
    on: '开',
    off: '停',
    base: 1,
    swing: 0,
    limits: [],
  },
  {
    quantity: 'door',
    title: '风门',
    en: 'Air door',
    unit: '',
    kind: 'state',
    on: '打开',
    off: '关闭',
    base: 0,
    swing: 0,
    limits: [],
  },
  {
    quantity: 'feed',
    title: '馈电状态',
    en: 'Feed',
    unit: '',
    kind: 'control',
    on: '有电',
    off: '无电',
    base: 1,
    swing: 0,
    limits: [],
  },
  {
    quantity: 'difference_pressure',
    title: '风机负压',
    en: 'Fan suction',
    unit: 'Pa',
    range: [0, 5000],
    base: 1850,
    swing: 40,
    limits: [low(1200, 'alarm', 1300, 2)],
  },
];

export function makePoints(count) {
  const points = [];
  for (let i = 0; i < count; i += 1) {
    const m = models[i % models.length];
    const [place, place_en] = places[Math.floor(i / models.length) % places.length];
    const round = Math.floor(i / (models.length * places.length));
    const mark = `${place.match(/[NE]?\d+/)?.[0] ?? 'M' + (Math.floor(i / models.length) % places.length)}`;
    points.push({
      id: i + 1,
      name: `${mark}-${m.quantity}-${i + 1}`,
      title: `${m.title}${round ? ` ${round + 1}` : ''}`,
      title_en: i % 7 === 6 ? '' : `${m.en}${round ? ` ${round + 1}` : ''}`,
      place,
      place_en,
      quantity: m.quantity,
      unit: m.unit,
      kind: m.kind ?? 'analogue',
      range_low: m.range?.[0] ?? 0,
      range_high: m.range?.[1] ?? 1,
      period_ms: 1000,
      stale_after_ms: 5000,
      text_on: m.on ?? '',
      text_off: m.off ?? '',
      gateway: `FZ-${String(1 + (i % 6)).padStart(2, '0')}`,
      device: `rs485-${1 + (i % 2)}/${1 + (i % 16)}`,
      limits: m.limits,
      withdrawn: false,
    });
  }
  return points;
}

const modelOf = (p) => models.find((m) => m.quantity === p.quantity) ?? models[0];

// The value of a point at a moment: the same for the live values and for the history.
export function valueAt(p, t_ms) {
  const m = modelOf(p);
  if (m.swing === 0) return m.base;
  const x = t_ms / 1000 + p.id * 37;
  const v = m.base + m.swing * (0.6 * Math.sin(x / 61) + 0.3 * Math.sin(x / 7.3) + 0.1 * Math.sin(x * 1.7));
  return Math.round(v * 100) / 100;
}

export function makeValue(p, now_ms, change = {}) {
  return {
    id: p.id,
    v: valueAt(p, now_ms),
    q: {...good, ...(change.q ?? {})},
    t_ms: now_ms - 120,
    age_ms: 120,
    stale: false,
    late: false,
    clock: 'ok',
    ...without(change, 'q'),
  };
}

function without(o, key) {
  const {[key]: _gone, ...rest} = o;
  return rest;
}

// What is not well in this mine from the start: one of each kind.
export function troubles(points) {
  const at = (quantity, n = 0) => points.filter((p) => p.quantity === quantity)[n]?.id;
  return new Map([
    [at('CH4', 0), {v: 1.62, q: {limit: 'cut'}}],
    [at('CH4', 1), {v: 1.08, q: {limit: 'alarm'}}],
    [at('CO', 1), {v: null, q: {validity: 'disconnected'}}],
    [at('CO', 2), {v: null, q: {validity: 'bad_comm'}}],
    [at('CH4', 3), {v: 40, q: {validity: 'over_range', limit: 'cut'}}],
    [at('CH4', 4), {v: 0.52, q: {maintenance: 'calibrating'}}],
    [at('temperature', 2), {v: 27.4, q: {limit: 'warning'}}],
    [at('temperature', 4), {stale: true, age_ms: 95_000}],
    [at('feed', 1), {v: 1, q: {feed: 'abnormal'}}],
    [at('wind_speed', 3), {v: 2.11, late: true, age_ms: 400_000}],
    [at('dust', 1), {v: 0.996, clock: 'unknown'}],
  ]);
}

export function makeGateways(count) {
  return Array.from({length: count}, (_, i) => ({
    name: `FZ-${String(i + 1).padStart(2, '0')}`,
    state: i === 4 ? 'offline' : i === 5 ? 'silent' : 'online',
    since_ms: Date.now() - 86_400_000 * (i + 1),
    reason: i === 4 ? 'last will: connection lost' : '',
    version: '0.1.0',
    last_heard_ms: Date.now() - (i === 4 ? 7_200_000 : i === 5 ? 45_000 : 300),
    clock_error_ms: [3, -12, 2400, 8, null, 5][i % 6],
    clock: ['synced', 'synced', 'free', 'synced', 'unknown', 'synced'][i % 6],
    spool_blocks: i === 4 ? 5231 : i,
    spool_bytes: i === 4 ? 7_812_004 : i * 900,
    points: 18,
    blind_points: i === 5 ? 3 : 0,
    missing_blocks: i === 3 ? 12 : 0,
    quarantined_blocks: 0,
  }));
}

export function makeAlarm(seq, p, change = {}) {
  return {
    occurrence: `occ-${seq}`,
    seq,
    source: 'limit',
    point: p?.id ?? null,
    name: p?.name ?? '',
    title: p?.title ?? '',
    title_en: p?.title_en ?? '',
    place: p?.place ?? '',
    place_en: p?.place_en ?? '',
    gateway: p?.gateway ?? '',
    level: 'alarm',
    side: 'high',
    priority: 2,
    state: 'unacknowledged',
    condition: 'active',
    raised_ms: Date.now() - 1000,
    cleared_ms: null,
    acked_ms: null,
    acked_by: '',
    comment: '',
    value: null,
    peak: null,
    unit: p?.unit ?? '',
    at: p?.limits?.[0]?.at ?? null,
    reason: '',
    ...change,
  };
}

export function makeAlarms(points) {
  const of = (quantity, n = 0) => points.filter((p) => p.quantity === quantity)[n];
  const ago = (s) => Date.now() - s * 1000;
  return [
    makeAlarm(11, of('CH4', 0), {
      level: 'cut',
      priority: 1,
      value: 1.62,
      peak: 1.71,
      at: 1.5,
      raised_ms: ago(75),
      reason: '1.62 %CH4: at or above the cut limit of 1.5 %CH4',
    }),
    makeAlarm(10, of('CH4', 1), {
      priority: 1,
      value: 1.08,
      peak: 1.12,
      raised_ms: ago(340),
      state: 'acknowledged',
      acked_by: 'wang',
      acked_ms: ago(300),
      comment: '已通知回风顺槽撤人',
    }),
    makeAlarm(9, of('CO', 1), {
      source: 'blind',
      level: 'alarm',
      side: 'none',
      priority: 2,
      condition: 'unknown',
      at: null,
      raised_ms: ago(1900),
      kind: 'disconnected',
      reason: 'no usable reading of Carbon monoxide for 60 s: the measuring head is disconnected',
    }),
    makeAlarm(8, of('temperature', 2), {
      level: 'warning',
      priority: 3,
      value: 27.4,
      peak: 27.9,
      at: 26,
      raised_ms: ago(5200),
      state: 'acknowledged',
      acked_by: 'li',
      acked_ms: ago(5000),
    }),
    makeAlarm(7, of('CO', 0), {
      priority: 1,
      value: 8.1,
      peak: 31,
      at: 24,
      raised_ms: ago(2600),
      cleared_ms: ago(2400),
      state: 'rtn_unacknowledged',
      condition: 'clear',
    }),
    makeAlarm(6, null, {
      source: 'gateway',
      side: 'none',
      name: 'FZ-05',
      kind: 'offline',
      title: '',
      title_en: '',
      gateway: 'FZ-05',
      priority: 3,
      condition: 'active',
      at: null,
      raised_ms: ago(7200),
      reason: 'off line: connection lost',
    }),
  ];
}

// History in buckets. Ten minutes before the end: three minutes without a usable sample, after them half a
// minute without any sample.
export function makeTrend(p, from_ms, to_ms, buckets, now_ms) {
  const width = (to_ms - from_ms) / buckets;
  const out = [];
  for (let i = 0; i < buckets; i += 1) {
    const t = from_ms + i * width;
    const before = now_ms - t;
    if (t > now_ms || (before < 420_000 && before > 390_000))
      out.push([Math.round(t), null, null, null, 0, 6]);
    else if (before < 600_000 && before > 420_000) out.push([Math.round(t), null, null, null, 3, 5]);
    else {
      const all = Array.from({length: 8}, (_, k) => valueAt(p, t + (width * k) / 8));
      const mean = all.reduce((a, b) => a + b, 0) / all.length;
      out.push([
        Math.round(t),
        Math.min(...all),
        Math.max(...all),
        mean,
        Math.max(1, Math.round(width / 1000)),
        0,
      ]);
    }
  }
  return {point: p.id, from_ms, to_ms, raw: false, buckets: out};
}

export function makeCsv(p, from_ms, to_ms) {
  const lines = ['time,time_ms,value,validity,maintenance,limit,feed'];
  for (let t = Math.ceil(from_ms / 1000) * 1000; t <= to_ms; t += 1000) {
    lines.push(`${new Date(t).toISOString()},${t},${valueAt(p, t)},good,none,none,none`);
  }
  return `${lines.join('\n')}\n`;
}
