import type {
  BatchPoint,
  CompareRun,
  ContextPoint,
  Measured,
  Spread,
} from '../../electron/shared/contract.ts';
import { predictedRate } from '../../electron/shared/crossing.ts';
import { bytes, count, rateFigure } from '../ui/units.ts';
import styles from './Compare.module.css';
import { peakOf } from './series.ts';

interface RunTableProps {
  readonly run: Pick<CompareRun, 'models' | 'provenance'>;
  /** Of which run, as the captions end: nothing for the one on the screen. */
  readonly of: string;
}

/** The same numbers as in the plots, for reading and for who listens. */
export function RunTable({ run: { models, provenance }, of: whose }: RunTableProps) {
  const contexts = rowsOf(models, ({ contexts }) => contexts.map((point) => [point.context, point]));
  const batches = rowsOf(models, ({ batches }) => batches.map((point) => [point.batch, point]));
  return (
    <>
      <Scrolled label={`Figures over context${whose}`}>
        <thead>
          <tr>
            <Heads of={['Context, tokens', 'Model', 'Writing, tokens/s', 'Least to most']} />
            <Heads of={['Memory’s limit, tokens/s', 'Reading, tokens/s']} />
            <Heads of={['Weights', 'State or KV cache', 'Active', 'Cache', 'Peak']} />
          </tr>
        </thead>
        <tbody>
          {contexts.map(({ at, of, point }) => (
            <ContextRow key={`${at} ${of.model.id}`} of={of} point={point} bandwidth={provenance.bandwidth} />
          ))}
        </tbody>
      </Scrolled>
      {batches.length > 0 && (
        <Scrolled label={`Figures over sequences at once${whose}`}>
          <thead>
            <tr>
              <Heads of={['Sequences', 'Model', 'Writing, together, tokens/s', 'Least to most']} />
              <Heads of={['States', 'Active', 'Peak']} />
            </tr>
          </thead>
          <tbody>
            {batches.map(({ at, of, point }) => (
              <BatchRow key={`${at} ${of.model.id}`} of={of} point={point} />
            ))}
          </tbody>
        </Scrolled>
      )}
    </>
  );
}

interface Row<P> {
  readonly at: number;
  readonly of: Measured;
  readonly point: P;
}

/** By place, then model, so that what is to be compared stands together. */
function rowsOf<P>(models: readonly Measured[], points: (of: Measured) => [number, P][]): Row<P>[] {
  return models
    .flatMap((of) => points(of).map(([at, point]) => ({ at, of, point })))
    .sort((a, b) => a.at - b.at);
}

function Scrolled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow window it is scrolled, by keys too
    <section className={styles.table} aria-label={label} tabIndex={0}>
      <table>
        <caption>{label}</caption>
        {children}
      </table>
    </section>
  );
}

const Heads = ({ of }: { of: readonly string[] }) =>
  of.map((name) => (
    <th key={name} scope="col">
      {name}
    </th>
  ));

interface ContextRowProps {
  readonly of: Measured;
  readonly point: ContextPoint;
  readonly bandwidth: number | null;
}

function ContextRow({ of, point, bandwidth }: ContextRowProps) {
  const { context, decode, prefill, memory } = point;
  const peak = peakOf(point);
  return (
    <tr>
      <th scope="row">{count(context)}</th>
      <td>{of.model.name}</td>
      <td>{rateFigure(decode.median)}</td>
      <td>{spreadOf(decode)}</td>
      <td>{bandwidth === null ? '–' : rateFigure(predictedRate(of.model, context, bandwidth))}</td>
      <td>{prefill ? rateFigure(prefill.median) : '–'}</td>
      <td>{bytes(memory.weightBytes)}</td>
      <td>{bytes(memory.stateBytes)}</td>
      <td>{bytes(memory.activeBytes)}</td>
      <td>{bytes(memory.cacheBytes)}</td>
      <td>{peak === null ? '–' : bytes(peak)}</td>
    </tr>
  );
}

function BatchRow({ of, point: { batch, decode, memory } }: { of: Measured; point: BatchPoint }) {
  return (
    <tr>
      <th scope="row">{count(batch)}</th>
      <td>{of.model.name}</td>
      <td>{rateFigure(decode.median)}</td>
      <td>{spreadOf(decode)}</td>
      <td>{bytes(memory.stateBytes)}</td>
      <td>{bytes(memory.activeBytes)}</td>
      <td>{bytes(memory.peakBytes)}</td>
    </tr>
  );
}

const spreadOf = ({ least, most, repeats }: Spread): string =>
  repeats === 1 ? 'measured once' : `${rateFigure(least)} to ${rateFigure(most)}`;
