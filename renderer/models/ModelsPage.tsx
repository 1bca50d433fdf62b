import { type ReactNode, useId } from 'react';
import type { CatalogueCard, ModelEntry, ModelTask } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Notices } from '../app/Notices.tsx';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Import } from './Import.tsx';
import { ModelCard } from './ModelCard.tsx';
import styles from './Models.module.css';
import { NetworkSection } from './NetworkSection.tsx';
import { TaskView } from './TaskView.tsx';

/** All models: the one to have, those that are here, those that could be, one's own; and what goes over the network. */
export function ModelsPage() {
  const cards = useStore((state) => state.cards);
  const cardsError = useStore((state) => state.cardsError);
  const entries = useStore((state) => state.entries);
  const tasks = useStore((state) => state.tasks);
  const removed = useStore((state) => state.removed);
  const removalRead = useStore((state) => state.removalRead);
  const { best, here, others, imports } = sorted(cards ?? [], entries, tasks);
  return (
    <main className={styles.page}>
      <div className={styles.column}>
        <h2>Models</h2>
        <Notices />
        {removed !== null && <Notice tone="info" message={removed} onDismiss={removalRead} />}
        <OfflineNotice />
        {cardsError && <CardsFailed />}
        {best && <Section title="Best for this computer">{card(best, null, tasks)}</Section>}
        <Section title="On this computer">
          {here.map(({ entry, card: known }) => card(known, entry, tasks))}
          {here.length === 0 && <p className={styles.about}>There is no model on this computer yet.</p>}
        </Section>
        {cards === null && !cardsError && (
          <p className={styles.about} role="status">
            Comparing the models of the catalogue with this computer…
          </p>
        )}
        {others.length > 0 && (
          <Section title="More models">{others.map((other) => card(other, null, tasks))}</Section>
        )}
        <Section title="Import">
          {imports.map((task) => (
            <TaskView key={task.id} task={task} />
          ))}
          <Import />
        </Section>
        <Section title="Network">
          <NetworkSection />
        </Section>
      </div>
    </main>
  );
}

const card = (known: CatalogueCard | null, entry: ModelEntry | null, tasks: readonly ModelTask[]) => (
  <ModelCard
    key={known?.model.id ?? entry?.id}
    card={known}
    entry={entry}
    tasks={tasks.filter((task) => isOf(task, known, entry))}
  />
);

/** A finished download or import needs no word of its own: the model is there. */
const isOf = ({ kind, model, phase }: ModelTask, known: CatalogueCard | null, entry: ModelEntry | null) =>
  kind === 'verify'
    ? model === entry?.id
    : kind === 'download' && model === known?.model.id && phase !== 'done';

function sorted(
  cards: readonly CatalogueCard[],
  entries: readonly ModelEntry[],
  tasks: readonly ModelTask[],
) {
  const isHere = ({ model }: CatalogueCard) => entries.some(({ id }) => id === model.id);
  const away = cards.filter((one) => !isHere(one));
  return {
    best: away.find((one) => one.best),
    here: entries.map((entry) => ({ entry, card: cards.find(({ model }) => model.id === entry.id) ?? null })),
    others: away.filter((one) => !one.best),
    imports: tasks.filter(({ kind, phase }) => (kind === 'import' || kind === 'convert') && phase !== 'done'),
  };
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

function OfflineNotice() {
  const offline = useStore(({ network }) => network?.offline ?? false);
  const { setOffline } = useCommands();
  if (!offline) return null;
  return (
    <Notice
      tone="info"
      message="Offline is on: Llamba makes no request."
      hint="Models on this computer work as always."
      action={<Button onClick={() => setOffline(false)}>Go online</Button>}
    />
  );
}

function CardsFailed() {
  const error = useStore((state) => state.cardsError);
  const { readModels } = useCommands();
  if (!error) return null;
  return (
    <Notice
      tone="danger"
      message={`The list of models could not be read. ${error.message}`}
      hint={error.hint}
      action={
        <Button icon="retry" onClick={readModels}>
          Try again
        </Button>
      }
    />
  );
}
