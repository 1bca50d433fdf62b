import type { Pair } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { TaskView } from '../models/TaskView.tsx';
import { downloadOf } from '../models/words.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { bytes } from '../ui/units.ts';
import styles from './Compare.module.css';

/** The twin where it is not here yet: what it is for, and the button that gets it; while it comes, how far it is. */
export function Twin({ pair: { llamba, twin } }: { pair: Pair }) {
  const { addTwin, downloadModel, setOffline } = useCommands();
  const offline = useStore(({ network }) => network?.offline ?? false);
  const task = useStore(({ tasks }) =>
    tasks.find(({ model, phase }) => model === twin?.id && phase !== 'done'),
  );
  const model = useStore(({ cards }) => cards?.find((card) => card.model.id === twin?.id)?.model);
  if (twin?.installed) return null;
  if (!twin)
    return (
      <p className={styles.about}>
        No Transformer is known that {llamba.name} was distilled from, so there is nothing to compare it with.
      </p>
    );
  const size = model && downloadOf(model);
  return (
    <section className={styles.card} aria-label={`Getting ${twin.name}`}>
      {task ? (
        <TaskView task={task} />
      ) : (
        <>
          <p>
            <strong>{twin.name} is not on this computer.</strong> It is the Transformer that {llamba.name} was
            distilled from
            {size && `: a download of ${size.exact ? '' : 'about '}${bytes(size.bytes)}`}.
          </p>
          <div className={styles.actions}>
            <Button
              look="accent"
              icon="download"
              aria-disabled={offline}
              onClick={() => offline || (twin.embedded ? addTwin() : downloadModel(twin.id))}
            >
              Get {twin.name}
            </Button>
            {offline && (
              <>
                <span className={styles.note}>Offline is on: nothing is fetched.</span>
                <Button onClick={() => setOffline(false)}>Go online</Button>
              </>
            )}
          </div>
        </>
      )}
    </section>
  );
}
