/** Comparisons in words. */
import type { CompareRun, Pair, Provenance } from '../../electron/shared/contract.ts';
import { thermalWords } from '../../electron/shared/crossing.ts';
import { bytes, count } from '../ui/units.ts';

/** Local date and time of a run. */
export const dateOf = ({ at }: Pick<Provenance, 'at'>): string =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

const backends = { metal: 'Metal', cuda: 'CUDA', cpu: 'CPU' } as const;

/** "AMD EPYC (CPU)". */
export const deviceOf = ({ device, backend }: Pick<Provenance, 'device' | 'backend'>): string =>
  `${device} (${backends[backend]})`;

/** How a run is told from the one on the screen. */
export const labelOf = ({ provenance }: Pick<CompareRun, 'provenance'>): string =>
  `${dateOf(provenance)}, ${deviceOf(provenance)}`;

/** Where, with what and when figures were made. */
const provenanceInWords = (from: Provenance): string =>
  [
    `${deviceOf(from)}, ${from.platform}, ${bytes(from.memoryBytes)} of memory${from.bandwidth === null ? '' : ` at ${bytes(from.bandwidth)}/s`}`,
    `MLX ${from.mlxVersion}, Llamba ${from.appVersion}`,
    `thermal state ${thermalWords(from.thermal)}`,
    dateOf(from),
  ].join('; ');

/** Of every series on the screen, a sentence each. */
export const provenancesOf = (own: Provenance | null, overlaid: CompareRun | null): string[] => [
  ...(own ? [`This machine: ${provenanceInWords(own)}.`] : []),
  ...(overlaid ? [`Drawn faintly: ${provenanceInWords(overlaid.provenance)}.`] : []),
];

/** "Llamba-135M and SmolLM2-135M-Instruct". */
export const namesOf = ({ models }: Pick<CompareRun, 'models'>): string =>
  models.map(({ model }) => model.name).join(' and ');

/** What a run measured: "Up to 4,096 tokens, each 3 times, up to 8 sequences at once". */
export function requestInWords({ contexts, batches, repeats }: CompareRun['request']): string {
  const most = Math.max(0, ...batches);
  return [
    `Up to ${count(Math.max(0, ...contexts))} tokens`,
    repeats === 1 ? 'measured once' : `each ${count(repeats)} times`,
    ...(most > 0 ? [`up to ${count(most)} sequences at once`] : []),
  ].join(', ');
}

/** On an axis: 256, 1k, 64k; k is 1,024. */
export const shortCount = (n: number): string => (n > 0 && n % 1024 === 0 ? `${n / 1024}k` : count(n));

export const sequences = (n: number): string => `${count(n)} ${n === 1 ? 'sequence' : 'sequences'}`;

/** The two of a pair, in the order in which they are run. */
export const idsOf = ({ llamba, twin }: Pair): string[] => [llamba.id, ...(twin ? [twin.id] : [])];
