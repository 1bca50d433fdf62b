import { useMemo, useState } from 'react';
import type { CompareRequest, CompareRun, Measured } from '../../electron/shared/contract.ts';
import { memoryReadings, speedReadings } from '../../electron/shared/crossing.ts';
import { paperBatches } from '../../electron/shared/paper-figures.ts';
import { LinePlot } from '../ui/LinePlot.tsx';
import { bytes, rate, tokens } from '../ui/units.ts';
import styles from './Compare.module.css';
import { PartsPlots } from './PartsPlot.tsx';
import {
  batchLines,
  bytesUnit,
  crossingMarks,
  farApart,
  fitsLog,
  limitLines,
  memoryLines,
  paperLines,
  type Side,
  speedLines,
  xsOf,
} from './series.ts';
import { labelOf, sequences, shortCount } from './words.ts';

interface PlotsProps {
  readonly models: readonly Measured[];
  readonly request: CompareRequest;
  /** Bytes a second that this machine reads; null: not known. */
  readonly bandwidth: number | null;
  readonly overlaid: CompareRun | null;
  /** More points come: the axes are as long as they will be. */
  readonly live?: boolean;
}

const tokensPerSecond = { name: 'tokens/s', size: 1 };

/** Writing speed and memory over context, where the memory goes, and all sequences together over their number. */
export function Plots({ models, request, bandwidth, overlaid, live = false }: PlotsProps) {
  const [paper, setPaper] = useState(false);
  const [limit, setLimit] = useState(true);
  const sides = useMemo(() => sidesOf(models, overlaid), [models, overlaid]);
  const speed = useMemo(
    () => [
      ...sides.flatMap(speedLines),
      ...limitLines(
        models,
        request.contexts.toSorted((a, b) => a - b),
        limit ? bandwidth : null,
      ),
      ...(paper ? paperLines('tokensPerSecond') : []),
    ],
    [paper, limit, models, request, bandwidth, sides],
  );
  const memory = useMemo(
    () => [...sides.flatMap(memoryLines), ...(paper ? paperLines('peakBytes') : [])],
    [paper, sides],
  );
  const batch = useMemo(() => sides.flatMap(batchLines), [sides]);
  const contexts = useMemo(() => xsOf(memory, live ? request.contexts : []), [memory, live, request]);
  const batches = useMemo(() => xsOf(batch, live ? request.batches : []), [batch, live, request]);
  const empty = live ? 'The first figures come in a moment.' : 'Nothing was measured.';
  const overContext = {
    xName: `context, tokens${fitsLog(contexts) ? ' (logarithmic)' : ''}`,
    xs: contexts,
    logX: fitsLog(contexts),
    ...{ short: shortCount, inWords: tokens, empty },
  };
  return (
    <>
      <div className={styles.toggles}>
        {bandwidth !== null && (
          <Toggle checked={limit} onChange={setLimit}>
            What the memory’s speed allows
          </Toggle>
        )}
        <Toggle checked={paper} onChange={setPaper}>
          The paper’s figures beside ours
        </Toggle>
      </div>
      <div className={styles.plots}>
        <LinePlot
          title="Writing speed"
          unit={tokensPerSecond}
          lines={speed}
          marks={crossingMarks(models, speedReadings)}
          logY={paper && farApart(speed)}
          format={rate}
          {...overContext}
        />
        <LinePlot
          title="Memory"
          unit={bytesUnit(memory)}
          lines={memory}
          marks={crossingMarks(models, memoryReadings)}
          logY={paper && farApart(memory)}
          format={bytes}
          {...overContext}
        />
      </div>
      <div className={styles.others}>
        <PartsPlots models={models} />
        {request.batches.length > 0 && (
          <div>
            <LinePlot
              title="Several sequences at once"
              unit={{ ...tokensPerSecond, name: 'tokens/s, all together' }}
              xName="sequences"
              lines={batch}
              xs={batches}
              format={rate}
              short={String}
              inWords={sequences}
              empty={empty}
            >
              {paper && (
                <p className={styles.note}>
                  {paperBatches.label}: {paperBatches.claim}
                </p>
              )}
            </LinePlot>
          </div>
        )}
      </div>
    </>
  );
}

interface ToggleProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: string;
}

const Toggle = ({ checked, onChange, children }: ToggleProps) => (
  <label className={styles.toggle}>
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
    {children}
  </label>
);

function sidesOf(models: readonly Measured[], overlaid: CompareRun | null): Side[] {
  const shown: Side = { models, label: null, look: 'solid' };
  if (!overlaid) return [shown];
  return [shown, { models: overlaid.models, label: labelOf(overlaid), look: 'faint' }];
}
