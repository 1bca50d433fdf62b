/** Models and what is done to them, in words. */
import type {
  CatalogueCard,
  CatalogueModel,
  LedgerEntry,
  ModelEntry,
  ModelTask,
  Recognised,
  Score,
} from '../../electron/shared/contract.ts';
import { bytes, count, parameters, tokens } from '../ui/units.ts';

export const kindOf = ({ architecture, parameters: n }: CatalogueModel) =>
  `${architecture === 'llamba' ? 'Llamba' : 'Transformer (Llama)'}, ${parameters(n)}`;

/** Bytes to fetch; where nobody has published them, what the weights take in their source form, which is `exact: false`. */
export function downloadOf(model: CatalogueModel): { bytes: number; exact: boolean } {
  const known = model.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  if (model.files.every((file) => file.bytes !== null)) return { bytes: known, exact: true };
  const likely = model.form === 'pytorch' ? model.parameters * 4 : model.weightBytes;
  return { bytes: Math.max(known, likely), exact: false };
}

/** What is to be known before the first byte, by name. A Llamba's memory is one number; a Transformer's grows. */
export function factsOf({ model, fit }: CatalogueCard, entry: ModelEntry | null): [string, string][] {
  const { weightBytes, stateBytes, activationBytes } = fit.memory;
  const facts: [string, string][] = [];
  if (entry) facts.push(['On disk', bytes(entry.weightBytes)]);
  else {
    const download = downloadOf(model);
    facts.push(['Download', `${download.exact ? '' : 'about '}${bytes(download.bytes)}`]);
    facts.push(['On disk', bytes(model.weightBytes)]);
    if (model.form === 'pytorch' || model.form === 'gguf')
      facts.push(['Disk while it is converted', bytes(fit.disk.neededBytes)]);
  }
  if (model.architecture === 'llamba')
    facts.push(['Memory', `${bytes(weightBytes + stateBytes + activationBytes)} at any length`]);
  else {
    facts.push([
      'Memory',
      `from ${bytes(weightBytes + model.stateBytes + activationBytes)}, more with each token`,
    ]);
    if (fit.longestContext !== null)
      facts.push(['Longest context', `${tokens(fit.longestContext)} in this memory`]);
  }
  if (model.trainedLength !== null) facts.push(['Trained on texts of', tokens(model.trainedLength)]);
  const { weights, tokenizer } = model.licences;
  facts.push(['Licence', weights === tokenizer ? weights : `${weights} (weights), ${tokenizer} (tokenizer)`]);
  if (model.repository !== null) facts.push(['From', model.repository]);
  return facts;
}

/** Scores of one source together, in the order of the catalogue. */
export function bySource(scores: readonly Score[]): [source: string, scores: Score[]][] {
  const sources = new Map<string, Score[]>();
  for (const score of scores) sources.set(score.source, [...(sources.get(score.source) ?? []), score]);
  return [...sources];
}

export const labelOfSource = (source: string) =>
  /\bpaper\b/i.test(source) ? "Paper (authors' table)" : 'Measured by others';

/** "45 s", "3 min", "2 h 5 min". */
export function timeLeft(seconds: number): string {
  const s = Math.max(1, Math.ceil(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.ceil(s / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const doing = { download: 'Downloading', import: 'Importing', convert: 'Converting', verify: 'Checking' };

/** What a task is at: "Downloading: 1.2 GiB of 3.4 GiB, 12 MiB/s, 3 min left". */
export function progressOf(task: ModelTask): string {
  const { phase, kind, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = task;
  const what =
    phase === 'waiting'
      ? 'Waiting'
      : phase === 'paused'
        ? 'Paused'
        : phase === 'verifying'
          ? 'Checking every byte'
          : phase === 'converting'
            ? 'Converting'
            : doing[kind];
  const figures = [
    totalBytes === null ? '' : `${traffic(doneBytes)} of ${bytes(totalBytes)}`,
    bytesPerSecond === null || bytesPerSecond <= 0 ? '' : `${bytes(bytesPerSecond)}/s`,
    secondsLeft === null ? '' : `${timeLeft(secondsLeft)} left`,
  ].filter(Boolean);
  return figures.length > 0 ? `${what}: ${figures.join(', ')}` : `${what}…`;
}

const layouts = {
  'cartesia-mlx': "in its authors' MLX form",
  hub: 'as the hub keeps it',
  'mlx-lm': 'in MLX form',
  llamba: 'in the form of this app',
  gguf: 'in a GGUF file',
  unsupported: '',
} as const satisfies Record<Recognised['layout'], string>;

/** "This is a Llamba as the hub keeps it, 5.3 GiB." */
export function recognisedInWords({ layout, architecture, bytes: size }: Recognised): string {
  const kind = architecture === 'llamba' ? 'Llamba' : architecture === 'llama' ? 'Transformer' : 'model';
  return `This is a ${kind} ${layouts[layout]}, ${bytes(size)}.`;
}

/** Bytes on the wire, where a few are worth telling. */
export const traffic = (n: number) => (n < 1024 ? `${count(n)} B` : bytes(n));

/** Local date and time of a request. */
export const timeOf = ({ at }: Pick<LedgerEntry, 'at'>) =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'short', timeStyle: 'medium' });
