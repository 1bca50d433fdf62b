import { useMemo } from 'react';
import type { ContextPoint, Measured } from '../../electron/shared/contract.ts';
import { Figure } from '../ui/Figure.tsx';
import { xScale } from '../ui/line-plot.ts';
import { StackPlot } from '../ui/StackPlot.tsx';
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
  const { times, span, layers, line } = useMemo(() => {
    const xs = contexts.map(({ context }) => context);
    const times = xs.map(xScale(xs, fitsLog(xs), { width: 1000 }));
    return {
      times,
      span: (times.at(-1) ?? 1) - (times[0] ?? 0) || 1,
      layers: parts.map(([name, colour, value]) => ({ name, colour, values: contexts.map(value) })),
      line: { colour: colourOf(model), values: contexts.map(peakOf) },
    };
  }, [contexts, parts, model]);
  const [first, last] = [contexts[0], contexts.at(-1)];
  if (!first || !last) return null;
  const peak = peakOf(last);
  return (
    <figure className={own.part} aria-label={`Memory of ${model.name}`}>
      <figcaption>
        {model.name} <span>at {tokens(last.context)}</span>
      </figcaption>
      <StackPlot
        times={times}
        layers={layers}
        span={span}
        format={bytes}
        ends={[shortCount(first.context), `${shortCount(last.context)} tokens`]}
        most={most}
        line={line}
      />
      <dl className={own.figures}>
        {parts.toReversed().map(([name, colour, value]) => (
          <Figure key={name} name={name} swatch={colour} value={bytes(value(last))} />
        ))}
        <Figure
          name="Peak, while reading"
          swatch={line.colour}
          dotted
          value={peak === null ? '–' : bytes(peak)}
        />
      </dl>
    </figure>
  );
}
