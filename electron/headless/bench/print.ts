/** A run of `llamba bench` as text: where it was made, a table of each model, and what the curves mean. */
import type { CompareRun, Measured, Provenance, Spread } from '../../shared/compare.ts';
import { curvesInWords, shareReached, shareWords, thermalWords } from '../../shared/crossing.ts';

export type Kind = 'decode' | 'prefill' | 'batch' | 'state';

export function runText(kind: Kind, { provenance, models, error, phase, ms }: CompareRun): string {
  const blocks = models.map((measured) => modelText(kind, measured, provenance));
  const [first, second] = models;
  const both = first && second && first.contexts.length > 1 && second.contexts.length > 1;
  // The sentences speak of writing: under a table of reading they would say the wrong thing.
  const meaning = kind === 'decode' && both ? [`${curvesInWords(first, second).join(' ')}\n`] : [];
  const end =
    phase === 'done' ? [] : [`It was ${phase === 'cancelled' ? 'stopped' : `ended: ${error?.message}`}\n`];
  return [provenanceText(provenance, ms), ...blocks, ...meaning, ...end].join('\n');
}

function provenanceText(provenance: Provenance, ms: number): string {
  const { at, device, backend, platform, memoryBytes, mlxVersion, appVersion, thermal, bandwidth } =
    provenance;
  const speed = bandwidth === null ? '' : `, memory at ${(bandwidth / 1e9).toFixed(1)} GB/s`;
  return `${device}, ${platform}, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB${speed}; ${backend}, MLX ${mlxVersion}, Llamba ${appVersion}
${new Date(at).toISOString()}, ${(ms / 1000).toFixed(0)} s, thermal state ${thermalWords(thermal)}
`;
}

function modelText(
  kind: Kind,
  { model, contexts, batches, ended }: Measured,
  provenance: Provenance,
): string {
  const rows = kind === 'batch' ? batchRows(batches) : contextRows(kind, contexts);
  const last = contexts.at(-1);
  const share = kind === 'decode' && last ? shareReached(model, last, provenance) : null;
  const size = `${count(model.parameters)} parameters, ${model.bits ? `${model.bits}-bit in groups of ${model.groupSize}` : 'not quantized'}`;
  return [
    `${model.name}: ${size}, ${mebibytes(model.weightBytes)}\n`,
    ...table(rows),
    ...(share === null ? [] : [`At ${count(last?.context ?? 0)} tokens: ${shareWords(share)}.\n`]),
    ...(ended ? [`No more points: ${ended.message}\n`] : []),
  ].join('');
}

function contextRows(kind: Kind, contexts: Measured['contexts']): string[][] {
  if (kind === 'state') {
    return [
      ['context', 'state or cache', 'active', 'cached buffers', 'peak while reading'],
      ...contexts.map(({ context, prefill, memory: { stateBytes, activeBytes, cacheBytes, peakBytes } }) => [
        ...[context, stateBytes, activeBytes, cacheBytes].map(count),
        prefill === null ? '–' : count(peakBytes),
      ]),
      ['tokens', ...Array<string>(4).fill('bytes')],
    ];
  }
  const rates = ['tokens/s', 'least', 'most', 'runs'];
  if (kind === 'prefill') {
    const fromOf = (i: number) => count(contexts[i - 1]?.context ?? 0);
    return [
      ['from', 'to', ...rates],
      ...contexts.flatMap(({ context, prefill }, i) =>
        prefill ? [[fromOf(i), count(context), ...spreadTexts(prefill)]] : [],
      ),
    ];
  }
  return [
    ['context', ...rates],
    ...contexts.map(({ context, decode }) => [count(context), ...spreadTexts(decode)]),
  ];
}

const batchRows = (batches: Measured['batches']): string[][] => [
  ['sequences', 'tokens/s, all', 'least', 'most', 'runs', 'peak MiB'],
  ...batches.map(({ batch, decode, memory }) => [
    count(batch),
    ...spreadTexts(decode),
    (memory.peakBytes / 2 ** 20).toFixed(1),
  ]),
];

const spreadTexts = ({ median, least, most, repeats }: Spread) => [
  ...[median, least, most].map((rate) => rate.toFixed(1)),
  String(repeats),
];

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ')}\n`);
}

const count = (value: number) => value.toLocaleString('en');
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
