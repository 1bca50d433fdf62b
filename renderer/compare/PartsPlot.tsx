import { useMemo } from 'react';
import type { ContextPoint, Measured } from '../../electron/shared/contract.ts';
import { xScale } from '../ui/line-plot.ts';
import { areas, height, width } from '../ui/plot.ts';
import { bytes, tokens } from '../ui/units.ts';
import own from './PartsPlot.module.css';
import { colourOf, fitsLog, peakOf } from './series.ts';
import { shortCount } from './words.ts';

/** What the engine holds at one point, from the bottom up; together they are what MLX keeps. */
const partsOf = ({ model }: Measured) =>
  [
    ['Weights', 'var(--plot-weights)', ({ memory }: ContextPoint) => memory.weightBytes],
    [
      model.architecture === 'llamba' ? 'State' : 'KV cache',
      colourOf(model),
      ({ memory }: ContextPoint) => memory.stateBytes,
    ],
    [
      'Working buffers',
      'var(--plot-scratch)',
      ({ memory }: ContextPoint) => Math.max(0, memory.activeBytes - memory.weightBytes - memory.stateBytes),
    ],
    ['Cache of freed buffers', 'var(--plot-rest)', ({ memory }: ContextPoint) => memory.cacheBytes],
  ] as const;

/** Where each model's memory goes over context, in one scale side by side; the figures are those of the last context. */
export function PartsPlots({ models }: { models: readonly Measured[] }) {
  const most = Math.max(
    0,
    ...models.flatMap(({ contexts }) =>
      contexts.map((point) =>
        Math.max(peakOf(point) ?? 0, point.memory.activeBytes + point.memory.cacheBytes),
      ),
    ),
  );
  return (
    <section aria-labelledby="compare-parts">
      <h4 id="compare-parts">Where the memory goes</h4>
      <div className={own.parts}>
        {models.map((of) => (
          <PartsPlot key={of.model.id} of={of} most={most} />
        ))}
      </div>
    </section>
  );
}

function PartsPlot({ of, most }: { of: Measured; most: number }) {
  const { model, contexts } = of;
  const parts = useMemo(() => partsOf(of), [of]);
  const { paths, top, peaks } = useMemo(() => {
    const xs = contexts.map(({ context }) => context);
    const times = xs.map(xScale(xs, fitsLog(xs), { width: 1000 }));
    const span = (times.at(-1) ?? 1) - (times[0] ?? 0) || 1;
    const layers = parts.map(([name, colour, value]) => ({ name, colour, values: contexts.map(value) }));
    const stack = areas({ times, layers, span }, most);
    const peak = contexts.flatMap((point, i) => {
      const bytes = peakOf(point);
      if (bytes === null) return [];
      const x = (width * ((times[i] ?? 0) - (times[0] ?? 0))) / span;
      return `${x.toFixed(1)} ${(height * (1 - bytes / stack.top)).toFixed(1)}`;
    });
    return { ...stack, peaks: peak.length > 1 ? `M${peak.join('L')}` : '' };
  }, [contexts, parts, most]);
  const last = contexts.at(-1);
  if (!last) return null;
  return (
    <figure className={own.part} aria-label={`Memory of ${model.name}`}>
      <figcaption>
        {model.name} <span>at {tokens(last.context)}</span>
      </figcaption>
      <div className={own.plot} aria-hidden="true">
        <span className={own.top}>{bytes(top)}</span>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {parts.map(([name, colour], i) => (
            <path key={name} d={paths[i]} fill={colour} />
          ))}
          <path className={own.grid} d={`M0 .5H${width}M0 ${height / 2}H${width}`} />
          <path className={own.peak} d={peaks} stroke={colourOf(model)} />
        </svg>
        <span>{shortCount(contexts[0]?.context ?? 0)}</span>
        <span className={own.end}>{shortCount(last.context)} tokens</span>
      </div>
      <dl className={own.figures}>
        {parts.toReversed().map(([name, colour, value]) => (
          <div key={name}>
            <dt>
              <i style={{ background: colour }} />
              {name}
            </dt>
            <dd>{bytes(value(last))}</dd>
          </div>
        ))}
        <div>
          <dt>
            <i className={own.dotted} style={{ borderColor: colourOf(model) }} />
            Peak, while reading
          </dt>
          <dd>{peakOf(last) === null ? '–' : bytes(last.memory.peakBytes)}</dd>
        </div>
      </dl>
    </figure>
  );
}
