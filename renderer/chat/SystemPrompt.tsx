import { useStore } from '../store.ts';
import { Disclosure } from '../ui/Disclosure.tsx';
import styles from './SystemPrompt.module.css';

/** The standing instruction of a chat. It can be changed until the first message, which reads it. */
export function SystemPrompt() {
  const standard = useStore((state) => state.model?.defaultSystem ?? '');
  const system = useStore((state) => state.newChat.system);
  const systemChanged = useStore((state) => state.systemChanged);
  return (
    <div className={styles.prompt}>
      <Disclosure summary="System prompt">
        <textarea
          className={styles.field}
          rows={2}
          aria-label="System prompt"
          value={system ?? standard}
          onChange={(event) => systemChanged(event.target.value === standard ? null : event.target.value)}
        />
      </Disclosure>
    </div>
  );
}
