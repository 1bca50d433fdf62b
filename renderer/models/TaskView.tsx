import type { ModelTask } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { bytes } from '../ui/units.ts';
import { Confirm } from './Confirm.tsx';
import styles from './Models.module.css';
import { underWay } from './models-state.ts';
import { progressOf } from './words.ts';

/** How far something long is, and what can be done about it; `name`: of the model, where a heading has said it. */
export function TaskView({ task, name }: { task: ModelTask; name?: string }) {
  const { pauseTask, resumeTask, cancelTask } = useCommands();
  const { id, kind, phase, doneBytes, totalBytes, note, error } = task;
  const model = name ?? task.name;
  const resumable = kind === 'download' || kind === 'convert';
  if (phase === 'done') {
    return (
      <Notice
        tone="info"
        message={kind === 'verify' ? `Every file of ${model} is as it should be.` : `${model} is ready.`}
        onDismiss={() => cancelTask(id)}
      />
    );
  }
  const cancel =
    resumable && doneBytes > 0 ? (
      <Confirm
        label="Cancel"
        question={`What is there already goes too: ${bytes(doneBytes)}.`}
        verb="Cancel and delete"
        onConfirm={() => cancelTask(id)}
      />
    ) : (
      <Button onClick={() => cancelTask(id)}>{kind === 'verify' && error ? 'Dismiss' : 'Cancel'}</Button>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be drawn as one
    <div className={styles.task} role="group" aria-label={`${model}: ${kind}`}>
      {name === undefined && <p className={styles.taskName}>{model}</p>}
      {phase === 'failed' && error ? (
        <Notice tone="danger" message={error.message} hint={error.hint} />
      ) : (
        <Progress label={progressOf(task)} done={doneBytes} total={totalBytes ?? 0} />
      )}
      {note !== null && <p className={styles.note}>{note}</p>}
      <div className={styles.actions}>
        {underWay(task) && resumable && <Button onClick={() => pauseTask(id)}>Pause</Button>}
        {phase === 'paused' && (
          <Button look="accent" icon="play" onClick={() => resumeTask(id)}>
            Resume
          </Button>
        )}
        {phase === 'failed' && (
          <Button look="accent" icon="retry" onClick={() => resumeTask(id)}>
            Try again
          </Button>
        )}
        {cancel}
      </div>
    </div>
  );
}
