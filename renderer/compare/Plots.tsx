import { useMemo } from 'react';
import type { CompareRequest, CompareRun, Measured } from '../../electron/shared/contract.ts';
import { LinePlot } from '../ui/LinePlot.tsx';
import { bytes, rate, tokens } from '../ui/units.ts';
import styles from './Compare.module.css';
import { PartsPlots } from './PartsPlot.tsx';
import { batchLines, bytesUnit, fitsLog, memoryLines, type Side, speedLines, xsOf } from './series.ts';
import { dateOf, deviceOf, sequences, shortCount } from './words.ts';

interface PlotsProps {
  readonly models: readonly Measured[];
  readonly request: CompareRequest;
  /** Bytes a second that this machine reads; null: not known. */
  readonly bandwidth: number | null;
  readonly overlaid: CompareRun | null;
  readonly live?: boolean;
}

const tokensPerSecond = { name: 'tokens/s', size: 1 };

/** Writing speed and memory over context, then all sequences together over their number. */
export function Plots({ models, request, overlaid, live = false }: PlotsProps) {
  const sides = useMemo(() => sidesOf(models, overlaid), [models, overlaid]);
  const speed = useMemo(() => sides.flatMap(speedLines), [sides]);
  const memory = useMemo(() => sides.flatMap(memoryLines), [sides]);
  const batch = useMemo(() => sides.flatMap(batchLines), [sides]);
  const empty = live ? 'The first figures come in a moment.' : 'Nothing was measured.';
  const contexts = useMemo(() => xsOf(speed), [speed]);
  const batches = useMemo(() => xsOf(batch), [batch]);
  const overContext = {
    xName: `context, tokens${fitsLog(contexts) ? ', in doublings' : ''}`,
    xs: contexts,
    logX: fitsLog(contexts),
    ...{ short: shortCount, inWords: tokens, empty },
  };
  return (
    <div className={styles.plots}>
      <LinePlot title="Writing speed" unit={tokensPerSecond} lines={speed} format={rate} {...overContext} />
      <LinePlot title="Memory" unit={bytesUnit(memory)} lines={memory} format={bytes} {...overContext} />
      {request.batches.length > 0 && (
        <LinePlot
          title="Several sequences at once"
          unit={tokensPerSecond}
          xName="sequences"
          lines={batch}
          xs={batches}
          logX={fitsLog(batches)}
          format={rate}
          short={String}
          inWords={sequences}
          empty={empty}
        />
      )}
      <section aria-label="Where the memory goes">
        <PartsPlots models={models} />
      </section>
    </div>
  );
}

function sidesOf(models: readonly Measured[], overlaid: CompareRun | null): Side[] {
  const shown: Side = { models, label: null, look: 'solid' };
  if (!overlaid) return [shown];
  const label = `${dateOf(overlaid.provenance)}, ${deviceOf(overlaid.provenance)}`;
  return [{ models: overlaid.models, label, look: 'faint' }, shown];
}
