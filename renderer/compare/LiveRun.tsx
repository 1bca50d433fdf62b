import type { CompareRun } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { timeLeft } from '../models/words.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import styles from './Compare.module.css';
import type { Comparing } from './compare-state.ts';
import { Plots } from './Plots.tsx';
import { Provenances } from './Provenances.tsx';
import { provenancesOf } from './words.ts';

/** A run under way: how far it is, and its figures as they come. */
export function LiveRun({ run, overlaid }: { run: Comparing; overlaid: CompareRun | null }) {
  const { cancelComparison } = useCommands();
  return (
    <>
      <section className={styles.card} aria-labelledby="compare-run">
        <h3 id="compare-run">Comparing</h3>
        {run.paused === null ? (
          <Progress label={progressOf(run)} done={run.progress?.done ?? 0} total={1} />
        ) : (
          <Notice
            tone="caution"
            message={`Paused. ${run.paused}`}
            hint="It goes on by itself. A warm machine slows down, and its figures would not be honest."
          />
        )}
        <div className={styles.actions}>
          <Button icon="stop" aria-disabled={run.stopping} onClick={cancelComparison}>
            {run.stopping ? 'Cancelling…' : 'Cancel'}
          </Button>
          <span className={styles.note}>
            What was measured until then is kept. Nothing else runs meanwhile.
          </span>
        </div>
      </section>
      <Plots
        models={run.models}
        overlaid={overlaid}
        request={run.request}
        bandwidth={run.provenance?.bandwidth ?? null}
        live
      />
      <Provenances of={provenancesOf(run.provenance, overlaid)} />
    </>
  );
}

/** "Llamba-135M: writing after 1,024 tokens, 42 %, 2 min left". */
function progressOf({ progress, models }: Comparing): string {
  if (!progress) return 'Beginning…';
  const name = models.find(({ model }) => model.id === progress.model)?.model.name;
  return [
    `${name ? `${name}: ` : ''}${progress.step}`,
    `${Math.floor(100 * progress.done)} %`,
    ...(progress.secondsLeft === null ? [] : [`${timeLeft(progress.secondsLeft)} left`]),
  ].join(', ');
}
