/**
 * Writes the latest figures of test/bench/results into the README, between its markers. Run by Node 24.
 * usage: node scripts/draw-figures.ts [--check]   (--check: fails where the README would change)
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from '../test/bench/measure.ts';

export interface Results {
  readonly date: string;
  readonly machine: Readonly<Record<'device' | 'backend' | 'architecture' | 'mlxVersion', string>> & {
    readonly cores: number;
  };
  /** Of ours and of the peers. */
  readonly names: readonly string[];
  /** Peers that were not measured. */
  readonly absent: readonly string[];
  readonly targets: readonly {
    readonly name: string;
    readonly value: number;
    readonly target: string;
    readonly reached: boolean;
  }[];
  readonly figures: readonly Figure[];
}

const begin = '<!-- figures: written by scripts/draw-figures.ts -->';
const end = '<!-- figures end -->';

/** Throws where the markers are missing. */
export function withFigures(readme: string, results: Results, file: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no "${begin}" before "${end}"`);
  return `${readme.slice(0, from + begin.length)}\n\n${drawn(results, file)}\n\n${readme.slice(to)}`;
}

function drawn({ date, machine, names, absent, targets, figures }: Results, file: string): string {
  const { device, cores, backend, architecture, mlxVersion } = machine;
  const [ours, ...peers] = names;
  const beside = peers.length > 0 ? ` beside ${peers.join('; ')}` : '';
  const missing = absent.length > 0 ? ` Absent: ${absent.join(', ')}.` : '';
  const missed = targets.filter(({ reached }) => !reached).length;
  return [
    `${date}, ${device}, ${cores} cores, ${backend} (${architecture}), MLX ${mlxVersion}: medians of one run of \`test/bench/figures.ts\``,
    `(\`${file}\`); ${ours}${beside}.${missing}`,
    '',
    ...table([
      ['what', 'measured', 'wanted', ''],
      ...targets.map(({ name, value, target, reached }) => [
        name,
        String(Number(value.toPrecision(4))),
        target,
        reached ? 'reached' : 'missed',
      ]),
    ]),
    '',
    ...table([
      ['rate, tokens/s', 'median', 'least', 'most', 'runs'],
      ...figures
        .filter(({ unit }) => unit === 'tokens/s')
        .map(({ name, median, least, most, runs }) => [
          name,
          ...[median, least, most].map((rate) => rate.toFixed(1)),
          String(runs),
        ]),
    ]),
    ...(missed > 0 ? ['', `${missed} of ${targets.length} not reached.`] : []),
  ].join('\n');
}

/** As the formatter wants it: columns of one width. */
function table([head = [], ...rows]: readonly string[][]): string[] {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

if (process.argv[1] === import.meta.filename) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const latest = globSync(join(root, 'test/bench/results/*-cpu.json')).sort().at(-1);
  if (!latest) throw new Error('test/bench/results has no *-cpu.json: run test/bench/figures.ts first');
  const path = join(root, 'README.md');
  const before = readFileSync(path, 'utf8');
  const results: Results = JSON.parse(readFileSync(latest, 'utf8'));
  const after = withFigures(before, results, `test/bench/results/${basename(latest)}`);
  if (!process.argv.includes('--check')) writeFileSync(path, after);
  else if (after !== before) throw new Error('README.md has other figures: run scripts/draw-figures.ts');
}
