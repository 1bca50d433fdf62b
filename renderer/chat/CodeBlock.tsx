import { isValidElement, type ReactElement, type ReactNode, useRef } from 'react';
import styles from './CodeBlock.module.css';
import { CopyButton } from './CopyButton.tsx';

const language = (className: string | undefined) => /language-(\S+)/.exec(className ?? '')?.[1] ?? null;

/** A fenced block: its language, a copy button, and lines that scroll rather than wrap. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const name = isValidElement(children)
    ? language((children as ReactElement<{ className?: string }>).props.className)
    : null;
  return (
    <div className={styles.block}>
      <div className={styles.head}>
        <span>{name ?? 'text'}</span>
        <CopyButton label="Copy code" text={() => code.current?.textContent ?? ''} tip="below-left" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard */}
      <pre ref={code} tabIndex={0}>
        {children}
      </pre>
    </div>
  );
}
