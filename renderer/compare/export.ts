/** A run as a file: pure, so that what leaves is what the tests have read. */
import type { CompareRun, Measured, MemoryParts, Spread } from '../../electron/shared/contract.ts';

/** One row for each point. Bytes and tokens/s as they were measured; every row says where it was. */
const columns = [
  ...['model', 'architecture', 'measured', 'context_tokens', 'sequences'],
  ...['decode_tokens_per_s', 'decode_least', 'decode_most', 'decode_repeats'],
  ...['prefill_tokens_per_s', 'prefill_least', 'prefill_most', 'prefill_repeats'],
  ...['weight_bytes', 'state_bytes', 'active_bytes', 'cache_bytes', 'peak_bytes'],
  ...[
    'run',
    'at',
    'device',
    'backend',
    'platform',
    'mlx_version',
    'app_version',
    'thermal',
    'memory_bytes_per_s',
  ],
] as const;

type Cell = string | number | null;

export function toCsv(run: CompareRun): string {
  const { at, device, backend, platform, mlxVersion, appVersion, thermal, bandwidth } = run.provenance;
  const when = new Date(at).toISOString();
  const where: Cell[] = [device, backend, platform, mlxVersion, appVersion, thermal, bandwidth];
  const from = [run.id, when, ...where];
  const rows = run.models.flatMap((one) => rowsOf(one).map((row) => [...row, ...from]));
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function rowsOf({ model, contexts, batches }: Measured): Cell[][] {
  const { name, architecture } = model;
  return [
    ...contexts.map(({ context, decode, prefill, memory }) => [
      ...[name, architecture, 'context', context, 1],
      ...[...spread(decode), ...spread(prefill), ...parts(memory)],
    ]),
    ...batches.map(({ batch, decode, memory }) => [
      ...[name, architecture, 'batch', null, batch],
      ...[...spread(decode), ...spread(null), ...parts(memory)],
    ]),
  ];
}

const spread = (of: Spread | null): Cell[] =>
  of ? [of.median, of.least, of.most, of.repeats] : [null, null, null, null];

const parts = ({ weightBytes, stateBytes, activeBytes, cacheBytes, peakBytes }: MemoryParts): Cell[] => [
  ...[weightBytes, stateBytes, activeBytes, cacheBytes, peakBytes],
];

/** RFC 4180; nothing is where nothing was measured. */
const cell = (value: Cell): string => {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const toJson = (run: CompareRun): string => `${JSON.stringify(run, null, 2)}\n`;

/** `llamba-compare-2026-11-24-1653.csv`, in local time. */
export function fileName({ provenance }: Pick<CompareRun, 'provenance'>, ending: 'csv' | 'json' | 'png') {
  const at = new Date(provenance.at);
  const two = (n: number) => String(n).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `llamba-compare-${date}-${two(at.getHours())}${two(at.getMinutes())}.${ending}`;
}
