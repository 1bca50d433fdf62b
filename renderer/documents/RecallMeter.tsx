import type { Recall, RecallPoint } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { shortCount } from '../compare/words.ts';
import { timeLeft } from '../models/words.ts';
import { unready, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { LinePlot } from '../ui/LinePlot.tsx';
import type { PlotLine } from '../ui/line-plot.ts';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { count, tokens } from '../ui/units.ts';
import styles from './Documents.module.css';
import type { Measuring } from './recall-state.ts';
import { dayAndTime, modes, probes } from './words.ts';

type Probe = RecallPoint['probe'];

const looks = {
  'read-once': { colour: 'var(--accent)', look: 'solid', mark: 'dot' },
  'read-twice': { colour: 'var(--accent)', look: 'dashed', mark: 'square' },
  chunks: { colour: 'var(--ink)', look: 'solid', mark: 'square' },
} as const satisfies Record<RecallPoint['mode'], Pick<PlotLine, 'colour' | 'look' | 'mark'>>;

const modeNames = Object.keys(looks) as RecallPoint['mode'][];

/** How well this model finds again what it has read, measured on this machine. */
export function RecallMeter() {
  const { measureRecall, stopRecall } = useCommands();
  const cannot = useStore(unready);
  const recall = useStore((state) => state.recall);
  const measuring = useStore((state) => state.measuring);
  const error = useStore((state) => state.recallError);
  return (
    <section className={styles.section} aria-labelledby="recall">
      <h3 id="recall">What its memory keeps</h3>
      <p className={styles.about}>
        {recall?.sentence ??
          'A state of fixed size keeps the drift of a text, not every detail. How much, and up to which length, differs from model to model and can be measured here.'}
      </p>
      {error && <Notice tone="danger" message={error.message} hint={error.hint} />}
      {recall && <Measured recall={recall} />}
      {measuring ? (
        <div className={styles.addition}>
          <Progress label={progressOf(measuring)} done={measuring.done} total={measuring.total} />
          <Button aria-disabled={measuring.phase === 'stopping'} onClick={stopRecall}>
            Cancel
          </Button>
        </div>
      ) : (
        <div className={styles.addition}>
          <Button
            look={recall ? 'plain' : 'accent'}
            aria-disabled={cannot !== null}
            onClick={() => cannot === null && measureRecall()}
          >
            {recall ? 'Measure again' : 'Measure on this machine'}
          </Button>
          <span className={styles.quiet}>{cannot}</span>
        </div>
      )}
    </section>
  );
}

/** "Measuring: 1,512 of 125,232 tokens, 3 min left". */
function progressOf({ phase, done, total, since }: Measuring): string {
  if (phase === 'stopping') return 'Stopping…';
  const seconds = (Date.now() - since) / 1000;
  const left = done > 0 ? `, ${timeLeft((seconds * (total - done)) / done)} left` : '';
  return `Measuring: ${count(done)} of ${tokens(total)}${left}`;
}

const share = ({ right, asked }: RecallPoint) => (asked > 0 ? (100 * right) / asked : 0);
const percent = (value: number) => `${count(value)} %`;

function Measured({ recall }: { recall: Recall }) {
  const { points, name, device, backend, at } = recall;
  return (
    <>
      <div className={styles.plots}>
        {(Object.keys(probes) as Probe[]).map((probe) => (
          <Plot key={probe} probe={probe} points={points.filter((point) => point.probe === probe)} />
        ))}
      </div>
      <p className={styles.quiet}>
        {name} on {device} ({backend}), {dayAndTime(at)}.
      </p>
      <Disclosure summary="As a table">
        <Table points={points} />
      </Disclosure>
    </>
  );
}

function Plot({ probe, points }: { probe: Probe; points: readonly RecallPoint[] }) {
  const xs = [...new Set(points.map(({ length }) => length))].sort((a, b) => a - b);
  const lines = modeNames.map(
    (mode): PlotLine => ({
      ...{ key: mode, name: modes[mode], ...looks[mode] },
      points: points
        .filter((point) => point.mode === mode)
        .map((point) => ({ x: point.length, y: share(point) }))
        .sort((a, b) => a.x - b.x),
    }),
  );
  return (
    <LinePlot
      title={probes[probe]}
      unit={{ name: 'Found again, %', size: 1 }}
      xName="Tokens of text"
      reach={100}
      {...{ lines, xs, logX: true, format: percent, short: shortCount, inWords: tokens }}
      empty="Not measured."
    />
  );
}

function Table({ points }: { points: readonly RecallPoint[] }) {
  const rows = [...points].sort((a, b) => a.length - b.length);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow window it is scrolled, by keys too
    <section className={styles.table} aria-label="Recall as a table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['Probe', 'Mode', 'Length, tokens', 'Right', 'Asked'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ probe, mode, length, right, asked }) => (
            <tr key={`${probe} ${mode} ${length}`}>
              <td>{probes[probe]}</td>
              <td>{modes[mode]}</td>
              <td>{count(length)}</td>
              <td>{count(right)}</td>
              <td>{count(asked)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
