import { type ReactNode, useEffect, useId, useState } from 'react';
import type { CatalogueCard, Fit, ModelEntry, ModelTask } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { bytes } from '../ui/units.ts';
import { Confirm } from './Confirm.tsx';
import own from './ModelCard.module.css';
import styles from './Models.module.css';
import { Scores } from './Scores.tsx';
import { TaskView } from './TaskView.tsx';
import { factsOf, kindOf } from './words.ts';

interface ModelCardProps {
  /** null: it is in no catalogue, but on this disk. */
  readonly card: CatalogueCard | null;
  /** null: it is not on this disk. */
  readonly entry: ModelEntry | null;
  readonly tasks: readonly ModelTask[];
}

const verdicts = {
  fits: { icon: 'check', label: 'Fits' },
  tight: { icon: 'warning', label: 'Tight' },
  'does-not-fit': { icon: 'close', label: 'Does not fit' },
} as const satisfies Record<Fit['verdict'], { icon: string; label: string }>;

/** One model: whether it runs here, what it costs, what it cannot do, and what to do with it. */
export function ModelCard({ card, entry, tasks }: ModelCardProps) {
  const title = useId();
  const name = card?.model.name ?? entry?.name ?? '';
  // Without the catalogue nobody knows what was downloaded and what imported.
  const unknown = useStore(({ cards }) => cards === null);
  const origin = entry?.embedded ? 'Comes with the app' : !unknown && 'Imported';
  return (
    <article className={styles.card} aria-labelledby={title}>
      <header className={own.head}>
        <h4 id={title}>{name}</h4>
        <p>{card ? kindOf(card.model) : origin}</p>
        <Marks card={card} entry={entry} />
      </header>
      {card && <p className={styles.about}>{card.model.about}</p>}
      {card && <Verdict fit={card.fit} />}
      <Facts facts={card ? factsOf(card, entry) : [['On disk', bytes(entry?.weightBytes ?? 0)]]} />
      {card && (
        <p className={own.limits}>
          <strong>Limits.</strong> {card.model.limits}
        </p>
      )}
      {card && <Scores scores={card.model.scores} />}
      {tasks.map((task) => (
        <TaskView key={task.id} task={task} name={name} />
      ))}
      <Actions name={name} card={card} entry={entry} tasks={tasks} />
    </article>
  );
}

function Marks({ card, entry }: Pick<ModelCardProps, 'card' | 'entry'>) {
  const inUse = useStore(({ engine }) => engine.phase === 'ready' && engine.model.id === entry?.id);
  const marks: [string, boolean][] = [
    ['In use', inUse],
    ['Installed', entry !== null && !inUse],
    // Where it is not here yet, its section says so.
    ['Best for this computer', entry !== null && (card?.best ?? false)],
  ];
  return (
    <ul className={own.marks}>
      {marks.map(
        ([mark, holds]) =>
          holds && (
            <li key={mark} data-strong={mark !== 'Installed'}>
              {mark}
            </li>
          ),
      )}
    </ul>
  );
}

function Verdict({ fit }: { fit: Fit }) {
  const { icon, label } = verdicts[fit.verdict];
  return (
    <p className={own.verdict} data-verdict={fit.verdict}>
      <span>
        <Icon name={icon} size={14} />
        {label}
      </span>
      {fit.reason}
    </p>
  );
}

function Facts({ facts }: { facts: readonly [string, string][] }) {
  return (
    <dl className={own.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({ name, card, entry, tasks }: ModelCardProps & { name: string }) {
  const { loadModel, verifyModel, removeModel } = useCommands();
  const engine = useStore((state) => state.engine);
  if (!entry) {
    return card && tasks.length === 0 ? <Fetch card={card} /> : null;
  }
  const inUse = engine.phase === 'ready' && engine.model.id === entry.id;
  const loading = engine.phase === 'loading' || engine.phase === 'starting' || engine.phase === 'restarting';
  const mine = engine.phase === 'loading' && engine.model === entry.name;
  return (
    <div className={styles.actions}>
      {!inUse && (
        <Button look="accent" aria-disabled={loading} onClick={() => loading || loadModel(entry.id)}>
          {mine ? 'Loading…' : 'Use'}
        </Button>
      )}
      {tasks.length === 0 && !entry.embedded && (
        <Button icon="check" onClick={() => verifyModel(entry.id)}>
          Verify
        </Button>
      )}
      {!entry.embedded &&
        (inUse ? (
          <p className={styles.note}>To remove it, use another model first.</p>
        ) : (
          <Confirm
            label="Remove"
            icon="trash"
            question={<Freed id={entry.id} name={name} />}
            verb="Remove"
            onConfirm={() => removeModel(entry.id, name)}
          />
        ))}
    </div>
  );
}

/** What removing gives back: exact, for files that have names elsewhere stay. */
function Freed({ id, name }: { id: string; name: string }) {
  const { freedBy } = useCommands();
  const [freed, setFreed] = useState<number | null>(null);
  useEffect(() => {
    void freedBy(id).then((answer) => answer.ok && setFreed(answer.value.freedBytes));
  }, [freedBy, id]);
  if (freed === null) return `Remove ${name}?`;
  if (freed < 2 ** 20) return `Remove ${name}? Its files are kept elsewhere too: that frees next to nothing.`;
  return `Remove ${name}? That frees ${bytes(freed)}.`;
}

/** The button that begins a download, and why it cannot where it cannot. */
function Fetch({ card }: { card: CatalogueCard }) {
  const { downloadModel, addTwin } = useCommands();
  const offline = useStore(({ network }) => network?.offline ?? false);
  const twinOf = useStore(
    ({ cards }) =>
      cards?.find(({ model }) => model.form === 'embedded' && model.twin === card.model.id)?.model.name,
  );
  const roomless = card.fit.disk.neededBytes > card.fit.disk.freeBytes;
  let why: ReactNode = twinOf && `The twin of ${twinOf}, to compare the two.`;
  if (offline) why = 'Offline is on: nothing is fetched.';
  else if (roomless) why = 'There is not enough room on the disk.';
  const off = offline || roomless;
  const bring = () => (twinOf ? addTwin() : downloadModel(card.model.id));
  return (
    <div className={styles.actions}>
      <Button
        look={card.fit.verdict === 'does-not-fit' ? 'plain' : 'accent'}
        icon="download"
        aria-disabled={off}
        onClick={() => off || bring()}
        aria-label={`${twinOf ? 'Add' : 'Download'} ${card.model.name}`}
      >
        {twinOf ? 'Add' : 'Download'}
      </Button>
      {why && <p className={styles.note}>{why}</p>}
    </div>
  );
}
