import type { LengthPoint } from '../../electron/shared/contract.ts';
import { shortCount } from '../compare/words.ts';
import { useStore } from '../store.ts';
import { LinePlot } from '../ui/LinePlot.tsx';
import type { PlotLine } from '../ui/line-plot.ts';
import { tokens } from '../ui/units.ts';
import styles from './Documents.module.css';
import { howFar } from './words.ts';

/** Up to which length of text the model reads well, as its own files say (`llamba probe --length`). */
export function HowFar() {
  const model = useStore((state) => state.model);
  if (!model) return null;
  const { lengthProbe } = model;
  return (
    <section className={styles.section} aria-labelledby="how-far">
      <h3 id="how-far">How far it reads</h3>
      <p className={styles.about}>{howFar(model)}</p>
      {lengthProbe.length > 0 && <Plots points={lengthProbe} />}
    </section>
  );
}

function Plots({ points }: { points: readonly LengthPoint[] }) {
  const line = (
    key: 'perplexity' | 'near' | 'norm',
    name: string,
    look: Pick<PlotLine, 'colour' | 'look' | 'mark'>,
  ): PlotLine => ({
    ...{ key, name, ...look },
    points: points.flatMap(({ length, [key]: y }) => (y === null ? [] : [{ x: length, y }])),
  });
  const norm = line('norm', 'State', { colour: 'var(--accent)', look: 'solid', mark: 'dot' });
  const axis = {
    ...{ xName: 'Tokens read before', xs: points.map(({ length }) => length), logX: true },
    ...{ short: shortCount, inWords: tokens, empty: 'Not measured.' },
  };
  return (
    <div className={styles.plots}>
      <LinePlot
        title="Words far into a text"
        unit={{ name: 'Perplexity; less is better', size: 1 }}
        lines={[
          line('perplexity', 'Behind all of it', { colour: 'var(--accent)', look: 'solid', mark: 'dot' }),
          line('near', 'Near a beginning', { colour: 'var(--ink)', look: 'dashed', mark: 'square' }),
        ]}
        format={(y) => y.toFixed(1)}
        {...axis}
      />
      {norm.points.length > 0 && (
        <LinePlot
          title="How large the state grows"
          unit={{ name: 'Root mean square of its numbers', size: 1 }}
          lines={[norm]}
          format={(y) => y.toFixed(2)}
          {...axis}
        />
      )}
    </div>
  );
}
