import { memo, useDeferredValue, useMemo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useCommands } from '../app/commands.ts';
import { blocks } from './blocks.ts';
import { CodeBlock } from './CodeBlock.tsx';
import styles from './Markdown.module.css';

const plugins = [remarkGfm];

/** Links open outside, through the host, which checks them; a picture would be a request, so its words stand for it. */
const components: Components = {
  // A turn's own heading is an h3.
  h1: 'h4',
  h2: 'h5',
  h3: 'h6',
  h4: 'h6',
  h5: 'h6',
  a: ({ href, children }) => <Link href={href ?? ''}>{children}</Link>,
  img: ({ alt }) => <span className={styles.picture}>[picture: {alt || 'without a description'}]</span>,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    // A wide table scrolls by itself; being focusable lets the keyboard scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section className={styles.table} tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
};

function Link({ href, children }: { href: string; children: React.ReactNode }) {
  const { openLink } = useCommands();
  return (
    <a
      href={href}
      rel="noreferrer noopener"
      onClick={(event) => {
        event.preventDefault();
        openLink(href);
      }}
    >
      {children}
    </a>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** A reply as it reads. HTML in it is shown as the text it is: nothing a model writes becomes markup of its own. */
export function Markdown({ text, writing }: { text: string; writing: boolean }) {
  const shown = useDeferredValue(text);
  const pieces = useMemo(() => blocks(shown, writing), [shown, writing]);
  return (
    <div data-prose dir="auto" className={`${styles.prose} ${writing ? styles.writing : ''}`}>
      {pieces.map((piece, at) => (
        // A block keeps its place: text is only ever added at the end.
        // biome-ignore lint/suspicious/noArrayIndexKey: the index is the block's identity
        <Block key={at} text={piece} />
      ))}
    </div>
  );
}
