import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { bytes } from '../ui/units.ts';
import styles from './Models.module.css';
import { downloadOf } from './words.ts';

/** On the first run, below what works already: the one model that would be the best on this computer. */
export function Offer() {
  const { showPage } = useCommands();
  const isFirst = useStore(({ sessions, model, entries }) =>
    Boolean(sessions?.length === 0 && entries.some(({ id, embedded }) => embedded && id === model?.id)),
  );
  const best = useStore(({ cards }) => cards?.find((card) => card.best));
  if (!isFirst || !best || best.installed || best.task !== null) return null;
  const { name } = best.model;
  const { bytes: size, exact } = downloadOf(best.model);
  return (
    <p className={styles.offer}>
      <span>
        This computer has room for {name}, which knows more: a download of {exact ? '' : 'about '}
        {bytes(size)}.
      </span>
      <Button onClick={() => showPage('models')}>See models</Button>
    </p>
  );
}
